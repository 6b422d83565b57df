"""What fetching needs to know of a country; its other files need not exist yet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ldnkit.findings import Finding, InputError

#: A width in map units (metres) that no country has.
HALF_THE_WORLD = 20_000_000


@dataclass(frozen=True, eq=False)
class Place:
    """Code, outline (EPSG:4326, from 0 to 360 across 180°), folder and years of a country."""

    iso3: str
    geometry: object
    folder: Path
    file: Path
    last_year: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees; east is above 180 for a country across 180°."""
        return tuple(self.geometry.bounds)

    def boxes(self) -> list[tuple[float, float, float, float]]:
        """The bounds in longitudes from -180 to 180: two boxes for a country across 180°."""
        west, south, east, north = self.bounds
        if east <= 180:
            return [(west, south, east, north)]
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]

    def bounds_in(self, crs) -> tuple[float, float, float, float]:
        """Bounds of the outline in another reference system, edges bent with it.

        Raises
        ------
        ValueError
            The map ends at 180°, and the country lies across it: its two sides are a world apart.
        """
        import geopandas
        from pyproj import CRS

        if CRS(crs).is_geographic:
            return self.bounds
        shape = self.geometry.segmentize(0.1)
        found = geopandas.GeoSeries([shape], crs="EPSG:4326").to_crs(crs).total_bounds
        whole = all(math.isfinite(value) for value in found)
        if not whole or (self.bounds[2] > 180 and found[2] - found[0] > HALF_THE_WORLD):
            raise ValueError(
                f"{self.iso3} cannot be cut in one piece from a map that ends at 180°: found "
                f"{CRS(crs).name}; choose a dataset in longitudes and latitudes."
            )
        return tuple(float(value) for value in found)


def place_of(country) -> Place:
    """The place of a country: an open one, or a country file whose data are still missing.

    Parameters
    ----------
    country : Country, str or Path
        Of a file only iso3, cycle and boundary are read, so that it may name rasters that are
        yet to be fetched.

    Raises
    ------
    InputError
        No code or no boundary in the file.
    """
    if hasattr(country, "boundary"):
        geometry = country.boundary.geometry.iloc[0]
        last = country.cycle.last.last
        return Place(country.iso3, geometry, Path(country.folder), Path(country.path), last)
    import yaml

    from ldnkit import boundaries
    from ldnkit.periods import Cycle

    path = Path(country)
    path = (path / "country.yml" if path.is_dir() else path).resolve()
    tree = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
    outline = tree.get("boundary") or {}
    outline = {"file": outline} if isinstance(outline, str) else outline
    file = path.parent / str(outline.get("file") or "")
    if not tree.get("iso3") or not file.is_file():
        found = f"iso3: {tree.get('iso3') or 'nothing'}, boundary: {outline.get('file') or 'none'}"
        remedy = "Give both; open_data.fetch_boundary(path) brings an outline to begin with."
        expected = "a code and a file of polygons that exists"
        raise InputError([Finding("error", path.name, found, expected, remedy, "01")])
    geometry = boundaries.read_polygons(file, outline.get("layer"), where="boundary.file")
    last = Cycle(int(tree.get("cycle", 2026))).last.last
    shape = boundaries.across_180(geometry)
    return Place(str(tree["iso3"]), shape, path.parent, path, last)
