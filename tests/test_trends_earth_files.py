"""Error polygons both ways, legends, nestings and matrices, downloads of packages."""

from __future__ import annotations

import json
import warnings

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, box
from small_country import small_country
from support.open_data_servers import serve
from trends_earth_packages import Band, Writer

import ldnkit
from ldnkit import InputError, degradation, polygons, tables
from ldnkit.prais import trends_earth as prais_trends_earth
from ldnkit.sources import trends_earth
from ldnkit.sources.open_data import web
from ldnkit.sources.trends_earth import error_polygons

NODATA = -32768
ONE, OTHER = "a1b2c3d4-e5f6-4890-abcd-ef1234567890", "b2c3d4e5-f6a7-4901-bcde-f12345678901"


def feature(shape=None, **properties):
    from shapely.geometry import mapping

    kept = {"uuid": ONE, "periods_affected": ["baseline"], "recode_deg_to": 0,
            "recode_stable_to": None, "recode_imp_to": None} | properties  # fmt: skip
    kept = {name: value for name, value in kept.items() if value != "absent"}
    return {"type": "Feature", "properties": kept, "geometry": mapping(shape or box(0, 0, 1, 1))}


def geojson(path, *features):
    content = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return function(*arguments, **options)


# -------------------------------------------------------------------------------- error polygons


def test_reading(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        feature(location_name="Delta", area_km_sq=12308.5, recode_imp_to=-1, stats={"area": 3},
                periods_affected=["report_1", "report_2"], colour="red"),
        feature(box(2, 0, 3, 1), uuid=OTHER, recode_deg_to=None, recode_stable_to=NODATA),
    )  # fmt: skip
    frame = trends_earth.read_error_polygons(path)
    assert list(frame.columns) == [*error_polygons.COLUMNS, "geometry"]
    assert frame["periods_affected"].tolist() == [("report_1", "report_2"), ("baseline",)]
    assert frame["recode_deg_to"].tolist() == [0, pd.NA]
    assert frame["recode_imp_to"].tolist()[0] == -1 and frame["recode_stable_to"][1] == NODATA
    assert json.loads(frame["stats"][0]) == {"area": 3} and frame["stats"][1] is None
    (finding,) = frame.attrs["findings"]
    assert finding.severity == "info" and "colour" in finding.found


def test_every_problem_at_once(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        feature(uuid=None, periods_affected=[], recode_deg_to=-1),
        feature(uuid="no uuid", periods_affected=["report_9"], recode_stable_to=7),
        feature(recode_imp_to=1),
        feature(Point(0, 0), recode_deg_to=0.5),
    )
    with pytest.raises(InputError) as error:
        trends_earth.read_error_polygons(path)
    text = str(error.value)
    for part in ("no uuid", "'no uuid'", "no periods_affected", "periods_affected report_9",
                 "recode_deg_to -1", "recode_stable_to 7", "recode_imp_to 1", "Point",
                 "recode_deg_to 0.5", "uuid twice"):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("code", degradation.RECODES)
def test_the_allowed_sets(code):
    # degraded: −32768, 0, 1; stable: −32768, −1, 1; improved: −32768, −1, 0
    expected = {-1: (NODATA, 0, 1), 0: (NODATA, -1, 1), 1: (NODATA, -1, 0)}
    assert degradation.allowed_recodes(degradation.RECODES[code]) == expected[code]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"uuid": "absent"}, "no attribute uuid"),
        ({"periods_affected": "absent"}, "no attribute periods_affected"),
    ],
)
def test_attributes_that_are_required(tmp_path, change, said):
    with pytest.raises(InputError, match=said):
        trends_earth.read_error_polygons(geojson(tmp_path / "a.geojson", feature(**change)))


def test_an_area_that_does_not_fit_its_polygon(tmp_path):
    # one degree at the equator: 12 308.5 km²; 5 % of it are 615.4 km²
    area = polygons.area_km2([box(0, 0, 1, 1)])[0]
    for stated, told in ((1.0499 * area, 0), (1.0501 * area, 1), (0.9499 * area, 1), (200.0, 1)):
        path = geojson(tmp_path / "a.geojson", feature(area_km_sq=stated))
        frame = quietly(trends_earth.read_error_polygons, path)
        findings = frame.attrs["findings"]
        assert len(findings) == told
        if told:
            assert findings[0].severity == "warning" and "1.231e+04 km²" in findings[0].expected
            assert f"{stated:g} km²" in findings[0].found
    with pytest.warns(UserWarning, match="the area of the polygon"):
        trends_earth.read_error_polygons(path)


def test_ours_becomes_theirs_and_comes_back(tmp_path):
    ours = geopandas.GeoDataFrame(
        {"location_name": ["Bush", "Weed"],
         "periods_affected": ['["baseline"]', '["report_1", "report_2"]'],
         "process_driving_change": ["clearing", ""], "basis_for_judgement": ["visit", "visit"],
         "recode_deg_to": pd.array([1, None], "Int32"),
         "recode_stable_to": pd.array([1, -1], "Int32"),
         "recode_imp_to": pd.array([None, NODATA], "Int32")},
        geometry=[box(0, 0, 1, 1), MultiPolygon([box(179, 0, 180, 1), box(-180, 0, -179, 1)])],
        crs=4326,
    )  # fmt: skip
    paths = [trends_earth.write_error_polygons(ours, tmp_path / f"x{kind}")
             for kind in (".geojson", ".gpkg")]  # fmt: skip
    for path in paths:
        back = trends_earth.read_error_polygons(path)
        assert back.attrs["findings"] == []
        assert back["periods_affected"].tolist() == [("baseline",), ("report_1", "report_2")]
        for column in degradation.RECODES.values():
            assert back[column].astype(object).fillna("").tolist() == (
                ours[column].astype(object).fillna("").tolist()
            )
        assert back["location_name"].tolist() == ["Bush", "Weed"]
        assert back.geometry.geom_equals(ours.geometry).all()
        again = trends_earth.write_error_polygons(back, path.with_stem("again"))
        assert back.drop(columns="geometry").equals(
            trends_earth.read_error_polygons(again).drop(columns="geometry")
        )
    content = json.loads(paths[0].read_text(encoding="utf-8"))
    found = content["features"][0]["properties"]
    assert list(found) == list(error_polygons.COLUMNS)
    assert found["recode_imp_to"] is None and found["periods_affected"] == ["baseline"]
    assert found["area_km_sq"] == pytest.approx(polygons.area_km2([box(0, 0, 1, 1)])[0], abs=1e-6)
    both = [polygons.area_km2([box(0, 0, 1, 1)])[0] * 2]
    assert content["features"][1]["properties"]["area_km_sq"] == pytest.approx(both[0])


def test_the_same_polygon_gets_the_same_uuid(tmp_path):
    def uuids(*shapes, place="Delta"):
        frame = geopandas.GeoDataFrame({"location_name": [place] * len(shapes)},
                                       geometry=list(shapes), crs=4326)  # fmt: skip
        return error_polygons.completed(frame)["uuid"].tolist()

    one, other = uuids(box(0, 0, 1, 1), box(0, 0, 1, 2))
    assert one != other and uuids(box(0, 0, 1, 1)) == [one]
    turned = box(0, 0, 1, 1, ccw=False)  # the same corners in another order
    assert uuids(turned) == [one] and uuids(box(0, 0, 1, 1), place="Elsewhere") != [one]


def test_what_cannot_be_written(tmp_path):
    bad = geopandas.GeoDataFrame({"periods_affected": ["report_7"], "recode_deg_to": [-1]},
                                 geometry=[box(0, 0, 1, 1)], crs=4326)  # fmt: skip
    with pytest.raises(InputError, match="recode_deg_to -1"):
        trends_earth.write_error_polygons(bad, tmp_path / "x.geojson")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="Unknown kind of file"):
        trends_earth.write_error_polygons(bad, tmp_path / "x.shp")


def test_a_country_takes_them(tmp_path):
    # grassland everywhere; the polygon covers the two western cells and says: degraded
    world = small_country(tmp_path / "country", [[2, 2, 2, 2]])
    shape = world.cells(0, 0, 1, 2)
    path = geojson(tmp_path / "te.geojson", feature(shape, recode_deg_to=None, recode_stable_to=-1,
                   periods_affected=["baseline", "report_1"]))  # fmt: skip
    trends_earth.take_error_polygons(path, tmp_path / "country" / "errors.gpkg")
    for file in ("errors.gpkg", str(path)):
        country = world.read(error_polygons=file)
        found = quietly(ldnkit.compute, country, "degradation", progress=False, force=True)
        by_period = found.tables["sub_indicators"].groupby(["period", "sdg"])["cells"].sum()
        assert by_period["baseline", -1] == by_period["report_1", -1] == 2
        assert ("report_2", -1) not in by_period.index
    # the summary carries the polygons of each period, and what they cover after the correction
    summary = prais_trends_earth.land_condition(country, ldnkit.results(country))
    parts = {name: part["period_assessment"] for name, part in summary["land_condition"].items()}
    assert [len(part["error_recode"]["features"]) for part in parts.values()] == [1, 1, 0]
    covered = {
        each["name"]: each["area"] for each in parts["baseline"]["sdg_error_recode"]["areas"]
    }
    assert covered["Degraded"] == pytest.approx(world.area(0, 2), rel=1e-6)
    assert sum(covered.values()) == covered["Degraded"]
    written = prais_trends_earth.write(country, ldnkit.results(country), tmp_path / "exchange")
    assert [path.name for path in written] == [
        "land_condition_XLD.json",
        "error_recode_XLD.geojson",
    ]
    assert len(quietly(trends_earth.read_error_polygons, written[1])) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, NODATA, 0, 1]),
            st.sampled_from([None, NODATA, -1, 1]),
            st.sampled_from([None, NODATA, -1, 0]),
            st.sets(st.sampled_from(["baseline", "report_1", "report_2"]), min_size=1),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_allowed_recode_survives(rows):
    frame = geopandas.GeoDataFrame(
        {"location_name": [f"place {number}" for number in range(len(rows))],
         "periods_affected": [sorted(row[3]) for row in rows],
         "recode_deg_to": [row[0] for row in rows],
         "recode_stable_to": [row[1] for row in rows],
         "recode_imp_to": [row[2] for row in rows]},
        geometry=[box(number, 0, number + 1, 1) for number in range(len(rows))],
        crs=4326,
    )  # fmt: skip
    typed = error_polygons._typed(error_polygons.completed(frame))
    content = error_polygons.feature_collection(typed, name="any")
    for each, row in zip(content["features"], rows, strict=True):
        kept = each["properties"]
        recodes = tuple(kept[column] for column in degradation.RECODES.values())
        assert recodes == row[:3] and kept["periods_affected"] == sorted(row[3])


# ------------------------------------------------------------------- legends, nestings, matrices


def lcc(code, name="", colour="#ffffb2"):
    return {"code": code, "name_long": name, "name_short": "", "color": colour}


def test_a_legend_as_a_list_and_as_a_nesting(tmp_path):
    listed = [{"lcc": lcc(10, "Savanna "), "parent": {"code": 2}},
              {"lcc": lcc(30, "Lake"), "parent": {"code": 7}}]  # fmt: skip
    nested = {"child": {"key": [lcc(10, "Savanna"), lcc(30, "Lake")]},
              "nesting": {"2": [10], "7": [30], "-32768": [-32768]}}  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(listed))
    first = trends_earth.read_legend(tmp_path / "a.json", target=tmp_path / "legend.csv")
    pd.testing.assert_frame_equal(first, trends_earth.read_legend(nested))
    kept = tables.legend(tmp_path / "legend.csv")
    assert kept[["code", "name", "unccd", "colour"]].values.tolist() == [
        [10, "Savanna", 2, "#ffffb2"], [30, "Lake", 7, "#ffffb2"],
    ]  # fmt: skip


def test_a_nesting_with_codes_of_no_data(tmp_path):
    nested = {"child": {"key": [lcc(0), lcc(50, "Forest"), lcc(60, "Wood")]},
              "nesting": {"1": [50, 60], "2": [], "-32768": [0, -32768]}}  # fmt: skip
    trends_earth.read_nesting(nested, target=tmp_path / "nesting.csv")
    kept = tables.nesting(tmp_path / "nesting.csv").set_index("code")["to"]
    assert kept.to_dict() == {0: NODATA, 50: 1, 60: 1}


def test_a_matrix(tmp_path):
    def change(first, last, meaning):
        return {"initial": lcc(first), "final": lcc(last), "meaning": meaning}

    table = tables.transition_matrix()
    words = {-1: "degradation", 0: "stable", 1: "improvement"}
    rows = table.sample(frac=1, random_state=1).to_dict("records")
    changes = [change(row["from"], row["to"], words[row["sign"]]) for row in rows]
    legend = {"key": [lcc(code) for code in range(1, 8)]}
    content = {"legend": legend, "definitions": {"transitions": changes}}
    trends_earth.read_matrix(content, target=tmp_path / "matrix.csv")
    pd.testing.assert_frame_equal(tables.transition_matrix(tmp_path / "matrix.csv"), table)
    # a team that thinks otherwise: the process is the team's to name
    content["definitions"]["transitions"] = [change(2, 1, "degradation")]
    assert trends_earth.read_matrix(content).values.tolist() == [[2, 1, -1, "", False]]
    content["legend"]["key"].append(lcc(8))
    content["definitions"]["transitions"] = [change(1, 3, "degradation")]
    assert trends_earth.read_matrix(content)["process"].tolist() == [""]


@pytest.mark.parametrize(
    ("reader", "content", "said"),
    [
        ("read_legend", {"key": []}, "another layout"),
        ("read_legend", [{"lcc": lcc(1, "A"), "parent": {"code": 9}}], r"class 1 \(A\) in 9"),
        ("read_legend", [{"lcc": lcc("x", "A"), "parent": {"code": 1}}], "class 'A'"),
        ("read_legend", [{"lcc": lcc(1), "parent": {"code": 1}}] * 2, "twice: 1"),
        ("read_nesting", [], "a nesting"),
        ("read_nesting", {"nesting": {"1": [5], "2": [5]}}, "code 5 in 1 and in 2"),
        ("read_nesting", {"nesting": {"1": ["x"]}}, "x in 1"),
        ("read_nesting", {"child": {"key": [lcc(4)]}, "nesting": {"1": []}}, "nested nowhere: 4"),
        ("read_matrix", {}, "definitions with transitions"),
        ("read_matrix", {"definitions": {"transitions": [
            {"initial": lcc(1), "final": lcc(2), "meaning": "degraded"}]}}, "Did you mean"),
    ],
)  # fmt: skip
def test_legends_that_cannot_be_read(reader, content, said):
    with pytest.raises(InputError, match=said):
        getattr(trends_earth, reader)(content)


def test_a_file_that_is_no_json(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(InputError, match="expected a JSON file"):
        trends_earth.read_legend(tmp_path / "a.json")


# -------------------------------------------------------------------------------------- downloads


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A publisher on the loopback with one package."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(web, "patience", lambda: web.Patience(5, 0.01, 0.05, 2.0))
    writer = Writer(tmp_path / "files")
    values = np.random.default_rng(1).integers(1, 8, (300, 300)).astype(np.int16)
    found = [Band("Land cover (7 class)", {"year": 2015}, values)]
    writer.results("KEN.json", {"Int16": (found, writer.raster("land.tif", found))})
    (tmp_path / "served").mkdir()
    writer.packed(tmp_path / "served" / "KEN_package.tar.gz")
    with serve(tmp_path / "served") as running:
        yield running


def test_a_package_is_fetched_once_and_goes_on_where_it_was_cut(server, tmp_path):
    server.faults["/KEN_package.tar.gz"] = ["cut", "500"]
    options = {"folder": tmp_path / "here", "progress": False}
    options["url"] = f"{server.base}/KEN_package.tar.gz"
    package = trends_earth.fetch("KEN", **options)
    assert package.layers["output"].tolist() == ["land_cover_2015"]
    asked = server.count("/KEN_package.tar.gz")
    assert asked == 3 and any("bytes=" in each[2] for each in server.asked)
    receipt = json.loads((tmp_path / "here" / "KEN_package.tar.gz.receipt.json").read_text())
    assert receipt["address"] == options["url"] and len(receipt["sha256"]) == 64
    assert trends_earth.fetch("KEN", **options).folder == package.folder
    assert server.count("/KEN_package.tar.gz") == asked
    trends_earth.fetch("KEN", again=True, checksum=receipt["sha256"], **options)
    assert server.count("/KEN_package.tar.gz") == asked + 1


def test_a_package_that_is_not_there(server, tmp_path):
    with pytest.raises(OSError, match="404"):
        trends_earth.fetch(
            "KEN", folder=tmp_path / "here", progress=False, url=f"{server.base}/gone.tar.gz"
        )
    assert not list((tmp_path / "here").glob("*.tar.gz"))
