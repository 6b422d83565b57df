"""The sections of country.yml for the objectives that live in tables (SO2, SO4, SO5, IF, AI)."""

from __future__ import annotations

from pathlib import Path

from ldnkit.country_file.document import Document, shown
from ldnkit.country_file.finance_layers import Finance
from ldnkit.country_file.forms_layers import (
    SERIES,
    AdditionalIndicators,
    KeyBiodiversityAreas,
    Narrative,
    Species,
    Statistic,
    Targets,
)
from ldnkit.country_file.inputs import metadata, vector_file
from ldnkit.country_file.keys import keys

#: Series of which at least one fills a required form.
REQUIRED = {"SO2-1": ("poverty", "gini"), "SO2-2": ("water",), "SO4-2": ("red_list",)}
#: Files that hold the sheets of a workbook.
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
#: Files and words of which a finance section has at least one.
FINANCE = ("activities", "creditor_reporting_system", "default_sheet", "trends", "needs")


def forms(document: Document, *, affected: bool) -> dict[str, object]:
    """The fields of the country that come from these sections; a section left out is None."""
    _left_out(document, affected)
    return {
        "statistics": _statistics(document),
        "species": _species(document),
        "key_biodiversity_areas": _key_biodiversity_areas(document),
        "targets": _targets(document),
        "finance": _finance(document),
        "narrative": _one_file(document, "narrative", "answers", Narrative),
        "additional_indicators": _one_file(
            document, "additional_indicators", "register", AdditionalIndicators
        ),
    }


def _given(document: Document, section: str, source: str = "") -> bool:
    """Whether the section is there; without a line source it has this one."""
    if not isinstance(document.tree.get(section), dict):
        return False
    if source and document.usable(f"{section}.source"):
        document.values.setdefault(f"{section}.source", source)
    return True


def _left_out(document: Document, affected: bool) -> None:
    """Required forms without data; a section or series that is null is meant to be left out."""
    tree = document.tree
    series = tree.get("statistics")
    wanted = {form: names for form, names in REQUIRED.items() if affected}
    if tree.get("species") is not None:
        wanted.pop("SO4-2", None)
    if wanted and "statistics" not in tree:
        _without(document, "statistics", "the section statistics", list(wanted))
    elif isinstance(series, dict):
        for form, names in wanted.items():
            if not any(name in series for name in names):
                _without(document, f"statistics.{names[0]}", " or ".join(names), [form])
    if "finance" not in tree:
        _without(document, "finance", "the section finance", ["SO5-1", "SO5-2"])


def _without(document: Document, key: str, expected: str, forms: list[str]) -> None:
    names = " and ".join([", ".join(forms[:-1]), forms[-1]] if len(forms) > 1 else forms)
    document.problem(
        key,
        "nothing",
        f"{expected} ({names} {'need' if len(forms) > 1 else 'needs'} it)",
        f"Add it when the files are there, or write {key.split('.')[-1]}: null.",
        severity="info",
    )


def _statistics(document: Document) -> dict[str, Statistic]:
    """The series that have a section, by name."""
    tree = document.tree.get("statistics")
    names = [name for name in SERIES if isinstance(tree, dict) and isinstance(tree.get(name), dict)]
    return {name: _statistic(document, f"statistics.{name}") for name in names}


def _statistic(document: Document, section: str) -> Statistic:
    def value(key: str, default=None):
        return document.values.get(f"{section}.{key}", default)

    header, file = value("header"), value("file")
    if header is not None and (header < 1 or header != header // 1):
        remedy = "Write the number of the row that the spreadsheet shows."
        document.problem(f"{section}.header", shown(header), "a row, counted from 1", remedy)
        header = None
    if file and value("sheet") and file.suffix.lower() not in WORKBOOKS:
        found, remedy = f"a sheet beside {file.name}", "Delete the line sheet."
        expected = "a sheet with a workbook only"
        document.problem(f"{section}.sheet", found, expected, remedy, severity="warning")
    return Statistic(
        file=file,
        format=value("format", "auto"),
        sheet=value("sheet"),
        header=None if header is None else int(header),
        columns=value("columns", {}),
        unit=value("unit"),
        area=value("area"),
        release=value("release"),
        source=value("source", "default"),
        metadata=metadata(document, section),
    )


def _species(document: Document) -> Species | None:
    if not _given(document, "species", "national"):
        return None
    return Species(
        assessments=document.values.get("species.assessments"),
        source=document.values.get("species.source", "national"),
        metadata=metadata(document, "species"),
    )


def _key_biodiversity_areas(document: Document) -> KeyBiodiversityAreas | None:
    section, values = "key_biodiversity_areas", document.values
    if not _given(document, section, "national"):
        return None
    sites = vector_file(document, f"{section}.sites")
    protected = vector_file(document, f"{section}.protected")
    if sites and sites == protected:
        found = f"{sites.file.name} for the sites and for the protected areas"
        remedy = "Correct the file name, or write the layers."
        document.problem(f"{section}.protected.file", found, "two files, or two layers", remedy)
    return KeyBiodiversityAreas(
        sites=sites,
        sites_key=values.get(f"{section}.sites.key", ""),
        protected=protected,
        protected_key=values.get(f"{section}.protected.key", ""),
        protected_year=values.get(f"{section}.protected.year", ""),
        source=values.get(f"{section}.source", "national"),
        metadata=metadata(document, section),
    )


def _targets(document: Document) -> Targets | None:
    values = document.values
    if not _given(document, "targets", "default"):
        return None
    return Targets(
        register=values.get("targets.register"),
        polygons=vector_file(document, "targets.polygons"),
        polygons_key=values.get("targets.polygons.key", ""),
        actions=values.get("targets.actions"),
        previous=values.get("targets.previous"),
        scenario=values.get("targets.scenario"),
        source=values.get("targets.source", "default"),
        metadata=metadata(document, "targets"),
    )


def _finance(document: Document) -> Finance | None:
    values = document.values
    if not _given(document, "finance", "default"):
        return None
    given = [key for key in FINANCE if document.given(f"finance.{key}")]
    if not given:
        example = keys()["finance.activities"]["example"]
        remedy = f"Write activities: {example}, or leave the section out for now: finance: null."
        expected = " or ".join(FINANCE)
        document.problem("finance.activities", "nothing", expected, remedy)
    weighting = values.get("finance.weighting", {})
    _weights(document, given, weighting)
    return Finance(
        activities=values.get("finance.activities"),
        creditor_reporting_system=values.get("finance.creditor_reporting_system"),
        exchange_rates=values.get("finance.exchange_rates"),
        weighting=weighting,
        default_sheet=values.get("finance.default_sheet", ""),
        trends=values.get("finance.trends", {}),
        needs=values.get("finance.needs"),
        source=values.get("finance.source", "default"),
        metadata=metadata(document, "finance"),
    )


def _weights(document: Document, given: list[str], weighting: dict[str, float]) -> None:
    """Amounts need weights that the team has chosen; the principal one is the larger."""
    key = "finance.weighting"
    if set(FINANCE[:2]) & set(given) and not document.given(key):
        remedy = f"Write weighting: {keys()[key]['example']}, if whole amounts count."
        expected = "the weights that your team has decided"
        document.problem(key, "nothing", expected, remedy, severity="info")
    elif len(weighting) == 2 and weighting["principal"] < weighting["significant"]:
        found = f"significant ({weighting['significant']:g}) above principal"
        expected = f"at most the weight of principal ({weighting['principal']:g})"
        remedy = "Exchange the two numbers, if they are in the wrong order."
        document.problem(f"{key}.significant", found, expected, remedy, severity="warning")


def _one_file(document: Document, section: str, key: str, layer: type):
    """A section with one file, which is required."""
    if not _given(document, section):
        return None
    file: Path | None = document.values.get(f"{section}.{key}")
    return layer(file)
