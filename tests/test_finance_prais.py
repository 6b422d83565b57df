"""The tables of SO5 and rule 8, in the world of test_finance.py without its planted mistakes.

received, SO5-1: 100, 200, 300, 400     provided: 0, 0, 60, 0     (USD, 2020 to 2023)
spending, SO5-2: 0, 90, 0, 0            funding: 0, 0, 170, 0     KES at 0.009 and 0.0085
domestic, SO5-3: 0, 0, 0, 80
SO5-4: received 100 in 2020, provided 60 in 2022, domestic 90 in 2021
"""

import csv
import json
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import finance, prais, tables
from ldnkit.country_file.finance_layers import Finance

METADATA = {"title": "Budget", "link": "https://example.org", "author": "MoF", "citation": "MoF"}
HEADER = (
    "indicator,direction,year,provider,recipient,title,crs_id,amount,private_amount_usd,"
    "currency,sector,flow_type,support,technology_transfer\n"
)
ROWS = {
    "terraces": "SO5-1,received,2020,Germany,Landia,Terraces,001,100,,,311,oda,principal,yes",
    "second": "SO5-1,received,2021,Germany,Landia,Terraces,001,200,,,311,oda,principal,no",
    "water": "SO5-1,received,2022,Sweden,Landia,Water,B2,300,,,140,oda,significant,no",
    "forest": "SO5-1,received,2023,GEF,Landia,Forest front,C3,400,,,312,oda,principal,",
    "training": "SO5-1,provided,2022,Landia,Far Isle,Training,D4,60,,,,oda,significant,yes",
    "lines": "SO5-2,,2021,Ministry,,Contour lines,,10000,,KES,,expenditure,principal,yes",
    "tax": "SO5-2,,2022,Treasury,,Tax on gravel,,20000,,KES,,revenue,principal,",
    "nursery": "SO5-3,domestic,2023,Bank,,Tree nursery,E5,,80,,,,principal,",
}
REPAID = "SO5-1,received,2022,Sweden,Landia,Water,B2,-50,,,140,oda,significant,"
DOUBLE = "SO5-2,,2022,Ministry,,Water,B2,300,,USD,,expenditure,principal,"
RATES = "year,currency,usd\n2021,KES,0.009\n2022,KES,0.0085\n"
NEEDS = (
    "plan,objective,need_usd,horizon\n"
    "Drought plan,Early warning,5000000,2025–2030\n"
    "LDN,Dunes,,2026\n"
)


def make_country(**changes):
    section = SimpleNamespace(source="national", metadata=SimpleNamespace(**METADATA))
    return paper_country(**{"finance": section} | changes)


@pytest.fixture
def report(tmp_path):
    """A report from rows of activities, with other settings."""

    def make(rows=None, needs="", through=False, country=None, **settings):
        rows = ROWS.values() if rows is None else rows
        (tmp_path / "a.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
        (tmp_path / "r.csv").write_text(RATES, encoding="utf-8")
        files = {"activities": tmp_path / "a.csv", "exchange_rates": tmp_path / "r.csv"}
        if needs:
            (tmp_path / "n.csv").write_text(needs, encoding="utf-8")
            files["needs"] = tmp_path / "n.csv"
        found, findings = finance.compute_tables(Finance(**files | settings), country="XLD")
        if through:  # kept on disk and read again, as results are
            for name, table in found.items():
                table.to_csv(tmp_path / f"{name}.csv", index=False)
            found = {name: pd.read_csv(tmp_path / f"{name}.csv") for name in found}
        result = SimpleNamespace(tables=found, years={}, findings=findings)
        return prais.build(make_country(**country or {}), {"finance": result})

    return make


def of_rule_8(report):
    """Findings of the rules about finance, without empty answers and other forms."""
    wanted = ("USD", "increasing", "stable", "declining")
    return [
        str(found)
        for found in prais.check(report)
        if found.where.startswith("SO5") and any(word in found.expected for word in wanted)
    ]


# ---- T2: amounts ---------------------------------------------------------------------------------


def test_amounts_by_year(report):
    found = report()
    first = found["SO5-1.T2"]
    assert list(first.frame) == ["provided", "received", "comments"]
    assert first.frame.index.tolist() == ["2020", "2021", "2022", "2023"]
    assert first.frame["received"].tolist() == [100, 200, 300, 400]
    assert first.frame["provided"].tolist() == [0, 0, 60, 0]
    second = found["SO5-2.T2"].frame
    assert second["public_spending"].tolist() == pytest.approx([0, 90, 0, 0])
    assert second["public_funding"].tolist() == pytest.approx([0, 0, 170, 0])
    third = found["SO5-3.T2"].frame
    assert third["domestic"].tolist() == [0, 0, 0, 80]
    assert third[["provided", "received"]].isna().all(axis=None)
    fourth = found["SO5-4.T2"].frame
    assert fourth["received"].tolist() == [100, 0, 0, 0]
    assert fourth["domestic"].tolist() == pytest.approx([0, 90, 0, 0])
    assert (first.unit, first.period, first.notebook) == ("usd", "2020–2023", "14")


def test_what_stands_behind_the_amounts(report):
    table = report([*ROWS.values(), REPAID])["SO5-1.T2"]
    assert table.help["received.activities"].tolist() == [1, 1, 1, 1]
    assert table.help["received.repayments"].tolist() == [0, 0, 50, 0]
    assert table.frame["received"].tolist() == [100, 200, 300, 400]
    assert "Not in the sums: rows that are repayments (1; 50 USD)." in table.notes
    headings = list(table.labelled_help("en"))
    assert headings[3] == "Received, Repayments (not taken off)"


def test_results_may_come_from_disk(report):
    fresh, kept = report(needs=NEEDS), report(needs=NEEDS, through=True)
    assert list(fresh.tables) == list(kept.tables)
    for name, table in fresh.tables.items():
        other = kept.tables[name]
        if name.endswith("T3"):  # a leading zero of an identifier does not survive
            drop = ["crs_id"]
            frames = [part.frame.drop(columns=drop) for part in (table, other)]
        else:
            frames = [table.frame, other.frame]
        pd.testing.assert_frame_equal(*frames, check_dtype=False)
        assert table.notes == other.notes


# ---- T1: trends ----------------------------------------------------------------------------------


def test_trends_are_suggested_and_left_to_the_team(report):
    table = report()["SO5-1.T1"]
    assert table.frame.index.tolist() == ["provided", "received"]
    assert table.frame["trend"].tolist() == ["", ""]
    assert table.help["suggested_trend"].tolist() == ["unknown", "increasing"]
    assert table.help.loc["received", ["first_half", "last_half"]].tolist() == [150, 350]
    missing = [str(found) for found in prais.check(report()) if "SO5-1.T1" in found.where]
    assert any("trend: found nothing for provided, received" in text for text in missing)


def test_a_declared_trend_must_agree(report):
    wrong = report(trends={"SO5-1": {"received": "stable", "provided": "declining"}})
    (text,) = of_rule_8(wrong)
    assert text.startswith("Warning, SO5-1.T1, received, trend: found stable; expected increasing")
    assert "from 150.00 USD to 350.00 USD a year, +133 %" in text
    assert of_rule_8(report(trends={"SO5-1": {"received": "increasing"}})) == []


def test_a_trend_filled_in_later_is_checked_too(report):
    found = report()
    found.fill("SO5-1.T1", "received", "trend", "declining")
    assert len(of_rule_8(found)) == 1
    found.fill("SO5-1.T1", "received", "trend", "increasing")
    assert of_rule_8(found) == []
    with pytest.raises(ValueError, match="found 'rising'; use one of increasing, stable"):
        found.fill("SO5-1.T1", "received", "trend", "rising")


# ---- T3 and rule 8 -------------------------------------------------------------------------------


def test_activities_go_to_the_platform(report):
    table = report([*ROWS.values(), REPAID])["SO5-1.T3"]
    assert table.frame["activity_title"].tolist() == [
        *("Terraces", "Terraces", "Training", "Water", "Forest front")
    ]
    assert table.frame["amount_usd"].tolist() == [100, 200, 60, 300, 400]
    assert set(table.frame["counted"]) == {"yes"}
    second = report()["SO5-2.T3"].frame
    assert second["amount_domestic"].tolist() == [10000, 20000]
    assert second["amount_usd"].tolist() == pytest.approx([90, 170])
    assert second["spending_or_funding"].tolist() == ["public_spending", "public_funding"]


def test_an_amount_under_two_forms(report):
    found = report([*ROWS.values(), DOUBLE])
    assert found["SO5-2.T2"].frame.loc["2022", "public_spending"] == 0  # counted in SO5-1 only
    double = found["SO5-2.T3"].frame.set_index("activity_title").loc["Water"]
    assert double[["counted", "counted_usd", "twin"]].tolist() == ["no", 0, "a.csv line 4"]
    (text,) = of_rule_8_doubles(found)
    assert text.startswith("Error, SO5-2.T3, 3, amount: found 300.00 USD of B2 in 2022, as in")
    assert "A co-financed project has its own amount" in text


def of_rule_8_doubles(report):
    return [str(found) for found in prais.check(report) if "under one form only" in found.expected]


def test_a_co_financed_project_with_its_own_amounts(report):
    found = report([*ROWS.values(), DOUBLE.replace(",300,", ",120,")])
    assert found["SO5-2.T2"].frame.loc["2022", "public_spending"] == 120
    assert of_rule_8_doubles(found) == []


def test_a_row_given_twice_is_no_breach_of_the_report(report):
    found = report([*ROWS.values(), ROWS["water"]])
    assert found["SO5-1.T2"].frame.loc["2022", "received"] == 300
    assert of_rule_8_doubles(found) == []
    assert any("It counts once" in str(text) for text in found.findings)


def test_technology_transfer_equals_the_flagged_rows(report):
    assert of_rule_8(report()) == []
    own = "SO5-4,received,2020,Germany,Landia,Terraces,001,100,,,,,,"
    found = report([*ROWS.values(), own])  # it does not repeat the other two
    problems = [text for text in of_rule_8(found) if "technology transfer" in text]
    assert len(problems) == 2
    assert problems[0].startswith("Error, SO5-4.T2, 2022, provided: found 0.00 USD; expected 60.00")
    assert "2021, domestic" in problems[1]
    rest = ["SO5-4,provided,2022,Landia,Far Isle,Training,D4,60,,,,,,"]
    rest.append("SO5-4,domestic,2021,Ministry,,Contour lines,,90,,,,,,")
    assert of_rule_8(report([*ROWS.values(), own, *rest])) == []


def test_amounts_are_the_sums_of_the_activities(report):
    found = report()
    found.fill("SO5-1.T2", "2021", "received", 250)
    (text,) = of_rule_8(found)
    assert text.startswith("Warning, SO5-1.T2, 2021, received: found 250.00 USD; expected 200.00")


def test_weights_run_through(report):
    found = report(weighting={"principal": 1.0, "significant": 0.4})
    assert found["SO5-1.T2"].frame["received"].tolist() == pytest.approx([100, 200, 120, 400])
    third = found["SO5-1.T3"].frame.set_index("activity_title")
    assert third.loc["Water", ["amount_usd", "counted_usd"]].tolist() == pytest.approx([300, 120])
    assert (
        "Share of an amount that counts: principal 1, significant 0.4." in found["SO5-1.T2"].notes
    )
    assert of_rule_8(found) == []


# ---- the rest ------------------------------------------------------------------------------------


def test_optional_forms_without_anything_step_aside(report):
    found = report([ROWS["water"]])
    assert {"SO5-3.T1", "SO5-3.T2", "SO5-4.T1", "SO5-5.T1"} <= set(found.left_out)
    assert "SO5-2.T1" in found.tables and "SO5-2.T2" not in found.tables
    assert found["SO5-2.T1"].frame.index.tolist() == ["public_spending", "public_funding"]
    said = {each.where: each for each in prais.check(found) if each.where.startswith("SO5")}
    assert said["SO5-3.T2"].severity == "info"
    assert said["SO5-2.T2"].severity == "warning"


def test_plans_and_needs(report):
    table = report(needs=NEEDS)["SO5-5.T1"]
    assert table.frame["objective"].tolist() == ["Early warning", "Dunes"]
    assert table.frame["need_usd"].tolist()[0] == 5e6
    assert table.period == "2025–2030, 2026"
    assert table.notes == ["Needs that are described and not costed: 1."]
    assert not [found for found in prais.check(report(needs=NEEDS)) if "SO5-5.T1" in found.where]


def test_methodological_information(report):
    table = report()["SO5.T1"]
    notes = table.frame["method_note"]
    rates = "2021: 1 KES = 0.009 USD; 2022: 1 KES = 0.0085 USD."
    assert notes["topic_exchange_rates"] == rates
    assert notes["topic_definitions"] == notes["topic_weights"] == ""  # the team's own words
    chosen = report(weighting={"principal": 1.0, "significant": 0.4})["SO5.T1"].frame["method_note"]
    assert chosen["topic_weights"] == "Principal 1, significant 0.4, chosen by the team."


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_written_in_every_language(report, tmp_path, language):
    files = prais.write(report(needs=NEEDS), tmp_path / "report", language=language)
    book = openpyxl.load_workbook(files["xlsx"])
    made = [f"SO5-{form}.T{part}" for form in (1, 2, 3, 4) for part in (1, 2, 3)]
    assert {*made, "SO5-5.T1", "SO5.T1"} <= set(book.sheetnames)
    with (files["csv"] / "SO5-2.T2.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][1] == tables.label("finance.public_spending", language)
    assert [row[1] for row in rows[1:]] == ["0", "90", "0", "0"]
    with (files["csv"] / "SO5-1.T3.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    flow = first[tables.label("column.flow_type", language)]
    assert flow == tables.label("finance.oda", language)
    data = json.loads(files["json"].read_text(encoding="utf-8"))
    assert data["tables"]["SO5-1.T2"]["exact"][0][1] == 100


def test_no_cell_is_called_missing(report):
    """What a form leaves to the team is asked for as an answer, not as a missing figure."""
    found = [each for each in prais.check(report()) if each.where.startswith("SO5")]
    assert not [str(each) for each in found if "an empty cell" in each.found]


def test_keys_of_finance_have_words_of_their_own():
    from ldnkit.finance.columns import choice_label
    from ldnkit.prais.finance import shown
    from ldnkit.prais.report import wording

    keys = dict.fromkeys(tables.read("finance_choices")["key"])
    for language in tables.LANGUAGES:
        for key in map(shown, keys):
            assert wording(key, language) == tables.label(choice_label(key), language), key
