"""Months of rain and warmth in Landia, the fictional training country, 1981-2023: synthetic data.

The rain of a year from 2000 on is that of :meth:`Landia.rain`, shared out over its months.
The years before 2000 have a table of their own, so that the index of drought has a reference.
"""

from __future__ import annotations

import numpy as np

from ldnkit.sources.canvas import Place, ramp
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_stories import HEIGHT, NORTH, RAIN_ANOMALY, WEST, WIDTH, YEARS

GRID = (40, 50)  # rows, columns: cells of 1/40 degree
NODATA = -32768
FIRST, LAST = 1981, 2023
CLIMATE_YEARS = tuple(range(FIRST, LAST + 1))
# Rain of the whole country, percent above or below its mean: 1981 to 1999, then Landia's own.
# Droughts are planted in 1983 and 1992; the others keep the spread of the reference small.
EARLIER_ANOMALY = (
    9, -4, -31, 6, 12, 3, -5, 17, 22, -2, -13, -26, 8, 13, -6, 19, 5, -11, 25,
)  # fmt: skip
# A drought of the island alone, in a year that is ordinary elsewhere.
ISLAND_YEAR, ISLAND_DEPTH, ISLAND = 1987, 0.38, Place(0.945, 0.52, 0.20, 0.34, 0.0)
# The rain data leave out the reef in the north, as real data leave out small islands.
REEF = (0.75, 0.10, 0.85, 0.20)  # west, north, east, south, in degrees from the corner

# Share of the year's rain by month where the dry season is longest: wet from December to April.
SEASON = (20.0, 18.0, 16.0, 9.0, 3.0, 0.6, 0.4, 0.4, 1.0, 4.0, 10.0, 17.6)
# Months above (+) or below (-) the mean warmth, as a share of the largest difference.
WARMTH = (1.0, 1.0, 0.7, 0.2, -0.4, -0.9, -1.0, -0.8, -0.4, 0.1, 0.5, 0.8)
DAYS = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)
# Radiation above the air, MJ per square metre and day, at 16.5 degrees south in the middle of the
# month (FAO Irrigation and drainage paper 56, equation 21).
RADIATION = (41.2, 39.9, 37.2, 32.6, 28.2, 25.9, 26.7, 30.4, 35.1, 38.7, 40.6, 41.3)


def anomaly(year: int) -> int:
    """Planted rain of the whole country in percent above or below the mean.

    Examples
    --------
    >>> anomaly(1983), anomaly(2009)
    (-31, -31)
    """
    return (EARLIER_ANOMALY + RAIN_ANOMALY)[year - FIRST]


def rain_share(land: Landia, year: int):
    """Rain of a year as a share above (+) or below (-) the mean.

    Parameters
    ----------
    land : Landia
        A window of the country at any size.
    year : int
        1981 to 2023.

    Returns
    -------
    ndarray
        float64 (y, x).
    """
    if year >= YEARS[0]:
        return land.rain_share(year)
    share = anomaly(year) / 100.0 + 0.20 * land.noise(3.0, 100 + year, 2)
    if year == ISLAND_YEAR:
        share = share - ISLAND_DEPTH * ramp(0.5 + 3.0 * land.inside(ISLAND))
    return np.maximum(share, -0.9)


def yearly_rain(land: Landia, year: int):
    """Rain of a year, mm (int16); from 2000 on the same as ``land.rain(year)``."""
    return np.rint(land.mean_rain * (1.0 + rain_share(land, year))).astype(np.int16)


def monthly_rain(land: Landia, year: int):
    """Rain of the twelve months of a year in whole mm; their sum is the rain of the year.

    The drier the place, the longer its dry season and the more chance in its rain.

    Returns
    -------
    ndarray
        int16 (12, y, x).

    Examples
    --------
    >>> land = Landia(GRID)
    >>> bool((monthly_rain(land, 2015).sum(0) == land.rain(2015)).all())
    True
    """
    even = 0.5 * land.wetness
    chance = 2.4 - 1.8 * land.wetness
    reached, so_far = np.zeros(land.shape), []
    for month, share in enumerate(SEASON):
        usual = even / 12.0 + (1.0 - even) * (share / 100.0)
        luck = 1.0 + chance * land.noise(3.5, 12 * year + month, 2)
        reached = reached + usual * np.maximum(luck, 0.02 if month == 0 else 0.0)
        so_far.append(reached)
    total = yearly_rain(land, year).astype(np.float64)
    whole = np.zeros((13, *land.shape), np.int16)
    for month, part in enumerate(so_far):
        whole[month + 1] = np.rint(total * (part / reached))
    return whole[1:] - whole[:-1]


def monthly_temperature(land: Landia, year: int):
    """Mean temperature of the twelve months of a year, tenths of a degree Celsius.

    Higher is colder, dry years are warmer, and every year is 0.022 degrees warmer than the last.

    Returns
    -------
    ndarray
        int16 (12, y, x).
    """
    mean = 26.4 - 23.0 * ramp(land.elevation) + 1.5 * (1.0 - land.wetness)
    mean = mean + 0.022 * (year - FIRST) - 0.9 * rain_share(land, year)
    reach = 2.2 + 2.6 * (1.0 - land.wetness)
    months = [
        mean + reach * warmth + 1.2 * land.noise(1.5, 40000 + 12 * year + month, 1)
        for month, warmth in enumerate(WARMTH)
    ]
    return np.rint(10.0 * np.asarray(months)).astype(np.int16)


def evapotranspiration(land: Landia, temperature):
    """Potential evapotranspiration of twelve months, mm, by the formula of Hargreaves (1985).

    0.0023 x radiation as mm of water x (temperature + 17.8) x root of the daily range.
    The daily range is drawn: 7 degrees on wet coasts, 15 in the driest land.

    Parameters
    ----------
    land : Landia
        A window of the country.
    temperature : ndarray
        Tenths of a degree Celsius, (12, y, x).

    Returns
    -------
    ndarray
        int16 (12, y, x).
    """
    swing = np.sqrt(7.0 + 8.0 * (1.0 - land.wetness))
    months = [
        days * 0.0023 * (radiation / 2.45) * np.maximum(warmth / 10.0 + 17.8, 0.0) * swing
        for days, radiation, warmth in zip(DAYS, RADIATION, temperature, strict=True)
    ]
    return np.rint(np.asarray(months)).astype(np.int16)


def covered(land: Landia, whole: Landia):
    """Cells with climate data: those that touch land, without the reef.

    Parameters
    ----------
    land : Landia
        The country on the climate grid.
    whole : Landia
        The country at lesson size, ten cells for each climate cell in both directions.
    """
    rows, columns = land.shape
    touches = (whole.land > 0).reshape(rows, whole.shape[0] // rows, columns, -1).any((1, 3))
    west, north, east, south = REEF
    reef = (land.x > west) & (land.x < east) & (land.y > north) & (land.y < south)
    return touches & ~reef


def expected_classes(land: Landia):
    """Drought class of every year as planted: 0 none, 1 mild, 2 moderate, 3 severe, 4 extreme.

    A gamma distribution is laid through the planted yearly rain of 1981-2010, by Thom's formula.
    The planted rain is not rounded to whole millimetres, so that this is no copy of the files.

    Returns
    -------
    ndarray
        int8 (year, y, x), years 1981 to 2023.
    """
    from scipy.special import gammainc, ndtri

    rain = 1.0 + np.asarray([rain_share(land, year) for year in CLIMATE_YEARS])
    reference = rain[: 2010 - FIRST + 1]
    spread = np.log(reference.mean(0)) - np.log(reference).mean(0)
    shape = (1.0 + np.sqrt(1.0 + 4.0 * spread / 3.0)) / (4.0 * spread)
    index = ndtri(gammainc(shape, rain * shape / reference.mean(0)))
    return sum((index <= limit).astype(np.int8) for limit in (0.0, -1.0, -1.5, -2.0))


def write(folder, whole: Landia) -> None:
    """Write climate/precipitation.nc, temperature.nc and water_balance.nc.

    Parameters
    ----------
    folder : Path
        A folder with a subfolder ``climate``.
    whole : Landia
        The country at lesson size, for its coast and its seed.
    """
    land = Landia(GRID, seed=whole.seed)
    has_data = covered(land, whole)
    rain = np.concatenate([monthly_rain(land, year) for year in CLIMATE_YEARS])
    warmth = [monthly_temperature(land, year) for year in CLIMATE_YEARS]
    balance = rain - np.concatenate([evapotranspiration(land, months) for months in warmth])
    for name, values, attributes in (
        ("precipitation", rain, {
            "units": "mm/month", "long_name": "Sum of the precipitation of the month",
            "standard_name": "lwe_precipitation_rate", "cell_methods": "time: sum"}),
        ("temperature", np.concatenate(warmth), {
            "units": "degC", "long_name": "Mean temperature of the month", "scale_factor": 0.1,
            "standard_name": "air_temperature", "cell_methods": "time: mean"}),
        ("water_balance", balance, {
            "units": "mm/month",
            "long_name": "Precipitation minus potential evapotranspiration of the month",
            "comment": "Potential evapotranspiration by Hargreaves (1985) from temperature.nc",
            "cell_methods": "time: sum"}),
    ):  # fmt: skip
        values = np.where(has_data, values, NODATA).astype(np.int16)
        _write_netcdf(folder / "climate" / f"{name}.nc", name, values, attributes)


def _write_netcdf(path, name, values, attributes):
    """One variable (time, lat, lon) with the CF conventions, north up, longitudes past 180."""
    import netCDF4
    from pyproj import CRS

    rows, columns = GRID
    with netCDF4.Dataset(path, "w") as file:
        file.Conventions = "CF-1.8"
        file.title = f"Landia synthetic training data: {attributes['long_name'].lower()}"
        file.comment = "Landia (XLD) is a fictional country: the values are computed, not measured."
        file.synthetic = "yes"
        axes = {
            "time": ([_days(year, month) for year in CLIMATE_YEARS for month in range(1, 13)], {
                "standard_name": "time", "units": f"days since {FIRST}-01-01",
                "calendar": "standard", "axis": "T", "long_name": "first day of the month"}),
            "lat": (NORTH - (np.arange(rows) + 0.5) * (HEIGHT / rows), {
                "standard_name": "latitude", "units": "degrees_north", "axis": "Y"}),
            "lon": (WEST + (np.arange(columns) + 0.5) * (WIDTH / columns), {
                "standard_name": "longitude", "units": "degrees_east", "axis": "X"}),
        }  # fmt: skip
        for axis, (points, about) in axes.items():
            file.createDimension(axis, len(points))
            kind = "i4" if axis == "time" else "f8"
            variable = file.createVariable(axis, kind, (axis,))
            variable.setncatts(about)
            variable[:] = points
        crs = file.createVariable("crs", "i4")
        crs.setncatts({**CRS.from_epsg(4326).to_cf(), "spatial_ref": CRS.from_epsg(4326).to_wkt()})
        variable = file.createVariable(
            name, "i2", tuple(axes), fill_value=NODATA, zlib=True, complevel=4, shuffle=True,
            chunksizes=(len(values), 20, 25),
        )  # fmt: skip
        variable.set_auto_maskandscale(False)
        variable.setncatts({**attributes, "grid_mapping": "crs"})
        variable[:] = values


def _days(year, month):
    from datetime import date

    return (date(year, month, 1) - date(FIRST, 1, 1)).days
