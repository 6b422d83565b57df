"""Monthly rain of Spain and Portugal (CRU TS 4.00), thirty years on a grid of half a degree."""

from types import SimpleNamespace

import geopandas
import numpy as np
import pytest
from shapely import box

from ldnkit import tables
from ldnkit.country_file.layers import Drought
from ldnkit.periods import Cycle
from ldnkit.sources.timeseries import Series, load_series, series_grid
from ldnkit.sources.timeseries.checks import look

pytestmark = pytest.mark.real


@pytest.fixture
def iberia(shared_data):
    path = shared_data / "drought4R" / "pr_cru_ts4.00_iberia_1981_2010.nc"
    boundary = geopandas.GeoDataFrame(geometry=[box(-6.5, 38, -2, 41)], crs="EPSG:4326")
    return SimpleNamespace(
        drought=Drought(precipitation=str(path)),
        boundary=boundary,
        parameters=tables.method("manual"),
        crosses_180=False,
        cycle=Cycle(2026),
        path=path.parent / "country.yml",
    )


def test_the_whole_file(iberia):
    # as the README of the data says: 360 months, 16 × 26 cells, 86 of them sea, 0…527 mm
    series = Series.of(iberia)
    assert series.grid.boundingbox.bbox == (-9.5, 36, 3.5, 44)
    assert series.times[0] == (1981, 1) and series.times[-1] == (2010, 12)
    times, values = series.read(series.grid)
    assert values.shape == (360, 16, 26) and len(times) == 360
    assert np.isnan(values).all(axis=0).sum() == np.isnan(values[0]).sum() == 86
    assert np.nanmin(values) == 0 and np.nanmax(values).round() == 527
    assert series.units == "mm/month"


def test_the_middle_of_the_country(iberia):
    assert series_grid(iberia).boundingbox.bbox == (-7, 37.5, -1.5, 41.5)
    rain = load_series(iberia)
    yearly = rain.sel(x=slice(-6.5, -2), y=slice(41, 38)).mean() * 12
    assert 350 < float(yearly) < 700


def test_what_is_told(iberia):
    found = [str(finding) for finding in look(iberia)]
    # thirty sums, no fill values, plausible; only the years after 2010 are missing
    assert len(found) == 2
    assert "EPSG:4326" in found[0]
    assert "no complete sum for 2011 to 2023; expected every year from 2000 to 2023" in found[1]
