"""A country packed, brought back and cut to its boundary: the same files, the same numbers."""

import os
import zipfile

import numpy as np
import pytest
import rasterio
from small_country import small_country, steady_ndvi

import ldnkit
from ldnkit import travel
from ldnkit.findings import InputError

#  A raster of 30 × 30 cells; the country is the 4 × 4 in rows and columns 12 to 15.
SIDE = 30


@pytest.fixture
def world(tmp_path):
    rng = np.random.default_rng(5)
    cover = {
        year: rng.integers(1, 7, (SIDE, SIDE)).tolist() for year in (2000, 2015, 2016, 2019, 2023)
    }
    made = small_country(tmp_path / "home", cover, ndvi=steady_ndvi((SIDE, SIDE)))
    made.polygons("boundary.gpkg", made.cells(12, 12, 16, 16))
    return made


def degraded(country):
    result = ldnkit.compute(country, "degradation", progress=False)
    return result.tables


def test_packed_and_back(world, tmp_path):
    country = world.read()
    ldnkit.compute(country, "land_cover", progress=False)
    (tmp_path / "my_progress.csv").write_text("time,exercise\n", encoding="utf-8")
    packed = travel.pack(
        country, tmp_path / "out" / "XLD.zip", results=True, extra=[tmp_path / "my_progress.csv"]
    )
    names = zipfile.ZipFile(packed).namelist()
    assert "XLD/country.yml" in names
    assert "XLD/outputs/XLD/results.json" in names
    assert "XLD/my_progress.csv" in names
    assert not [name for name in names if name.startswith("XLD/outputs/XLD/outputs")]
    again = travel.unpack(packed, tmp_path / "there")
    for file in country.folder.glob("*.tif"):
        assert (again.parent / file.name).read_bytes() == file.read_bytes()
        assert (again.parent / file.name).stat().st_mtime_ns == file.stat().st_mtime_ns
    # what was computed is not computed again, until a file changes
    there = ldnkit.open_country(again, outputs=again.parent / "outputs")
    assert ldnkit.compute(there, "land_cover", progress=False).reused
    os.utime(again.parent / "land_cover_2015.tif", ns=(1, 1))
    assert not ldnkit.compute(there, "land_cover", progress=False).reused
    assert not list((tmp_path / "there").glob(".unpack*"))
    assert not list((tmp_path / "out").glob("*.part"))


def test_nothing_is_replaced(world, tmp_path):
    packed = travel.pack(world.read(), tmp_path / "XLD.zip")
    travel.unpack(packed, tmp_path / "there")
    with pytest.raises(InputError, match="there already"):
        travel.unpack(packed, tmp_path / "there")


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "XLD/../../evil.txt", "C:\\evil"])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("XLD/country.yml", "schema: 1")
        archive.writestr(name, "evil")
    with pytest.raises(InputError, match="lead elsewhere"):
        travel.unpack(path, tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_no_archive_and_no_country(tmp_path):
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(InputError, match="no ZIP file"):
        travel.unpack(tmp_path / "text.zip", tmp_path)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="0 folders with a country.yml"):
        travel.unpack(tmp_path / "other.zip", tmp_path)


def test_too_little_room(world, tmp_path, monkeypatch):
    packed = travel.pack(world.read(), tmp_path / "XLD.zip")
    monkeypatch.setattr(travel, "_free", lambda folder: 10)
    with pytest.raises(InputError, match="MB free"):
        travel.unpack(packed, tmp_path / "there")


def test_files_outside_the_folder_are_named(world, tmp_path):
    outside = tmp_path / "elsewhere.tif"
    outside.write_bytes((world.folder / "land_cover_2000.tif").read_bytes())
    files = {**world.file["land_cover"]["files"], 2000: str(outside)}
    country = world.read(land_cover=world.file["land_cover"] | {"files": files})
    for action in (travel.pack, travel.shrink):
        with pytest.raises(InputError, match=r"files outside its folder: elsewhere\.tif"):
            action(country, tmp_path / "away")


def test_cut_rasters_hold_the_same_values_and_give_the_same_tables(world, tmp_path):
    country = world.read()
    path = travel.shrink(country, tmp_path / "small")
    with rasterio.open(world.folder / "land_cover_2000.tif") as whole:
        values = whole.read(1)
    with rasterio.open(path.parent / "land_cover_2000.tif") as part:
        # four cells around the country of four: rows and columns 8 to 19
        assert part.shape == (12, 12)
        assert (part.read(1) == values[8:20, 8:20]).all()
    found = degraded(ldnkit.open_country(path, outputs=tmp_path / "results"))
    for name, table in degraded(country).items():
        np.testing.assert_allclose(
            found[name].select_dtypes("number"), table.select_dtypes("number"), rtol=1e-9
        )


def test_a_cube_is_cut_without_touching_its_values(world, tmp_path):
    import xarray as xr

    rng = np.random.default_rng(2)
    latitude = world.north - (np.arange(SIDE) + 0.5) * world.cell
    longitude = world.west + (np.arange(SIDE) + 0.5) * world.cell
    cube = xr.Dataset(
        {"rain": (("time", "lat", "lon"), rng.random((3, SIDE, SIDE), dtype="float32"))},
        {"time": [0, 31, 59], "lat": latitude, "lon": longitude},
    )
    cube.time.attrs = {"units": "days since 2000-01-01"}
    cube.to_netcdf(world.folder / "rain.nc")
    path = travel.shrink(world.read(), tmp_path / "small", margin=1)
    with xr.open_dataset(path.parent / "rain.nc") as part:
        assert part.sizes["lat"] < 10
        same = cube.rain.sel(lat=part.lat, lon=part.lon)
        assert (part.rain.values == same.values).all()


def test_a_folder_that_is_there_is_left_alone(world, tmp_path):
    (tmp_path / "small").mkdir()
    with pytest.raises(FileExistsError, match="there already"):
        travel.shrink(world.read(), tmp_path / "small")
