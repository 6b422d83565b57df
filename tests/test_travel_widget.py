"""The form that takes a country along and brings it back, and the same in words."""

import base64
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_country import small_country, steady_ndvi

import ldnkit
from ldnkit import tables, travel, travel_widget
from ldnkit.findings import InputError

SIDE = 12


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A computer that is neither Binder nor hub, with a folder to work in."""
    for name in ("BINDER_SERVICE_HOST", "BINDER_LAUNCH_HOST"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "project" / "notebooks"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LDNKIT_PROGRESS", "my_progress.csv")
    return folder


@pytest.fixture
def country(here):
    cover = {year: [[1] * SIDE] * SIDE for year in (2000, 2015, 2016, 2019, 2023)}
    made = small_country(here.parent / "mine", cover, ndvi=steady_ndvi((SIDE, SIDE)))
    return ldnkit.open_country(made.read().path, outputs="../outputs")


def answers(folder):
    (folder / "my_progress.csv").write_text("time,exercise,result,answer\n", encoding="utf-8")


def test_what_to_take_along_is_said_in_every_language(country, here):
    for language in tables.LANGUAGES:
        said = travel_widget.summary(country, language=language)
        assert f"../outputs/{country.iso3}.zip" in said and "my_progress.csv" in said
        assert "Binder" not in said
    assert "No exercise is answered yet" in travel_widget.summary(country)
    answers(here)
    assert "No exercise is answered yet" not in travel_widget.summary(country)


def test_on_binder_it_says_how_long_the_server_lives(country, monkeypatch):
    monkeypatch.setenv("BINDER_SERVICE_HOST", "example.org")
    said = travel_widget.summary(country).splitlines()
    assert said[0] == "This is Binder: the server is deleted after about ten idle minutes."
    assert said[1].startswith("Nothing is lost if you download two files")


def test_without_widgets_the_form_is_its_text(country):
    shown = travel_widget.parcel(country)._repr_mimebundle_()
    assert shown["text/plain"] == travel_widget.summary(country)
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_the_button_packs_results_and_answers(country, here):
    ldnkit.compute(country, "land_cover", progress=False)
    answers(here)
    form = travel_widget.parcel(country)
    form.pack.click()
    packed = here.parent / "outputs" / f"{country.iso3}.zip"
    names = zipfile.ZipFile(packed).namelist()
    top = country.iso3
    assert {f"{top}/country.yml", f"{top}/my_progress.csv"} <= set(names)
    assert f"{top}/outputs/{top}/results.json" in names
    (output,) = form.links.outputs
    assert output["data"]["text/html"].count("download=") == 2

    form.results.value = False
    form.pack.click()
    assert not [name for name in zipfile.ZipFile(packed).namelist() if "outputs" in name]


def test_a_small_file_lies_in_its_link_and_a_large_one_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small, large = Path("a.zip"), Path("deep/b.zip")
    small.write_bytes(b"content")
    large.parent.mkdir()
    large.write_bytes(bytes(travel_widget.SMALL + 1))
    inside = travel_widget.link(small).partition("base64,")[2].partition('"')[0]
    assert base64.b64decode(inside) == b"content"
    assert 'href="deep/b.zip"' in travel_widget.link(large)


def test_there_and_back_by_the_form(country, here, tmp_path, monkeypatch):
    ldnkit.compute(country, "land_cover", progress=False)
    answers(here)
    content = travel_widget.pack_now(country).read_bytes()
    there = tmp_path / "elsewhere" / "notebooks"
    there.mkdir(parents=True)
    monkeypatch.chdir(there)
    fresh = ldnkit.open_country(country.path, outputs="../outputs")
    form = travel_widget.parcel(fresh)
    facts = {"name": "a.zip", "type": "", "size": len(content), "last_modified": datetime.now(UTC)}
    form.upload.value = (facts | {"content": memoryview(content)},)
    assert f'country = "../{country.iso3}/country.yml"' in form.said.value.replace("&quot;", '"')
    assert (there / "my_progress.csv").is_file(), "the answers are in their place again"
    home = f"../{country.iso3}"
    assert f'outputs = "{home}/outputs"' in form.said.value.replace("&quot;", '"')
    assert Path(home, "outputs", country.iso3, "results.json").is_file()
    again = ldnkit.open_country(f"{home}/country.yml", outputs=f"{home}/outputs")
    found = ldnkit.compute(again, "land_cover", progress=False).tables["land_cover"]
    assert found.equals(ldnkit.compute(country, "land_cover").tables["land_cover"])


def test_answers_that_are_here_stay(country, here, tmp_path):
    answers(here)
    packed = travel_widget.pack_now(country)
    (here / "my_progress.csv").write_text("mine", encoding="utf-8")
    found = travel_widget.bring_back(packed, tmp_path / "other")
    assert (here / "my_progress.csv").read_text(encoding="utf-8") == "mine"
    assert "outputs" not in found  # nothing was computed, so no results were packed


def test_what_cannot_be_brought_is_told_and_nothing_stops(country, tmp_path):
    form = travel_widget.parcel(country, language="fr")
    form.path.value = str(tmp_path / "nothing.zip")
    assert form.said.value.startswith("<ul><li>") and "nothing.zip" in form.said.value
    with pytest.raises(InputError):
        travel_widget.bring_back(b"no archive", tmp_path)
    assert list(tmp_path.glob("*.zip")) == []


def test_a_disk_that_is_full_is_told(country, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(travel, "pack", full)
    form = travel_widget.parcel(country)
    form.pack.click()
    (output,) = form.links.outputs
    assert "No space left" in output["data"]["text/html"]


def test_the_training_country_travels_although_it_lies_with_the_results(landia, tmp_path):
    packed = travel.pack(landia, tmp_path / "XLD.zip")
    names = zipfile.ZipFile(packed).namelist()
    assert "XLD/country.yml" in names
    assert not [name for name in names if name.startswith("XLD/outputs")]
    path = travel.unpack(packed, tmp_path / "there")
    assert ldnkit.open_country(path, outputs=tmp_path / "o").grid == landia.grid
    assert travel.shrink(landia, tmp_path / "cut").name == "country.yml"
