"""People on maps (SO2-3, SO3-2): counts that keep their sum from grid to grid, and exposure."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ldnkit import areas, population_districts
from ldnkit.population_kernels import add, inside_share, split

__all__ = ["add", "exposed", "inside_share", "regrid", "sexes", "split", "spread", "to_counts"]

#: People outside the target, as a share of all, above which it is said.
_SAID = 1e-9


def regrid(counts, like):
    """Move counts of people to another grid and keep their sum.

    Every source cell is split by area: the people of a cell of which a quarter lies in a target
    cell go there to a quarter. From fine to coarse this adds cells up, from coarse to fine it
    shares them out. Nothing is rounded. (Resampling by nearest neighbour, bilinear or mean does
    not keep the sum.)

    Parameters
    ----------
    counts : DataArray, dims (…, y, x), persons per cell, or (ndarray, GeoBox)
        NaN is no data. Densities must be made counts first, see :func:`to_counts`.
    like : GeoBox or DataArray
        The target grid, in any reference system. A whole turn of longitude is the same place.

    Returns
    -------
    DataArray, dims (…, y, x), or ndarray; float64, persons per cell
        NaN where no cell with data lies. A dask array stays lazy.

    Raises
    ------
    ValueError
        A grid without coordinate reference system.

    Warns
    -----
    UserWarning
        People live outside the target; says how many.

    References
    ----------
    UNCCD reporting manual, SO2-3: its words recommend bilinear resampling, which does not
    conserve counts; not used here.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> cells = GeoBox.from_bbox((30, 0, 32, 1), "EPSG:4326", resolution=1)
    >>> halves = GeoBox.from_bbox((30, 0, 32, 1), "EPSG:4326", resolution=0.5)
    >>> people = regrid((np.array([[100.0, 4.0]]), cells), halves)
    >>> people.sum(axis=0).round(9).tolist(), people.shape
    ([50.0, 50.0, 2.0, 2.0], (2, 4))
    """
    target = _grid(like, "The target")
    if isinstance(counts, tuple):
        return _moved(np.asarray(counts[0], np.float64), source=counts[1], target=target)
    source = _grid(counts, "The counts")
    dims = list(counts.odc.spatial_dims)
    if counts.chunks is not None:
        counts = counts.chunk(dict.fromkeys(dims, -1))
    moved = xr.apply_ufunc(
        _moved,
        counts.drop_vars("spatial_ref", errors="ignore"),
        kwargs={"source": source, "target": target},
        input_core_dims=[dims],
        output_core_dims=[["y", "x"]],
        exclude_dims=set(dims),
        dask="parallelized",
        output_dtypes=[np.float64],
        dask_gufunc_kwargs={"output_sizes": dict(zip("yx", target.shape, strict=True))},
        keep_attrs=True,
    )
    return moved.assign_coords(_coordinates(like, target))


def _moved(counts, *, source, target) -> np.ndarray:
    """Every layer of an array on the target; says how many people are left out."""
    layers = counts.reshape(-1, *counts.shape[-2:])
    moved = np.stack([split(layer, source, target) for layer in layers])
    before, after = np.nansum(layers), np.nansum(moved)
    if before - after > _SAID * abs(before):
        warnings.warn(
            f"People outside the target grid are left out: found {before - after:,.1f} of "
            f"{before:,.1f} persons there; use a larger grid if they belong to the country.",
            UserWarning,
            stacklevel=2,
        )
    return moved.reshape(*counts.shape[:-2], *target.shape)


def to_counts(density, grid=None):
    """Persons per cell from persons per km², with the true area of every cell.

    Parameters
    ----------
    density : DataArray or ndarray, dims (…, y, x), persons per km²
    grid : GeoBox, optional
        Needed for an ndarray.

    Returns
    -------
    DataArray or ndarray, persons per cell

    Raises
    ------
    ValueError
        No grid, or one without coordinate reference system.

    Examples
    --------
    >>> from odc.geo.geobox import GeoBox
    >>> cell = GeoBox.from_bbox((30, 0, 31, 1), "EPSG:4326", resolution=1)
    >>> to_counts(np.array([[10.0]]), cell).round().tolist()
    [[123085.0]]
    """
    area = areas.cell_area(_grid(density if grid is None else grid, "The densities"))
    if not isinstance(density, xr.DataArray):
        return np.asarray(density, np.float64) * area
    return density * xr.DataArray(
        np.broadcast_to(area, density.odc.geobox.shape), dims=density.odc.spatial_dims
    )


def sexes(total, ratio):
    """Women and men from a total and a sex ratio.

    Parameters
    ----------
    total : number, array, DataArray or Series, persons
    ratio : float
        Males per 100 females.

    Returns
    -------
    female, male : as ``total``
        Their sum is the total.

    Raises
    ------
    ValueError
        A ratio that is not above zero.

    Examples
    --------
    >>> sexes(201.0, 101)
    (100.0, 101.0)
    """
    if not np.all(np.asarray(ratio) > 0) or not np.all(np.isfinite(ratio)):
        raise ValueError(
            f"A sex ratio is males per 100 females: found {ratio}; give a number above zero, "
            "such as 101.5."
        )
    female = total * (100 / (100 + ratio))
    return female, total - female


def spread(table, districts, grid, *, weight=None):
    """Spread the people of districts over cells; each district keeps its people.

    A cell belongs to the district that holds its centre. People are shared out by the area of
    the cells, or in proportion to a weight. A district whose weights are all zero is spread by
    area; one without the centre of any cell goes to the cell that holds a point inside it. Both
    are said.

    Parameters
    ----------
    table : Series or DataFrame, persons
        Indexed by district; a DataFrame has a column for each group (female, male).
    districts : GeoDataFrame or GeoSeries
        Polygons indexed by district; several rows of one district are one.
    grid : GeoBox or DataArray
        The cells to fill.
    weight : DataArray or (ndarray, GeoBox), optional
        What people follow, for example built-up area per cell; on another grid it is split by
        area first. NaN counts as zero.

    Returns
    -------
    DataArray (for a Series) or Dataset (a variable per column), dims (y, x), persons per cell
        NaN outside the districts, and in districts that the table leaves out.

    Raises
    ------
    ValueError
        Districts given twice, unknown districts, people or weights below zero.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox.from_bbox((0, 0, 4, 1), "EPSG:3857", resolution=1)
    >>> shapes = [shapely.box(0, 0, 3, 1), shapely.box(3, 0, 4, 1)]
    >>> districts = geopandas.GeoSeries(shapes, index=["north", "south"], crs="EPSG:3857")
    >>> spread(pd.Series({"north": 30, "south": 5}), districts, grid).values.round(6).tolist()
    [[10.0, 10.0, 10.0, 5.0]]
    """
    target = _grid(grid, "The grid")
    frame = table.to_frame("persons") if isinstance(table, pd.Series) else table
    known = population_districts.Districts.of(districts)
    persons = known.arrange(frame)
    values = None if weight is None else _weights(weight, target)
    numbers, area = known.numbers(target), areas.cell_area(target)
    sums = population_districts.sums(numbers, area, values, len(known.names))
    for remark in known.remarks(frame, sums, target, weighted=weight is not None):
        warnings.warn(remark, UserWarning, stacklevel=2)
    coordinates = _coordinates(grid, target)
    layers = {
        name: xr.DataArray(
            known.fill(persons[name], sums, numbers, area, values, target),
            coordinates,
            ("y", "x"),
            name=name,
        )
        for name in persons
    }
    return layers["persons"] if isinstance(table, pd.Series) else xr.Dataset(layers)


def _weights(weight, target) -> np.ndarray:
    if isinstance(weight, tuple):
        values, source = np.asarray(weight[0], np.float64), weight[1]
    else:
        values, source = np.asarray(weight.values, np.float64), _grid(weight, "The weight")
    if (values < 0).any():
        raise ValueError(
            f"Weights say how many people a cell can hold: found {np.nanmin(values):g}; give "
            "values of zero or more, and declare fill values as no data."
        )
    return np.nan_to_num(values if source == target else split(values, source, target))


def exposed(classes, counts) -> pd.DataFrame:
    """People in every class of a map: exposure to degradation (SO2-3) or drought (SO3-2).

    Parameters
    ----------
    classes : DataArray or ndarray, integers or boolean
        Classes on the grid of the counts; no data (-32768) is a class of its own.
        A mask gives the classes 0 and 1.
    counts : DataArray or ndarray, persons per cell, or a mapping of group to them
        For example ``{"female": …, "male": …}``; a total is added when both are given alone.

    Returns
    -------
    DataFrame
        One row per class: ``class``, ``cells``, then for every group the persons and, as
        ``<group>_percent``, their share of all people of the group. The group of a single array
        is called ``persons``.

    Raises
    ------
    ValueError
        Classes and counts on different grids, or classes that are not integers.

    References
    ----------
    UNCCD reporting manual, SO2-3.T1 and SO3-2.

    Examples
    --------
    >>> exposed(np.array([[-1, 0], [-1, 1]]), np.array([[30.0, 50.0], [np.nan, 20.0]]))
       class  cells  persons  persons_percent
    0     -1      2     30.0             30.0
    1      0      1     50.0             50.0
    2      1      1     20.0             20.0
    """
    groups = dict(counts) if isinstance(counts, Mapping) else {"persons": counts}
    for name, each in groups.items():
        _same_grid(classes, each, name)
    arrays = {name: np.asarray(each, np.float64) for name, each in groups.items()}
    if set(arrays) == {"female", "male"}:
        arrays = {"total": add(arrays["female"], arrays["male"])} | arrays
    layer = {"class": np.asarray(classes)}
    table = areas.crosstab(np.zeros((1, 1)), weights=arrays, **layer).drop(columns="area_km2")
    for name in arrays:
        whole = table[name].sum()
        place = table.columns.get_loc(name) + 1
        percent = table[name] / whole * 100 if whole else np.nan
        table.insert(place, f"{name}_percent", percent)
    return table


def _same_grid(classes, counts, name):
    if np.shape(classes) != np.shape(counts):
        raise ValueError(
            f"Classes and {name} are on different grids: found {np.shape(classes)} and "
            f"{np.shape(counts)} cells; bring the counts to the classes with population.regrid."
        )
    if isinstance(classes, xr.DataArray) and isinstance(counts, xr.DataArray):
        try:
            xr.align(classes, counts, join="exact", copy=False)
        except ValueError as error:
            raise ValueError(
                f"Classes and {name} are on different grids: found other coordinates; bring the "
                "counts to the classes with population.regrid."
            ) from error


def _grid(thing, what):
    """The grid of a DataArray, or the grid itself."""
    import odc.geo.xr  # noqa: F401  (gives DataArrays their grid)

    grid = thing.odc.geobox if isinstance(thing, xr.DataArray | xr.Dataset) else thing
    if grid is None or getattr(grid, "crs", None) is None:
        raise ValueError(
            f"{what} cannot be placed: found no grid with a coordinate reference system; write "
            "it with array.rio.write_crs(…), or give a GeoBox."
        )
    return grid


def _coordinates(like, grid) -> dict:
    """Coordinates of a result on a grid: those of ``like``, so that both fit exactly."""
    from odc.geo.xr import xr_coords

    made = dict(xr_coords(grid))
    rows, columns = (name for name in made if name != "spatial_ref")
    if isinstance(like, xr.DataArray | xr.Dataset):
        for name, dim in zip((rows, columns), like.odc.spatial_dims, strict=True):
            made[name] = made[name].copy(data=like[dim].values)
    places = {"y": (("y",), made[rows].values, made[rows].attrs)}
    places["x"] = (("x",), made[columns].values, made[columns].attrs)
    return places | {"spatial_ref": made["spatial_ref"]}
