"""Packages as Trends.Earth writes them: rasters with several bands, RasterResults, an area."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

NODATA = -32768
PLACE = from_origin(30, 10, 0.01, 0.01)


@dataclass
class Band:
    """One band: its name, its metadata and its values."""

    name: str
    metadata: dict
    values: np.ndarray
    activated: bool = True


@dataclass
class Writer:
    """A folder that becomes a package."""

    folder: Path
    transform: object = PLACE
    crs: str = "EPSG:4326"
    options: dict = field(default_factory=dict)

    def raster(self, name, bands, *, dtype="int16", describe=False, part=None) -> Path:
        """A GeoTIFF with these bands, or the part of it in a window."""
        height, width = bands[0].values.shape
        window = part or Window(0, 0, width, height)
        rows = slice(window.row_off, window.row_off + window.height)
        columns = slice(window.col_off, window.col_off + window.width)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        place = rasterio.windows.transform(window, self.transform)
        profile = {"driver": "GTiff", "count": len(bands), "dtype": dtype, "crs": self.crs,
                   "transform": place, "nodata": NODATA, "height": window.height,
                   "width": window.width, **self.options}  # fmt: skip
        with rasterio.open(path, "w", **profile) as target:
            for number, band in enumerate(bands, 1):
                target.write(band.values[rows, columns].astype(dtype), number)
                if describe:
                    target.set_band_description(number, describe(band))
        return path

    def tiles(self, stem, bands, *, dtype="int16", size=7) -> list[Path]:
        """The same in tiles, and a VRT that joins them."""
        height, width = bands[0].values.shape
        paths, sources = [], {number: [] for number in range(1, len(bands) + 1)}
        for row in range(0, height, size):
            for column in range(0, width, size):
                window = Window(column, row, min(size, width - column), min(size, height - row))
                name = f"{stem}_{row}_{column}.tif"
                paths.append(self.raster(name, bands, dtype=dtype, part=window))
                rectangle = f'xSize="{window.width}" ySize="{window.height}"'
                for number in sources:
                    sources[number].append(
                        f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
                        f"<SourceBand>{number}</SourceBand>"
                        f'<SrcRect xOff="0" yOff="0" {rectangle}/>'
                        f'<DstRect xOff="{column}" yOff="{row}" {rectangle}/></SimpleSource>'
                    )
        kind = {"int16": "Int16", "float32": "Float32"}[dtype]
        joined = "".join(
            f'<VRTRasterBand dataType="{kind}" band="{number}"><NoDataValue>{NODATA}</NoDataValue>'
            f"{''.join(parts)}</VRTRasterBand>"
            for number, parts in sources.items()
        )
        numbers = ", ".join(map(repr, self.transform.to_gdal()))
        vrt = self.folder / f"{stem}.vrt"
        vrt.write_text(
            f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS>{self.crs}</SRS>'
            f"<GeoTransform>{numbers}</GeoTransform>{joined}</VRTDataset>"
        )
        return [vrt, *paths]

    def results(self, name, rasters) -> Path:
        """RasterResults: datatype -> (bands, file, tiles)."""
        content = {}
        for datatype, (bands, file, *tiles) in rasters.items():
            content[datatype] = {
                "datatype": datatype,
                "filetype": "GeoTiff",
                "type": "Tiled raster" if tiles else "One file raster",
                "uri": {"uri": f"C:\\Users\\somebody\\{file.name}", "type": "local"},
                "bands": [
                    {"name": band.name, "metadata": band.metadata, "no_data_value": NODATA,
                     "activated": band.activated, "add_to_map": True}
                    for band in bands
                ],
            }  # fmt: skip
            if tiles:
                uris = [{"uri": tile.name, "type": "local"} for tile in tiles]
                content[datatype]["tile_uris"] = uris
        result = {"type": "RasterResults", "name": "synthetic", "uri": None, "data": {}}
        path = self.folder / name
        path.write_text(json.dumps(result | {"rasters": content}), encoding="utf-8")
        return path

    def area(self, shape, name="area.geojson") -> Path:
        """The polygon of the area."""
        from shapely.geometry import mapping

        feature = {"type": "Feature", "properties": {}, "geometry": mapping(shape)}
        path = self.folder / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        return path

    def packed(self, archive: Path) -> Path:
        """All files of the folder in a tar.gz archive."""
        with tarfile.open(archive, "w:gz") as target:
            for file in sorted(self.folder.rglob("*")):
                if file.is_file():
                    target.add(file, file.relative_to(self.folder).as_posix())
        return archive
