"""Soil carbon of SoilGrids, IPCC climate zones, and the demonstration polygons of Trends.Earth."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import real_countries
import xarray as xr

import ldnkit
from ldnkit import areas, degradation, soil, sources
from ldnkit.sources import preflight
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

pytestmark = [
    pytest.mark.real,
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


# ---- soil organic carbon ---------------------------------------------------------------------

DESERTS = {
    # file: (zeros, largest t/ha, mean of all, mean without the zeros)
    "Kubuqi/OCS_SDG_clipped.tif": (441, 49, 25.936, 26.080),
    "Thar/OCS_SDG.tif": (16_771, 35, 17.803, 17.933),
}


def grid_of(path):
    import rasterio
    from odc.geo.geobox import GeoBox

    with rasterio.open(path) as source:
        return GeoBox(source.shape, source.transform, source.crs.to_wkt())


@pytest.mark.parametrize("name", DESERTS)
def test_zeros_are_no_stock(shared_data, name):
    """No fill value is declared and zeros stand in holes: they never become a stock of 0 t/ha."""
    path = shared_data / "ML_LDT_TeamF" / name
    zeros, largest, with_zeros, without = DESERTS[name]
    stock = Raster(path, "value").read(grid_of(path)).astype(float)
    assert ((stock == 0).sum(), stock.max()) == (zeros, largest)
    assert stock.mean() == pytest.approx(with_zeros, abs=1e-3)
    assert stock[stock > 0].mean() == pytest.approx(without, abs=1e-3)
    declared = Raster(path, "value", (0,)).read(grid_of(path))
    assert (declared == NODATA).sum() == zeros
    # grassland to cropland over 15 of 20 years with f = 0.80: -15 %, whatever the stock
    change = soil.change(stock, stock * 0.85)
    assert np.isnan(change[stock == 0]).all()
    assert (change[stock > 0] == -15).all()
    classes = soil.degradation(change)
    assert (classes[stock == 0] == NODATA).all() and (classes[stock > 0] == -1).all()


@pytest.fixture(scope="module")
def kubuqi(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kubuqi")
    path = real_countries.kubuqi(folder / "country", shared_data)
    country = ldnkit.open_country(path, outputs=folder / "outputs")
    return country, ldnkit.compute(country, "soil", progress=False)


def test_stock_of_a_real_desert(kubuqi, shared_data):
    """Tonnes by class, counted again from the raster; the eastern half is cropland from 2015."""
    country, result = kubuqi
    stock = Raster(shared_data / "ML_LDT_TeamF/Kubuqi/OCS_SDG_clipped.tif", "value").read(
        country.grid
    )
    stock = stock.astype(float)
    hectares = np.broadcast_to(areas.cell_area(country.grid) * 100, stock.shape)
    east = np.zeros(stock.shape, bool)
    east[:, stock.shape[1] // 2 :] = True
    tonnes = result.tables["soil_stock"].set_index(["year", "land_cover"])["stock_tonnes"]
    known = result.tables["soil_stock"].set_index(["year", "land_cover"])["stock_area_km2"]
    assert tonnes[2000, 2] == pytest.approx((stock * hectares).sum(), rel=1e-9)
    assert known[2000, 2] == pytest.approx(hectares[stock > 0].sum() / 100, rel=1e-9)
    f = 0.80  # climate zone 4, cool temperate dry
    lost = {2015: 15 / 20, 2019: 19 / 20, 2023: 1}
    for year, share in lost.items():
        left = (stock * hectares)[east].sum() * (1 - (1 - f) * share)
        assert tonnes[year, 3] == pytest.approx(left, rel=1e-6), year
        assert tonnes[year, 2] == pytest.approx((stock * hectares)[~east].sum(), rel=1e-9)


def test_degradation_of_a_real_desert(kubuqi):
    country, result = kubuqi
    cells = result.tables["soil"].set_index(["period", "land_cover", "degradation"])["cells"]
    rows, columns = country.grid.shape
    crop = rows * (columns - columns // 2)
    holes = 441
    baseline = cells["baseline"]
    assert baseline[3].drop(NODATA).to_dict() == {-1: crop - baseline[3][NODATA]}
    assert baseline[2].drop(NODATA).to_dict() == {0: rows * columns - crop - baseline[2][NODATA]}
    assert baseline.xs(NODATA, level="degradation").sum() == holes
    # 2016 to 2023: from 0.84 to 0.80 of the reference is -4.8 %, stable
    assert set(cells["report_2"].index.get_level_values("degradation")) == {0, NODATA}


def test_climate_zones_reach_another_grid(kubuqi, shared_data):
    country, _ = kubuqi
    zones = Raster(country.soil.climate).read(country.grid)
    assert set(np.unique(zones)) == {4}
    factor = sources.load(country, "soil_climate_factor", window=country.grid)
    assert np.unique(factor).tolist() == [np.float32(0.80)]
    said = [finding for finding in preflight.check(country, "soil") if "climate" in finding.where]
    assert [finding.severity for finding in said] == ["info"]
    assert "nearest" in said[0].found


def test_assaba_is_dry_tropics(shared_data, tmp_path):
    """Zone 12, f = 0.58, on the sinusoidal grid of 463 m from zones of 1/12°."""
    path = real_countries.assaba(tmp_path / "country", shared_data / "assaba_mauritania")
    text = path.read_text(encoding="utf-8")
    reference = shared_data / "ML_LDT_TeamF" / "Thar" / "OCS_SDG.tif"
    climate = shared_data / "trends_earth" / "ipcc_climate_zones.tif"
    section = f"soil: {{reference: '{reference.as_posix()}', climate: '{climate.as_posix()}'}}"
    path.write_text(text.replace("soil: null", section), encoding="utf-8")
    country = ldnkit.open_country(path, outputs=tmp_path / "outputs")
    inside = sources.load(country, "zones", window=country.grid) != NODATA
    factor = sources.load(country, "soil_climate_factor", window=country.grid)
    zones = Raster(country.soil.climate).read(country.grid)
    assert set(np.unique(zones[inside.values])) == {12}
    assert np.unique(factor.values[inside.values]).tolist() == [np.float32(0.58)]
    # soil of another continent is refused before work starts
    findings = [each for each in preflight.check(country, "soil") if each.severity == "error"]
    assert [each.found.split(" (")[0] for each in findings] == [
        "a raster that does not touch the country"
    ]


# ---- polygons of false positives and false negatives -----------------------------------------

FILES = ["antigua_barbuda", "antigua_barbuda_report_only", "colombia", "kenya", "turkmenistan"]


def polygons_of(shared_data, name):
    path = shared_data / "trends_earth" / f"error_polygons_{name}.geojson"
    country = SimpleNamespace(error_polygons=path, crosses_180=False)
    return json.loads(path.read_text(encoding="utf-8"))["features"], sources.error_polygons(country)


@pytest.mark.parametrize("name", FILES)
def test_polygons_are_read_with_their_type(shared_data, name):
    features, polygons = polygons_of(shared_data, name)
    assert len(polygons) == len(features) in (3, 4)
    for feature, row in zip(features, polygons.to_dict("records")):
        given = feature["properties"]
        assert list(row["periods_affected"]) == given["periods_affected"]
        for column in degradation.RECODES.values():
            value = row[column]
            assert given[column] == (None if pd.isna(value) else value)
        # the method said degraded where it is not, or the data are bad: nothing else is in there
        expected = "no data" if given["recode_deg_to"] == NODATA else "false negative"
        assert row["type"] == expected


def test_declared_areas_are_not_believed(shared_data):
    """The attribute area_km_sq is 20 to 1,400 times too small: areas come from the geometry."""
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    ratios = []
    for name in FILES:
        _, polygons = polygons_of(shared_data, name)
        for row in polygons.itertuples():
            area, _ = geod.geometry_area_perimeter(row.geometry)
            ratios.append(abs(area) / 1e6 / row.area_km_sq)
    assert len(ratios) == 16
    assert min(ratios) > 15 and 1_000 < max(ratios) < 1_500


@pytest.mark.parametrize("name", FILES)
def test_recodes_on_a_grid(shared_data, name):
    """Every class inside every polygon becomes what its attribute says; areas are those drawn."""
    import odc.geo.xr
    from odc.geo.geobox import GeoBox
    from pyproj import Geod

    _, polygons = polygons_of(shared_data, name)
    west, south, east, north = polygons.total_bounds
    grid = GeoBox.from_bbox(
        (west - 0.05, south - 0.05, east + 0.05, north + 0.05), "EPSG:4326", resolution=0.005
    )
    area = np.broadcast_to(areas.cell_area(grid), grid.shape)
    for period in ("baseline", "report_1", "report_2"):
        affected = [period in each for each in polygons["periods_affected"]]
        for before, column in degradation.RECODES.items():
            values = np.full(grid.shape, before, np.int16)
            layer = odc.geo.xr.wrap_xr(xr.DataArray(values).values, grid)
            after = degradation.recode(layer, polygons, period=period).values
            targets = polygons.loc[affected, column].dropna()
            expected = {before} | {int(value) for value in targets}
            assert set(np.unique(after)) == expected, (period, column)
            changed = polygons.loc[targets.index].geometry.union_all()
            drawn = abs(Geod(ellps="WGS84").geometry_area_perimeter(changed)[0]) / 1e6
            assert area[after != before].sum() == pytest.approx(drawn, rel=0.05, abs=0.5)
