"""What changed between two reports: differences worked by hand, reasons from provenances.

earlier            land  water        later             land  water
2015                80     20         2015               80     20
2023                75     25         2023               70     30
"""

import copy
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_reports import degraded, hand_made_report, processes, profile

from ldnkit import prais
from ldnkit.findings import InputError
from ldnkit.prais import writers
from ldnkit.prais.changes import COLUMNS, changes, revisions, sentence
from ldnkit.prais.written import as_book, in_order


@pytest.fixture(autouse=True)
def as_printed(monkeypatch):
    """The figures of these reports are printed by hand already."""
    monkeypatch.setattr("ldnkit.prais.printed.print_report", lambda report: None)


def found(frame, *columns):
    return [tuple(row) for row in frame[list(columns)].to_numpy().tolist()]


def trace(*, sha="a", parameter=10, used=2022, version="ldnkit 1", code="c", answers=None):
    """A provenance of two indicators: soil rests on land cover."""

    def entry(layer, name, digest="same"):
        return {"layer": layer, "file": name, "sha256": digest, "years": []}

    return {
        "made_with": version,
        "code": code,
        "packages": {"numpy": "2"},
        "country": {"cycle": 2026, "method": "manual", "boundary_rule": "centre"},
        "indicators": {
            "land_cover": {
                "inputs": [entry("boundary", "b.gpkg"), entry("land_cover", "lc_2015.tif", sha)],
                "parameters": {},
                "years_used": {"2023": used},
                "options": {"land_cover": {"nesting_name": "esa_cci"}},
            },
            "soil": {
                "inputs": [entry("soil", "soc.tif")],
                "parameters": {"soil_threshold": parameter},
                "years_used": {},
            },
        },
        "tables": {
            "CP-1.T1": {"indicators": ["land_cover"], "layers": ["boundary", "land_cover"]},
            "SO1-4.T2": {
                "indicators": ["land_cover", "soil"],
                "layers": ["boundary", "land_cover", "soil"],
                "answers": answers is not None,
            },
        },
        "sheets": [entry("answers", "answers.csv", answers)] if answers else [],
    }


def test_figures_that_changed_by_hand():
    earlier = hand_made_report(profile())
    later = hand_made_report(profile(land=(80.0, 70.0), water=(20.0, 30.0)))
    frame = changes(earlier, later)
    assert tuple(frame.columns) == COLUMNS
    # water: 25 → 30, +20 %; land: 75 → 70, −6.67 %; the sum stays 100
    assert found(frame, "row", "column", "earlier", "later", "difference", "unit") == [
        ("2023", "water_bodies", 25.0, 30.0, 5.0, "km2"),
        ("2023", "total_land_area", 75.0, 70.0, -5.0, "km2"),
    ]
    assert frame["percent"].tolist() == pytest.approx([20, -100 * 5 / 75])
    assert set(frame["differs"]) == {"printed"}
    assert set(frame["because"]) == {"not known: a provenance is missing"}


def test_an_exact_difference_that_does_not_show():
    # 75.001 and 75.002 print as 75.00 and differ by 1.3e-5; 80 and 80.00000001 by 1.3e-10
    earlier = hand_made_report(profile(land=(80.0, 75.001)))
    later = hand_made_report(profile(land=(80.00000001, 75.002)))
    frame = changes(earlier, later)
    assert found(frame, "row", "column", "differs") == [
        ("2023", "total_land_area", "exact"),
        ("2023", "total_country_area", "exact"),
    ]
    assert frame["difference"].tolist() == pytest.approx([0.001, 0.001])


def test_the_threshold_is_one_part_in_a_million():
    def differ(part):
        earlier = hand_made_report(profile(land=(80.0, 75.0)))
        return not changes(earlier, hand_made_report(profile(land=(80.0, 75.0 + part)))).empty

    assert not differ(75.0 * 0.99e-6) and differ(75.0 * 1.1e-6)


def test_rows_columns_and_tables_that_appear_or_vanish():
    earlier = hand_made_report(profile(), degraded())
    later = hand_made_report(profile(years=("2015", "2027"), period="2015, 2023"), processes())
    del later["CP-1.T1"].frame["water_bodies"], later["CP-1.T1"].printed["water_bodies"]
    frame = changes(earlier, later)
    assert found(frame, "table", "row", "column", "kind") == [
        ("CP-1.T1", "2027", "", "appeared"),
        ("CP-1.T1", "2023", "", "vanished"),
        ("CP-1.T1", "", "water_bodies", "vanished"),
        ("SO1-1.T1", "", "", "appeared"),
        ("SO1-4.T2", "", "", "vanished"),
    ]


def test_texts_units_titles_and_periods():
    earlier, later = hand_made_report(degraded()), hand_made_report(degraded())
    table = later["SO1-4.T2"]
    table.printed.loc["2023", "confidence"] = table.frame.loc["2023", "confidence"] = "high"
    table.unit, table.title_key, table.period = "ha;percent", "prais.CP-1.T1", "2015, 2022"
    frame = changes(earlier, later)
    assert frame["kind"].tolist() == ["title", "unit", "period", "text"]
    assert found(frame, "earlier", "later")[1:] == [
        ("km2;percent", "ha;percent"),
        ("2015, 2023", "2015, 2022"),
        ("medium", "high"),
    ]
    assert frame["difference"].isna().all()


def test_a_figure_that_comes_or_goes_has_no_difference():
    earlier, later = hand_made_report(degraded()), hand_made_report(degraded())
    for frame in (later["SO1-4.T2"].frame, later["SO1-4.T2"].printed):
        frame.loc["2023", "degraded_area"] = float("nan")
    (row,) = changes(earlier, later).to_dict("records")
    assert row["earlier"] == 15.0 and row["later"] is None and pd.isna(row["difference"])


def test_rows_of_a_list_are_known_by_their_words():
    forest = ("deforestation", "tree", "cropland", 20.0)
    town = ("urban expansion", "grassland", "artificial", 30.0)
    drain = ("wetland drainage", "wetland", "cropland", 8.0)
    earlier = hand_made_report(processes(forest, town))
    assert changes(earlier, hand_made_report(processes(town, forest))).empty
    frame = changes(earlier, hand_made_report(processes(town, drain, (*forest[:3], 25.0))))
    assert found(frame, "row", "column", "kind", "earlier", "later") == [
        ("2", "", "appeared", None, None),
        ("1 → 3", "baseline.area", "figure", 20.0, 25.0),
    ]


def test_the_order_is_that_of_the_platform():
    assert in_order(["SO1-4.T2", "AA-CP-1.T1", "CP-1.T1", "x"]) == [
        *("CP-1.T1", "SO1-4.T2", "x", "AA-CP-1.T1")
    ]


def test_a_changed_file_is_named_as_the_reason_where_it_is_used():
    earlier = hand_made_report(profile(), degraded())
    later = hand_made_report(profile(land=(81.0, 75.0)), degraded(area=(9.0, 15.0)))

    def reasons(before, after):
        frame = changes(earlier, later, earlier_provenance=before, later_provenance=after)
        return frame.groupby("table")["because"].first().to_dict()

    assert reasons(trace(), trace(sha="b")) == {
        "CP-1.T1": "changed files: lc_2015.tif",
        "SO1-4.T2": "changed files: lc_2015.tif",
    }
    assert reasons(trace(), trace(parameter=15)) == {
        "CP-1.T1": "the provenance shows no difference",
        "SO1-4.T2": "parameters: soil_threshold: 10 → 15",
    }
    assert reasons(trace(), trace(used=2023))["CP-1.T1"] == (
        "years used: land_cover 2023: 2022 → 2023"
    )
    assert reasons(trace(), trace(version="ldnkit 2", code="d"))["CP-1.T1"] == (
        "version: ldnkit 1 → ldnkit 2"
    )
    assert reasons(trace(), trace(code="d"))["CP-1.T1"] == "code of the package changed (ldnkit 1)"
    assert reasons(trace(), trace(answers="x")) == {
        "CP-1.T1": "the provenance shows no difference",
        "SO1-4.T2": "new files: answers.csv",
    }


def test_reports_on_disk_and_their_provenance(tmp_path):
    earlier = hand_made_report(profile(), degraded())
    later = hand_made_report(profile(land=(81.0, 75.0)), degraded())
    path, traced = tmp_path / "prais_XLD_2026.json", tmp_path / "provenance.json"
    path.write_text(json.dumps(writers.as_dict(earlier, [], "fr")), encoding="utf-8")
    traced.write_text(json.dumps(trace()), encoding="utf-8")
    frame = changes(path, later, earlier_provenance=traced, later_provenance=trace(sha="b"))
    assert set(frame["column"]) == {"total_land_area", "total_country_area"}  # titles in French
    assert set(frame["because"]) == {"changed files: lc_2015.tif"}
    assert changes(path, path).empty and changes(json.loads(path.read_text()), earlier).empty
    with pytest.raises(FileNotFoundError, match="found nothing at .*none.json; give the path"):
        changes(tmp_path / "none.json", later)
    for text in ("{", "[]", '{"tables": {"CP-1.T1": {"rows": []}}}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="prais_XLD_2026.json"):
            changes(path, later)


def test_one_sentence():
    earlier = hand_made_report(profile())
    later = hand_made_report(profile(land=(80.0, 70.0), water=(20.0, 30.0)))
    said = sentence(changes(earlier, later))
    assert said == (
        "Since the earlier report: 2 changed figures and 0 other changes, tables concerned: 1. "
        "The largest relative change: CP-1.T1 (2023, Water bodies), from 25 to 30."
    )
    for language in ("fr", "es", "ru", "ar", "zh"):
        other = sentence(changes(earlier, later), language)
        assert "CP-1.T1" in other and "25" in other and other != said
    nothing = sentence(changes(earlier, earlier))
    assert nothing == "Nothing has changed since the earlier report."


def test_revisions_are_figures_of_earlier_periods():
    years = ("2015", "2019", "2023")
    earlier = hand_made_report(degraded((8.0, 9.0, 15.0), (80.0, 80.0, 75.0), years))
    later = hand_made_report(degraded((8.0, 12.0, 16.0), (80.0, 80.0, 75.0), years))
    earlier.country.cycle = earlier.country.cycle.__class__(2022)
    frame = revisions(earlier, later)
    assert found(frame, "row", "column", "previous", "new", "difference", "reason") == [
        ("2019", "degraded_area", 9.0, 12.0, 3.0, ""),
        ("2019", "degraded_share", 11.25, 15.0, 3.75, ""),
    ]  # 2023 is no earlier year for a submission of 2022
    assert len(revisions(earlier, later, unchanged=True)) == 4


def test_prais_has_the_names():
    assert prais.changes is changes and prais.revisions is revisions


FIGURES = st.floats(0, 1e6, allow_nan=False).map(lambda value: round(value, 4))
PAIRS = st.lists(FIGURES, min_size=2, max_size=2).map(tuple)
MADE = st.builds(
    lambda land, water, last, area, rows: hand_made_report(
        profile(land, water, ("2015", last)),
        degraded(area, (1e6, 1e6)),
        processes(*[(f"process {name}", "tree", "cropland", size) for name, size in rows]),
    ),
    PAIRS,
    PAIRS,
    st.sampled_from(["2019", "2023"]),
    PAIRS,
    st.lists(st.tuples(st.sampled_from("abc"), FIGURES), max_size=4),
)
MIRROR = {"appeared": "vanished", "vanished": "appeared"}


@settings(max_examples=25)
@given(MADE)
def test_nothing_changes_against_itself(report):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ldnkit.prais.printed.print_report", lambda report: None)
        assert changes(report, copy.deepcopy(report)).empty


@settings(max_examples=25)
@given(MADE, MADE)
def test_changes_are_mirrored(first, second):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ldnkit.prais.printed.print_report", lambda report: None)
        there, back = as_book(first), as_book(second)
    forth, again = changes(there, back), changes(back, there)
    assert len(forth) == len(again)

    def cells(frame, turned):
        cells = []
        for row in frame.to_dict("records"):
            pair = (row["earlier"], row["later"])
            name = row["row"].split(" → ")
            kind, difference = row["kind"], row["difference"]
            if turned:
                pair, name, kind = pair[::-1], name[::-1], MIRROR.get(kind, kind)
                difference = -difference
            number = None if pd.isna(difference) else round(difference, 9) + 0.0
            cells.append(repr((row["table"], name, row["column"], kind, pair, number)))
        return sorted(cells)

    assert cells(forth, False) == cells(again, True)
