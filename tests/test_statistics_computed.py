"""The tables of official series and their directions of change.

poverty   2000 60   2005 51   2010 44   2015 37   2020 36     S = −10 of 10 pairs, p = 2/120
gini      2005 46.5   2015 40.8   2021 38.7                   three values: nothing is said
water     2000–2019, total rises every year; urban is always 80; rural not given
"""

import csv
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldnkit import statistics, tables, vulnerability, yearly_change
from ldnkit.country_file.forms_layers import Statistic
from ldnkit.findings import InputError
from ldnkit.periods import Cycle

POVERTY = {1997: 70, 2000: 60, 2005: 51, 2010: 44, 2015: 37, 2020: 36, 2024: 35}
GINI = {2005: 46.5, 2015: 40.8, 2021: 38.7}
YEARS = range(2000, 2020)


@pytest.fixture
def sections(tmp_path):
    """Sections of a country file with plain tables."""

    def write(name, rows, **options):
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return Statistic(path, **options)

    return {
        "water": write(
            "water",
            [["Year", "Urban", "Total"], *([year, 80, 40 + year - 2000] for year in YEARS)],
            source="national",
        ),
        "gini": write("gini", [["Year", "Gini"], *GINI.items()]),
        "poverty": write("poverty", [["Year", "Poverty"], *POVERTY.items()]),
    }


def make_country(sections, **parameters):
    return SimpleNamespace(
        iso3="KEN",
        cycle=Cycle(2026),
        statistics=sections,
        parameters=tables.method("manual") | parameters,
    )


def computed(sections, **parameters):
    return statistics.compute_tables(sections, make_country(sections, **parameters))


def text(findings, name=""):
    return " ".join(str(each) for each in findings if f"statistics.{name}" in each.where)


def test_the_tables(sections):
    found, findings = computed(sections)
    long = found["statistics"]
    assert list(dict.fromkeys(long["series"])) == ["poverty", "gini", "water"]
    poverty = long[long["series"] == "poverty"].set_index("year")["value"]
    assert poverty.to_dict() == {year: POVERTY[year] for year in (2000, 2005, 2010, 2015, 2020)}
    assert (long.groupby(["series", "location"]).size()).to_dict() == {
        ("gini", "total"): 3,
        ("poverty", "total"): 5,
        ("water", "total"): 20,
        ("water", "urban"): 20,
    }
    assert "2 values outside the years of the report (1997, 2024)" in text(findings, "poverty")


def test_the_directions(sections):
    found = computed(sections)[0]["direction"].set_index(["series", "location"])
    assert found["direction"].to_dict() == {
        ("poverty", "total"): "decrease",
        ("gini", "total"): "unknown",
        ("water", "total"): "increase",
        ("water", "urban"): "no_change",
    }
    row = found.loc[("poverty", "total")]
    assert (row["s"], row["n"], row["first"], row["last"]) == (-10, 5, 2000, 2020)
    assert row["p"] == pytest.approx(2 / 120)
    assert (row["first_value"], row["last_value"], row["test"]) == (60, 36, "Mann-Kendall")
    assert math.isnan(found.loc[("gini", "total"), "p"])


def test_few_values_without_a_trend_do_not_say_that_nothing_changes():
    values = [50, 51, 49, 52, 48, 50.5]  # S = −1 of 15 pairs
    table = pd.DataFrame(
        {"series": "poverty", "location": "total", "year": range(2000, 2006), "value": values}
    )
    assert statistics.directions(table)["direction"].tolist() == ["unknown"]
    assert statistics.directions(table, steady_years=6)["direction"].tolist() == ["no_change"]


def test_what_is_said_about_the_sources(sections):
    findings = computed(sections)[1]
    assert "default data that need validation" in text(findings, "gini")
    assert "no rural values; expected total, urban, rural" in text(findings, "water")
    assert "without the codes of a database" in text(findings, "poverty")
    assert "without the codes" not in text(findings, "water"), "national tables have none"
    assert {finding.notebook for finding in findings} == {"08"}


def test_every_problem_of_all_files_at_once(sections):
    sections["poverty"].file.write_text("Year,Poverty\n2015,forty\n", encoding="utf-8")
    sections["gini"].file.unlink()
    with pytest.raises(InputError) as caught:
        computed(sections)
    assert len(caught.value.findings) == 2
    looked = statistics.look(make_country(sections))
    assert [f.severity for f in looked].count("error") == 2
    assert any(f.severity == "warning" for f in looked)


def test_no_series_at_all():
    found, findings = computed({})
    assert found["statistics"].empty and found["direction"].empty and findings == []
    assert statistics.look(make_country(None)) == []


def test_only_values_outside_the_years(sections):
    sections = {"poverty": sections["poverty"]}
    sections["poverty"].file.write_text("Year,Poverty\n1990,50\n1995,40\n", encoding="utf-8")
    found, findings = computed(sections)
    assert found["statistics"].empty
    assert "Give a longer series" in text(f for f in findings if f.severity == "warning")


def test_tables_survive_being_kept(sections, tmp_path):
    for table in computed(sections)[0].values():
        table.to_csv(tmp_path / "kept.csv", index=False)
        kept = pd.read_csv(tmp_path / "kept.csv", keep_default_na=False, na_values=[""])
        numbers = table.select_dtypes("number")
        pd.testing.assert_frame_equal(kept[list(numbers)], numbers, check_dtype=False)


# ---- the direction of any yearly series ----------------------------------------------------------


def test_one_answer_for_every_table():
    assert vulnerability.Change is yearly_change.Change
    index = pd.DataFrame(
        {"year": YEARS, "unit": "national", "sex": "total", "dvi": np.linspace(0, 1, 20)}
    )
    assert vulnerability.change(index) == yearly_change.change(index["year"], index["dvi"])


def test_the_order_of_the_rows_does_not_matter():
    years, values = [2010, 2000, 2020, 2005, 2015], [3.0, 1.0, 5.0, 2.0, 4.0]
    found = yearly_change.change(years, values, minimum_years=5)
    assert (found.direction, found.s, found.first, found.last) == ("increase", 10, 2000, 2020)


def test_years_without_a_value_do_not_count():
    found = yearly_change.change(range(2000, 2010), [*range(9), math.nan])
    assert (found.n, found.last, found.direction) == (9, 2008, "increase")


def test_a_year_has_one_value():
    with pytest.raises(ValueError, match="A year with two values: found 2001"):
        yearly_change.change([2000, 2001, 2001], [1.0, 2.0, 3.0])


def test_a_series_that_never_changes():
    found = yearly_change.change(range(2000, 2010), [5.0] * 10)
    assert (found.direction, found.s, found.p) == ("no_change", 0, 1.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=5, max_size=24))
def test_the_test_is_that_of_another_library(values):
    import pymannkendall

    found = yearly_change.change(range(2000, 2000 + len(values)), values, minimum_years=5)
    if len(set(values)) > 1:
        other = pymannkendall.original_test(values)
        assert found.s == other.s
        if len(set(values)) < len(values):  # ties: both use the normal approximation
            assert found.p == pytest.approx(other.p, abs=1e-12)
    backwards = yearly_change.change(range(2000, 2000 + len(values)), values[::-1], minimum_years=5)
    opposite = {"increase": "decrease", "decrease": "increase"}
    assert backwards.direction == opposite.get(found.direction, found.direction)
    assert backwards.s == -found.s
