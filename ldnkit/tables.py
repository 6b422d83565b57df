"""Class tables, schemas, palettes and labels: every number from guidance, read from CSV once.

The packaged tables live in ``ldnkit/data``; each has a ``source`` column.
A team may give its own legend, nesting, transition matrix or soil factors as a CSV file;
such a file is checked whole, and every problem is reported at once.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pandas as pd

from ldnkit import csvfiles
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.labels import LANGUAGES, label, palette

__all__ = [
    "LANGUAGES",
    "NODATA",
    "climate_factors",
    "critical_s",
    "label",
    "legend",
    "lpd_degradation",
    "method",
    "nesting",
    "palette",
    "prais_tables",
    "productivity_dynamics",
    "read",
    "soil_factors",
    "status_matrix",
    "transition_matrix",
]

#: Value of "no data" in every class raster and class table.
NODATA = -32768
#: Packaged nestings: name -> file in ``ldnkit/data``.
NESTINGS = {
    "esa_cci": "nesting_esa_cci",
    "glc_fcs30d": "nesting_glc_fcs30d",
    "glad": "nesting_glad",
}
#: Methods: name -> column of ``methods.csv``.
METHODS = {"manual": "manual", "trends.earth": "trends_earth"}

MANY_CLASSES = 15
SIGNS = {"-": -1, "−": -1, "–": -1, "-1": -1, "0": 0, "": 0, "+": 1, "1": 1, "+1": 1}
SIGN = re.compile("|".join(map(re.escape, SIGNS)))
FACTOR = re.compile(r"f|1/f|(1/)?(?!0+(\.0+)?$)\d+(\.\d+)?")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}|")


def read(name: str) -> pd.DataFrame:
    """A packaged table, as a fresh copy.

    Columns that hold only numbers are numbers; an empty cell among numbers is NaN;
    everything else is text, and an empty text cell is ``""``.

    Parameters
    ----------
    name : str
        File name in ``ldnkit/data`` without ``.csv``.

    Raises
    ------
    FileNotFoundError
        There is no such table; the message lists those there are.

    Examples
    --------
    >>> list(read("status_matrix").columns)
    ['baseline', 'period', 'status', 'detail', 'source']
    """
    return csvfiles.packaged(name).copy()


def legend(name_or_path: str | Path = "unccd") -> pd.DataFrame:
    """A land cover legend: code, key, name, unccd (class it nests in), colour.

    Parameters
    ----------
    name_or_path : str or Path
        ``"unccd"`` or a CSV file with the columns code, name, unccd and, if wanted, key, colour.

    Raises
    ------
    InputError
        Missing columns, codes that repeat or lie outside -32767…32767, nesting outside 1…7.
        More than 15 classes is a warning (UNCCD reporting manual, SO1-1).

    Examples
    --------
    >>> legend()[["code", "name"]].head(2).values.tolist()
    [[1, 'Tree-covered areas'], [2, 'Grassland']]
    """
    columns = ["code", "key", "name", "unccd", "colour"]
    default = read("land_cover_legend")[columns]
    if name_or_path == "unccd":
        return default
    file = _file(name_or_path, ["code", "name", "unccd"], names=["unccd"])
    table = file.rows
    table["code"] = file.codes("code")
    table["unccd"] = file.codes("unccd", default["code"])
    file.no_repeats(["code"])
    file.match("name", re.compile(".+"), "a class name")
    for column in {"key", "colour"} - set(table):
        table[column] = ""
    file.match("colour", COLOUR, "a colour such as #1f6b35")
    if len(table) > MANY_CLASSES:
        found, expected = f"{len(table)} classes", f"{MANY_CLASSES} or fewer"
        file.add("", found, expected, "Join similar classes if you can.", "warning")
    stop_on_errors(file.findings)
    table = table.astype({"code": int, "unccd": int}).reset_index(drop=True)
    table["key"] = table["key"].where(table["key"] != "", "class_" + table["code"].astype(str))
    table["colour"] = _shades(table, default.set_index("code")["colour"])
    return table[columns]


def _shades(table: pd.DataFrame, parents: pd.Series) -> list[str]:
    """The given colours, or the UNCCD class's colour made lighter for each further class in it."""
    groups = table.groupby("unccd")["code"]
    shares = groups.cumcount() / groups.transform("size")
    colours = []
    for colour, parent, share in zip(table["colour"], table["unccd"], shares, strict=True):
        channels = (int(parents[parent][start : start + 2], 16) for start in (1, 3, 5))
        lighter = (round(channel + (255 - channel) * 0.7 * share) for channel in channels)
        colours.append(colour or "#" + "".join(f"{channel:02x}" for channel in lighter))
    return colours


def nesting(
    name_or_path: str | Path, *, classes: str | Path | pd.DataFrame = "unccd"
) -> pd.DataFrame:
    """How raster codes nest in a legend: code, name, to. Fill codes go to -32768.

    Parameters
    ----------
    name_or_path : str or Path
        ``"esa_cci"``, ``"glc_fcs30d"``, ``"glad"``; ``"unccd"`` or ``"legend"`` when the raster
        already holds the codes of ``classes``; or a CSV file with the columns code, to[, name].
    classes : str, Path or DataFrame
        The legend the codes go to: as for :func:`legend`, or its table.

    Raises
    ------
    InputError
        Missing columns, repeated or impossible codes, nesting into classes that do not exist.

    Notes
    -----
    The nestings ``glc_fcs30d`` and ``glad`` are to be confirmed with the product's legend;
    ``read("nesting_glad")["confirmed"]`` says so. ESA CCI: UNCCD reporting manual, table 8.

    Examples
    --------
    >>> esa = nesting("esa_cci").set_index("code")["to"]
    >>> [int(esa[code]) for code in (50, 150, 210)]
    [1, 2, 7]
    """
    target = _legend(classes)
    if name_or_path in ("unccd", "legend"):
        return target[["code", "name"]].assign(to=target["code"])
    if name_or_path in NESTINGS:
        table = read(NESTINGS[name_or_path])[["code", "name", "to"]]
        unknown = set(table["to"]) - {NODATA} - set(target["code"])
        if unknown:
            found = f"{name_or_path} leads to {', '.join(map(str, sorted(unknown)))}"
            remedy = "Give a CSV (code, to) that leads to your own classes."
            expected = "only classes of the legend"
            raise InputError(
                [Finding("error", "land_cover: nesting", found, expected, remedy, "02")]
            )
        return table
    file = _file(name_or_path, ["code", "to"], names=[*NESTINGS, "unccd", "legend"])
    table = file.rows
    table["code"] = file.codes("code")
    table["to"] = file.codes("to", [*target["code"], NODATA])
    file.no_repeats(["code"])
    stop_on_errors(file.findings)
    if "name" not in table:
        table["name"] = table["to"].map(target.set_index("code")["name"]).fillna("No data")
    table = table.astype({"code": int, "to": int}).reset_index(drop=True)
    return table[["code", "name", "to"]]


def transition_matrix(
    name_or_path: str | Path = "unccd", *, classes: str | Path | pd.DataFrame = "unccd"
) -> pd.DataFrame:
    """What each land cover transition means: from, to, sign (-1, 0, 1), process, unlikely.

    Parameters
    ----------
    name_or_path : str or Path
        ``"unccd"`` (default matrix) or a CSV file with the columns from, to, sign[, process,
        unlikely]; a sign is -, 0, + (or empty, -1, 1).
    classes : str, Path or DataFrame
        The legend. With a national legend ``"unccd"`` gives each transition the meaning it has
        between the UNCCD classes, so a change within one UNCCD class is stable.

    Raises
    ------
    InputError
        Missing columns, unknown classes or signs, transitions given twice or not at all.
        A change without a process, or of a class into itself, is a warning.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO1-1, default transition matrix.

    Examples
    --------
    >>> matrix = transition_matrix().set_index(["from", "to"])
    >>> int(matrix.loc[(1, 3), "sign"]), matrix.loc[(1, 3), "process"]
    (-1, 'deforestation')
    """
    columns = ["from", "to", "sign", "process", "unlikely"]
    target = _legend(classes)
    if name_or_path == "unccd":
        table = read("land_cover_transitions")
        table["unlikely"] = table["unlikely"] == "yes"
        return _by_parent(table, target)[columns]
    file = _file(name_or_path, ["from", "to", "sign"], names=["unccd"])
    file.pairs(target["code"])
    table = file.rows
    file.match("sign", SIGN, "-, 0 or +")
    signs = table["sign"].map(SIGNS)
    for column in {"process", "unlikely"} - set(table):
        table[column] = ""
    changes = signs.isin([-1, 1])
    for line in table.index[changes & (table["process"] == "")]:
        file.add_cell(line, "process", "what happens", "Name the process.", "warning")
    for line in table.index[changes & (table["from"] == table["to"])]:
        file.add_cell(line, "sign", "0: the class stays", "Check the row.", "warning")
    stop_on_errors(file.findings)
    table["sign"] = signs
    table["unlikely"] = table["unlikely"].str.lower().isin(["yes", "true", "1"])
    table = table.astype({"from": int, "to": int, "sign": int}).reset_index(drop=True)
    return table[columns]


def _by_parent(table: pd.DataFrame, target: pd.DataFrame) -> pd.DataFrame:
    """Rows of the UNCCD matrix repeated for each pair of classes nested in its classes."""
    parents = target[["code", "unccd"]]
    pairs = parents.merge(parents, how="cross", suffixes=("_from", "_to"))
    meaning = table.rename(columns={"from": "unccd_from", "to": "unccd_to"})
    joined = pairs.merge(meaning, on=["unccd_from", "unccd_to"], how="left")
    return joined.rename(columns={"code_from": "from", "code_to": "to"})


def soil_factors(
    name_or_path: str | Path = "unccd", *, classes: str | Path | pd.DataFrame = "unccd"
) -> pd.DataFrame:
    """Conversion factors of soil organic carbon after 20 years: from, to, factor (text).

    A factor is a number, ``"f"`` (the climate factor), ``"1/f"`` or one over a number.

    Parameters
    ----------
    name_or_path : str or Path
        ``"unccd"`` or a CSV file with the columns from, to, factor.
    classes : str, Path or DataFrame
        The legend, as for :func:`legend`, or its table.

    Raises
    ------
    InputError
        Problems of the file, or the default factors asked for a national legend:
        they exist for the seven UNCCD classes only.

    References
    ----------
    Good Practice Guidance for SDG 15.3.1, version 2, SOC change factors (IPCC Tier 1, modified).

    Examples
    --------
    >>> soil_factors().set_index(["from", "to"])["factor"][3, 1]
    '1/f'
    """
    columns = ["from", "to", "factor"]
    target = _legend(classes)
    if name_or_path == "unccd":
        table = read("soil_factors")[columns]
        if set(target["code"]) == set(table["from"]) and (target["code"] == target["unccd"]).all():
            return table
        found, expected = "the default factors with a national legend", "factors for its classes"
        remedy = "Give a CSV (from, to, factor) for your classes as soil: factors."
        raise InputError([Finding("error", "soil: factors", found, expected, remedy, "04")])
    file = _file(name_or_path, columns, names=["unccd"], notebook="04")
    file.pairs(target["code"])
    file.match("factor", FACTOR, "a number above 0, f, 1/f or 1/number")
    stop_on_errors(file.findings)
    return file.rows.astype({"from": int, "to": int})[columns].reset_index(drop=True)


def _file(path: str | Path, required: list[str], *, names: list[str], notebook: str = "02"):
    return csvfiles.UserTable(path, required, names=names, notebook=notebook)


def _legend(classes: str | Path | pd.DataFrame) -> pd.DataFrame:
    return classes if isinstance(classes, pd.DataFrame) else legend(classes)


def climate_factors() -> pd.DataFrame:
    """IPCC climate zones 0…12 with their soil factor: zone, name, f (NaN for zone 0).

    Examples
    --------
    >>> float(climate_factors().set_index("zone")["f"][12])
    0.58
    """
    return read("climate_factors")[["zone", "name", "f"]]


def productivity_dynamics() -> pd.DataFrame:
    """The 18 combinations of trend, state and performance: their LPD class and degradation.

    Examples
    --------
    >>> productivity_dynamics().iloc[0].tolist()
    [1, 1, 0, 5, 1]
    """
    columns = ["trend", "state", "performance", "lpd", "degradation"]
    return read("productivity_dynamics")[columns]


def lpd_degradation() -> dict[int, int]:
    """LPD class 1…5 -> degraded (-1), stable (0) or improved (1).

    Examples
    --------
    >>> lpd_degradation()
    {1: -1, 2: -1, 3: 0, 4: 0, 5: 1}
    """
    table = productivity_dynamics().drop_duplicates("lpd").sort_values("lpd")
    return dict(zip(table["lpd"].tolist(), table["degradation"].tolist(), strict=True))


def status_matrix() -> pd.DataFrame:
    """Status from baseline and period assessment: baseline, period, status, detail (1…7).

    Examples
    --------
    >>> status_matrix().iloc[0].tolist()
    [-1, -1, -1, 1]
    """
    return read("status_matrix")[["baseline", "period", "status", "detail"]]


def critical_s() -> dict[int, int]:
    """Length of the series -> smallest |S| that Trends.Earth calls significant.

    Examples
    --------
    >>> critical_s()[16]
    36
    """
    table = read("critical_s")
    return dict(zip(table["n"].tolist(), table["s"].tolist(), strict=True))


def method(name: str) -> dict[str, float | int | bool | str]:
    """Explicit parameters of a method: ``"manual"`` or ``"trends.earth"``.

    Raises
    ------
    ValueError
        Unknown method.

    Examples
    --------
    >>> method("manual")["soil_inclusive"], method("trends.earth")["soil_inclusive"]
    (False, True)
    """
    if name not in METHODS:
        raise ValueError(f"Unknown method: found {name!r}; use one of {', '.join(METHODS)}.")
    convert = {"float": float, "int": int, "text": str, "bool": lambda text: text == "true"}
    table = read("methods")
    rows = zip(table["parameter"], table[METHODS[name]], table["type"], strict=True)
    return {parameter: convert[kind](value) for parameter, value, kind in rows}


@functools.cache
def constant(name: str) -> float:
    """A number of the guidance that a country file does not change (``constants.csv``).

    Examples
    --------
    >>> constant("state_z")
    1.96
    """
    table = read("constants").set_index("constant")["value"]
    if name not in table:
        raise KeyError(f"Unknown constant: found {name!r}; use one of {', '.join(table.index)}.")
    return float(table[name])


def prais_tables() -> pd.DataFrame:
    """The PRAIS tables we know: id, form, title_key, rows, columns, unit, decimals and more.

    Examples
    --------
    >>> "SO1-1.T4" in set(prais_tables()["id"])
    True
    """
    return read("prais_tables")
