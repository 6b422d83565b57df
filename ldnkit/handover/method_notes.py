"""How every indicator was made, in a few sentences with the parameters and years in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ldnkit import tables
from ldnkit.numerals import point
from ldnkit.prais.report import wording


def method_notes(country, results: Mapping, form: str, language: str) -> Iterator[tuple[str, str]]:
    """The notes of a form, each with the document that it rests on.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result.
    form : str
        For example ``"SO1-2"``.
    language : str

    Yields
    ------
    (str, str)
        Text, and its source document.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> country = SimpleNamespace(parameters={}, land_cover=None)
    >>> [source for _, source in method_notes(country, {}, "IF", "en")]
    ['UNCCD reporting manual, 2026 process, 7']
    """
    words = None
    for row in tables.read("method_notes").to_dict("records"):
        if row["form"] != form or not _applies(row["variant"], country, results):
            continue
        words = words or _words(country, results, language)
        text = tables.label(row["label_key"], language)
        yield text.format_map(words), row["source"]


def _applies(variant: str, country, results: Mapping) -> bool:
    """Whether the variant of a note is that of the country."""

    def given(section: str, part: str) -> bool:
        return bool(getattr(getattr(country, section, None), part, None))

    parameters = country.parameters
    known = {
        "": True,
        "ready_dynamics": given("productivity", "lpd"),
        "own_productivity": not given("productivity", "lpd"),
        "own_stocks": given("soil", "files"),
        "reference_stock": not given("soil", "files"),
        "ready_index": given("drought", "index"),
        "own_index": not given("drought", "index"),
        "missing_manual": parameters.get("missing", "manual") == "manual",
        "missing_trends_earth": parameters.get("missing") == "trends.earth",
        "by_status": parameters.get("population_exposed_by", "status") == "status",
        "by_period": parameters.get("population_exposed_by") == "period",
        "own_red_list": "red_list" in results,
        "published_red_list": "red_list" not in results,
        "own_coverage": "protected_areas" in results,
        "published_coverage": "protected_areas" not in results,
    }
    return known[variant]


def _words(country, results: Mapping, language: str) -> dict[str, str]:
    """Parameters, constants and years as the notes name them."""
    words = {name: shown(value, language) for name, value in country.parameters.items()}
    for name in ("performance_percentile",):
        words[name] = shown(tables.constant(name), language)
    words |= {"principal": "–", "significant": "–"}
    finance = results["finance"].tables.get("settings") if "finance" in results else None
    if finance is not None:
        settings = finance.set_index("setting")["value"]
        for name in ("principal", "significant"):
            value = settings.get(f"weight_{name}", settings.get(name))
            words[name] = words[name] if value is None else shown(value, language)
    cycle = getattr(country, "cycle", None)
    if cycle is not None:
        ends = (cycle.baseline, cycle.last)
        for part in ("trend_years", "history", "recent", "land_cover"):
            words[part] = " / ".join(f"{a}–{b}" for a, b in (getattr(e, part) for e in ends))
        words["baseline_year"] = str(cycle.baseline.status_year)
        words["last_year"] = str(cycle.last.status_year)
    return words


def shown(value, language: str) -> str:
    """A parameter in words.

    Examples
    --------
    >>> shown(0.05, "fr"), shown(True, "en"), shown(20, "en")
    ('0,05', 'Yes', '20')
    """
    if isinstance(value, bool):
        return tables.label("yes" if value else "no", language)
    try:
        return point(f"{float(value):g}", language)
    except (TypeError, ValueError):
        return str(value)


def years_replaced(report, layers, language: str) -> list[str]:
    """Which years stand in for others in some layers, one sentence each."""
    text = tables.label("report.year_replaced", language)
    return [
        text.format(layer=wording(f"indicator.{layer}", language), nominal=nominal, used=used)
        for layer in layers
        for nominal, used in report.years.get(layer, {}).items()
    ]


def changed_parameters(country, language: str) -> list[str]:
    """Parameters that differ from those of the method, as ``name = value``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> own = tables.method("manual") | {"alpha": 0.1}
    >>> changed_parameters(SimpleNamespace(method="manual", parameters=own), "en")
    ['alpha = 0.1']
    """
    usual = tables.method(country.method)
    return [
        f"{name} = {shown(value, language)}"
        for name, value in country.parameters.items()
        if name in usual and value != usual[name]
    ]
