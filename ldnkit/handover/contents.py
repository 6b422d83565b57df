"""What a package contains: each part written into a folder, each file with what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ldnkit import __version__, prais, tables
from ldnkit.findings import Finding
from ldnkit.handover import cogs, manifest, vectors
from ldnkit.sources.vectors import spots as spots_of

#: Files beside a map.
BESIDE = (".qml", ".aux.xml")
#: What tells maps of one kind apart.
YEARS = re.compile(r"(_\d{4})+|_(baseline|report_\d+)")


class Contents:
    """One package in the making.

    Parameters
    ----------
    country : Country
    results : dict of indicator to Result
    folder : Path
        An empty folder.
    language : str
        Language of tables, documents, titles.
    when : datetime
        Time that the package carries, UTC.
    earlier : dict of str to dict
        ``report``, ``provenance`` (and ``affected``) of the last good package, where there is one.
    documents : bool
        Whether the national report is written too.
    key : str
        Fingerprint of what the package is made from.

    Attributes
    ----------
    what : dict of str to str
        Path of each file in the folder, and what it is.
    report : prais.Report
    findings : list of Finding
        Those of the country and of its affected area.
    """

    def __init__(self, country, results, folder, *, language, when, **options):
        self.country, self.results, self.folder = country, results, Path(folder)
        self.language, self.when = language, when
        self.documents, self.key = options.get("documents", True), options.get("key", "")
        self.earlier: dict[str, Any] = options.get("earlier") or {}
        self.what: dict[str, str] = {}
        self.report: Any = None
        self.affected: Any = None
        self.findings: list[Finding] = []
        self.name = f"{country.iso3}_{country.cycle.year}"
        self.licence = country.licence or tables.label("package.licence_open")

    def parts(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Name of each part and what makes it, in their order."""
        yield "provenance", self.provenance
        yield "tables", self.tables
        if self.documents:
            yield "national report", self.national_report
        yield "exchange", self.exchange
        yield "maps", self.maps
        yield "polygons", self.polygons
        yield "list of files", self.close

    def say(self, key: str, **words) -> str:
        """A label of the package in the language of the report."""
        return tables.label(f"package.{key}", self.language).format(**words)

    def provenance(self) -> None:
        """Where every figure comes from."""
        from ldnkit import provenance

        self.trace = provenance.trace(self.country, self.results)
        self.trace["time_utc"] = f"{self.when:%Y-%m-%dT%H:%M:%SZ}"
        provenance.write(self.trace, self.folder, self.language)
        for name, _ in manifest.files_in(self.folder):
            kind = "json" if name.endswith(".json") else "html"
            self.what[name] = self.say(f"provenance_{kind}")

    def tables(self) -> None:
        """The tables, those of the affected area, and what has changed since the last report."""
        self.report = prais.build(self.country, self.results)
        changes = self._changes()
        self._tables(self.report, changes)
        if self.country.affected_area is not None:
            self.affected = prais.build(self.country, self.results, area="affected")
            self._tables(self.affected)
        if self.country.platform is not None or self.country.previous is not None:
            self._comparison()

    def _comparison(self) -> None:
        """The figures beside those of the platform and of the last submission."""
        from ldnkit.prais import comparison

        compared = prais.compare(
            self.report,
            default=self.country.platform,
            previous=self.country.previous,
            language=self.language,
        )
        comparison.page(compared, self.folder, self.language)
        for name, _ in manifest.files_in(self.folder):
            if name not in self.what:
                self.what[name] = self.say("comparison")

    def _tables(self, report, changes=None) -> None:
        known = {name for name, _ in manifest.files_in(self.folder)}
        prais.write(report, self.folder, language=self.language, changes=changes)
        self.findings += findings_of(report)
        for name, path in manifest.files_in(self.folder):
            if name not in known:
                said = self._table_file(path)
                if report.area == "affected":
                    said = self.say("in_affected_area", text=said)
                self.what[name] = said

    def _table_file(self, path: Path) -> str:
        if path.stem.startswith("findings"):
            return self.say("findings")
        if path.suffix == ".csv":
            return self.say("table", table=path.stem)
        return self.say("tables" if path.suffix == ".xlsx" else "tables_json")

    def _changes(self):
        """What changed since the earlier report, also as a file; None without an earlier one."""
        if "report" not in self.earlier:
            return None
        changes = prais.changes(
            self.earlier["report"],
            self.report,
            earlier_provenance=self.earlier.get("provenance"),
            later_provenance=self.trace,
            language=self.language,
        )
        path = self.folder / "changes.csv"
        changes.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        self.what[path.name] = self.say("changes")
        return changes

    def national_report(self) -> None:
        """The report to read: DOCX, HTML and, where a browser is found, PDF."""
        from ldnkit import handover

        spots = {name: spots_of(self.country, name) for name in ("hotspots", "brightspots")}
        spots = {name: frame for name, frame in spots.items() if frame is not None}
        document = handover.national_report(
            self.country,
            self.results,
            self.report,
            self.findings,
            language=self.language,
            affected=self.affected,
            spots=spots,
        )
        base = self.folder / f"report_{self.name}"
        files = {ending: base.with_suffix(ending) for ending in (".docx", ".html", ".pdf")}
        handover.write_docx(document, files[".docx"])
        handover.write_html(document, files[".html"])
        handover.write_pdf(files[".html"], files[".pdf"])
        keys = {".docx": "document", ".html": "document_html", ".pdf": "document_pdf"}
        for name, path in manifest.files_in(self.folder):
            if name not in self.what:
                self.what[name] = self.say(keys.get(path.suffix, "image"))

    def exchange(self) -> None:
        """Summaries and error polygons in the format of Trends.Earth."""
        from ldnkit.prais import trends_earth

        folder = self.folder / "exchange"
        trends_earth.write(self.country, self.results, folder, date=self.when)
        kinds = {"land_condition": "land", "drought": "drought", "error_recode": "errors"}
        for name, path in manifest.files_in(folder):
            kind = path.stem.removesuffix(f"_{self.country.iso3}")
            self.what[f"exchange/{name}"] = self.say(f"exchange_{kinds[kind]}")

    def maps(self) -> None:
        """The maps with their styles."""
        written = cogs.write(
            self.country,
            self.results,
            self.folder / "layers",
            language=self.language,
            licence=self.licence,
        )
        for path, said in written.items():
            self.what[path.relative_to(self.folder).as_posix()] = said
        if not written:
            (self.folder / "layers").rmdir()

    def polygons(self) -> None:
        """Boundary, regions, targets and other polygons of the team."""
        path = self.folder / "vectors" / f"{self.country.iso3}.gpkg"
        names = vectors.write(
            self.country,
            self.results,
            path,
            language=self.language,
            licence=self.licence,
            when=self.when,
        )
        listed = ", ".join(self.say(name) for name in names)
        self.what[f"vectors/{path.name}"] = self.say("vectors", layers=listed)

    def close(self) -> None:
        """README.txt and the manifest."""
        later = {name: said for name, said in self.what.items() if name.startswith("provenance.")}
        self.what = {"README.txt": self.say("readme"), **self.what}
        self.what |= {name: self.what.pop(name) for name in later}
        text = "\n".join(self._readme())
        (self.folder / "README.txt").write_text(text, encoding="utf-8-sig", newline="\n")
        heading = {
            "made_with": f"ldnkit {__version__}",
            "time_utc": f"{self.when:%Y-%m-%dT%H:%M:%SZ}",
            "country": self.country.iso3,
            "cycle": self.country.cycle.year,
            "language": self.language,
            "synthetic": bool(self.country.synthetic),
            "licence": self.licence,
            "key": self.key,
            "archive": f"report_{self.name}.zip",
            "findings": self.counts(),
        }
        manifest.write(self.folder, self.what, heading)

    def counts(self) -> dict[str, int]:
        """Number of open errors and warnings."""
        kinds = [finding.severity for finding in self.findings]
        return {"errors": kinds.count("error"), "warnings": kinds.count("warning")}

    def _readme(self) -> Iterator[str]:
        """What README.txt says, line by line."""
        country, language = self.country, self.language

        def label(key: str) -> str:
            return tables.label(key, language)

        yield self.say("title", name=country.name(language), year=country.cycle.year)
        if country.synthetic:
            yield label("notice.synthetic")
        if language != "en":
            yield label("notice.machine_translation")
        time = f"{self.when:%Y-%m-%d %H:%M}"
        yield self.say("made_with", version=__version__, time=time)
        counts = self.counts()
        yield (
            label("report.open_findings").format(**counts)
            if any(counts.values())
            else label("report.no_findings")
        )
        yield from ["", self.say("contents")]
        yield from self._list()
        yield from ["", self.say("maps"), self.say("no_data", nodata=tables.NODATA)]
        if country.crosses_180:
            yield self.say("longitudes")
        yield label("notice.boundaries")
        yield from ["", self.say("licence")]
        yield country.licence or self.say("licence_open")
        yield self.say("licence_sources")
        yield self.say("boundary_licence")
        if country.key_biodiversity_areas is not None:
            yield self.say("not_given")
        yield from ["", self.say("verify"), ""]

    def _list(self) -> Iterator[str]:
        """The files; those alike in one line. What lies beside a map is left out."""
        shown = {name: said for name, said in self.what.items() if not name.endswith(BESIDE)}
        shown[manifest.NAME] = self.say("manifest")
        groups: dict[str, list[str]] = {}
        for name in shown:
            groups.setdefault(_family(name), []).append(name)
        for family, names in groups.items():
            first, last = shown[names[0]], shown[names[-1]]
            if len(names) == 1:
                yield f"  {names[0]}: {first}"
            else:
                yield f"  {family} ({len(names)}): {first} … {last}"


def _family(name: str) -> str:
    """Files alike: tables of one folder, maps that differ in their years.

    Examples
    --------
    >>> _family("layers/sdg_report_1.tif"), _family("csv/SO1-1.T4.csv"), _family("README.txt")
    ('layers/sdg_*.tif', 'csv/*.csv', 'README.txt')
    """
    if name.startswith("csv"):
        return f"{name.partition('/')[0]}/*.csv"
    if name.startswith("layers/"):
        return YEARS.sub("_*", name)
    return name


def findings_of(report) -> list[Finding]:
    """Weak data and broken rules of a report, each once."""
    return list(dict.fromkeys([*report.findings, *prais.check(report)]))
