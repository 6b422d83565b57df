"""Signing in: plain words, the right kind of problem, and never a secret."""

import os
import pickle
import subprocess
import sys

import ee
import numpy as np
import pytest
from support.eelocal import Grid, Session

from ldnkit import tables
from ldnkit.sources.earthengine import layers, problems, signin

PROJECT = "our-land-2026"
TOKENS = (
    "ya29.a0AfH6SMBx-secret_part",
    "1//0gAbCdEfGhIjKlMn",
    "4/0AX4XfWh-abcdefgh",
    "AIzaSyA-1234567890abcdef",
    "GOCSPX-abcdefgh",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
    "Bearer abc.def-ghi",
    "refresh_token=1abcdef",
    '"client_secret": "hush-hush"',
    "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
)


@pytest.fixture(autouse=True)
def clean_place(monkeypatch):
    """No project, Binder or hub around; Google's own client is never really started."""
    for name in list(os.environ):
        if name.startswith(("BINDER_", "JUPYTERHUB_")) or name == signin.VARIABLE:
            monkeypatch.delenv(name)
    monkeypatch.setitem(signin._session, "project", "")
    ee.Reset()


@pytest.fixture
def google(monkeypatch):
    """Google's client with answers to choose: errors of Initialize and of the first question."""

    class Google:
        start, ask, asked_to_sign_in = [], [], []

    def initialize(project=None):
        if Google.start and (error := Google.start.pop(0)):
            raise error

    class Number:
        def __init__(self, value):
            self.value = value

        def getInfo(self):
            if Google.ask and (error := Google.ask.pop(0)):
                raise error
            return self.value

    Google.start, Google.ask, Google.asked_to_sign_in = [], [], []
    monkeypatch.setattr(ee, "Initialize", initialize)
    monkeypatch.setattr(ee, "Number", Number)
    monkeypatch.setattr(ee, "Authenticate", lambda **rest: Google.asked_to_sign_in.append(rest))
    return Google


def connect(*args, **options):
    said = []
    result = signin.connect(*args, say=said.append, **options)
    return result, "\n".join(said)


def test_connected(google):
    result, said = connect(PROJECT)
    assert result and result.kind == "connected" and result.project == PROJECT
    assert said == str(result) == f"Connected to Earth Engine with the project {PROJECT}."
    assert google.asked_to_sign_in == []
    assert signin.status().project == PROJECT


def test_where_the_project_comes_from(google, monkeypatch):
    class Country:
        language, earth_engine = "fr", {"project": "from-the-country"}

    assert connect(country=Country())[0].project == "from-the-country"
    assert connect(PROJECT, country=Country())[0].project == PROJECT
    monkeypatch.setenv(signin.VARIABLE, "from-the-variable")
    assert connect()[0].project == "from-the-variable"
    assert "Connecté" in str(connect(country=Country())[0])


def test_no_project_is_explained(google):
    result, said = connect()
    assert not result and result.kind == "no_project"
    assert "A project is a name" in said and "console.cloud.google.com" in said
    assert "earth_engine: {project: our-land-2026}" in said
    assert "What to do" in str(result)


@pytest.mark.parametrize("project", ["Our Land", "our land", "123456789012", "abc", "our_land"])
def test_a_name_is_no_project_id(google, project):
    result, _ = connect(project)
    assert result.kind == "bad_project" and project in str(result)


def test_a_project_of_an_organisation(google):
    assert connect("example.org:our-land-2026")[0]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ee.EEException("ee.Initialize: no project found. Call with project="), "no_project"),
        (
            ee.EEException("Project our-land-2026 is not registered to use Earth Engine."),
            "not_registered",
        ),
        (ee.EEException("Not signed up for Earth Engine"), "not_registered"),
        (
            ee.EEException("Earth Engine API has not been used in project 123 before"),
            "not_registered",
        ),
        (ee.EEException("Caller does not have required permission (403)"), "no_access"),
        (ee.EEException("Quota exceeded for quota metric 'Concurrent requests'"), "quota"),
        (OSError("Unable to find the server at oauth2.googleapis.com"), "offline"),
        (ConnectionError("Network is unreachable"), "offline"),
        (RuntimeError("something new"), "other"),
    ],
)
@pytest.mark.parametrize("later", [False, True])
def test_problems_have_a_kind_and_three_parts(google, error, kind, later):
    (google.ask if later else google.start).append(error)
    result, said = connect(PROJECT)
    assert not result and result.kind == kind
    assert "found" in str(result) and "What to do" in str(result) and str(result) in said
    assert google.asked_to_sign_in == []


def test_a_team_that_is_not_signed_in_is_led_through(google):
    google.start.append(ee.EEException("Please authorize access to your Earth Engine account"))
    result, said = connect(PROJECT)
    assert result and google.asked_to_sign_in == [{"auth_mode": None}]
    assert "You are not signed in yet" in said


def test_no_sign_in_is_started_when_that_is_not_wanted(google):
    google.start.append(ee.EEException("Please authorize access to your Earth Engine account"))
    result, _ = connect(PROJECT, authenticate=False)
    assert result.kind == "no_account" and google.asked_to_sign_in == []


def test_on_a_hub_the_code_is_typed(google, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "team")
    google.start.append(ee.EEException("Please authorize access to your Earth Engine account"))
    result, said = connect(PROJECT)
    assert result.place == "hub" and google.asked_to_sign_in == [{"auth_mode": "notebook"}]
    assert "shared server" in said


def test_on_binder_nobody_is_asked_to_sign_in(google, monkeypatch):
    monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("JUPYTERHUB_USER", "jovyan")
    google.start.append(ee.EEException("Please authorize access to your Earth Engine account"))
    result, said = connect(PROJECT)
    assert result.place == result.kind == "binder" and not result
    assert google.asked_to_sign_in == [] and said.count("This is Binder") == 1
    assert "Do not sign in to Google on this server" in said
    assert "training country works without it" in said


def test_not_installed(monkeypatch):
    monkeypatch.setattr(signin, "installed", lambda: False)
    result, _ = connect(PROJECT)
    assert result.kind == "not_installed" and "doctor" in str(result)
    assert signin.status().kind == "not_installed"


@pytest.mark.parametrize("token", TOKENS)
def test_no_token_is_ever_told(google, token, capsys):
    error = ee.EEException(f"Request failed with {token} in the header")
    error.__cause__ = RuntimeError(token)
    google.start.append(error)
    result, said = connect(PROJECT)
    told = f"{result!r} {result} {said} {capsys.readouterr()}"
    problem = problems.explained(error)
    told += f" {problem} {problem!r} {problem.found} {pickle.dumps(problem)!r}"
    secret = max(token.replace('"', " ").replace("=", " ").replace(":", " ").split(), key=len)
    assert secret not in told
    assert problem.__cause__ is None


def test_nothing_is_written(google, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    connect(PROJECT)
    google.start.append(ee.EEException(f"denied {TOKENS[0]}"))
    connect(PROJECT)
    assert list(tmp_path.rglob("*")) == []


def test_status_asks_nobody(monkeypatch, tmp_path):
    monkeypatch.setattr(ee.oauth, "get_credentials_path", lambda: str(tmp_path / "credentials"))
    assert signin.status().kind == "no_project"
    monkeypatch.setenv(signin.VARIABLE, PROJECT)
    assert signin.status().kind == "no_account" and "A project is" in str(signin.status())
    (tmp_path / "credentials").write_text(TOKENS[0], encoding="utf-8")
    now = signin.status()
    assert now.kind == "not_tried" and TOKENS[0] not in repr(now)
    with pytest.raises(problems.EarthEngineError, match="What to do"):
        signin.require()
    with Session(Grid(1, 1)).installed():
        assert signin.status() and signin.require() is None


def test_every_message_in_every_language():
    keys = [key for key in tables.read("labels")["key"] if key.startswith("source.earthengine.")]
    kinds = {key.rsplit(".", 1)[1] for key in keys}
    assert {kind for kind, _ in problems.PATTERNS} | {"quota", "other", "bad_project"} <= kinds
    for kind in kinds:
        for language in tables.LANGUAGES:
            text = problems.message(kind, "XYZ", language)
            assert "{{" not in text and "}}" not in text and "  " not in text


def test_an_error_survives_a_worker():
    error = problems.EarthEngineError("quota", "too many", "es")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.kind == "quota"


def test_import_is_light():
    code = (
        "import sys, ldnkit, ldnkit.sources, ldnkit.sources.earthengine as e;"
        "from ldnkit.sources.earthengine import signin, problems, fetch, tiles, raw, layers;"
        "from ldnkit.sources.earthengine import export;"
        "signin.where(); print(sorted({'ee', 'geemap', 'googleapiclient'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_unknown_module_names():
    from ldnkit.sources import earthengine

    assert earthengine.tiles.Tile
    with pytest.raises(AttributeError, match="has no 'tile'"):
        _ = earthengine.tile


# ---- maps ----------------------------------------------------------------------------------------


class FakeMap:
    def __init__(self, error=None):
        self.layers, self.error = [], error

    def addLayer(self, *layer):
        if self.error:
            raise self.error
        self.layers.append(layer)


@pytest.mark.parametrize(
    "palette", ["degradation", "productivity", "drought", "land_cover", "status_detail"]
)
def test_every_class_has_its_colour(palette):
    table = tables.palette(palette)
    table = table[table["code"] != tables.NODATA]
    codes = table["code"].to_numpy(int)
    here = Session(Grid(1, len(codes) + 1))
    row = np.ma.MaskedArray(np.append(codes, 0), [*[False] * len(codes), True])[np.newaxis]
    here.add_asset("C", {"b": row})
    with here.installed():
        shown = FakeMap()
        legend = layers.add(shown, ee.Image("C"), palette, "classes")
        picture, options, name, visible = shown.layers[0]
        places = here.pixels(picture)["remapped"][0]
    assert places.compressed().tolist() == list(range(len(codes))) and places.mask[-1]
    assert options["palette"] == [colour.lstrip("#") for colour in table["colour"]]
    assert options["max"] == len(codes) - 1 and name == "classes" and visible
    assert list(legend.values()) == table["colour"].tolist()


def test_a_map_without_a_picture_says_why():
    with Session(Grid(1, 1)).installed():
        shown = FakeMap(ee.EEException("Quota exceeded for project"))
        with pytest.raises(problems.EarthEngineError, match="quota is used up"):
            layers.add(shown, ee.Image(1), "degradation", "classes")


def test_the_map_asks_for_no_sign_in():
    shown = layers.new_map()  # would wait for typed answers if it asked
    assert type(shown).__module__.startswith("geemap")
