"""Earth Engine images on a geemap map, in the colours of the workbook."""

from __future__ import annotations

from ldnkit import tables
from ldnkit.tables import NODATA


def new_map(**options):
    """A geemap map that asks for nothing: sign in first with :func:`.signin.connect`.

    ``geemap.Map()`` alone starts a sign-in and waits for typed answers, which stops a notebook
    that runs by itself.

    Examples
    --------
    >>> new_map(center=(0, 0), zoom=4)  # doctest: +SKIP
    """
    import geemap

    return geemap.Map(ee_initialize=False, **options)


def add(map, image, palette: str, name: str, *, language: str = "en", shown: bool = True):
    """Add a class image to a map, in the colours of a palette.

    Parameters
    ----------
    map : geemap.Map
        From :func:`new_map`.
    image : ee.Image
        Classes; masked cells stay transparent.
    palette : str
        Name in :func:`ldnkit.tables.palette`, for example ``"degradation"`` or ``"drought"``.
    name : str
        Name of the layer in the list of layers.
    language : str
        Language of the legend.
    shown : bool
        Whether the layer is visible at first.

    Returns
    -------
    dict of str to str
        The legend: text to colour, no data left out; for ``map.add_legend(legend_dict=…)``.

    Raises
    ------
    KeyError
        Unknown palette.
    EarthEngineError
        The server gave no picture, in three parts.
    """
    from ldnkit.sources.earthengine.problems import explained

    picture, options, legend = styled(image, palette, language=language)
    try:
        map.addLayer(picture, options, name, shown)
    except Exception as error:
        raise explained(error, language) from None
    return legend


def styled(image, palette: str, *, language: str = "en"):
    """Image, options and legend of a palette: every class has the place of its colour."""
    table = tables.palette(palette, language)
    table = table[table["code"] != NODATA]
    codes, colours = table["code"].astype(int).tolist(), table["colour"].tolist()
    picture = image.select([0]).remap(codes, list(range(len(codes)))).toByte()
    options = {
        "min": 0,
        "max": max(len(codes) - 1, 1),
        "palette": [colour.lstrip("#") for colour in colours],
    }
    return picture, options, dict(zip(table["label"], colours, strict=True))
