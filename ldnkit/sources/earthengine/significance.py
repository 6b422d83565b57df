"""The Mann–Kendall test as an Earth Engine graph of constant size.

Classes are decided on whole numbers (S and its critical value) wherever the test allows, as in
:mod:`ldnkit.mannkendall`, whose tables these graphs carry.
"""

from __future__ import annotations

from statistics import NormalDist

import ee

from ldnkit.mannkendall import EXACT_UP_TO, critical_s, exact_p

#: Larger than any S.
NEVER = 10**9


def mann_kendall(values: ee.ImageCollection) -> tuple[ee.Image, ee.Image]:
    """S of every cell, and Σ t (t − 1)(2t + 5) over its groups of t equal values.

    Parameters
    ----------
    values : ee.ImageCollection
        One band, double; each image has the property ``year``.

    Returns
    -------
    s, ties : ee.Image, double
        ``ties`` is 0 for a cell without equal values.
    """

    def against_all(image):
        year = ee.Number(image.get("year"))

        def pair(other):
            difference = other.subtract(image)
            later = ee.Image.constant(ee.Number(other.get("year")).gt(year))
            return ee.Image.cat([difference.signum().multiply(later), difference.eq(0)]).rename(
                ["s", "alike"]
            )

        sums = values.map(pair).sum().toDouble()
        alike = sums.select(["alike"])
        # a value among c equal ones adds (c − 1)(2c + 5): a group adds t (t − 1)(2t + 5)
        ties = alike.subtract(1).multiply(alike.multiply(2).add(5))
        return ee.Image.cat([sums.select(["s"]), ties]).rename(["s", "ties"])

    sums = values.map(against_all).sum()
    return sums.select(["s"]), sums.select(["ties"])


def significant(s: ee.Image, ties: ee.Image, n: ee.Image, *, length: int, alpha: float) -> ee.Image:
    """Whether each series changes significantly: p ≤ alpha.

    Untied series of up to 40 values are decided on S; the others on the normal approximation
    with continuity and tie correction, (|S| − 1)² ≥ z² × variance.
    """
    counts = list(range(min(length, EXACT_UP_TO) + 1))
    limit = n.toInt().remap(counts, [critical_s(count, alpha) for count in counts], NEVER)
    untied = ties.eq(0).And(n.lte(EXACT_UP_TO))
    steps, variance = _steps(s), _variance18(n, ties)
    z = -NormalDist().inv_cdf(alpha / 2)
    beyond = steps.multiply(steps).multiply(18).gte(variance.multiply(z * z))
    beyond = beyond.And(variance.gt(0))
    return s.abs().gte(limit).And(untied).Or(beyond.And(untied.Not()))


def p_values(s: ee.Image, ties: ee.Image, n: ee.Image, *, length: int) -> ee.Image:
    """Two-sided p of every series; the exact table travels in the graph (some kilobytes)."""
    keys, values = [], []
    for count in range(1, min(length, EXACT_UP_TO) + 1):
        pairs = count * (count - 1) // 2
        for size in range(pairs % 2, pairs + 1, 2):
            keys.append(count * 1000 + size)
            values.append(float(exact_p(count)[size]))
    exact = n.multiply(1000).add(s.abs()).toInt().remap(keys, values, 1.0).toDouble()
    z = _steps(s).divide(_variance18(n, ties).divide(18).sqrt())  # 0 where the variance is 0
    normal = z.divide(2**0.5).erfc()
    return normal.where(ties.eq(0).And(n.lte(EXACT_UP_TO)), exact)


def _steps(s):
    return s.abs().subtract(1).max(0)


def _variance18(n, ties):
    """18 times the variance of S."""
    return n.multiply(n.subtract(1)).multiply(n.multiply(2).add(5)).subtract(ties)
