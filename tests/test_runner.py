"""The runner: progress, options, stops, two runs at once, and what an officer reads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_country import small_country
from test_notebooks import small_country as runner_country  # noqa: F401  (a fixture)
from test_notebooks import write_notebook

import ldnkit
from ldnkit import InputError, __main__, execution, runner
from ldnkit.findings import Finding
from ldnkit.run_progress import Progress

HOUSE = Path(__file__).resolve().parents[1]
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture
def results(runner_country):  # noqa: F811
    """The folder of results of a country with nothing to compute."""
    return runner_country.folder_results


# ---- fresh copies --------------------------------------------------------------------------------


def test_a_copy_is_fresh_only_when_it_is_whole(tmp_path):
    copy = tmp_path / "02.ipynb"
    copy.write_text("executed", encoding="utf-8")
    assert not execution.is_fresh(copy, "key"), "nobody has said what it was made from"
    execution.remember(copy, "key")
    assert execution.is_fresh(copy, "key")
    assert not execution.is_fresh(copy, "other")
    copy.write_text("execu", encoding="utf-8")
    assert not execution.is_fresh(copy, "key"), "half of a copy is no copy"


def test_unfinished_copies_are_cleared(results, tmp_path, capsys):
    folder = results / "notebooks"
    folder.mkdir()
    for name in (".02_works.123.part.ipynb", ".02_works.part", "mine.ipynb"):
        (folder / name).write_text("{", encoding="utf-8")
    file = write_notebook(tmp_path / "notebooks" / "02_works.ipynb", "1 + 1")
    assert runner.run(outputs=tmp_path / "outputs", notebooks=[file]) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == [".02_works.key", "02_works.ipynb", "mine.ipynb"]


def test_force_runs_everything_anew(results, tmp_path, capsys):
    file = write_notebook(tmp_path / "notebooks" / "02_works.ipynb", "1 + 1")
    for options, word in (({}, "done"), ({}, "fresh"), ({"force": True}, "done")):
        assert runner.run(outputs=tmp_path / "outputs", notebooks=[file], **options) == 0
        assert f" {word}" in next(
            line for line in capsys.readouterr().out.splitlines() if "02_works" in line
        )


def test_only_some_notebooks(results, tmp_path, capsys):
    folder = tmp_path / "notebooks"
    files = [write_notebook(folder / f"0{number}_x.ipynb", "1 + 1") for number in (1, 2, 5)]
    options = {"outputs": tmp_path / "outputs", "notebooks": files}
    assert runner.run(only=["2", "05"], **options) == 0
    said = capsys.readouterr().out
    assert "02_x" in said and "05_x" in said and "01_x" not in said
    assert runner.run(only=["09"], **options) == 2
    said = capsys.readouterr().out
    assert "--only: found 09; expected numbers of notebooks: 01, 02, 05" in said


def test_without_keep_going_the_first_failure_ends_the_run(results, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "notebooks"
    files = [
        write_notebook(folder / "01_breaks.ipynb", "1 / 0"),
        write_notebook(folder / "17_report.ipynb", "1 + 1"),
    ]

    def write(*rest):
        raise AssertionError("no report after a failure")

    monkeypatch.setattr(runner, "_write_report", write)
    options = {"outputs": tmp_path / "outputs", "notebooks": files, "workers": 1}
    assert runner.run(keep_going=False, **options) == 1
    said = capsys.readouterr().out
    assert "1 of 2 notebooks failed: 01_breaks.ipynb" in said
    assert "The report was not written" in said and "17_report.ipynb" not in said


def test_a_changed_answer_runs_the_notebooks_again(results, tmp_path, capsys, monkeypatch):
    """The team's answers are no input of an indicator, but notebooks show them."""
    sheet = tmp_path / "answers.csv"
    sheet.write_text("one", encoding="utf-8")
    opened = ldnkit.open_country()
    monkeypatch.setattr(opened.__class__, "answers", sheet, raising=False)
    file = write_notebook(tmp_path / "notebooks" / "02_works.ipynb", "1 + 1")
    states = []
    for text in ("one", "one", "two"):
        sheet.write_text(text, encoding="utf-8")
        runner.run(outputs=tmp_path / "outputs", notebooks=[file])
        states.append("fresh" in capsys.readouterr().out)
    assert states == [False, True, False]


# ---- progress ------------------------------------------------------------------------------------


def test_progress_tells_the_time_that_is_left(tmp_path, capsys):
    """Ten notebooks of 60 s each by the last run; this time they take twice as long."""
    names = [f"{number:02d}" for number in range(10)]
    times = {f"notebook {name}": 60.0 for name in names}
    (tmp_path / ".times.json").write_text(json.dumps(times), encoding="utf-8")
    progress = Progress(tmp_path, terminal=False)
    progress.expect("notebook", names)
    assert progress.left() == "about 10 minutes left"
    progress.done("notebook", "00", "00 done", seconds=120)
    assert capsys.readouterr().out == "  [1/10] 00 done, about 18 minutes left\n"
    for name in names[1:8]:
        progress.done("notebook", name, seconds=None)
    assert progress.left() == "about 4 minutes left"
    progress.done("notebook", "08", seconds=120)
    progress.done("notebook", "09", "09 done", seconds=120)
    assert capsys.readouterr().out == "  [10/10] 09 done\n"
    progress.close()
    kept = json.loads((tmp_path / ".times.json").read_text(encoding="utf-8"))
    assert kept["notebook 00"] == 120 and kept["notebook 01"] == 60


def test_spoilt_times_are_no_obstacle(tmp_path):
    (tmp_path / ".times.json").write_text("[", encoding="utf-8")
    progress = Progress(tmp_path, terminal=False)
    progress.expect("report", ["package"])
    assert progress.left() == ""


def test_a_bar_on_a_terminal(tmp_path, capsys):
    progress = Progress(tmp_path, terminal=True)
    progress.expect("indicator", ["soil", "drought"])
    progress.begin("soil")
    progress.done("indicator", "soil", "soil computed", seconds=1)
    assert progress.bar.n == 3.0 and progress.bar.total == 6.0
    progress.close()
    said = capsys.readouterr().out
    assert "soil computed" in said and "1/2" in said


# ---- what is open --------------------------------------------------------------------------------


def points(count, table="SO1-4.T2", severity="warning"):
    return [Finding(severity, f"{table}, row {n}", "x", "y", "Mend.") for n in range(count)]


def test_open_points_stand_table_by_table():
    found = [*points(9), *points(2, "CP-1.T1", "error"), *points(5, "SO3-1.T1"), *points(3, "AI")]
    found.append(Finding("info", "SO2-1.T1", "x"))
    lines = runner.open_points(found)
    assert lines[0] == "Before you submit: 2 errors, 17 warnings."
    assert lines[1] == "  CP-1.T1: 2", "errors come first"
    heads = [line for line in lines if line.startswith("  ") and not line.startswith("    ")]
    assert heads[:3] == ["  CP-1.T1: 2", "  SO1-4.T2: 9", "  SO3-1.T1: 5"]
    assert len([line for line in lines if line.startswith("    ")]) == 12
    assert lines[-1] == "  … and 7 more: findings.csv in the report lists all."
    assert runner.open_points([found[-1]]) == [
        "No open points: the tables are complete and agree with each other."
    ]


# ---- stops and two runs at once ------------------------------------------------------------------


def test_a_report_that_cannot_be_written_is_said(tmp_path, capsys, monkeypatch):
    country = SimpleNamespace(language="en", folder_results=tmp_path)

    def full(*rest, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ldnkit.handover.package", full)
    monkeypatch.setattr(runner, "_compute_changed", lambda *rest: None)
    assert runner._write_report(country, Progress(tmp_path, terminal=False)) is False
    assert "The report could not be written: [Errno 28] No space left" in capsys.readouterr().out


def test_what_changed_during_the_work_is_computed_again(monkeypatch, tmp_path, capsys):
    """Fresh: land cover. No longer: soil."""
    monkeypatch.setattr(ldnkit, "results", lambda country: {"land_cover": 1}, raising=False)
    names = ["land_cover", "soil"]
    monkeypatch.setattr(ldnkit, "indicators", lambda country: names, raising=False)
    called = []
    monkeypatch.setattr(runner, "_compute", lambda *rest: called.append(rest))
    runner._compute_changed(None, Progress(tmp_path, terminal=False))
    assert "computed again: soil." in capsys.readouterr().out and len(called) == 1
    names.remove("soil")
    runner._compute_changed(None, Progress(tmp_path, terminal=False))
    assert len(called) == 1


def test_ctrl_c_ends_with_a_clear_line(results, tmp_path, capsys, monkeypatch):
    def stop(*rest):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "_compute", stop)
    assert runner.run(outputs=tmp_path / "outputs", notebooks=[]) == 130
    assert "Stopped. What is done is kept" in capsys.readouterr().out
    assert not (results / ".run.json").exists()


SLOW = """
import sys, pathlib
sys.path.insert(0, {tests!r})
from types import SimpleNamespace
import ldnkit
from ldnkit import runner
results = pathlib.Path(sys.argv[1]) / "XLD"
results.mkdir(parents=True, exist_ok=True)
country = SimpleNamespace(path=results / "none.yml", folder_results=results, findings=(),
                          language="en", name=lambda language: "Landia")
ldnkit.open_country = lambda *rest, **more: country
runner._compute = lambda *rest: None
runner._state = lambda *rest: "the code may be edited while this test runs"
runner._write_report = lambda *rest: True
if __name__ == "__main__":
    sys.exit(runner.run(outputs=sys.argv[1], notebooks=sys.argv[2:]))
"""


def start(tmp_path, *notebooks) -> subprocess.Popen:
    """A run of these notebooks in a process of its own."""
    script = tmp_path / "run.py"
    script.write_text(SLOW.format(tests=str(HOUSE / "tests")), encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path / "outputs"), *map(str, notebooks)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "cwd": HOUSE}
    return subprocess.Popen(command, **options)


def wait_for(path, seconds=60):
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not come"
        time.sleep(0.05)


def lasting(tmp_path, name, seconds):
    """A notebook that says when it begins, and lasts."""
    begun = tmp_path / f"{name}.begun"
    code = f"""
        import os, pathlib, time
        pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))
        time.sleep({seconds})
    """
    return write_notebook(tmp_path / "notebooks" / name, textwrap.dedent(code).strip()), begun


def is_running(number: int) -> bool:
    import psutil

    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@posix
def test_ctrl_c_ends_the_notebooks_too(tmp_path):
    """The signal goes to the run alone; kernels and processes of notebooks end with it."""
    notebook, begun = lasting(tmp_path, "02_lasts.ipynb", 300)
    run = start(tmp_path, notebook)
    wait_for(begun)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=60)[0]
    assert run.returncode == 130
    assert "Stopped. What is done is kept" in said and "Traceback" not in said
    kernel = int(begun.read_text())
    end = time.monotonic() + 20
    while is_running(kernel) and time.monotonic() < end:
        time.sleep(0.1)
    assert not is_running(kernel)
    folder = tmp_path / "outputs" / "XLD" / "notebooks"
    assert not (folder / "02_lasts.ipynb").exists()


@posix
@pytest.mark.slow
def test_killed_runs_go_on_where_they_were(tmp_path):
    """kill -9 while the second notebook runs: the first is not run again, the second is."""
    quick = write_notebook(tmp_path / "notebooks" / "01_quick.ipynb", "1 + 1")
    notebook, begun = lasting(tmp_path, "02_lasts.ipynb", 4)
    run = start(tmp_path, quick, notebook)
    folder = tmp_path / "outputs" / "XLD" / "notebooks"
    wait_for(folder / ".01_quick.key")
    wait_for(begun)
    run.kill()
    run.communicate(timeout=60)
    assert not (folder / ".02_lasts.key").exists()
    run = start(tmp_path, quick, notebook)
    said = run.communicate(timeout=120)[0]
    assert run.returncode == 0, said
    words = [line.split() for line in said.splitlines() if ".ipynb" in line]
    states = {name: state.rstrip(",") for _, name, state, *_ in words}
    assert states == {"01_quick.ipynb": "fresh", "02_lasts.ipynb": "done"}
    time.sleep(5)  # the notebook of the killed run has ended by now
    assert not list(folder.glob(f".*{execution.UNFINISHED}"))
    key = (folder / ".02_lasts.key").read_text(encoding="utf-8").split()[0]
    assert execution.is_fresh(folder / "02_lasts.ipynb", key)


@posix
@pytest.mark.slow
def test_a_second_run_waits_and_says_so(tmp_path):
    notebook, begun = lasting(tmp_path, "02_lasts.ipynb", 6)
    first = start(tmp_path, notebook)
    wait_for(begun)
    second = start(tmp_path, notebook)
    assert first.communicate(timeout=120)[0] and first.returncode == 0
    said = second.communicate(timeout=120)[0]
    assert second.returncode == 0
    assert f"Another run (process {first.pid}, since" in said
    assert " fresh" in said, "what the first run has done is not done again"


def test_a_stale_lock_is_no_obstacle(results, tmp_path):
    """A run that was killed leaves its note and its lock file; the system has freed the lock."""
    (results / ".run.lock").touch()
    (results / ".run.json").write_text('{"process": 1, "since": "2020"}', encoding="utf-8")
    assert runner.run(outputs=tmp_path / "outputs", notebooks=[]) == 0


# ---- the verbs -----------------------------------------------------------------------------------


def test_options_reach_the_runner(monkeypatch):
    seen = {}
    monkeypatch.setattr(runner, "run", lambda *rest, **more: seen.update(more, rest=rest) or 0)
    words = "report x.yml --only 02,05 --force --no-documents --no-keep-going --workers 1"
    assert __main__.main(words.split()) == 0
    assert seen["only"] == ["02", "05"] and seen["rest"] == ("x.yml",)
    assert (seen["force"], seen["documents"], seen["keep_going"]) == (True, False, False)
    assert __main__.main(["report"]) == 0
    assert (seen["only"], seen["force"], seen["documents"], seen["keep_going"]) == (
        [], False, True, True,
    )  # fmt: skip


def test_verify_verb(tmp_path, capsys):
    from ldnkit.handover import manifest

    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "README.txt").write_text("one", encoding="utf-8")
    heading = {"made_with": "ldnkit 0.1.0", "time_utc": "2026-11-01T12:00:00Z"}
    manifest.write(folder, {"README.txt": "This text"}, heading)
    assert __main__.main(["verify", str(folder)]) == 0
    assert "The package is whole: 1 files" in capsys.readouterr().out
    (folder / "README.txt").write_text("two", encoding="utf-8")
    assert __main__.main(["verify", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "report: README.txt: found another content" in said and "not whole: 1 problems" in said
    assert __main__.main(["verify", str(tmp_path / "nothing.zip")]) == 2


# ---- the whole -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_small_country_from_the_file_to_the_zip(tmp_path, capsys):
    """Indicators, one notebook, the package; the second run finds all of it done."""
    covers = {2000: [[1, 2], [3, 7]], 2015: [[1, 3], [3, 7]], 2016: [[1, 3], [3, 7]]}
    covers |= {2019: [[1, 3], [5, 7]], 2023: [[2, 3], [5, 7]]}
    country = small_country(tmp_path / "country", covers).read()
    file = write_notebook(tmp_path / "notebooks" / "02_works.ipynb", "1 + 1")
    options = {"outputs": tmp_path / "outputs", "notebooks": [file], "documents": False}
    assert runner.run(country.path, **options) == 0
    said = capsys.readouterr().out
    print(said)
    assert "degradation" in said and "computed in" in said
    assert "Before you submit:" in said
    zipped = tmp_path / "outputs" / "XLD" / "report_XLD_2026.zip"
    before = zipped.read_bytes()
    assert runner.run(country.path, **options) == 0
    said = capsys.readouterr().out
    assert "reused" in said and " fresh" in said and "is up to date" in said
    assert zipped.read_bytes() == before


def test_input_to_mend_ends_with_2(tmp_path, capsys):
    assert runner.run(tmp_path / "nothing.yml", outputs=tmp_path, notebooks=[]) == 2
    assert "There is no country file" in capsys.readouterr().out
    with pytest.raises(InputError):
        runner._chosen([Path("02_x.ipynb")], ["07"])
