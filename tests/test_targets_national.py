"""Targets of a whole country: status of the land in their polygons, and the tables of PRAIS."""

from __future__ import annotations

import csv
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
from small_country import long_area, small_country

import ldnkit
from ldnkit import blocks, kernels, prais, tables, targets
from ldnkit.findings import InputError
from ldnkit.targets.polygons import Masks

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

# Land cover (1 tree, 3 cropland, 5 artificial, 7 water). Without productivity and soil the
# assessment is that of land cover.
#
#     2000   3 3 3     2015, 2016   5 3 3     2019, 2023   5 5 1
#            1 1 7                  1 1 7                  1 1 7
#
#     baseline   − 0 0     2016–2023   0 − +     status 2023   − − +
#                0 0 0                 0 0 0                   0 0 0
#
# Target 01 has the columns 0 and 1, target B the columns 1 and 2: they overlap in column 1.
COVER = {
    2000: [[3, 3, 3], [1, 1, 7]],
    2015: [[5, 3, 3], [1, 1, 7]],
    2016: [[5, 3, 3], [1, 1, 7]],
    2019: [[5, 5, 1], [1, 1, 7]],
    2023: [[5, 5, 1], [1, 1, 7]],
}
HEADER = "target,target_text,year,level,location,area_km2,type,status,commitment,link_1,link_2"
REGISTER = f"""{HEADER}
01,Restore cropland,2030,sub-national,West,4.85,reverse,ongoing,LDN TSP,SDG 15.3,GBF 2
B,Keep forests,2025,sub-national,East,,avoid,achieved,,SDG 15,
3,No net loss,2030,national,,,reduce,,,,
"""
ACTIONS = """action,target,location,start_date,area_km2,funding,polygon
Plant trees,01,West,2021-03,1.25,Budget,plots
Teach,,Capital,2022,0,GEF,
"""
SCENARIO = """land_type,anticipated_loss_km2,anticipated_gain_km2,response
cropland,2,0.5,reduce
tree,0,3,reverse
"""


@pytest.fixture
def world(tmp_path):
    made = small_country(tmp_path, COVER)
    for name, text in (
        ("targets.csv", REGISTER),
        ("actions.csv", ACTIONS),
        ("anticipated.csv", SCENARIO),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    made.polygons(
        "targets.gpkg", made.cells(0, 0, 2, 2), made.cells(0, 1, 2, 3), number=["01", "B"]
    )
    made.file["targets"] = {
        "register": "targets.csv",
        "polygons": {"file": "targets.gpkg", "key": "number"},
        "actions": "actions.csv",
        "scenario": "anticipated.csv",
    }
    return made


def compute(world):
    return ldnkit.compute(world.read(), "targets", progress=False)


def change(world, name, old, new):
    path = world.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# ---- the overlay ---------------------------------------------------------------------------------


def test_status_in_polygons_that_overlap(world):
    result = compute(world)
    table, first, second = result.tables["overlay"], world.area(0), world.area(1)
    assert list(table) == ["target", "land_cover", "class", "area_km2", "cells"]
    close = {"rel": 1e-6}
    rows = {
        ("01", -1): 2 * first,
        ("01", 0): 2 * second,
        ("01", 1): 0,
        ("B", -1): first,
        ("B", 1): first,
        ("B", 0): 2 * second,  # one of them is water
    }
    for (target, status), area in rows.items():
        found = long_area(table, target=target, **{"class": status})
        assert found == pytest.approx(area, **close), (target, status)
    assert long_area(table, target="B", land_cover=7) == pytest.approx(second, **close)
    assert table["cells"].sum() == 8 and result.layers == {}
    areas = result.tables["target_polygons"].set_index("target")["area_km2"]
    assert areas["01"] == pytest.approx(2 * (first + second), **close)


def test_the_balance_is_that_of_the_last_period(world):
    result, first, second = compute(world), world.area(0), world.area(1)
    table = result.tables["balance"].set_index("land_type")
    # cropland: (0,2) gained, (0,1) lost, (0,0) lost before 2016; the water cell is no land
    assert table.loc[3, ["gains", "losses", "stable"]].tolist() == pytest.approx([first] * 3)
    assert table.loc[1, ["gains", "losses", "stable"]].tolist() == pytest.approx([0, 0, 2 * second])
    assert set(table.index) == {1, 3}
    after = result.tables["counterbalance"].set_index("land_type")
    assert after["net"].to_dict() == pytest.approx({1: 3.0, 3: -1.5})
    said = [finding.found for finding in result.findings]
    assert any(
        "Cropland: anticipated losses exceed anticipated gains by 1.50" in text for text in said
    )
    assert any("like for like" in text for text in said)


def test_kept_tables_are_those_that_were_computed(world):
    fresh, kept = compute(world), compute(world)
    assert kept.reused and not fresh.reused
    assert kept.tables["targets"]["target"].tolist() == ["01", "B", "3"]
    assert kept.tables["actions"]["start_date"].tolist() == ["2021-03", "2022"]
    for name, table in fresh.tables.items():
        again, before = (
            each.astype(object).where(each.notna(), "") for each in (kept.tables[name], table)
        )
        pd.testing.assert_frame_equal(again, before, check_dtype=False, obj=name)


def test_an_edited_register_is_read_again(world):
    compute(world)
    change(world, "targets.csv", "Keep forests", "Keep the forests")
    result = compute(world)
    assert not result.reused
    assert result.tables["targets"]["target_text"].tolist()[1] == "Keep the forests"


def test_lists_alone_need_no_polygons(world):
    del world.file["targets"]["polygons"]
    result = compute(world)
    assert result.tables["overlay"].empty and len(result.tables["targets"]) == 3
    assert list(result.tables["overlay"]) == ["target", "land_cover", "class", "area_km2", "cells"]
    for outcome in (result, compute(world)):
        report = prais.build(world.read(), {"targets": outcome})
        assert report["SO1-VT.T1"].help is None
        assert report["SO1-VT.T1"].frame.loc["01", "area"] == 4.85


def test_partly_covered_cells_count_in_part(world):
    world.polygons("boundary.gpkg", world.cells(0, 0, 2, 1.5))
    world.file["boundary"] = {"file": "boundary.gpkg", "rule": "fraction"}
    table = compute(world).tables["overlay"]
    expected = 1.5 * world.area(0)
    assert long_area(table, target="01", **{"class": -1}) == pytest.approx(expected, rel=1e-6)
    assert long_area(table, target="B", **{"class": -1}) == pytest.approx(expected / 3, rel=1e-6)


def test_polygons_outside_are_said(world):
    shapes = world.cells(0, 0, 2, 9), world.cells(0.1, 0.1, 0.3, 0.3), world.cells(5, 5, 6, 6)
    world.polygons("targets.gpkg", *shapes, number=["01", "B", "3"])
    result = compute(world)
    said = [finding.found for finding in result.findings if "polygons" in finding.where]
    assert said == [
        "no cell of the country in the polygon of target B, 3",
        "66.7 % of the polygon of target 01 outside the country",
    ]
    assert set(result.tables["overlay"]["target"]) == {"01"}


def test_no_polygon_meets_the_country(world):
    world.polygons("targets.gpkg", world.cells(50, 50, 51, 51), number=["01"])
    result = compute(world)
    assert result.tables["overlay"].empty and compute(world).reused
    table = prais.build(world.read(), ldnkit.results(world.read()))["SO1-VT.T1"]
    assert table.help.loc["01", "degraded"] == 0 and np.isnan(table.help.loc["3", "polygon_area"])


def test_every_problem_stops_before_the_work(world):
    change(world, "targets.csv", "sub-national,West", "village,West")
    change(world, "anticipated.csv", "cropland", "moon")
    world.polygons("targets.gpkg", world.cells(0, 0, 1, 1), code=["01"])
    with pytest.raises(InputError) as caught:
        compute(world)
    said = " ".join(str(finding) for finding in caught.value.findings)
    assert len(caught.value.findings) == 3
    assert "'village'" in said and "'moon'" in said and "a column number" in said


def test_without_the_section(world):
    del world.file["targets"]
    with pytest.raises(InputError, match="no section targets"):
        compute(world)


@pytest.mark.parametrize("block", [1, 2, 512])
def test_the_overlay_does_not_depend_on_blocks(block):
    from odc.geo.geobox import GeoBox
    from shapely import box

    generator = np.random.default_rng(4)
    values = {
        "zones": generator.choice([1, tables.NODATA], (7, 9), p=[0.9, 0.1]).astype(np.int16),
        "status": generator.choice([-1, 0, 1, tables.NODATA], (7, 9)).astype(np.int16),
        "cover": generator.choice([1, 3, 7], (7, 9)).astype(np.int16),
    }
    grid = GeoBox.from_bbox((0, 0, 9, 7), "EPSG:4326", resolution=1)

    class Part:
        """Cells of an array, found by their place."""

        def __init__(self, array):
            self.array = array

        def read(self, part):
            column, row = round(part.transform.c), round(7 - part.transform.f)
            return self.array[row : row + part.shape[0], column : column + part.shape[1]]

    shapes = tuple(
        box(west, south, west + width, south + height)
        for west, south, width, height in generator.uniform(0, 6, (12, 4))
    )
    inputs = {name: Part(array) for name, array in values.items()}
    inputs["polygons"] = Masks(shapes, "EPSG:4326")
    found = blocks.run(grid, inputs, kernels.target_areas, block=block)["overlay"]
    for number, shape in enumerate(shapes, 1):
        mine = found[found["polygon"] == number]
        west, south, east, north = shape.bounds
        x, y = np.meshgrid(np.arange(9) + 0.5, 6.5 - np.arange(7))
        inside = (x > west) & (x < east) & (y > south) & (y < north)
        inside &= values["zones"] != tables.NODATA
        for status in (-1, 0, 1, tables.NODATA):
            cells = mine.loc[mine["class"] == status, "cells"].sum()
            assert cells == (inside & (values["status"] == status)).sum()


# ---- the tables of PRAIS -------------------------------------------------------------------------


def report_of(world):
    country = world.read()
    ldnkit.compute(country, "targets", progress=False)
    return prais.build(country, ldnkit.results(country))


def findings_of(report, *table_ids):
    return [str(each) for each in prais.check(report) if each.where.startswith(table_ids)]


def test_voluntary_targets(world):
    table = report_of(world)["SO1-VT.T1"]
    expected = "target_text,year,level,location,area,type,status,commitment,links,change,revision"
    assert list(table.frame) == [*expected.split(","), "comments"]
    assert table.frame.index.tolist() == ["01", "B", "3"]
    first = table.frame.loc["01"]
    assert first["links"] == "SDG 15.3, GBF 2" and first["commitment"] == "ldn_tsp"
    assert (first["year"], first["area"], first["status"]) == ("2030", 4.85, "ongoing")
    # no area is written for B: that of its polygon is taken, and said
    polygon = 2 * (world.area(0) + world.area(1))
    assert table.frame.loc["B", "area"] == pytest.approx(polygon, rel=1e-6)
    assert "Area measured from the polygon: target B." in table.notes
    assert np.isnan(table.frame.loc["3", "area"]) and table.frame.loc["3", "status"] == ""
    # for checking: land only, so without the water cell of B
    helped = table.help.loc["B"]
    assert helped["polygon_land"] == pytest.approx(2 * world.area(0) + world.area(1), rel=1e-6)
    assert helped["stable"] == pytest.approx(world.area(1), rel=1e-6)
    assert table.help.loc["01", "degraded"] == pytest.approx(2 * world.area(0), rel=1e-6)
    assert table.sources[0]["layer"] == "targets" and table.unit == "km2"


def test_words_in_the_language_of_the_reader(world):
    table = report_of(world)["SO1-VT.T1"]
    french = table.labelled("fr")
    assert french["Niveau"].tolist() == ["Infranational", "Infranational", "National"]
    assert french["Type"].tolist() == ["Inverser", "Éviter", "Réduire"]
    assert french["Statut"].tolist() == ["En cours", "Atteinte", ""]
    for language in tables.LANGUAGES:
        for shown in (table.labelled(language), table.labelled_help(language)):
            keys = {*table.frame.columns, *table.help.columns, "target_number"}
            if language != "en":
                assert not keys & set(shown.columns)


def test_actions(world):
    table = report_of(world)["SO1-IA.T1"]
    assert table.frame["linked_target"].tolist() == ["01", "–"]
    assert table.frame["area"].tolist() == [1.25, 0.0]
    assert table.frame.loc[1, ["start_date", "funding", "polygon"]].tolist() == [
        "2021-03",
        "Budget",
        "plots",
    ]
    assert "Target 01: Restore cropland" in table.notes
    assert not findings_of(report_of(world), "SO1-IA.T1")


def test_targets_of_the_other_objectives(world):
    more = "target,objective,target_text,year,level,status,link_1,link_2\n"
    more += "1,SO1,Land,2030,national,ongoing,SDG 15,\n"
    more += "P,SO2,Fewer poor,2030,national,ongoing,SDG 1,SDG 6\n"
    more += "D,SO3,Drought plan,2027,sub-national,extended,SDG 13,\n"
    (world.folder / "targets.csv").write_text(more, encoding="utf-8")
    del world.file["targets"]["polygons"], world.file["targets"]["actions"]
    report = report_of(world)
    table = report["SO2-VT.T1"]
    expected = ["target_text", "year", "level", "status", "links", "change", "revision", "comments"]
    assert list(table.frame) == expected and table.frame.index.tolist() == ["P"]
    assert table.frame.loc["P", "links"] == "SDG 1, SDG 6"
    assert report["SO3-VT.T1"].frame.loc["D", "status"] == "extended"
    assert report["SO1-VT.T1"].frame.index.tolist() == ["1"]
    # nothing for SO4, and no list of actions: not made, and the reader knows why
    assert "SO4-VT.T1" not in report.tables and "SO1-IA.T1" not in report.tables
    (said,) = findings_of(report, "SO4-VT.T1")
    assert said.startswith("Info") and "Add targets of SO4 to the register" in said
    assert "Add actions" in findings_of(report, "SO1-IA.T1")[0]


def test_what_became_of_the_last_cycle_is_in_the_table(world):
    previous = f"{HEADER}\n01,Restore cropland,2025,sub-national,West,4.85,reverse,ongoing,"
    previous += "LDN TSP,SDG 15.3,GBF 2\n7,Old,2020,national,,,avoid,achieved,,SDG 15,\n"
    (world.folder / "previous.csv").write_text(previous, encoding="utf-8")
    world.file["targets"]["previous"] = "previous.csv"
    table = report_of(world)["SO1-VT.T1"]
    assert table.frame["change"].tolist() == ["edited", "added", "added"]
    assert table.frame.loc["01", "revision"] == "year: 2025 → 2030"
    assert "Edit on the platform, with the revision text: target 01." in table.notes
    assert "Add on the platform: target B, 3." in table.notes
    assert "Remove on the platform: target 7." in table.notes
    assert any("no revision text for target 01" in note for note in table.notes)
    assert table.labelled("es")["Cambio desde el último ciclo"].tolist()[0] == "Modificada"


def test_rules_of_the_targets(world):
    change(world, "targets.csv", "West,4.85", "West,485")
    change(world, "targets.csv", "Keep forests,2025", "Keep forests,2024")
    change(world, "targets.csv", "avoid,achieved", "avoid,extended")
    change(world, "actions.csv", "trees,01", "trees,9")
    found = findings_of(report_of(world), "SO1-VT.T1", "SO1-IA.T1")
    polygon = 2 * (world.area(0) + world.area(1))
    country = 3 * (world.area(0) + world.area(1))
    expected = [
        f"Error, SO1-VT.T1, 01, area: found 485.0000 km²; expected at most {country:.4f} km²",
        "Error, SO1-IA.T1, 1, linked_target: found target 9",
        f"Warning, SO1-VT.T1, 01, area: found 485.00 km²; expected {polygon:.2f} km²",
        "Warning, SO1-VT.T1, B, year: found 2024, and the status extended",
        "Warning, SO1-VT.T1, 3, links: found no goal",
        "Warning, SO1-VT.T1, status: found nothing for 3",
    ]
    assert len(found) == len(expected)
    for text, said in zip(expected, found, strict=True):
        assert said.startswith(text), (text, said)


@pytest.mark.parametrize(("factor", "warned"), [(1.09, 0), (1.11, 1), (0.91, 0), (0.89, 1)])
def test_ten_percent_of_the_polygon(world, factor, warned):
    polygon = 2 * (world.area(0) + world.area(1))
    change(world, "targets.csv", "West,4.85", f"West,{factor * polygon:.6f}")
    found = findings_of(report_of(world), "SO1-VT.T1, 01, area")
    assert len(found) == warned


@pytest.mark.parametrize(
    ("year", "status", "warned"),
    [
        ("2025", "ongoing", 1),
        ("2026", "ongoing", 0),
        ("2025", "achieved", 0),
        ("2025", "not achieved", 0),
        ("2025", "partially achieved", 0),
        ("2025", "extended", 1),
    ],
)
def test_years_that_have_passed(world, year, status, warned):
    change(world, "targets.csv", "forests,2025", f"forests,{year}")
    change(world, "targets.csv", "avoid,achieved", f"avoid,{status}")
    assert len(findings_of(report_of(world), "SO1-VT.T1, B, year")) == warned


def test_a_sub_national_target_needs_an_area(world):
    del world.file["targets"]["polygons"]
    (found,) = findings_of(report_of(world), "SO1-VT.T1, B, area")
    assert found.startswith("Error") and "the area of a sub-national target" in found


def test_the_source_of_a_register_of_the_country(world):
    said = {"title": "Register", "link": "https://example.org", "author": "Ministry"}
    said["citation"] = "Ministry 2026. Register."
    world.file["targets"] |= {"source": "national", "metadata": said}
    report = report_of(world)
    expected = [{"layer": "targets", "source": "national", **said}]
    assert report["SO1-VT.T1"].sources == report["SO1-IA.T1"].sources == expected
    assert not findings_of(report, "SO1-VT.T1, data source")


def test_answers_are_filled_in(world):
    report = report_of(world)
    report.fill("SO1-VT.T1", "3", "status", "ongoing")
    assert not findings_of(report, "SO1-VT.T1, status")


def test_the_report_is_written_in_arabic(world, tmp_path):
    paths = prais.write(report_of(world), tmp_path / "report", language="ar")
    sheet = openpyxl.load_workbook(paths["xlsx"])["SO1-VT.T1"]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert tables.label("target.reverse", "ar") in cells and "SDG 15.3, GBF 2" in cells
    with (paths["csv"] / "SO1-IA.T1.csv").open(encoding="utf-8-sig") as file:
        assert any("Plant trees" in cell for row in csv.reader(file) for cell in row)
    assert "SO1-VT.T1" in json.dumps(json.loads(paths["json"].read_text(encoding="utf-8")))


def test_a_register_of_a_workbook(world):
    register = targets.read_register(world.folder / "targets.csv")
    path = targets.write_template(world.folder / "targets.xlsx", language="ru", previous=register)
    world.file["targets"] |= {"register": path.name}
    assert report_of(world)["SO1-VT.T1"].frame.loc["01", "type"] == "reverse"
