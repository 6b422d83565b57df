"""Voluntary targets: registers, actions, what became of the last cycle, anticipated changes."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import LineString, Point, box

from ldnkit import tables, targets
from ldnkit.country_file.forms_layers import Targets
from ldnkit.country_file.layers import VectorFile
from ldnkit.findings import InputError
from ldnkit.targets import polygons
from ldnkit.targets.polygons import Masks

HEADER = "target,target_text,year,level"
GOOD = f"""{HEADER},location,area_km2,type,status,commitment,link_1,link_2
1,Restore the hills,2030,sub-national,Hills,12.5,restore,On-going,LDN-TSP,sdg 15.3,GBF target 2
B2,No net loss,2030,National,,,reduce,,a law of 1999,SDG 15,
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="targets.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def problems(path, read=targets.read_register):
    with pytest.raises(InputError) as caught:
        read(path)
    return [str(finding) for finding in caught.value.findings]


# ---- registers -----------------------------------------------------------------------------------


def test_a_register(write):
    table = targets.read_register(write(GOOD))
    assert list(table) == targets.columns("targets")["key"].tolist()
    first, second = table.to_dict("records")
    assert first["target"] == "1" and first["target_text"] == "Restore the hills"
    assert (first["year"], first["area_km2"]) == (2030, 12.5)
    assert (first["level"], first["type"]) == ("sub_national", "reverse")
    assert (first["status"], first["commitment"]) == ("ongoing", "ldn_tsp")
    assert targets.links_of(first) == ["SDG 15.3", "GBF 2"]
    # words that no list has stay where the list is open; what is not written stays empty
    assert second["commitment"] == "a law of 1999"
    assert second["status"] == "" and pd.isna(second["area_km2"])
    assert table["objective"].tolist() == ["SO1", "SO1"]
    assert table.attrs["findings"] == []


def test_semicolons_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("\ufeff" + GOOD.replace(",", ";"), encoding="utf-8")
    assert targets.read_register(path)["target"].tolist() == ["1", "B2"]


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_headings_and_words_of_every_language(write, language):
    said = [tables.label(row, language) for row in targets.columns("targets")["label"]]
    keys = targets.columns("targets")["key"].tolist()
    cells = {"target": "7", "target_text": "Text", "year": "2030", "objective": "SO1"}
    for key, name in (("level", "sub_national"), ("type", "avoid"), ("status", "extended")):
        cells[key] = targets.choice_label(name, language)
    row = [cells.get(key, "") for key in keys]
    text = "\n".join(";".join(f'"{cell}"' for cell in line) for line in (said, row))
    table = targets.read_register(write(text))
    found = table.loc[0, ["target", "level", "type", "status"]].tolist()
    assert found == ["7", "sub_national", "avoid", "extended"]


def test_every_problem_at_once(write):
    found = problems(
        write(
            f"{HEADER},area_km2,status,type,link_1,link_2,objective,colour\n"
            "1,,2030,national,,,,,,SO1,\n"
            "1,B,30,national,,done,,SDG 18,,SO1,\n"
            ",C,2030,village,12 ha,,stop,SDG 1,sdg1,SO9,\n"
            '4,D,,sub-national,"1,250",,,,,,red\n'
        )
    )
    expected = [
        "line 2, column target_text: found nothing",
        "line 3, column year: found '30'; expected a year between 1990 and 2100",
        "line 5, column year: found nothing",
        "lines 2, 3, column target: found target 1 2 times",
        "line 4, column target: found nothing",
        "line 4, column level: found 'village'; expected national or sub_national",
        "line 4, column area_km2: found '12 ha'",
        "line 5, column area_km2: found '1,250'",
        "line 3, column status: found 'done'; expected achieved or not_achieved",
        "line 4, column type: found 'stop'; expected avoid or reduce or reverse",
        "line 3, column link_1: found 'SDG 18'",
        "line 4, column link_1: found SDG 1 twice",
        "line 4, column objective: found 'SO9'",
        "line 5, column objective: found nothing",
    ]
    for text in expected:
        assert sum(text in finding for finding in found) == 1, (text, found)
    assert len(found) == len(expected)
    assert any("divide the hectares by 100" in finding for finding in found)
    assert any("Write 1250 or 1.250" in finding for finding in found)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,A,2030,national,,9,,SDG 15,,", "an area for the national target 1"),
        ("1,A,2030,national,SO3,,avoid,SDG 15,,", "a type for target 1, which is not of SO1"),
        ("1,A,2030,national,SO2,,,SDG 1,GBF 2,", "GBF 2; expected SDGs"),
        ("1,A,2030,national,,,,,SDG 15,", "SDG 15 after an empty rank"),
        ("1,A,2030,national,,,,SDG 15,,x", "columns that are not read: colour"),
    ],
)
def test_weak_rows_are_warnings(write, row, said):
    header = f"{HEADER},objective,area_km2,type,link_1,link_2,colour"
    cells = row.split(",")
    cells[4] = cells[4] or "SO1"
    names = header.split(",")
    if not cells[-1]:
        names, cells = names[:-1], cells[:-1]
    path = write(",".join(names) + "\n" + ",".join(cells) + "\n")
    with pytest.warns(UserWarning, match=said):
        table = targets.read_register(path)
    (finding,) = table.attrs["findings"]
    assert finding.severity == "warning" and finding.notebook == "07"


def test_columns_that_are_missing_or_come_twice(write):
    (found,) = problems(write("target,year\n1,2030\n"))
    assert "a column target_text and a column level" in found
    found = problems(write(f"{HEADER},Year\n1,A,2030,national,2031\n"))
    assert any("'Year' as well as 'year'" in finding for finding in found)
    found = problems(write(f"{HEADER},year\n1,A,2030,national,2031\n"))
    assert any("found a second column year" in finding for finding in found)


def test_empty_columns_at_the_end_of_a_file_are_no_problem(write):
    register = targets.read_register(write(f"{HEADER},,\n1,A,2030,national,,\n"))
    assert register["target"].tolist() == ["1"]
    found = problems(write(f"{HEADER},,\n1,A,2030,national,x,y\n"))
    assert any("found a second column without a name" in finding for finding in found)


@pytest.mark.parametrize(
    ("name", "said"),
    [("none.csv", "no such file"), ("none.xlsx", "no such file"), ("old.xls", "save it as XLSX")],
)
def test_files_that_cannot_be_read(tmp_path, name, said):
    (found,) = problems(tmp_path / name)
    assert said in found


def test_a_workbook_that_is_none(tmp_path):
    (tmp_path / "targets.xlsx").write_text("no workbook")
    (found,) = problems(tmp_path / "targets.xlsx")
    assert "a file that cannot be read" in found


def test_empty_files_say_so(write):
    for text in ("", f"{HEADER}\n", f"{HEADER}\n,,,\n"):
        (found,) = problems(write(text))
        assert "found no rows; expected one row per target" in found


# ---- workbooks -----------------------------------------------------------------------------------


def book(path, sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        for line in lines:
            sheet.append(line)
    made.save(path)
    return path


def test_a_workbook_with_lines_above_the_headings(tmp_path):
    lines = [["Ministry"], [], ["Target no.", "Target text", "Year", "Level", "Area (km²)"]]
    lines += [[1, "Restore", 2030, "Sub-national", 12.5], [None] * 5]
    lines += [[2.0, "Keep", 2030.0, "National"]]
    path = book(tmp_path / "a.xlsx", {"About": [["nothing"]], "Sheet": lines})
    table = targets.read_register(path)
    assert table["target"].tolist() == ["1", "2"] and table["year"].tolist() == [2030, 2030]
    assert table["area_km2"].tolist()[0] == 12.5


def test_the_row_of_a_workbook_is_named(tmp_path):
    lines = [["target", "target_text", "year", "level"], ["1", "A", "soon", "national"]]
    (found,) = problems(book(tmp_path / "a.xlsx", {"Targets": lines}))
    assert found.startswith("Error, a.xlsx Targets row 2, column year: found 'soon'")


def test_dates_of_a_workbook(tmp_path):
    when = datetime.datetime(2021, 3, 15)
    lines = [["action", "start_date"], ["Plant", when], ["Fence", 2022], ["Dig", "2021-7"]]
    actions = targets.read_actions(book(tmp_path / "a.xlsx", {"actions": lines}))
    assert actions["start_date"].tolist() == ["2021-03-15", "2022", "2021-07"]


@pytest.mark.parametrize("cell", ["15/03/2021", "2021-13", "2021-02-30", "spring 2021", "21"])
def test_dates_that_are_none(write, cell):
    (found,) = problems(write(f"action,start_date\nPlant,{cell}\n"), targets.read_actions)
    assert f"found {cell!r}; expected a date" in found


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_template_is_read_again(tmp_path, write, language):
    before = targets.read_register(write(GOOD))
    path = targets.write_template(tmp_path / "t.xlsx", language=language, previous=before)
    again = targets.read_register(path)
    pd.testing.assert_frame_equal(again, before)
    made = openpyxl.load_workbook(path)
    assert len(made.sheetnames) == 5 and made["lists"].sheet_state == "hidden"
    assert not list(tmp_path.glob(".*"))


def test_a_template_never_replaces_the_work_of_a_team(tmp_path):
    path = targets.write_template(tmp_path / "t.xlsx")
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="give another name"):
        targets.write_template(path)
    assert path.read_bytes() == before


def test_the_template_has_drop_down_lists(tmp_path):
    made = openpyxl.load_workbook(targets.write_template(tmp_path / "t.xlsx"))
    sheet, lists = made["Targets"], made["lists"]
    headings = [cell.value for cell in sheet[1]]
    rules = {}
    for rule in sheet.data_validations.dataValidation:
        rules[headings[next(iter(rule.sqref.ranges)).min_col - 1]] = rule
    assert rules["Year"].type == "whole" and rules["Area (km²)"].type == "decimal"
    cells = lists[rules["Status"].formula1.partition("!")[2]]
    assert [cell[0].value for cell in cells] == [
        targets.choice_label(key) for key in targets.choices("status")
    ]
    goals = lists[rules["Linked goal 1 by rank"].formula1.partition("!")[2]]
    assert [cell[0].value for cell in goals] == targets.choices("link") and len(goals) == 41
    # an open list takes other words, a closed one does not
    assert rules["Adopted under"].errorStyle == "information"
    assert rules["Status"].errorStyle in (None, "stop")


def test_the_template_with_a_legend_of_the_country(tmp_path):
    legend = pd.DataFrame({"code": [10, 20], "key": ["dense", "open"], "name": ["Dense", "Open"]})
    path = targets.write_template(tmp_path / "t.xlsx", legend=legend)
    made = openpyxl.load_workbook(path)
    (column,) = [
        column for column in made["lists"].iter_cols(values_only=True) if column[0] == "Dense"
    ]
    assert column[:2] == ("Dense", "Open")
    made["Anticipated changes"].append(["Open", "Reverse", 1, 3])
    made.save(path)
    scenario = targets.read_scenario(path, legend)
    assert scenario["land_type"].tolist() == [20] and scenario["net_km2"].tolist() == [2.0]


# ---- from one cycle to the next ------------------------------------------------------------------


def register(**changes):
    """Targets 1 and 2 of the last cycle, changed: {"1": {...}, "3": {...}, "2": None}."""
    rows = {
        "1": {"target_text": "Restore", "year": 2025, "status": "ongoing", "area_km2": 5.0},
        "2": {"target_text": "Keep", "year": 2030, "status": "", "area_km2": float("nan")},
    }
    for name, change in changes.items():
        name = name.lstrip("t")
        if change is None:
            del rows[name]
        else:
            rows[name] = rows.get(name, {}) | change
    return pd.DataFrame([{"target": name, "objective": "SO1", **row} for name, row in rows.items()])


def test_what_became_of_the_targets():
    now = register(
        t1={"year": 2030, "status": "extended", "revision": "Two dry years"},
        t2=None,
        t3={"target_text": "Avoid", "year": 2030},
    )
    table = targets.carry_over(register(), now)
    assert table[["target", "change"]].values.tolist() == [
        ["1", "edited"],
        ["3", "added"],
        ["2", "removed"],
    ]
    assert table.loc[0, "changed"] == "year: 2025 → 2030; status: ongoing → extended"
    assert table.loc[0, "revision"] == "Two dry years"
    assert table.attrs["findings"] == []


def test_nothing_has_changed():
    table = targets.carry_over(register(), register(t1={"comments": "seen", "area_km2": 5}))
    assert table["change"].tolist() == ["unchanged", "unchanged"]


def test_an_edit_without_a_word_and_a_new_number_are_said():
    now = register(t1={"area_km2": 6.5}, t2=None, t9={"target_text": "keep "})
    table = targets.carry_over(register(), now)
    assert table.loc[0, "changed"] == "area_km2: 5 → 6.5"
    first, second = (str(finding) for finding in table.attrs["findings"])
    assert "no revision text for the edited target 1" in first
    assert "target 9 has the text of the removed target 2" in second


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))
def test_every_target_is_told_once(before, now):
    frames = [
        pd.DataFrame({"target": [str(n) for n in sorted(numbers)]}) for numbers in (before, now)
    ]
    table = targets.carry_over(*frames)
    changes = {
        change: set(map(int, table.loc[table["change"] == change, "target"]))
        for change in targets.choices("change")
    }
    assert changes["unchanged"] == before & now and changes["edited"] == set()
    assert changes["added"] == now - before and changes["removed"] == before - now


# ---- anticipated changes -------------------------------------------------------------------------

# km²            loss   gain   counted         net
# cropland       30     10     10 (reduce)
# cropland        0      4      0 (avoid)      10 − 30 = −20
# tree            5     40     40 (reverse)    40 −  5 = +35
SCENARIO = """land_type,anticipated_loss_km2,anticipated_gain_km2,response,note
cropland,30,10,reduce,Contour ploughing
3,,4,avoid,
Tree-covered areas,5,40,reverse,
"""


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_losses_and_gains_by_land_type(write):
    scenario = targets.read_scenario(write(SCENARIO))
    # land types by code, responses in the order avoid, reduce, reverse
    assert scenario["land_type"].tolist() == [1, 3, 3]
    assert scenario["response"].tolist() == ["reverse", "avoid", "reduce"]
    assert scenario["net_km2"].tolist() == [35.0, 0.0, -20.0]
    table = targets.counterbalance(scenario).set_index("land_type")
    assert table["net_anticipated"].to_dict() == {1: 35.0, 3: -20.0}
    assert table["balanced"].to_dict() == {1: True, 3: False}
    (finding,) = scenario.attrs["findings"]
    assert "a gain with the response avoid, which is not counted" in finding.found


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gains_of_one_land_type_do_not_pay_for_another(write):
    table = targets.counterbalance(targets.read_scenario(write(SCENARIO)))
    first, second = targets.messages(table, {1: "Trees", 3: "Crops"})
    assert first == "Crops: anticipated losses exceed anticipated gains by 20.00 km²."
    assert "an anticipated net of +15.00 km²" in second and "like for like" in second


def test_what_has_been_seen_counts_too(write):
    text = "land_type,anticipated_gain_km2,response\ntree,2,reverse\n"
    scenario = targets.read_scenario(write(text))
    seen = pd.DataFrame({"land_type": [1, 2], "gains": [1.0, 3.0], "losses": [4.5, 3.0]})
    table = targets.counterbalance(scenario, seen).set_index("land_type")
    # tree: 1 − 4.5 + 2 = −1.5; grassland: 3 − 3 = 0, which is neutral
    assert table.loc[1, ["net_so_far", "net_anticipated", "net"]].tolist() == [-3.5, 2.0, -1.5]
    assert table["neutral"].to_dict() == {1: False, 2: True} and table["balanced"].all()
    (said,) = targets.messages(table.reset_index(), {1: "Trees", 2: "Grass"})
    assert said.startswith("Trees: the plan is balanced, but with the losses and gains so far (net")
    assert said.endswith("-3.50 km²) losses exceed gains by 1.50 km².")
    balanced = targets.messages(table.loc[[2]].reset_index(), {2: "Grass"})
    assert balanced == ["Gains make up for losses in every land type."]


def test_decimals_that_cancel_are_balanced(write):
    text = "land_type,anticipated_loss_km2,anticipated_gain_km2,response\n"
    text += "tree,0.3,0.1,reduce\ntree,0,0.2,reverse\n"
    table = targets.counterbalance(targets.read_scenario(write(text)))
    assert table["net"].tolist() == [0.0] and table["balanced"].tolist() == [True]


def test_every_problem_of_a_scenario(write):
    text = "land_type,anticipated_loss_km2,anticipated_gain_km2,response\n"
    text += "tree,-5,,avoid\nforests,1,,\ncropland,,,reduce\nwetland,2,1,restore it\n,1,1,avoid\n"
    found = problems(write(text), targets.read_scenario)
    for said in (
        "line 2, column anticipated_loss_km2: found '-5'",
        "line 3, column land_type: found 'forests'",
        "lines 2, 4: found no area",
        "line 5, column response: found 'restore it'",
        "line 6, column land_type: found nothing",
    ):
        assert sum(said in finding for finding in found) == 1, (said, found)
    assert len(found) == 5


def test_the_balance_by_land_type_is_that_of_the_period_and_its_land():
    # land type 2000   land cover 2023   baseline   report 2   km²
    long = pd.DataFrame(
        [
            (1, 1, -1, -1, 1.0),
            (1, 5, 0, -1, 2.0),
            (1, 1, -1, 1, 5.0),
            (2, 7, 0, -1, 9.0),  # under water since: no land
            (2, 2, 1, 0, 4.0),
            (2, 2, 0, tables.NODATA, 8.0),
        ],
        columns=["land_type", "land_cover_2023", "sdg_baseline", "sdg_report_2", "area_km2"],
    )
    table = targets.balance(long, period="report_2", year=2023, water=[7]).set_index("land_type")
    assert table.loc[1].tolist() == [5.0, 3.0, 0.0, 0.0, 2.0, True]
    assert table.loc[2].tolist() == [0.0, 0.0, 4.0, 8.0, 0.0, True]


# ---- polygons ------------------------------------------------------------------------------------


def masks_of(grid, *shapes):
    found = {}
    for number, rows, columns, mask in Masks(shapes, "EPSG:4326").read(grid):
        whole = pd.DataFrame(False, range(grid.shape[0]), range(grid.shape[1]))
        whole.iloc[rows, columns] = mask
        found[number] = whole.to_numpy()
    return found


def test_overlapping_polygons_keep_all_their_cells():
    grid = GeoBox.from_bbox((0, 0, 4, 2), "EPSG:4326", resolution=1)
    found = masks_of(grid, box(0, 0, 3, 2), box(1, 0, 4, 1), box(9, 9, 10, 10))
    assert set(found) == {1, 2}
    assert found[1].tolist() == [[True, True, True, False]] * 2
    assert found[2].tolist() == [[False] * 4, [False, True, True, True]]


def test_a_polygon_a_whole_turn_away():
    grid = GeoBox.from_bbox((179, 0, 181, 1), "EPSG:4326", resolution=1)
    assert masks_of(grid, box(-180, 0, -179, 1))[1].tolist() == [[False, True]]


@given(st.lists(st.tuples(*[st.floats(0.1, 9.9)] * 4), min_size=1, max_size=4))
def test_masks_do_not_depend_on_the_window(corners):
    grid = GeoBox.from_bbox((0, 0, 10, 10), "EPSG:4326", resolution=1)
    shapes = [box(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    shapes = [shape for shape in shapes if shape.area]
    whole = masks_of(grid, *shapes)
    west, east = masks_of(grid[:, :4], *shapes), masks_of(grid[:, 4:], *shapes)
    for number, mask in whole.items():
        # a cell counts when its centre is inside
        centres = [
            [shapes[number - 1].contains(Point(x + 0.5, 9.5 - y)) for x in range(10)]
            for y in range(10)
        ]
        on_edge = any(value % 1 == 0.5 for corner in corners for value in corner)
        assert on_edge or mask.tolist() == centres
        parts = [part.get(number) for part in (west, east)]
        assert sum(part.sum() for part in parts if part is not None) == mask.sum()


def section(tmp_path, names, shapes, *, crs="EPSG:4326", key="target"):
    import geopandas

    path = tmp_path / "targets.gpkg"
    frame = geopandas.GeoDataFrame({"target": names}, geometry=shapes, crs=crs)
    frame.to_file(path, driver="GPKG")
    return Targets(register=tmp_path / "t.csv", polygons=VectorFile(path), polygons_key=key)


def test_polygons_of_the_register(tmp_path):
    made = section(
        tmp_path,
        ["b", "A", "A", "zz"],
        [box(0, 0, 1, 1), box(2, 0, 3, 1), box(3, 0, 4, 1), box(5, 5, 6, 6)],
    )
    found, findings = polygons.examine_polygons(made, ["a", "b", "c"])
    # in the order of the register; two features of one target are one polygon
    assert found["target"].tolist() == ["a", "b"]
    one_degree = 12308.463
    assert found["area_km2"].tolist() == pytest.approx([2 * one_degree, one_degree], rel=1e-6)
    (finding,) = findings
    assert finding.severity == "warning" and "no target of the register: 'zz'" in finding.found


def test_numbers_are_text_in_both_files(tmp_path):
    found, findings = polygons.examine_polygons(
        section(tmp_path, [1.0, 2.0], [box(0, 0, 1, 1), box(0, 0, 1, 1)]), ["1", "2"]
    )
    assert found["target"].tolist() == ["1", "2"] and findings == []


def test_a_projected_file_has_the_same_area(tmp_path):
    import geopandas

    shape = box(30.0, 1.0, 30.2, 1.1)
    (moved,) = geopandas.GeoSeries([shape], crs=4326).to_crs(32636)
    found, _ = polygons.examine_polygons(section(tmp_path, ["1"], [moved], crs=32636), ["1"])
    plain, _ = polygons.examine_polygons(section(tmp_path, ["1"], [shape]), ["1"])
    assert found.loc[0, "area_km2"] == pytest.approx(plain.loc[0, "area_km2"], rel=1e-4)


@pytest.mark.parametrize(
    ("shapes", "key", "said"),
    [
        ([LineString([(0, 0), (1, 1)])], "target", "no area for target '1'"),
        ([Point(0, 0)], "target", "no area for target '1'"),
        ([box(0, 0, 1, 1)], "number", "expected a column number"),
    ],
)
def test_polygons_that_are_none(tmp_path, shapes, key, said):
    _, (finding,) = polygons.examine_polygons(section(tmp_path, ["1"], shapes, key=key), ["1"])
    assert finding.severity == "error" and said in str(finding)


def test_a_polygon_file_that_is_not_there(tmp_path):
    made = Targets(tmp_path / "t.csv", VectorFile(tmp_path / "none.gpkg"), "target")
    found, (finding,) = polygons.examine_polygons(made, ["1"])
    assert found is None and finding.severity == "error"


# ---- all lists together --------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_all_tables_of_a_section(tmp_path, write):
    made = Targets(
        register=write(GOOD),
        actions=write("action,target\nPlant,1\n", "actions.csv"),
        previous=write(f"{HEADER}\n1,Restore,2025,national\n", "previous.csv"),
        scenario=write(SCENARIO, "anticipated.csv"),
    )
    found, findings = targets.compute_tables(made)
    assert set(found) == {
        *("targets", "actions", "target_changes", "target_polygons"),
        *("scenario", "balance", "counterbalance"),
    }
    assert found["target_changes"]["change"].tolist() == ["edited", "added"]
    assert found["target_polygons"].empty and found["balance"].empty
    said = [finding.found for finding in findings]
    assert any("no revision text" in text for text in said)
    assert any(
        "Cropland: anticipated losses exceed anticipated gains by 20.00" in text for text in said
    )


def test_a_register_alone(write):
    found, findings = targets.compute_tables(Targets(register=write(GOOD)))
    assert findings == [] and len(found["targets"]) == 2
    assert all(found[name].empty for name in found if name != "targets")
    assert list(found["actions"]) == targets.columns("actions")["key"].tolist()


def test_problems_of_all_files_at_once(tmp_path, write):
    made = Targets(
        register=write(f"{HEADER}\n1,A,soon,national\n"),
        actions=write("action\n", "actions.csv"),
        previous=tmp_path / "previous.csv",
        scenario=write("land_type,anticipated_loss_km2\nmoon,1\n", "anticipated.csv"),
        polygons=VectorFile(tmp_path / "none.gpkg"),
        polygons_key="target",
    )
    with pytest.raises(InputError) as caught:
        targets.compute_tables(made)
    places = {finding.where.split()[0] for finding in caught.value.findings}
    files = {"targets.csv", "actions.csv", "previous.csv", "anticipated.csv", "targets:"}
    assert places == files


def test_a_land_type_that_is_restored_only(write):
    text = "land_type,anticipated_loss_km2,anticipated_gain_km2,response\ntree,5,9,reverse\n"
    made = SimpleNamespace(
        register=write(GOOD),
        scenario=write(text, "s.csv"),
        **dict.fromkeys(("actions", "previous", "polygons")),
    )
    _, findings = targets.compute_tables(made)
    (finding,) = findings
    assert "with no other response than to reverse" in finding.found
    assert finding.expected == "avoid first, then reduce, reverse last"
