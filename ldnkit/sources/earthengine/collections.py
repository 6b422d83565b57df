"""The data sets that Earth Engine holds, as images and collections without values of no data.

Asset ids, bands and fill values stand in ``ldnkit/data/earthengine_assets.csv`` and nowhere else.
Names of data sets are those of the general catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import ee
import pandas as pd

from ldnkit import tables
from ldnkit.sources.earthengine import shared


@dataclass(frozen=True)
class Asset:
    """One row of the table of assets."""

    dataset: str
    layer: str
    asset: str
    kind: str
    band: str
    nodata: tuple[float, ...]
    mask_band: str
    mask_keep: tuple[int, ...]
    years: tuple[int, ...]
    step: str
    default: bool
    licence: str
    confirmed: str

    def name(self, year) -> str:
        """Name of the band of a year; empty for the only band."""
        return self.band.format(year=year, place=year - self.years[0] + 1, initial="")


def assets(layer: str | None = None) -> pd.DataFrame:
    """The table of assets, or its rows for one layer."""
    table = tables.read("earthengine_assets")
    return table if layer is None else table[table["layer"] == layer].reset_index(drop=True)


def asset(dataset: str) -> Asset:
    """What the table says about a data set.

    Raises
    ------
    ValueError
        Unknown data set; the message lists the known ones.

    Examples
    --------
    >>> asset("esa_cci").years[:2], asset("esa_cci").name(2015)
    ((1992, 1993), 'y2015')
    """
    table = assets().set_index("dataset")
    if dataset not in table.index:
        raise ValueError(
            f"Earth Engine has no data set of this name: found {dataset!r}; use one of "
            f"{', '.join(table.index)}."
        )
    row = table.loc[dataset]
    given = _numbers(row["years"])
    wanted = {field.name: row[field.name] for field in fields(Asset) if field.name in row}
    return Asset(
        **wanted
        | {
            "dataset": dataset,
            "nodata": _numbers(row["nodata"]),
            "mask_keep": _numbers(row["mask_keep"]),
            "years": given or tuple(range(int(row["first"]), int(row["last"]) + 1)),
            "default": row["default"] == "yes",
        }
    )


def default_of(layer: str) -> Asset:
    """The data set that serves a layer unless the team names another.

    Raises
    ------
    ValueError
        Earth Engine serves no such layer.
    """
    table = assets(layer)
    if table.empty:
        known = ", ".join(dict.fromkeys(assets()["layer"]))
        raise ValueError(
            f"Earth Engine does not serve this layer: found {layer!r}; use one of {known}."
        )
    return asset(table.loc[table["default"] == "yes", "dataset"].iloc[0])


def image(what: Asset, year: int, *, iso3: str = "", sex: str = "total") -> ee.Image:
    """The image of a year: one band ``value``, masked where there is no data.

    Parameters
    ----------
    what : Asset
        Of kind image, bands, mosaic or country.
    year : int
        One of its years.
    iso3 : str
        For people, which are kept country by country.
    sex : {"total", "female", "male"}
        For the data set that has it.
    """
    if what.kind == "country":
        found = _people(what, year, iso3, sex)
    elif what.kind == "mosaic":
        found = ee.ImageCollection(what.asset).mosaic().select([what.name(year)], ["value"])
    else:
        loaded = ee.Image(what.asset.format(year=year))
        band = what.name(year)
        found = loaded.select([band] if band else [0], ["value"])
    return without_fill(found, what.nodata)


def _people(what, year, iso3, sex) -> ee.Image:
    chosen = ee.ImageCollection(what.asset).filter(ee.Filter.eq("country", iso3))
    chosen = chosen.filter(ee.Filter.eq("year", year))
    if "{initial}" not in what.band:
        return chosen.select([what.band], ["value"]).first()
    band = what.band.format(initial={"male": "M", "female": "F"}[sex])
    return chosen.first().select([band]).reduce(ee.Reducer.sum()).rename(["value"])


def without_fill(values: ee.Image, fills) -> ee.Image:
    """The image with the cells masked that hold a fill value."""
    for fill in fills:
        values = values.updateMask(values.neq(fill))
    return values


def composites(what: Asset, first: int, last: int) -> ee.ImageCollection:
    """Composites of some years, both included, masked where their quality is poor.

    The season of the last year may reach into the next: that year is held too.
    """
    held = ee.ImageCollection(what.asset).filterDate(f"{first}-01-01", f"{last + 2}-01-01")

    def clean(one):
        values = without_fill(one.select([what.band], ["value"]), what.nodata)
        if what.mask_band:
            quality = one.select([what.mask_band])
            kept = quality.remap(list(what.mask_keep), [1] * len(what.mask_keep), 0)
            values = values.updateMask(kept)
        return values.set("system:time_start", one.get("system:time_start"))

    return held.map(clean)


def months(what: Asset, year: int) -> ee.Image:
    """Monthly precipitation of a year as twelve bands, m01 … m12, mm per month.

    A month without any image is masked.
    """
    held = ee.ImageCollection(what.asset).select([what.band], ["value"])
    bands = []
    for month in range(1, 13):
        begin = ee.Date.fromYMD(year, month, 1)
        within = held.filterDate(begin, begin.advance(1, "month"))
        within = ee.ImageCollection([shared.blank()]).merge(within)
        bands.append(within.sum().rename([f"m{month:02d}"]))
    return ee.Image.cat(bands)


def native(what: Asset, year: int, *, iso3: str = "") -> ee.Image:
    """An image that lies on the data set's own grid."""
    if what.kind == "country":
        chosen = ee.ImageCollection(what.asset).filter(ee.Filter.eq("country", iso3))
        return ee.Image(chosen.first()).select([0])
    if what.kind in ("collection", "mosaic"):
        return ee.Image(ee.ImageCollection(what.asset).first()).select([0])
    return ee.Image(what.asset.format(year=year)).select([0])


def _numbers(text) -> tuple[int, ...]:
    """Numbers of a cell such as ``9999|-32768``."""
    if isinstance(text, str):
        return tuple(int(part) for part in text.split("|") if part)
    return () if pd.isna(text) else (int(text),)
