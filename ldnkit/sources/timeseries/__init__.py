"""Monthly or daily series of rain or of a water balance: NetCDF, Zarr folders, GeoTIFF files.

:class:`Series` gives the engine all months of a window; :func:`load_series` gives the classroom
a labelled array. Months are labelled by year and month, whatever day the file writes; nothing is
converted or resampled. What is wrong with a series is told by
:func:`ldnkit.sources.timeseries.checks.look`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ldnkit.findings import InputError
from ldnkit.periods import time_spans
from ldnkit.sources.timeseries.axes import cells, cover, problem
from ldnkit.sources.timeseries.files import bands, parts_of

#: Values up to which ``load_series`` reads at once; more are left to dask.
_EAGER = 50_000_000
#: Values of a dask block of a lazy series.
_BLOCK = 16_000_000


@dataclass(frozen=True)
class Series:
    """A series over time and place.

    Making one opens no file; a file is opened when something is asked of it, and closed again.

    Parameters
    ----------
    path : str
        A NetCDF file, a Zarr folder, or GeoTIFF or NetCDF files by a pattern with {year} and
        {month} (1 or 01; one band) or {year} (a band per month).
    variable : str, optional
        Needed where a file has several.
    time_step : {"month", "day"}
    nodata : tuple of float
        Fill values, as stored, that the files do not declare.

    Examples
    --------
    >>> series = Series("climate/precipitation.nc")
    >>> series.times  # doctest: +SKIP
    [(1981, 1), (1981, 2), …]
    """

    path: str
    variable: str | None = None
    time_step: str = "month"
    nodata: tuple[float, ...] = ()

    @classmethod
    def of(cls, country) -> Series:
        """The precipitation of a country, or else its water balance.

        Raises
        ------
        ValueError
            The country file gives neither.
        """
        section = country.drought
        if section is None or section.series is None:
            raise ValueError(
                f"There is no series to compute a drought index from: found none in "
                f"{country.path.name}; add drought: precipitation: (or water_balance:)."
            )
        return cls.from_section(country, section.series)

    @classmethod
    def from_section(cls, country, path: str) -> Series:
        """A file of the section drought, with what the section says about it."""
        section = country.drought
        whole = str(Path(country.path.parent, path).expanduser())
        return cls(whole, section.variable, section.time_step, tuple(section.nodata))

    @property
    def name(self) -> str:
        """File name or pattern, for messages."""
        return Path(self.path).name

    @cached_property
    def parts(self):
        """The files, see :func:`ldnkit.sources.timeseries.files.parts_of`."""
        return parts_of(self.path, self.variable, self.time_step)

    @property
    def grid(self):
        """All cells of the files (GeoBox), north up, in the longitudes of the files."""
        return self.parts[0].grid

    @property
    def units(self) -> str:
        """Units as the files declare them, or an empty text."""
        return self.parts[0].units

    @property
    def calendar(self) -> str:
        """``standard``, ``noleap``, ``360_day`` or another name of the CF conventions."""
        return next((p.calendar for p in self.parts if p.calendar != "standard"), "standard")

    @property
    def found(self) -> list[tuple]:
        """(year, month) or, of daily values, (year, month, day) of every step in the files."""
        length = 3 if self.time_step == "day" else 2
        return [step[:length] for part in self.parts for step in part.steps]

    @property
    def times(self) -> list[tuple[int, int]]:
        """Every (year, month) from the first to the last, also those that the files lack."""
        months = [step[:2] for step in self.found]
        (first, january), (last, december) = min(months), max(months)
        numbers = range(12 * first + january - 1, 12 * last + december)
        return [(number // 12, number % 12 + 1) for number in numbers]

    @property
    def dates(self) -> list[tuple[int, int, int]]:
        """(year, month, day) of every step of a daily series, sorted."""
        return sorted(self.found)

    @cached_property
    def places(self) -> dict[tuple, tuple[int, int]]:
        """The part, and the step in it, of every month or day.

        Raises
        ------
        InputError
            Months or days that come twice.
        """
        places, twice = {}, set()
        for number, part in enumerate(self.parts):
            for place, step in enumerate(part.steps):
                label = step if self.time_step == "day" else step[:2]
                twice |= {label} & places.keys()
                places[label] = number, place
        if twice:
            found = f"{time_spans(sorted(twice))} more than once"
            remedy = f"Keep one value for each {self.time_step}."
            raise InputError([problem(self.name, found, f"every {self.time_step} once", remedy)])
        return places

    def read(self, window) -> tuple[list[tuple[int, int]], np.ndarray]:
        """All months of a window.

        Parameters
        ----------
        window : GeoBox
            Cells of :attr:`grid`, which may lie a whole turn of longitude away or outside.

        Returns
        -------
        times : list of (year, month)
            As :attr:`times`: none is left out.
        values : ndarray, float32, shape (time, y, x)
            As stored × scale + offset; NaN for no data, outside the files and in months that they
            lack. Daily values are added up by :func:`ldnkit.drought.monthly`.

        Raises
        ------
        InputError
            See :func:`ldnkit.sources.timeseries.files.parts_of`; steps that come twice.
        ValueError
            A window that does not lie on the cells of the series.
        """
        times = self.times
        if self.time_step != "day":
            return times, self.values(window, times)
        values = np.full((len(times), *window.shape), np.nan, np.float32)
        rows = {month: row for row, month in enumerate(times)}
        years: dict[int, list[tuple]] = {}
        for date in self.dates:
            years.setdefault(date[0], []).append(date)
        for days in years.values():  # a year at a time, which needs less memory
            for month, total in self._months(window, days):
                values[rows[month]] = total
        return times, values

    def _months(self, window, days):
        """(year, month) and the sum of each month of these days."""
        import xarray as xr

        from ldnkit.drought import monthly

        coords = {"time": self._dates(days)}
        daily = xr.DataArray(self.values(window, days), coords, ("time", "y", "x"))
        found = monthly(daily)
        labels = zip(found["time"].dt.year.values, found["time"].dt.month.values)
        for (year, month), total in zip(labels, found.values):
            yield (int(year), int(month)), total

    def _dates(self, days):
        """Dates of days of one year, in their calendar."""
        if self.calendar == "standard":
            texts = [f"{year:04d}-{month:02d}-{day:02d}" for year, month, day in days]
            return np.array(texts, "datetime64[ns]")
        import xarray as xr

        wanted, start = set(days), f"{days[0][0]:04d}-01-01"
        # the last days of 366 lie in the year after, and are not wanted
        every = xr.date_range(start, periods=366, calendar=self.calendar, use_cftime=True)
        return [date for date in every if (date.year, date.month, date.day) in wanted]

    def values(self, window, steps: Sequence[tuple], *, every: int = 1) -> np.ndarray:
        """Steps as they stand in the files, float32 (time, y, x); NaN for those they lack.

        ``every`` thins out rows and columns of the window.
        """
        return self.at(window, [self.places.get(step) for step in steps], every=every)

    def at(self, window, places: Sequence[tuple[int, int] | None], *, every: int = 1) -> np.ndarray:
        """The same by part and step in it; None stands for a step that the files lack."""
        rows, columns = self.cells(window, every)
        result = np.full((len(places), len(rows), len(columns)), np.nan, np.float32)
        by_part: dict[int, list[tuple[int, int]]] = {}
        for row, where in enumerate(places):
            if where is not None:
                by_part.setdefault(where[0], []).append((row, where[1]))
        for number, wanted in by_part.items():
            part = self.parts[number]
            to, place = (np.array(each) for each in zip(*wanted))
            first, last = int(place.min()), int(place.max()) + 1
            for down, from_rows in _runs(rows, every):
                for across, from_columns in _runs(columns, every):
                    cut = part.read(slice(first, last), from_rows, from_columns)
                    result[to, down, across] = clean(part, cut, self.nodata)[place - first]
        return result

    def cells(self, window, every: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the files for those of a window; -1 outside the files.

        Raises
        ------
        ValueError
            The window does not lie on the cells of the series.
        """
        found = cells(self.grid, window, every)
        if found is None:
            raise ValueError(
                f"The window does not lie on the cells of {self.name}: found a corner at "
                f"{window.transform.c:g}, {window.transform.f:g} and cells of "
                f"{window.transform.a:g}; take a part of series_grid(country)."
            )
        return found

    def open(self, window=None):
        """The series as a lazy labelled array: nothing is read before values are needed.

        Parameters
        ----------
        window : GeoBox, optional
            Cells of :attr:`grid`; all by default.

        Returns
        -------
        DataArray, dims (time, y, x), float32
            ``time`` is the first day of each month; all months of a cell lie in one dask chunk.
        """
        import dask.array

        window = self.grid if window is None else window
        times = self.times
        side = max(math.isqrt(_BLOCK // len(times)), 1)
        rows, columns = window.shape
        blocks = [
            [self._block(window[top : min(top + side, rows), left : min(left + side, columns)])
             for left in range(0, columns, side)]
            for top in range(0, rows, side)
        ]  # fmt: skip
        return self._labelled(window, dask.array.block(blocks))

    def _block(self, part):
        import dask
        import dask.array

        shape = (len(self.times), *part.shape)
        values = dask.delayed(_values_of, pure=True)(self, part)
        return dask.array.from_delayed(values, shape, np.float32)

    def _labelled(self, window, values):
        import xarray as xr
        from odc.geo.xr import xr_coords

        coords = dict(xr_coords(window))
        rows, columns = (name for name in coords if name != "spatial_ref")
        months = [f"{year:04d}-{month:02d}-01" for year, month in self.times]
        coords["time"] = np.array(months, "datetime64[ns]")
        array = xr.DataArray(values, coords, ("time", rows, columns))
        if (rows, columns) != ("y", "x"):
            array = array.rename({rows: "y", columns: "x"})
        units = f"sum of {self.units}" if self.units and self.time_step == "day" else self.units
        return array.assign_attrs(units=units, calendar=self.calendar, source=self.name)


def clean(part, values: np.ndarray, nodata: Sequence[float] = ()) -> np.ndarray:
    """NaN for infinity and for fill values, as stored, that the file does not declare."""
    values[~np.isfinite(values)] = np.nan
    for fill in nodata:
        values[np.isclose(values, fill * part.scale + part.offset, rtol=1e-5, atol=0)] = np.nan
    return values


def _values_of(series, window):
    return series.read(window)[1]


def _runs(places: np.ndarray, every: int):
    """Slices of places that follow one another ``every`` apart, with the slice they stand for."""
    inside = np.flatnonzero(places >= 0)
    breaks = (np.diff(inside) > 1) | (np.diff(places[inside]) != every)
    for run in np.split(inside, np.flatnonzero(breaks) + 1):
        if len(run):
            first, last = int(places[run[0]]), int(places[run[-1]])
            yield slice(int(run[0]), int(run[-1]) + 1), slice(first, last + 1, every)


def series_grid(country):
    """The cells of a country's series, or of its ready index, that cover the country.

    Parameters
    ----------
    country : Country

    Returns
    -------
    GeoBox
        Cells of the files, north up, with one more cell on every side of the boundary, in the
        longitudes of the boundary (0 … 360 for a country across 180°).

    Raises
    ------
    InputError
        A file that cannot be read or placed.
    ValueError
        The country file gives neither a series nor an index.
    """
    section = country.drought
    if section is not None and section.index:
        return cover(bands(next(iter(section.index.values()))).grid, country.boundary)
    return cover(Series.of(country).grid, country.boundary)


def load_series(country, *, window=None):
    """The series of a country, from which the drought index is computed, as a labelled array.

    Parameters
    ----------
    country : Country
    window : GeoBox, optional
        Cells of the series; all of the country by default (:func:`series_grid`).

    Returns
    -------
    DataArray, dims (time, y, x), float32
        Monthly values (daily ones are added up), ``time`` the first day of each month, every
        month from the first to the last. Units as the files declare them. A long series of a
        large country is lazy (dask, all months of a cell in one chunk).

    Raises
    ------
    InputError
        A file that cannot be read or placed; steps that come twice.
    ValueError
        The country file gives no series.

    Examples
    --------
    >>> rain = load_series(country)  # doctest: +SKIP
    >>> rain.isel(time=0).plot()  # doctest: +SKIP
    """
    series = Series.of(country)
    window = series_grid(country) if window is None else window
    rows, columns = window.shape
    array = series.open(window)
    if rows * columns * len(series.times) <= _EAGER:
        array = array.copy(data=series.read(window)[1])
    return array.rename("precipitation" if country.drought.precipitation else "water_balance")
