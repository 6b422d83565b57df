"""The national report: everything that was computed, in one document to read and to hand over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import pandas as pd

import ldnkit
from ldnkit import tables
from ldnkit.country_file.layers import METADATA
from ldnkit.findings import SEVERITIES, Finding
from ldnkit.handover.chapters import CHAPTERS, Chapters
from ldnkit.handover.document import (
    Block,
    Contents,
    Document,
    Heading,
    Listing,
    Notice,
    Paragraph,
    TableBlock,
    signed,
)
from ldnkit.handover.land_figures import headline
from ldnkit.handover.method_notes import changed_parameters
from ldnkit.handover.studio import Studio
from ldnkit.handover.table_blocks import blocks_of
from ldnkit.messages import translate
from ldnkit.numerals import number, percent, point
from ldnkit.prais.report import wording

#: Name of a term -> label of its meaning.
TERMS = {
    "period.baseline": "baseline",
    "period.reporting": "reporting",
    "degradation.degraded": "degraded",
    "no_data": "no_data",
    "indicator.sdg": "sdg",
    "report.dynamics": "dynamics",
    "indicator.soil": "soil",
    "method.1oao": "1oao",
    "indicator.drought": "drought",
    "indicator.vulnerability": "vulnerability",
    "indicator.red_list": "red_list",
    "indicator.protected_areas": "kba",
}


def national_report(
    country,
    results: Mapping,
    report,
    findings: Iterable[Finding],
    *,
    language: str = "en",
    affected=None,
    spots: Mapping | None = None,
    day: date | None = None,
) -> Document:
    """The national report as a document; write it with ``write_html`` and ``write_docx``.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result with layers and long tables, as ``ldnkit.results(country)`` gives.
    report : Report
        From :func:`ldnkit.prais.build`.
    findings : iterable of Finding
        From :func:`ldnkit.prais.check`; those of the report itself are added.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
    affected : Report, optional
        The tables of the affected area; they make an annex.
    spots : mapping, optional
        ``{"hotspots": GeoDataFrame, "brightspots": GeoDataFrame}``: areas that the team named.
    day : date, optional
        Day of the report; today by default.

    Returns
    -------
    Document
        First page, contents, summary, a chapter for each objective, sources, findings, terms,
        tables not reported, how it was made, and the annexes.

    Raises
    ------
    KeyError
        An unknown language.
    FileNotFoundError
        A layer of a result is not there any more: compute it again.

    References
    ----------
    UNCCD reporting manual, 2026 process, all forms and the maps that go with them.

    Examples
    --------
    >>> report = prais.build(country, results)                                 # doctest: +SKIP
    >>> national_report(country, results, report, prais.check(report))         # doctest: +SKIP
    """
    if language not in tables.LANGUAGES:
        raise KeyError(
            f"Unknown language: found {language!r}; use one of {', '.join(tables.LANGUAGES)}."
        )
    findings = sorted(
        dict.fromkeys([*report.findings, *findings]),
        key=lambda finding: SEVERITIES.index(finding.severity),
    )
    maker = _Maker(country, results, report, findings, language, affected)
    title = tables.label("report.national_title", language).format(name=country.name(language))
    return Document(title, language, tuple(maker.blocks(spots, day or date.today())))


class _Maker:
    """The parts of the report around its chapters."""

    def __init__(self, country, results, report, findings, language, affected):
        self.country, self.report, self.findings = country, report, findings
        self.language, self.affected = language, affected
        self.studio = Studio(country, results, report, language)
        self.label = self.studio.label

    def blocks(self, spots, day: date) -> Iterator[Block]:
        # figures are numbered as they stand: that of the summary is the first
        top = headline(self.studio) if self.country.party != "developed" else None
        chapters = Chapters(self.studio, spots)
        body = list(chapters.blocks())
        yield from self._first_page(day)
        yield Contents(self.label("report.contents"))
        yield from self._how_to_read()
        yield from self._summary(top, chapters.summary)
        yield from body
        yield from self._sources()
        yield from self._findings()
        yield from self._terms()
        yield from self._not_reported(chapters)
        yield from self._made()
        yield from chapters.annex_blocks()
        yield from self._affected()

    def _first_page(self, day: date) -> Iterator[Block]:
        from babel.dates import format_date

        party = f"{self.label('report.party')}: {self.label(f'report.{self.country.party}')}"
        yield Paragraph(f"{self.label('report.cycle')}: {self.country.cycle.year}", "lead")
        yield Paragraph(party, "lead")
        written = format_date(day, "long", locale=self.language)
        yield Paragraph(self.label("report.written_on", date=written))
        if self.country.synthetic:
            yield Notice(self.label("notice.synthetic"))
        counts = {kind: sum(f.severity == kind for f in self.findings) for kind in SEVERITIES}
        errors, warnings = counts["error"], counts["warning"]
        if errors + warnings:
            words = {"number": errors + warnings, "errors": errors, "warnings": warnings}
            yield Notice(self.label("report.open_count", **words), "warning")
        else:
            yield Paragraph(self.label("report.no_findings"))
        if self.country.party == "developed":
            yield Paragraph(self.label("report.developed_lead"))
        if self.language != "en":
            yield Paragraph(self.label("report.machine_translation"), "small")

    def _how_to_read(self) -> Iterator[Block]:
        yield Heading(self.label("report.how_title"), 1, "how-to-read")
        keys = ("how_chapters", "how_figures", "how_tables", "how_annex")
        used = self.label("column.year_used", year=self.country.cycle.last.last - 1)
        items = [
            *(self.label(f"report.{key}") for key in keys),
            self.label("report.how_years", example=f"({used})"),
            self.label("report.how_team"),
            self.label("report.boundaries"),
        ]
        yield Listing(tuple(items))

    def _summary(self, figure, sentences) -> Iterator[Block]:
        yield Heading(self.label("report.summary"), 1, "summary", new_page=False)
        if "SO1-4.T2" in self.report.tables and self.country.party != "developed":
            yield Listing(tuple(self._headline(self.report["SO1-4.T2"])))
        if figure is not None:
            yield figure
        if sentences:
            yield Listing(tuple(sentences))

    def _headline(self, table) -> Iterator[str]:
        """15.3.1 of every year, with its change since the baseline."""
        frame, language = table.printed, self.language
        for year, row in frame.iterrows():
            share, area = row["degraded_share"], row["degraded_area"]
            if not (_known(share) and _known(area)):
                continue
            words = {"share": percent(share / 100, language, 2), "area": number(area, language)}
            text = self.label("report.headline", year=year, **words)
            points, grown = row["change_share"], row["change_area"]
            if _known(points) and _known(grown) and year != frame.index[0]:
                said = (point(f"{value:+,.2f}", language) for value in (points, grown))
                points, grown = (signed(value, language) for value in said)
                change = self.label("report.headline_change", points=points, area=grown)
                text += ("" if language == "zh" else " ") + change
            yield text

    def _sources(self) -> Iterator[Block]:
        yield Heading(self.label("report.sources"), 1, "sources")
        yield Paragraph(self.label("report.sources_lead"))
        rows = {}
        for table in self._all_tables():
            for source in table.sources:
                rows[source["layer"]] = source
        headings = [self.label("report.layer"), wording("data_source", self.language)]
        headings += [self.label(f"metadata.{name}") for name in METADATA]
        frame = pd.DataFrame(
            [
                [
                    wording(f"indicator.{layer}", self.language),
                    self.label(f"data.{source['source']}"),
                    *(source[name] or "–" for name in METADATA),
                ]
                for layer, source in rows.items()
            ],
            columns=headings,
        )
        caption = self.label("report.sources")
        yield TableBlock(frame, caption, key="sources", decimals=(0,) * len(headings))
        if self.country.synthetic:
            yield Paragraph(self.label("report.licence_synthetic"))
        yield Paragraph(self.label("report.licence_note"))
        yield Paragraph(self.label("report.boundaries"))

    def _all_tables(self) -> list:
        more = [] if self.affected is None else self.affected.tables.values()
        return [*self.report.tables.values(), *more]

    def _findings(self) -> Iterator[Block]:
        yield Heading(self.label("report.findings"), 1, "findings", new_page=False)
        if not self.findings:
            yield Paragraph(self.label("report.no_findings"))
            return
        yield Paragraph(self.label("report.findings_lead"))
        keys = ("kind", "where", "found", "expected", "remedy", "notebook")
        rows = []
        for finding in self.findings:
            said = finding.in_language(self.language)
            kind = self.label(f"finding.{finding.severity}")
            cells = (said.where, said.found, said.expected, said.remedy, said.notebook)
            rows.append([kind, *(cell or "–" for cell in cells)])
        frame = pd.DataFrame(rows, columns=[self.label(f"report.{key}") for key in keys])
        caption = self.label("report.findings")
        yield TableBlock(frame, caption, key="findings", decimals=(0,) * len(keys))

    def _terms(self) -> Iterator[Block]:
        yield Heading(self.label("report.terms"), 1, "terms", new_page=False)
        items = ((self.label(n), self.label(f"report.term.{m}")) for n, m in TERMS.items())
        yield Listing(tuple(items))

    def _not_reported(self, chapters: Chapters) -> Iterator[Block]:
        yield Heading(self.label("report.not_reported"), 1, "not-reported", new_page=False)
        party, rows, known = self.country.party, [], tables.prais_tables()
        shown = {
            table.id
            for name in chapters.chapters
            for form in CHAPTERS[name]
            for table in chapters.tables_of(form)
        }
        for row in known.to_dict("records"):
            required = row[f"required_{party}"]
            if row["id"] in shown or required == "not applicable":
                continue
            if row["id"] in self.report.tables:
                reason = self.label("report.reason_not_here")
            elif row["id"] in self.report.left_out:
                reason = translate(self.report.left_out[row["id"]], self.language)
            else:
                reason = self.label("report.reason_missing", notebook=row["notebook"])
            requirement = self.label(f"requirement.{required}")
            rows.append([row["id"], self.label(row["title_key"]), requirement, reason])
        if not rows:
            yield Paragraph(self.label("report.all_reported"))
            return
        headings = [self.label("report.table"), self.label("metadata.title")]
        headings += [self.label("report.requirement"), self.label("report.reason")]
        frame = pd.DataFrame(rows, columns=headings)
        caption = self.label("report.not_reported")
        yield TableBlock(frame, caption, key="not_reported", decimals=(0,) * len(headings))

    def _made(self) -> Iterator[Block]:
        yield Heading(self.label("report.made"), 1, "made", new_page=False)
        yield Paragraph(self.label("report.made_with", version=ldnkit.__version__))
        method = self.country.method.replace(".", "_")
        yield Paragraph(self.label(f"report.method_{method}"))
        changed = changed_parameters(self.country, self.language)
        if changed:
            yield Paragraph(self.label("report.changed_parameters", parameters="; ".join(changed)))
        yield Paragraph(self.label("report.made_provenance", file="provenance.json"))

    def _affected(self) -> Iterator[Block]:
        if self.affected is None:
            return
        yield Heading(self.label("report.annex_affected"), 1, "annex-affected")
        yield Paragraph(self.label("report.affected_lead"))
        for table in self.affected.tables.values():
            yield from blocks_of(table, self.affected, self.language)


def _known(value) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
