"""Whole files and the cache: a fault ends in the file or in one message, never in half a file."""

import gzip
import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.open_data_servers import serve

from ldnkit.sources.open_data import download as downloads
from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.cache import Cache, about, default_folder, sidecar_of
from ldnkit.sources.open_data.problems import Unreachable

CONTENT = bytes(range(256)) * 400  # 102 400 bytes


@pytest.fixture
def server(tmp_path, monkeypatch, patient):
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "map.bin").write_bytes(CONTENT)
    with serve(folder) as running:
        yield running


@pytest.fixture
def patient(monkeypatch):
    """Short pauses, and the loopback without any proxy."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(web, "patience", lambda: web.Patience(5, 0.01, 0.05, 0.3))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def fetched(server, tmp_path, **options):
    target = tmp_path / "here" / "map.bin"
    receipt = downloads.download(f"{server.base}/map.bin", target, progress=False, **options)
    assert target.read_bytes() == CONTENT
    assert names(target.parent) == ["map.bin"], "nothing else is left"
    return receipt


def test_a_plain_download(server, tmp_path):
    receipt = fetched(server, tmp_path)
    assert receipt.bytes == len(CONTENT) and receipt.mark == server.mark("/map.bin")
    assert receipt.sha256 == downloads.checksum(tmp_path / "here" / "map.bin")
    assert server.count("/map.bin") == 1


@pytest.mark.parametrize(
    "faults",
    [
        ["cut"],
        ["cut", "cut", "cut"],
        ["500", "503"],
        ["429"],
        ["slow"],
        ["cut", "changed"],
        ["cut", "500", "whole"],
        ["cut", "slow", "cut"],
    ],
    ids="-".join,
)
def test_every_fault_that_passes_ends_in_the_file(server, tmp_path, faults):
    server.faults["/map.bin"] = list(faults)
    fetched(server, tmp_path)
    asked_again = [fault for fault in faults if fault not in ("changed", "whole")]
    assert server.count("/map.bin") == len(asked_again) + 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["cut", "500", "503", "429", "changed", "whole"]), max_size=4))
def test_any_four_faults_end_in_the_file(server, tmp_path, faults):
    server.faults["/map.bin"] = list(faults)
    target = tmp_path / "here" / "map.bin"
    downloads.download(f"{server.base}/map.bin", target, progress=False)
    assert target.read_bytes() == CONTENT and names(target.parent) == ["map.bin"]
    target.unlink()


def test_a_cut_download_goes_on_where_it_stopped(server, tmp_path):
    server.faults["/map.bin"] = ["cut", "cut"]
    fetched(server, tmp_path)
    ranges = [each[2] for each in server.asked]
    assert ranges[0] == ""
    first, second = (int(each.removeprefix("bytes=").strip("-")) for each in ranges[1:])
    # half of the whole came, then half of what was left; the last 4 kB may be lost
    half = len(CONTENT) // 2
    assert half - 4096 <= first <= half
    assert first + (len(CONTENT) - first) // 2 - 4096 <= second


def test_a_gz_file_is_not_unpacked_on_the_way(server, tmp_path):
    """Some servers call a gz file an encoding; its bytes are kept as they are."""
    packed = gzip.compress(CONTENT)
    (server.folder / "map.tif.gz").write_bytes(packed)
    server.encoding = "gzip"
    server.faults["/map.tif.gz"] = ["cut"]
    target = tmp_path / "map.tif.gz"
    downloads.download(f"{server.base}/map.tif.gz", target, progress=False)
    assert target.read_bytes() == packed


def test_without_a_strong_mark_it_starts_again(server, tmp_path):
    server.marks = False
    server.faults["/map.bin"] = ["cut"]
    fetched(server, tmp_path)
    assert [each[2] for each in server.asked] == ["", ""]


def test_a_changed_file_is_never_joined_with_the_old_one(server, tmp_path):
    """Half of the old file is here when the file on the server becomes another one."""
    server.faults["/map.bin"] = ["cut"]
    whole, other = CONTENT, b"x" * (len(CONTENT) + 7)
    target = tmp_path / "here" / "map.bin"
    part = target.with_name("map.bin.part")
    part.parent.mkdir()
    part.write_bytes(whole[:1000])
    notes = {"address": f"{server.base}/map.bin", "mark": '"old"', "size": len(whole)}
    part.with_name("map.bin.part.json").write_text(json.dumps(notes), encoding="utf-8")
    (server.folder / "map.bin").write_bytes(other)
    server.faults.clear()
    downloads.download(f"{server.base}/map.bin", target, progress=False)
    assert target.read_bytes() == other


def test_a_part_of_another_address_is_not_used(server, tmp_path):
    target = tmp_path / "here" / "map.bin"
    target.parent.mkdir()
    target.with_name("map.bin.part").write_bytes(b"something else")
    downloads.download(f"{server.base}/map.bin", target, progress=False)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("500", "the answer 500"),
        ("404", "the answer 404"),
        ("429", "the answer 429"),
        ("slow", "no answer within"),
    ],
)
def test_a_fault_that_stays_is_one_clear_message(server, tmp_path, fault, said):
    server.always["/map.bin"] = fault
    target = tmp_path / "here" / "map.bin"
    with pytest.raises(Unreachable, match=said) as caught:
        downloads.download(f"{server.base}/map.bin", target, progress=False)
    message = str(caught.value)
    assert "could not be read: found" in message and ";" in message and "\n" not in message
    assert not target.exists()
    assert names(target.parent) == []
    assert server.count("/map.bin") == (1 if fault == "404" else 5), "no use to ask for 404 again"


def test_what_is_always_cut_stays_a_part(server, tmp_path):
    server.always["/map.bin"] = "cut"
    target = tmp_path / "here" / "map.bin"
    with pytest.raises(Unreachable):
        downloads.download(f"{server.base}/map.bin", target, progress=False)
    assert not target.exists() and target.with_name("map.bin.part").exists()
    server.always.clear()
    downloads.download(f"{server.base}/map.bin", target, progress=False)
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum(server, tmp_path):
    target = tmp_path / "here" / "map.bin"
    with pytest.raises(Unreachable, match="the checksum"):
        downloads.download(f"{server.base}/map.bin", target, sha256="0" * 64, progress=False)
    assert names(target.parent) == []
    assert server.count("/map.bin") == 5, "thrown away and fetched again each time"


def test_a_file_that_is_shorter_than_it_should_be(server, tmp_path):
    with pytest.raises(Unreachable, match="a file of 102400 bytes instead of 999999"):
        fetched(server, tmp_path, size=999_999)


def test_no_room(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda folder: type("U", (), {"free": 10}))
    with pytest.raises(Unreachable, match="MB free.*LDNKIT_CACHE"):
        fetched(server, tmp_path)


def test_nobody_listens(tmp_path, patient):
    with pytest.raises(Unreachable) as caught:
        downloads.download("http://127.0.0.1:9/a.tif", tmp_path / "a.tif", progress=False)
    assert caught.value.kind == "connection" and "look at your connection" in str(caught.value)


def test_only_web_addresses(tmp_path, patient):
    with pytest.raises(Unreachable, match="no web address"):
        downloads.download("somewhere", tmp_path / "a.tif", progress=False)


def test_pauses_grow_and_a_server_is_believed(monkeypatch):
    rules = web.Patience(6, 1.0, 60.0, 60.0)
    monkeypatch.setattr(web.random, "uniform", lambda low, high: 1.0)
    assert [web.pause(n, rules) for n in range(7)] == [1, 2, 4, 8, 16, 32, 60]
    assert web.pause(0, rules, 7.0) == 7.0
    assert web.pause(0, rules, 10_000.0) == 600.0, "but not for ever"
    assert web.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") < 0


# ---- the cache ---------------------------------------------------------------------------------


def put(cache, name, size=1000, dataset="esa_cci", **more):
    draft = cache.folder / "draft"
    cache.folder.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(b"v" * size)
    note = about(dataset, f"{dataset}.stac", "http://example.org", years=[2000], **more)
    return cache.put(draft, cache.path("KEN", dataset, name), note)


def test_what_is_put_is_held_and_has_its_note(tmp_path):
    cache = Cache(tmp_path / "cache")
    path = put(cache, "a.tif")
    assert cache.holds(path) and cache.datasets() == {"esa_cci"}
    note = json.loads(sidecar_of(path).read_text(encoding="utf-8"))
    wanted = {"title", "link", "author", "citation", "licence", "flags", "retrieved", "sha256"}
    assert wanted <= set(note) and note["sha256"] == downloads.checksum(path)
    (row,) = cache.summary().to_dict("records")
    assert (row["file"], row["bytes"], row["years"]) == ("KEN/esa_cci/a.tif", 1000, "2000")
    path.write_bytes(b"half")
    assert not cache.holds(path), "a file of another size is not the one that was put"


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = Cache(tmp_path / "cache", limit=2500)
    a, b = put(cache, "a.tif"), put(cache, "b.tif")
    cache.used(a)
    c = put(cache, "c.tif")
    assert [cache.holds(path) for path in (a, b, c)] == [True, False, True]
    assert not b.exists() and not sidecar_of(b).exists()


def test_what_is_in_use_stays(tmp_path):
    cache = Cache(tmp_path / "cache", limit=1500)
    a = put(cache, "a.tif")
    with cache.using([a]):
        b = put(cache, "b.tif")
        assert a.exists() and b.exists(), "over the limit, but both are needed"
        assert cache.clear() == 1 and a.exists()
    put(cache, "c.tif")
    assert not a.exists()
    dead = cache.folder / ".in_use" / "999999999-x.json"
    dead.write_text(json.dumps(["KEN/esa_cci/c.tif"]), encoding="utf-8")
    assert cache.clear() == 1, "a process that is gone holds nothing"


def test_clear_one_dataset(tmp_path):
    cache = Cache(tmp_path / "cache")
    a, b = put(cache, "a.tif"), put(cache, "b.tif", dataset="chirps")
    assert cache.clear("chirps") == 1
    assert a.exists() and not b.exists() and len(cache.summary()) == 1


def test_where_the_cache_lies(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNKIT_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("LDNKIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if os.name != "nt" and sys.platform != "darwin":
        assert default_folder() == tmp_path / "xdg" / "ldnkit"
    monkeypatch.setenv("LDNKIT_CACHE_GB", "0.5")
    assert Cache(tmp_path).limit == 5e8


def test_importing_is_light(house):
    heavy = "rasterio pystac_client odc requests zarr xarray geopandas aiohttp fsspec".split()
    code = (
        "import sys, ldnkit.sources.open_data, ldnkit.sources.catalogue;"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=house)
    assert done.stdout.strip() == "[]", done.stderr
