"""Country folders made of packages: Landia's layers in a package, and out of it again."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import rasterio
import yaml
from shapely.geometry import box
from trends_earth_packages import NODATA, Band, Writer

import ldnkit
from ldnkit import InputError
from ldnkit.country import Country
from ldnkit.prais import trends_earth as prais_trends_earth
from ldnkit.sources import trends_earth

LPD = "Land Productivity Dynamics (from {})"
YEARS = (2000, 2015, 2016, 2019, 2023)
SPANS = {"baseline": (2000, 2015), "report_1": (2004, 2019), "report_2": (2008, 2023)}


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return function(*arguments, **options)


def class_of(values, *, low, high, seed):
    return np.random.default_rng(seed).integers(low, high + 1, values).astype(np.int16)


def small_package(folder, *, lpd=("Trends.Earth",), people=("female", "male"), area=True,
                  spi=True, stocks=(2000, 2015, 2019, 2022), native=False):  # fmt: skip
    """A package of 6 × 8 cells; what it carries can be chosen."""
    shape, land = (6, 8), []
    name = "Land cover" if native else "Land cover (7 class)"
    for year in (2000, 2015, 2019, 2022):
        land.append(Band(name, {"year": year}, class_of(shape, low=1, high=6, seed=year)))
    for source in lpd:
        for first, last in SPANS.values():
            pair = {"year_initial": first, "year_final": last}
            values = class_of(shape, low=1, high=5, seed=last)
            land.append(Band(LPD.format(source), pair, values))
    for year in stocks:
        values = class_of(shape, low=20, high=90, seed=year + 7)
        land.append(Band("Soil organic carbon", {"year": year}, values))
    pair = {"year_initial": 2000, "year_final": 2015}
    land.append(Band("SDG 15.3.1 Indicator", pair, class_of(shape, low=-1, high=1, seed=1)))
    if spi:
        for year in (2000, 2023):
            values = class_of(shape, low=-2500, high=2500, seed=year)
            for lag in (6, 12):
                metadata = {"year": year, "lag": lag}
                land.append(Band("Standardized Precipitation Index (SPI)", metadata, values))
    writer = Writer(folder)
    rasters = {"Int16": (land, writer.raster("land.tif", land))}
    counted = [
        Band("Population (number of people)", {"year": year, "type": sex},
             np.full(shape, 2.25 + year / 1000, np.float32))
        for year in (2015, 2023) for sex in people
    ]  # fmt: skip
    if counted:
        rasters["Float32"] = (counted, writer.raster("people.tif", counted, dtype="float32"))
    writer.results("package.json", rasters)
    if area:
        writer.area(box(30, 9.94, 30.08, 10))
    return folder


def said(findings):
    return "\n".join(map(str, findings))


def test_a_new_country_from_a_package(tmp_path):
    made = quietly(
        trends_earth.new_country, "XLD", small_package(tmp_path / "package"), tmp_path / "XLD"
    )
    country = quietly(ldnkit.open_country, made.path, outputs=tmp_path / "outputs")
    assert sorted(country.land_cover.files) == [2000, 2015, 2019, 2022]
    assert country.land_cover.nesting_name == "unccd"
    assert sorted(country.productivity.lpd) == ["baseline", "report_1", "report_2"]
    assert sorted(country.soil.files) == [2000, 2015, 2019, 2022]
    assert country.population.years == (2015, 2023)
    assert country.drought.index_scale == 1000 and sorted(country.drought.index) == [2000, 2023]
    assert country.grid.shape == (6, 8)
    text = said(made.findings)
    assert "2023 (2022 is used)" in text  # years that are not there
    assert "sdg_baseline" in text and "computed again" in text  # ready layers
    assert "spi_lag_6_2000" in text and "climate/spi_2000.tif" in made.path.read_text()
    assert "yearly productivity" in text and str(made).startswith("Written: ")
    kept = yaml.safe_load(made.path.read_text(encoding="utf-8"))
    assert kept["land_cover"]["metadata"]["title"].startswith("Trends.Earth")


def test_a_new_country_computes(tmp_path):
    package = small_package(tmp_path / "package")
    made = quietly(trends_earth.new_country, "XLD", package, tmp_path / "XLD")
    country = quietly(ldnkit.open_country, made.path, outputs=tmp_path / "outputs")
    found = quietly(ldnkit.compute, country, "exposure", progress=False)
    # 48 cells of 2.25 + year/1000 persons, women and men
    long = found.tables["exposure"]
    people = long[long["year"] == 2023][["female", "male", "total"]].sum()
    assert people["female"] == pytest.approx(48 * np.float32(4.273), rel=1e-6)
    assert people["total"] == pytest.approx(2 * people["female"], rel=1e-6)
    drought = quietly(ldnkit.compute, country, "drought", progress=False).tables["drought"]
    index = rasterio.open(made.layers["spi_2000"]).read(1)
    dry = drought[(drought["year"] == 2000) & (drought["drought"] > 0)]["cells"].sum()
    assert dry == (index <= 0).sum()


def test_what_is_not_carried_is_said(tmp_path):
    package = small_package(
        tmp_path / "package", lpd=(), people=("total",), spi=False, stocks=(2000,)
    )
    made = quietly(trends_earth.new_country, "XLD", package, tmp_path / "XLD")
    text = said(made.findings)
    for missing in ("land productivity dynamics of baseline", "stocks of two years",
                    "population by sex", "a drought index"):  # fmt: skip
        assert missing in text, missing
    kept = yaml.safe_load(made.path.read_text(encoding="utf-8"))
    assert kept["productivity"] is kept["soil"] is kept["drought"] is None
    assert kept["grid"] == {"from": "land_cover"}
    country = quietly(ldnkit.open_country, made.path, outputs=tmp_path / "outputs")
    assert country.soil is None and set(country.population.files) == {"total"}
    quietly(ldnkit.compute, country, "degradation", progress=False)
    results = ldnkit.results(country)
    summary = prais_trends_earth.land_condition(country, results)
    part = summary["land_condition"]["baseline"]["period_assessment"]["productivity"]
    areas = {each["name"]: each["area"] for each in part["summaries"]["all_cover_types"]["areas"]}
    assert areas["No data"] == sum(areas.values()) > 0
    assert summary["affected_population"] == {}


def test_one_source_of_productivity_is_chosen(tmp_path):
    package = small_package(tmp_path / "package", lpd=("Trends.Earth", "JRC", "FAO-WOCAT"))
    first = quietly(trends_earth.new_country, "XLD", package, tmp_path / "one")
    assert "lpd_trends_earth_baseline.tif" in first.path.read_text()
    assert "lpd_trends_earth is used" in said(first.findings)
    other = quietly(trends_earth.new_country, "XLD", package, tmp_path / "two", lpd="FAO-WOCAT")
    assert "productivity/lpd_fao_wocat_baseline.tif" in other.path.read_text()
    assert "non-commercial" in said(other.findings)
    assert (tmp_path / "two" / "trends_earth" / "lpd_jrc_baseline.tif").is_file()
    with pytest.raises(ValueError, match="Unknown source of LPD"):
        trends_earth.new_country("XLD", package, tmp_path / "three", lpd="MODIS")


def test_land_and_drought_packages_together(tmp_path):
    land = small_package(tmp_path / "land", spi=False)
    writer = Writer(tmp_path / "drought")
    index = [Band("Standardized Precipitation Index (SPI)", {"year": 2010}, np.zeros((6, 8)))]
    writer.results("d.json", {"Int16": (index, writer.raster("d.tif", index))})
    packages = [land, tmp_path / "drought"]
    made = quietly(trends_earth.new_country, "XLD", packages, tmp_path / "XLD")
    assert yaml.safe_load(made.path.read_text())["drought"]["index"] == {
        2010: "climate/spi_2010.tif"
    }
    with pytest.raises(InputError, match="every layer in one package"):
        quietly(trends_earth.new_country, "XLD", [land, land], tmp_path / "again")


def test_land_cover_in_the_codes_of_its_product(tmp_path):
    package = small_package(tmp_path / "package", native=True)
    made = quietly(trends_earth.new_country, "XLD", package, tmp_path / "XLD")
    assert "please check" in said(made.findings)
    assert yaml.safe_load(made.path.read_text())["land_cover"]["nesting"] == "esa_cci"


def test_a_country_file_is_never_written_over(tmp_path):
    package = small_package(tmp_path / "package")
    (tmp_path / "XLD").mkdir()
    (tmp_path / "XLD" / "country.yml").write_text("mine")
    with pytest.raises(FileExistsError, match="give another folder"):
        trends_earth.new_country("XLD", package, tmp_path / "XLD")
    assert [path.name for path in (tmp_path / "XLD").iterdir()] == ["country.yml"]


def test_without_land_cover_or_area_there_is_no_country(tmp_path):
    writer = Writer(tmp_path / "drought")
    index = [Band("Standardized Precipitation Index (SPI)", {"year": 2010}, np.zeros((6, 8)))]
    writer.results("d.json", {"Int16": (index, writer.raster("d.tif", index))})
    with pytest.raises(InputError, match=r"Standardized Precipitation Index \(SPI\) 2010"):
        trends_earth.new_country("XLD", tmp_path / "drought", tmp_path / "XLD")
    package = small_package(tmp_path / "package", area=False)
    with pytest.raises(InputError, match="no area in the package"):
        quietly(trends_earth.new_country, "XLD", package, tmp_path / "XLD")
    assert not (tmp_path / "XLD" / "country.yml").exists()


# ----------------------------------------------------------------- Landia in a package and back


def band_of(name, metadata, path):
    with rasterio.open(path) as source:
        values, nodata = source.read(1), source.nodata
    gaps = np.isnan(values) if values.dtype.kind == "f" else values == nodata
    return Band(name, metadata, np.where(gaps, NODATA, values).astype(values.dtype))


@pytest.fixture(scope="module")
def landia_package(landia, landia_results, tmp_path_factory):
    """What a national package of Landia would be: tiles joined by a VRT, packed."""
    folder = tmp_path_factory.mktemp("package")
    layers = {name: path for r in landia_results.values() for name, path in r.layers.items()}
    land = [
        band_of("Land cover (7 class)", {"year": year}, layers[f"land_cover_{year}"])
        for year in YEARS
    ]
    for period, (first, last) in SPANS.items():
        pair = {"year_initial": first, "year_final": last}
        path = layers[f"land_productivity_{period}"]
        land.append(band_of(LPD.format("Trends.Earth"), pair, path))
    stocks = [
        band_of("Soil organic carbon", {"year": year}, layers[f"soil_stock_{year}"])
        for year in (2000, 2015, 2019, 2023)
    ]
    with rasterio.open(layers["land_cover_2000"]) as source:
        place = {"transform": source.transform, "crs": source.crs.to_string()}
    writer = Writer(folder / "files", options={"compress": "lzw"}, **place)
    land_files = writer.tiles("land", land, size=160)
    carbon = writer.tiles("carbon", stocks, dtype="float32", size=160)
    writer.results("XLD.json", {"Int16": (land, *land_files), "Float32": (stocks, *carbon)})
    writer.area(landia.boundary.geometry.iloc[0])
    return writer.packed(folder / "XLD.tar.gz"), land + stocks


def test_landia_comes_back_bit_by_bit(landia_package, tmp_path):
    archive, carried = landia_package
    made = quietly(trends_earth.new_country, "XLD", archive, tmp_path / "XLD")
    assert len(made.layers) == len(carried)
    for band in carried:
        year = band.metadata.get("year", band.metadata.get("year_final"))
        known = [name for name in made.layers if str(year) in name or
                 SPANS.get(name.removeprefix("lpd_trends_earth_"), (0, 0))[1] == year]  # fmt: skip
        kind = {"Lan": "land_cover", "Soi": "soil_stock"}[band.name[:3]]
        kind = "lpd" if "Productivity" in band.name else kind
        (name,) = [name for name in known if name.startswith(kind)]
        with rasterio.open(made.layers[name]) as source:
            values = source.read(1)
        assert values.dtype == band.values.dtype
        np.testing.assert_array_equal(values, band.values)


def test_degradation_from_the_package_is_that_of_landia(landia, landia_results, landia_package,
                                                        tmp_path):  # fmt: skip
    archive, _ = landia_package
    made = quietly(trends_earth.new_country, "XLD", archive, tmp_path / "XLD")
    country = quietly(ldnkit.open_country, made.path, outputs=tmp_path / "outputs")
    assert country.grid == landia.grid
    found = quietly(ldnkit.compute, country, "degradation", progress=False)
    # the same inputs named by hand: Landia's own result files in a country file of its own
    layers = {name: path for r in landia_results.values() for name, path in r.layers.items()}
    by_hand = {
        "schema": 1, "iso3": "XLD", "name": "Landia", "cycle": 2026,
        "boundary": {"file": str(landia.boundary_file.file)},
        "land_cover": {"files": {year: str(layers[f"land_cover_{year}"]) for year in YEARS},
                       "nesting": "unccd"},
        "productivity": {"lpd": {period: str(layers[f"land_productivity_{period}"])
                                 for period in SPANS}},
        "soil": {"stocks": {year: str(layers[f"soil_stock_{year}"])
                            for year in (2000, 2015, 2019, 2023)}},
    }  # fmt: skip
    (tmp_path / "hand").mkdir()
    (tmp_path / "hand" / "country.yml").write_text(yaml.safe_dump(by_hand))
    hand = quietly(Country.read, tmp_path / "hand" / "country.yml", tmp_path / "hand" / "outputs")
    own = quietly(ldnkit.compute, hand, "degradation", progress=False)
    for name, table in own.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table, rtol=1e-9)
    for name, path in own.layers.items():
        with rasterio.open(path) as one, rasterio.open(found.layers[name]) as other:
            np.testing.assert_array_equal(one.read(1), other.read(1))
    # what needs no stock of 2016 (the package has none) is that of Landia's own yearly series
    again = {
        name: path for r in ldnkit.results(country).values() for name, path in r.layers.items()
    }
    names = ["sdg_baseline", "soil_degradation_baseline"]
    names += [f"{what}_degradation_{period}" for what in ("land_cover", "productivity")
              for period in SPANS]  # fmt: skip
    for name in names:
        with rasterio.open(layers[name]) as one, rasterio.open(again[name]) as other:
            np.testing.assert_array_equal(one.read(1), other.read(1), err_msg=name)
