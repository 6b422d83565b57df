"""The catalogue as data: complete, honest about licences, and extended by a row."""

import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from support.open_data_servers import catalogue_rows, serve

from ldnkit import doctor, tables
from ldnkit.sources import catalogue
from ldnkit.sources.open_data import jobs, reach, web
from ldnkit.sources.open_data.cache import Cache

KEYS = catalogue.datasets()["dataset"].tolist()


def test_every_row_is_complete():
    rows = tables.read("catalogue")
    assert rows["dataset"].is_unique and len(rows) >= 50
    for column in ("title", "variable", "layer", "step", "licence", "link", "author", "citation",
                   "source"):  # fmt: skip
        assert (rows[column].astype(str).str.strip() != "").all(), column
    assert (rows["first"] <= rows["last"]).all()
    assert rows["link"].str.startswith("https://").all()
    flags = {flag for cell in rows["flags"] for flag in str(cell).split("|") if flag}
    assert flags == set(catalogue.FLAGS)


def test_every_way_is_complete():
    rows = tables.read("catalogue_routes")
    assert rows["route"].is_unique and set(rows["dataset"]) == set(KEYS)
    assert set(rows["kind"]) == {*catalogue.OPEN, *catalogue.OTHER}
    for row in rows.to_dict("records"):
        assert row["kind"] == "earthengine" or row["address"].startswith("https://"), row["route"]
        assert pd.isna(row["verified"]) or row["verified"] == "", "nobody has reached it yet"
        if row["kind"] == "stac":
            assert row["collection"] and row["asset"], row["route"]
        known = {"iso3", "iso3_lower", "year", "month", "from", "to", "sex", "age", "tile",
                 "collection"}  # fmt: skip
        assert set(re.findall(r"\{(\w+)\}", row["address"] + row["token"])) <= known


@pytest.mark.parametrize("key", KEYS)
def test_licence_flags_follow_from_the_licence(key):
    one = catalogue.entry(key)
    licence = one.licence.lower()
    if "non-commercial" in licence or "-nc" in licence:
        assert "non_commercial" in one.flags
    if "-sa" in licence or "odbl" in licence:
        assert "share_alike" in one.flags
    if "not stated" in licence or "to be checked" in licence:
        assert "unclear" in one.flags
    told = catalogue.licence(key)
    assert told["licence"] == one.licence and told["flags"] == list(one.flags)


def test_nestings_are_packaged_ones():
    for key in catalogue.datasets("land_cover")["dataset"]:
        assert catalogue.entry(key).nesting in tables.NESTINGS, key


@pytest.mark.parametrize(
    ("layer", "year", "dataset", "kind"),
    [
        ("land_cover", 2000, "esa_cci", "stac"),
        ("land_cover", 2020, "esa_cci", "stac"),
        ("land_cover", 2022, "glc_fcs30d", "cog"),  # PC ends in 2020, the rest needs an account
        ("productivity", 2023, "modis_ndvi", "stac"),
        ("soil_reference", None, "soilgrids", "cog"),
        ("population", 2015, "worldpop", "http"),
        ("precipitation", 1981, "chirps", "cog"),
        ("precipitation", 1960, "terraclimate", "zarr"),
        ("units", None, "soil_taxonomy", "stac_static"),
        ("boundary", None, "geoboundaries", "http"),
        ("package", None, "te_package", "package"),
    ],
)
def test_what_is_chosen(layer, year, dataset, kind):
    one, way = catalogue.choose(layer, year)
    assert (one.dataset, way.kind) == (dataset, kind)


def test_a_wish_is_followed_where_it_serves():
    assert catalogue.choose("land_cover", 2010, prefer="glad")[0].dataset == "glad"
    assert catalogue.choose("land_cover", 2011, prefer="glad")[0].dataset == "esa_cci"
    assert catalogue.choose("precipitation", 1990, prefer="http")[1].unpack == "gz"
    assert catalogue.choose("population", 2015, prefer="worldpop_1km")[1].kind == "cog"


def test_what_nothing_serves_is_said():
    with pytest.raises(ValueError, match="gives land_cover for 2025: found esa_cci"):
        catalogue.choose("land_cover", 2025)
    with pytest.raises(ValueError, match="No recommended dataset without an account gives lpd"):
        catalogue.choose("lpd")
    with pytest.raises(ValueError, match="serves 'landcover'; Did you mean land_cover"):
        catalogue.datasets("landcover")
    with pytest.raises(ValueError, match="Unknown dataset: found 'esacci'; Did you mean esa_cci"):
        catalogue.entry("esacci")


def test_offline_only_what_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNKIT_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="No recommended dataset in the cache gives land_cover"):
        catalogue.choose("land_cover", 2015, offline=True)
    cache = Cache()
    (tmp_path / "draft").write_bytes(b"x")
    cache.put(tmp_path / "draft", cache.path("KEN", "glad", "a.tif"), {"dataset": "glad"})
    assert catalogue.choose("land_cover", 2015, offline=True)[0].dataset == "glad"


def test_steps_of_years():
    glad = catalogue.entry("glad")
    assert list(glad.years) == [2000, 2005, 2010, 2015, 2020]
    assert catalogue.routes("esa_cci")[0].years(catalogue.entry("esa_cci"))[-1] == 2020


def addresses(key, years, sex=None, number=0):
    place = SimpleNamespace(
        iso3="FJI", boxes=lambda: [(176, -19, 180, -12), (-180, -19, -178, -12)]
    )
    way = catalogue.routes(key)[number]
    return jobs.Job(catalogue.entry(key), way, place, years, sex, None, "", 4, None, {}).addresses()


def test_addresses_as_they_are_published():
    trends = "https://data.trends.earth/unccd_reporting/2016-2023/packages/"
    assert addresses("te_package", (2000,)) == [
        f"{trends}FJI_GeoBoundaries_SDG15_TrendsEarth-LPD-5_UNCCD-legend.tar.gz"
    ]
    months = addresses("chirps", (1981,))
    assert len(months) == 12 and months[8].endswith("/tifs/chirps-v2.0.1981.09.tif")
    women = addresses("worldpop", (2005,), "female")
    assert len(women) == 18 and women[0].endswith("/2005/FJI/fji_f_0_2005.tif")
    (glad,) = addresses("glad", (2015,))
    assert "_s_20150101_20151231_go_" in glad
    tiles = [one.rpartition("/")[2] for one in addresses("glad", (2015,), number=1)]
    assert tiles == ["10S_170E.tif", "10S_180W.tif"]


def test_a_new_source_is_a_row(tmp_path, monkeypatch):
    one = {"dataset": "national_ndvi", "title": "Ours", "layer": "productivity", "first": 2001,
           "last": 2024, "step": "year", "licence": "ours", "recommended": 0}  # fmt: skip
    way = {"route": "ours", "dataset": "national_ndvi", "kind": "cog",
           "address": "https://example.org/{year}.tif"}  # fmt: skip
    other = {**one, "dataset": "esa_cci", "layer": "land_cover", "title": "Replaced"}
    folder = catalogue_rows(tmp_path, [one, other], [way])
    monkeypatch.setenv(catalogue.OWN, str(folder))
    assert catalogue.entry("national_ndvi").title == "Ours"
    assert catalogue.entry("esa_cci").title == "Replaced", "a repeated key replaces the row"
    assert catalogue.choose("productivity", 2024, prefer="national_ndvi")[1].route == "ours"


def test_earth_engine_assets_are_joined_when_there():
    found = catalogue.earthengine_assets("modis_ndvi")
    assert found.empty or (found.iloc[:, 0] == "modis_ndvi").all()
    assert catalogue.earthengine_assets("no_such_dataset").empty


# ---- the doctor --------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("LDNKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(web, "patience", lambda: web.Patience(2, 0.01, 0.05, 2.0))
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served") as running:
        yield running


def own_catalogue(tmp_path, monkeypatch, base):
    """Only the rows of these tests: six ways with six results."""
    one = {"dataset": "d", "title": "t", "layer": "land_cover", "first": 2000, "last": 2020,
           "step": "year", "licence": "l", "recommended": 1}  # fmt: skip
    ways = [
        {"route": f"d.{name}", "dataset": "d", "kind": kind, "address": f"{base}/{path}"}
        for name, kind, path in (
            ("good", "cog", "KEN_2015.tif"), ("gone", "cog", "gone.tif"), ("stac", "stac", "stac"),
            ("down", "http", "down.tif"), ("zarr", "zarr", "store"), ("by_hand", "account", "x"),
        )
    ]  # fmt: skip
    ways[0]["address"] = f"{base}/{{iso3}}_{{year}}.tif"
    folder = catalogue_rows(tmp_path / "rows", [one], ways)
    monkeypatch.setenv(catalogue.OWN, str(folder))
    routes, made = catalogue._routes, catalogue._entries
    monkeypatch.setattr(catalogue, "_entries", lambda: {"d": made()["d"]})
    monkeypatch.setattr(catalogue, "_routes", lambda: [w for w in routes() if w.dataset == "d"])


def test_the_doctor_reaches_addresses(server, tmp_path, monkeypatch, capsys):
    own_catalogue(tmp_path, monkeypatch, server.base)
    (server.folder / "KEN_2015.tif").write_bytes(b"raster")
    (server.folder / "store").mkdir()
    (server.folder / "store/.zmetadata").write_text("{}")
    server.always["/down.tif"] = "503"
    table = reach.reach().set_index("route")
    assert table["result"].to_dict() == {
        "d.good": "reached", "d.stac": "reached", "d.zarr": "reached", "d.gone": "not found",
        "d.down": "no answer", "d.by_hand": "needs account",
    }  # fmt: skip
    assert ("GET", "/KEN_2015.tif", "bytes=0-0") in server.asked, "one byte is enough"
    kept = json.loads((tmp_path / "cache/reached.json").read_text(encoding="utf-8"))
    assert set(kept) == {"d.good", "d.stac", "d.zarr"}
    doctor.main(tmp_path / "outputs", online=True)
    said = capsys.readouterr().out
    assert "3 reached, 1 needs account, 1 not found, 1 no answer" in said
    assert "d.gone, d.down" in said and f"{server.base}/gone.tif (the answer 404)" in said
    count = len(server.asked)
    (finding,) = [one for one in doctor.examine(tmp_path) if one.where == "Open data"]
    assert "addresses reached last on 20" in finding.found and len(server.asked) == count


def test_without_network_the_doctor_is_kind(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNKIT_CACHE", str(tmp_path / "cache"))
    own_catalogue(tmp_path, monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (finding,), table = reach.findings(True)
    assert finding.severity == "warning" and "USB stick" in finding.remedy
    assert set(table["result"]) == {"no connection", "needs account"}
    monkeypatch.setenv("LDNKIT_OFFLINE", "1")
    (finding,), table = reach.findings(True)
    assert finding.severity == "info" and table.empty, "offline is offline"


def test_every_address_of_the_catalogue_can_be_filled():
    for key in KEYS:
        for way in catalogue.routes(key):
            if way.address and way.kind != "account":
                address = reach.sample_address(way, "KEN")
                assert address.startswith("https://") and "{" not in address, address
