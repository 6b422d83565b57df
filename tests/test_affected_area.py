"""The affected area (forms AA): the same chain, counted in a part of the country."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest
from small_country import small_country, steady_ndvi

import ldnkit
from ldnkit import prais

# Cropland (3) becomes artificial (5) in two cells; water (7) in one. The affected area is the
# left two columns, drawn over the whole of column 1 and a little of column 2:
#
#     2000   3 3 3 3     later   5 3 5 3     affected   x x . .
#            3 3 3 7             3 3 3 7                x x . .
BEFORE, AFTER = [[3, 3, 3, 3], [3, 3, 3, 7]], [[5, 3, 5, 3], [3, 3, 3, 7]]
PEOPLE = np.array([[8.0, 4.0, 2.0, 1.0], [0.5, 0.25, 0.0, 6.0]])

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    cover = {2000: BEFORE} | dict.fromkeys((2015, 2016, 2019, 2023), AFTER)
    folder = tmp_path_factory.mktemp("affected")
    world = small_country(
        folder,
        cover,
        ndvi=steady_ndvi((2, 4)),
        reference=np.full((2, 4), 60.0),
    )
    people = {2015: world.raster("people.tif", PEOPLE, dtype=np.float32)}
    index = {2023: world.raster("spi.tif", np.full((2, 4), -1.7), dtype=np.float32)}
    area = world.polygons("affected.gpkg", world.cells(-1, 0, 3, 2.2))
    return world.read(
        population={"female": people, "male": {2015: world.raster("m.tif", PEOPLE * 2)}},
        drought={"index": index},
        affected_area={"file": area},
    )


@pytest.fixture(scope="module")
def reports(country):
    for indicator in ("degradation", "exposure", "drought", "drought_exposure"):
        ldnkit.compute(country, indicator)
    results = ldnkit.results(country)
    return prais.build(country, results), prais.build(country, results, area="affected")


def test_areas_are_those_of_the_cells_inside(country, reports):
    national, affected = (report["CP-1.T1"].frame for report in reports)
    top, bottom = country.grid[0:1, 0:1], country.grid[1:2, 0:1]
    cells = [float(ldnkit.areas.cell_area(part)[0, 0]) for part in (top, bottom)]
    assert affected.loc["2023", "total_land_area"] == pytest.approx(2 * sum(cells))
    assert affected.loc["2023", "water_bodies"] == 0
    assert national.loc["2023", "total_country_area"] == pytest.approx(4 * sum(cells))
    degraded = reports[1]["SO1-4.T2"].frame.loc["2015", "degraded_area"]
    assert degraded == pytest.approx(cells[0])  # one of the two degraded cells
    assert reports[0]["SO1-4.T2"].frame.loc["2015", "degraded_area"] == pytest.approx(2 * cells[0])


def test_people_are_those_of_the_cells_inside(reports):
    exposed = reports[1]["SO2-3.T1"].frame
    assert exposed.loc["2015", "female.exposed"] == pytest.approx(8, rel=1e-6)
    assert exposed.loc["2015", "total.exposed"] == pytest.approx(24, rel=1e-6)
    assert reports[0]["SO2-3.T1"].frame.loc["2015", "total.exposed"] == pytest.approx(30, rel=1e-6)
    profile = reports[1]["CP-1.T2"].frame
    assert profile.loc["2015", "female"] == pytest.approx(12.75e-3, rel=1e-6)
    in_drought = reports[1]["SO3-2.T1"].frame
    assert in_drought.loc["2023", "exposed"] == pytest.approx(3 * 12.75, rel=1e-6)


def test_its_tables_agree_with_each_other(reports):
    for report in reports:
        errors = [found for found in prais.check(report) if found.severity == "error"]
        assert [str(found) for found in errors] == []
    assert set(reports[1].tables) < set(reports[0].tables)
    assert "SO1-1.T3" not in reports[1].tables


def test_its_files_stand_beside_those_of_the_country(reports, tmp_path):
    paths = [prais.write(report, tmp_path) for report in reports]
    names = {path.name for each in paths for path in each.values()}
    assert names == {
        *("prais_XLD_2026.xlsx", "prais_XLD_2026.json", "csv"),
        *("prais_XLD_2026_affected_area.xlsx", "prais_XLD_2026_affected_area.json"),
        *("csv_affected_area", "findings.csv", "findings.json"),
        *("findings_affected_area.csv", "findings_affected_area.json"),
    }
    sheets = openpyxl.load_workbook(paths[1]["xlsx"]).sheetnames
    assert sheets[0] == "Overview" and all(name.startswith("AA-") for name in sheets[1:])
    assert (tmp_path / "csv_affected_area" / "AA-SO1-4.T2.csv").is_file()


def test_a_country_without_one_is_told(country, tmp_path):
    world = small_country(tmp_path, BEFORE)
    with pytest.raises(ValueError, match="has no affected area"):
        prais.build(world.read(), {}, area="affected")
    with pytest.raises(ValueError, match="Unknown area"):
        prais.build(country, {}, area="coast")
