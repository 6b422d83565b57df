"""Official series from the two public APIs, kept on disk with their release."""

from __future__ import annotations

import json
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from ldnkit import outlines
from ldnkit.sources.statistics.series import Series, definition

#: Where the APIs are; both need no account. Written down in guides, to be confirmed when reached.
ADDRESSES = {
    "sdg": "https://unstats.un.org/SDGAPI/v1/sdg",
    "world_bank": "https://api.worldbank.org/v2",
}
NAMES = {"sdg": "The UN SDG database", "world_bank": "The World Bank"}
SECONDS = 30.0
#: Entries on a page, and pages, that one series of one country never exceeds.
PAGE, MOST_PAGES = 1000, 50
MOST_BYTES = 50 * 2**20


def fetch(
    series: str,
    country,
    *,
    addresses: Mapping[str, str] | None = None,
    timeout: float = SECONDS,
    refresh: bool = False,
) -> Path:
    """Ask for one official series of a country, and keep the answer with its release.

    Parameters
    ----------
    series : str
        poverty, water, red_list or protected (UN SDG database); gini (World Bank).
    country : Country
        Its ISO3 code and its folder of results are used.
    addresses : mapping, optional
        Other addresses of the APIs, by sdg and world_bank.
    timeout : float
        Seconds to wait for an answer.
    refresh : bool
        Ask again although there is a kept answer. When that fails, the kept answer stays.

    Returns
    -------
    Path
        ``outputs/<ISO3>/statistics/<series>.json``: the answer, with the release and the day of
        the download. Write it as ``statistics: {<series>: {file: …}}``, or read it.

    Raises
    ------
    ConnectionError
        No connection, no answer in time, or an answer that is none; says what to do by hand.
    ValueError
        Unknown series, or a country without a code (Landia is fictional).

    Examples
    --------
    >>> fetch("poverty", country)  # doctest: +SKIP
    """
    known = definition(series)
    code = _code(country.iso3)
    path = Path(country.folder_results) / "statistics" / f"{known.name}.json"
    if path.is_file() and not refresh:
        return path
    provider = "sdg" if known.sdg_codes else "world_bank"
    base = {**ADDRESSES, **(addresses or {})}[provider].rstrip("/")
    ask = _from_sdg if provider == "sdg" else _from_bank
    try:
        answer = ask(base, known, code, timeout)
    except _Unreachable as error:
        raise ConnectionError(_by_hand(provider, base, known, code, str(error), path)) from None
    _write(path, answer)
    return path


class _Unreachable(Exception):
    """Why an answer did not come."""


def _code(iso3: str) -> Mapping[str, str]:
    """Codes of a country for the two APIs."""
    countries = outlines.countries()
    if iso3 not in countries.index:
        raise ValueError(
            f"No official series are published for {iso3}: found a code of no country; "
            "give files of your own, or open a real country."
        )
    return {"iso3": iso3, "m49": str(int(countries.at[iso3, "m49"]))}


def _from_sdg(base: str, series: Series, code: Mapping[str, str], timeout: float) -> dict:
    """All pages of the series, and the release of the database."""
    entries, pages, page = [], 1, 1
    while page <= min(pages, MOST_PAGES):
        query = {"seriesCode": series.sdg_codes[0], "areaCode": code["m49"]}
        query |= {"pageSize": PAGE, "page": page}
        address = _address(base, "Series/Data", query)
        answer = _ask(address, timeout)
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise _Unreachable(f"an answer without data from {address}")
        entries += answer["data"]
        pages, page = int(answer.get("totalPages") or 1), page + 1
    about = {"retrieved": _today(), "address": _address(base, "Series/Data", query)}
    release = _release(base, series, timeout)
    return {**about, "release": release, "totalElements": len(entries), "data": entries}


def _release(base: str, series: Series, timeout: float) -> str:
    """The release of the database in which the series stands; the day when it does not say."""
    try:
        listed = _ask(_address(base, "Series/List", {"allreleases": "false"}), timeout)
    except _Unreachable:
        listed = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and entry.get("code") in series.sdg_codes:
            if entry.get("release"):
                return str(entry["release"])
    return _today()


def _from_bank(base: str, series: Series, code: Mapping[str, str], timeout: float) -> list:
    """All pages of the series; the day of the last update comes with them."""
    rows, pages, page, about = [], 1, 1, {}
    (indicator, *_) = series.world_bank
    while page <= min(pages, MOST_PAGES):
        query = {"format": "json", "per_page": PAGE, "page": page}
        address = _address(base, f"country/{code['iso3']}/indicator/{indicator}", query)
        answer = _ask(address, timeout)
        if not isinstance(answer, list) or not answer or not isinstance(answer[0], dict):
            raise _Unreachable(f"an answer without rows from {address}")
        if answer[0].get("message") or len(answer) < 2 or not isinstance(answer[1], list):
            raise _Unreachable(f"an answer without rows from {address}: {str(answer[0])[:200]}")
        rows += answer[1]
        about = about or answer[0]
        pages, page = int(answer[0].get("pages") or 1), page + 1
    kept = {"retrieved": _today(), "address": address, "lastupdated": about.get("lastupdated", "")}
    return [{**kept, "page": 1, "pages": 1, "total": len(rows)}, rows]


def _address(base: str, place: str, query: Mapping) -> str:
    return f"{base}/{place}?{urllib.parse.urlencode(query)}"


def _ask(address: str, timeout: float):
    """The JSON that an address answers."""
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"Not a web address: found {address}; give one that begins with https.")
    headers = {"Accept": "application/json", "User-Agent": "ldnkit (UNCCD reporting workbook)"}
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            data = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise _Unreachable(f"the answer {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _Unreachable(f"no answer within {timeout:g} seconds") from None
        raise _Unreachable(f"no connection ({error.reason})") from None
    except TimeoutError:
        raise _Unreachable(f"no answer within {timeout:g} seconds") from None
    except (OSError, ValueError) as error:
        raise _Unreachable(f"no connection ({error})") from None
    if len(data) > MOST_BYTES:
        raise _Unreachable("an answer of more than 50 MB")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except ValueError:
        raise _Unreachable("an answer that is no JSON") from None


def _by_hand(provider, base, series: Series, code, reason: str, path: Path) -> str:
    """What to do without a connection."""
    if provider == "sdg":
        query = {"seriesCode": series.sdg_codes[0], "areaCode": code["m49"], "pageSize": 10000}
        address = _address(base, "Series/Data", query)
    else:
        query = {"format": "json", "per_page": 20000}
        place = f"country/{code['iso3']}/indicator/{next(iter(series.world_bank))}"
        address = _address(base, place, query)
    kept = ""
    if path.is_file():
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        kept = f" The answer kept since {day} stays at {path}."
    return (
        f"{NAMES[provider]} could not be read: found {reason}; open {address} in a browser with "
        f"internet, save the page as statistics/{series.name}.json and write statistics: "
        f"{{{series.name}: {{file: statistics/{series.name}.json}}}}, or try again later.{kept}"
    )


def _today() -> str:
    return date.today().isoformat()


def _write(path: Path, answer) -> None:
    """The whole answer under a temporary name first: half a file is never read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            json.dump(answer, file, ensure_ascii=False, indent=1)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
