"""Asking the two APIs, which here answer from this machine only (a server on the loopback)."""

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from ldnkit import statistics as computed
from ldnkit.country_file.forms_layers import Statistic
from ldnkit.sources import statistics

POVERTY = {2005: 44.0, 2010: 40.2, 2015: 37.1}


@pytest.fixture
def server(monkeypatch):
    """A server whose answers a test sets: path → JSON, a number (status) or a function."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    answers, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            asked.append(self.path)
            found = answers.get(parts.path, 404)
            if callable(found):
                found = found(parse_qs(parts.query))
            self.send_response(found if isinstance(found, int) else 200)
            self.end_headers()
            if not isinstance(found, int):
                content = found if isinstance(found, bytes) else json.dumps(found).encode()
                with contextlib.suppress(BrokenPipeError):  # a client that waits no longer
                    self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    base = f"http://127.0.0.1:{made.server_port}"
    addresses = {"sdg": f"{base}/sdg", "world_bank": f"{base}/v2"}
    yield SimpleNamespace(answers=answers, asked=asked, addresses=addresses)
    made.shutdown()
    made.server_close()


@pytest.fixture
def country(tmp_path):
    return SimpleNamespace(iso3="KEN", folder_results=tmp_path / "outputs" / "KEN")


def entry(year, value):
    return {
        "series": "SI_POV_DAY1",
        "geoAreaCode": "404",
        "timePeriodStart": float(year),
        "value": str(value),
        "attributes": {"Nature": "G", "Units": "PERCENT"},
        "dimensions": {"Reporting Type": "G"},
    }


def paged(query):
    """One entry a page."""
    page, years = int(query["page"][0]), list(POVERTY)
    data = [entry(years[page - 1], POVERTY[years[page - 1]])]
    return {"totalElements": 3, "totalPages": 3, "pageNumber": page, "data": data}


def with_sdg(server):
    server.answers["/sdg/Series/Data"] = paged
    server.answers["/sdg/Series/List"] = [
        {"code": "SI_POV_NAHC", "release": "2024.Q1.G.01"},
        {"code": "SI_POV_DAY1", "release": "2025.Q4.G.01"},
    ]


def with_bank(server):
    rows = [
        {
            "indicator": {"id": "SI.POV.GINI"},
            "countryiso3code": "KEN",
            "date": "2021",
            "value": 38.7,
        }
    ]
    about = {"page": 1, "pages": 1, "total": 1, "lastupdated": "2026-07-01"}
    server.answers["/v2/country/KEN/indicator/SI.POV.GINI"] = [about, rows]


def values(path, series):
    table = statistics.read(Statistic(path), series, iso3="KEN")
    return dict(zip(table["year"].tolist(), table["value"].tolist(), strict=True)), table


def test_a_series_of_the_sdg_database(server, country):
    with_sdg(server)
    path = statistics.fetch("poverty", country, addresses=server.addresses)
    assert path == country.folder_results / "statistics" / "poverty.json"
    found, table = values(path, "poverty")
    assert found == POVERTY, "all pages are joined"
    assert set(table["release"]) == {"2025.Q4.G.01"}
    assert "seriesCode=SI_POV_DAY1&areaCode=404" in server.asked[0]
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["address"].startswith(server.addresses["sdg"]) and len(kept["retrieved"]) == 10


def test_a_series_of_the_world_bank(server, country):
    with_bank(server)
    path = computed.fetch("gini", country, addresses=server.addresses)
    found, table = values(path, "gini")
    assert found == {2021: 38.7} and set(table["release"]) == {"2026-07-01"}


def test_a_kept_answer_is_not_asked_for_again(server, country):
    with_sdg(server)
    first = statistics.fetch("poverty", country, addresses=server.addresses)
    count = len(server.asked)
    assert statistics.fetch("poverty", country, addresses=server.addresses) == first
    assert len(server.asked) == count
    statistics.fetch("poverty", country, addresses=server.addresses, refresh=True)
    assert len(server.asked) == 2 * count


def test_without_a_list_of_series_the_day_is_the_release(server, country):
    with_sdg(server)
    del server.answers["/sdg/Series/List"]
    path = statistics.fetch("poverty", country, addresses=server.addresses)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["release"] == kept["retrieved"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (503, "the answer 503"),
        (b"<html>maintenance</html>", "an answer that is no JSON"),
        ({"message": "no"}, "an answer without data"),
    ],
)
def test_no_good_answer_says_what_to_do_by_hand(server, country, answer, reason):
    server.answers["/sdg/Series/Data"] = answer
    with pytest.raises(ConnectionError) as caught:
        statistics.fetch("poverty", country, addresses=server.addresses)
    said = str(caught.value)
    assert "The UN SDG database could not be read" in said and reason in said
    assert "seriesCode=SI_POV_DAY1&areaCode=404" in said, "the address to open by hand"
    assert "{poverty: {file: statistics/poverty.json}}" in said
    assert not country.folder_results.exists(), "nothing is left behind"


def test_an_error_of_the_world_bank(server, country):
    server.answers["/v2/country/KEN/indicator/SI.POV.GINI"] = [{"message": [{"value": "invalid"}]}]
    with pytest.raises(ConnectionError, match="The World Bank could not be read.*invalid"):
        statistics.fetch("gini", country, addresses=server.addresses)


def test_offline_the_kept_answer_stays(server, country):
    with_sdg(server)
    path = statistics.fetch("poverty", country, addresses=server.addresses)
    before = path.read_bytes()
    nowhere = {"sdg": "http://127.0.0.1:9"}  # nobody listens there
    with pytest.raises(ConnectionError, match="no connection .*The answer kept since"):
        statistics.fetch("poverty", country, addresses=nowhere, refresh=True, timeout=5)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["poverty.json"]


def test_a_slow_answer_is_not_waited_for(server, country):
    server.answers["/sdg/Series/Data"] = lambda query: time.sleep(2) or {}
    started = time.perf_counter()
    with pytest.raises(ConnectionError, match=r"no answer within 0\.2 seconds"):
        statistics.fetch("poverty", country, addresses=server.addresses, timeout=0.2)
    assert time.perf_counter() - started < 1.5


def test_a_broken_second_page_keeps_nothing(server, country):
    with_sdg(server)
    server.answers["/sdg/Series/Data"] = lambda query: (
        paged(query) if query["page"] == ["1"] else 500
    )
    with pytest.raises(ConnectionError, match="the answer 500"):
        statistics.fetch("poverty", country, addresses=server.addresses)
    assert not country.folder_results.exists()


def test_landia_has_no_published_series(country):
    country.iso3 = "XLD"
    with pytest.raises(ValueError, match="No official series are published for XLD"):
        statistics.fetch("poverty", country)


def test_only_web_addresses(country):
    with pytest.raises(ValueError, match="Not a web address"):
        statistics.fetch("poverty", country, addresses={"sdg": "file:///etc"})
