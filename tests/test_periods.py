"""Years of the periods, drawn from the reporting manual."""

import pytest

from ldnkit.periods import Cycle, closest_year, years_between

# name: period, trend (16 years), history (13), recent (3), land cover, status year
MANUAL = {
    "baseline": ((2000, 2015), (2000, 2015), (2000, 2012), (2013, 2015), (2000, 2015), 2015),
    "report_1": ((2016, 2019), (2004, 2019), (2004, 2016), (2017, 2019), (2016, 2019), 2019),
    "report_2": ((2016, 2023), (2008, 2023), (2008, 2020), (2021, 2023), (2016, 2023), 2023),
}


def years(period):
    return (
        (period.first, period.last),
        period.trend_years,
        period.history,
        period.recent,
        period.land_cover,
        period.status_year,
    )


def test_cycle_2026():
    cycle = Cycle(2026)
    assert [period.name for period in cycle.periods] == list(MANUAL)
    assert {period.name: years(period) for period in cycle.periods} == MANUAL


def test_trends_earth_changes_only_land_cover():
    cycle = Cycle(2026, method="trends.earth")
    expected = {"baseline": (2000, 2015), "report_1": (2015, 2019), "report_2": (2015, 2022)}
    assert {period.name: period.land_cover for period in cycle.periods} == expected
    for period in cycle.periods:
        other = years(period)
        assert other[:4] + other[5:] == MANUAL[period.name][:4] + MANUAL[period.name][5:]


def test_parts_of_a_cycle():
    cycle = Cycle(2026)
    assert cycle.baseline.name == "baseline"
    assert [period.name for period in cycle.reports] == ["report_1", "report_2"]
    assert cycle.last.name == "report_2"
    assert cycle["report_1"].status_year == 2019
    with pytest.raises(KeyError, match="report_9"):
        cycle["report_9"]


@pytest.mark.parametrize(("year", "last"), [(2030, (2016, 2027)), (2034, (2016, 2031))])
def test_next_cycles(year, last):
    cycle = Cycle(year)
    assert (cycle.last.first, cycle.last.last) == last
    assert cycle.last.status_year == last[1]
    # The pattern of the years goes on: 16 for the trend, 13 + 3 for the state.
    assert cycle.last.trend_years == (last[1] - 15, last[1])
    assert cycle.last.history == (last[1] - 15, last[1] - 3)
    assert cycle.last.recent == (last[1] - 2, last[1])
    assert cycle.last.land_cover == (2016, last[1])


@pytest.mark.parametrize("method", ["manual", "trends.earth"])
def test_mistake_9_windows_have_the_right_number_of_years(method):
    """Trends.Earth mistake 9: years of a window wrong by one."""
    for period in Cycle(2034, method=method).periods:
        trend = years_between(*period.trend_years)
        history = years_between(*period.history)
        recent = years_between(*period.recent)
        assert (len(trend), len(history), len(recent)) == (16, 13, 3)
        assert history + recent == trend
        assert trend[-1] == period.last == period.status_year


def test_years_between_includes_both_ends():
    assert years_between(2016, 2019) == (2016, 2017, 2018, 2019)
    assert years_between(2016, 2016) == (2016,)


def test_override():
    # MODIS starts in 2001: the baseline then has 15 years.
    cycle = Cycle(2026, overrides={"baseline": {"trend": (2001, 2015), "history": [2001, 2012]}})
    assert cycle.baseline.trend_years == (2001, 2015)
    assert cycle.baseline.history == (2001, 2012)
    assert cycle.baseline.recent == (2013, 2015)
    assert cycle["report_1"] == Cycle(2026)["report_1"]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"year": 2025}, "2025"),
        ({"year": 2026, "method": "gpg"}, "gpg"),
        ({"year": 2026, "overrides": {"report_7": {}}}, "report_7"),
        ({"year": 2026, "overrides": {"baseline": {"tend": (2000, 2015)}}}, "tend"),
        ({"year": 2026, "overrides": {"baseline": {"trend": (2015, 2000)}}}, "2015"),
        ({"year": 2026, "overrides": {"baseline": {"trend": (2000,)}}}, "2000"),
    ],
)
def test_refusals(arguments, match):
    with pytest.raises(ValueError, match=match):
        Cycle(**arguments)


@pytest.mark.parametrize(
    ("year", "available", "expected"),
    [
        (2023, [2000, 2015, 2022], 2022),
        (2000, [2001, 2005], 2001),
        (2015, [2015], 2015),
        (2019, range(1992, 2023), 2019),
        (2016, [2020, 2012], 2012),  # equally close: the earlier, whatever the order
        (2016, [2012, 2020], 2012),
    ],
)
def test_closest_year(year, available, expected):
    assert closest_year(year, available) == expected


def test_closest_year_of_none():
    with pytest.raises(ValueError, match="2023"):
        closest_year(2023, [])
