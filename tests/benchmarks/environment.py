"""How large the environment of a Binder is: packages and megabytes, largest first.

    python tests/benchmarks/environment.py FOLDER [--python 3.12]

Makes an environment in FOLDER from binder/requirements.txt with uv, does what binder/postBuild
does, and counts. Needs the internet, or uv's cache.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]


def make(folder: Path, python: str) -> Path:
    """The environment; returns its site-packages."""
    uv = os.environ.get("UV") or shutil.which("uv") or str(HOUSE / ".uv" / "bin" / "uv")
    inside = str(folder / "bin" / "python")
    listed = ["-r", str(HOUSE / "binder" / "requirements.txt")]
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", python, str(folder)],
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", inside, *listed],
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", inside, "-e", str(HOUSE)],
    ):
        subprocess.run(command, check=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    shutil.rmtree(packages / "googleapiclient/discovery_cache/documents")  # as postBuild does
    return packages


def removed() -> set[str]:
    """Packages that postBuild takes out again."""
    text = (HOUSE / "binder" / "postBuild").read_text(encoding="utf-8")
    return set(re.search(r"pip uninstall --yes (.+)", text)[1].split())


def sizes(packages: Path) -> dict[str, float]:
    """Megabytes on disk by package, without compiled bytecode."""
    found = {}
    for distribution in distributions(path=[str(packages)]):
        files = [Path(distribution.locate_file(file)) for file in distribution.files or []]
        files = [file for file in files if file.is_file() and file.suffix != ".pyc"]
        found[distribution.name] = sum(file.stat().st_size for file in files) / 1e6
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default="3.12")
    options = parser.parse_args()
    found = sizes(make(options.folder, options.python))
    found = {name: size for name, size in found.items() if name not in removed()}
    print(f"{len(found)} packages, {sum(found.values()):,.0f} MB")
    for name, size in sorted(found.items(), key=lambda pair: -pair[1])[:15]:
        print(f"{size:8.1f} MB  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
