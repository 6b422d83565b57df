"""Provenance: files, hashes and licences of every table, on paper and on disk."""

import hashlib
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_country import small_country, steady_ndvi

import ldnkit
from ldnkit import fingerprints, plans, prais, provenance, tables, webpage
from ldnkit.labels import LANGUAGES, label
from ldnkit.prais import builder
from ldnkit.prais.changes import changes
from ldnkit.prais.inputs import Inputs
from ldnkit.provenance import hashes, page
from ldnkit.provenance.tracing import PARTS, POLYGONS, SHEETS

COVER = [[1, 3], [2, 7]]


@pytest.fixture
def world(tmp_path):
    """Four cells with land cover, productivity and soil; the soil is national."""
    world = small_country(
        tmp_path / "secret" / "user",
        {2000: COVER, 2015: [[3, 3], [2, 7]], 2016: COVER, 2019: COVER, 2022: COVER},
        ndvi=steady_ndvi((2, 2)),
        reference=[[50.0, 60.0], [40.0, 0.0]],
    )
    world.file["soil"] |= {
        "source": "national",
        "metadata": {
            **{"title": "Soil map", "link": "https://example.org/soil", "author": "Survey"},
            **{"citation": "Survey 2020", "licence": "CC0"},
        },
    }
    return world


def computed(country):
    for indicator in ldnkit.indicators(country):
        ldnkit.compute(country, indicator, progress=False)
    return ldnkit.results(country)


@pytest.fixture
def traced(world):
    country = world.read(licence="CC BY 4.0")
    return country, provenance.trace(country, computed(country))


def entries(trace):
    return {
        (name, entry["file"]): entry
        for name, indicator in trace["indicators"].items()
        for entry in indicator["inputs"]
    }


def test_every_file_has_its_hash(traced):
    country, trace = traced
    found = entries(trace)
    assert len(found) > 30
    for (_, name), entry in found.items():
        content = (country.folder / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
    assert trace["country"]["sha256"] == hashlib.sha256(country.path.read_bytes()).hexdigest()


def test_a_table_rests_on_indicators_layers_and_files(traced):
    _, trace = traced
    known = trace["tables"]["SO1-3.T2"]
    assert known["indicators"] == ["land_cover", "soil"]
    assert known["layers"] == ["boundary", "land_cover", "soil"]
    frame = provenance.of(trace, "SO1-3.T2").set_index("file")
    assert list(frame.index) == [
        *("boundary.gpkg", "land_cover_2000.tif", "land_cover_2015.tif", "land_cover_2016.tif"),
        *("land_cover_2019.tif", "land_cover_2022.tif", "soc_2000.tif"),
    ]
    soil = frame.loc["soc_2000.tif"]
    assert soil[["layer", "source", "title", "author", "licence"]].tolist() == [
        *("soil", "national", "Soil map", "Survey", "CC0")
    ]
    assert frame.loc["land_cover_2015.tif", "years"] == "2015"
    assert frame.loc["land_cover_2015.tif", "source"] == "default"
    assert frame.loc["boundary.gpkg", ["source", "licence", "years"]].tolist() == ["", "", ""]
    with pytest.raises(KeyError, match="No table SO3-1.T1 in this provenance: found CP-1.T1"):
        provenance.of(trace, "SO3-1.T1")


def test_years_parameters_and_options(world):
    country = world.read(parameters={"soil_threshold": 12})
    trace = provenance.trace(country, computed(country))
    assert trace["indicators"]["land_cover"]["years_used"]["2023"] == 2022
    soil = trace["indicators"]["soil"]
    assert soil["parameters"]["soil_threshold"] == 12
    assert all(name.startswith("soil_") for name in soil["parameters"])
    assert trace["defaults"]["soil_threshold"] == 10 and trace["parameters"]["soil_threshold"] == 12
    assert soil["options"]["soil"] == {"factor": 0.8, "factors_name": "unccd", "tier": 1}
    assert soil["needs"] == ["land_cover"] and "soil_stock_2015" in soil["layers"]
    assert trace["made_with"] == f"ldnkit {ldnkit.__version__}"
    assert re.fullmatch(r"[0-9a-f]{64}", trace["code"]) and "numpy" in trace["packages"]
    assert trace["grid"] | {"transform": 0} == {
        **{"rows": 2, "columns": 2, "crs": "EPSG:4326", "transform": 0}
    }
    said = [found["where"] for found in trace["indicators"]["land_cover"]["findings"]]
    assert "land cover 2023" in said


def test_licence_of_the_submission(world):
    chosen = world.read(licence="CC0")
    results = computed(chosen)
    assert provenance.trace(chosen, results)["licence"] == {"submission": "CC0", "chosen": True}
    open_one = world.read()
    trace = provenance.trace(open_one, results)
    assert trace["licence"] == {"submission": "CC BY-NC 4.0", "chosen": False}
    (found,) = [found for found in trace["findings"] if found["where"].endswith("licence")]
    assert found["severity"] == "info" and "CC BY-NC 4.0 applies" in found["found"]
    assert chosen.findings == () or all("licence" not in f.where for f in chosen.findings)


def test_no_folder_of_the_machine_is_named(world, tmp_path):
    outside = tmp_path / "elsewhere" / "soc.tif"
    outside.parent.mkdir()
    (world.folder / "soc_2000.tif").rename(outside)
    world.file["soil"]["reference"] = str(outside)
    country = world.read()
    trace = provenance.trace(country, computed(country))
    files = {entry["file"] for entry in entries(trace).values()}
    assert "soc.tif" in files  # outside the folder of the country file: by name only
    paths = provenance.write(trace, tmp_path / "report")
    for path in paths.values():
        text = path.read_text(encoding="utf-8")
        for part in (str(tmp_path), "secret", "elsewhere", str(Path.home())):
            assert part not in text
    kept = (country.folder_results / hashes.KEPT).read_text(encoding="utf-8")
    assert "secret" not in kept and "soc" not in kept


def test_a_folder_is_listed_file_by_file(tmp_path):
    folder = tmp_path / "rain.zarr"
    (folder / "p").mkdir(parents=True)
    for name in ("zarr.json", "p/0.0", "p/0.1"):
        (folder / name).write_text(name, encoding="utf-8")
    found = list(fingerprints._files_in(str(folder), "drought"))
    assert [file.path.name for file in found] == ["0.0", "0.1", "zarr.json"]
    assert {file.folder for file in found} == {folder}
    for name in ("p_2000_1.tif", "p_2001_12.tif", "other.tif"):
        (tmp_path / name).write_text("", encoding="utf-8")
    found = list(fingerprints._files_in(str(tmp_path / "p_{year}_{month}.tif"), "drought"))
    assert [(file.path.name, file.years) for file in found] == [
        *(("p_2000_1.tif", (2000,)), ("p_2001_12.tif", (2001,)))
    ]


def test_hashes_are_kept_until_a_file_changes(tmp_path, monkeypatch):
    file, read = tmp_path / "a.tif", []
    file.write_bytes(b"one")
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *a: read.append(1) or digest(*a))
    for _ in range(2):
        kept = hashes.Hashes(tmp_path / "out")
        assert kept.of(file) == (3, hashlib.sha256(b"one").hexdigest())
        kept.keep()
    assert len(read) == 1
    file.write_bytes(b"two")
    os.utime(file, ns=(1, 1))
    assert hashes.Hashes(tmp_path / "out").of(file)[1] == hashlib.sha256(b"two").hexdigest()
    (tmp_path / "out" / hashes.KEPT).write_text("{broken", encoding="utf-8")
    assert hashes.Hashes(tmp_path / "out").of(file)[0] == 3


def test_a_changed_file_is_named_as_the_reason(world):
    country = world.read()
    results = computed(country)
    earlier, before = prais.build(country, results), provenance.trace(country, results)
    world.raster("land_cover_2015.tif", [[1, 1], [2, 7]], dtype="uint8")
    country = world.read()
    results = computed(country)
    later, after = prais.build(country, results), provenance.trace(country, results)
    frame = changes(earlier, later, earlier_provenance=before, later_provenance=after)
    assert set(frame["because"]) == {"changed files: land_cover_2015.tif"}
    assert "CP-1.T1" not in set(frame["table"])  # land and water are the same
    assert {"SO1-1.T4", "SO1-1.T5"} <= set(frame["table"])


def test_answers_of_the_team_are_a_file_of_their_tables(world):
    sheet = "table,row,column,value\nSO1-4.T2,2023,confidence,high\nSO1-4.T2,2019,confidence,\n"
    (world.folder / "answers.csv").write_text(sheet, encoding="utf-8")
    country = world.read(answers="answers.csv")
    trace = provenance.trace(country, computed(country))
    assert trace["tables"]["SO1-4.T2"]["answers"] and not trace["tables"]["CP-1.T1"]["answers"]
    assert provenance.of(trace, "SO1-4.T2")["file"].iloc[-1] == "answers.csv"


@pytest.mark.parametrize(
    ("table_id", "kind", "other"),
    [("SO1-4.T4", "hotspots", "brightspots"), ("SO1-4.T5", "brightspots", "hotspots")],
)
def test_polygons_of_the_team_are_a_file_of_their_table(world, table_id, kind, other):
    for name in ("hotspots", "brightspots"):
        world.polygons(f"{name}.gpkg", world.cells(0, 0, 1, 1), location=["Hill"])
    country = world.read(hotspots="hotspots.gpkg", brightspots="brightspots.gpkg")
    trace = provenance.trace(country, computed(country))
    found = provenance.of(trace, table_id)["file"].tolist()
    assert f"{kind}.gpkg" in found and f"{other}.gpkg" not in found
    assert "hotspots.gpkg" not in provenance.of(trace, "SO1-4.T1")["file"].tolist()


def test_parts_are_tables_of_the_platform():
    assert {*PARTS, *POLYGONS} <= set(tables.prais_tables()["id"])
    assert set(POLYGONS.values()) <= set(SHEETS)


def test_what_an_indicator_rests_on():
    assert plans.rests_on("land_cover") == ["land_cover"]
    assert plans.rests_on("exposure") == [
        *("land_cover", "productivity", "soil", "degradation", "population", "exposure")
    ]
    for name, needed in plans.NEEDS.items():
        assert set(needed) < set(plans.rests_on(name))


@pytest.mark.slow
def test_no_table_reads_a_result_that_its_provenance_does_not_name(landia, landia_results):
    """Every long table that a maker asks for belongs to an indicator the table rests on."""
    asked: dict[str, set] = {}
    current = []
    plain = Inputs.table

    def watched(self, indicator, name):
        asked.setdefault(current[-1], set()).add(indicator)
        return plain(self, indicator, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Inputs, "table", watched)
        patch.setattr(builder, "_wanting", lambda inputs, table_id: "")
        for table_id, (indicator, make) in builder.MAKERS.items():

            def counted(inputs, table, *, make=make, table_id=table_id):
                current.append(table_id)
                return make(inputs, table)

            patch.setitem(builder.MAKERS, table_id, (indicator, counted))
        prais.build(landia, landia_results)
    trace = provenance.trace(landia, landia_results)
    assert len(asked) > 30
    for table_id, indicators in asked.items():
        beyond = indicators - set(trace["tables"][table_id]["indicators"])
        # published series stand beside an own one for checking only
        assert beyond <= {"statistics"}, f"{table_id} reads {beyond}"


class Reader(HTMLParser):
    """Counts tags and keeps attributes, the text and what is still open."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.said = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


def read_page(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_readable_in_six_languages(traced, tmp_path, language):
    _, trace = traced
    paths = provenance.write(trace, tmp_path / "report", language)
    assert [path.name for path in paths.values()] == ["provenance.json", "provenance.html"]
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        *("provenance.html", "provenance.json")
    ]
    text = paths["html"].read_text(encoding="utf-8")
    reader = read_page(text)
    root = dict(reader.tags)["html"]
    assert root == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
    names = [tag for tag, _ in reader.tags]
    assert names.count("caption") == names.count("table") > 4
    assert all("scope" in attributes for tag, attributes in reader.tags if tag == "th")
    assert "http" not in re.sub(r"https://example.org/soil", "", text)  # nothing from elsewhere
    said = " ".join(reader.said)
    assert label("provenance.title", language) in said and "Soil map" in said and "CC0" in said
    assert "provenance." not in said.replace("provenance.json", "")  # every label has a text
    assert json.loads(paths["json"].read_text(encoding="utf-8")) == json.loads(json.dumps(trace))


def test_the_page_marks_changed_parameters_and_names_landia_fictional(world):
    country = world.read(parameters={"soil_threshold": 12})
    trace = provenance.trace(country, computed(country))
    text = page.as_page(trace)
    assert re.search(
        r"soil_threshold</code></th><td[^>]*><code[^>]*>12<.*?>10<.*?>changed</td>", text
    )
    assert text.count(">changed</td>") == 1
    assert "Landia is fictional and all its data are synthetic." in text
    assert "2023 → 2022" in text and "CC BY-NC 4.0 (the Party has not chosen one)" in text


def test_a_layer_of_many_files_shows_the_first_ones(traced, monkeypatch):
    _, trace = traced
    monkeypatch.setattr(page, "SHOWN", 3)
    text = page.as_page(trace)
    assert "2 more files are in provenance.json." in text  # 5 maps of land cover
    assert "21 more files" in text  # 24 of productivity


def test_a_page_escapes_what_others_wrote():
    text = webpage.page(
        "a <b>", [webpage.table("x & y", ["<i>"], [["<script>", webpage.Code("<")]])]
    )
    assert "<script>" not in text and "&lt;script&gt;" in text and "x &amp; y" in text
    read_page(text)


def test_sizes_in_words():
    assert [page._size(count) for count in (0, 999, 1000, 1_234_567)] == [
        *("0 B", "999 B", "1.0 kB", "1.2 MB")
    ]


def test_of_a_report(world):
    country = world.read()
    report = prais.build(country, computed(country))
    frame = provenance.of(report, "CP-1.T1")
    assert frame["indicator"].unique().tolist() == ["land_cover"] and len(frame) == 6
