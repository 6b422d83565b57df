"""Climate series from a Zarr store: the chunks that a country needs, into one NetCDF file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.problems import Again, Unreachable

NAMES = {"y": ("y", "lat", "latitude"), "x": ("x", "lon", "longitude")}


def series(
    address: str, place, path: Path, *, variable: str, years: Sequence[int], margin: int
) -> list[int]:
    """Write the months of some years around a country as NetCDF; the years that were there.

    Stored numbers, scale, fill value and cells stay as they are. The store is read year by year.

    Raises
    ------
    Unreachable
        The store does not answer, or has no such variable or years.
    """
    import xarray as xr

    data = web.with_patience(lambda _: _opened(address), address)
    if variable not in data:
        raise Unreachable(address, f"no variable {variable} among {', '.join(data.data_vars)}",
                          remedy="correct the column variable of the catalogue.")  # fmt: skip
    array = data[variable]
    window = _window(array, place, margin, address)
    parts, found = [], []
    for year in years:
        of_year = np.flatnonzero(array["time"].dt.year.values == year)
        if len(of_year):
            part = window(array.isel(time=of_year))
            parts.append(web.with_patience(lambda _, part=part: _loaded(part), address))
            found.append(year)
    if not parts:
        covered = f"{int(array['time'].dt.year.min())}–{int(array['time'].dt.year.max())}"
        raise Unreachable(address, f"the years {covered}", remedy="ask for one of these years.")
    whole = xr.concat(parts, "time")
    whole.encoding = {}
    made = whole.to_dataset(name=variable)
    mapping = whole.attrs.get("grid_mapping")
    if mapping in data.variables:  # the reference system, when the store says it
        made[mapping] = data[mapping].reset_coords(drop=True)
    made.to_netcdf(path, engine="netcdf4", format="NETCDF4")
    return found


def _opened(address: str):
    import aiohttp
    import xarray as xr
    from zarr.storage import FsspecStore

    limit = aiohttp.ClientTimeout(total=None, sock_read=web.patience().timeout)
    client = {"trust_env": True, "timeout": limit, "headers": {"User-Agent": web.CLIENT}}
    try:
        options = {"client_kwargs": client}
        store = FsspecStore.from_url(address, storage_options=options, read_only=True)
        data = xr.open_zarr(store, mask_and_scale=False, chunks=None, decode_coords=False)
    except Exception as error:  # of zarr, fsspec or aiohttp
        raise _problem(address, error) from None
    return data


def _loaded(part):
    try:
        return part.copy().load()
    except Exception as error:
        raise _problem("the store", error) from None


def _problem(address: str, error: Exception) -> Exception:
    """Whether another attempt may help. A chunk that is absent is not an error: it is fill."""
    status = getattr(error, "status", None)
    said = f"{type(error).__name__} {error}".strip()[:160]
    if isinstance(error, FileNotFoundError) or (status and status not in web.FOR_A_WHILE):
        return Unreachable(address, f"no Zarr store ({said})")
    return Again(f"a broken answer ({said})", kind="content")


def _axis(array, kind: str, address: str) -> str:
    for name in array.dims:
        if str(name).lower() in NAMES[kind]:
            return name
    raise Unreachable(address, f"the dimensions {', '.join(map(str, array.dims))}",
                      remedy="give a store with latitude and longitude.")  # fmt: skip


def _window(array, place, margin: int, address: str):
    """A function that takes the cells of a country out of an array of the store.

    Columns are counted round the globe: a country across 180°, or across the end of longitudes
    from 0 to 360, lies in one piece, and its longitudes run on.
    """
    rows, columns = _axis(array, "y", address), _axis(array, "x", address)
    west, south, east, north = place.bounds
    y, x = array[rows].values, array[columns].values
    step = float(x[-1] - x[0]) / (len(x) - 1)
    half = abs(float(y[-1] - y[0])) / (len(y) - 1) / 2
    inside = np.flatnonzero((y > south - half) & (y < north + half))
    # a border on an edge between cells needs no cell beyond it: centres are half a step away
    first = math.floor((west - x[0]) / step + 0.5 + 1e-6) - margin
    last = math.ceil((east - x[0]) / step - 0.5 - 1e-6) + margin
    wanted = np.arange(first, last + 1)
    around = round(360 / step)
    if abs(len(x) * step - 360) < step / 2:
        turns, at = np.divmod(wanted, around)
    else:
        turns, at = np.zeros(len(wanted), int), wanted
        for turn in (-1, 1):  # a regional store in other longitudes
            if not ((wanted >= 0) & (wanted < len(x))).any():
                at = wanted - turn * around
                if ((at >= 0) & (at < len(x))).any():
                    turns = turns + turn
                    break
        held = (at >= 0) & (at < len(x))
        turns, at = turns[held], at[held]
    if not len(inside) or not len(at):
        raise Unreachable(address, f"no cells around {place.iso3}",
                          remedy="choose another dataset for this country.")  # fmt: skip
    top, bottom = max(int(inside[0]) - margin, 0), min(int(inside[-1]) + 1 + margin, len(y))

    def cut(part):
        part = part.isel({rows: slice(top, bottom), columns: at})
        if turns.any():
            part = part.assign_coords({columns: part[columns] + 360 * turns.astype(x.dtype)})
        return part

    return cut
