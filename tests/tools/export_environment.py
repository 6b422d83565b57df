"""Write the lists of packages anew, after uv.lock or pyproject.toml changed.

binder/requirements.txt has what the workbook and a hub need; tests/requirements.txt and
lessons/requirements.txt have what the checks and the web pages need besides.

    uv lock                                        (when the dependencies changed)
    python tests/tools/export_environment.py

Needs uv, but no internet.  ``tests/test_house.py`` says when it has been forgotten.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"dask[array]": "dask"}
PYTHON = "3.12"


def lock_hash() -> str:
    """Fingerprint of the lock, the same on Windows."""
    text = (HOUSE / "uv.lock").read_text(encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def requirements_header() -> str:
    return (
        "# Every package and its version, from uv.lock. Do not edit:\n"
        "# python tests/tools/export_environment.py\n"
        f"# lock {lock_hash()}\n"
    )


def requirements() -> str:
    """The list of the lock for pip: the workbook, and what a hub adds."""
    return requirements_header() + "".join(f"{line}\n" for line in exported("hub"))


def additions(extra: str) -> str:
    """What an extra needs besides the workbook."""
    there = set(exported("hub"))
    lines = [line for line in exported("hub", extra) if line not in there]
    return requirements_header() + "".join(f"{line}\n" for line in lines)


@functools.cache
def exported(*extras: str) -> list[str]:
    """The lines that uv exports for the workbook with some of its extras."""
    uv = os.environ.get("UV") or shutil.which("uv") or str(HOUSE / ".uv" / "bin" / "uv")
    command = [uv, "export", "--frozen", "--offline", "--quiet", "--project", str(HOUSE)]
    command += ["--no-hashes", "--no-emit-project", "--no-annotate", "--no-header"]
    command += ["--python", sys.executable]
    for extra in extras:
        command += ["--extra", extra]
    return subprocess.check_output(command, text=True, encoding="utf-8").splitlines()


def conda_environment() -> str:
    """The dependencies of pyproject.toml as conda-forge knows them."""
    with (HOUSE / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    lines = []
    for dependency in project["dependencies"]:
        bare = dependency.split(";")[0].strip()
        name, bounds = re.fullmatch(r"([A-Za-z0-9_.\[\]-]+)(.*)", bare).groups()
        lines.append(f"  - {CONDA_NAMES.get(name, name)}{bounds.replace(' ', '')}\n")
    return (
        "# For people who work with conda; made from pyproject.toml. Do not edit:\n"
        "# python tests/tools/export_environment.py\n"
        "# The exact versions that were tested stand in uv.lock.\n"
        f"name: {project['name']}\n"
        "channels:\n"
        "  - conda-forge\n"
        "  - nodefaults\n"
        "dependencies:\n"
        f"  - python={PYTHON}\n"
        "  - pip\n" + "".join(lines) + "  - pip:\n      - -e .\n"
    )


if __name__ == "__main__":
    for name, text in (
        ("environment.yml", conda_environment()),
        ("binder/requirements.txt", requirements()),
        ("tests/requirements.txt", additions("dev")),
        ("lessons/requirements.txt", additions("site")),
    ):
        (HOUSE / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"written: {name}")
