"""Does a yearly series rise or fall? One answer for every qualitative table of the report."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

#: The directions of change of a series.
DIRECTIONS = ("increase", "decrease", "no_change", "unknown")


@dataclass(frozen=True)
class Change:
    """Direction of change of a yearly series, with the test behind it.

    ``direction`` is increase, decrease, no_change or unknown (too few years); ``s`` and ``p`` are
    those of the Mann–Kendall test (two-sided, level ``alpha``) on ``n`` yearly values.
    """

    direction: str
    n: int
    first: int | None
    last: int | None
    s: int
    p: float
    alpha: float


def change(
    years: Iterable[int],
    values: Iterable[float],
    *,
    alpha: float = 0.05,
    minimum_years: int = 8,
    steady_years: int | None = None,
) -> Change:
    """The direction that a yearly series suggests; a team decides.

    Parameters
    ----------
    years : iterable of int
        One year for every value, in any order; gaps between years are allowed.
    values : iterable of float
        NaN: no value that year.
    alpha : float
        Significance level of the two-sided Mann–Kendall test.
    minimum_years : int
        Fewer years with a value: unknown.
    steady_years : int, optional
        Years needed to say that nothing changes; with fewer ones, and no significant change, the
        direction is unknown. By default ``minimum_years``.

    Returns
    -------
    Change

    Raises
    ------
    ValueError
        A year with two values.

    References
    ----------
    Mann (1945); Kendall (1975).

    Examples
    --------
    >>> change(range(2000, 2010), range(10)).direction
    'increase'
    >>> change([2000, 2005], [3.0, 1.0]).direction
    'unknown'
    """
    from ldnkit import mannkendall  # brings the compiler

    pairs = sorted(zip(years, values, strict=True), key=lambda pair: pair[0])
    pairs = [(int(year), float(value)) for year, value in pairs if not math.isnan(value)]
    known = [year for year, _ in pairs]
    if len(set(known)) < len(known):
        again = sorted({year for year in known if known.count(year) > 1})
        raise ValueError(
            f"A year with two values: found {', '.join(map(str, again))}; keep one value a year."
        )
    n = len(pairs)
    ends = (known[0], known[-1]) if n else (None, None)
    if n < minimum_years:
        return Change("unknown", n, *ends, 0, math.nan, alpha)
    series, count = np.array([value for _, value in pairs])[:, None], np.array([n])
    s, equal = mannkendall.pair_counts(series)
    p = float(mannkendall.p_values(series, s, equal, count)[0])
    if bool(mannkendall.significant(series, s, equal, count, alpha)[0]):
        direction = "increase" if s[0] > 0 else "decrease"
    else:
        direction = "unknown" if n < (steady_years or minimum_years) else "no_change"
    return Change(direction, n, *ends, int(s[0]), p, alpha)
