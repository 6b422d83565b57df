"""Which figures serve other frameworks, and which tools a team meets."""

import pandas as pd
import pytest

from ldnkit import crosswalk, tables
from ldnkit.prais.report import Report, Table

#: The pairs that the session document and the reporting manual give themselves.
SAME_NUMBER = {
    "SO1-4": "15.3.1",
    "SO2-1": "1.1.1",
    "SO2-2": "6.1.1",
    "SO4-2": "15.5.1",
}
#: Tools named in the session document.
TOOLS = [
    *("PRAIS 4", "UNCCD data dashboard", "LDN target tracking tool", "Trends.Earth"),
    *("SEPAL 15.3.1 module", "WOCAT", "LUP4LDN", "GEO-LDN toolbox", "FERM", "DaRT", "WorldPop"),
    *("OpenGeoHub, OpenLandMap", "GLAD", "GLC_FCS30D", "HiLPD"),
]


def test_the_rows_are_short_and_complete():
    found = crosswalk.indicators()
    assert len(found) <= 30
    assert not found.duplicated(["unccd", "framework", "code"]).any()
    assert set(found["relation"]) == set(crosswalk.RELATIONS)
    assert set(found["confirmed"]) == {"confirmed", "read"}
    assert (found[["title", "tables", "reuse", "source"]] != "").all(axis=None)
    # a code from an indicator list that lies not beside this workbook is not called confirmed
    outside = found["source"].str.contains("to be confirmed")
    assert set(found.loc[outside, "confirmed"]) == {"read"}


def test_indicators_and_tables_are_known():
    known = tables.prais_tables()
    forms = {*tables.read("forms")["form"], *(f"SO{number}-IF" for number in range(1, 6))}
    for row in crosswalk.indicators().to_dict("records"):
        assert row["unccd"] in forms, row
        assert set(row["tables"].split(";")) <= set(known["id"]), row


@pytest.mark.parametrize(("unccd", "code"), SAME_NUMBER.items())
def test_the_same_number(unccd, code):
    found = crosswalk.indicators().set_index(["unccd", "framework", "code"])
    row = found.loc[(unccd, "SDG", code)]
    assert row["relation"] == "same_number" and row["confirmed"] == "confirmed"
    assert row["tables"].startswith(f"{unccd}.T")


def test_components_of_the_degraded_land():
    found = crosswalk.indicators()
    parts = found[(found["code"] == "15.3.1") & (found["relation"] == "component")]
    assert parts["unccd"].tolist() == ["SO1-1", "SO1-2", "SO1-3", "SO2-3"]
    target = found[(found["framework"] == "GBF") & (found["code"] == "Target 2")]
    assert dict(zip(target["unccd"], target["relation"], strict=True)) == {
        "SO1-4": "component",
        "SO1-VT": "context",
    }


def test_core_factors_of_vulnerability_agree_with_the_list_of_factors():
    """SO3-3 takes over 1.1.1 and 6.1.1 only as long as they are core factors."""
    factors = tables.read("drought_factors").set_index("factor")["core"]
    assert factors["poverty_headcount"] == factors["safely_managed_water"] == "yes"
    found = crosswalk.indicators().query("unccd == 'SO3-3'")
    assert found["code"].tolist() == ["1.1.1", "6.1.1"]


def report_of(*ids, area="country"):
    made = [Table(each, "", "", "", 0, "", pd.DataFrame()) for each in ids]
    return Report(None, {each.id: each for each in made}, area=area)


def test_reuse_says_what_a_report_can_serve():
    found = crosswalk.reuse(report_of("SO1-4.T2", "SO2-1.T1"))
    listed = list(zip(found["unccd"], found["code"], found["tables"], found["missing"]))
    assert listed == [
        ("SO1-4", "15.3.1", "SO1-4.T2", ""),
        ("SO1-4", "Target 2", "SO1-4.T2", "SO1-4.T1"),
        ("SO1-4", "15.4.2", "SO1-4.T2", "SO1-1.T4"),
        ("SO2-1", "1.1.1", "SO2-1.T1", ""),
        ("SO3-3", "1.1.1", "SO2-1.T1", "SO3-3.T1"),
    ]
    assert found["relation"].iloc[0] == "the same figure"


def test_reuse_of_nothing_and_of_the_affected_area():
    assert crosswalk.reuse(report_of()).empty
    found = crosswalk.reuse(report_of("SO1-4.T2", area="affected"))
    assert found["tables"].iloc[0] == "AA-SO1-4.T2"


def test_reuse_changes_nothing():
    before = crosswalk.indicators()
    crosswalk.reuse(report_of("SO1-4.T2"))
    pd.testing.assert_frame_equal(crosswalk.indicators(), before)


def test_every_tool_says_what_it_gives():
    found = crosswalk.tools()
    assert found["tool"].tolist() == TOOLS
    assert (found[["forms", "gives", "source"]] != "").all(axis=None)
    assert set(found["confirmed"]) == {"confirmed", "read"}


def test_files_of_the_tools_are_those_of_the_country_file():
    """A file that goes in or out has the name that country.yml and its example use."""
    files = " ".join(crosswalk.tools()[["file_in", "file_out"]].to_numpy().ravel())
    example = tables.read("country_keys").set_index("key")["example"]
    for key in ("targets.register", "targets.actions", "targets.scenario", "narrative.answers"):
        assert example[key] in files, key
    for name in ("glad", "glc_fcs30d"):
        assert f"nesting: {name}" in files and name in tables.NESTINGS
