"""The package on disk: maps with their meaning, polygons, manifest, zip file, README."""

from __future__ import annotations

import datetime
import errno
import importlib
import json
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box
from small_country import small_country, values_of

import ldnkit
from ldnkit import plans, tables
from ldnkit.handover import cogs, layers, manifest, styles, swap, vectors
from ldnkit.labels import LANGUAGES

#: The module; ``handover.package`` is its function.
package = importlib.import_module("ldnkit.handover.package")
NODATA = tables.NODATA
FROZEN = datetime.datetime(2026, 11, 1, 12, 30, tzinfo=datetime.UTC)


# ---- which maps --------------------------------------------------------------------------------


def test_every_layer_of_the_results_is_known(landia, landia_results):
    names = [name for result in landia_results.values() for name in result.layers]
    assert len(names) > 60
    for name in names:
        row, _ = layers.entry(name)
        assert row["package"] in ("yes", "no")


def test_every_layer_that_a_plan_colours_is_known():
    """Patterns of the list and beginnings of the plans' palettes are the same maps."""
    rows = tables.read("package_layers")
    classes = rows[rows["values"] == "classes"]
    beginnings = {pattern.partition("_{")[0] for pattern in classes["pattern"]}
    assert beginnings - {"drought_worst"} == set(plans.shared.PALETTES)
    for row in classes.itertuples():
        name = row.pattern.partition("_{")[0]
        assert plans.shared.PALETTES.get(name, "drought") == row.palette


def test_the_list_of_layers_uses_known_words():
    for row in tables.read("package_layers").fillna("").to_dict("records"):
        assert row["values"] in ("classes", "quantities", "counts")
        assert (row["values"] == "classes") == bool(row["palette"])
        assert tables.label(row["title"])
        if row["package"] == "yes":
            assert bool(row["unit"]) == (row["values"] != "classes")
            assert not row["unit"] or tables.label(f"unit.{row['unit']}")
        assert row["table"] in set(tables.prais_tables().iloc[:, 0])


def test_an_unknown_layer_is_an_error():
    with pytest.raises(KeyError, match=r"'moon_2000'.*package_layers\.csv"):
        layers.entry("moon_2000")


@pytest.mark.parametrize(
    ("name", "title", "years"),
    [
        ("land_cover_2023", "Land cover, 2023", "2023"),
        # the change of land cover is between two maps: 2016 and 2023 in the last period
        ("land_cover_degradation_report_2", "Land cover degradation, 2016–2023", "2016–2023"),
        # the trend of the last period is of sixteen years
        ("trend_report_2", "Productivity trend, 2008–2023", "2008–2023"),
        ("status_report_1", "Status of land, 2019", "2019"),
        ("drought_worst_2020_2023", "Highest drought class, 2020–2023", "2020–2023"),
        ("exposed_female_2015", "Women and girls on degraded land, 2015", "2015"),
    ],
)
def test_titles_and_years(landia, landia_results, name, title, years):
    found = {layer.name: layer for layer in layers.described(landia, landia_results)}
    assert (found[name].titles["en"], found[name].years) == (title, years)


def test_the_year_that_stands_in_is_said(landia, landia_results):
    """Landia has no land cover of 2023: that of 2022 stands for it."""
    found = {layer.name: layer for layer in layers.described(landia, landia_results)}
    assert found["land_cover_2023"].used == {2023: 2022}
    assert found["land_cover_degradation_report_2"].used == {2023: 2022}
    assert found["land_cover_2015"].used == {}
    tags = cogs.tags_of(landia, found["land_cover_2023"], landia_results["land_cover"], "en")
    assert tags["YEARS_USED"] == "2023: 2022"


def test_intermediate_layers_stay_out(landia, landia_results):
    names = [layer.name for layer in layers.described(landia, landia_results)]
    assert not [name for name in names if name.startswith("drought_index")]
    assert len(names) == len(set(names)) > 50


# ---- Cloud Optimized GeoTIFFs --------------------------------------------------------------------


@pytest.fixture
def large(tmp_path):
    """A map of classes and one of quantities, larger than a tile."""
    generator = np.random.default_rng(7)
    classes = generator.choice(np.array([-1, 0, 1, NODATA], np.int16), (700, 1100))
    values = generator.random((700, 1100), np.float32) * 150
    values[values < 10] = np.nan
    made = {}
    for name, array in {"sdg_baseline": classes, "soil_stock_2000": values}.items():
        path = tmp_path / f"{name}.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=1100,
            height=700,
            count=1,
            dtype=array.dtype,
            crs="EPSG:4326",
            transform=from_origin(30, 10, 0.0025, 0.0025),
            nodata=NODATA if array.dtype == np.int16 else float("nan"),
            compress="zstd",
        ) as target:
            target.write(array, 1)
        made[name] = path
    return made


def a_layer(name, path, language="en") -> layers.Layer:
    """A layer of a country on paper."""
    from paper_country import paper_country

    result = SimpleNamespace(years={})
    row, parts = layers.entry(name)
    country = paper_country(error_polygons=None)
    return layers._layer(country, result, row["indicator"], name, Path(path), row, parts)


@pytest.mark.parametrize("name", ["sdg_baseline", "soil_stock_2000"])
def test_values_are_the_same_to_the_bit(large, tmp_path, name):
    target = tmp_path / "out" / f"{name}.tif"
    target.parent.mkdir()
    cogs.convert(a_layer(name, large[name]), target, {"TITLE": "A title"})
    with rasterio.open(large[name]) as before, rasterio.open(target) as after:
        assert before.read(1).tobytes() == after.read(1).tobytes()
        assert before.transform == after.transform and before.crs == after.crs
        assert repr(before.nodata) == repr(after.nodata)
        assert before.dtypes == after.dtypes
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("name", ["sdg_baseline", "soil_stock_2000"])
def test_the_layout_is_cloud_optimized(large, tmp_path, name):
    """GDAL says so, and we look: tiles, overviews, and the headers before all pixels."""
    target = tmp_path / "cog.tif"
    cogs.convert(a_layer(name, large[name]), target, {"TITLE": "A title", "CLASS_1": "عربي"})
    with rasterio.open(target) as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.profile["compress"] == "deflate"
        assert source.block_shapes == [(512, 512)]
        assert source.overviews(1) == [2, 4]
        assert source.tags()["CLASS_1"] == "عربي"
        places = [int(source.get_tag_item("IFD_OFFSET", "TIFF", bidx=1))]
        pixels = [int(source.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))]
        for level in (0, 1):
            options = {"bidx": 1, "ovr": level}
            places.append(int(source.get_tag_item("IFD_OFFSET", "TIFF", **options)))
            pixels.append(int(source.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", **options)))
    assert places == sorted(places), "the headers stand from fine to coarse"
    assert pixels == sorted(pixels, reverse=True), "the pixels stand from coarse to fine"
    assert places[-1] < min(pixels)


def test_overviews_hold_classes_or_averages(large, tmp_path):
    for name in large:
        cogs.convert(a_layer(name, large[name]), tmp_path / f"{name}_cog.tif", {})
    with rasterio.open(tmp_path / "sdg_baseline_cog.tif") as source:
        small = source.read(1, out_shape=(350, 550))
    assert set(np.unique(small)) == {-1, 0, 1, NODATA}
    with rasterio.open(tmp_path / "soil_stock_2000_cog.tif") as source:
        small, whole = source.read(1, out_shape=(350, 550)), source.read(1)
    blocks = whole.reshape(350, 2, 550, 2).transpose(0, 2, 1, 3).reshape(350, 550, 4)
    full = ~np.isnan(blocks).any(axis=2)
    np.testing.assert_allclose(small[full], blocks[full].mean(axis=1), rtol=1e-5)


def test_tags_say_what_the_map_is(landia, landia_results):
    found = {layer.name: layer for layer in layers.described(landia, landia_results)}
    layer, result = found["sdg_report_2"], landia_results["degradation"]
    tags = cogs.tags_of(landia, layer, result, "fr", "CC BY 4.0")
    assert tags["TITLE"] == "Degraded land (SDG 15.3.1), 2016–2023"
    assert tags["TITLE_FR"].startswith("Terres dégradées")
    assert (tags["CLASS_-1"], tags["CLASS_-1_FR"]) == ("Degraded", "Dégradée")
    assert (tags["COLOUR_-1"], tags[f"CLASS_{NODATA}"]) == ("#9b2779", "No data")
    assert tags["RESULT_KEY"] == result.key and tags["LICENCE"] == "CC BY 4.0"
    assert tags["SYNTHETIC"].startswith("Synthetic data")
    assert "Landia synthetic training data" in tags["SOURCE"]
    assert tags["METHOD"] == "manual" and tags["SOFTWARE"] == f"ldnkit {ldnkit.__version__}"
    soil = cogs.tags_of(landia, found["soil_stock_2023"], landia_results["soil"], "ru")
    assert (soil["UNIT"], soil["UNIT_RU"]) == ("t/ha", "т/га")


# ---- styles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_styles_have_every_class_in_every_language(landia, landia_results, language):
    """Each style is XML with all classes and colours; so is each attribute table."""
    seen = set()
    for layer in layers.described(landia, landia_results):
        family = layers.entry(layer.name)[0]["pattern"]
        if family in seen:
            continue
        seen.add(family)
        root = ElementTree.fromstring(styles.qgis_style(layer, language))
        renderer = root.find("pipe/rasterrenderer")
        if layer.values == "classes":
            entries = renderer.findall("colorPalette/paletteEntry")
            found = [(int(e.get("value")), e.get("label"), e.get("color")) for e in entries]
            table = ElementTree.fromstring(styles.attribute_table(layer, language))
            rows = [[f.text for f in row] for row in table.iter("Row")]
            kept = [(int(r[0]), r[1], "#" + "".join(f"{int(c):02x}" for c in r[2:5])) for r in rows]
            wanted = layer.classes[["code", language, "colour"]].values.tolist()
            assert found == kept == [tuple(each) for each in wanted]
            assert NODATA not in [code for code, _, _ in found]
        else:
            assert renderer.get("type") == "singlebandpseudocolor"
            items = renderer.findall("rastershader/colorrampshader/item")
            values = [float(item.get("value")) for item in items]
            assert values == sorted(values) and len(values) >= 6
            assert all(item.get("label") for item in items)


def test_classes_of_counts_begin_with_their_limit():
    """1 person belongs to 1–10; QGIS counts an upper limit to the class below it."""
    layer = a_layer("exposed_total_2015", "none.tif")
    root = ElementTree.fromstring(styles.qgis_style(layer))
    items = [(float(item.get("value")), item.get("label")) for item in root.iter("item")]

    def shown(value):
        return next(label for upper, label in items if np.float32(value) <= upper)

    values = [0, 0.5, 1, 9.5, 10, 999.5, 1000, 5e6]
    assert [shown(value) for value in values] == [
        "0", "< 1", "1–10", "1–10", "10–100", "100–1,000", "≥ 1,000", "≥ 1,000",
    ]  # fmt: skip


def test_gdal_reads_the_attribute_table(large, tmp_path):
    """GDAL opens the map with the table beside it and still says the same values."""
    layer, target = a_layer("sdg_baseline", large["sdg_baseline"]), tmp_path / "sdg.tif"
    cogs.convert(layer, target, {})
    written = styles.write(layer, target)
    assert {path.name for path in written} == {"sdg.qml", "sdg.tif.aux.xml"}
    with rasterio.open(target) as source:
        assert any(path.endswith(".aux.xml") for path in source.files)
        assert source.read(1).tobytes() == values_of(large["sdg_baseline"]).tobytes()


def test_a_national_legend_keeps_its_own_names(tmp_path):
    legend = pd.DataFrame(
        {
            "code": [10, 20],
            "key": ["miombo", "dambo"],
            "name": ["Miombo", "Dambo"],
            "unccd": [1, 4],
            "colour": ["#0d4f1e", "#2f9e98"],
        }
    )
    shown = layers._national(legend, pd.DataFrame())
    assert shown["fr"].tolist() == shown["en"].tolist() == ["Miombo", "Dambo"]


# ---- polygons ------------------------------------------------------------------------------------


def test_polygons_are_read_back(landia, landia_results, tmp_path):
    path = tmp_path / "XLD.gpkg"
    options = {"language": "fr", "licence": "CC BY 4.0", "when": FROZEN}
    names = vectors.write(landia, landia_results, path, **options)
    assert sorted(names) == sorted(name for name, _ in pyogrio.list_layers(path))
    assert {"boundary", "targets", "actions", "vulnerability_units"} <= set(names)
    frame = pyogrio.read_dataframe(path, layer="boundary")
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.iloc[0].equals(landia.boundary.geometry.iloc[0])
    notes = pyogrio.read_info(path, layer="boundary")["layer_metadata"]
    assert "officielles" in notes["DESCRIPTION"] or "officiels" in notes["DESCRIPTION"]
    assert notes["LICENCE"] == "CC BY 4.0" and notes["SYNTHETIC"] == "yes"
    given = geopandas.read_file(landia.targets.polygons.file)
    targets = pyogrio.read_dataframe(path, layer="targets")
    assert list(targets.columns) == list(given.columns) and len(targets) == len(given)
    units = pyogrio.read_dataframe(path, layer="vulnerability_units")
    index = landia_results["vulnerability"].tables["dvi"]
    for row in units.itertuples():
        mine = index[(index["unit"] == row.name) & (index["sex"] == "total")]
        expected = mine.set_index("year")["dvi"]
        assert row.dvi_2000 == pytest.approx(expected.get(2000), nan_ok=True)


def test_error_polygons_and_the_affected_area(landia, landia_results, tmp_path):
    country = ldnkit.open_country(
        landia.folder / "country_verified.yml", outputs=tmp_path / "outputs"
    )
    names = vectors.write(country, {}, tmp_path / "XLD.gpkg")
    assert "error_polygons" in names
    frame = pyogrio.read_dataframe(tmp_path / "XLD.gpkg", layer="error_polygons")
    assert set(frame["type"]) == {"false positive", "false negative"}
    assert frame["periods_affected"].str.len().min() > 3


def test_no_polygon_of_a_protected_place_leaves(landia, landia_results, tmp_path):
    """No shape of key biodiversity areas and protected areas is in the file, no column either."""
    section = landia.key_biodiversity_areas
    assert section is not None
    path = tmp_path / "XLD.gpkg"
    vectors.write(landia, landia_results, path)
    given = [
        geopandas.read_file(file.file).to_crs(4326) for file in (section.sites, section.protected)
    ]
    for name, kind in pyogrio.list_layers(path):
        assert "biodiv" not in name and "protected" not in name
        if kind is None:
            continue
        read = pyogrio.read_dataframe(path, layer=name)
        assert not {"site", "designation_year", "status", "desig"} & set(read.columns)
        shapes = read.geometry
        for frame in given:
            for shape in frame.geometry:
                assert not any(shape.equals(each) for each in shapes)


# ---- manifest and zip file -----------------------------------------------------------------------


def a_package(folder, text="one", **heading) -> Path:
    """A package of three files with its manifest."""
    folder.mkdir(parents=True)
    (folder / "README.txt").write_text(text, encoding="utf-8")
    (folder / "layers").mkdir()
    (folder / "layers" / "a.tif").write_bytes(b"\0" * 3000)
    what = {"README.txt": "This text", "layers/a.tif": "A map"}
    manifest.write(folder, what, {"archive": "report.zip", "time_utc": text} | heading)
    return folder


def test_the_manifest_lists_every_file(tmp_path):
    folder = a_package(tmp_path / "report")
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert content["files"][0] == {
        "path": "README.txt",
        "bytes": 3,
        # echo -n one | sha256sum
        "sha256": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
        "media_type": "text/plain",
        "what": "This text",
    }
    assert manifest.verify(folder) == []
    (folder / "more.txt").touch()
    with pytest.raises(KeyError, match=r"more\.txt"):
        manifest.write(folder, {"README.txt": "", "layers/a.tif": ""}, {})


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda folder: (folder / "README.txt").unlink(), "no such file"),
        (lambda folder: (folder / "README.txt").write_text("two"), "another content"),
        (lambda folder: (folder / "layers" / "a.tif").write_bytes(b"\0" * 2999), "another content"),
        (lambda folder: (folder / "layers" / "b.tif").touch(), "a file more"),
        (lambda folder: (folder / "manifest.json").unlink(), "no list of files"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "no list of files"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "no list of files"),
    ],
)
def test_every_change_is_found(tmp_path, form, spoil, found):
    path = a_package(tmp_path / "report")
    spoil(path)
    if form == "zip":
        swap.pack(path, tmp_path / "report.zip")
        path = tmp_path / "report.zip"
    (finding,) = manifest.verify(path)
    assert finding.severity == "error" and found in finding.found
    assert finding.remedy


def test_a_zip_file_that_is_cut_off_is_found(tmp_path):
    swap.pack(a_package(tmp_path / "report"), tmp_path / "report.zip")
    assert manifest.verify(tmp_path / "report.zip") == []
    content = (tmp_path / "report.zip").read_bytes()
    for size in (0, 10, len(content) // 2, len(content) - 1):
        (tmp_path / "cut.zip").write_bytes(content[:size])
        assert manifest.verify(tmp_path / "cut.zip")
    with pytest.raises(FileNotFoundError, match="There is no package"):
        manifest.verify(tmp_path / "nothing.zip")


def test_the_zip_file_is_the_folder_and_always_the_same(tmp_path):
    folder = a_package(tmp_path / "report")
    swap.pack(folder, tmp_path / "one.zip")
    shutil.copytree(folder, tmp_path / "again")
    swap.pack(tmp_path / "again", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        names = archive.namelist()
        assert names == [name for name, _ in manifest.files_in(folder)]
        for name in names:
            assert archive.read(name) == (folder / name).read_bytes()
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert kinds["layers/a.tif"] == zipfile.ZIP_STORED
    assert kinds["README.txt"] == zipfile.ZIP_DEFLATED


# ---- putting it in place -------------------------------------------------------------------------


def made(folder, text) -> tuple[Path, Path]:
    """A finished package and its zip file, as they lie beside the report."""
    place = a_package(folder / f"{swap.MADE}{text}", text)
    swap.pack(place, folder / f"{place.name}.zip.part")
    return place, folder / f"{place.name}.zip.part"


def test_a_package_is_put_in_place(tmp_path):
    for text in ("one", "two"):
        report, archive = swap.put_in_place(*made(tmp_path, text))
        assert manifest.verify(report) == manifest.verify(archive) == []
        assert manifest.read(report) == manifest.read(archive)
        assert manifest.read(report)["time_utc"] == text
        assert sorted(path.name for path in tmp_path.iterdir()) == ["report", "report.zip"]


def test_what_people_put_there_is_kept(tmp_path):
    """A note of the officer and an edited file of the package; tables of a notebook are not."""
    report, _ = swap.put_in_place(*made(tmp_path, "one"))
    (report / "my notes.txt").write_text("mine", encoding="utf-8")
    (report / "README.txt").write_text("edited", encoding="utf-8")
    (report / "prais_XLD_2026.json").write_text("{}", encoding="utf-8")
    swap.put_in_place(*made(tmp_path, "two"))
    kept = {
        path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "kept").rglob("*.txt")
    }
    assert kept == {"my notes.txt": "mine", "README.txt": "edited"}
    assert not list((tmp_path / "kept").rglob("*.json"))
    assert manifest.verify(report) == []


def test_a_folder_of_tables_alone_is_replaced(tmp_path):
    """Notebooks write tables without a manifest; what else lies there is kept."""
    (tmp_path / "report" / "csv").mkdir(parents=True)
    (tmp_path / "report" / "csv" / "T.csv").touch()
    (tmp_path / "report" / "narrative.docx").touch()
    report, _ = swap.put_in_place(*made(tmp_path, "one"))
    assert manifest.verify(report) == []
    assert [path.name for path in (tmp_path / "kept").rglob("*.*")] == ["narrative.docx"]


def test_a_file_that_is_open_elsewhere_leaves_the_last_report(tmp_path, monkeypatch):
    """On Windows a folder with an open file cannot be renamed."""
    report, archive = swap.put_in_place(*made(tmp_path, "one"))
    new = made(tmp_path, "two")
    rename = Path.replace

    def refuse(path, target):
        if path.name == "report":
            raise PermissionError(13, "Permission denied", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError, match="close its files in other programs"):
        swap.put_in_place(*new)
    monkeypatch.undo()
    swap.recover(tmp_path)
    assert manifest.verify(report) == manifest.verify(archive) == []
    assert manifest.read(report)["time_utc"] == manifest.read(archive)["time_utc"] == "one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report", "report.zip"]


def test_recover_clears_what_was_begun(tmp_path):
    report, archive = swap.put_in_place(*made(tmp_path, "one"))
    made(tmp_path, "two")
    swap.recover(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report", "report.zip"]
    assert manifest.read(report)["time_utc"] == "one"
    swap.recover(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


# ---- the whole -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A country of a few cells with land cover alone; its results are computed."""
    folder = tmp_path_factory.mktemp("small")
    covers = {2000: [[1, 2], [3, 7]], 2015: [[1, 3], [3, 7]], 2016: [[1, 3], [3, 7]]}
    covers |= {2019: [[1, 3], [5, 7]], 2023: [[2, 3], [5, 7]]}
    world = small_country(folder, covers)
    country = world.read()
    for indicator in ldnkit.indicators(country):
        ldnkit.compute(country, indicator, progress=False)
    return country


@pytest.fixture
def quick(monkeypatch):
    """A clock that stands still."""
    monkeypatch.setattr(package, "_now", lambda: FROZEN)


def test_a_package_is_whole(small, tmp_path):
    seen = []
    made = package.package(
        small, folder=tmp_path, documents=False, progress=lambda *step: seen.append(step)
    )
    assert manifest.verify(made.folder) == manifest.verify(made.archive) == []
    assert made.archive == tmp_path / "report_XLD_2026.zip"
    with zipfile.ZipFile(made.archive) as archive:
        assert archive.namelist() == [name for name, _ in manifest.files_in(made.folder)]
    assert seen[0][1] == 0 and seen[-1][1] == seen[-1][2] == len(seen) - 1
    content = manifest.read(made.folder)
    assert all(each["what"] for each in content["files"])
    assert max(len(each["path"]) for each in content["files"]) < 100
    names = {each["path"] for each in content["files"]}
    assert {"README.txt", "prais_XLD_2026.xlsx", "prais_XLD_2026.json"} <= names
    assert {"provenance.json", "findings.csv", "vectors/XLD.gpkg"} <= names
    assert {"layers/sdg_report_2.tif", "layers/sdg_report_2.qml"} <= names
    assert "changes.csv" not in names, "there was no earlier report"
    assert not list(tmp_path.glob(f"{swap.MADE}*"))


def test_maps_of_a_package_are_those_of_the_results(small, tmp_path):
    made = package.package(small, folder=tmp_path, documents=False)
    results = ldnkit.results(small)
    for result in results.values():
        for name, path in result.layers.items():
            copy = made.folder / "layers" / f"{name}.tif"
            assert values_of(copy).tobytes() == values_of(path).tobytes()


def test_the_readme_says_what_must_be_known(small, tmp_path):
    made = package.package(small, folder=tmp_path, documents=False, language="fr")
    text = made.paths["README.txt"].read_text(encoding="utf-8-sig")
    counts = manifest.read(made.folder)["findings"]
    assert sum(counts.values()) == len([f for f in made.findings if f.severity != "info"])
    assert tables.label("report.open_findings", "fr").format(**counts) in text
    assert tables.label("notice.synthetic", "fr") in text
    assert tables.label("package.licence_open", "fr") in text
    assert "layers/sdg_*.tif (3)" in text


def test_equal_results_make_equal_packages(small, tmp_path, quick):
    """Two packages from the same results, at the same time of the clock, are the same files."""
    sums = []
    for name in ("one", "two"):
        made = package.package(small, folder=tmp_path / name, documents=False)
        files = manifest.read(made.folder)["files"]
        sums.append({each["path"]: each["sha256"] for each in files})
    different = {name for name in sums[0] if sums[0][name] != sums[1][name]}
    assert sums[0].keys() == sums[1].keys()
    # a workbook holds the moment at which it was written
    assert different <= {"prais_XLD_2026.xlsx"}


def test_a_second_package_says_what_changed(small, tmp_path):
    for _ in range(2):
        made = package.package(small, folder=tmp_path, documents=False)
    changes = pd.read_csv(made.paths["changes.csv"])
    assert changes.empty, "the same results: no figure changed"
    assert {"table", "row", "column", "earlier", "later", "because"} <= set(changes.columns)


def test_a_fresh_package_is_reused(small, tmp_path, monkeypatch):
    monkeypatch.setattr(package, "CODE", ())  # an edit of the code during the test is no matter
    first = package.package(small, folder=tmp_path, documents=False)
    before = first.archive.read_bytes()
    again = package.package(small, folder=tmp_path, documents=False, reuse=True)
    assert again.reused and not first.reused
    assert again.archive.read_bytes() == before
    assert again.findings == first.findings and again.paths == first.paths
    again.paths["README.txt"].write_text("spoilt", encoding="utf-8")
    mended = package.package(small, folder=tmp_path, documents=False, reuse=True)
    assert not mended.reused and manifest.verify(mended.folder) == []
    other = package.package(small, folder=tmp_path, documents=False, reuse=True, language="fr")
    assert not other.reused


@pytest.mark.parametrize("place", ["tables", "maps", "pack", "close"])
def test_a_full_disk_leaves_the_last_report(small, tmp_path, monkeypatch, place):
    made = package.package(small, folder=tmp_path, documents=False)
    before = made.archive.read_bytes()

    def full(*rest, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    if place == "tables":
        monkeypatch.setattr("xlsxwriter.workbook.Workbook._store_workbook", full)
    elif place == "maps":
        monkeypatch.setattr("rasterio.shutil.copy", full)
    elif place == "pack":
        monkeypatch.setattr(swap, "pack", full)
    else:
        monkeypatch.setattr(manifest, "write", full)
    with pytest.raises(OSError, match="No space left"):
        package.package(small, folder=tmp_path, documents=False)
    monkeypatch.undo()
    assert made.archive.read_bytes() == before
    assert manifest.verify(made.folder) == manifest.verify(made.archive) == []
    assert not list(tmp_path.glob(f"{swap.MADE}*"))


def test_an_empty_report_never_replaces_a_good_one(small, tmp_path, monkeypatch):
    made = package.package(small, folder=tmp_path, documents=False)
    monkeypatch.setattr(ldnkit, "results", lambda country: {}, raising=False)
    with pytest.raises(ldnkit.InputError, match="no result that is fresh"):
        package.package(small, folder=tmp_path, documents=False)
    assert manifest.verify(made.folder) == manifest.verify(made.archive) == []


def test_too_little_room_is_said_before(small, tmp_path, monkeypatch):
    usage = SimpleNamespace(free=1_000_000)
    monkeypatch.setattr(package.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(OSError, match=r"too little room.*Found: 0\.0 GB free.*Free some room"):
        package.package(small, folder=tmp_path, documents=False)
    assert not (tmp_path / "report").exists()


def test_a_package_that_does_not_agree_is_never_put_in_place(small, tmp_path, monkeypatch):
    """A file that changes between writing and checking stops the package."""
    pack = swap.pack

    def spoil(folder, target):
        pack(folder, target)
        (folder / "README.txt").write_text("other", encoding="utf-8")

    monkeypatch.setattr(swap, "pack", spoil)
    with pytest.raises(ldnkit.InputError, match="another content"):
        package.package(small, folder=tmp_path, documents=False)
    assert not (tmp_path / "report").exists() and not list(tmp_path.glob("*.zip"))


def test_long_paths_are_said(tmp_path, monkeypatch):
    folder = a_package(tmp_path / "report")
    assert package._long_paths(folder) == []
    deep = tmp_path / ("x" * 120) / ("y" * 80)
    shutil.copytree(folder, deep)
    (finding,) = package._long_paths(deep)
    assert finding.severity == "warning" and "at most 200" in finding.expected


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_package_of_landia(landia, landia_results, tmp_path, language):
    """Everything, documents too."""
    from ldnkit import handover

    made = handover.package(landia, folder=tmp_path, language=language)
    assert handover.verify(made.folder) == handover.verify(made.archive) == []
    names = set(made.paths)
    for ending in ("docx", "html"):
        assert f"report_XLD_2026.{ending}" in names
    assert {"exchange/land_condition_XLD.json", "exchange/drought_XLD.json"} <= names
    text = made.paths["README.txt"].read_text(encoding="utf-8-sig")
    assert tables.label("package.not_given", language) in text
    assert box(179, -17, 181, -16).contains(box(*landia.boundary.total_bounds))
    assert tables.label("package.longitudes", language) in text
