"""National packages from the publisher's address; a download goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

from ldnkit import outlines, tables
from ldnkit.sources.trends_earth.packages import Package, open_package


def address(iso3: str, lpd: str = "TrendsEarth") -> str:
    """The address of a national package.

    Parameters
    ----------
    iso3 : str
        Three-letter code.
    lpd : str
        Source of land productivity dynamics: ``TrendsEarth``, ``FAO-WOCAT`` or ``JRC``; or
        ``Drought`` or ``Drought-SPI-CHIRPS`` for the packages of drought.

    Raises
    ------
    ValueError
        Unknown code or package.

    Notes
    -----
    The addresses are those that the publisher's documentation names (``trends_earth_addresses``
    in ``ldnkit/data``); they have not been opened yet.

    Examples
    --------
    >>> address("ken").rsplit("/", 1)[1]
    'KEN_GeoBoundaries_SDG15_TrendsEarth-LPD-5_UNCCD-legend.tar.gz'
    """
    known = tables.read("trends_earth_addresses").set_index("name")["address"]
    if lpd not in known.index:
        raise ValueError(f"Unknown package: found {lpd!r}; use one of {', '.join(known.index)}.")
    return known[lpd].format(iso3=outlines.check_iso3(iso3))


def fetch(
    iso3: str,
    lpd: str = "TrendsEarth",
    *,
    folder: str | Path = "downloads",
    checksum: str | None = None,
    progress: bool = True,
    again: bool = False,
    url: str | None = None,
) -> Package:
    """Download a national package, without an account, and open it.

    A download that was interrupted goes on where it stopped. A whole archive that is there
    already is not fetched again. What was fetched, from where and when is written beside it.

    Parameters
    ----------
    iso3, lpd : str
        As for :func:`address`.
    folder : str or Path
        Where the archive goes; it is unpacked beside it.
    checksum : str, optional
        SHA-256 of the archive, when its publisher names it.
    progress : bool
        Show a bar.
    again : bool
        Fetch it again although it is there.
    url : str, optional
        Another address of the same package.

    Returns
    -------
    Package

    Raises
    ------
    ValueError
        Unknown code or package.
    OSError
        The archive cannot be reached; the message says what to do.
    InputError
        The archive is damaged or unsafe.

    Examples
    --------
    >>> package = fetch("KEN")  # doctest: +SKIP
    """
    from ldnkit.sources.open_data.download import download

    url = address(iso3, lpd) if url is None else url
    archive = Path(folder) / url.rpartition("/")[2].partition("?")[0]
    if again or not archive.is_file():
        receipt = download(url, archive, sha256=checksum, progress=progress)
        facts = {key: getattr(receipt, key) for key in ("address", "sha256", "bytes", "retrieved")}
        note = archive.with_name(f"{archive.name}.receipt.json")
        note.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return open_package(archive)
