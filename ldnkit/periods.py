"""Reporting cycles: which years belong to the baseline and to each reporting period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ldnkit import tables

#: Parts of a period that a country file may override, with the field they set.
OVERRIDES = {
    "trend": "trend_years",
    "history": "history",
    "recent": "recent",
    "land_cover": "land_cover",
}


@dataclass(frozen=True)
class Period:
    """One assessment period. All pairs are (first year, last year), both included.

    ``trend_years`` serves trend and performance, ``history`` and ``recent`` the state,
    ``land_cover`` the land cover and soil organic carbon change.
    """

    name: str
    first: int
    last: int
    trend_years: tuple[int, int]
    history: tuple[int, int]
    recent: tuple[int, int]
    land_cover: tuple[int, int]
    status_year: int

    def __str__(self):
        return f"{self.first}–{self.last}"


@dataclass(frozen=True, init=False)
class Cycle:
    """The periods that a reporting cycle needs.

    Parameters
    ----------
    year : int
        Reporting year of the process: 2018, 2022, 2026, 2030 or 2034.
    method : {"manual", "trends.earth"}
        Whose land cover years are used (Trends.Earth compares 2015 with 2019 and 2022).
    overrides : mapping, optional
        ``{"baseline": {"trend": (2001, 2015)}}``; parts are trend, history, recent, land_cover.

    Raises
    ------
    ValueError
        Unknown cycle, method, period or part, or a pair of years in the wrong order.

    References
    ----------
    UNCCD reporting manual, 2026 process: periods of the baseline and the reporting periods.

    Examples
    --------
    >>> cycle = Cycle(2026)
    >>> [str(period) for period in cycle.periods]
    ['2000–2015', '2016–2019', '2016–2023']
    >>> cycle.last.trend_years
    (2008, 2023)
    """

    year: int
    method: str
    periods: tuple[Period, ...]

    def __init__(self, year: int, method: str = "manual", overrides: Mapping | None = None):
        rows = tables.read("periods")
        cycles = sorted({int(cycle) for cycle in rows["first_cycle"]})
        if year not in cycles:
            raise ValueError(
                f"Unknown cycle: found {year!r}; use one of {', '.join(map(str, cycles))}."
            )
        if method not in ("manual", "trends.earth"):
            raise ValueError(f"Unknown method: found {method!r}; use manual or trends.earth.")
        suffix = "" if method == "manual" else "_trends_earth"
        periods = {}
        for row in rows[rows["first_cycle"] <= year].to_dict("records"):
            periods[row["period"]] = Period(
                row["period"],
                int(row["first"]),
                int(row["last"]),
                _pair(row, "trend"),
                _pair(row, "history"),
                _pair(row, "recent"),
                _pair(row, "land_cover", suffix),
                int(row["status_year"]),
            )
        for name, parts in (overrides or {}).items():
            periods[name] = _override(periods, name, parts)
        object.__setattr__(self, "year", year)
        object.__setattr__(self, "method", method)
        object.__setattr__(self, "periods", tuple(periods.values()))

    def __getitem__(self, name: str) -> Period:
        for period in self.periods:
            if period.name == name:
                return period
        known = ", ".join(period.name for period in self.periods)
        raise KeyError(f"Unknown period: found {name!r}; the cycle {self.year} has {known}.")

    @property
    def baseline(self) -> Period:
        return self.periods[0]

    @property
    def reports(self) -> tuple[Period, ...]:
        """The reporting periods, oldest first; each is combined with the baseline alone."""
        return self.periods[1:]

    @property
    def last(self) -> Period:
        return self.periods[-1]

    @property
    def land_cover_years(self) -> tuple[int, ...]:
        """Nominal years whose land cover the tables need, sorted."""
        years = {year for period in self.periods for year in period.land_cover}
        return tuple(sorted(years | {period.status_year for period in self.periods}))

    @property
    def soil_years(self) -> tuple[int, ...]:
        """Nominal years whose soil organic carbon stock the table SO1-3.T1 shows, sorted."""
        first = self.baseline.land_cover[0]
        return tuple(sorted({first, *(period.status_year for period in self.periods)}))


def _pair(row: Mapping, part: str, suffix: str = "") -> tuple[int, int]:
    return int(row[f"{part}_first{suffix}"]), int(row[f"{part}_last{suffix}"])


def _override(periods: Mapping[str, Period], name: str, parts: Mapping) -> Period:
    if name not in periods:
        raise ValueError(f"Unknown period: found {name!r}; use one of {', '.join(periods)}.")
    unknown = set(parts) - set(OVERRIDES)
    if unknown:
        raise ValueError(
            f"Unknown part of the period {name}: found {', '.join(sorted(unknown))}; "
            f"use {', '.join(OVERRIDES)}."
        )
    pairs = {OVERRIDES[part]: tuple(int(year) for year in pair) for part, pair in parts.items()}
    for part, pair in pairs.items():
        if len(pair) != 2 or pair[0] > pair[1]:
            raise ValueError(
                f"Years of {name}, {part}: found {list(pair)}; give the first and the last year."
            )
    return replace(periods[name], **pairs)


def closest_year(year: int, available: Iterable[int]) -> int:
    """The available year closest to ``year``; of two equally close years the earlier one.

    Raises
    ------
    ValueError
        No year is available.

    Examples
    --------
    >>> closest_year(2023, [2000, 2015, 2022])
    2022
    """
    years = sorted(set(available))
    if not years:
        raise ValueError(f"No year to choose from for {year}: found none; give at least one year.")
    return min(years, key=lambda candidate: (abs(candidate - year), candidate))


def years_between(first: int, last: int) -> tuple[int, ...]:
    """Every year from ``first`` to ``last``, both included.

    Examples
    --------
    >>> years_between(2021, 2023)
    (2021, 2022, 2023)
    """
    return tuple(range(first, last + 1))


def year_spans(years: Iterable[int]) -> str:
    """Years in one line, consecutive ones as a span.

    Examples
    --------
    >>> year_spans([2003, 2000, 2001, 2002, 2015])
    '2000–2003, 2015'
    """
    runs: list[list[int]] = []
    for year in sorted({int(year) for year in years}):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def time_spans(times: Sequence[tuple], every: Sequence[tuple] = ()) -> str:
    """Years, months or days in one line; those that follow one another in ``every`` are joined.

    Examples
    --------
    >>> months = [(1981, month) for month in range(1, 13)]
    >>> time_spans([(1981, 2), (1981, 5), (1981, 6)], months)
    '1981-02, 1981-05 to 1981-06'
    """
    place = {time: number for number, time in enumerate(every)}
    runs: list[list[tuple]] = []
    for time in times:
        if runs and place.get(time, -1) == place.get(runs[-1][-1], -3) + 1:
            runs[-1].append(time)
        else:
            runs.append([time])
    ends = [dict.fromkeys((run[0], run[-1])) for run in runs]
    return ", ".join(
        " to ".join("-".join(f"{n:02d}" for n in time) for time in run) for run in ends
    )
