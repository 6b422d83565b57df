"""Another transition matrix: what differs, what follows for the tables, and the files of it.

A change of the matrix needs no maps: the cross-table of land cover has the area of every pair of
classes in every period, so the tables follow from it exactly.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ldnkit import landcover, prais, tables
from ldnkit.country_file import check
from ldnkit.country_file.splice import put_in_place, with_scalar
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.prais.inputs import Inputs

#: Name of the matrix of the whole country; with regions, of the land outside them.
NATIONAL = ""
COLUMNS = ["from", "to", "sign", "process", "unlikely"]
FILE = "transition_matrix.csv"
#: Processes that the platform offers; a label ``process.<key>`` has their wording.
PROCESSES = (
    *("deforestation", "vegetation_loss", "urban_expansion", "wetland_drainage"),
    *("inundation", "woody_encroachment", "withdrawal_of_agriculture", "afforestation"),
    *("agricultural_expansion", "vegetation_establishment", "wetland_establishment"),
    *("withdrawal_of_settlements", "other"),
)
#: km² under which an unlikely change is not worth a word.
LEAST_AREA = 0.005


def start(country, path: str | Path = "") -> dict[str, pd.DataFrame]:
    """The matrices to begin with.

    Parameters
    ----------
    country : Country
    path : str or Path
        A CSV file (from, to, sign, process, unlikely) in place of the national matrix, or a
        folder in which :func:`save` wrote one for each region as well. By default the matrices
        that the country file names.

    Returns
    -------
    dict of str to DataFrame
        Name of the region -> its matrix; :data:`NATIONAL` is that of the whole country.

    Raises
    ------
    InputError
        The file is wrong; all its problems are listed.

    Examples
    --------
    >>> import ldnkit
    >>> list(start(ldnkit.open_country("landia")))  # doctest: +SKIP
    ['']
    """
    found = {NATIONAL: country.land_cover.matrix}
    found |= {region.name: region.matrix for region in country.regions}
    if not str(path):
        return found
    path, classes = Path(path), country.land_cover.legend
    if not path.is_dir():
        return found | {NATIONAL: tables.transition_matrix(path, classes=classes)}
    for name, file in _files(country).items():
        if (path / file).is_file() or name == NATIONAL:
            found[name] = tables.transition_matrix(path / file, classes=classes)
    return found


def default(country) -> pd.DataFrame:
    """The UNCCD default matrix for the classes of a country."""
    return tables.transition_matrix("unccd", classes=country.land_cover.legend)


def with_cell(
    matrix: pd.DataFrame, first: int, last: int, *, sign: int, process: str
) -> pd.DataFrame:
    """A matrix with another meaning of one transition.

    Parameters
    ----------
    matrix : DataFrame
        Columns from, to, sign, process, unlikely.
    first, last : int
        Classes of the first and the last year.
    sign : {-1, 0, 1}
    process : str
        What happens; nothing for a stable transition.

    Examples
    --------
    >>> changed = with_cell(tables.transition_matrix(), 3, 2, sign=0, process="")
    >>> int(changed.set_index(["from", "to"]).loc[(3, 2), "sign"])
    0
    """
    if sign not in (-1, 0, 1):
        raise ValueError(f"Unknown sign: found {sign!r}; use -1, 0 or 1.")
    here = (matrix["from"] == first) & (matrix["to"] == last)
    if not here.any():
        raise ValueError(
            f"Unknown transition: found {first} to {last}; use classes of the matrix, "
            f"{', '.join(map(str, sorted(set(matrix['from']))))}."
        )
    changed = matrix.copy()
    changed.loc[here, "sign"] = sign
    changed.loc[here, "process"] = " ".join(process.split())
    return changed


def differences(matrix: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The transitions whose sign or process differ: from, to, and sign, process of both.

    Examples
    --------
    >>> default_matrix = tables.transition_matrix()
    >>> changed = with_cell(default_matrix, 3, 2, sign=0, process="")
    >>> differences(changed, default_matrix)[["from", "to", "sign", "sign_before"]].values.tolist()
    [[3, 2, 0, -1]]
    """
    columns = ["from", "to", "sign", "process"]
    joined = matrix[columns].merge(
        other[columns], on=["from", "to"], how="left", suffixes=("", "_before")
    )
    differs = (joined["sign"] != joined["sign_before"]) | (
        joined["process"].map(_plain) != joined["process_before"].fillna("").map(_plain)
    )
    return joined[differs].reset_index(drop=True)


def _plain(process: str) -> str:
    return str(process).strip().replace("_", " ").lower()


def with_matrices(country, matrices: Mapping[str, pd.DataFrame]):
    """The same country with these matrices; nothing is written."""
    regions = tuple(
        dataclasses.replace(region, matrix=matrices.get(region.name, region.matrix))
        for region in country.regions
    )
    national = matrices.get(NATIONAL, country.land_cover.matrix)
    cover = dataclasses.replace(country.land_cover, matrix=national)
    return dataclasses.replace(country, land_cover=cover, regions=regions)


def judged(country, result):
    """The result of land cover with the matrices of a country, without reading a map.

    Parameters
    ----------
    country : Country
        As :func:`with_matrices` gives it.
    result : Result
        Of the indicator land_cover, computed with any matrices. Its maps are not changed.

    Returns
    -------
    Result
        The same with other classes of degradation in its cross-table: equal to a computation
        with these matrices.
    """
    matrices = {0: country.land_cover.matrix, 1: country.land_cover.matrix}
    matrices |= {number: region.matrix for number, region in enumerate(country.regions, 1)}
    table = result.tables["land_cover"].copy()
    for period in country.cycle.periods:
        first, last = (table[f"land_cover_{year}"].to_numpy("int16") for year in period.land_cover)
        classes = landcover.degradation(
            first, last, matrix=matrices, regions=table["zone"].to_numpy("int16")
        )
        table[f"degradation_{period.name}"] = classes.astype(
            table[f"degradation_{period.name}"].dtype
        )
    return dataclasses.replace(result, tables=result.tables | {"land_cover": table})


def report(country, result):
    """The tables of the form SO1-1 for the matrices of a country: SO1-1.T1, T3, T7 and others."""
    return prais.build(country, {"land_cover": judged(country, result)})


def effect(before, now) -> pd.DataFrame:
    """Area of each class of degradation with two matrices.

    Parameters
    ----------
    before, now : Report
        As :func:`report` gives them.

    Returns
    -------
    DataFrame
        Rows degraded, improved, stable, no_data; columns (period, before | now | difference),
        km².
    """
    first, last = before["SO1-1.T7"].frame, now["SO1-1.T7"].frame
    parts = {}
    for column in [name for name in first if name.endswith(".area")]:
        period = column.partition(".")[0]
        parts[period, "before"], parts[period, "now"] = first[column], last[column]
        parts[period, "difference"] = last[column] - first[column]
    frame = pd.DataFrame(parts).drop(index="total")
    return frame.loc[["degraded", "improved", "stable", "no_data"]]


def areas(country, result, name: str = NATIONAL) -> pd.DataFrame:
    """km² of every transition where a matrix holds: from, to, and one column for each period."""
    inputs = Inputs(country, {"land_cover": result})
    long = inputs.table("land_cover", "land_cover")
    numbers = {region.name: number for number, region in enumerate(country.regions, 1)}
    if name in numbers:
        long = long[long["zone"] == numbers[name]]
    else:
        long = long[~long["zone"].isin(numbers.values())]
    parts = []
    for period in country.cycle.periods:
        pair = [f"land_cover_{year}" for year in period.land_cover]
        sums = long.groupby(pair)["area_km2"].sum().rename(period.name)
        parts.append(sums.rename_axis(["from", "to"]))
    found = pd.concat(parts, axis=1).fillna(0.0).reset_index()
    known = found["from"].ne(tables.NODATA) & found["to"].ne(tables.NODATA)
    return found[known].reset_index(drop=True)


def findings(country, result, matrices: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """What has to be mended in the matrices, and what has to be known or explained.

    Parameters
    ----------
    country : Country
    result : Result
        Of the indicator land_cover.
    matrices : mapping of region to DataFrame

    Returns
    -------
    list of Finding
        Errors: a class that stays has a sign. Warnings: a sign without a process; a change that
        the matrix calls unlikely and that covers land. Infos: a sign or a process that is not
        that of the default, which the comments of the form have to explain.
    """
    usual, found = default(country), []
    for name, matrix in matrices.items():
        area = areas(country, result, name)
        periods = [column for column in area if column not in ("from", "to")]
        if area.empty and name == NATIONAL and country.regions:
            continue  # the regions are the whole country
        largest = area.set_index(["from", "to"])[periods].max(axis=1).to_dict()
        for row in matrix.to_dict("records"):
            where = _where(country, name, row)
            km2 = largest.get((row["from"], row["to"]), 0.0)
            found += _doubts(row, where, km2)
        for row in differences(matrix, usual).to_dict("records"):
            found.append(_to_explain(row, _where(country, name, row)))
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda each: order[each.severity])


def _doubts(row: Mapping, where: str, km2: float) -> list[Finding]:
    found = []
    if row["from"] == row["to"]:
        if row["sign"]:
            expected, remedy = "0: the class stays", "Set the sign of this cell to 0."
            found.append(Finding("error", where, _sign(row["sign"]), expected, remedy, "02"))
        return found
    if row["sign"] and not str(row["process"]).strip():
        remedy = "Name the process."
        found.append(Finding("warning", where, "nothing", "what happens", remedy, "02"))
    if row["unlikely"] and km2 >= LEAST_AREA:
        said = f"an unlikely change on {km2:,.2f} km²"
        remedy = "Look at these cells first: often one of the two maps is wrong there."
        found.append(Finding("warning", where, said, "", remedy, "02"))
    return found


def _to_explain(row: Mapping, where: str) -> Finding:
    meaning, usual = (
        f"{process} ({_sign(sign)})" if process else _sign(sign)
        for process, sign in (
            (row["process"], row["sign"]),
            (row["process_before"], row["sign_before"]),
        )
    )
    remedy = "Say in the comments of the form why the matrix is not the default one here."
    return Finding("info", where, meaning, usual, remedy, "02")


def _sign(sign: int) -> str:
    return {-1: "−", 0: "0", 1: "+"}[int(sign)]


def _where(country, name: str, row: Mapping) -> str:
    """``SO1-1.T3, North, cropland, grassland``: the table, the region, the two classes."""
    keys = country.land_cover.legend.set_index("code")["key"].to_dict()
    classes = [keys.get(row[end], str(row[end])) for end in ("from", "to")]
    return ", ".join(["SO1-1.T3", *([name] if name else []), *classes])


# ---------------------------------------------------------------------------- files
def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two matrices say the same."""
    return len(one) == len(other) and differences(one, other).empty


def _files(country) -> dict[str, str]:
    names = {region.name: number for number, region in enumerate(country.regions, 1)}
    return {NATIONAL: FILE} | {
        name: FILE.replace(".csv", f"_region_{number}.csv") for name, number in names.items()
    }


def save(country, matrices: Mapping[str, pd.DataFrame], folder: str | Path) -> dict[str, Path]:
    """Write matrices as CSV files that a country file can name.

    Parameters
    ----------
    country : Country
    matrices : mapping of region to DataFrame
    folder : str or Path

    Returns
    -------
    dict of str to Path
        Name of the region and its file: ``transition_matrix.csv`` for :data:`NATIONAL`,
        ``transition_matrix_region_1.csv`` and so on for regions.

    Raises
    ------
    InputError
        A matrix has a sign where a class stays. Nothing is written then.
    """
    folder, written = Path(folder), {}
    for name, matrix in matrices.items():
        staying = matrix[(matrix["from"] == matrix["to"]) & (matrix["sign"] != 0)]
        rows = staying.to_dict("records")
        stop_on_errors(each for row in rows for each in _doubts(row, _where(country, name, row), 0))
    folder.mkdir(parents=True, exist_ok=True)
    for name, matrix in matrices.items():
        path = folder / _files(country)[name]
        rows = matrix[COLUMNS].assign(unlikely=matrix["unlikely"].map({True: "yes", False: "no"}))
        partial = path.with_suffix(".part")
        rows.to_csv(partial, index=False, encoding="utf-8", lineterminator="\n")
        partial.replace(path)
        written[name] = path
    return written


def store(country, matrices: Mapping[str, pd.DataFrame]) -> dict[str, Path]:
    """Write the changed matrices beside country.yml and name them there; its other lines stay.

    A matrix that is the default one is named ``unccd`` and has no file.
    The country file as it was is kept beside it, with the ending ``.bak``.

    Parameters
    ----------
    country : Country
        Not the training country: its file is never changed.
    matrices : mapping of region to DataFrame

    Returns
    -------
    dict of str to Path
        The files that were written, by region.

    Raises
    ------
    InputError
        The matrices or the lines would be wrong; the country file is then as it was.
    """
    if country.synthetic:
        found, remedy = "the training country", "Open your own country to write its files."
        raise InputError([Finding("error", "country.yml", found, "your country", remedy, "02")])
    places = {NATIONAL: ("land_cover", "matrix")}
    places |= {region.name: ("regions", at, "matrix") for at, region in enumerate(country.regions)}
    usual, now = default(country), start(country)
    changed = {name: each for name, each in matrices.items() if not same(each, now[name])}
    own = {name: each for name, each in changed.items() if not same(each, usual)}
    written = save(country, own, country.folder)
    text = before = country.path.read_text(encoding="utf-8-sig")
    for name in changed:
        text = with_scalar(text, places[name], written[name].name if name in own else "unccd")
    _, found = check(text, country.folder, country.path.name)
    stop_on_errors(each for each in found if "matrix" in each.where)
    if text != before:
        put_in_place(text, country.path)
    return written
