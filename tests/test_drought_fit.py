"""The fits and probabilities of SPI and SPEI against other people's code and against definitions.

Tolerances: the index comes as float32, so 1e-6 is as close as two codes can be asked to come.
"""

import math
import warnings
from itertools import combinations

import numpy as np
import pytest
from scipy import optimize, special, stats

from ldnkit import drought_fits as fits
from ldnkit import drought_kernels as kernels

RANDOM = np.random.default_rng(11)
TIMES = [(year, month) for year in range(1981, 2024) for month in range(1, 13)]
# gamma distributions from nearly exponential (deserts) to nearly normal (rainforest)
SHAPES = np.array([0.4, 0.9, 1.5, 3, 8, 20, 60, 200, 800])


def sums_of_thirty_years(zeros=0):
    """Sums of 30 years for cells with very different shapes, with some dry years."""
    amounts = RANDOM.gamma(SHAPES, 600 / SHAPES, (30, len(SHAPES)))
    for cell in range(len(SHAPES)):
        amounts[RANDOM.permutation(30)[:zeros], cell] = 0
    return amounts


def monthly_rain(cells=25, dry_share=0.0):
    """43 years of months: a rainy season, a dry one, zeros if wanted."""
    season = 60 * (1.05 + np.sin(np.arange(12) * math.pi / 6))
    shape = RANDOM.uniform(0.5, 6, cells)
    amounts = RANDOM.gamma(shape, np.tile(season, 43)[:, None] / shape, (516, cells))
    amounts[RANDOM.random(amounts.shape) < dry_share] = 0
    return amounts


def with_climate_indices(function, *series, scale, distribution):
    """The index of climate_indices, cells along the last axis."""
    from climate_indices import compute, indices

    options = {
        "scale": scale,
        "distribution": indices.Distribution[distribution],
        "data_start_year": 1981,
        "calibration_year_initial": 1981,
        "calibration_year_final": 2010,
        "periodicity": compute.Periodicity.monthly,
        "spatial_time_major": True,
    }
    blocks = [one.reshape(len(one), 1, -1) for one in series]
    with warnings.catch_warnings(action="ignore"):  # its remarks on poor fits
        return getattr(indices, function)(*blocks, **options).reshape(series[0].shape)


def of_januaries(amounts, **options):
    """Index and quality of sums of one month, a January of each year from 1981."""
    series = np.repeat(amounts, 12, axis=0)
    times = [(1981 + row // 12, row % 12 + 1) for row in range(len(series))]
    return kernels.index_of_month(series, times, scale=1, month=1, **options)[1:]


# ---- gamma -----------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [0, 7])
def test_full_maximum_likelihood_is_that_of_scipy(zeros):
    amounts = sums_of_thirty_years(zeros)
    shape, scale = fits.gamma_fit(amounts, fit="ml")
    for cell, column in enumerate(amounts.T):
        theirs, _, their_scale = stats.gamma.fit(column[column > 0], floc=0)
        assert shape[cell] == pytest.approx(theirs, rel=1e-8)
        assert scale[cell] == pytest.approx(their_scale, rel=1e-8)


@pytest.mark.parametrize("shape", 10.0 ** np.arange(-1.5, 5.1, 0.5))
def test_full_maximum_likelihood_reaches_any_shape(shape):
    """Two amounts, eᵗ and e⁻ᵗ, have A = ln(cosh t); the t of a shape is found by bisection."""
    spread = np.log(shape) - special.digamma(shape)
    apart = optimize.brentq(lambda t: np.logaddexp(t, -t) - np.log(2) - spread, 1e-9, 1e3)
    found, _ = fits.gamma_fit(100 * np.exp([[apart], [-apart]]), fit="ml")
    assert found[0] == pytest.approx(shape, rel=1e-9)


def test_full_maximum_likelihood_solves_its_equation():
    amounts = sums_of_thirty_years()
    shape, scale = fits.gamma_fit(amounts, fit="ml")
    for cell, column in enumerate(amounts.T):
        here = stats.gamma.logpdf(column, shape[cell], scale=scale[cell]).sum()
        for step in (-1e-3, 1e-3):  # no neighbour is more likely
            other = shape[cell] * (1 + step)
            assert stats.gamma.logpdf(column, other, scale=column.mean() / other).sum() < here


def test_thom_is_close_to_full_maximum_likelihood():
    """Thom (1958): within 5 % of the shape, 0.1 % above a shape of 3; both keep the mean."""
    amounts = sums_of_thirty_years()
    thom, ml = fits.gamma_fit(amounts), fits.gamma_fit(amounts, fit="ml")
    np.testing.assert_allclose(thom[0], ml[0], rtol=0.05)
    np.testing.assert_allclose(thom[0][SHAPES > 3], ml[0][SHAPES > 3], rtol=1e-3)
    assert (thom[0] != ml[0]).all()
    for shape, scale in (thom, ml):
        np.testing.assert_allclose(shape * scale, amounts.mean(axis=0), rtol=1e-12)


def test_thom_worked_by_hand():
    """10, 20, 40, 80 mm.

    mean = 37.5, ln = 3.624341;  mean of ln = ln 10 + 1.5 ln 2 = 3.342306;  A = 0.282035
    shape = (1 + √1.376047) / 1.128141 = (1 + 1.173050) / 1.128141 = 1.926222
    scale = 37.5 / 1.926222 = 19.46816
    """
    amounts = np.array([[10.0], [20], [np.nan], [40], [0], [80]])
    shape, scale = fits.gamma_fit(amounts)
    assert shape.tolist() == pytest.approx([1.926222], rel=1e-6)
    assert scale.tolist() == pytest.approx([19.46816], rel=1e-6)


def test_amounts_that_hardly_vary():
    """Close to equal amounts a gamma distribution is a very narrow one; equal ones have none."""
    wave = np.sin(np.arange(30))[:, None]
    for width, fitted in ((1e-2, True), (1e-4, True), (1e-6, False), (0.0, False)):
        for fit in ("thom", "ml"):
            shape, _ = fits.gamma_fit(500 * (1 + width * wave), fit=fit)
            assert np.isfinite(shape).all() == fitted
            if fitted:  # 1 / coefficient of variation²
                expected = 1 / (width**2 * wave.var())
                assert shape[0] == pytest.approx(expected, rel=10 * width + 1e-4)


@pytest.mark.parametrize("fit", ["thom", "ml"])
@pytest.mark.parametrize("zeros", [0, 5, 12])
def test_spi_from_its_parts(fit, zeros):
    """H(x) = q + (1 − q) G(x) with the distributions of scipy.stats, cell by cell."""
    amounts = np.concatenate([sums_of_thirty_years(zeros), sums_of_thirty_years(2)])
    index, quality = of_januaries(amounts, fit=fit)
    shape, scale = fits.gamma_fit(amounts[:30], fit=fit)
    for cell, column in enumerate(amounts.T):
        g = stats.gamma.cdf(column, shape[cell], scale=scale[cell])
        h = zeros / 30 + (1 - zeros / 30) * g
        expected = np.clip(stats.norm.ppf(h), -3.09, 3.09)
        np.testing.assert_allclose(index[:, cell], expected, atol=1e-6)
    assert (quality == (1 if zeros > 10 else 0)).all()


@pytest.mark.parametrize("scale", [1, 3, 12])
@pytest.mark.parametrize("dry_share", [0, 0.2])
def test_spi_is_that_of_climate_indices(scale, dry_share):
    amounts = monthly_rain(dry_share=dry_share)
    theirs = with_climate_indices("spi", amounts, scale=scale, distribution="gamma")
    ours = kernels.index_of_all(amounts, TIMES, scale=scale)
    assert np.isfinite(ours[scale - 1 :]).all()
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_spi_with_gaps_is_that_of_climate_indices():
    amounts = monthly_rain()
    amounts[RANDOM.integers(0, 516, 25), np.arange(25)] = np.nan
    theirs = with_climate_indices("spi", amounts, scale=3, distribution="gamma")
    ours = kernels.index_of_all(amounts, TIMES, scale=3)
    assert np.isnan(ours[2:]).sum() >= 25
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_reference_is_standard_normal_on_average():
    """What the index promises, whatever the climate: mean 0, standard deviation 1."""
    index = kernels.index_of_all(monthly_rain(cells=400), TIMES)[11:360].reshape(-1)
    assert abs(index.mean()) < 0.01 and abs(index.std() - 1) < 0.01


@pytest.mark.parametrize("shape", [10, 12.5, 20, 50, 1e3, 1e6, 4e9])
def test_smooth_scores_are_the_scores(shape):
    """The polynomial against scipy.stats between ± 3.4, and the ends beyond it."""
    expected = np.linspace(-3.4, 3.4, 2001)
    amounts = stats.gamma.ppf(stats.norm.cdf(expected), shape)
    expected = stats.norm.ppf(stats.gamma.cdf(amounts, shape))
    found = fits.smooth_scores(amounts[:, None], np.array([float(shape)]))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert (np.diff(found) > 0).all()
    beyond = fits.smooth_scores(np.array([[0.0], [1e12]]), np.array([float(shape)]))
    assert beyond[0, 0] < -3.4 and beyond[1, 0] > 3.4


def test_both_ways_to_a_score_agree(monkeypatch):
    amounts = monthly_rain(cells=60)
    quick = kernels.index_of_all(amounts, TIMES)
    monkeypatch.setattr(fits, "SMOOTH_SHAPE", np.inf)
    np.testing.assert_allclose(kernels.index_of_all(amounts, TIMES), quick, atol=3e-7)
    assert (kernels.index_of_all(amounts, TIMES) != quick).any()  # the digits float32 has


# ---- log-logistic ----------------------------------------------------------------------------


def moments_by_definition(values):
    """Sample L-moments as their definition says it: means over every pair and every triple."""
    ordered = sorted(values)
    pairs = [high - low for low, high in combinations(ordered, 2)]
    triples = [high - 2 * middle + low for low, middle, high in combinations(ordered, 3)]
    mean = math.fsum(ordered) / len(ordered)
    return mean, math.fsum(pairs) / len(pairs) / 2, math.fsum(triples) / len(triples) / 3


def test_log_logistic_worked_by_hand():
    """1, 2, 3, 4, 10.

    Pairs differ by 1, 2, 3, 9, 1, 2, 8, 1, 7, 6: sum 40, l₂ = 40 / 10 / 2 = 2
    Triples, high − 2 middle + low: 0, 1, 7, -1, 5, 3, 0, 6, 4, 5: sum 30, l₃ = 30 / 10 / 3 = 1
    t₃ = 1/2: shape k = -1/2;  scale = l₂ sin(πk) / (πk) = 2 × 2/π = 1.27324
    location = 4 − 1.27324 (1/k − π / sin(πk)) = 4 − 1.27324 (-2 + π) = 2.54648
    """
    first, second, third = moments_by_definition([1, 2, 3, 4, 10])
    assert (first, second, third) == (4, 2, 1)
    location, scale, shape = fits.loglogistic_fit(np.array([[4.0], [1], [10], [2], [3]]))
    assert shape[0] == pytest.approx(-0.5, rel=1e-12)
    assert scale[0] == pytest.approx(4 / math.pi, rel=1e-12)
    assert location[0] == pytest.approx(4 - 4 / math.pi * (math.pi - 2), rel=1e-12)


def skewed(cells=8, years=30):
    return RANDOM.gamma(2, 100, (years, cells)) - 150


def test_log_logistic_from_the_definition():
    balance = skewed()
    balance[[2, 17], 3] = np.nan
    location, scale, shape = fits.loglogistic_fit(balance)
    for cell, column in enumerate(balance.T):
        mean, l2, l3 = moments_by_definition(column[~np.isnan(column)])
        k = -l3 / l2
        a = l2 * math.sin(k * math.pi) / (k * math.pi)
        expected = mean - a * (1 / k - math.pi / math.sin(k * math.pi)), a, k
        assert (location[cell], scale[cell], shape[cell]) == pytest.approx(expected, rel=1e-10)


def test_spei_from_its_parts():
    """Probabilities of scipy's three-parameter log-logistic distribution (fisk)."""
    balance = np.concatenate([skewed(), skewed(years=13)])
    index, _ = of_januaries(balance, kind="SPEI")
    location, scale, shape = fits.loglogistic_fit(balance[:30])
    right = np.flatnonzero(shape < 0)  # skewed to the right: the form of Vicente-Serrano
    assert len(right) >= 4
    for cell in right:
        alpha, beta = -scale[cell] / shape[cell], -1 / shape[cell]
        gamma = location[cell] + scale[cell] / shape[cell]
        f = stats.fisk.cdf(balance[:, cell], beta, loc=gamma, scale=alpha)
        expected = np.clip(stats.norm.ppf(f), -3.09, 3.09)
        np.testing.assert_allclose(index[:, cell], expected, atol=1e-6)


def test_spei_mirrored():
    """A balance with its sign changed has the index with its sign changed."""
    balance = skewed()
    index, mirrored = (of_januaries(sign * balance, kind="SPEI")[0] for sign in (1, -1))
    np.testing.assert_allclose(mirrored, -index, atol=2e-6)


def test_spei_without_skewness():
    """Evenly spread sums: shape 0, the logistic distribution, F = 1 / (1 + e^-z)."""
    balance = np.arange(-14.5, 15)[:, None]
    location, scale, shape = fits.loglogistic_fit(balance)
    assert abs(shape[0]) < 1e-12 and abs(location[0]) < 1e-9
    # l₂ of n evenly spread values is (n + 1) / 6
    assert scale[0] == pytest.approx(31 / 6, rel=1e-12)
    index, _ = of_januaries(balance, kind="SPEI")
    expected = stats.norm.ppf(stats.logistic.cdf(balance[:, 0], scale=31 / 6))
    np.testing.assert_allclose(index[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize("scale", [1, 3, 12])
def test_spei_is_that_of_climate_indices(scale):
    rain, evaporation = monthly_rain(), RANDOM.uniform(20, 140, (516, 25))
    theirs = with_climate_indices(
        "spei", rain, evaporation, scale=scale, distribution="loglogistic"
    )
    ours = kernels.index_of_all(rain - evaporation, TIMES, scale=scale, kind="SPEI")
    assert np.isfinite(ours[scale - 1 :]).all()
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


# ---- sums ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1, 2, 7, 12, 24])
def test_sums_are_those_of_each_window(scale):
    amounts = monthly_rain(cells=3)
    rows = range(516)
    found = kernels.sums(amounts, rows, scale)
    assert np.isnan(found[: scale - 1]).all()
    for row in range(scale - 1, 516):
        window = [math.fsum(amounts[row - scale + 1 : row + 1, cell]) for cell in range(3)]
        np.testing.assert_allclose(found[row], window, rtol=1e-14)


def test_dry_months_add_up_to_exactly_nothing():
    """A running total would leave rounding behind, and a dry year would not be dry."""
    amounts = np.array([0.1, 0.2, 0.7, 1e6, *[0.0] * 12, 0.3])[:, None]
    found = kernels.sums(amounts, range(17), 12)
    assert found[15, 0] == 0 and found[16, 0] == 0.3
