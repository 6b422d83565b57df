"""STAC: which files a service has for a place and a time, and signatures for them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin

from ldnkit import tables
from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.problems import Unreachable


@dataclass(frozen=True)
class Frame:
    """The files of one day: tiles with values, and tiles with their quality, or none."""

    day: date
    values: tuple[str, ...]
    quality: tuple[str, ...] = ()


class Signer:
    """Puts a short-lived signature behind addresses, and asks for a new one in time.

    Parameters
    ----------
    address : str
        The address that answers ``{"token": …, "msft:expiry": …}``.
    """

    def __init__(self, address: str):
        self.address = address
        self._token, self._until = "", datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self, address: str) -> str:
        with self._lock:
            if datetime.now(UTC) >= self._until:
                self._ask()
            return f"{address}{'&' if '?' in address else '?'}{self._token}"

    def renew(self) -> None:
        """Forget the signature: the next address gets a new one."""
        with self._lock:
            self._until = datetime.min.replace(tzinfo=UTC)

    def _ask(self) -> None:
        answer = web.json_of(self.address)
        if not isinstance(answer, dict) or not answer.get("token"):
            raise Unreachable(self.address, "an answer without a token")
        self._token = str(answer["token"]).lstrip("?")
        early = timedelta(minutes=tables.constant("token_minutes"))
        try:
            ends = datetime.fromisoformat(str(answer["msft:expiry"]).replace("Z", "+00:00"))
        except (KeyError, ValueError):
            ends = datetime.now(UTC) + timedelta(minutes=30)
        self._until = ends - early


def signer_of(route) -> Signer | None:
    """The signer of a way; None when its files are open as they are."""
    if not route.token:
        return None
    return Signer(route.token.replace("{collection}", route.collection))


def frames(route, place, year: int | None = None) -> list[Frame]:
    """The files of a year by day, oldest first, that touch a country.

    Raises
    ------
    Unreachable
        The service does not answer, or has nothing for the year.
    """
    if route.kind == "stac_static":
        items = _static_items(route)
    else:
        items = _search(route, place, year)
    days: dict[date, list[dict]] = {}
    for item in items:
        begins = begin_of(item)
        if year is None or begins.year == year:
            days.setdefault(begins, []).append(item)
    if not days:
        when = f" for {year}" if year else ""
        raise Unreachable(route.address, f"no item of {route.collection}{when}")
    return [
        Frame(
            day,
            tuple(_href(item, route.asset) for item in days[day]),
            tuple(_href(item, route.quality) for item in days[day]) if route.quality else (),
        )
        for day in sorted(days)
    ]


def begin_of(item: dict) -> date:
    """The day on which the time of an item begins."""
    properties = item.get("properties") or {}
    text = properties.get("start_datetime") or properties.get("datetime")
    return datetime.fromisoformat(str(text).replace("Z", "+00:00")).date()


def _search(route, place, year: int | None) -> list[dict]:
    """Items of a service, all pages; those of both boxes of a country across 180°."""
    from pystac_client import Client
    from pystac_client.exceptions import APIError
    from pystac_client.stac_api_io import StacApiIO
    from requests import RequestException
    from requests.adapters import Retry

    rules = web.patience()
    retry = Retry(
        total=rules.tries, backoff_factor=rules.wait, backoff_max=rules.most,
        status_forcelist=web.FOR_A_WHILE, allowed_methods=None, respect_retry_after_header=True,
    )  # fmt: skip
    when = None if year is None else f"{year}-01-01T00:00:00Z/{year}-12-31T23:59:59Z"
    found: dict[str, dict] = {}

    def ask(_):
        reader = StacApiIO(max_retries=retry, timeout=rules.timeout)
        service = Client.open(route.address, stac_io=reader)
        for box in place.boxes():
            search = service.search(collections=[route.collection], bbox=box, datetime=when)
            found.update((item["id"], item) for item in search.items_as_dicts())

    try:
        web.with_patience(_may_pass(ask, (APIError, RequestException)), route.address)
    except (ValueError, KeyError, NotImplementedError) as error:
        raise Unreachable(route.address, f"an answer that is no catalogue ({error})") from None
    return [found[name] for name in sorted(found)]


def _may_pass(ask, errors):
    """Turn errors of a library into attempts that are repeated."""
    from ldnkit.sources.open_data.problems import Again

    def attempt(number):
        try:
            return ask(number)
        except errors as error:
            status = getattr(error, "status_code", None)
            if status is not None and status not in web.FOR_A_WHILE:
                raise Unreachable("the service", f"the answer {status}") from None
            kind = web._kind(error)
            raise Again(f"no good answer ({web._short(error)})", kind=kind) from None

    return attempt


def _static_items(route) -> list[dict]:
    """Items to which the collection file of a catalogue without a service leads."""
    address = route.address.replace("{collection}", route.collection)
    collection = web.json_of(address)
    links = [link["href"] for link in collection.get("links", ()) if link.get("rel") == "item"]
    return [
        _absolute(web.json_of(urljoin(address, link)), urljoin(address, link)) for link in links
    ]


def _absolute(item: dict, address: str) -> dict:
    for asset in (item.get("assets") or {}).values():
        asset["href"] = urljoin(address, asset["href"])
    return item


def _href(item: dict, asset: str) -> str:
    """The address of an asset; without a name, that of the only GeoTIFF."""
    assets = item.get("assets") or {}
    if asset in assets:
        return assets[asset]["href"]
    rasters = [each["href"] for each in assets.values() if _is_raster(each)]
    if not asset and rasters:
        return rasters[0]
    raise Unreachable(
        str(item.get("id")),
        f"no asset {asset or 'with a GeoTIFF'} among {', '.join(assets) or 'none'}",
        remedy="correct the column asset of the catalogue.",
    )


def _is_raster(asset: dict) -> bool:
    return str(asset.get("type", "")).startswith("image/tiff") or asset["href"].endswith(".tif")


def addresses(found: Sequence[Frame]) -> list[str]:
    """All addresses of some frames."""
    return [address for frame in found for address in (*frame.values, *frame.quality)]
