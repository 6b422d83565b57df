"""A reference sample of the status: points of the whole country, and what they say of the map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ldnkit import degradation, reference_sample, sources, tables
from ldnkit.findings import Finding, InputError
from ldnkit.prais.report import WATER, legend_of
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

#: Rows that are read at a time.
STRIP = 256


def mapped(country, status: pd.DataFrame, *, period: str = "") -> pd.Series:
    """Area of every class of the status on the land of its year, without no data.

    Parameters
    ----------
    country : Country
    status : DataFrame
        Table ``status`` of the result ``degradation``, or of ``Effect.corrected``.
    period : str
        The last reporting period by default.

    Returns
    -------
    Series, km²
        By class.
    """
    frame = _on_land(country, status, period)
    return frame.groupby(_layer(country, period))["area_km2"].sum().astype(float)


def draw(country, results, *, number: int = 150, seed: int = 1, period: str = "") -> pd.DataFrame:
    """Points drawn by chance in every class of the status, over the whole country.

    Strip by strip, so that a large country fits into memory.

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result
        land_cover and degradation.
    number : int
        Points in all.
    seed : int
        The same seed draws the same points.
    period : str
        The last reporting period by default.

    Returns
    -------
    DataFrame
        As :func:`ldnkit.reference_sample.draw`.

    Raises
    ------
    ValueError
        Too few points.
    """
    status = _on_land(country, results["degradation"].tables["status"], period)
    column = _layer(country, period)
    cells = status.groupby(column)["cells"].sum()
    points = reference_sample.allocate(mapped(country, status, period=period), number)
    chance = np.random.default_rng(seed)
    ranks = {
        code: chance.choice(int(cells[code]), size=min(many, int(cells[code])), replace=False)
        for code, many in points.items()
    }
    places = {code: np.zeros((len(chosen), 2)) for code, chosen in ranks.items()}
    passed = dict.fromkeys(ranks, 0)
    for top, codes in _strips(country, results, period):
        for code, chosen in ranks.items():
            rows, columns = np.nonzero(codes == code)
            here = (chosen >= passed[code]) & (chosen < passed[code] + len(rows))
            at = chosen[here] - passed[code]
            places[code][here] = np.column_stack([rows[at] + top, columns[at]])
            passed[code] += len(rows)
    return reference_sample.worksheet(places, country.grid, chance)


def practice(country, sheet: pd.DataFrame, *, wrong: int = 4, empty: int = 3, seed: int = 1):
    """The worksheet of the training country, filled from its truth with a few honest errors.

    Parameters
    ----------
    country : Country
        Landia: no other country has a truth.
    sheet : DataFrame
        From :func:`draw`.
    wrong, empty : int
        Points that people got wrong, and points that nobody could reach.
    seed : int

    Returns
    -------
    DataFrame
        With reference, evidence and observer filled. The data are synthetic.

    Raises
    ------
    InputError
        Another country: its points have to be looked at.
    """
    from rasterio import open as opened

    if not country.synthetic:
        remedy = "Fill the worksheet with people who know the land, and read it back."
        found = f"{country.iso3}, a country without a planted truth"
        raise InputError([Finding("error", "worksheet", found, "Landia", remedy, "06")])
    truth = {}
    for period in (country.cycle.baseline, country.cycle.last):
        with opened(country.folder / "truth" / f"truth_{period.name}.tif") as source:
            east = sheet["longitude"].where(
                sheet["longitude"] >= source.bounds.left, lambda x: x + 360
            )
            where = zip(east, sheet["latitude"], strict=True)
            truth[period] = np.array([value[0] for value in source.sample(where)], np.int16)
    seen = degradation.status(*truth.values())
    chance = np.random.default_rng(seed)
    chosen = chance.permutation(len(sheet))
    mistaken, missed = chosen[:wrong], chosen[wrong : wrong + empty]
    for place in mistaken:
        others = [code for code in (-1, 0, 1) if code != seen[place]]
        seen[place] = chance.choice(others)
    filled = sheet.copy()
    words = [str(code) if code != NODATA else "" for code in seen]
    for place in missed:
        words[place] = ""
    filled["reference"] = words
    filled["evidence"] = ["field visit" if word else "no access" for word in words]
    filled["observer"] = "training team"
    return filled


def error_matrix(sample: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """Points by class of the map (rows) and class seen (columns).

    Examples
    --------
    >>> sample = pd.DataFrame({"stratum": [-1, -1, 0], "reference": [-1, 0, 0]})
    >>> error_matrix(sample).to_numpy().tolist()
    [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    """
    names = tables.palette("degradation", language).set_index("code")["label"]
    counts = pd.crosstab(sample["stratum"], sample["reference"])
    counts = counts.reindex(index=[-1, 0, 1], columns=[-1, 0, 1], fill_value=0)
    counts = counts.rename(index=names, columns=names)
    rows, columns = (tables.label(f"verification.{name}", language) for name in ("map", "seen"))
    return counts.rename_axis(index=rows, columns=columns)


def confidence(estimate: pd.DataFrame) -> tuple[str, str]:
    """A level of confidence for SO1-4.T2 that the sample supports; the team decides.

    A rule of thumb of the workbook: the lower one of user's and producer's accuracy of degraded
    land decides; a mapped area outside the interval of the estimate costs one level.

    Parameters
    ----------
    estimate : DataFrame
        From :func:`ldnkit.reference_sample.estimate`.

    Returns
    -------
    level : {"high", "medium", "low"}
    reason : str

    Examples
    --------
    >>> row = {"code": -1, "mapped_km2": 10.0, "lower": 8.0, "upper": 12.0}
    >>> row |= {"users_accuracy": 0.9, "producers_accuracy": 0.88}
    >>> confidence(pd.DataFrame([row]))[0]
    'high'
    """
    levels = ("low", "medium", "high")
    row = estimate.set_index("code").loc[-1]
    accuracy = 100 * min(row["users_accuracy"], row["producers_accuracy"])
    limits = [tables.constant(f"confidence_{level}_accuracy") for level in levels[1:]]
    level = sum(accuracy >= limit for limit in limits)
    reason = f"The lower accuracy of degraded land is {accuracy:.0f} %."
    if not row["lower"] <= row["mapped_km2"] <= row["upper"]:
        level = max(level - 1, 0)
        reason += " The mapped area lies outside the interval."
    else:
        reason += " The mapped area lies inside the interval."
    return levels[level], reason


def _layer(country, period: str) -> str:
    return f"status_{period or country.cycle.last.name}"


def _on_land(country, status: pd.DataFrame, period: str) -> pd.DataFrame:
    """Rows of the table that are land in the year of the status, and have a status."""
    year = country.cycle[period or country.cycle.last.name].status_year
    known = status[_layer(country, period)] != NODATA
    return status[known & ~status[f"land_cover_{year}"].isin(_water(country))]


def _water(country) -> list[int]:
    legend = legend_of(country)
    return legend.loc[legend["unccd"] == WATER, "code"].tolist()


def _strips(country, results: Mapping, period: str):
    """First row and classes of every strip; no data where a point may not lie."""
    year = country.cycle[period or country.cycle.last.name].status_year
    status = Raster(results["degradation"].layers[_layer(country, period)])
    cover = Raster(results["land_cover"].layers[f"land_cover_{year}"])
    zones, water = sources.layer_input(country, "zones"), _water(country)
    grid = country.grid
    for top in range(0, grid.shape[0], STRIP):
        window = grid[top : min(top + STRIP, grid.shape[0]), :]
        outside = np.isin(cover.read(window), water) | (zones.read(window) == NODATA)
        yield top, np.where(outside, NODATA, status.read(window))
