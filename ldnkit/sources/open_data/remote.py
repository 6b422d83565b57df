"""Rasters read where they are: windows over HTTP, asked again when a server stumbles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.problems import Again, Unreachable


class Remote:
    """A raster at an address, or in a local file, that is read window by window.

    Parameters
    ----------
    address : str or Path
    sign : callable, optional
        Makes an address that may be asked for out of the plain one (short-lived signatures);
        has a method ``renew``.

    Notes
    -----
    Every window is read with the patience of :mod:`web`. Signatures that have run out are
    renewed. :meth:`check` says whether the file is still the one that was opened.
    """

    def __init__(self, address, *, sign: Callable[[str], str] | None = None):
        self.address, self.sign = address, sign
        self._dataset, self.version = None, None

    @property
    def is_local(self) -> bool:
        return not str(self.address).startswith(("http://", "https://"))

    @property
    def name(self) -> str:
        return Path(str(self.address).partition("?")[0]).name

    def dataset(self):
        """The open rasterio dataset."""
        return self._dataset if self._dataset is not None else self._with(lambda data: data)

    def read(self, band=None, window=None):
        """Values of a window (rows and columns of the file); all bands when none is named."""
        return self._with(lambda data: data.read(band, window=window))

    def check(self) -> None:
        """Stop when the file on the server has changed since it was opened."""
        if not self.is_local and web.version(self._signed()) != self.version:
            raise Again("another version of the file than before", kind="content")

    def close(self) -> None:
        """Close the file; it opens again by itself when it is read."""
        if self._dataset is not None:
            self._dataset.close()
            self._dataset = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _signed(self) -> str:
        return self.sign(str(self.address)) if self.sign else str(self.address)

    def _with(self, action):
        return web.with_patience(lambda _: self._attempt(action), str(self.address))

    def _attempt(self, action):
        import rasterio
        from rasterio.errors import RasterioError

        with rasterio.Env(**settings()):
            try:
                if self._dataset is None:
                    self._open(rasterio)
                return action(self._dataset)
            except (RasterioError, OSError) as error:
                self.close()
                if isinstance(error, Unreachable):
                    self._forbidden(error)
                if self.is_local:
                    said = f"no raster that can be read ({error})"
                    raise Unreachable(str(self.address), said, kind="content") from None
                self._why(error)

    def _open(self, rasterio) -> None:
        if self.is_local:
            self._dataset = rasterio.open(self.address)
            return
        signed = self._signed()
        found = web.version(signed)
        if self.version is not None and found != self.version:
            raise Unreachable(signed, "a file that changed while it was read", kind="content")
        self.version = found
        self._dataset = rasterio.open(f"/vsicurl/{signed}")

    def _why(self, error) -> None:
        """Ask the server itself what was wrong, and say whether another attempt makes sense."""
        try:
            web.version(self._signed())
        except Unreachable as refused:
            self._forbidden(refused)
        reason = str(error.__cause__ or error).replace(f"/vsicurl/{self._signed()}", self.name)
        raise Again(f"a raster that cannot be read ({reason[:160]})", kind="content") from None

    def _forbidden(self, refused: Unreachable) -> None:
        if self.sign is not None and getattr(refused, "status", 0) in (401, 403):
            self.sign.renew()
            raise Again(f"{refused.reason} (the signature had run out)", after=0) from None
        raise refused


def settings() -> dict:
    """Settings of GDAL for files on servers: no listing, few questions, short patience."""
    rules = web.patience()
    return {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_HTTP_MAX_RETRY": "1",
        "GDAL_HTTP_RETRY_DELAY": str(rules.wait),
        "GDAL_HTTP_TIMEOUT": str(rules.timeout),
        "GDAL_HTTP_CONNECTTIMEOUT": str(rules.timeout),
        "GDAL_HTTP_USERAGENT": web.CLIENT,
        # nothing is remembered between two openings: a file may have changed, a fault may be over
        "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/",
        "CPL_VSIL_CURL_USE_HEAD": "NO",
        "GDAL_CACHEMAX": 64 * 2**20,
    }
