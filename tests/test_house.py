"""The house: packaging, the lock and what is made from it, the launcher, the doctor."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

import ldnkit
from ldnkit import doctor

HOUSE = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: The lists made from the lock: the workbook and a hub; its checks; its web pages.
LISTS = ("binder/requirements.txt", "tests/requirements.txt", "lessons/requirements.txt")


def read(name) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def load_script(path):
    spec = importlib.util.spec_from_file_location(Path(path).stem, HOUSE / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def project():
    return tomllib.loads(read("pyproject.toml"))["project"]


@pytest.fixture(scope="module")
def lock():
    return tomllib.loads(read("uv.lock"))


@pytest.fixture(scope="module")
def listed():
    """The lines of all lists of packages as requirements."""
    return [need for name in LISTS for need in requirements_in(name)]


def requirements_in(name) -> list[Requirement]:
    lines = read(name).splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


# ---- the package -------------------------------------------------------------------------------


def run_python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE, check=False
    )


def test_import_is_light():
    heavy = "rasterio matplotlib leafmap geemap ee pandas xarray numba geopandas".split()
    done = run_python(f"import sys, ldnkit; print(sorted(set({heavy}) & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done.stderr


def test_names_of_the_package():
    assert ldnkit.InputError.__mro__[1] is ValueError
    for function in (ldnkit.open_country, ldnkit.compute, ldnkit.results):
        assert callable(function) and not isinstance(function, ModuleType)
    assert isinstance(ldnkit.tables, ModuleType)
    with pytest.raises(AttributeError, match="ldnkit has no 'compte'. It has"):
        _ = ldnkit.compte


def imported_names(folder) -> set[str]:
    names = set()
    for path in (HOUSE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"ldnkit"}


def test_every_import_is_declared(project):
    """What the package imports it asks for itself; it does not live on what others bring."""
    lines = project["dependencies"]
    asked = {canonicalize_name(Requirement(line).name) for line in lines}
    homes = packages_distributions()
    for name in imported_names("ldnkit"):
        owners = {canonicalize_name(owner) for owner in homes.get(name, [name])}
        assert owners & asked, f"{name} is imported but not among the dependencies"


def test_one_version(project):
    assert project["version"] == ldnkit.__version__
    assert f"\nversion: {ldnkit.__version__}\n" in read("CITATION.cff")
    assert re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[1] == ldnkit.__version__


def test_modules_are_small_and_named():
    for path in (HOUSE / "ldnkit").rglob("*.py"):
        assert path.name not in ("utils.py", "common.py", "helpers.py"), path
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 450, f"{path.name} is two things"


def test_licences():
    assert "Apache License" in read("LICENSE") and "END OF TERMS AND CONDITIONS" in read("LICENSE")
    content = read("LICENSE-CONTENT")
    assert "https://creativecommons.org/licenses/by/4.0/" in content
    assert "notebooks/" in content and "lessons/" in content
    assert "Section 8 -- Interpretation" in content, "the whole legal text is needed"


# ---- the lock and what is made from it ---------------------------------------------------------


def test_the_lock_uses_public_places_only(lock):
    hosts = set(re.findall(r"(\w+://[^/\"]+)", read("uv.lock")))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}
    places = [package["source"] for package in lock["package"] if package["name"] != "ldnkit"]
    assert all(place == {"registry": "https://pypi.org/simple"} for place in places)


def test_the_lock_belongs_to_the_project(lock, project):
    own = next(package for package in lock["package"] if package["name"] == "ldnkit")
    locked = {
        (entry["name"], entry.get("specifier", ""), entry.get("marker", "").split("extra ==")[0])
        for entry in own["metadata"]["requires-dist"]
    }
    named = {name for name, _, _ in locked}
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in project["dependencies"] + extras:
        need = Requirement(line)
        assert need.name in named, f"{need.name} is not in the lock: run uv lock"
        bounds = [SpecifierSet(specifier) for name, specifier, _ in locked if name == need.name]
        assert need.specifier in bounds, f"{need.name}: run uv lock"
    assert len(locked) == len(project["dependencies"] + extras)
    assert lock["requires-python"].replace(" ", "") == project["requires-python"]


def test_left_out_packages_stay_out(lock):
    names = {package["name"] for package in lock["package"]}
    heavy = {"rfc3987-syntax", "xee", "duckdb", "pyarrow", "bokeh", "torch"}
    assert not names & heavy


def test_the_list_is_made_from_the_lock(lock, listed):
    export = load_script("tests/tools/export_environment.py")
    again = "run python tests/tools/export_environment.py"
    for name in LISTS:
        assert read(name).startswith(export.requirements_header()), again
        assert not re.search(r"^-|file:|@ ", read(name), re.MULTILINE)
    locked = {(package["name"], package["version"]) for package in lock["package"]}
    for need in listed:
        version = str(need.specifier).removeprefix("==")
        assert (canonicalize_name(need.name), version) in locked, f"{need}: {again}"
    binder, checks, pages = ({need.name for need in requirements_in(name)} for name in LISTS)
    assert {"notebook", "jupyterhub", "jupyterlab", "numba", "leafmap"} <= binder
    assert {"hypothesis", "ruff", "climate-indices"} <= checks - binder
    assert {"sphinx", "myst-nb", "sphinx-book-theme"} <= pages - binder


def test_the_list_is_what_uv_exports():
    export = load_script("tests/tools/export_environment.py")
    if not (os.environ.get("UV") or shutil.which("uv") or (HOUSE / ".uv" / "bin" / "uv").exists()):
        pytest.skip("uv is not here")
    made = export.requirements(), export.additions("dev"), export.additions("site")
    assert made == tuple(read(name) for name in LISTS)


def test_the_conda_environment_is_made_from_the_project():
    export = load_script("tests/tools/export_environment.py")
    assert export.conda_environment() == read("environment.yml")


PLATFORMS = {
    "Linux": ("linux", "Linux", "x86_64", "posix", r"manylinux.*x86_64"),
    "Linux on ARM": ("linux", "Linux", "aarch64", "posix", r"manylinux.*aarch64"),
    "Windows": ("win32", "Windows", "AMD64", "nt", r"win_amd64"),
    "Mac": ("darwin", "Darwin", "arm64", "posix", r"macosx_.*(arm64|universal2)"),
    "Intel Mac": ("darwin", "Darwin", "x86_64", "posix", r"macosx_.*(x86_64|universal2)"),
}


def fits(wheel, python, pattern) -> bool:
    """True when a wheel can be installed with this Python on a platform."""
    ours = "cp" + python.replace(".", "")
    for tag in parse_wheel_filename(wheel)[3]:
        right_python = tag.interpreter == ours or tag.interpreter.startswith("py3")
        if tag.abi == "abi3":
            right_python = int(tag.interpreter.removeprefix("cp3") or 0) <= int(python[2:])
        right_binary = tag.abi in ("none", "abi3", ours)
        if right_python and right_binary and re.fullmatch(f"any|{pattern}", tag.platform):
            return True
    return False


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_nothing_has_to_be_compiled(platform, python, lock, listed):
    """A country team has no compiler: every package comes ready-made, or pure Python."""
    system, name, machine, kind, pattern = PLATFORMS[platform]
    here = {
        "sys_platform": system,
        "platform_system": name,
        "platform_machine": machine,
        "os_name": kind,
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    packages = {(package["name"], package["version"]): package for package in lock["package"]}
    bare, chosen = [], set()
    for need in listed:
        if need.marker and not need.marker.evaluate(here):
            continue
        chosen.add(need.name)
        package = packages[need.name, str(need.specifier).removeprefix("==")]
        wheels = [wheel["url"].rsplit("/", 1)[1] for wheel in package.get("wheels", [])]
        if not any(fits(wheel.replace("%2B", "+"), python, pattern) for wheel in wheels):
            bare.append(str(need))
    assert not bare
    assert ("numba" in chosen) == (platform != "Intel Mac")


def test_binder_is_what_repo2docker_reads():
    version = read("binder/runtime.txt").strip().removeprefix("python-")
    assert version in PYTHONS
    for name in ("postBuild", "start"):
        script = HOUSE / "binder" / name
        assert read(f"binder/{name}").startswith("#!/usr/bin/env bash\n")
        assert os.name == "nt" or os.access(script, os.X_OK), f"{name} cannot be run"
    assert read("binder/start").rstrip().endswith('exec "$@"')


# ---- the launcher ------------------------------------------------------------------------------


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    """workbook.py, set up to work in an empty folder."""
    module = load_script("workbook.py")
    venv = tmp_path / ".venv"
    places = {"ROOT": tmp_path, "VENV": venv, "STAMP": venv / "ready.txt"}
    places |= {"BEGUN": venv / "unfinished.txt", "LOCK": tmp_path / "uv.lock"}
    places["EARLIER"] = tmp_path / ".venv.earlier"
    places |= {"WHEELS": tmp_path / "wheels"}
    for name, place in places.items():
        monkeypatch.setattr(module, name, str(place))
    (tmp_path / "uv.lock").write_text("version = 1", encoding="utf-8")
    return module


def make_environment(launcher):
    """What uv would leave behind: a folder with a Python."""
    python = Path(launcher.venv_python())
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text("", encoding="utf-8")
    return True


def test_the_launcher_can_be_read_by_old_pythons():
    tree = ast.parse(read("workbook.py"), feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    imported = {name.name for node in imports for name in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 9, 18), (3, 10, 13), (3, 15, 0)])
def test_other_pythons_are_refused_kindly(launcher, version):
    with pytest.raises(SystemExit) as stopped:
        launcher.refuse_python(version)
    said = stopped.value.code
    assert ".".join(map(str, version)) in said and "What to do: install Python 3.12" in said


def test_the_launcher_and_the_project_agree_on_pythons(launcher, project):
    for version in PYTHONS:
        assert launcher.refuse_python(tuple(map(int, version.split(".")))) is None
    oldest, newest = launcher.OLDEST, launcher.NEWEST
    assert project["requires-python"] == f">=3.{oldest[1]},<3.{newest[1] + 1}"


def test_words_that_are_no_verbs(launcher, capsys):
    assert launcher.main([]) == 0
    assert "python workbook.py report" in capsys.readouterr().out
    assert launcher.main(["raport"]) == 2
    assert "There is no 'raport' here" in capsys.readouterr().err


def test_set_up_is_done_once(launcher, monkeypatch):
    calls = []

    def sync(uv):
        calls.append(uv)
        return make_environment(launcher)

    monkeypatch.setattr(launcher, "find_uv", lambda: "uv")
    monkeypatch.setattr(launcher, "sync_with_uv", sync)
    monkeypatch.setattr(launcher.subprocess, "call", lambda *rest, **more: 0)
    monkeypatch.setattr(launcher, "hand_over", lambda command: 7)
    assert [launcher.main(["doctor"]), launcher.main(["doctor"])] == [7, 7]
    assert calls == ["uv"]
    Path(launcher.LOCK).write_text("version = 2", encoding="utf-8")  # a newer workbook
    assert not launcher.ready()
    assert launcher.main(["doctor"]) == 7
    assert calls == ["uv", "uv"]
    Path(launcher.venv_python()).unlink()  # the Python below was removed
    assert not launcher.ready()


def test_an_interrupted_set_up_is_done_again(launcher, monkeypatch):
    half = Path(launcher.VENV) / "half.txt"
    monkeypatch.setattr(launcher, "find_uv", lambda: "uv")
    monkeypatch.setattr(launcher.subprocess, "call", lambda *rest, **more: 0)

    def interrupted(uv):
        make_environment(launcher)
        launcher.mark_begun()
        half.write_text("half a package", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(launcher, "sync_with_uv", interrupted)
    assert launcher.main(["doctor"]) == 130
    assert half.exists() and not launcher.ready()
    monkeypatch.setattr(launcher, "sync_with_uv", lambda uv: make_environment(launcher))
    launcher.set_up()
    assert launcher.ready() and not half.exists()


def test_without_uv_pip_is_used(launcher, monkeypatch):
    commands = []

    def call(command, **settings):
        commands.append(command)
        if "venv" in command:
            make_environment(launcher)
        return 1 if "--target" in command else 0

    monkeypatch.setattr(launcher.shutil, "which", lambda name: None)
    monkeypatch.setattr(launcher.subprocess, "call", call)
    launcher.set_up()
    assert launcher.ready()
    assert [command[-1] for command in commands[2:4]] == [
        str(Path(launcher.ROOT) / "tests" / "requirements.txt"),
        launcher.ROOT,
    ]
    assert str(Path(launcher.ROOT) / "binder" / "requirements.txt") in commands[2]
    assert all("--no-deps" in command for command in commands[2:4])


def test_no_internet_is_said_in_three_parts(launcher, monkeypatch, capsys):
    monkeypatch.setattr(launcher.shutil, "which", lambda name: None)
    monkeypatch.setattr(launcher.subprocess, "call", lambda command, **settings: 1)
    assert launcher.main(["report"]) == 3
    said = capsys.readouterr().err
    assert "could not be installed" in said and "Found:" in said and "What to do:" in said
    assert not launcher.ready()


def test_a_failed_set_up_brings_the_earlier_packages_back(launcher, monkeypatch):
    make_environment(launcher)
    (Path(launcher.VENV) / "package.txt").write_text("here", encoding="utf-8")
    done = []

    def call(command, **settings):
        done.append(command)
        if "venv" in command:
            make_environment(launcher)
            return 0
        return 1  # no internet

    monkeypatch.setattr(launcher.shutil, "which", lambda name: None)
    monkeypatch.setattr(launcher.subprocess, "call", call)
    assert launcher.main(["report"]) == 3
    assert len(done) == 3, "uv could not be had, .venv was made, the packages were not"
    assert (Path(launcher.VENV) / "package.txt").read_text(encoding="utf-8") == "here"
    assert not Path(launcher.EARLIER).exists() and not launcher.ready()
    monkeypatch.setattr(launcher.subprocess, "call", lambda command, **settings: int(
        "--target" in command or "venv" in command and not make_environment(launcher)))  # fmt: skip
    launcher.set_up()
    assert launcher.ready() and not (Path(launcher.VENV) / "package.txt").exists()
    assert not Path(launcher.EARLIER).exists()


def test_uv_that_fails_costs_nothing(launcher, monkeypatch):
    """A new lock, uv, no internet: what was there is there after each try."""
    make_environment(launcher)
    package = Path(launcher.VENV) / "package.txt"
    package.write_text("here", encoding="utf-8")

    def call(command, **settings):
        if "venv" in command and command[0] != "uv":
            make_environment(launcher)
            return 0
        return 1

    monkeypatch.setattr(launcher, "find_uv", lambda: "uv")
    monkeypatch.setattr(launcher.subprocess, "call", call)
    for _ in range(3):
        assert launcher.main(["report"]) == 3
        assert package.read_text(encoding="utf-8") == "here" and not launcher.ready()
        assert not Path(launcher.EARLIER).exists() and not Path(launcher.BEGUN).exists()


def test_packages_put_aside_by_a_set_up_that_was_cut_off_come_back(launcher, monkeypatch):
    make_environment(launcher)
    (Path(launcher.VENV) / "half.txt").write_text("half", encoding="utf-8")
    Path(launcher.EARLIER).mkdir()
    (Path(launcher.EARLIER) / "package.txt").write_text("here", encoding="utf-8")
    monkeypatch.setattr(launcher, "find_uv", lambda: "uv")
    monkeypatch.setattr(launcher.subprocess, "call", lambda command, **settings: 1)
    assert launcher.main(["report"]) == 3
    assert (Path(launcher.VENV) / "package.txt").exists() and not Path(launcher.EARLIER).exists()
    assert not (Path(launcher.VENV) / "half.txt").exists()


def test_packages_in_use_are_no_crash(launcher, monkeypatch, capsys):
    make_environment(launcher)

    def refuse(folder, place):
        raise PermissionError("in use")

    monkeypatch.setattr(launcher.shutil, "which", lambda name: None)
    monkeypatch.setattr(launcher.subprocess, "call", lambda command, **settings: 1)
    monkeypatch.setattr(launcher.os, "rename", refuse)
    assert launcher.main(["report"]) == 3
    assert "close JupyterLab" in capsys.readouterr().err
    assert Path(launcher.venv_python()).exists()


def test_a_question_sets_nothing_up(launcher, capsys):
    assert launcher.main(["lab", "--help"]) == 0
    assert "python workbook.py report" in capsys.readouterr().out
    assert not Path(launcher.VENV).exists()


def test_packages_are_not_renewed_by_their_own_python(launcher, monkeypatch, capsys):
    make_environment(launcher)
    monkeypatch.setattr(launcher.sys, "prefix", launcher.VENV)
    assert launcher.main(["report"]) == 3
    assert "start again with the Python of this computer" in capsys.readouterr().err
    assert Path(launcher.venv_python()).exists()


def test_a_full_disk_stops_before_work_starts(launcher, monkeypatch, capsys):
    monkeypatch.setattr(launcher.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1e8))
    assert launcher.main(["report"]) == 3
    assert "0.1 GB free" in capsys.readouterr().err


def test_settings_of_other_programs_are_taken_out(launcher, monkeypatch):
    monkeypatch.setenv("PROJ_LIB", "elsewhere")
    monkeypatch.setenv("GDAL_CACHEMAX", "64")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    settings = launcher.environment()
    assert "PROJ_LIB" not in settings
    assert settings["GDAL_CACHEMAX"] == "64" and settings["OMP_NUM_THREADS"] == "1"


def test_both_launchers_know_the_same_verbs(launcher):
    command = [sys.executable, "-m", "ldnkit", "--help"]
    said = subprocess.check_output(command, text=True, cwd=HOUSE)
    shown = re.findall(r"^    (\w+) ", said, re.MULTILINE)
    assert sorted(shown) == sorted(launcher.VERBS)


# ---- the doctor --------------------------------------------------------------------------------


def test_the_doctor_finds_this_machine_well(tmp_path, capsys):
    findings = {finding.where: finding for finding in doctor.examine(tmp_path / "outputs")}
    for place in ("Python", "Rasters (GDAL)", "Projections (PROJ)", "Results folder"):
        assert findings[place].severity == "info", findings[place]
    assert not (tmp_path / "outputs").exists(), "the doctor changes nothing"


def test_the_doctor_sees_a_full_disk(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: SimpleNamespace(free=2e8))
    assert doctor.main(tmp_path) == 1
    said = capsys.readouterr().out
    assert "problem Disk: 0.2 GB free" in said and "what to do: Free some space" in said


def test_the_doctor_sees_other_versions(tmp_path, monkeypatch):
    other = tmp_path / "requirements.txt"
    lines = "# list\nnumpy==0.1\nxarray==0.2 ; sys_platform == 'nowhere'\n"
    other.write_text(lines, encoding="utf-8")
    monkeypatch.setattr(doctor, "LISTED", other)
    (finding,) = [one for one in doctor._packages() if one.severity == "warning"]
    assert finding.found.startswith("numpy ") and "xarray" not in finding.found


def test_the_doctor_misses_a_package(tmp_path, monkeypatch):
    other = tmp_path / "requirements.txt"
    other.write_text("rasterio==1.0\nno-such-package==1.0\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "LISTED", other)
    monkeypatch.setattr(doctor, "_own_needs", lambda: {"no-such-package"})
    (finding,) = [one for one in doctor._packages() if one.severity == "error"]
    assert finding.found == "missing: no-such-package"


# ---- the pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_pages(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if not target.startswith("http"):
            assert (HOUSE / target.split("#")[0]).exists(), f"{page}: {target} leads nowhere"


def test_the_readme_lists_every_notebook():
    named = set(re.findall(r"\(notebooks/(\w+\.ipynb)\)", read("README.md")))
    assert named == {path.name for path in (HOUSE / "notebooks").glob("*.ipynb")}


def test_markers_are_valid(listed):
    assert all(isinstance(need.marker, Marker) for need in listed if need.marker)
    for name in LISTS[1:]:
        both = requirements_in(LISTS[0]) + requirements_in(name)
        assert len(set(map(str, both))) == len(both)
        for python in PYTHONS:  # one version of every package, however many lines name it
            here = {"python_version": python, "python_full_version": f"{python}.9"}
            chosen = [need for need in both if not need.marker or need.marker.evaluate(here)]
            versions = {(need.name, str(need.specifier)) for need in chosen}
            assert len(versions) == len({need.name for need in chosen}), python
