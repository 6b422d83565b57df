"""Finance in a world of twelve activities whose sums can be worked by hand.

1 KES is 0.01 USD in 2020, 0.009 in 2021, 0.0085 in 2022.

row  sheet  year  direction  identifier  amount        support      what it is
1    SO5-1  2020  received   A1             100        principal    technology
2    SO5-1  2021  received   A1             200        principal
3    SO5-1  2021  received   A1             200        principal    row 2 again: a duplicate
4    SO5-1  2022  received   B2             300        significant
5    SO5-1  2023  received   C3             400        principal
6    SO5-1  2022  received   B2             -50        significant  a repayment
7    SO5-1  2022  provided   D4              60        significant  technology
8    SO5-2  2021  spending   –        10 000 KES = 90  principal    technology
9    SO5-2  2022  funding    –       20 000 KES = 170  principal
10   SO5-2  2022  spending   B2         300 USD        principal    the amount of row 4: a double
11   SO5-3  2023  domestic   E5              80        principal
12   SO5-3  2022  received   F6             301        principal    looks like row 4

received, SO5-1: 100, 200, 300, 400 (weights 1 and 0.4: 100, 200, 120, 400); provided: 0, 0, 60, 0
"""

import math
import warnings

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ldnkit import finance, tables
from ldnkit.country_file.finance_layers import Finance
from ldnkit.findings import InputError

HEADER = (
    "indicator,direction,year,provider,recipient,title,crs_id,amount,private_amount_usd,"
    "currency,sector,flow_type,support,technology_transfer"
)
ROWS = """\
SO5-1,received,2020,Germany,Landia,Terraces,A1,100,,,311,oda,principal,yes
SO5-1,received,2021,Germany,Landia,Terraces,A1,200,,,311,oda,principal,no
SO5-1,received,2021,GER,Landia,Terraces again,A1,200,,,311,oda,principal,
SO5-1,received,2022,Sweden,Landia,Water for the Dry Plain,B2,300,,,140,oda,significant,no
SO5-1,received,2023,GEF,Landia,Forest front,C3,400,,,312,oda,principal,
SO5-1,received,2022,Sweden,Landia,Water for the Dry Plain,B2,-50,,,140,oda,significant,
SO5-1,provided,2022,Landia,Far Island,Training abroad,D4,60,,,,oda,significant,yes
SO5-2,,2021,Ministry of Land,,Contour lines,,10000,,KES,,expenditure,principal,yes
SO5-2,,2022,Treasury,,Tax on gravel,,20000,,KES,,revenue,principal,
SO5-2,,2022,Ministry of Water,,Water for the Dry Plain,B2,300,,USD,,expenditure,principal,
SO5-3,domestic,2023,Bank of Landia,,Tree nursery,E5,,80,,,foreign_direct_investment,principal,
SO5-3,received,2022,Foundation,,Water for the dry plain,F6,,301,,,,principal,
"""
RATES = "year,currency,usd\n2020,KES,0.01\n2021,KES,0.009\n2022,KES,0.0085\n"


def quiet(function, *values, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return function(*values, **options)


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="activities.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def section(write):
    """A country's section, with other rows, rates and settings."""

    def make(rows=ROWS, rates=RATES, **changes) -> Finance:
        files = {"activities": write(f"{HEADER}\n{rows}")}
        if rates:
            files["exchange_rates"] = write(rates, "rates.csv")
        return Finance(**files | changes)

    return make


def wide(summary):
    """Direction -> amounts of the four years."""
    return {name: rows["amount_usd"].tolist() for name, rows in summary.groupby("direction")}


def said(findings, severity=None):
    return [str(found) for found in findings if severity in (None, found.severity)]


def status_at(found, line):
    """What became of a line of the file."""
    rows = found["activities"].set_index("place")["status"]
    return rows[f"activities.csv line {line}"]


def errors_of(call, *values, **options):
    with pytest.raises(InputError) as caught:
        quiet(call, *values, **options)
    return said(caught.value.findings)


def row_of(**changes):
    """One activity of SO5-1, with other cells."""
    row = {"indicator": "SO5-1", "direction": "received", "year": 2021, "provider": "Norway"}
    row |= {"title": "Dunes", "amount": 100.0, "crs_id": "X1", "support": "principal"}
    return row | changes


def frame_of(*rows):
    return pd.DataFrame([row_of(**row) for row in rows])


# ---- the world -----------------------------------------------------------------------------------


def test_the_world_worked_by_hand(section):
    found, _ = finance.compute_tables(section())
    by_form = {name: wide(rows) for name, rows in found["summary"].groupby("indicator")}
    assert by_form == {
        "SO5-1": {"provided": [0, 0, 60, 0], "received": [100, 200, 300, 400]},
        "SO5-2": {"spending": [0, 90, 0, 0], "funding": [0, 0, 170, 0]},
        "SO5-3": {"received": [0, 0, 301, 0], "domestic": [0, 0, 0, 80]},
        "SO5-4": {"provided": [0, 0, 60, 0], "received": [100, 0, 0, 0], "domestic": [0, 90, 0, 0]},
    }
    status = found["activities"].set_index("place")["status"]
    apart = status[status != "kept"].to_dict()
    assert apart == {
        "activities.csv line 4": "duplicate",
        "activities.csv line 7": "repayment",
        "activities.csv line 11": "duplicate",
    }
    assert found["repayments"]["amount_usd"].tolist() == [-50]


def test_what_is_said_about_the_world(section):
    _, findings = finance.compute_tables(section())
    warned = said(findings, "warning")
    within = "Warning, activities.csv line 4: found the amount of activities.csv line 3 a second"
    across = "Warning, activities.csv line 11: found the amount of activities.csv line 5 a second"
    assert sum(text.startswith(within) for text in warned) == 1
    assert sum(text.startswith(across) for text in warned) == 1
    assert any("one amount under SO5-1 or under SO5-2" in text for text in warned)
    assert any("negative amounts, -50.00 USD: activities.csv line 7" in text for text in warned)
    assert any("not taken off any total" in text for text in warned)
    assert any("no weights chosen" in text for text in said(findings, "info"))


def test_nothing_is_lost(section):
    """Every row of the file is a row of the table, whatever became of it."""
    found, _ = finance.compute_tables(section())
    assert len(found["activities"]) == 12
    places = [f"activities.csv line {line}" for line in range(2, 14)]
    assert sorted(found["activities"]["place"]) == sorted(places)


def test_the_look_alike_is_only_listed(section):
    found, _ = finance.compute_tables(section())
    assert found["look_alikes"][["first", "second", "reason"]].values.tolist() == [
        ["activities.csv line 5", "activities.csv line 13", "alike, other identifier"]
    ]
    assert found["look_alikes"]["likeness"].tolist() == [100]


def test_without_a_section_there_is_little_to_say():
    found, findings = finance.compute_tables(Finance(trends={"SO5-1": {"received": "stable"}}))
    assert found["summary"].empty and found["activities"].empty
    declared = found["trends"].set_index(["indicator", "direction"])["declared"]
    assert declared["SO5-1", "received"] == "stable"
    assert set(found["trends"]["suggested"]) == {"unknown"}
    assert not said(findings, "error")


# ---- exchange rates ------------------------------------------------------------------------------


def test_a_missing_rate_names_currency_and_year(section):
    rows = ROWS + "SO5-2,,2023,Ministry,,Wells,,500,,KES,,investment,principal,\n"
    rows += "SO5-2,,2020,Ministry,,Dams,,500,,EUR,,investment,principal,\n"
    problems = errors_of(finance.compute_tables, section(rows))
    assert len(problems) == 2
    assert "no rate of EUR in 2020, which 1 activity needs (activities.csv line 15)" in problems[0]
    assert "no rate of KES in 2023, which 1 activity needs (activities.csv line 14)" in problems[1]


def test_rates_the_way_the_world_bank_gives_them(write):
    path = write("year,currency,per_usd\n2021,KES,125\n", "rates.csv")
    assert finance.read_rates(path)["usd"].tolist() == [0.008]


def test_rates_with_every_problem_at_once(write):
    lines = ["2020,KES,0.01,", "2020,KES,0.02,", "2021,KSH,0.01,", "2021,EUR,-1,"]
    lines += ["2022,EUR,1.1,0.9", "2022,KES,,", "2022,USD,1.1,", 'abc,EUR,"1,05",']
    path = write("year,currency,usd,per_usd\n" + "\n".join(lines) + "\n", "rates.csv")
    problems = errors_of(finance.read_rates, path)
    for place, found in (
        ("line 3", "a second time"),
        ("line 4, column currency", "'KSH'"),
        ("line 5, column usd", "'-1'"),
        ("line 6", "two rates"),
        ("line 7", "no rate"),
        ("line 8", "not 1 USD"),
        ("line 9, column year", "'abc'"),
        ("line 9, column usd", "Write 1.05"),
    ):
        assert any(place in text and found in text for text in problems), (place, found)
    assert len(problems) == 8


def test_dollars_need_no_rate_and_rates_are_of_the_year():
    paid = frame_of({"currency": "USD"}, {"currency": "EUR"}, {"currency": "EUR", "year": 2022})
    rates = pd.DataFrame({"year": [2021, 2022], "currency": "EUR", "usd": [1.2, 1.1]})
    amounts = finance.in_dollars(paid, rates)["amount_usd"].tolist()
    assert amounts == pytest.approx([100, 120, 110])
    with pytest.raises(InputError, match="no rate of EUR in 2022"):
        finance.in_dollars(paid, rates[:1])


def test_other_currencies_are_never_added_up_as_dollars():
    with pytest.raises(ValueError, match="found EUR; first call finance.in_dollars"):
        finance.summary(frame_of({"currency": "EUR"}), indicator="SO5-1")


# ---- duplicates and look-alikes ------------------------------------------------------------------

DOUBLES = {
    "the same": ({}, True),
    "written in another way": ({"crs_id": " x-1 ", "title": "Dünen"}, True),
    "another provider": ({"provider": "NORAD"}, True),
    "to the cent": ({"amount": 100.004}, True),
    "another cent": ({"amount": 100.01}, False),
    "another year": ({"year": 2022}, False),
    "another identifier": ({"crs_id": "X2"}, False),
    "another direction": ({"direction": "provided"}, False),
    "another sector": ({"purpose_code": "14010"}, False),
    "the sector in fewer digits": ({"purpose_code": "311"}, True),
    "no sector": ({"purpose_code": ""}, True),
    "a repayment": ({"amount": -100.0}, False),
    "another indicator": ({"indicator": "SO5-3", "amount": 100.0}, True),
    "indicator and direction": ({"indicator": "SO5-2", "direction": "spending"}, True),
    "indicator and sector": ({"indicator": "SO5-3", "purpose_code": "14010"}, True),
    "own amount under another indicator": ({"indicator": "SO5-3", "amount": 40.0}, False),
    "the sheet of technology": ({"indicator": "SO5-4"}, False),
}


@pytest.mark.parametrize("name", DOUBLES)
def test_what_is_a_duplicate(name):
    changes, expected = DOUBLES[name]
    rows = frame_of({"purpose_code": "31120"}, {"purpose_code": "31120"} | changes)
    assert len(finance.duplicates(rows)) == expected


def test_no_identifier_is_never_a_duplicate():
    rows = frame_of({"crs_id": ""}, {"crs_id": ""})
    assert finance.duplicates(rows).empty
    assert finance.look_alikes(rows)["reason"].tolist() == ["alike, no identifier"]


def test_a_typed_row_is_one_of_the_sectors():
    """The CRS splits an activity over two sectors; the team typed one of the halves again."""
    halves = [
        {"purpose_code": "14010", "source": "crs"},
        {"purpose_code": "14031", "source": "crs"},
    ]
    rows = frame_of(*halves, {"source": "sheet"})
    found = finance.duplicates(rows)
    assert found[["duplicate", "first"]].values.tolist() == [[0, 2]]
    assert finance.summary(rows, indicator="SO5-1")["amount_usd"].sum() == 200


def test_three_times_is_once():
    rows = frame_of({}, {}, {})
    assert finance.duplicates(rows)["duplicate"].tolist() == [1, 2]
    assert finance.summary(rows, indicator="SO5-1")["amount_usd"].sum() == 100


ALIKE = {
    "other direction": ({"direction": "provided"}, "same identifier, other direction"),
    "nearly the amount": ({"amount": 100.9}, "same identifier"),
    "more than one percent": ({"amount": 101.1}, None),
    "same title": ({"crs_id": "X2"}, "alike, other identifier"),
    "words in another order": (
        {"crs_id": "", "title": "Plain, the Dry: dunes"},
        "alike, no identifier",
    ),
    "another title": ({"crs_id": "X2", "title": "Wells"}, None),
    "another year": ({"crs_id": "X2", "year": 2022}, None),
    "another sector": ({"purpose_code": "14010"}, None),
    "a certain duplicate": ({}, None),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_looks_alike(name):
    changes, reason = ALIKE[name]
    first = {"title": "Dunes, the Dry Plain", "purpose_code": "31120"}
    found = finance.look_alikes(frame_of(first, first | changes))["reason"].tolist()
    assert found == ([reason] if reason else [])


def test_money_that_is_raised_and_spent_is_not_listed():
    raised = {"indicator": "SO5-2", "direction": "funding"}
    assert finance.look_alikes(frame_of(raised, raised | {"direction": "spending"})).empty


# ---- sums ----------------------------------------------------------------------------------------


def test_weights_count_a_share(section):
    weights = {"principal": 1.0, "significant": 0.4}
    found, findings = finance.compute_tables(section(weighting=weights))
    sums = wide(found["summary"][found["summary"]["indicator"] == "SO5-1"])
    assert sums["received"] == pytest.approx([100, 200, 120, 400])
    assert sums["provided"] == pytest.approx([0, 0, 24, 0])
    assert not any("no weights chosen" in text for text in said(findings))


def test_different_weights_need_a_type_of_support(section):
    rows = ROWS + "SO5-1,received,2020,Norway,Landia,Dunes,X1,100,,,,oda,,\n"
    finance.compute_tables(section(rows))  # alike: nothing to ask
    weights = {"principal": 1.0, "significant": 0.4}
    problems = errors_of(finance.compute_tables, section(rows, weighting=weights))
    assert len(problems) == 1 and "no type of support in activities.csv line 14" in problems[0]


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ({"principal": 1.0}, "significant: nothing"),
        ({"principal": 1.0, "significant": 1.5}, "significant: 1.5"),
        ({"principal": 1.0, "significant": 0.4, "other": 1}, "other: 1"),
        ({"principal": True, "significant": 0.4}, "principal: True"),
    ],
)
def test_impossible_weights(section, weights, found):
    problems = errors_of(finance.compute_tables, section(weighting=weights))
    assert len(problems) == 1 and found in problems[0]


def test_a_plain_table_can_be_summed_up():
    rows = pd.DataFrame({"year": [2020, 2023], "direction": "received", "amount_usd": [5.0, 7.0]})
    found = finance.summary(rows, indicator="SO5-1")
    assert found["amount_usd"].tolist() == [5, 0, 0, 7]
    assert found["activities"].tolist() == [1, 0, 0, 1]
    assert list(found) == ["indicator", "direction", "year", "amount_usd", "activities"]


def test_summary_says_what_is_wrong():
    with pytest.raises(ValueError, match="Unknown indicator: found 'SO5-5'"):
        finance.summary(frame_of({}), indicator="SO5-5")
    with pytest.raises(ValueError, match="lack columns: found year; add direction, amount"):
        finance.summary(pd.DataFrame({"year": [2020]}), indicator="SO5-1")


def test_years_outside_are_set_apart(section):
    rows = ROWS + "SO5-1,received,2019,Norway,Landia,Dunes,X1,100,,,,oda,principal,\n"
    found, findings = finance.compute_tables(section(rows))
    assert status_at(found, 14) == "outside"
    assert found["summary"]["year"].isin([2020, 2021, 2022, 2023]).all()
    assert any(
        "found rows of 2019: activities.csv line 14" in text for text in said(findings, "warning")
    )


def test_other_flows_of_the_state_are_in_no_total(section):
    rows = ROWS + "SO5-2,,2021,Ministry,,Transfer,,50,,USD,,other,principal,\n"
    found, findings = finance.compute_tables(section(rows))
    assert status_at(found, 14) == "unassigned"
    sums = wide(found["summary"][found["summary"]["indicator"] == "SO5-2"])
    assert sums == {"spending": [0, 90, 0, 0], "funding": [0, 0, 170, 0]}
    assert any("neither spending nor funding" in text for text in said(findings, "warning"))


def test_years_without_activities_are_asked_about(section):
    _, findings = finance.compute_tables(section())
    about = "Warning, finance: SO5-1, provided: found no activity in 2020, 2021, 2023"
    assert any(text.startswith(about) for text in said(findings))


# ---- technology transfer -------------------------------------------------------------------------


def test_funding_is_no_technology_transfer(section):
    rows = ROWS.replace("revenue,principal,\n", "revenue,principal,yes\n")
    found, findings = finance.compute_tables(section(rows))
    sums = wide(found["summary"][found["summary"]["indicator"] == "SO5-4"])
    assert sums["domestic"] == [0, 90, 0, 0]
    assert any("rows of public funding" in text for text in said(findings, "warning"))


OWN = (
    "SO5-4,received,2020,Germany,Landia,Terraces,A1,100,,,,,,\n"
    "SO5-4,provided,2022,Landia,Far Island,Training abroad,D4,60,,,,,,\n"
    "SO5-4,domestic,2021,Ministry of Land,,Contour lines,,90,,,,,,\n"
)


def test_a_sheet_of_its_own_replaces_the_flagged_rows(section):
    found, findings = finance.compute_tables(section(ROWS + OWN))
    sums = wide(found["summary"][found["summary"]["indicator"] == "SO5-4"])
    assert sums == {
        "provided": [0, 0, 60, 0],
        "received": [100, 0, 0, 0],
        "domestic": [0, 90, 0, 0],
    }
    assert not any("SO5-4 lacks" in text for text in said(findings))


def test_a_sheet_of_its_own_must_repeat_them(section):
    rows = ROWS + OWN.replace(",60,", ",61,")
    found, findings = finance.compute_tables(section(rows))
    assert wide(found["summary"].query("indicator == 'SO5-4'"))["provided"] == [0, 0, 61, 0]
    warned = said(findings, "warning")
    assert any("that the sheet SO5-4 lacks: activities.csv line 8" in text for text in warned)
    assert any("not flagged elsewhere: activities.csv line 15" in text for text in warned)


# ---- trends --------------------------------------------------------------------------------------

YEARS = (2020, 2021, 2022, 2023)
TRENDS = {
    (100, 100, 110, 110): "stable",  # exactly 10 % more
    (100, 100, 110, 110.1): "increasing",
    (100, 100, 90, 90): "stable",
    (100, 100, 90, 89.9): "declining",
    (50, 150, 150, 50): "stable",
    (0, 0, 0, 0): "stable",
    (0, 0, 0, 1): "increasing",
    (1, 0, 0, 0): "declining",
    (100, math.nan, 100, 100): "unknown",
}


@pytest.mark.parametrize("amounts", TRENDS)
def test_every_trend(amounts):
    assert finance.trend(dict(zip(YEARS, amounts, strict=True))).trend == TRENDS[amounts]


def test_a_missing_year_is_unknown():
    assert finance.trend({2020: 1, 2021: 1, 2022: 1}).trend == "unknown"


def test_the_numbers_behind_a_trend():
    found = finance.trend({2020: 100, 2021: 200, 2022: 300, 2023: 400})
    assert found == ("increasing", 150, 350, pytest.approx(100 * 200 / 150))
    assert finance.trend({2020: 100, 2021: 200, 2022: 300, 2023: 400}, threshold=150).trend == (
        "stable"
    )


def test_trends_of_the_world(section):
    declared = {"SO5-1": {"received": "declining", "provided": "stable"}}
    found, findings = finance.compute_tables(section(trends=declared))
    rows = found["trends"].set_index(["indicator", "direction"])
    assert rows.loc[("SO5-1", "received"), ["declared", "suggested"]].tolist() == [
        "declining",
        "increasing",
    ]
    assert rows.loc[("SO5-1", "provided"), "suggested"] == "unknown"  # three years without any
    about = "Info, finance: trends: SO5-1: received: found declining declared"
    assert sum(text.startswith(about) for text in said(findings)) == 1


def test_impossible_settings(section):
    options = {
        "trends": {"SO5-1": {"domestic": "stable", "received": "rising"}, "SO6": {"a": "stable"}},
        "default_sheet": "accepted",
    }
    problems = errors_of(finance.compute_tables, section(**options))
    assert len(problems) == 4
    for text in ("found 'accepted'", "no such trend", "'rising'", "trends: SO6: a"):
        assert any(text in problem for problem in problems)


# ---- invariants ----------------------------------------------------------------------------------

activity = st.fixed_dictionaries(
    {
        "indicator": st.sampled_from(["SO5-1", "SO5-3"]),
        "direction": st.sampled_from(["provided", "received"]),
        "year": st.sampled_from([2019, *YEARS]),
        "crs_id": st.sampled_from(["", "A", "B"]),
        "amount": st.sampled_from([-5.0, 10.0, 10.05, 20.0]),
        "purpose_code": st.sampled_from(["", "311", "31120", "14010"]),
        "support": st.sampled_from(["principal", "significant"]),
        "title": st.sampled_from(["Dunes", "Wells"]),
        "provider": st.sampled_from(["Norway", "Sweden"]),
        "source": st.sampled_from(["sheet", "crs"]),
    }
)
calm = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@calm
@given(rows=st.lists(activity, min_size=1, max_size=9), data=st.data())
def test_the_order_of_the_rows_does_not_matter(rows, data):
    shuffled = data.draw(st.permutations(rows))
    weights = {"principal": 1.0, "significant": 0.25}
    for indicator in ("SO5-1", "SO5-3"):
        first, second = (
            finance.summary(pd.DataFrame(part), indicator=indicator, weighting=weights)
            for part in (rows, shuffled)
        )
        pd.testing.assert_frame_equal(first, second)


@calm
@given(rows=st.lists(activity, min_size=1, max_size=7, unique_by=str), data=st.data())
def test_the_order_does_not_matter_for_look_alikes(rows, data):
    table = pd.DataFrame(rows)
    table = table.drop(index=finance.duplicates(table)["duplicate"])
    shuffled = table.loc[data.draw(st.permutations(table.index.tolist()))]
    pairs = [
        sorted(
            (row.reason, *sorted([(row.first_amount_usd, row.first_title),
                                  (row.second_amount_usd, row.second_title)]))
            for row in finance.look_alikes(part.reset_index(drop=True)).itertuples()
        )
        for part in (table, shuffled)
    ]  # fmt: skip
    assert pairs[0] == pairs[1]


@calm
@given(rows=st.lists(activity, min_size=1, max_size=9), share=st.floats(0, 1))
def test_sums_are_linear_in_the_weights(rows, share):
    table = pd.DataFrame(rows)

    def total(principal, significant):
        weights = {"principal": principal, "significant": significant}
        found = finance.summary(table, indicator="SO5-1", weighting=weights)
        return found["amount_usd"].to_numpy()

    mixed = total(1.0, share)
    assert mixed == pytest.approx(total(1.0, 0.0) + share * total(0.0, 1.0), abs=1e-9)


@calm
@given(rows=st.lists(activity, min_size=1, max_size=9))
def test_an_amount_never_counts_twice(rows):
    """What is kept under one identifier, year and amount: one row, or one per sector."""
    table = pd.DataFrame(rows)
    doubled = finance.duplicates(pd.concat([table, table], ignore_index=True))
    assert set(doubled["first"]).isdisjoint(doubled["duplicate"])
    again = pd.concat([table, table], ignore_index=True)
    named = table[(table["crs_id"] != "") & (table["amount"] > 0)]
    once = finance.duplicates(table)
    assert len(again) - len(doubled) == len(table) - len(once) + len(table) - len(named)


def test_numbers_come_from_the_tables():
    assert list(finance.years()) == list(YEARS)
    assert tables.constant("finance_trend_change") == 10


# ---- parts for charts ----------------------------------------------------------------------------


def test_amounts_by_provider_and_sector(section):
    found, _ = finance.compute_tables(section())
    rows = finance.amounts_by(found["activities"], by="provider", indicator="SO5-1", most=2)
    sums = rows.groupby("provider", sort=False)["amount_usd"].sum().to_dict()
    assert sums == {"GEF": 400, "Germany": 300, "other_kind": 360}
    rows = finance.amounts_by(found["activities"], by="sector", indicator="SO5-1")
    sums = rows.groupby("sector")["amount_usd"].sum().to_dict()
    assert sums == {"agriculture": 300, "forestry": 400, "water_supply": 300, "no_data": 60}
    total = finance.summary(found["activities"], indicator="SO5-1")["amount_usd"].sum()
    assert rows["amount_usd"].sum() == total
    with pytest.raises(KeyError, match="No column 'donor': found indicator"):
        finance.amounts_by(found["activities"], by="donor", indicator="SO5-1")
