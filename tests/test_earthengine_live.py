"""Earth Engine itself against the local engine, on a small window; needs a project.

LDNKIT_EE_PROJECT=our-land-2026 pytest -m live tests/test_earthengine_live.py
"""

import os

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

PROJECT = os.environ.get("LDNKIT_EE_PROJECT", "")

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        not PROJECT,
        reason="needs a project of Earth Engine: set LDNKIT_EE_PROJECT and sign in first",
    ),
]

#: 64 × 64 cells of about 300 m in the Sahel.
WINDOW = GeoBox((64, 64), Affine(1 / 360, 0, -11.0, 0, -1 / 360, 16.5), "EPSG:4326")


@pytest.fixture(scope="module", autouse=True)
def connected():
    from ldnkit.sources.earthengine import signin

    result = signin.connect(PROJECT, authenticate=False)
    assert result, str(result)


def fetched(image, folder, kind="class", bands=("value",)):
    import rasterio

    from ldnkit.sources.earthengine import fetch

    path = fetch.fetch(image, WINDOW, folder / "layer.tif", kind=kind, bands=bands, workers=2)
    with rasterio.open(path) as source:
        assert source.transform == WINDOW.transform
        return source.read() if len(bands) > 1 else source.read(1)


def test_land_cover_degradation(tmp_path):
    from ldnkit import landcover
    from ldnkit.sources.earthengine import collections
    from ldnkit.sources.earthengine import landcover as graphs

    what = collections.asset("esa_cci")
    first, last = (collections.image(what, year) for year in (2000, 2015))
    codes = [fetched(each, tmp_path / str(place)) for place, each in enumerate((first, last))]
    local = landcover.degradation(*(landcover.reclassify(each, "esa_cci") for each in codes))
    remote = graphs.degradation(graphs.reclassify(first), graphs.reclassify(last))
    np.testing.assert_array_equal(fetched(remote, tmp_path / "sign"), local)


@pytest.mark.parametrize("compat", [None, "trends.earth"])
def test_trend_and_state(tmp_path, compat):
    from ldnkit import productivity
    from ldnkit.sources.earthengine import collections, shared
    from ldnkit.sources.earthengine import productivity as graphs

    what = collections.asset("te_ndvi")
    years = list(range(2001, 2016))
    annual = shared.yearly({year: collections.image(what, year) for year in years})
    names = tuple(f"y{year}" for year in years)
    values = fetched(annual.toBands(), tmp_path / "annual", "integer", names)
    local = xr.DataArray(values, dims=("year", "y", "x"), coords={"year": years})
    trend = graphs.trend(annual, years=(2001, 2015), compat=compat)
    expected = productivity.trend(local, compat=compat)["trend"]
    np.testing.assert_array_equal(fetched(trend, tmp_path / "trend"), expected)
    windows = {"history": (2001, 2012), "recent": (2013, 2015), "compat": compat}
    state = graphs.state(annual, **windows)
    expected = productivity.state(local, **windows)
    np.testing.assert_array_equal(fetched(state, tmp_path / "state"), expected)


def test_gamma_and_normal(tmp_path):
    """The functions of the server: which argument is the shape, and how many digits."""
    import ee
    from scipy import special

    from ldnkit.sources.earthengine import drought

    x = ee.Image.pixelLonLat().select("longitude").add(12).multiply(20).toDouble()
    shape = ee.Image.pixelLonLat().select("latitude").toDouble()
    share = drought.gamma_share(x, shape)
    image = ee.Image.cat([x, shape, share, drought.normal_score(share)])
    a, b, found, score = fetched(image, tmp_path / "g", "persons", ("x", "a", "p", "z"))
    np.testing.assert_allclose(found, special.gammainc(b, a), rtol=1e-9)
    np.testing.assert_allclose(score, special.ndtri(found), atol=1e-9)


def test_quality_of_the_native_grid():
    from ldnkit.sources.earthengine import collections

    for layer in ("land_cover", "soil_reference", "precipitation"):
        what = collections.default_of(layer)
        info = collections.native(what, what.years[0]).projection().getInfo()
        assert len(info["transform"]) == 6, what.dataset
