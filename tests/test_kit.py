"""The offline kit: chosen from the lock, fetched whole or not at all, started without a network."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.html_links import broken_links, loaded_from_a_network

from ldnkit import kit, tables
from ldnkit.handover.pdf import find_chromium
from ldnkit.kit import card, maker, wheels

HOUSE = Path(__file__).resolve().parents[1]
RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"
LINUX = wheels.PLATFORMS["linux"][0]
COMPUTERS = [computer for found in wheels.PLATFORMS.values() for computer in found]
ONE, TWO = b"one package", b"another package"


def wheel(name: str, content: bytes) -> wheels.Wheel:
    file = f"{name}-1.0-py3-none-any.whl"
    return wheels.Wheel(name, "1.0", file, len(content), hashlib.sha256(content).hexdigest())


# ---- which packages ----------------------------------------------------------------------------


@pytest.mark.parametrize("computer", COMPUTERS, ids=lambda computer: computer.name)
@pytest.mark.parametrize("python", maker.PYTHONS)
def test_every_package_comes_ready_made(computer, python):
    chosen = wheels.choose(computer, python)
    names = [wheel.name for wheel in chosen]
    assert len(names) == len(set(names)) > 200
    assert ("numba" in names) == (computer.name != "macOS 15 (Intel)")
    assert ("pywinpty" in names) == (computer.system == "win32")
    assert ("ptyprocess" in names) == (computer.system != "win32")
    assert not {"hypothesis", "ruff", "sphinx", "playwright"} & set(names)
    others = {"win32": ("linux", "macos"), "darwin": ("linux", "win_"), "linux": ("macos", "win_")}
    for wheel in chosen:
        place = wheel.file.rsplit("-", 1)[1]
        assert not any(other in place for other in others[computer.system]), wheel.file


def test_the_older_system_comes_first(monkeypatch):
    def one(name, glibc):
        return wheels.Wheel(
            name, "1", f"{name}-1-cp312-cp312-manylinux_2_{glibc}_x86_64.whl", 1, ""
        )

    need = SimpleNamespace(name="a", specifier="==1", marker=None)
    monkeypatch.setattr(wheels, "requirements", lambda: [need])
    for there, expected in (((28, 34), 28), ((17, 28, 39), 28), ((34,), 34)):
        locked = {("a", "1"): [one("a", glibc) for glibc in there]}
        monkeypatch.setattr(wheels, "_locked", lambda locked=locked: locked)
        assert wheels.choose(LINUX, "3.12")[0].file == one("a", expected).file
    monkeypatch.setattr(wheels, "_locked", lambda: {("a", "1"): [one("a", 41)]})
    with pytest.raises(LookupError, match="not come ready-made for Linux with Python 3.12. Found"):
        wheels.choose(LINUX, "3.12")


def test_a_damaged_file_counts_as_missing(tmp_path):
    both = [wheel("one", ONE), wheel("two", TWO)]
    (tmp_path / both[0].file).write_bytes(ONE)
    (tmp_path / both[1].file).write_bytes(TWO[::-1])  # as long, but other bytes
    assert wheels.missing(both, tmp_path) == [both[1]]


# ---- fetching ----------------------------------------------------------------------------------

#: A pip that writes what the test tells it to: name of the file, then its content.
FAKE = """
import pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
for name, content in {files!r}.items():
    (folder / name).write_bytes(content)
sys.exit({code})
"""


def fake_pip(monkeypatch, files, code=0):
    script = FAKE.format(files=files, code=code)
    monkeypatch.setattr(wheels, "_pip", lambda work: [sys.executable, "-c", script])


def test_wheels_are_fetched(tmp_path, monkeypatch):
    both = [wheel("one", ONE), wheel("two", TWO)]
    fake_pip(monkeypatch, {both[0].file: ONE, both[1].file: TWO})
    steps = []
    wheels.fetch(LINUX, "3.12", both, tmp_path, step=steps.append)
    assert sorted(path.name for path in tmp_path.iterdir()) == [both[0].file, both[1].file]
    assert steps == [len(ONE) + len(TWO)]


@pytest.mark.parametrize(("content", "code"), [(ONE[:4], 1), (ONE[:4], 0), (ONE, 1)])
def test_a_failed_download_leaves_no_half_file(tmp_path, monkeypatch, content, code):
    one = wheel("one", ONE)
    fake_pip(monkeypatch, {one.file: content}, code)
    with pytest.raises(OSError, match="could not be fetched: one|damaged: one"):
        wheels.fetch(LINUX, "3.12", [one], tmp_path)
    assert list(tmp_path.iterdir()) == []


# ---- making ------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch):
    """Two packages in place of 250, written in place of fetched; the calls are counted."""
    files, calls = {wheel("one", ONE): ONE, wheel("two", TWO): TWO}, []

    def fetch(platform, python, wanted, folder, *, step):
        calls.append([found.name for found in wanted])
        for found in wanted:
            (folder / found.file).write_bytes(files[found])

    monkeypatch.setattr(wheels, "choose", lambda platform, python: list(files))
    monkeypatch.setattr(wheels, "fetch", fetch)
    monkeypatch.setattr(card, "write_pdf", lambda html, path: False)
    return calls


def make(tmp_path, **more):
    return kit.make(tmp_path / "kit", outputs=tmp_path / "outputs", **more)


def test_a_kit_is_made_and_goes_on_where_it_was(tmp_path, small, capsys):
    made = make(tmp_path, platforms=["windows", "linux"], pythons=["3.12", "3.13"])
    said = capsys.readouterr().out
    assert "packages: 2 files, 0 MB; to fetch: 0 MB" in said and "The kit is ready" in said
    assert small == [["one", "two"]], "a package that serves several computers is fetched once"
    folder = made.folder
    for name in (*maker.FILES, *maker.FOLDERS, "start.sh", "start.bat", "START_HERE.html"):
        assert (folder / name).exists() or not (HOUSE / name).exists(), name
    contents = (folder / "wheels/contents.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert contents == [
        *("win32 AMD64 3.12", "win32 AMD64 3.13", "linux x86_64 3.12", "linux x86_64 3.13")
    ]
    (folder / "wheels/one-0.9-py3-none-any.whl").write_bytes(b"of an earlier kit")
    (folder / "wheels" / wheel("two", TWO).file).write_bytes(b"half")
    make(tmp_path, platforms=["windows"], pythons=["3.12"])
    assert small[1:] == [["two"]]
    assert len(list((folder / "wheels").glob("*.whl"))) == 2
    left = [path for path in folder.rglob("*") if path.suffix == ".part" or path.name == "outputs"]
    assert left == [] and not list(folder.rglob("__pycache__"))


def test_check_sums_say_when_a_copy_is_damaged(tmp_path, small):
    made = make(tmp_path, platforms=["linux"], pythons=[RUNNING])
    command = [sys.executable, str(made.folder / "check_copy.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and f"All {made.files} files are whole." in done.stdout
    (made.folder / "README.md").write_text("x", encoding="utf-8")
    (made.folder / "wheels" / wheel("one", ONE).file).unlink()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "missing or damaged: README.md\n" in done.stdout and "one-1.0" in done.stdout


def test_an_unfinished_kit_has_no_check_sums(tmp_path, small, monkeypatch):
    made = make(tmp_path, platforms=["linux"], pythons=["3.12"])
    (made.folder / "wheels" / wheel("one", ONE).file).unlink()

    def broken(*rest, **more):
        raise OSError("Packages could not be fetched: one.")

    monkeypatch.setattr(wheels, "fetch", broken)
    with pytest.raises(OSError, match="could not be fetched"):
        make(tmp_path, platforms=["linux"], pythons=["3.12"])
    assert not (made.folder / "SHA256SUMS.txt").exists()


def test_what_cannot_be_made_is_refused(tmp_path, small, monkeypatch):
    with pytest.raises(ValueError, match="found amiga; use some of windows, macos, linux"):
        make(tmp_path, platforms=["amiga"])
    with pytest.raises(ValueError, match="found 3.9; use some of 3.11"):
        make(tmp_path, pythons=["3.9"])
    with pytest.raises(ValueError, match="where the project is"):
        kit.make(HOUSE)
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit/holiday.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="not empty and is no kit"):
        make(tmp_path)
    monkeypatch.setattr(maker.shutil, "disk_usage", lambda place: SimpleNamespace(free=1e6))
    with pytest.raises(OSError, match="too little room.*1 MB free"):
        kit.make(tmp_path / "other", outputs=tmp_path)
    assert not (tmp_path / "other").exists()


def test_default_pythons():
    found = {(computer.name, python) for computer, python in maker._targets(["windows"], None)}
    assert found == {("Windows", "3.12")}
    if sys.platform == "linux":
        found = [python for _, python in maker._targets(["linux"], None)]
        assert found == list(dict.fromkeys(["3.12", RUNNING]))


# ---- starting ----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="start.sh is for macOS and Linux")
def test_the_start_script_finds_a_python(tmp_path, small):
    made = make(tmp_path, platforms=["linux"], pythons=[RUNNING])
    (tmp_path / "a b").mkdir()
    folder = shutil.move(made.folder, tmp_path / "a b" / "kit")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / f"python{RUNNING}").symlink_to(sys.executable)
    settings = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path)}
    script = ["sh", str(folder / "start.sh")]
    run = {"env": settings, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([*script, "check"], **run)
    assert done.returncode == 0 and "files are whole" in done.stdout, done.stderr
    text = (folder / "start.sh").read_text(encoding="utf-8")
    (folder / "start.sh").write_text(text.replace(RUNNING, "3.99"), encoding="utf-8")
    done = subprocess.run(script, **run)
    assert done.returncode == 1 and "needs one of these Pythons: 3.99" in done.stderr


def test_the_start_script_of_windows(tmp_path, small):
    made = make(tmp_path, platforms=["windows"], pythons=["3.12"])
    text = (made.folder / "start.bat").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") and b"@PYTHONS@" not in text
    assert b"for %%v in (3.12) do" in text and b"PIP_NO_INDEX=1" in text


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("workbook", HOUSE / "workbook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    places = {"ROOT": tmp_path, "VENV": venv, "STAMP": venv / "ready.txt"}
    places |= {"BEGUN": venv / "unfinished.txt", "LOCK": tmp_path / "uv.lock"}
    places["EARLIER"] = tmp_path / ".venv.earlier"
    places |= {"WHEELS": tmp_path / "wheels"}
    for name, place in places.items():
        monkeypatch.setattr(module, name, str(place))
    (tmp_path / "wheels").mkdir()
    (tmp_path / "uv.lock").write_text("version = 1", encoding="utf-8")
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(module.platform, "machine", lambda: "x86_64")
    return module


def serve(launcher, *lines):
    text = "# system, processor, Python\n" + "".join(f"{line}\n" for line in lines)
    (Path(launcher.WHEELS) / "contents.txt").write_text(text, encoding="utf-8")


def test_the_launcher_installs_from_the_folder_beside_it(launcher, monkeypatch):
    serve(launcher, "win32 AMD64 3.12", f"linux x86_64 {RUNNING}")
    commands = []

    def call(command, **settings):
        commands.append(command)
        if "venv" in command:
            python = Path(launcher.venv_python())
            python.parent.mkdir(parents=True)
            python.write_text("", encoding="utf-8")
        return 0

    def no_network():
        raise AssertionError("nothing is asked from a network")

    monkeypatch.setattr(launcher, "find_uv", no_network)
    monkeypatch.setattr(launcher, "fetch_uv", no_network)
    monkeypatch.setattr(launcher.subprocess, "call", call)
    launcher.set_up()
    assert launcher.ready()
    (pip,) = [command for command in commands if "install" in command]
    assert {"--no-index", "--no-deps", "--isolated", launcher.WHEELS} <= set(pip)
    assert commands[2][1:] == ["-c", launcher.LINK, launcher.ROOT]


def test_the_launcher_says_which_python_fits(launcher, capsys):
    assert not launcher.wheels_fit(), "an ordinary folder"
    assert capsys.readouterr().err == ""
    serve(launcher, "linux x86_64 3.99", "win32 AMD64 3.12")
    assert not launcher.wheels_fit()
    said = capsys.readouterr().err
    assert f"Found: Python {RUNNING} on linux" in said and "start with Python 3.99" in said
    serve(launcher, "win32 AMD64 3.12")
    assert not launcher.wheels_fit()
    assert "make a kit for this kind of computer" in capsys.readouterr().err


def test_an_extra_is_installed_once(launcher, monkeypatch, capsys):
    answers = iter([0, 1, 1])  # it is here; it is not, and neither uv nor pip can get it
    monkeypatch.setattr(launcher.subprocess, "call", lambda command, **settings: next(answers))
    launcher.add_extra("site", "myst_nb")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(launcher, "find_uv", lambda: None)
    monkeypatch.setattr(launcher, "fetch_uv", lambda: None)
    with pytest.raises(launcher.SetUpError, match="(?s)could not be installed.*connect to the in"):
        launcher.add_extra("site", "myst_nb")
    asked = []
    monkeypatch.setattr(launcher.subprocess, "call", lambda *rest, **more: 1)
    monkeypatch.setattr(launcher, "find_uv", lambda: "uv")
    monkeypatch.setattr(launcher, "sync_with_uv", lambda uv, **more: asked.append(more) or True)
    launcher.add_extra("site", "myst_nb")
    assert asked == [{"extras": ("dev", "site"), "more": ("--inexact",)}]


# ---- the card ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_card_says_how_to_start(language):
    page = card.html(language, pythons=["3.12", "3.13"], platforms=["Windows", "Linux"])
    for part in ("start.bat", "sh start.sh", "3.12, 3.13", "Windows, Linux", "SHA256SUMS.txt"):
        assert part in page
    assert ('dir="rtl"' in page.split(">", 2)[1]) == (language == "ar")
    assert (tables.label("notice.machine_translation", language) in page) == (language != "en")
    assert "{" not in page.split("</style>")[-1]


@pytest.mark.slow
def test_the_card_fits_on_one_sheet(tmp_path):
    if find_chromium() is None:
        pytest.skip("no browser that prints PDF files is here")
    every = [computer.name for computer in COMPUTERS]
    card.write(tmp_path, pythons=list(maker.PYTHONS), platforms=every)
    printed = list(tmp_path.glob("cards/*.pdf"))
    assert len(printed) == 6
    for path in printed:
        assert path.read_bytes().count(b"/Type /Page\n") == 1, path.name
    assert broken_links(tmp_path) == [] and loaded_from_a_network(tmp_path) == []


# ---- the whole way -----------------------------------------------------------------------------


def without_network() -> list[str]:
    """What to put before a command so that it reaches this computer only; nothing if forbidden."""
    before = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    allowed = shutil.which("unshare") and subprocess.call([*before, "true"], **quiet) == 0
    return before if allowed else []


#: What a learner does first, without the server around it.
FIRST_NOTEBOOK = """
from ldnkit.execution import execute
done = execute("notebooks/00_start_here.ipynb", "outputs/00.ipynb", {"outputs": "../outputs"})
print(done)
raise SystemExit(done.state != "done")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="makes a kit for Linux")
def test_a_kit_works_without_a_network(tmp_path):
    try:
        urllib.request.urlopen("https://pypi.org/simple/six/", timeout=10).close()
    except OSError as error:
        pytest.skip(f"PyPI cannot be reached: {error}")
    if shutil.disk_usage(tmp_path).free < 4e9:
        pytest.skip("a kit and its environment need 4 GB of disk")
    made = kit.make(tmp_path / "stick", platforms=["linux"], pythons=[RUNNING], outputs=tmp_path)
    assert made.fetched > 2e8
    assert (tmp_path / "stick/wheels/contents.txt").read_text().endswith(f"x86_64 {RUNNING}\n")
    folder = (tmp_path / "stick").rename(tmp_path / "a copy")  # not where it was made
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / f"python{RUNNING}").symlink_to(getattr(sys, "_base_executable", sys.executable))
    closed = "http://127.0.0.1:9"
    settings = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path)}
    settings |= {"HTTPS_PROXY": closed, "HTTP_PROXY": closed, "ALL_PROXY": closed}
    command = [*without_network(), "sh", str(folder / "start.sh"), "doctor"]
    run = {"env": settings, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(command, **run)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything the workbook needs is here." in done.stdout
    assert "as tested" in done.stdout and "Installing from the folder wheels" in done.stderr
    python = [*without_network(), str(folder / ".venv/bin/python"), "-c", FIRST_NOTEBOOK]
    done = subprocess.run(python, cwd=folder, **run)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(tmp_path / "a copy", ignore_errors=True)
