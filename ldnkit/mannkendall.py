"""The Mann–Kendall test for many short series at once, on plain arrays.

Series run down the first axis. Classes are decided on integers (S and its critical value)
wherever the test allows, so that the compiled path and the NumPy path agree to the bit.
"""

from __future__ import annotations

from functools import cache

import numpy as np

try:
    from numba import njit
except ImportError:  # Intel Macs: the NumPy path gives the same classes
    njit = None

#: Longest series for which the exact null distribution is used.
EXACT_UP_TO = 40


@cache
def exact_p(n: int) -> np.ndarray:
    """P(abs(S) ≥ s) of untied series of length ``n`` for s = 0, 1, …, n(n−1)/2.

    References
    ----------
    Kendall (1975), Rank Correlation Methods: the number of inversions of a permutation.

    Examples
    --------
    >>> exact_p(4).round(3).tolist()  # S = 6 in 2 of 24 orders
    [1.0, 0.75, 0.75, 0.333, 0.333, 0.083, 0.083]
    """
    counts = [1]
    for length in range(2, n + 1):  # inversions of permutations, as exact integers
        longer = [0] * (len(counts) + length - 1)
        for inversions, count in enumerate(counts):
            for more in range(length):
                longer[inversions + more] += count
        counts = longer
    pairs = n * (n - 1) // 2
    total = sum(counts)
    at_least = [0] * (pairs + 2)
    for s in range(pairs, -1, -1):  # S = pairs − 2 × inversions has the parity of pairs
        here = counts[(pairs - s) // 2] if (pairs - s) % 2 == 0 else 0
        at_least[s] = at_least[s + 1] + (2 * here if s else here)
    return np.array([count / total for count in at_least[:-1]])


@cache
def critical_s(n: int, alpha: float) -> int:
    """Smallest abs(S) that is significant for an untied series of length ``n`` ≤ 40.

    Examples
    --------
    >>> critical_s(15, 0.05), critical_s(16, 0.05)
    (41, 46)
    """
    pairs = n * (n - 1) // 2
    reachable = np.arange(pairs % 2, pairs + 1, 2)
    significant = reachable[exact_p(n)[reachable] <= alpha]
    return int(significant[0]) if len(significant) else pairs + 1


def pair_counts(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S and the number of equal pairs of every series; NaN takes part in no pair.

    Parameters
    ----------
    values : ndarray, shape (years, cells)
        Integers without gaps, or floats with NaN.

    Returns
    -------
    s, equal : ndarrays of int16, shape (cells,)
    """
    s = np.zeros(values.shape[1], np.int16)
    equal = np.zeros(values.shape[1], np.int16)
    (_pairs_numpy if njit is None else _pairs_numba)(values, s, equal)
    return s, equal


def _pairs_numpy(values, s, equal):
    for later in range(1, len(values)):
        for earlier in range(later):
            s += values[later] > values[earlier]
            s -= values[later] < values[earlier]
            equal += values[later] == values[earlier]


def _pairs_loop(values, s, equal):
    for later in range(1, values.shape[0]):
        for earlier in range(later):
            for cell in range(values.shape[1]):
                a, b = values[later, cell], values[earlier, cell]
                s[cell] += np.int16(a > b) - np.int16(a < b)
                equal[cell] += np.int16(a == b)


if njit is not None:
    _pairs_numba = njit(cache=True, nogil=True)(_pairs_loop)


def p_values(values, s, equal, n) -> np.ndarray:
    """Two-sided p of every series.

    Untied series of up to 40 values: the exact distribution of S.
    Otherwise the normal approximation with continuity correction and, for ties, Kendall's
    correction of the variance.

    Parameters
    ----------
    values : ndarray, shape (years, cells)
    s, equal, n : ndarrays of integers, shape (cells,)
        From :func:`pair_counts`; n is the number of valid years.
    """
    p = np.ones(len(s))
    exact = (equal == 0) & (n <= EXACT_UP_TO)
    for length in np.unique(n[exact]):
        here = exact & (n == length)
        p[here] = exact_p(int(length))[np.abs(s[here])]
    if not exact.all():
        rest = ~exact
        p[rest] = _normal_p(values[:, rest], s[rest], n[rest])
    return p


def significant(values, s, equal, n, alpha) -> np.ndarray:
    """Whether each series changes significantly: p ≤ alpha, decided on S where untied."""
    exact = (equal == 0) & (n <= EXACT_UP_TO)
    limits = np.array([critical_s(length, alpha) for length in range(EXACT_UP_TO + 1)])
    result = exact & (np.abs(s) >= limits[np.minimum(n, EXACT_UP_TO)])
    if not exact.all():
        rest = np.flatnonzero(~exact)
        result[rest] = _normal_p(values[:, rest], s[rest], n[rest]) <= alpha
    return result


def _normal_p(values, s, n):
    from scipy.special import erfc

    n = n.astype(np.float64)
    tied = np.zeros(len(s), np.int64)
    for (
        year
    ) in values:  # a value among c equal ones adds (c − 1)(2c + 5): a group adds t(t−1)(2t+5)
        alike = np.zeros(len(s), np.int64)
        for other in values:
            alike += year == other
        tied += np.where(alike > 0, (alike - 1) * (2 * alike + 5), 0)
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
    steps = np.maximum(np.abs(s.astype(np.float64)) - 1, 0)
    z = np.divide(steps, np.sqrt(variance), out=np.zeros_like(steps), where=variance > 0)
    return erfc(z / np.sqrt(2))
