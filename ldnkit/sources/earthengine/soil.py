"""SO1-3 soil organic carbon as Earth Engine graphs, with the rules of :mod:`ldnkit.soil`."""

from __future__ import annotations

from collections.abc import Sequence

import ee

from ldnkit import soil as local
from ldnkit.sources.earthengine.shared import rint, series, valid_count

#: A year that is before every map.
LONG_AGO = -10_000


def stocks(
    reference: ee.Image,
    land_cover: ee.ImageCollection,
    factors_f,
    *,
    wanted: Sequence[int],
    years: Sequence[int],
    factors="unccd",
    reference_year=2000,
    timing="start",
    conversion_years=20,
) -> ee.Image:
    """Soil organic carbon stock of the wanted years, from a reference stock and land cover.

    The maps are followed one by one on the server; the graph does not grow with their number.

    Parameters
    ----------
    reference : ee.Image, t/ha
        Stock of the topsoil, 0–30 cm, in ``reference_year``.
    land_cover : ee.ImageCollection
        Classes of the legend; each image has the property ``year``.
    factors_f : ee.Image or float
        Climate factor f; masked where the climate is unknown.
    wanted : sequence of int
        Years of the result, not before ``reference_year``.
    years : sequence of int
        Years of the maps.
    factors, reference_year, timing, conversion_years
        As for :func:`ldnkit.soil.stocks`.

    Returns
    -------
    ee.Image, double, t/ha
        Band ``y2015`` for 2015, and so on; masked as the local function gives NaN.

    Raises
    ------
    ValueError
        Years out of order, or an unknown timing.

    References
    ----------
    UNCCD reporting manual, SO1-3 (modified Tier 1); IPCC 2006 guidelines, volume 4.
    """
    if timing not in ("start", "middle"):
        raise ValueError(f"Unknown timing: found {timing!r}; use start or middle.")
    if list(years) != sorted(set(years)):
        raise ValueError(f"The land cover years are not in order: found {years}; sort them.")
    maps = series(land_cover.filter(ee.Filter.inList("year", list(years)))).sort("year")
    known_factor = _climate(factors_f)
    names = [f"y{year}" for year in wanted]
    wanted_years = ee.Image.constant(list(wanted)).toDouble().rename(names)
    end = ee.Image.constant([min(year, years[-1]) for year in wanted]).toDouble().rename(names)
    stock = reference.select([0]).toDouble()

    def at(state, year):
        """Stock on the line of each cell in a year."""
        share = year.subtract(state.select("begin")).divide(conversion_years).max(0).min(1)
        base = state.select("base")
        return state.select("target").subtract(base).multiply(share).add(base)

    def follow(image, state):
        image, state = ee.Image(image), ee.Image(state)
        year = ee.Image.constant(ee.Number(image.get("year"))).toDouble()
        mapped, cover = image.mask().gt(0).unmask(0, False), image.unmask(0, False)
        line, before, earlier = (
            state.select(["base", "target", "begin"]),
            state.select("class"),
            state.select("seen"),
        )
        begin = earlier
        if timing == "middle":
            apart = year.subtract(earlier).gt(1)
            begin = earlier.where(apart, earlier.add(year).divide(2))
        begin = begin.max(reference_year)
        moved = mapped.And(before.neq(cover)).And(year.gt(reference_year))
        factor, unknown = _factor(before, cover, known_factor, factors)
        reached = at(line, begin)
        turned = ee.Image.cat([reached, reached.multiply(factor), begin])
        line = line.where(moved, turned.rename(["base", "target", "begin"]))
        lost = state.select("lost").min(
            ee.Image.constant(-LONG_AGO).toDouble().where(moved.And(unknown), begin)
        )
        result = state.select(names)
        result = result.where(begin.lt(wanted_years).And(moved), at(line, wanted_years))
        return ee.Image.cat(
            [
                line,
                before.where(mapped, cover),
                earlier.where(mapped, year),
                lost,
                result,
            ]
        ).rename(["base", "target", "begin", "class", "seen", "lost", *names])

    same = stock.unmask(0, False)
    start = ee.Image.cat(
        [same, same, _constant(0), _constant(0), _constant(LONG_AGO), _constant(-LONG_AGO)]
        + [same] * len(names)
    ).rename(["base", "target", "begin", "class", "seen", "lost", *names])
    final = ee.Image(maps.iterate(follow, start))
    first = valid_count(maps.filter(ee.Filter.eq("year", years[0]))).gt(0)
    mapped = final.select("seen").gte(end)  # what became of a cell after its last map is unknown
    kept = final.select("lost").gte(wanted_years)
    result = final.select(names)
    for mask in (stock.mask().gt(0), first, mapped, kept):
        result = result.updateMask(mask)
    return result


def _constant(value) -> ee.Image:
    return ee.Image.constant(value).toDouble()


def _climate(factors_f) -> ee.Image:
    """The factor as double with six digits: one that came as float32 is 0.8 again."""
    if not isinstance(factors_f, ee.Image):
        return _constant(round(float(factors_f), 6))
    return rint(factors_f.select([0]).toDouble().multiply(1e6)).divide(1e6)


def _factor(before, after, climate, factors):
    """Conversion factor of a change, and where it is unknown because the climate is."""
    table = local.factor_table(factors)
    pairs = (table["from"] * 1000 + table["to"]).tolist()
    change = before.multiply(1000).add(after)
    number = change.remap(pairs, table["number"].astype(float).tolist(), 0.0).toDouble()
    power = change.remap(pairs, table["power"].astype(int).tolist(), 2)
    known = climate.mask().gt(0).unmask(0, False)
    f = climate.unmask(1, False)
    factor = number.where(power.eq(1), number.multiply(f))
    factor = factor.where(power.eq(-1), number.multiply(ee.Image.constant(1.0).divide(f)))
    return factor, power.eq(2).Or(power.neq(0).And(known.Not()))


def change(stock_first: ee.Image, stock_last: ee.Image) -> ee.Image:
    """Change of the stock in percent of the first year's stock, rounded to 1e-6, double.

    Masked where a stock is missing or the first stock is not positive.
    """
    first = stock_first.select([0], ["change"]).toDouble()
    last = stock_last.select([0], ["change"]).toDouble()
    percent = last.subtract(first).divide(first).multiply(100).updateMask(first.gt(0))
    return rint(percent.multiply(1e6)).divide(1e6)


def degradation(change: ee.Image, *, threshold=10, inclusive=False, truncate=False) -> ee.Image:
    """Degradation (-1, 0, 1) from the change of the stock in percent.

    Parameters
    ----------
    change : ee.Image, %
    threshold, inclusive, truncate
        As for :func:`ldnkit.soil.degradation`.

    Raises
    ------
    ValueError
        A threshold that is not positive.

    References
    ----------
    UNCCD reporting manual, SO1-3.
    """
    if not threshold > 0:
        raise ValueError(f"The threshold must be positive: found {threshold}; use for example 10.")
    size = change.abs().floor() if truncate else change.abs()
    beyond = size.gte(threshold) if inclusive else size.gt(threshold)
    return change.signum().multiply(beyond).toInt16().rename(["degradation"])
