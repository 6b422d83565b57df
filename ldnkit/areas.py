"""Areas: the true size of every grid cell, and one cross-table for every number we report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

#: WGS 84 ellipsoid: semi-major axis in metres and flattening (EPSG:7030).
_A, _F = 6378137.0, 1 / 298.257223563
_E2 = _F * (2 - _F)
_E = np.sqrt(_E2)

#: In a projected grid the cell area is sampled this often (metres) and interpolated between;
#: it changes so slowly that the relative error stays below 1e-6.
_SAMPLE_EVERY = 5_000.0

#: Above this many possible combinations a cross-table is made by sorting instead of counting.
_DENSE = 1 << 22


def zone_area(latitude: np.ndarray) -> np.ndarray:
    """Area of the WGS 84 ellipsoid between the equator and a latitude, per radian of longitude.

    Parameters
    ----------
    latitude : ndarray, degrees

    Returns
    -------
    ndarray, m² per radian; negative south of the equator

    References
    ----------
    Snyder (1987), Map Projections: A Working Manual, equation 3-12 (authalic latitude).

    Examples
    --------
    >>> round(float(4 * np.pi * zone_area(np.array(90.0))) / 1e6)
    510065622
    """
    sine = np.sin(np.radians(latitude))
    return (_A**2 * (1 - _E2) / 2) * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)


def cell_area(grid) -> np.ndarray:
    """Area of the cells of a grid, in km².

    A geographic grid gets the exact ellipsoidal area of each row.
    In a projected grid the corners of cells are brought back to the ellipsoid,
    so a projection that does not keep areas is corrected.

    Parameters
    ----------
    grid : odc.geo.geobox.GeoBox
        North up or not, geographic or projected; longitudes may run past 180°.

    Returns
    -------
    ndarray, km², shape (rows, 1) for a geographic grid and (rows, columns) for a projected one

    Raises
    ------
    ValueError
        The grid has no coordinate reference system, or latitudes beyond the poles.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox.from_bbox((0, 0, 0.005, 0.005), "EPSG:4326", resolution=0.0025)
    >>> cell_area(grid).round(8).tolist()
    [[0.0769317], [0.0769317]]
    """
    if grid.crs is None:
        raise ValueError(
            "The grid has no coordinate reference system: areas cannot be computed; "
            "found none; assign one, for example EPSG:4326."
        )
    transform = grid.transform
    if grid.crs.geographic and transform.b == 0 and transform.d == 0:
        edges = transform.f + transform.e * np.arange(grid.shape[0] + 1)
        if np.abs(edges).max() > 90 + 1e-9:
            raise ValueError(
                f"The grid goes beyond a pole: found latitudes {edges.min()} to {edges.max()}; "
                "check the raster's georeference."
            )
        width = np.radians(abs(transform.a))
        rows = np.abs(np.diff(zone_area(np.clip(edges, -90, 90)))) * width
        return rows[:, np.newaxis] / 1e6
    return _projected_area(grid)


def _projected_area(grid) -> np.ndarray:
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(grid.crs.to_wkt(), 4326, always_xy=True)
    rows, columns = grid.shape
    t = grid.transform

    def exact(row, column):
        """Area in km² of the cells at these rows × columns: their corners on the ellipsoid."""
        column, row = np.meshgrid(column, row)
        degrees = [
            to_degrees.transform(
                t.c + t.a * (column + dx) + t.b * (row + dy),
                t.f + t.d * (column + dx) + t.e * (row + dy),
            )
            for dx, dy in _CORNERS
        ]
        first = degrees[0][0]
        # longitude differences to the first corner, so that a cell across 180° stays whole
        east = [np.radians((lon - first + 180) % 360 - 180) for lon, _ in degrees]
        north = [zone_area(lat) for _, lat in degrees]
        doubled = sum(east[i] * north[(i + 1) % 4] - east[(i + 1) % 4] * north[i] for i in range(4))
        return np.abs(doubled) / 2e6

    middle = exact([rows // 2], [columns // 2])[0, 0]
    step = int(_SAMPLE_EVERY / 1000 / np.sqrt(middle)) if np.isfinite(middle) else 1
    sample_rows = _sampled(rows, max(step, 1))
    sample_columns = _sampled(columns, max(step, 1))
    area = exact(sample_rows, sample_columns)
    if not np.isfinite(area).all() or step <= 1:
        return exact(np.arange(rows), np.arange(columns))
    along = [np.interp(np.arange(columns), sample_columns, line) for line in area]
    along = np.array(along)
    upper = np.clip(np.searchsorted(sample_rows, np.arange(rows), "right"), 1, None)
    upper = np.minimum(upper, len(sample_rows) - 1)
    lower = np.maximum(upper - 1, 0)
    span = np.maximum(sample_rows[upper] - sample_rows[lower], 1)
    share = ((np.arange(rows) - sample_rows[lower]) / span)[:, np.newaxis]
    return along[lower] * (1 - share) + along[upper] * share


_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


def _sampled(count: int, step: int) -> np.ndarray:
    """Every ``step``-th cell and the last one."""
    return np.unique(np.append(np.arange(0, count, step), count - 1))


def crosstab(area, *, weights: Mapping | None = None, where=None, **layers) -> pd.DataFrame:
    """Area, number of cells and weights for every combination of classes that occurs.

    Parameters
    ----------
    area : array, km²
        Cell areas, broadcastable to the layers: the result of :func:`cell_area`.
    weights : mapping of str to array, optional
        More quantities to sum up, for example people; missing values (NaN) count as zero.
    where : boolean array, optional
        Only these cells, for example those inside the country.
    **layers : arrays of integers, all of the same shape
        Class layers; the no-data code is kept as a class of its own.

    Returns
    -------
    DataFrame
        One column per layer, then ``area_km2``, ``cells`` and the weights; sorted by class.

    Raises
    ------
    ValueError
        No layer, different shapes, or a layer that does not hold integers.

    Examples
    --------
    >>> crosstab(np.array([[2.0], [3.0]]), status=np.array([[-1, 1], [-1, 1]]))
       status  area_km2  cells
    0      -1       5.0      2
    1       1       5.0      2
    """
    if not layers:
        raise ValueError("A cross-table needs classes: found no layer; give at least one by name.")
    arrays = {name: np.asarray(layer) for name, layer in layers.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1:
        found = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"The layers differ in shape: found {found}; bring them to one grid.")
    for name, array in arrays.items():
        if array.dtype.kind not in "iub":
            raise ValueError(
                f"The layer {name} does not hold classes: found {array.dtype}; give integers."
            )
    (shape,) = shapes
    quantities = {"area_km2": np.broadcast_to(np.asarray(area, float), shape)}
    for name, weight in (weights or {}).items():
        weight = np.broadcast_to(np.asarray(weight, float), shape)
        quantities[name] = np.where(np.isnan(weight), 0.0, weight)
    if where is None or np.all(where):
        flat = {name: array.ravel() for name, array in arrays.items()}
        quantities = {name: quantity.ravel() for name, quantity in quantities.items()}
    else:
        where = np.broadcast_to(np.asarray(where, bool), shape)
        flat = {name: array[where] for name, array in arrays.items()}
        quantities = {name: quantity[where] for name, quantity in quantities.items()}

    codes, indices = zip(*(_classes(array) for array in flat.values()), strict=True)
    sizes = [len(code) for code in codes]
    combinations = int(np.prod([max(size, 1) for size in sizes], dtype=object))
    if combinations >= 2**62:
        raise ValueError(
            f"Too many combinations of classes: found {combinations}; cross fewer layers at once."
        )
    key = np.zeros(next(iter(flat.values())).shape, np.int32 if combinations < 2**31 else np.int64)
    for index, size in zip(indices, sizes, strict=True):
        key *= size
        key += index
    present = None
    if combinations > _DENSE:
        present, key = np.unique(key, return_inverse=True)
        combinations = len(present)
    cells = np.bincount(key, minlength=combinations)
    sums = {
        name: np.bincount(key, weights=quantity, minlength=combinations)
        for name, quantity in quantities.items()
    }
    found = np.flatnonzero(cells)
    place = found if present is None else present[found]
    columns = {}
    for name, code, size in reversed(list(zip(flat, codes, sizes, strict=True))):
        columns[name] = code[place % size] if size else code
        place = place // size if size else place
    frame = pd.DataFrame({name: columns[name] for name in flat})
    frame["area_km2"] = sums.pop("area_km2")[found]
    frame["cells"] = cells[found]
    for name, total in sums.items():
        frame[name] = total[found]
    return frame


def _classes(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes of an array, sorted, and the position of each cell's class among them."""
    if array.dtype == np.int16:
        raw = array.view(np.uint16)
        seen = np.zeros(65536, bool)
        seen[raw] = True
        codes = np.sort(np.flatnonzero(seen).astype(np.uint16).view(np.int16))
        # one byte a cell where it will do: less memory to move
        small = np.uint8 if len(codes) <= 256 else np.int32
        position = np.zeros(65536, small)
        position[codes.view(np.uint16)] = np.arange(len(codes), dtype=small)
        return codes.astype(np.int64), position[raw]
    codes, index = np.unique(array, return_inverse=True)
    return codes.astype(np.int64), index.astype(np.int32)


def merge(parts: Iterable[pd.DataFrame], by: Iterable[str] | None = None) -> pd.DataFrame:
    """Add up partial cross-tables, in the order given.

    Parameters
    ----------
    parts : iterable of DataFrame
        Cross-tables with the same columns.
    by : iterable of str, optional
        The class columns; by default every column that holds integers, except ``cells``.

    Examples
    --------
    >>> part = crosstab(np.ones((1, 1)), status=np.array([[0]]))
    >>> merge([part, part])
       status  area_km2  cells
    0       0       2.0      2
    """
    parts = list(parts)
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    if by is None:
        floats = set(whole.select_dtypes("float").columns)
        by = [name for name in whole if name != "cells" and name not in floats]
    return whole.groupby(list(by), sort=True, as_index=False, observed=True).sum()
