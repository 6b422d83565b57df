"""The distributions behind SPI and SPEI: fits of all cells at once, and standard normal scores.

Arrays have time first and cells behind, float64, NaN where a value is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

#: Amounts that vary less than this (ln of the mean − mean of the ln) are all equal.
LEAST_SPREAD = 1e-10
#: Thom's guess is within a few percent and every step doubles the digits: enough for any shape.
NEWTON_STEPS = 5
#: Gamma distributions of at least this shape have a smooth score between ± ``SPAN``: it is a
#: polynomial through the exact scores at the ``PLACES`` (Chebyshev's).
SMOOTH_SHAPE, SPAN = 10, 3.5
PLACES = np.cos(np.pi * (np.arange(12) + 0.5) / 12)
TO_COEFFICIENTS = np.linalg.inv(np.vander(PLACES))


@dataclass(frozen=True)
class Fit:
    """The distribution of each cell: its parameters, and the share of zero sums."""

    parameters: tuple[np.ndarray, ...]
    zero_share: np.ndarray

    @property
    def found(self) -> np.ndarray:
        return np.logical_and.reduce([np.isfinite(each) for each in self.parameters])


def gamma_fit(amounts, *, fit: str = "thom") -> tuple[np.ndarray, np.ndarray]:
    """Shape and scale of the gamma distribution of the positive amounts of each cell.

    With A = ln(mean) − mean(ln), Thom's approximation is shape = (1 + √(1 + 4A/3)) / (4A);
    full maximum likelihood (``ml``) solves ln(shape) − ψ(shape) = A by Newton's method.
    Scale = mean / shape. NaN where no amount is positive or all are equal.

    References
    ----------
    Thom (1958); Minka (2002), Estimating a Gamma distribution.

    Examples
    --------
    >>> shape, scale = gamma_fit(np.array([[10.0], [20], [30], [0]]))
    >>> [round(float(value), 4) for value in (*shape, *scale)]
    [5.3757, 3.7204]
    """
    positive = amounts > 0
    number = add_rows(positive.astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = add_rows(np.where(positive, amounts, 0.0)) / number
        mean_of_logarithms = add_rows(np.log(np.where(positive, amounts, 1.0))) / number
        spread = np.log(mean) - mean_of_logarithms
        spread = np.where(spread > LEAST_SPREAD, spread, np.nan)
        shape = (1 + np.sqrt(1 + 4 * spread / 3)) / (4 * spread)
        if fit == "ml":
            for _ in range(NEWTON_STEPS):
                off = np.log(shape) - special.digamma(shape) - spread
                bend = shape**2 * (1 / shape - special.zeta(2, shape))  # ζ(2, a) = ψ′(a)
                shape = 1 / (1 / shape + off / bend)
        return shape, mean / shape


def loglogistic_fit(amounts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Location, scale and shape of the log-logistic distribution of each cell.

    Three parameters from unbiased probability-weighted moments, in Hosking's form of the
    generalised logistic: F(x) = 1 / (1 + e⁻ʸ), y = −ln(1 − shape (x − location) / scale) / shape.
    In the form of Vicente-Serrano, F(x) = 1 / (1 + (α / (x − γ))ᵝ), that is β = −1/shape,
    α = −scale/shape, γ = location + scale/shape. NaN where all amounts are equal, or for fewer
    than three.

    References
    ----------
    Hosking and Wallis (1997); Vicente-Serrano, Beguería and López-Moreno (2010);
    Beguería et al. (2014) on unbiased moments.

    Examples
    --------
    >>> parameters = loglogistic_fit(np.array([[1.0], [2], [3], [4], [10]]))
    >>> [round(float(each[0]), 4) for each in parameters]
    [2.5465, 1.2732, -0.5]
    """
    ordered = np.sort(amounts, axis=0)  # NaN last
    known = np.isfinite(ordered)
    number = add_rows(known.astype(float))
    ordered = np.where(known, ordered, 0.0)
    ranks = np.arange(len(ordered), dtype=float).reshape(-1, *[1] * (ordered.ndim - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        first = add_rows(ordered) / number
        second = add_rows(ranks * ordered) / (number * (number - 1))
        third = add_rows(ranks * (ranks - 1) * ordered) / (number * (number - 1) * (number - 2))
        spread = 2 * second - first
        largest = np.maximum(np.abs(ordered).max(axis=0, initial=0), np.finfo(float).tiny)
        spread = np.where((number > 2) & (spread > LEAST_SPREAD * largest), spread, np.nan)
        shape = -(6 * third - 6 * second + first) / spread
        shape = np.where(np.abs(shape) < 1, shape, np.nan)
        width = np.sinc(shape)  # sin(πk) / (πk)
        scale = spread * width
        # (1/k − π / sin(πk)), which is −π² k / 6 close to k = 0
        small = np.abs(shape) < 1e-5
        away = np.where(small, -(np.pi**2) * shape / 6, (1 - 1 / width) / shape)
        return first - scale * away, scale, shape


def _spi_fit(known, fit):
    zeros, number = add_rows((known == 0).astype(float)), add_rows(np.isfinite(known).astype(float))
    with np.errstate(invalid="ignore"):
        return Fit(gamma_fit(known, fit=fit), zeros / number)


def _spi_scores(amounts, fitted, limit):
    """Φ⁻¹(H(x)) with H(x) = q + (1 − q) G(x), so that H(0) = q."""
    shape, scale = fitted.parameters
    amounts, zero_share = amounts / scale, fitted.zero_share
    smooth = (shape >= SMOOTH_SHAPE) & (zero_share == 0) & (limit <= SPAN - 0.1)
    if smooth.all():
        return smooth_scores(amounts, shape)
    scores = np.empty_like(amounts)
    if smooth.any():
        scores[:, smooth] = smooth_scores(amounts[:, smooth], shape[smooth])
    others = ~smooth
    below = special.gammainc(shape[others], amounts[:, others])
    scores[:, others] = special.ndtri(zero_share[others] + (1 - zero_share[others]) * below)
    return scores


def smooth_scores(amounts, shape):
    """Φ⁻¹ of the gamma distribution, scale 1 and shape 10 or more, to 1e-8 within ± 3.4.

    The cube root of a gamma variate is almost normal, its mean 1 − 1/(9 shape) and its standard
    deviation 1/(3 √shape) in units of the cube root of the shape. So the score is almost a
    straight line in it, and a polynomial through a few exact scores of each cell gives all the
    others, in less than half the time. Amounts beyond the span have the score of its end.

    References
    ----------
    Wilson and Hilferty (1931).

    Examples
    --------
    >>> exact = special.ndtri(special.gammainc(16.0, 20.0))
    >>> bool(abs(smooth_scores(np.array([[20.0]]), np.array([16.0])) - exact) < 1e-8)
    True
    """
    centre, reach = 1 - 1 / (9 * shape), SPAN / (3 * np.sqrt(shape))
    roots = centre + reach * PLACES[:, None]
    exact = special.ndtri(special.gammainc(shape, shape * roots**3))
    place = np.clip((np.cbrt(amounts / shape) - centre) / reach, -1, 1)
    scores = np.zeros_like(place)
    for weights in TO_COEFFICIENTS:  # highest power first
        scores *= place
        scores += add_rows(weights[:, None] * exact)
    return scores


def _spei_fit(known, fit):
    return Fit(loglogistic_fit(known), np.zeros(known.shape[1:]))


def _spei_scores(amounts, fitted, limit):
    location, scale, shape = fitted.parameters
    away = (amounts - location) / scale
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # beyond the end of the distribution the logarithm is that of zero: probability 0 or 1
        bent = -np.log1p(np.maximum(-shape * away, -1)) / shape
        return special.ndtri(special.expit(np.where(shape == 0, away, bent)))


def add_rows(rows):
    """Rows added one by one: the same digits for a cell alone and for a cell among others."""
    total = np.zeros(rows.shape[1:])
    for row in rows:
        total += row
    return total


#: Index: (fit, standard normal scores).
KINDS = {"SPI": (_spi_fit, _spi_scores), "SPEI": (_spei_fit, _spei_scores)}
