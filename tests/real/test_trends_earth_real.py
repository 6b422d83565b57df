"""Real files of Trends.Earth: a summary, error polygons, legends, the JSON of a raster."""

from __future__ import annotations

import json
import warnings

import geopandas
import pytest
from pyproj import Geod

from ldnkit import InputError, tables
from ldnkit.sources import trends_earth
from ldnkit.sources.trends_earth import bands, contents

pytestmark = pytest.mark.real

SDG = "period_assessment.sdg.summary"
PEOPLE = "affected_population.summary.{} population"
TRANSITIONS = "period_assessment.land_cover.crosstabs_by_land_cover_class"
BY_YEAR = "period_assessment.land_cover.land_cover_areas_by_year"


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "trends_earth"


@pytest.fixture(scope="module")
def summary(folder):
    """The summary of 314.5 km² around Surabaya, in the older structure."""
    return trends_earth.read_summary(folder / "debug_result.json")


def of(figures, **wanted):
    """Class -> value of the figures with these values of their columns."""
    for column, value in wanted.items():
        figures = figures[figures[column] == value]
    return figures.set_index("name")["value"]


def test_every_figure_of_the_older_summary_is_read(folder, summary):
    def numbers(part):
        """Figures under the keys that hold figures, whatever lies around them."""
        if isinstance(part, list):
            return sum(map(numbers, part))
        if not isinstance(part, dict):
            return 0
        here = ("area", "value", "population", "initial_value", "final_value")
        found = sum(key in here and isinstance(value, (int, float)) for key, value in part.items())
        if isinstance(part.get("values"), dict):
            found += sum(len(classes) for classes in part["values"].values())
        return found + sum(numbers(value) for value in part.values())

    content = json.loads((folder / "debug_result.json").read_text(encoding="utf-8"))["report"]
    assert len(summary) == numbers(content["land_condition"]) + numbers(
        content["affected_population"]
    )
    assert set(summary["period"]) == {"baseline", "progress"}
    assert set(summary["unit"]) == {"sq km", "tons", "tonnes", "persons"}


def test_areas_and_people(summary):
    found = of(summary, period="baseline", block=SDG)
    assert found.round(3).to_dict() == {
        "Improved": 34.272, "Stable": 81.521, "Degraded": 69.307, "No data": 129.394,
    }  # fmt: skip
    people = of(summary, period="baseline", block=PEOPLE.format("Total"))
    assert people.to_dict() == {
        "Improved": 385995, "Stable": 905554, "Degraded": 704620, "No data": 147040,
    }  # fmt: skip
    for period in ("baseline", "progress"):
        sexes = [of(summary, period=period, block=PEOPLE.format(sex)) for sex in ("Female", "Male")]
        total = of(summary, period=period, block=PEOPLE.format("Total"))
        assert (sexes[0] + sexes[1] - total).abs().max() <= 1


@pytest.mark.parametrize(
    ("period", "first", "last"), [("baseline", 2001, 2015), ("progress", 2005, 2019)]
)
def test_lists_agree_with_each_other(summary, period, first, last):
    here = summary[summary["period"] == period]
    totals = here[here["unit"] == "sq km"].groupby(["block", "summary"])["value"].sum()
    area = totals[SDG].iloc[0]
    for part in ("productivity.summaries.all_cover_types", "land_cover.summary",
                 "soil_organic_carbon.summaries.all_cover_types"):  # fmt: skip
        assert totals[f"period_assessment.{part}"].iloc[0] == pytest.approx(area, rel=1e-9), part
    by_class = totals["period_assessment.productivity.crosstabs_by_productivity_class"]
    assert len(by_class) == 6 and by_class.sum() == pytest.approx(area, rel=1e-9)
    changed = here[(here["block"] == TRANSITIONS) & here["summary"].str.endswith(f"{first}-{last}")]
    pairs = changed["name"].str.split(" > ", expand=True)
    for side, year in ((0, first), (1, last)):
        classes = of(here, block=BY_YEAR, summary=f"Area by year by land cover class, {year}")
        added = changed.groupby(pairs[side])["value"].sum()
        for name, value in added.items():
            assert value == pytest.approx(classes[name], rel=1e-6, abs=1e-6), (year, name)


DEMO = ("antigua_barbuda", "antigua_barbuda_report_only", "colombia", "kenya", "turkmenistan")


@pytest.mark.parametrize("name", DEMO)
def test_the_demonstration_polygons(folder, name, tmp_path):
    path = folder / f"error_polygons_{name}.geojson"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        frame = trends_earth.read_error_polygons(path)
        plain = geopandas.read_file(path)
        assert frame["uuid"].tolist() == plain["uuid"].tolist()
        # every stated area is wrong by 21 to 1413 times, and both figures are told
        warned = [f for f in frame.attrs["findings"] if f.severity == "warning"]
        assert len(warned) == len(frame) >= 3
        for finding, shape, stated in zip(warned, frame.geometry, frame["area_km_sq"], strict=True):
            true = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6
            assert 20 <= true / stated <= 1420
            assert f"{stated:g} km²" in finding.found
            assert float(finding.expected.split(" km²")[0]) == pytest.approx(true, rel=2e-3)
        written = trends_earth.write_error_polygons(frame, tmp_path / "again.geojson")
        again = trends_earth.read_error_polygons(written)
    columns = [column for column in frame.columns if column != "geometry"]
    assert frame[columns].equals(again[columns])
    assert frame.geometry.geom_equals(again.geometry).all()
    theirs = json.loads(path.read_text(encoding="utf-8"))["features"]
    ours = json.loads(written.read_text(encoding="utf-8"))["features"]
    for one, other in zip(theirs, ours, strict=True):
        for key, value in one["properties"].items():
            assert other["properties"][key] == value, key


def test_the_empty_template_has_no_polygons(folder, tmp_path):
    frame = trends_earth.read_error_polygons(folder / "error_recode_en.gpkg")
    assert len(frame) == 0 and "recode_deg_to" in frame
    assert "source" in frame.attrs["findings"][0].found


def test_the_legend_of_mapbiomas(folder, tmp_path):
    table = trends_earth.read_legend(
        folder / "land_cover-legend-mapbiomas.json", target=tmp_path / "legend.csv"
    )
    with pytest.warns(UserWarning, match="35 classes"):
        kept = tables.legend(tmp_path / "legend.csv")
    assert len(table) == len(kept) == 35
    classes = kept.set_index("code")["unccd"]
    assert classes[[3, 12, 15, 33]].tolist() == [1, 2, 3, 7]
    nesting = trends_earth.read_nesting(
        folder / "land_cover-nesting-mapbiomas_mapbiomas.json", target=tmp_path / "nesting.csv"
    )
    read = tables.nesting(tmp_path / "nesting.csv", classes=kept)
    assert nesting.set_index("code")["to"][0] == -32768 and len(read) == len(nesting) == 13


@pytest.mark.parametrize("name", ["land_cover-nesting-unccd_esa", "land_cover_nesting_unccd_esa"])
def test_the_nesting_of_esa_is_ours(folder, name):
    found = trends_earth.read_nesting(folder / f"{name}.json").set_index("code")["to"]
    ours = tables.nesting("esa_cci").set_index("code")["to"]
    assert found.to_dict() == ours.drop(0).to_dict()


@pytest.mark.parametrize(
    "name", ["land_cover-transition_matrix-unccd", "land_cover_transition_matrix_unccd"]
)
def test_the_transition_matrix_against_that_of_the_manual(folder, name):
    found = trends_earth.read_matrix(folder / f"{name}.json").set_index(["from", "to"])["sign"]
    ours = tables.transition_matrix().set_index(["from", "to"])["sign"]
    assert len(found) == 49
    different = found.index[found != ours.reindex(found.index)].tolist()
    assert different == []


def test_the_json_of_a_raster_without_its_raster(folder):
    path = folder / "RasterResults_sdg-15-3-1-sub-indicators_1.json"
    with pytest.raises(InputError) as error:
        trends_earth.open_package(path)
    said = str(error.value)
    assert "Float32_1.tif" in said and "Population (number of people) 2015 male" in said
    content = json.loads(path.read_text(encoding="utf-8"))
    rasters = list(contents.rasters_of(content))
    names = {band["name"] for raster in rasters for band in raster["bands"]}
    known = {name for name in names if bands.simplified(name) in bands.kinds()}
    assert {"Land cover (degradation)", "Soil organic carbon", "Land cover (7 class)",
            "Productivity trajectory (significance)"} & names <= known  # fmt: skip
    assert len(known) >= 7
