"""SO3-1 drought hazard as Earth Engine graphs, with the rules of :mod:`ldnkit.drought`."""

from __future__ import annotations

import ee

from ldnkit import tables
from ldnkit.drought_fits import LEAST_SPREAD
from ldnkit.drought_kernels import needed_sums
from ldnkit.sources.earthengine import shared
from ldnkit.sources.earthengine.shared import series, valid_count

#: Probabilities beyond these have a score beyond ± 5.9.
SMALLEST = 1e-9
#: Wichura (1988), algorithm AS 241, PPND16: numerator and denominator close to the middle and
#: away from it, lowest power first.
# fmt: off
MIDDLE = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
     21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610),
)
AWAY = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
     3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
     0.0227238449892691845833, 0.000774545014278341407640),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
     0.148103976427480074590, 0.0151986665636164571966, 0.000547593808499534494600,
     0.00000000105075007164441684324),
)
# fmt: on


def spi(
    precipitation: ee.ImageCollection,
    *,
    years: tuple[int, int],
    month=12,
    scale=12,
    reference=(1981, 2010),
    limit=3.09,
) -> ee.ImageCollection:
    """Standardised precipitation index of one calendar month, year by year.

    A gamma distribution (Thom's fit) of the positive sums of the reference period, zeros by
    H(x) = q + (1 − q) G(x), SPI = Φ⁻¹(H), cut to ± ``limit``.

    Parameters
    ----------
    precipitation : ee.ImageCollection, mm per month
        One band and one image for each month, with ``system:time_start``.
    years : (int, int)
        First and last year; they must hold the reference period.
    month, scale, reference, limit
        As for :func:`ldnkit.drought.spi`.

    Returns
    -------
    ee.ImageCollection
        Band ``value`` (float), property ``year``; masked as the local function gives NaN.

    Raises
    ------
    ValueError
        A reference period outside the years, or a limit outside 0…5.9.

    References
    ----------
    UNCCD reporting manual, SO3-1; McKee, Doesken and Kleist (1993); Thom (1958).
    """
    if not 0 < limit <= 5.9:
        raise ValueError(f"The limit lies between 0 and 5.9: found {limit}; use for example 3.09.")
    if years[0] > reference[0] or years[1] < reference[1]:
        raise ValueError(
            f"The reference period must lie inside the years: found {reference} and {years}; "
            "give years that hold it."
        )
    amounts = sums(precipitation, years=years, month=month, scale=scale)
    shape, width, zero_share, number = fit(series(amounts, reference))
    enough = number.gte(needed_sums(reference))

    def score(image):
        below = gamma_share(image.divide(width), shape)
        probability = zero_share.multiply(-1).add(1).multiply(below).add(zero_share)
        index = normal_score(probability).max(-limit).min(limit)
        index = index.updateMask(enough).updateMask(image.mask())
        return index.toFloat().rename(["value"]).set("year", image.get("year"))

    return amounts.map(score)


def sums(
    precipitation: ee.ImageCollection, *, years: tuple[int, int], month=12, scale=12
) -> ee.ImageCollection:
    """Sums over the ``scale`` months that end in a calendar month; property ``year``.

    A sum with a missing month is masked.
    """
    monthly = precipitation.select([0], ["value"])

    def of_year(year):
        end = ee.Date.fromYMD(year, month, 1).advance(1, "month")
        within = monthly.filterDate(end.advance(-scale, "month"), end)
        within = within.map(lambda image: image.toDouble())
        held = ee.ImageCollection([shared.blank()]).merge(within)
        return held.sum().updateMask(valid_count(held).eq(scale)).set("year", year)

    return ee.ImageCollection.fromImages(ee.List.sequence(*years).map(of_year))


def fit(amounts: ee.ImageCollection) -> tuple[ee.Image, ee.Image, ee.Image, ee.Image]:
    """Thom's fit of each cell: shape and scale (mm), share of zero sums, number of sums.

    Masked where no amount is positive or all are equal.
    """

    def parts(image):
        positive = image.updateMask(image.gt(0))
        return (
            ee.Image.cat([positive.unmask(0, False), positive.log().unmask(0, False), image.gt(0)])
            .updateMask(image.mask())
            .toDouble()
            .rename(["sum", "logarithms", "positive"])
        )

    total = amounts.map(parts).sum()
    positive = total.select(["positive"])
    number = valid_count(amounts)
    mean = total.select(["sum"]).divide(positive)
    spread = mean.log().subtract(total.select(["logarithms"]).divide(positive))
    spread = spread.updateMask(spread.gt(LEAST_SPREAD).And(positive.gt(0)))
    shape = spread.multiply(4).divide(3).add(1).sqrt().add(1).divide(spread.multiply(4))
    zero_share = number.subtract(positive).divide(number)
    return shape, mean.divide(shape), zero_share, number


def gamma_share(amounts: ee.Image, shape: ee.Image) -> ee.Image:
    """Share of a gamma distribution (scale 1) below the amounts: the incomplete gamma function.

    The documentation does not say which argument of ``gammainc`` is the shape. A known value
    tells: P(1, 2) = 0.86, P(2, 1) = 0.26.
    """
    probe = ee.Image.constant(1).toDouble().gammainc(ee.Image.constant(2).toDouble())
    shape_first = probe.gt(0.5)
    amounts, shape = amounts.select([0], ["share"]), shape.select([0], ["share"])
    positive = amounts.max(1e-30)  # at zero the share is zero, whatever the server makes of it
    first, second = positive.where(shape_first, shape), shape.where(shape_first, positive)
    return first.gammainc(second).multiply(amounts.gt(0))


def normal_score(probability: ee.Image) -> ee.Image:
    """Φ⁻¹ of a probability, to 1e-14 within ± 5.9.

    References
    ----------
    Wichura (1988), algorithm AS 241, Applied Statistics 37.
    """
    p = probability.max(SMALLEST).min(1 - SMALLEST)
    q = p.subtract(0.5)
    near = q.multiply(q).multiply(-1).add(0.180625)
    middle = q.multiply(_ratio(near, MIDDLE))
    tail = p.min(p.multiply(-1).add(1)).log().multiply(-1).sqrt().subtract(1.6)
    away = _ratio(tail, AWAY).multiply(q.signum())
    return away.where(q.abs().lte(0.425), middle)


def _ratio(x, polynomials):
    """Quotient of two polynomials; both are bands of one image, so the graph stays small."""
    names = ["above", "below"]
    pairs = list(zip(*polynomials, strict=True))
    value = ee.Image.constant(list(pairs[-1])).rename(names)
    for pair in reversed(pairs[:-1]):
        value = value.multiply(x).add(ee.Image.constant(list(pair)).rename(names))
    return value.select(["above"]).divide(value.select(["below"]))


def classes(index: ee.Image, *, compat=None) -> ee.Image:
    """Drought classes 0…4 of a standardised index.

    Parameters
    ----------
    index : ee.Image
    compat : None or "trends.earth"
        As for :func:`ldnkit.drought.classes`.

    Returns
    -------
    ee.Image, int16

    References
    ----------
    UNCCD reporting manual, SO3-1. Thresholds: ``ldnkit/data/drought_classes.csv``.
    """
    if compat not in (None, "", "trends.earth"):
        raise ValueError(f"Unknown compat: found {compat!r}; use None or 'trends.earth'.")
    uppers = tables.read("drought_classes")["upper"].dropna().tolist()
    index = index.select([0], ["drought"])
    drier = [index.lt(upper) if compat else index.lte(upper) for upper in uppers]
    return ee.Image.cat(drier).reduce(ee.Reducer.sum()).toInt16().rename(["drought"])


def worst(index_or_classes: ee.ImageCollection, *, years: tuple[int, int]) -> ee.Image:
    """The highest drought class of every cell in a window of years, both included.

    Masked only where every year is masked.
    """
    return series(index_or_classes, years).max().toInt16().rename(["drought"])
