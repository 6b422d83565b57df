"""Units and their values: shapes in degrees, values joined by name, colours and texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import numerals, pictures, tables
from ldnkit.scales import Counts, Scale

#: From the palest to the darkest brown, as the drought classes.
COLORMAP = "YlOrBr"
MOST_NAMES = 12


def joined(frame, values, key: str):
    """The shapes of the units in longitude and latitude, and a table with a row for each."""
    import geopandas

    if isinstance(frame, (str, Path)):
        frame = geopandas.read_file(frame)
    if key not in frame:
        found = ", ".join(name for name in map(str, frame) if name != "geometry")
        raise KeyError(f"The units have no column {key}: found {found}; choose one of these.")
    names = frame[key].astype(str)
    twice = sorted(set(names[names.duplicated()]))
    if twice:
        raise ValueError(
            f"A unit needs one shape: found {', '.join(twice[:MOST_NAMES])} more than once; "
            "dissolve the polygons of a unit to one."
        )
    empty = names[(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()]
    if len(empty):
        raise ValueError(
            f"A unit needs a shape: found none for {', '.join(empty[:MOST_NAMES])}; "
            "mend the file of the units."
        )
    table = values if isinstance(values, pd.DataFrame) else pd.Series(values).to_frame("")
    table = table.set_axis(table.index.astype(str), axis=0)
    unknown = sorted(set(table.index) - set(names))
    if unknown:
        raise ValueError(
            f"Values for units that the map does not have: found "
            f"{', '.join(unknown[:MOST_NAMES])}; the units are "
            f"{', '.join(names[:MOST_NAMES])}; write both in the same way."
        )
    if table.index.has_duplicates:
        raise ValueError(
            "A unit needs one value on each map: found several rows for "
            f"{', '.join(sorted(set(table.index[table.index.duplicated()]))[:MOST_NAMES])}; "
            "choose a year and a sex."
        )
    return unturned(frame.geometry.set_axis(names)), table.reindex(names).astype(float)


def unturned(shapes):
    """Shapes in degrees, those beyond 180° beside the others."""
    import geopandas
    import shapely

    from ldnkit.boundaries import across_180

    shapes = shapes.set_crs("EPSG:4326") if shapes.crs is None else shapes
    degrees = shapes.to_crs("EPSG:4326")
    west, _, east, _ = degrees.total_bounds
    if shapes.crs.is_projected and east - west > 180:
        degrees = shapes.to_crs("+proj=longlat +datum=WGS84 +lon_wrap=180 +type=crs")
        degrees = degrees.set_crs("EPSG:4326", allow_override=True)
    shapes = degrees
    parts = shapes.explode()  # a unit of two parts, one on each side, reaches all round the globe
    boxes = shapely.union_all(shapely.box(*parts.bounds.to_numpy().T))
    west, _, east, _ = across_180(boxes).bounds
    moved = [
        pictures.outline(shape, crs="EPSG:4326", middle=(west + east) / 2).union_all()
        for shape in shapes
    ]
    return geopandas.GeoSeries(moved, index=shapes.index, crs="EPSG:4326")


def index_scale(language: str) -> Scale:
    return Scale(tables.label("unit.index", language), (0, 1), COLORMAP)


def ends(table: pd.DataFrame, scale) -> tuple[float, float] | None:
    """Ends of the colours, the same for all maps."""
    if isinstance(scale, Counts):
        return None
    if scale.limits is not None:
        return scale.limits
    values = table.to_numpy()
    if not np.isfinite(values).any():
        return 0.0, 1.0
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return low, high if high > low else low + 1


def colours(values: pd.Series, scale, limits) -> list[str]:
    """The colour of each unit; grey without a value."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    missing = values.isna().to_numpy()
    if isinstance(scale, Counts):
        known = scale.classes()["colour"].to_numpy()
        colours = known[scale.codes(values.to_numpy(), missing)]
    else:
        shares = ((values.fillna(limits[0]) - limits[0]) / (limits[1] - limits[0])).clip(0, 1)
        colours = [to_hex(colormaps[scale.colormap](share)) for share in shares]
    grey = pictures.no_data_colour()
    return [grey if gone else str(colour) for gone, colour in zip(missing, colours, strict=True)]


def written(value: float, scale, language: str) -> str:
    """A value on a map: two decimals for an index, otherwise as short as it can be."""
    if not np.isfinite(value):
        return tables.label("no_data", language)
    index = not isinstance(scale, Counts) and scale.limits == (0, 1)
    text = f"{value:.2f}" if index else numerals.short(value, "en")
    return numerals.point(text, language)
