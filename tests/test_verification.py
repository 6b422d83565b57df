"""Polygons of the verification: changes, undo, findings, files, sample and form."""

import dataclasses
import json
import re

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from small_country import CELL, NORTH, WEST, small_country

import ldnkit
from ldnkit import InputError, degradation, reference_sample, tables, verification
from ldnkit.country_file.splice import with_value
from ldnkit.labels import LANGUAGES
from ldnkit.polygons import area_km2
from ldnkit.sources import vectors
from ldnkit.sources.trends_earth import error_polygons as trends_earth
from ldnkit.verification import files
from ldnkit.verification.polygons import ERROR_FIELDS, FIELDS, PROCESSES, process_key

NODATA = -32768
SQUARE = "30.0, 9.9, 30.02, 9.92"
GOOD = {
    "location_name": "North Plain",
    "process_driving_change": "Deforestation",
    "basis_for_judgement": "Field visit, May 2025",
    "periods_affected": ["report_2"],
}


def one_error(**changes):
    desk = verification.Polygons()
    desk.add("error", SQUARE, **{"type": "false_negative"} | GOOD | changes)
    return desk


# ------------------------------------------------------------------------------- outlines
@pytest.mark.parametrize(
    "given_as",
    [
        "30, 9, 31, 10",
        "30 9 31 10",
        "POLYGON ((30 9, 31 9, 31 10, 30 10, 30 9))",
        box(30, 9, 31, 10),
        json.loads(json.dumps(box(30, 9, 31, 10).__geo_interface__)),
        {"type": "Feature", "properties": {}, "geometry": box(30, 9, 31, 10).__geo_interface__},
        box(390, 9, 391, 10),
    ],
)
def test_an_outline_may_be_given_in_many_ways(given_as):
    assert verification.geometry(given_as).equals(box(30, 9, 31, 10))


def test_an_outline_across_180_is_cut_there():
    shape = verification.geometry("179.5, -17, -179.5, -16")
    assert shape.equals(verification.geometry("179.5, -17, 180.5, -16"))
    assert [part.bounds for part in shape.geoms] == [
        (-180.0, -17.0, -179.5, -16.0),
        (179.5, -17.0, 180.0, -16.0),
    ] or sorted(part.bounds[0] for part in shape.geoms) == [-180.0, 179.5]
    assert area_km2([shape])[0] == pytest.approx(area_km2([box(0, -17, 1, -16)])[0])


@pytest.mark.parametrize(
    "wrong",
    ["", "30, 9, 31", "30, 10, 31, 9", "POINT (1 2)", "POLYGON ((1 2", "north", None, "0,95,1,96"],
)
def test_what_is_no_outline_is_refused_with_an_example(wrong):
    with pytest.raises(InputError, match=r"west, south, east, north"):
        verification.geometry(wrong)


def test_a_projected_outline_comes_to_degrees():
    frame = geopandas.GeoSeries([box(30, 9, 30.1, 9.1)], crs=4326).to_crs(32636)
    shape = verification.geometry(frame.iloc[0], crs=32636)
    assert area_km2([shape])[0] == pytest.approx(area_km2([box(30, 9, 30.1, 9.1)])[0], rel=1e-6)


# ------------------------------------------------------------------------------- changes
def test_a_type_stands_for_recodes():
    desk = one_error(type="false_positive")
    row = desk.errors.iloc[0]
    assert (row["recode_stable_to"], row["recode_imp_to"]) == (-1, -1)
    assert pd.isna(row["recode_deg_to"]) and row["type"] == "false positive"
    desk.edit("error", 1, type="false_negative")
    row = desk.errors.iloc[0]
    assert row["recode_deg_to"] == 0 and pd.isna(row["recode_imp_to"])
    # a recode of one's own stays
    desk.edit("error", 1, type="false_negative", recode_deg_to=1)
    assert desk.errors["recode_deg_to"].tolist() == [1]


@pytest.mark.parametrize("column", ["recode_deg_to", "recode_stable_to", "recode_imp_to"])
@pytest.mark.parametrize("value", [NODATA, -1, 0, 1, 2, 0.5, "x"])
def test_recodes_only_have_allowed_values(column, value):
    start = {"recode_deg_to": -1, "recode_stable_to": 0, "recode_imp_to": 1}[column]
    if value in (NODATA, -1, 0, 1) and value != start:
        assert value in degradation.allowed_recodes(column)
        assert one_error(type="", **{column: value}).errors[column].tolist() == [value]
        return
    with pytest.raises(InputError, match=column):
        one_error(type="", **{column: value})


def test_all_mistakes_of_one_polygon_are_told_at_once():
    desk = verification.Polygons()
    with pytest.raises(InputError) as caught:
        desk.add("error", SQUARE, locaton_name="x", periods_affected=["2015"], recode_deg_to=-1)
    said = str(caught.value)
    assert "locaton_name" in said and "Did you mean location_name?" in said
    assert "periods_affected: found 2015" in said and "recode_deg_to: found -1" in said
    assert len(desk) == 0
    with pytest.raises(InputError, match="Did you mean hotspot"):
        desk.add("hotspots", SQUARE)
    with pytest.raises(InputError, match="1 to 0"):
        desk.remove("error", 1)


def test_uuids_are_the_same_again_and_never_twice():
    first, second = one_error(), one_error()
    assert first.errors["uuid"].tolist() == second.errors["uuid"].tolist()
    first.add("error", SQUARE, type="false_negative", **GOOD)
    uuids = first.errors["uuid"].tolist()
    assert len(set(uuids)) == 2 and uuids[0] == second.errors["uuid"].iloc[0]
    first.edit("error", 1, location_name="Another name", geometry="30, 9.9, 30.03, 9.92")
    assert first.errors["uuid"].tolist() == uuids


ACTIONS = st.lists(st.sampled_from(["add", "spot", "edit", "remove", "undo", "redo"]), max_size=15)


@given(ACTIONS)
def test_undo_and_redo_go_through_all_states(actions):
    """A plain list of states beside the real thing."""
    desk, states, now = verification.Polygons(), [()], 0
    for step, action in enumerate(actions):
        if action == "undo":
            assert desk.undo() == (now > 0)
            now = max(now - 1, 0)
        elif action == "redo":
            assert desk.redo() == (now < len(states) - 1)
            now = min(now + 1, len(states) - 1)
        else:
            if action == "add":
                desk.add("error", f"30, 9, {31 + step}, 10", **GOOD)
            elif action == "spot":
                desk.add("hotspot", SQUARE, location=str(step))
            elif not desk.of("error"):
                continue
            elif action == "edit":
                desk.edit("error", 1, location_name=f"step {step}")
            else:
                desk.remove("error", 1)
            states[now + 1 :] = [desk.features]
            now += 1
        assert desk.features == states[now]
        assert (desk.can_undo, desk.can_redo) == (now > 0, now < len(states) - 1)


def test_candidates_are_taken_over_with_one_call():
    table = geopandas.GeoDataFrame(
        {"area_km2": [2.0, 1.0]}, geometry=[box(0, 0, 1000, 1000), box(0, 0, 500, 500)], crs=3857
    )
    desk = verification.Polygons()
    assert desk.take(table, "hotspot", rows=[1], direct_drivers="goats") == [1]
    frame = desk.frame("hotspot")
    assert frame["direct_drivers"].tolist() == ["goats"]
    assert frame["area_km_sq"].iloc[0] == pytest.approx(area_km2(frame.geometry)[0], abs=1e-6)
    assert desk.take(table, "brightspot") == [1, 2] and len(desk) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_process_has_a_name_and_is_found_again(language):
    for key in PROCESSES:
        assert process_key(tables.label(f"process.{key}", language)) == key
    assert process_key("salt in the fields") == "other"


# ------------------------------------------------------------------------------- findings
@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """Three by three cells of 0.01 degrees from 30 E, 10 N southwards."""
    return small_country(tmp_path_factory.mktemp("three"), np.full((3, 3), 2)).read()


def cells(top, left, bottom, right):
    return box(WEST + left * CELL, NORTH - bottom * CELL, WEST + right * CELL, NORTH - top * CELL)


def test_a_good_polygon_has_no_finding(country):
    desk = verification.Polygons()
    desk.add("error", cells(0, 0, 2, 2), type="false_negative", **GOOD)
    texts = dict.fromkeys(FIELDS["hotspot"], "text")
    desk.add("hotspot", cells(0, 0, 1, 1), **texts)
    assert verification.findings(desk, country) == []


def test_all_findings_at_once(country):
    desk = verification.Polygons()
    desk.add("error", cells(0, 0, 2, 2), type="false_negative", **GOOD)
    desk.add("error", cells(1, 1, 3, 3), type="false_positive", **GOOD | {"location_name": "B"})
    desk.add("error", box(50, 9, 51, 10), **GOOD | {"periods_affected": []})
    desk.add("error", cells(0.1, 0.1, 0.3, 0.3), type="false_negative")
    desk.add("error", cells(0, 2, 1, 6), **GOOD, recode_deg_to=0, recode_imp_to=-1)
    found = verification.findings(desk, country)
    said = "\n".join(map(str, found))
    assert [each.severity for each in found] == sorted(each.severity for each in found)
    assert "polygon 3 (North Plain): found no period" in said
    assert "polygon 3 (North Plain): found no recode" in said
    assert "polygon 3 (North Plain): found a polygon outside the country" in said
    assert "polygon 4: found no period" in said
    assert "polygon 4: found no text for location_name, process_driving_change, basis" in said
    assert re.search(r"polygon 4: found 0\.0\d+ km² without the centre of a cell", said)
    assert "polygon 5 (North Plain): found 75 % of the polygon outside the country" in said
    assert "polygon 5 (North Plain): found recodes that make some land better" in said
    # one cell is in 1 and 2, and the later one wins
    assert re.search(r"polygon 2 \(B\): found 1\.2\d+ km² that polygon 1 has", said)
    assert "Polygon 2 wins there, because it comes later." in said


def test_polygons_of_different_periods_may_lie_over_each_other(country):
    desk = verification.Polygons()
    for period in ("report_1", "report_2"):
        place = {"location_name": period, "periods_affected": [period]}
        desk.add("error", cells(0, 0, 2, 2), type="false_negative", **GOOD | place)
    assert verification.findings(desk, country) == []


def test_findings_without_a_country_speak_of_the_attributes_only():
    assert verification.findings(one_error()) == []
    (finding,) = verification.findings(one_error(basis_for_judgement=""))
    assert (finding.severity, finding.notebook) == ("warning", "06")


# ------------------------------------------------------------------------------- files
def full_desk():
    desk = one_error()
    desk.add("error", "179.9, -17, -179.9, -16.9", type="false_positive", **GOOD)
    desk.add("hotspot", SQUARE, location="Dry Plain", direct_drivers="goats", actions_taken="–")
    desk.add("brightspot", SQUARE, location="Park")
    return desk


def test_files_come_back_as_they_were(tmp_path):
    desk = full_desk()
    written = verification.save(desk, tmp_path)
    assert sorted(written) == ["brightspots", "error_polygons", "hotspots"]
    features = []
    for path in (written[key] for key in files.KEYS.values()):
        features += verification.read(path).features
    assert features == list(desk.features)
    assert not list(tmp_path.glob(".*"))
    again = trends_earth.read_error_polygons(written["error_polygons"])
    assert again["uuid"].tolist() == desk.errors["uuid"].tolist()
    spots = vectors.read_spots(written["hotspots"])
    assert spots["direct_drivers"].tolist() == ["goats"]
    assert spots["area_km2"].tolist() == pytest.approx(area_km2([verification.geometry(SQUARE)]))


def test_incomplete_errors_are_not_written(tmp_path):
    desk = full_desk()
    desk.edit("error", 1, periods_affected=[])
    with pytest.raises(InputError, match="no period"):
        verification.save(desk, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_geojson_of_trends_earth_can_be_the_start(tmp_path):
    path = trends_earth.write_error_polygons(
        full_desk().errors.drop(columns="type"), tmp_path / "error_recode_XLD.geojson"
    )
    desk = verification.read(path)
    assert [each.uuid for each in desk.of("error")] == full_desk().errors["uuid"].tolist()
    with pytest.raises(FileNotFoundError, match="There are no polygons"):
        verification.read(tmp_path / "none.gpkg")


def test_a_draft_keeps_what_is_not_complete(country):
    desk = full_desk()
    desk.edit("error", 1, periods_affected=[], location_name="مرعى")
    desk.remove("error", 2)
    files.keep(country, desk)
    assert verification.restore(country).features == desk.features
    files.forget(country)
    assert verification.restore(country) is None
    (country.folder_results / files.DRAFT).write_text('{"ldnkit": "verification"}', "utf-8")
    assert verification.restore(country) is None


def test_store_names_the_files_and_leaves_every_other_line(tmp_path):
    world = small_country(tmp_path / "here", np.full((3, 3), 2))
    world.read()
    path = world.folder / "country.yml"
    text = path.read_text(encoding="utf-8") + "\n# a remark\nerror_polygons: null  # none yet\n"
    path.write_text(text, encoding="utf-8")
    opened = dataclasses.replace(ldnkit.open_country(path), iso3="KEN")
    verification.store(opened, full_desk())
    changed = path.read_text(encoding="utf-8")
    assert "error_polygons: error_polygons.gpkg  # none yet" in changed
    lines = set(text.splitlines()) - {"error_polygons: null  # none yet"}
    assert lines <= set(changed.splitlines())
    again = ldnkit.open_country(path)
    assert again.error_polygons == world.folder / "error_polygons.gpkg"
    assert again.hotspots == world.folder / "hotspots.gpkg"
    assert verification.start(again).features == full_desk().features
    assert path.with_suffix(".yml.bak").read_text(encoding="utf-8") == text
    # without hotspots the key is emptied
    desk = full_desk()
    desk.remove("hotspot", 1)
    verification.store(dataclasses.replace(again, iso3="KEN"), desk)
    assert ldnkit.open_country(path).hotspots is None


def test_the_training_country_is_never_changed(landia):
    before = landia.path.read_bytes()
    with pytest.raises(InputError, match="the training country"):
        verification.store(landia, full_desk())
    assert landia.path.read_bytes() == before
    assert repr(verification.start(landia)) == "<Polygons: 2 error, 0 hotspot, 0 brightspot>"


def test_a_value_is_put_into_the_text():
    text = "iso3: KEN\n# Polygons.\n#hotspots: hotspots.gpkg\n\nlicence: CC0\n"
    expected = text.replace("#hotspots: hotspots.gpkg", "hotspots: mine.gpkg")
    assert with_value(text, "hotspots", "mine.gpkg") == expected
    assert with_value("a: 1\n", "hotspots", "x.gpkg") == "a: 1\n\nhotspots: x.gpkg\n"
    with pytest.raises(InputError, match="lines of its own"):
        with_value("hotspots:\n  file: a.gpkg\n", "hotspots", "x.gpkg")


def test_a_spots_file_of_others_is_read(tmp_path):
    frame = geopandas.GeoDataFrame(
        {"location": ["A", None]}, geometry=[box(0, 0, 1, 1), None], crs=4326
    )
    frame.to_file(tmp_path / "hotspots.geojson", driver="GeoJSON")
    spots = vectors.read_spots(tmp_path / "hotspots.geojson")
    assert spots["location"].tolist() == ["A"] and spots["actions_planned"].tolist() == [""]
    (tmp_path / "broken.gpkg").write_text("no file")
    with pytest.raises(InputError, match="broken.gpkg"):
        vectors.read_spots(tmp_path / "broken.gpkg")


# ------------------------------------------------------------------------------- sample
def test_the_sample_is_that_of_the_whole_array(landia, landia_results, monkeypatch):
    """Strip by strip gives the points that the whole country in memory gives."""
    from odc.geo.xr import wrap_xr

    from ldnkit.sources.rasters import Raster
    from ldnkit.verification import sampling

    monkeypatch.setattr(sampling, "STRIP", 37)
    sheet = verification.draw(landia, landia_results, number=160, seed=3)
    grid = landia.grid
    layer = wrap_xr(
        Raster(landia_results["degradation"].layers["status_report_2"]).read(grid), grid
    )
    cover = Raster(landia_results["land_cover"].layers["land_cover_2023"]).read(grid)
    expected = reference_sample.draw(layer, number=160, seed=3, inside=cover != 7)
    pd.testing.assert_frame_equal(sheet, expected)


def test_the_practice_sheet_has_a_few_errors(landia, landia_results, tmp_path):
    sheet = verification.draw(landia, landia_results, number=150)
    perfect = verification.practice(landia, sheet, wrong=0, empty=0)
    filled = verification.practice(landia, sheet, wrong=4, empty=3)
    differ = perfect["reference"] != filled["reference"]
    assert differ.sum() == 7 and (filled["reference"] == "").sum() == 3
    path = tmp_path / "sheet.csv"
    filled.to_csv(path, index=False)
    with pytest.warns(UserWarning, match="3 of 150 points"):
        sample = reference_sample.read(path)
    counts = verification.error_matrix(sample)
    assert counts.to_numpy().sum() == 147
    area = verification.mapped(landia, landia_results["degradation"].tables["status"])
    table = reference_sample.estimate(sample, area)
    assert table["area_km2"].sum() == pytest.approx(area.sum())
    # the planted truth lies inside the interval
    truth = true_degraded_area(landia, landia_results)
    row = table.set_index("code").loc[-1]
    assert row["lower"] < truth < row["upper"]
    level, reason = verification.confidence(table)
    assert level == "medium" and "77 %" in reason


def true_degraded_area(landia, landia_results):
    """km² whose planted status of 2023 is degraded, where the map has a status."""
    from ldnkit import areas, degradation
    from ldnkit.sources.rasters import Raster

    truth = []
    for period in ("baseline", "report_2"):
        path = landia.folder / "truth" / f"truth_{period}.tif"
        truth.append(Raster(path).read(landia.grid))
    seen = degradation.status(*truth)
    known = Raster(landia_results["degradation"].layers["status_report_2"]).read(landia.grid)
    degraded = (seen == -1) & (known != NODATA)
    return float((areas.cell_area(landia.grid) * degraded).sum())


def test_only_landia_has_a_practice_sheet(country):
    real = dataclasses.replace(country, iso3="KEN")
    with pytest.raises(InputError, match="Landia"):
        verification.practice(real, pd.DataFrame())


# ------------------------------------------------------------------------------- the form
@pytest.fixture
def desk(landia, landia_results):
    files.forget(landia)
    yield verification.workshop(landia, landia_results)
    files.forget(landia)


def test_the_form_adds_changes_undoes(desk):
    before = desk.table.value
    assert len(desk.list.options) == 2 and desk.buttons["undo"].disabled
    desk.fields["outline"].value = "179.55, -16.45, 179.75, -16.4"
    desk.fields["type"].value = "false_negative"
    assert desk.fields["recode_deg_to"].value == 0
    desk.buttons["add"].click()
    assert "Polygon 3 is added." in desk.said.value
    assert len(desk.list.options) == 3 and desk.table.value != before
    assert desk.list.value == ("error", 3) and len(desk.layer.data["features"]) == 3
    assert "no text for location_name" in desk.doubts.value
    desk.fields["location_name"].value = "<b>North</b>"
    desk.fields["process"].value = "deforestation"
    desk.buttons["change"].click()
    row = desk.polygons.errors.iloc[2]
    assert (row["location_name"], row["process_driving_change"]) == (
        "<b>North</b>",
        "Deforestation",
    )
    assert "<b>North" not in desk.doubts.value
    desk.buttons["undo"].click()
    desk.buttons["undo"].click()
    assert desk.table.value == before and not desk.buttons["redo"].disabled
    assert desk.list.value is None and desk.fields["location_name"].value == "<b>North</b>"
    desk.buttons["redo"].click()
    assert len(desk.polygons.of("error")) == 3
    desk.buttons["new"].click()
    assert desk.fields["location_name"].value == "" == desk.fields["recode_deg_to"].value
    assert all(desk.fields[name].index == 0 for name in desk.fields if name.startswith("recode"))
    assert not desk.fields["period.baseline"].value and desk.fields["period.report_2"].value
    assert desk.chart.value[1:4] == b"PNG"


def test_the_form_shows_a_polygon_and_takes_a_drawing(desk):
    desk._clicked(feature={"properties": {"kind": "error", "number": 2}})
    assert desk.fields["type"].value == "false_negative"
    assert desk.fields["recode_deg_to"].value == 1
    assert not desk.fields["period.baseline"].value and desk.fields["period.report_1"].value
    geo_json = {"geometry": box(179.9, -16.6, 180.2, -16.5).__geo_interface__}
    desk._drawn(None, action="created", geo_json=geo_json)
    assert desk.fields["outline"].value.startswith("POLYGON") and desk.list.value is None
    desk.fields["kind"].value = "hotspot"
    assert desk.errors_only.layout.display == "none"
    desk.fields["spot.location"].value = "Across the date line"
    desk.buttons["add"].click()
    (spot,) = desk.polygons.of("hotspot")
    assert len(spot.geometry.geoms) == 2 and spot.attributes["location"].startswith("Across")


def test_mistakes_are_said_and_change_nothing(desk):
    state = desk.polygons.features
    desk.fields["outline"].value = "nonsense"
    desk.buttons["add"].click()
    assert "Not done." in desk.said.value and desk.polygons.features == state
    desk.buttons["remove"].click()
    assert "Choose a polygon" in desk.said.value and desk.polygons.features == state


def test_the_form_saves_and_finds_its_draft(desk, landia, landia_results):
    spots = geopandas.GeoDataFrame(
        {"area_km2": [5.0]}, geometry=[box(179.4, -16.5, 179.5, -16.4)], crs=4326
    )
    first = verification.workshop(landia, landia_results, candidates={"hotspot": spots})
    first.buttons["take"].click()
    assert "taken over" in first.said.value
    first.buttons["save"].click()
    assert "error_polygons.gpkg, hotspots.gpkg" in first.said.value
    assert (landia.folder_results / "verification" / "hotspots.gpkg").is_file()
    later = verification.workshop(landia, landia_results)
    assert "last sitting" in later.said.value
    assert later.polygons.features == first.polygons.features
    later.buttons["again"].click()
    assert len(later.polygons) == 2 and verification.restore(landia) is None
    # the polygons that were handed over are not touched
    start = verification.start(landia)
    made = verification.workshop(landia, landia_results, start, restore=False)
    made.list.value = ("error", 1)
    made.buttons["remove"].click()
    assert (len(made.polygons), len(start)) == (1, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_speaks_six_languages(landia, landia_results, language):
    made = verification.workshop(landia, landia_results, language=language, restore=False)
    expected = tables.label("verification.add", language)
    assert made.buttons["add"].description == expected
    assert made.fields["kind"].options[1][0] == tables.label("verification.kind.hotspot", language)
    assert set(ERROR_FIELDS) > {name for name in made.fields if name.startswith("recode")}
    assert "1,228.6" in made.table.value


def test_figures_show_the_polygons(landia, landia_results):
    start = verification.start(landia)
    layer = landia_results["degradation"].layers["status_report_2"]
    sheet = verification.figure(landia, layer, start, language="fr")
    assert [text.get_text() for text in sheet.axes[0].texts if text.get_text() in "12"] == [
        "1",
        "2",
    ]
    effect = verification.Effect(landia, landia_results)
    chart = verification.effect_chart(effect.table(start.errors))
    widths = [patch.get_width() for patch in chart.axes[0].patches]
    assert sum(widths) == pytest.approx(600)  # three years, before and after, 100 % each
    shares = effect.shares(start.errors)
    chart = verification.share_chart(shares, 2, cycle=landia.cycle)
    assert sum(patch.get_width() for patch in chart.axes[0].patches) == pytest.approx(1200)
