"""A reference sample: what the field says at points drawn by chance, and areas with intervals.

Points are drawn in every class of a map, people write down what they see there, and the areas of
the classes are estimated from both. The estimate supports the level of confidence of SO1-4.T2.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding, listed, stop_on_errors
from ldnkit.tables import NODATA

#: Columns that people fill in the worksheet.
TO_FILL = ("reference", "evidence", "observer", "date", "comments")


def allocate(shares: Mapping[int, float], number: int, *, minimum: int | None = None) -> pd.Series:
    """How many points each class gets: a minimum for rare ones, the rest by area.

    Parameters
    ----------
    shares : mapping of class to area or share
    number : int
        Points in all.
    minimum : int, optional
        Least points of a class; by default 50, or an equal part where ``number`` is too small.

    Returns
    -------
    Series
        Points by class; they add up to ``number``.

    Raises
    ------
    ValueError
        Fewer points than two per class: no interval could be computed.

    References
    ----------
    Olofsson et al. (2014), Remote Sensing of Environment 148, section 5.1.

    Examples
    --------
    >>> allocate({-1: 10.0, 0: 90.0}, 200).tolist()
    [50, 150]
    """
    shares = pd.Series(shares, dtype=float)
    shares = shares[shares > 0]
    if number < 2 * len(shares):
        raise ValueError(
            f"Too few points: found {number} for {len(shares)} classes; draw at least two in "
            "each class, better fifty."
        )
    least = int(tables.constant("sample_minimum")) if minimum is None else minimum
    least = min(least, number // len(shares))
    rare = shares[shares / shares.sum() * number < least].index
    points = pd.Series(float(least), index=shares.index)
    common = shares.index.difference(rare)
    if len(common):
        left = number - least * len(rare)
        points[common] = shares[common] / shares[common].sum() * left
        points = points.clip(lower=least)
        points *= 1.0
    whole = np.floor(points).astype(int)
    # what flooring, or a minimum that took more than its part, leaves over goes by size
    order = (points - whole).sort_values(ascending=False, kind="stable").index
    for place in range(abs(number - int(whole.sum()))):
        if number > whole.sum():
            whole[order[place % len(order)]] += 1
        else:
            whole[whole.idxmax()] -= 1
    return whole


def draw(layer, *, number: int, seed: int = 1, minimum: int | None = None, inside=None):
    """Points drawn by chance in every class of a map: the worksheet to fill in.

    Parameters
    ----------
    layer : DataArray (y, x), int16
        Classes with a coordinate reference system.
    number : int
        Points in all; see :func:`allocate`.
    seed : int
        The same seed draws the same points.
    minimum : int, optional
        As for :func:`allocate`.
    inside : ndarray of bool, optional
        Cells from which points are drawn.

    Returns
    -------
    DataFrame
        point, stratum (the class of the map; hide it from those who interpret), longitude,
        latitude (degrees, centre of the cell), and empty columns to fill: reference, evidence,
        observer, date, comments. In random order, so that a part of the list is a sample, too.

    Raises
    ------
    ValueError
        A layer without coordinate reference system or without classes, or too few points.
        Cells of a class are fewer than the points it should get: all of them are taken.

    Notes
    -----
    Every cell of a class has the same chance. On a grid in degrees the cells of the north are
    smaller than those of the south; for a country that spans more than a few degrees use an
    equal-area grid.
    """
    import odc.geo.xr  # noqa: F401

    from ldnkit import areas

    grid = layer.odc.geobox
    if grid is None or grid.crs is None:
        raise ValueError(
            "Points cannot be placed: found a layer without coordinate reference system; "
            "write it with layer.rio.write_crs(…)."
        )
    codes = np.asarray(layer)
    counted = codes != NODATA if inside is None else (codes != NODATA) & inside
    if not counted.any():
        raise ValueError("There is no class to draw from: found no data only; choose a layer.")
    sums = areas.crosstab(areas.cell_area(grid), where=counted, stratum=codes)
    points = allocate(sums.set_index("stratum")["area_km2"], number, minimum=minimum)
    chance = np.random.default_rng(seed)
    cells = {}
    for stratum, many in points.items():
        found = np.argwhere(counted & (codes == stratum))
        cells[stratum] = found[chance.choice(len(found), size=min(many, len(found)), replace=False)]
    return worksheet(cells, grid, chance)


def worksheet(cells: Mapping[int, np.ndarray], grid, chance) -> pd.DataFrame:
    """The sheet to fill in for cells that were drawn.

    Parameters
    ----------
    cells : mapping of class to ndarray (points, 2)
        Row and column of every point, by stratum.
    grid : GeoBox
    chance : numpy.random.Generator
        Shuffles the points.

    Returns
    -------
    DataFrame
        As :func:`draw`.

    Raises
    ------
    ValueError
        There is no class.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox.from_bbox((30, 0, 32, 2), "EPSG:4326", shape=(2, 2))
    >>> sheet = worksheet({-1: np.array([[0, 1]])}, grid, np.random.default_rng(1))
    >>> sheet[["point", "stratum", "longitude", "latitude"]].values.tolist()
    [[1.0, -1.0, 31.5, 1.5]]
    """
    from pyproj import Transformer

    if not cells:
        raise ValueError("There is no point for the sheet: found no class; draw points first.")

    parts = []
    for stratum, places in cells.items():
        x, y = grid.transform * (places[:, 1] + 0.5, places[:, 0] + 0.5)
        parts.append(pd.DataFrame({"stratum": stratum, "x": x, "y": y}))
    sheet = pd.concat(parts, ignore_index=True)
    sheet = sheet.iloc[chance.permutation(len(sheet))].reset_index(drop=True)
    degrees = Transformer.from_crs(grid.crs.to_wkt(), 4326, always_xy=True)
    longitude, latitude = degrees.transform(sheet.pop("x"), sheet.pop("y"))
    sheet.insert(0, "point", np.arange(1, len(sheet) + 1))
    sheet["longitude"] = (np.asarray(longitude) + 180) % 360 - 180
    sheet["latitude"] = latitude
    for column in TO_FILL:
        sheet[column] = ""
    return sheet


def read(path, *, classes: Mapping[int, str] | None = None) -> pd.DataFrame:
    """A filled worksheet; every problem is told at once.

    Parameters
    ----------
    path : str or Path
        CSV as :func:`draw` gives it. ``reference`` holds a class code or, with ``classes``,
        its name; empty means not looked at yet.
    classes : mapping of code to name, optional

    Returns
    -------
    DataFrame
        With ``reference`` as codes; points not looked at are left out, and a warning says so.

    Raises
    ------
    InputError
        Missing columns, unknown classes, or a point that is there twice.
    """
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    name = getattr(path, "name", str(path))
    needed = [column for column in ("point", "stratum", "reference") if column not in sheet]
    if needed:
        stop_on_errors(
            [
                Finding(
                    "error",
                    name,
                    f"no column {', '.join(needed)}",
                    "the columns of the worksheet",
                    "Keep the heading line of the worksheet.",
                    "06",
                )
            ]
        )
    known = {str(code): code for code in (classes or {})}
    known |= {text.strip().lower(): code for code, text in (classes or {}).items()}
    findings, references = [], []
    for line, value in enumerate(sheet["reference"].str.strip(), 2):
        code = known.get(value.lower()) if classes else _whole(value)
        references.append(code)
        if value and code is None:
            findings.append(
                Finding(
                    "error",
                    f"{name} line {line}: reference",
                    repr(value),
                    listed((classes or {}).values()) or "the code of a class",
                    "Write one of the classes, or leave the cell empty.",
                    "06",
                )
            )
    twice = sheet.loc[sheet["point"].duplicated(), "point"]
    if len(twice):
        remedy = "Keep one line for each point."
        findings.append(
            Finding("error", name, f"points twice: {listed(twice)}", "each once", remedy, "06")
        )
    sheet["stratum"] = [_whole(value) for value in sheet["stratum"]]
    sheet["reference"] = references
    open_ones = int(sheet["reference"].isna().sum())
    if open_ones:
        findings.append(
            Finding(
                "warning",
                name,
                f"{open_ones} of {len(sheet)} points without reference",
                "an answer for each point",
                "They are left out; leaving out the difficult ones makes the map look better.",
                "06",
            )
        )
    stop_on_errors(findings)
    return sheet.dropna(subset=["reference"]).astype({"reference": int, "stratum": int})


def _whole(value: str) -> int | None:
    try:
        return int(value)
    except ValueError:
        return None


def estimate(sample: pd.DataFrame, area: Mapping[int, float]) -> pd.DataFrame:
    """Area of every class from the map and the sample together, with its interval.

    Parameters
    ----------
    sample : DataFrame
        stratum (class of the map) and reference (class seen) of every point.
    area : mapping of stratum to km²
        Mapped area of every class, the whole map.

    Returns
    -------
    DataFrame
        One row per class: code, points (of the reference), mapped_km2, area_km2 (estimated),
        standard_error, lower, upper (km², 95 %), users_accuracy and producers_accuracy with
        their half widths (``_margin``), 0 to 1. ``attrs``: ``overall`` and ``overall_margin``.

    Raises
    ------
    ValueError
        A stratum of the sample without area, or a stratum with fewer than two points.

    References
    ----------
    Olofsson et al. (2014), Remote Sensing of Environment 148, equations 1 to 11.
    """
    area = pd.Series(area, dtype=float)
    area = area[area > 0]
    counts = pd.crosstab(sample["stratum"], sample["reference"]).astype(float)
    _refuse(counts, area)
    classes = sorted(set(counts.columns) | set(area.index))
    counts = counts.reindex(index=area.index, columns=classes, fill_value=0.0)
    many = counts.sum(axis=1)
    weight = area / area.sum()
    inside = counts.div(many, axis=0)  # share of each class in a stratum
    share = inside.mul(weight, axis=0)  # estimated share of the map, stratum by class
    total = share.sum()
    spread = inside.mul(1 - inside).div(many - 1, axis=0)
    error = np.sqrt(spread.mul(weight**2, axis=0).sum())
    z = NormalDist().inv_cdf(0.5 + tables.constant("sample_level") / 200)
    right = pd.Series({code: inside.at[code, code] for code in area.index}, dtype=float)
    right_error = np.sqrt(right * (1 - right) / (many - 1))
    rows = []
    for code in classes:
        found, estimated = total[code], total[code] * area.sum()
        users = right.get(code, float("nan"))
        producers, producers_error = _producers(code, inside, weight, many, right, right_error)
        rows.append(
            {
                "code": code,
                "points": int(counts[code].sum()),
                "mapped_km2": area.get(code, 0.0),
                "area_km2": estimated,
                "standard_error": error[code] * area.sum(),
                "lower": max(found - z * error[code], 0.0) * area.sum(),
                "upper": min(found + z * error[code], 1.0) * area.sum(),
                "users_accuracy": users,
                "users_margin": z * right_error.get(code, float("nan")),
                "producers_accuracy": producers,
                "producers_margin": z * producers_error,
            }
        )
    table = pd.DataFrame(rows)
    overall_error = float(np.sqrt((weight**2 * right_error.pow(2)).sum()))
    table.attrs = {"overall": float((weight * right).sum()), "overall_margin": z * overall_error}
    return table


def _producers(code, inside, weight, many, right, right_error) -> tuple[float, float]:
    """Producer's accuracy of a class and its standard error (equations 3 and 7)."""
    of_class = inside[code] * weight
    total = of_class.sum()
    if not total or code not in weight.index:
        return (float("nan") if not total else 0.0), float("nan")
    accuracy = of_class[code] / total
    own = weight[code] ** 2 * (1 - accuracy) ** 2 * right_error[code] ** 2
    others = weight.index != code
    spread = inside[code] * (1 - inside[code]) / (many - 1)
    rest = accuracy**2 * (weight[others] ** 2 * spread[others]).sum()
    return float(accuracy), float(np.sqrt(own + rest) / total)


def _refuse(counts: pd.DataFrame, area: pd.Series) -> None:
    strange = [code for code in counts.index if code not in area.index]
    if strange:
        raise ValueError(
            f"Points in classes that the map does not have: found {listed(strange)}; "
            "use the sample of this map."
        )
    few = [code for code in area.index if counts.reindex([code]).fillna(0).sum(axis=1).iloc[0] < 2]
    if few:
        raise ValueError(
            f"Classes with fewer than two points: found {listed(few)}; "
            "look at more points of these classes."
        )
