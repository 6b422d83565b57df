"""Small layers for tests of maps, and pictures as they are sent to the browser."""

import base64
import io

import numpy as np
import rioxarray  # noqa: F401
import xarray as xr
from affine import Affine
from PIL import Image


def layer(values, *, left=30.0, top=2.0, size=1.0, crs="EPSG:4326"):
    """Cells of a size in degrees (or metres), the first one's corner at left, top."""
    values = np.asarray(values)
    rows, columns = values.shape
    y = top - (np.arange(rows) + 0.5) * size
    x = left + (np.arange(columns) + 0.5) * size
    array = xr.DataArray(values, coords={"y": y, "x": x}, dims=["y", "x"])
    # a single row or column says nothing of its size: the transform does
    return array.rio.write_crs(crs).rio.write_transform(Affine(size, 0, left, 0, -size, top))


def decoded(url):
    """The picture of a data address, as RGBA."""
    head, _, body = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body))).convert("RGBA"))
