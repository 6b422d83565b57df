"""Every notebook runs by itself, quickly and in little memory, and says the same thing again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ldnkit
from ldnkit import InputError, runner
from ldnkit.prose import catalogues
from ldnkit.prose.catalogues import Catalogue, Entry
from ldnkit.prose.markdown import Unit

HOUSE = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((HOUSE / "notebooks").glob("*.ipynb"))
MOST_SECONDS = 120
MOST_MEMORY = 1e9  # bytes

each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def run_one(notebook, folder, parameters) -> runner.Outcome:
    ((_, outcome),) = runner.execute_each([notebook], folder, parameters)
    return outcome


def test_there_are_notebooks():
    assert NOTEBOOKS, "the folder notebooks holds no notebook"


#: One notebook of each kind is run in French, too: maps, people, lists, the report.
IN_FRENCH = [path for path in NOTEBOOKS if path.name[:2] in ("00", "05", "10", "14", "17")]
RUNS = [(path, "en") for path in NOTEBOOKS]
RUNS += [pytest.param(path, "fr", marks=pytest.mark.slow) for path in IN_FRENCH]


@pytest.mark.parametrize(
    ("notebook", "language"), RUNS, ids=lambda value: getattr(value, "stem", value)
)
def test_runs(notebook, language, landia_outputs, landia_results, tmp_path, record_property):
    """With the training country, on results that are there already."""
    parameters = {"country": "landia", "language": language, "outputs": str(landia_outputs)}
    outcome = run_one(notebook, tmp_path, parameters)
    record_property("seconds", outcome.seconds)
    record_property("peak_memory_mb", outcome.memory / 1e6)
    assert outcome.state == "done", f"cell '{outcome.cell}': {outcome.message}"
    assert outcome.seconds < MOST_SECONDS
    assert outcome.memory < MOST_MEMORY


@pytest.mark.slow
@each_notebook
def test_runs_alone(notebook, tmp_path):
    """From an empty outputs folder: what a notebook needs, it makes itself."""
    parameters = {"country": "landia", "language": "en", "outputs": str(tmp_path / "outputs")}
    outcome = run_one(notebook, tmp_path / "executed", parameters)
    assert outcome.state == "done", f"cell '{outcome.cell}': {outcome.message}"


@each_notebook
def test_refuses_unknown_parameters(notebook, tmp_path):
    with pytest.raises(InputError, match=r"'countri'.*Did you mean country\?"):
        runner.execute(notebook, tmp_path / "executed.ipynb", {"countri": "landia"})


@pytest.mark.slow
@each_notebook
def test_says_the_same_again(notebook, landia_outputs, landia_results, tmp_path):
    """nbval runs the executed copy once more and compares every output."""
    folder = tmp_path / "notebooks"
    parameters = {"country": "landia", "language": "en", "outputs": str(landia_outputs)}
    shutil.copytree(HOUSE / "notebooks", folder, ignore=shutil.ignore_patterns("outputs", ".*"))
    assert run_one(notebook, folder, parameters).state == "done"
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", str(HOUSE / "tests" / "tools" / "nbval_sanitize.cfg")]
    command += ["--nbval-cell-timeout", str(MOST_SECONDS), "-c", str(tmp_path / "pytest.ini")]
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command.append(str(folder / notebook.name))
    new = os.environ | {"LDNKIT_PROGRESS": str(tmp_path / "progress.csv")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=new, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_golden_tables(landia, landia_results, golden):
    """The exact numbers of every table of Landia; they change only with a word in CHANGELOG."""
    from ldnkit import prais

    report = prais.build(landia, landia_results)
    assert report.tables
    for name, table in report.tables.items():
        golden(name, table.frame.reset_index())


# ---- the runner itself, on notebooks of a few cells --------------------------------------------


def write_notebook(path, *sources):
    """A notebook with a parameters cell and these code cells, called step-1, step-2 …"""
    cells = [("parameters", 'country = "landia"\nlanguage = "en"\noutputs = ""', ["parameters"])]
    cells += [(f"step-{number}", source, []) for number, source in enumerate(sources, 1)]
    content = {
        "cells": [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {"tags": tags},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for name, source, tags in cells
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def small_country(tmp_path, monkeypatch):
    """The training country with nothing to compute: only the notebooks count here."""
    results = tmp_path / "outputs" / "XLD"
    results.mkdir(parents=True)
    file = tmp_path / "country.yml"
    file.write_text("iso3: XLD", encoding="utf-8")

    class Country:
        path, folder_results, findings, language = file, results, (), "en"

        def name(self, language):
            return "Landia"

    monkeypatch.setattr(ldnkit, "open_country", lambda *rest, **more: Country(), raising=False)
    monkeypatch.setattr(runner, "_compute", lambda *rest: None)
    monkeypatch.setattr(runner, "_write_report", lambda *rest: True)
    return Country()


def test_a_failing_notebook_does_not_stop_the_others(small_country, tmp_path, capsys):
    folder = tmp_path / "notebooks"
    files = [
        write_notebook(folder / "01_breaks.ipynb", "1 + 1", "1 / 0"),
        write_notebook(folder / "02_works.ipynb", "print(language)"),
    ]
    code = runner.run(language="fr", outputs=tmp_path / "outputs", notebooks=files, workers=2)
    said = capsys.readouterr().out
    executed = small_country.folder_results / "notebooks"
    assert code == 1
    assert "step-2" in said and "ZeroDivisionError: division by zero" in said
    assert "01_breaks.ipynb" in said.splitlines()[-3]  # told again at the end, in French
    assert (executed / "01_breaks.failed.ipynb").exists()
    assert not (executed / "01_breaks.ipynb").exists()
    assert "fr" in (executed / "02_works.ipynb").read_text(encoding="utf-8")


def test_what_is_done_is_not_done_twice(small_country, tmp_path, capsys):
    file = write_notebook(tmp_path / "notebooks" / "02_works.ipynb", "1 + 1")
    outputs = tmp_path / "outputs"

    def run_again(**options):
        assert runner.run(outputs=outputs, notebooks=[file], **options) == 0
        (line,) = [line for line in capsys.readouterr().out.splitlines() if "02_works" in line]
        return "fresh" if "fresh" in line else line.split()[2].rstrip(",")

    assert [run_again(), run_again()] == ["done", "fresh"]
    assert run_again(language="es") == "done"  # another language
    (small_country.folder_results / "results.json").write_text("{}", encoding="utf-8")
    assert [run_again(language="es"), run_again(language="es")] == [
        "done",
        "fresh",
    ]  # other results
    write_notebook(file, "2 + 2")
    assert run_again(language="es") == "done"  # another notebook


def test_a_failure_leaves_the_good_copy_whole(tmp_path):
    good = write_notebook(tmp_path / "notebooks" / "02_works.ipynb", "'well'")
    target = tmp_path / "executed" / "02_works.ipynb"
    assert runner.execute(good, target, {}).state == "done"
    before = target.read_bytes()
    outcome = runner.execute(write_notebook(good, "1 / 0"), target, {})
    assert (outcome.state, outcome.cell) == ("failed", "step-1")
    assert target.read_bytes() == before
    assert sorted(path.name for path in target.parent.iterdir()) == [
        "02_works.failed.ipynb",
        "02_works.ipynb",
    ]


def test_a_notebook_runs_in_the_words_of_its_reader(tmp_path, monkeypatch):
    page, said = "notebooks/00_start_here", Unit("00_start_here:step-1", "It is {word}.")
    french = Catalogue(page, "fr", [Entry(said, "C'est {word}.")])
    monkeypatch.setattr(catalogues, "read", lambda page, language: french)
    file = write_notebook(
        tmp_path / "notebooks" / "00_start_here.ipynb", "word = 'sec'\nprint(f'It is {word}.')"
    )
    executed = tmp_path / "executed" / file.name
    assert runner.execute(file, executed, {"language": "fr"}).state == "done"
    (output,) = json.loads(executed.read_text(encoding="utf-8"))["cells"][-1]["outputs"]
    assert "".join(output["text"]) == "C’est sec.\n"
    assert [path.name for path in executed.parent.iterdir()] == [file.name]
    assert "It is {word}." in file.read_text(encoding="utf-8")  # the notebook itself stays


def test_the_report_comes_last(small_country, tmp_path):
    """Notebook 17 starts when all others have ended."""
    folder = tmp_path / "notebooks"
    wait = "import pathlib, time; time.sleep(1); pathlib.Path(outputs, 'ended').touch()"
    look = "import pathlib; assert pathlib.Path(outputs, 'ended').exists()"
    files = [
        write_notebook(folder / "17_report.ipynb", look),
        write_notebook(folder / "18_later.ipynb", wait),
    ]
    assert runner.run(outputs=tmp_path / "outputs", notebooks=files, workers=2) == 0


def test_the_learners_progress_stays_as_it_is(tmp_path):
    """A run of all notebooks is not the learner's work."""
    file = write_notebook(
        tmp_path / "notebooks" / "01_checks.ipynb",
        "from ldnkit.exercises import check\ncheck('01-1', 2, expected=2)",
    )
    assert run_one(file, tmp_path / "executed", {}).state == "done"
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert not list(tmp_path.rglob("*progress*"))


def test_memory_of_a_notebook_is_measured(tmp_path):
    pytest.importorskip("resource")
    size = 300_000_000
    fill = f"x = bytearray({size}); x[::4096] = b'1' * len(x[::4096])"
    file = write_notebook(tmp_path / "notebooks" / "01_large.ipynb", fill)
    outcome = run_one(file, tmp_path / "executed", {})
    assert size < outcome.memory < 3 * size


def test_the_folder_of_notebooks(monkeypatch, tmp_path):
    assert runner.notebooks_folder() == HOUSE / "notebooks"
    monkeypatch.setattr(runner, "HOUSE", tmp_path)
    with pytest.raises(FileNotFoundError, match="Get the whole project"):
        runner.notebooks_folder()
