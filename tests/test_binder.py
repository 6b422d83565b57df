"""The Binder: what repo2docker makes of the folder, and the scripts it runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
BINDER = HOUSE / "binder"
#: The version of repo2docker that was tested.
REPO2DOCKER = "jupyter-repo2docker==2026.4.0"


def read(name: str) -> str:
    return (BINDER / name).read_text(encoding="utf-8")


def test_every_package_is_pinned():
    lines = [line for line in read("requirements.txt").splitlines() if not line.startswith("#")]
    assert lines and all(re.match(r"[\w.-]+==[\w.]+( ;|$)", line) for line in lines)


def test_packages_of_the_checks_are_left_out():
    names = {line.split("==")[0] for line in read("requirements.txt").splitlines()}
    assert not names & {"hypothesis", "ruff", "climate-indices", "sphinx", "playwright"}


def test_a_session_needs_no_network():
    """Everything that would be fetched or compiled later is done when the image is built."""
    script = read("postBuild")
    for step in (
        "pip install --no-cache-dir --no-deps -e .",
        "ldnkit warm",
        "open_country('landia'",
    ):
        assert step in script
    settings = json.loads(read("overrides.json"))
    notes = settings["@jupyterlab/apputils-extension:notification"]
    assert notes == {"fetchNews": "false", "checkForUpdates": False}
    assert "overrides.json" in script


def test_the_badge_lands_in_the_first_notebook():
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    (place,) = re.findall(r"mybinder\.org/v2/\S+\?urlpath=lab/tree/(\S+?)\)", readme)
    assert place == "notebooks/00_start_here.ipynb" and (HOUSE / place).is_file()


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_the_scripts_are_right_for_bash(name):
    done = subprocess.run(["bash", "-n", str(BINDER / name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="needs bash")
def test_the_start_script_limits_memory_and_starts_what_it_is_given():
    show = "import os; print(os.environ['GDAL_CACHEMAX'], os.environ['MALLOC_ARENA_MAX'])"
    command = ["bash", str(BINDER / "start"), sys.executable, "-c", show]
    assert subprocess.check_output(command, text=True).split() == ["128", "2"]


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """What repo2docker would build, without building it."""
    place = tmp_path_factory.mktemp("repo2docker")
    tool = shutil.which("jupyter-repo2docker")
    if tool is None:
        python = getattr(sys, "_base_executable", sys.executable)
        for command in (
            [python, "-m", "venv", str(place / "venv")],
            [str(place / "venv/bin/python"), "-m", "pip", "install", "--quiet", REPO2DOCKER],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"repo2docker could not be installed: {done.stderr.strip()[-200:]}")
        tool = str(place / "venv/bin/jupyter-repo2docker")
    work = place / "project"
    work.mkdir()
    shutil.copytree(BINDER, work / "binder")
    shutil.copy(HOUSE / "environment.yml", work)
    settings = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [tool, "--no-build", "--debug", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, env=settings)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="repo2docker does not run on Windows")
class TestTheDockerfile:
    def test_python_is_the_one_that_was_tested(self, dockerfile):
        version = read("runtime.txt").strip().removeprefix("python-")
        assert f"Building conda environment for python={version}\n" in dockerfile

    def test_the_list_is_installed_and_the_conda_file_is_not(self, dockerfile):
        assert '/bin/pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
        assert "environment.yml" not in dockerfile

    def test_the_scripts_are_run(self, dockerfile):
        assert "RUN ./binder/postBuild" in dockerfile
        assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile
        assert re.search(r'^CMD \["jupyter", "notebook"', dockerfile, re.MULTILINE)
