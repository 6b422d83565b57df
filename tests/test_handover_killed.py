"""A package that is killed at any moment: there is always a whole one, old or new."""

from __future__ import annotations

import importlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from small_country import small_country

import ldnkit
from ldnkit.handover import manifest, swap

HOUSE = Path(__file__).resolve().parents[1]
package = importlib.import_module("ldnkit.handover.package")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")


# ---- every rename, on packages of two files ------------------------------------------------------


def a_package(folder, text) -> Path:
    folder.mkdir(parents=True)
    (folder / "README.txt").write_text(text, encoding="utf-8")
    (folder / f"{text}.txt").write_text(text, encoding="utf-8")
    what = {"README.txt": "This text", f"{text}.txt": "A text"}
    manifest.write(folder, what, {"archive": "report.zip", "time_utc": text})
    return folder


def made(folder, text) -> tuple[Path, Path]:
    place = a_package(folder / f"{swap.MADE}{text}", text)
    swap.pack(place, folder / f"{place.name}.zip.part")
    return place, folder / f"{place.name}.zip.part"


def killed_at(step: int, work) -> bool:
    """Run ``work`` in a process that ends, without any clean-up, before its rename ``step``.

    Says whether the process came so far.
    """
    child = os.fork()
    if child == 0:
        count, rename, remove = 0, Path.replace, shutil.rmtree

        def counted(function):
            def call(*rest, **more):
                nonlocal count
                if count == step:
                    os._exit(9)
                count += 1
                return function(*rest, **more)

            return call

        Path.replace, shutil.rmtree = counted(rename), counted(remove)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


def whole(folder, *texts) -> str:
    """Zip file and, after recovery, folder are whole and one of these packages."""
    archive, report = folder / "report.zip", folder / "report"
    assert manifest.verify(archive) == []
    assert manifest.read(archive)["time_utc"] in texts
    swap.recover(folder)
    assert manifest.verify(archive) == manifest.verify(report) == []
    found = {manifest.read(place)["time_utc"] for place in (archive, report)}
    assert len(found) == 1 and found <= set(texts)
    left = sorted(path.name for path in folder.iterdir() if path.name != swap.KEPT)
    assert left == ["report", "report.zip"]
    return found.pop()


@needs_fork
def test_killed_at_every_step_of_the_swap(tmp_path):
    """Before each rename and each removal; the outcome turns from old to new exactly once."""
    outcomes = []
    for step in range(20):
        folder = tmp_path / str(step)
        folder.mkdir()
        swap.put_in_place(*made(folder, "old"))
        new = made(folder, "new")
        came = killed_at(step, lambda new=new: swap.put_in_place(*new))
        outcomes.append(whole(folder, "old", "new"))
        if not came:
            break
    else:
        pytest.fail("the swap has more steps than this test knows")
    assert len(outcomes) >= 6
    assert outcomes == sorted(outcomes, reverse=True) and {"old", "new"} == set(outcomes)


@needs_fork
def test_killed_at_every_step_of_the_recovery(tmp_path):
    """A recovery that is killed itself is taken up by the next one."""
    for first in range(8):
        for second in range(8):
            folder = tmp_path / f"{first}-{second}"
            folder.mkdir()
            swap.put_in_place(*made(folder, "old"))
            (folder / "report" / "mine.txt").write_text("mine", encoding="utf-8")
            new = made(folder, "new")
            killed_at(first, lambda new=new: swap.put_in_place(*new))
            killed_at(second, lambda folder=folder: swap.recover(folder))
            swap.recover(folder)
            places = [folder / "report" / "mine.txt", *(folder / swap.KEPT).rglob("mine.txt")]
            assert [path.read_text() for path in places if path.exists()] == ["mine"]
            places[0].unlink(missing_ok=True)
            whole(folder, "old", "new")


@needs_fork
def test_killed_on_the_first_run(tmp_path):
    """Without an earlier report there is none or a whole one."""
    for step in range(6):
        folder = tmp_path / str(step)
        folder.mkdir()
        new = made(folder, "new")
        killed_at(step, lambda new=new: swap.put_in_place(*new))
        swap.recover(folder)
        if (folder / "report").exists():
            whole(folder, "new")
        else:
            assert not list(folder.iterdir())


# ---- kill -9 at random moments, on a small country -----------------------------------------------

CHILD = """
import sys, warnings
warnings.simplefilter("ignore")
from ldnkit import handover
from ldnkit.country import Country
import ldnkit
country = Country.read(sys.argv[1], sys.argv[2], "fr")
ldnkit.results(country)
import rasterio, pyogrio, xlsxwriter, matplotlib  # loaded before the clock starts
print("ready", flush=True)
handover.package(country, documents=False)
print("done", flush=True)
"""
KILLS = 14


def begin(country) -> subprocess.Popen:
    """A process that is about to write the package."""
    command = [sys.executable, "-c", CHILD, str(country.path), str(country.outputs)]
    options = {"stdout": subprocess.PIPE, "text": True, "cwd": HOUSE}
    child = subprocess.Popen(command, **options)
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path):
    """Fourteen kills spread over the whole time; the first and the last run end by themselves."""
    covers = {2000: [[1, 2], [3, 7]], 2015: [[1, 3], [3, 7]], 2016: [[1, 3], [3, 7]]}
    covers |= {2019: [[1, 3], [5, 7]], 2023: [[2, 3], [5, 7]]}
    country = small_country(tmp_path, covers).read()
    for indicator in ldnkit.indicators(country):
        ldnkit.compute(country, indicator, progress=False)
    folder = country.folder_results
    report, archive = folder / "report", folder / "report_XLD_2026.zip"
    package.package(country, documents=False)
    child = begin(country)
    started = time.perf_counter()
    assert child.communicate(timeout=300)[0] == "done\n"
    whole_time = time.perf_counter() - started
    generator, came = random.Random(15.3), []
    for number in range(KILLS):
        before = manifest.read(archive)
        child = begin(country)
        # a part of the time of its own for each kill, so that the whole is covered
        share = (number + generator.random()) / KILLS
        time.sleep(share * whole_time)
        child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        said = child.communicate(timeout=60)[0]
        came.append("done" in said)
        with zipfile.ZipFile(archive) as zipped:
            assert zipped.testzip() is None
        assert manifest.verify(archive) == []
        swap.recover(folder)
        assert manifest.verify(report) == manifest.verify(archive) == []
        assert manifest.read(report) == manifest.read(archive)
        assert manifest.read(archive)["time_utc"] >= before["time_utc"]
        assert not list(folder.glob(".report-*"))
    assert not all(came), "no kill came in time: the delays are wrong"
    package.package(country, documents=False)
    assert manifest.verify(report) == manifest.verify(archive) == []
