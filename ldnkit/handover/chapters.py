"""The chapters of the national report: one for the profile and one for each objective."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ldnkit import tables
from ldnkit.handover import land_figures, people_figures
from ldnkit.handover.document import Block, Figure, Heading, Paragraph
from ldnkit.handover.method_notes import method_notes, years_replaced
from ldnkit.handover.studio import Studio
from ldnkit.handover.table_blocks import anchor_of, blocks_of, long, title_of

#: Chapter -> its forms, in the order of the platform. The names are labels.
CHAPTERS = {
    "form.CP": ("CP",),
    "report.so1": ("SO1-1", "SO1-2", "SO1-3", "SO1-4", "SO1-VT", "SO1-IA"),
    "report.so2": ("SO2-1", "SO2-2", "SO2-3", "SO2-VT"),
    "report.so3": ("SO3-1", "SO3-2", "SO3-3", "SO3-VT"),
    "report.so4": ("SO4-1", "SO4-2", "SO4-3", "SO4-VT"),
    "report.so5": ("SO5-1", "SO5-2", "SO5-3", "SO5-4", "SO5-5", "SO5"),
    "form.IF": ("IF",),
    "form.AI": ("AI",),
}
#: Chapters of a developed country Party.
DEVELOPED = ("form.CP", "report.so5", "form.IF")
#: Form -> its figures.
FIGURES: dict[str, Callable[[Studio], Iterator[Figure]]] = {
    "CP": land_figures.profile,
    "SO1-1": land_figures.land_cover,
    "SO1-2": land_figures.productivity,
    "SO1-3": land_figures.soil,
    "SO1-VT": land_figures.targets,
    "SO2-1": lambda studio: people_figures.official(studio, "poverty", "gini"),
    "SO2-2": lambda studio: people_figures.official(studio, "water"),
    "SO2-3": people_figures.on_degraded_land,
    "SO3-1": people_figures.drought,
    "SO3-2": people_figures.people_in_drought,
    "SO3-3": people_figures.vulnerability,
    "SO4-2": people_figures.red_list,
    "SO4-3": people_figures.protected_areas,
    "SO5-1": people_figures.finance,
    "AI": people_figures.additional,
}
#: Figure whose sentence stands in the summary, where no other does: of every form the first.
SUMMARY = {"SO1-1": "SO1-1.degradation", "SO1-4": "SO1-4.condition", "SO2-3": "SO2-3.years"}


class Chapters:
    """Every chapter of a report, the sentences of its summary, and the tables of its annex."""

    def __init__(self, studio: Studio, spots=None):
        self.studio, self.report, self.language = studio, studio.report, studio.language
        self.figures = {**FIGURES, "SO1-4": partial(land_figures.degraded, spots=spots)}
        self.spots = spots or {}
        #: Name of an indicator and its sentence.
        self.summary: list[tuple[str, str]] = []
        self.annex: list = []
        self.forms = tables.read("forms").set_index("form")

    @property
    def chapters(self) -> tuple[str, ...]:
        developed = self.studio.country.party == "developed"
        return DEVELOPED if developed else tuple(CHAPTERS)

    def tables_of(self, form: str) -> list:
        tables_here = self.report.tables.values()
        if form != "IF" or self.studio.country.party != "developed":
            return [table for table in tables_here if table.form == form]
        return [table for table in tables_here if table.id.startswith("SO5-IF")]

    def blocks(self) -> Iterator[Block]:
        for name in self.chapters:
            forms = [form for form in CHAPTERS[name] if self._shown(form)]
            if not forms:
                continue
            yield Heading(self.studio.label(name), 1, f"chapter-{name}")
            for form in forms:
                if len(CHAPTERS[name]) > 1:
                    title = f"{form}. {self.studio.label(f'form.{form}')}"
                    yield Heading(title, 2, f"form-{form}")
                yield from self._form(form)

    def _shown(self, form: str) -> bool:
        """Whether a form is spoken of: it has tables, or the Party is asked for it."""
        required = self.forms.loc[form, self.studio.country.party]
        return (
            bool(self.tables_of(form))
            or required in ("required", "see SO1-3")
            or (required == "optional" and form not in ("AI", "SO5") and not form.endswith("VT"))
        )

    def _form(self, form: str) -> Iterator[Block]:
        found = self.tables_of(form)
        if not found:
            yield self._missing(form)
            return
        figures = list(self.figures[form](self.studio)) if form in self.figures else []
        yield from figures
        if form == "SO1-4" and figures and not any(len(part) for part in self.spots.values()):
            yield Paragraph(self.studio.label("report.no_spots"))
        self._summarise(form, figures, found)
        for table in found:
            if long(table):
                self.annex.append(table)
                title = title_of(table, self.report, self.language)
                text = self.studio.label("report.see_annex", table=title)
                yield Paragraph(text, link=anchor_of(table, self.report))
            else:
                yield from blocks_of(table, self.report, self.language)
        yield from self._method(form, found)

    def _missing(self, form: str) -> Paragraph:
        """That a form has no results, and what makes them."""
        required = self.forms.loc[form, self.studio.country.party]
        if required.startswith("see "):  # the title of the form says where it is reported
            return Paragraph(self.studio.label(f"form.{form}"))
        known = tables.prais_tables()
        notebook = known.loc[known["form"] == form, "notebook"].iloc[0]
        requirement = self.studio.label(f"requirement.{required.replace(' ', '_')}")
        words = {"requirement": requirement, "notebook": notebook}
        return Paragraph(self.studio.label("report.form_missing", **words))

    def _summarise(self, form: str, figures, found) -> None:
        chosen = [figure for figure in figures if figure.key == SUMMARY.get(form)] or figures
        told = self.studio.told(*(self.report.label(table.id) for table in found))
        said = list(chosen[0].sentences[-1:]) if chosen else []
        sentence = (said if form in ("SO1-1", "SO1-2", "SO1-3", "SO1-4") else told or said)[:1]
        if sentence and form not in ("CP", "IF", "AI"):
            name = f"{form}. {self.studio.label(f'form.{form}')}"
            self.summary.append((name, sentence[0]))

    def _method(self, form: str, found) -> Iterator[Block]:
        """The method note with its source document, and the years that stand in for others."""
        studio = self.studio
        notes = list(method_notes(studio.country, studio.results, form, self.language))
        if not notes:
            return
        level = 2 if (form,) in CHAPTERS.values() else 3
        yield Heading(studio.label("report.method"), level, f"method-{form}", listed=False)
        for text, _ in notes:
            yield Paragraph(text)
        layers = {source["layer"]: None for table in found for source in table.sources}
        for sentence in years_replaced(self.report, layers, self.language):
            yield Paragraph(sentence)
        sources = "; ".join(dict.fromkeys(part for _, text in notes for part in text.split("; ")))
        yield Paragraph(studio.label("report.source_document", source=sources), "small")

    def annex_blocks(self) -> Iterator[Block]:
        if not self.annex:
            return
        yield Heading(self.studio.label("report.annex"), 1, "annex")
        for table in self.annex:
            yield from blocks_of(table, self.report, self.language)
