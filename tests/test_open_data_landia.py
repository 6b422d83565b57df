"""Landia served by COG, STAC, Zarr and plain files gives the classes of its own files."""

import shutil
import warnings

import numpy as np
import pytest
import rasterio
import xarray as xr
from support.open_data_servers import catalogue_rows, item, serve, write_cog

import ldnkit
from ldnkit import sources
from ldnkit.sources import catalogue, open_data
from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.cache import Cache

COVER = range(2000, 2023)
YEARS = range(2000, 2024)


def as_cog(source, target):
    with rasterio.open(source) as file:
        values = file.read()
        place = {"crs": file.crs, "nodata": file.nodata}
        write_cog(target, values, file.transform, **place)
        return values[0], file.transform, file.nodata


def serve_landia(server, folder):
    """Every layer of Landia on the server, each in another way; the rows of a catalogue."""
    files = server.folder
    for year in COVER:  # two tiles side by side in a STAC catalogue
        source = folder / f"land_cover/land_cover_{year}.tif"
        values, place, nodata = as_cog(source, files / "whole.tif")
        for tile in range(2):
            part, west = values[:, tile * 250 : tile * 250 + 250], place.c + tile * 250 * place.a
            at = rasterio.Affine(place.a, 0, west, 0, place.e, place.f)
            name = f"cover/{year}_{tile}.tif"
            write_cog(files / name, part, at, nodata=nodata)
            # what lies beyond 180 has longitudes from -180 in a catalogue
            for box in ((west, -17, 180, -16), (-180, -17, -179, -16)):
                item(server, f"{year}_{tile}", "cover", f"{year}-01-01", f"{year}-12-31", box,
                     classes=name)  # fmt: skip
    for year in YEARS:
        as_cog(folder / f"productivity/ndvi_{year}.tif", files / f"ndvi/ndvi_{year}.tif")
        for sex in ("female", "male"):
            name = f"{year}/XLD/xld_{sex[0]}_0_{year}.tif"
            as_cog(folder / f"population/{sex}_{year}.tif", files / "people" / name)
    for name in ("soc_2000", "climate_zones", "soil_units"):
        as_cog(folder / f"soil/{name}.tif", files / f"soil/{name}.tif")
    with xr.open_dataset(folder / "climate/precipitation.nc", mask_and_scale=False) as rain:
        rain.load().drop_encoding().chunk(time=120).to_zarr(files / "rain.zarr", zarr_format=2)
    address, datasets, routes = server.base, [], []

    def add(key, layer, way, **more):
        one = {"first": 2000, "last": 2023, "step": "year", "licence": "synthetic", "title": key,
               "link": "-", "author": "ldnkit", "citation": "Landia", "recommended": 1}  # fmt: skip
        datasets.append({"dataset": key, "layer": layer, **one, **more})
        routes.append({"route": f"{key}.way", "dataset": key, **way})

    add("l_cover", "land_cover", {"kind": "stac", "address": f"{address}/stac",
        "collection": "cover", "asset": "classes"}, nesting="esa_cci", last=2022)  # fmt: skip
    add("l_ndvi", "productivity", {"kind": "cog", "address": f"{address}/ndvi/ndvi_{{year}}.tif"},
        index="NDVI", scale=10000)  # fmt: skip
    for key, layer in (("soc_2000", "soil_reference"), ("climate_zones", "soil_climate"),
                       ("soil_units", "units")):  # fmt: skip
        way = {"kind": "cog", "address": f"{address}/soil/{key}.tif"}
        add(f"l_{key}", layer, way, step="once", last=2000)
    people = f"{address}/people/{{year}}/{{iso3}}/{{iso3_lower}}_{{sex}}_{{age}}_{{year}}.tif"
    add("l_people", "population", {"kind": "http", "address": people, "variable": "0"})
    add("l_rain", "precipitation", {"kind": "zarr", "address": f"{address}/rain.zarr",
        "variable": "precipitation"}, first=1981, step="month")  # fmt: skip
    return datasets, routes


@pytest.mark.slow
def test_all_ways_give_the_same_classes(landia, landia_results, tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(web, "patience", lambda: web.Patience(5, 0.01, 0.05, 10.0))
    folder = tmp_path / "landia"
    gone = shutil.ignore_patterns("land_cover", "productivity", "soil", "climate", "*ale_20??.tif")
    shutil.copytree(landia.folder, folder, ignore=gone)
    (tmp_path / "served").mkdir()
    cache = Cache(tmp_path / "cache")
    with serve(tmp_path / "served") as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = catalogue_rows(tmp_path / "rows", *serve_landia(server, landia.folder))
        monkeypatch.setenv(catalogue.OWN, str(own))
        for path in ("/ndvi/ndvi_2003.tif", "/cover/2010_0.tif", "/rain.zarr/precipitation/1.0.0"):
            server.faults[path] = ["cut", "500"]
        layers = {
            "land_cover": "l_cover", "productivity": "l_ndvi", "units": "l_soil_units",
            "soil_reference": "l_soc_2000", "soil_climate": "l_climate_zones",
            "population": "l_people", "precipitation": "l_rain",
        }  # fmt: skip
        done = open_data.prepare(folder / "country.yml", layers, cache=cache, progress=False)
        assert len(done.paths["land_cover"]) == 23 and len(done.paths["population"]) == 24
        assert not any(server.faults.values()), "every fault was met"
        country = ldnkit.open_country(folder, outputs=tmp_path / "outputs")
        # the corner is reckoned from another corner: equal up to the last digits of a number
        assert country.grid.shape == landia.grid.shape
        np.testing.assert_allclose(country.grid.transform, landia.grid.transform, atol=1e-9)
        for layer in ("land_cover", "productivity", "units", "soil_reference",
                      "soil_climate_factor", "population", "drought_series"):  # fmt: skip
            ours, theirs = (sources.load(one, layer) for one in (country, landia))
            np.testing.assert_array_equal(ours.values, theirs.values, err_msg=layer)
        for indicator in ("degradation", "exposure", "drought"):
            ldnkit.compute(country, indicator)
    results = ldnkit.results(country)
    for indicator in ("land_cover", "productivity", "soil", "degradation", "exposure", "drought"):
        kept = landia_results[indicator].layers
        assert set(results[indicator].layers) == set(kept)
        for name, path in results[indicator].layers.items():
            with rasterio.open(path) as ours, rasterio.open(kept[name]) as theirs:
                if ours.dtypes[0] == "int16":  # classes: to the bit
                    np.testing.assert_array_equal(ours.read(), theirs.read(), err_msg=name)
                else:  # shares of cells hang on the last digits of the corner
                    np.testing.assert_allclose(ours.read(), theirs.read(), rtol=1e-6, err_msg=name)
