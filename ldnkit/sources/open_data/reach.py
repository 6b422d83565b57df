"""Which addresses of the catalogue answer today; the day is kept with the user."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import SimpleNamespace

import pandas as pd

from ldnkit.findings import Finding
from ldnkit.sources import catalogue
from ldnkit.sources.open_data.cache import Cache
from ldnkit.sources.open_data.fetching import OFFLINE

#: What may come of asking, in the order of the table.
RESULTS = ("reached", "needs account", "refused", "not found", "no answer", "no connection")
#: The sample with which templates are filled: one country, one year and what goes with them.
SAMPLE = {"iso3": "KEN", "box": (36.0, -2.0, 37.0, -1.0), "year": 2015}
SECONDS = 20.0


def reach(datasets=None, *, cache: Cache | None = None, iso3: str = SAMPLE["iso3"]) -> pd.DataFrame:
    """Ask every address of the catalogue for its first byte.

    Parameters
    ----------
    datasets : sequence of str, optional
        Only these.
    cache : Cache, optional
        Where the day is kept (``reached.json``).
    iso3 : str
        The country with which the addresses are filled.

    Returns
    -------
    DataFrame
        route, dataset, kind, address, result (one of ``RESULTS``), said, date, last (the last day
        on which it was reached).

    Examples
    --------
    >>> reach(["chirps"])  # doctest: +SKIP
    """
    cache = cache or Cache()
    known = [way for key in catalogue.datasets()["dataset"] for way in catalogue.routes(key)]
    ways = [way for way in known if way.address and (not datasets or way.dataset in datasets)]
    with ThreadPoolExecutor(8) as asking:
        found = list(asking.map(lambda way: _ask(way, iso3), ways))
    kept, today = last_reached(cache), date.today().isoformat()
    rows = []
    for way, (address, result, said) in zip(ways, found, strict=True):
        if result == "reached":
            kept[way.route] = today
        rows.append({
            "route": way.route, "dataset": way.dataset, "kind": way.kind, "address": address,
            "result": result, "said": said, "date": today, "last": kept.get(way.route, ""),
        })  # fmt: skip
    cache.folder.mkdir(parents=True, exist_ok=True)
    draft = cache.path("reached.json.part")
    draft.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    draft.replace(cache.path("reached.json"))
    table = pd.DataFrame(rows)
    order = table["result"].map(RESULTS.index)
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def last_reached(cache: Cache | None = None) -> dict[str, str]:
    """Way → the last day on which the doctor reached it here."""
    try:
        text = (cache or Cache()).path("reached.json").read_text(encoding="utf-8")
        return dict(json.loads(text))
    except (OSError, ValueError):
        return {}


def sample_address(way: catalogue.Route, iso3: str) -> str:
    """An address of a way that must exist: its template filled with a sample."""
    from ldnkit.sources.open_data.jobs import Job

    if way.kind == "zarr":
        return f"{way.address}/.zmetadata"
    entry = catalogue.entry(way.dataset)
    years = way.years(entry) or [SAMPLE["year"]]
    year = min(years, key=lambda one: abs(one - SAMPLE["year"]))
    place = SimpleNamespace(iso3=iso3, boxes=lambda: [SAMPLE["box"]])
    sex = "female" if "{sex}" in way.address else None
    return Job(entry, way, place, (year,), sex, None, "", 0, None, {}).address()


def _ask(way, iso3: str) -> tuple[str, str, str]:
    """The address that was asked, the result, and what the server said."""
    import requests

    from ldnkit.sources.open_data import web

    if way.kind == "account":
        return way.address, "needs account", way.notes
    address = sample_address(way, iso3)
    try:
        with requests.get(
            address, headers={"Range": "bytes=0-0", "User-Agent": web.CLIENT}, stream=True,
            timeout=SECONDS,
        ) as answer:  # fmt: skip
            status = answer.status_code
    except requests.Timeout:
        return address, "no answer", f"within {SECONDS:g} seconds"
    except requests.RequestException as error:
        return address, "no connection", web._short(error)
    said = f"the answer {status}"
    if status < 400 or status == 416:
        return address, "reached", said
    if status in (401, 403, 407):
        return address, "refused", said
    return address, "not found" if status in (404, 410) else "no answer", said


def findings(online: bool, cache: Cache | None = None) -> tuple[list[Finding], pd.DataFrame]:
    """What the doctor says of open data, and the table of addresses (empty when not asked)."""
    cache = cache or Cache()
    kept = last_reached(cache)
    size = cache.summary()["bytes"].sum() / 1e9
    here = f"{size:.1f} GB kept in {cache.folder}"
    if not online or os.environ.get(OFFLINE, "") not in ("", "0"):
        when = f"addresses reached last on {max(kept.values())}" if kept else "no address asked yet"
        return [Finding("info", "Open data", f"{here}; {when} (doctor --online asks)")], _none()
    table = reach(cache=cache)
    counts = table["result"].value_counts()
    said = ", ".join(f"{counts[result]} {result}" for result in RESULTS if result in counts)
    asked = table[table["result"] != "needs account"]
    if (asked["result"] == "no connection").all():
        remedy = (
            "Files that are here work all the same. For more, connect this computer, or bring "
            f"files on a USB stick into {cache.incoming}."
        )
        return [Finding("warning", "Open data", "no network here", "a connection", remedy)], table
    found = [Finding("info", "Open data", f"{here}; {said}")]
    broken = asked[asked["result"] != "reached"]
    if len(broken):
        names = ", ".join(broken["route"].head(6)) + (", …" if len(broken) > 6 else "")
        remedy = "Choose another way to these datasets, and tell the authors of the workbook."
        found.append(Finding("warning", "Open data", names, "addresses that answer", remedy))
    return found, table


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=["route", "address", "result", "said", "date", "last"])
