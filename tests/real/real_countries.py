"""Country folders made from real data: boundary, nesting and country.yml, written for a test."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent

#: Assaba has maps of 2010 to 2023 only: the longest windows that fit, for a test of the method.
#: They are not those of the reporting process.
SHORT_PERIODS = """\
periods:
  baseline: {trend: [2010, 2019], history: [2010, 2017], recent: [2018, 2019],
             land_cover: [2010, 2015]}
  report_1: {trend: [2010, 2019], history: [2010, 2017], recent: [2018, 2019],
             land_cover: [2016, 2019]}
  report_2: {trend: [2010, 2023], history: [2010, 2020], recent: [2021, 2023],
             land_cover: [2016, 2023]}
"""


def assaba(folder: Path, data: Path, *, periods: str = "", nodata=(65533,)) -> Path:
    """Assaba, a region of Mauritania: land cover and GPP of MODIS, no soil organic carbon."""
    import geopandas

    folder.mkdir(parents=True, exist_ok=True)
    districts = geopandas.read_file(data / "Admin_layers" / "Assaba_Region_layer.shp")
    districts[["geometry"]].dissolve().to_file(folder / "boundary.gpkg")
    shutil.copy(HERE / "nesting_modis_igbp.csv", folder)
    text = f"""\
schema: 1
iso3: MRT
name: Assaba (Mauritania)
party: affected
cycle: 2026
method: manual
{periods}
boundary: {{file: boundary.gpkg, rule: centre}}
grid: {{from: productivity}}
land_cover:
  source: default
  files: '{data.as_posix()}/Land_Cover_Data/{{year}}LCT.tif'
  nesting: nesting_modis_igbp.csv
productivity:
  source: default
  annual: '{data.as_posix()}/Gross_Primary_Production_GPP/{{year}}_GP.tif'
  index: GPP
  scale: 10000
  units: {{land_cover: true}}
  nodata: {list(nodata)}
soil: null
"""
    path = folder / "country.yml"
    path.write_text(text, encoding="utf-8")
    return path


def kubuqi(folder: Path, data: Path, *, nodata=()) -> Path:
    """A box in the Kubuqi desert with real soil carbon and climate zones.

    Land cover is drawn: grassland everywhere in 2000, cropland in the eastern half from 2015.
    """
    import geopandas
    import numpy as np
    import rasterio
    from shapely.geometry import box

    folder.mkdir(parents=True, exist_ok=True)
    reference = data / "ML_LDT_TeamF" / "Kubuqi" / "OCS_SDG_clipped.tif"
    with rasterio.open(reference) as source:
        bounds, profile = source.bounds, source.profile
        shape = source.shape
    for year in (2000, 2015, 2016, 2019, 2023):
        cover = np.full(shape, 2, np.uint8)
        if year >= 2015:
            cover[:, shape[1] // 2 :] = 3
        path = folder / f"cover_{year}.tif"
        with rasterio.open(path, "w", **(profile | {"dtype": "uint8", "nodata": 255})) as target:
            target.write(cover, 1)
    outline = geopandas.GeoDataFrame(geometry=[box(*bounds)], crs=4326)
    outline.to_file(folder / "boundary.gpkg")
    text = f"""\
schema: 1
iso3: CHN
name: Kubuqi (a box in Inner Mongolia)
party: affected
cycle: 2026
boundary: {{file: boundary.gpkg}}
grid: {{from: land_cover}}
land_cover:
  files: cover_{{year}}.tif
  years: [2000, 2015, 2016, 2019, 2023]
  nesting: unccd
productivity: null
soil:
  reference: '{reference.as_posix()}'
  climate: '{(data / "trends_earth" / "ipcc_climate_zones.tif").as_posix()}'
  nodata: {list(nodata)}
"""
    path = folder / "country.yml"
    path.write_text(text, encoding="utf-8")
    return path
