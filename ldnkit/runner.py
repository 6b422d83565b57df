"""Run the notebooks for a country, one after the other, and write the report.

Used by ``python workbook.py report``.
The indicators are computed first and once, here; the notebooks then find them ready.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ldnkit.findings import Finding, InputError

HOUSE = Path(__file__).resolve().parent.parent
MOST_POINTS = 12  # findings shown on the screen
ASSEMBLY = "17"  # the notebook that puts the report together: it runs after all others


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook.

    Parameters
    ----------
    notebook : str
        File name, for example ``"02_land_cover.ipynb"``.
    state : {"done", "fresh", "failed"}
        ``fresh`` means that an executed copy with the same content was there already.
    seconds : float
        Time it took.
    memory : float
        Peak memory of the notebook's process in bytes; 0 where it cannot be measured.
    cell, message : str
        The cell that failed and its message.
    """

    notebook: str
    state: str
    seconds: float = 0.0
    memory: float = 0.0
    cell: str = ""
    message: str = ""

    def __str__(self):
        text = f"  {self.notebook:<34} {self.state:<7}"
        if self.state != "fresh":
            text += f" {self.seconds / 60:.1f} min"
        if self.state == "failed":
            text += f"\n    cell '{self.cell}': {self.message}"
        return text


def notebooks_folder() -> Path:
    """The folder of the notebooks.

    Raises
    ------
    FileNotFoundError
        The package was installed without the notebooks beside it.
    """
    folder = HOUSE / "notebooks"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There are no notebooks beside the package. Found: no folder {folder}. "
            "Get the whole project and start it with: python workbook.py report"
        )
    return folder


def execute(notebook, destination, parameters, *, kernel_name="python3") -> Outcome:
    """Run one notebook with parameters and keep the executed copy.

    The copy appears under its name only when every cell ran.
    A copy that failed is kept beside it as ``….failed.ipynb``; an earlier good copy stays whole.

    Parameters
    ----------
    notebook, destination : path
        The notebook to run, and the executed copy to write.
    parameters : dict
        Values for the cell tagged ``parameters``.
    kernel_name : str
        Jupyter kernel to use.

    Returns
    -------
    Outcome
        ``failed`` carries the id of the cell and the message.

    Raises
    ------
    InputError
        A parameter that the notebook does not have.
    """
    import papermill

    notebook, destination = Path(notebook), Path(destination)
    _refuse_unknown(notebook, parameters)
    destination.parent.mkdir(parents=True, exist_ok=True)
    unfinished = destination.with_name(f".{destination.stem}.part.ipynb")
    failed = destination.with_name(f"{destination.stem}.failed.ipynb")
    started = time.perf_counter()
    cell, message = "", ""
    try:
        papermill.execute_notebook(
            str(notebook),
            str(unfinished),
            parameters=parameters,
            kernel_name=kernel_name,
            cwd=str(notebook.parent),
            progress_bar=False,
            request_save_on_cell_execute=False,
            extra_arguments=["--log-level=50"],  # the kernel's remarks on itself
        )
    except papermill.exceptions.PapermillExecutionError as error:
        cell = _failed_cell(unfinished)
        message = f"{error.ename}: {error.evalue}"
    except Exception as error:  # a kernel that died, a disk that is full: told like the others
        cell, message = "(the notebook itself)", f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - started
    if message:
        if unfinished.exists():
            unfinished.replace(failed)
        return Outcome(notebook.name, "failed", seconds, _child_memory(), cell, message)
    unfinished.replace(destination)
    failed.unlink(missing_ok=True)
    return Outcome(notebook.name, "done", seconds, _child_memory())


def run(country="landia", *, language="en", outputs="outputs", notebooks=None, workers=None) -> int:
    """Compute the indicators, run every notebook and write the report.

    Parameters
    ----------
    country : str or path
        ``"landia"`` or a country file.
    language : str
        One of the six UN languages: en, fr, es, ru, ar, zh.
    outputs : str or path
        Folder that takes the results; each country gets a folder of its own in it.
    notebooks : list of path, optional
        Only these notebooks; default all of them.
    workers : int, optional
        Notebooks that run at the same time; default two where there are two processors.

    Returns
    -------
    int
        0 when everything worked, 1 when a notebook or the report failed,
        2 when the input has to be mended first.
    """
    import ldnkit

    began = time.perf_counter()
    country_file = country if str(country) == "landia" else str(Path(country).resolve())
    outputs = Path(outputs).resolve()
    try:
        with warnings.catch_warnings():  # said here, one line each
            warnings.simplefilter("ignore", UserWarning)
            opened = ldnkit.open_country(country_file, outputs=outputs, language=language)
            say(f"{opened.name(language)}: results go to {_short(opened.folder_results)}")
            _say_warnings(opened.findings)
            _compute(opened)
    except (InputError, FileNotFoundError) as error:
        say(str(error))
        return 2
    found = notebooks_folder().glob("[0-9]*.ipynb") if notebooks is None else notebooks
    files = sorted(Path(path) for path in found)
    parameters = {"country": country_file, "language": language, "outputs": str(outputs)}
    folder = opened.folder_results / "notebooks"
    say(f"Notebooks ({len(files)}), executed copies in {_short(folder)}:")
    outcomes = _execute_all(files, folder, parameters, opened, workers)
    report_ok = _write_report(opened)
    failures = [outcome for outcome in outcomes if outcome.state == "failed"]
    say(f"Time: {(time.perf_counter() - began) / 60:.1f} min")
    if failures:
        names = ", ".join(outcome.notebook for outcome in failures)
        say(
            f"{len(failures)} of {len(outcomes)} notebooks failed: {names}.\n"
            "Open the copy that ends in .failed.ipynb: the message stands below the cell. "
            "Mend it and start again; what is done is not done twice."
        )
    return 0 if report_ok and not failures else 1


def say(text) -> None:
    """Print a line at once, also when the output goes into a file."""
    print(text, flush=True)


def _compute(country) -> None:
    """Make the national results; every notebook then reads the same ones.

    Raises
    ------
    InputError
        What has to be mended for all indicators; those without problems are computed.
    """
    import ldnkit

    problems: list[Finding] = []
    for indicator in ldnkit.indicators(country):
        started = time.perf_counter()
        try:
            result = ldnkit.compute(country, indicator)
        except InputError as error:
            problems += [finding for finding in error.findings if finding not in problems]
            say(f"  {indicator.replace('_', ' '):<34} has to wait: see below")
            continue
        minutes = (time.perf_counter() - started) / 60
        how = "reused" if result.reused else f"computed in {minutes:.1f} min"
        say(f"  {indicator.replace('_', ' '):<34} {how}")
        _say_warnings(result.findings)
    if problems:
        raise InputError(problems)


def _say_warnings(findings) -> None:
    for finding in findings:
        if finding.severity == "warning":
            say(f"    {finding}")


def _execute_all(files, folder, parameters, country, workers) -> list[Outcome]:
    workers = workers or min(2, os.cpu_count() or 1)
    state = _state(country, parameters["language"])
    fresh, waiting = [], []
    for file in files:
        (fresh if _is_fresh(folder / file.name, _key(file, state)) else waiting).append(file)
    outcomes = [Outcome(file.name, "fresh") for file in fresh]
    for outcome in outcomes:
        say(outcome)
    first = [file for file in waiting if not file.name.startswith(ASSEMBLY)]
    last = [file for file in waiting if file.name.startswith(ASSEMBLY)]
    for group in (first, last):
        for file, outcome in execute_each(group, folder, parameters, workers=workers):
            say(outcome)
            if outcome.state == "done":
                _remember(folder / file.name, _key(file, state))
            outcomes.append(outcome)
    return outcomes


def execute_each(files, folder, parameters, *, workers=1):
    """Run notebooks, each in a process of its own.

    Parameters
    ----------
    files : list of Path
        The notebooks.
    folder : Path
        Takes the executed copies, under the same names.
    parameters : dict
        A notebook gets those that it has.
    workers : int
        Notebooks that run at the same time.

    Yields
    ------
    Path, Outcome
        A notebook and what became of it, in the order in which they end.
    """
    if not files:
        return
    with ProcessPoolExecutor(
        max_workers=min(workers, len(files)), mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        running = {
            pool.submit(_execute_apart, file, folder / file.name, _accepted(file, parameters)): file
            for file in files
        }
        for future in as_completed(running):
            file = running[future]
            try:
                yield file, future.result()
            except Exception as error:
                yield file, Outcome(file.name, "failed", cell="(start)", message=str(error))


def _execute_apart(notebook, destination, parameters) -> Outcome:
    """Execute in this process of its own; the learner's progress file stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LDNKIT_PROGRESS"] = str(Path(folder) / "progress.csv")
        return execute(notebook, destination, parameters)


def _write_report(country) -> bool:
    """Build, check and write the PRAIS tables; say where they are and what they say."""
    import ldnkit
    from ldnkit import prais

    folder = country.folder_results / "report"
    try:
        report = prais.build(country, ldnkit.results(country))
        findings = prais.check(report)
        paths = prais.write(report, folder)
        if country.affected_area is not None:
            affected = prais.build(country, ldnkit.results(country), area="affected")
            findings += prais.check(affected)
            paths |= {f"AA {name}": path for name, path in prais.write(affected, folder).items()}
    except (InputError, ValueError, KeyError, OSError) as error:
        say(f"The report could not be written: {error}")
        return False
    say(f"Report, {len(report.tables)} tables:")
    for name, path in paths.items():
        say(f"  {name:<6} {_short(path)}")
    open_points = [finding for finding in findings if finding.severity != "info"]
    if open_points:
        say("Before you submit:")
    for finding in open_points[:MOST_POINTS]:
        say(f"  {finding}")
    if len(open_points) > MOST_POINTS:
        say(f"  … and {len(open_points) - MOST_POINTS} more; the report lists all.")
    say(headline(report))
    return True


def headline(report) -> str:
    """One sentence from table SO1-4.T2: the share of degraded land in the last year.

    Parameters
    ----------
    report : prais.Report
        A report as :func:`ldnkit.prais.build` makes it.

    Returns
    -------
    str
        Says so when the table is not in the report.
    """
    if "SO1-4.T2" not in report.tables:
        return "SDG indicator 15.3.1 could not be computed: see the messages above."
    last = report["SO1-4.T2"].frame.iloc[-1]
    text = (
        f"{report.country.name('en')}, {last.name}: {last['degraded_share']:.1f} % of the land "
        f"is degraded ({last['degraded_area']:,.0f} km²), SDG indicator 15.3.1."
    )
    return text + (" The data are synthetic." if report.country.synthetic else "")


def _accepted(notebook, parameters) -> dict:
    """The parameters a notebook has; it may lack some of the common ones."""
    return {name: value for name, value in parameters.items() if name in _known(notebook)}


def _known(notebook) -> list[str]:
    import papermill

    return list(papermill.inspect_notebook(str(notebook)))


def _refuse_unknown(notebook, parameters) -> None:
    known = _known(notebook)
    unknown = [name for name in parameters if name not in known]
    if not unknown:
        return
    findings = []
    for name in unknown:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else "Leave it out."
        where, expected = f"{notebook.name}: parameters", f"one of {', '.join(known)}"
        findings.append(Finding("error", where, repr(name), expected, hint))
    raise InputError(findings)


def _failed_cell(executed: Path) -> str:
    """The id of the cell whose output holds the error."""
    if not executed.exists():
        return "(before the first cell)"
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
            return cell.get("id", "?")
    return "?"


def _child_memory() -> float:
    """Largest memory of the processes this one started and waited for, in bytes."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    import sys

    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit)


def _state(country, language: str) -> str:
    """A fingerprint of all that an executed notebook depends on, except the notebook."""
    digest = hashlib.sha256(language.encode())
    sources = [path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".csv")]
    for path in [*sorted(sources), Path(country.path), country.folder_results / "results.json"]:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _key(notebook: Path, state: str) -> str:
    return hashlib.sha256(notebook.read_bytes() + state.encode()).hexdigest()


def _remembered(executed: Path) -> Path:
    return executed.with_name(f".{executed.stem}.key")


def _is_fresh(executed: Path, key: str) -> bool:
    mark = _remembered(executed)
    return executed.exists() and mark.exists() and mark.read_text(encoding="utf-8") == key


def _remember(executed: Path, key: str) -> None:
    _remembered(executed).write_text(key, encoding="utf-8")


def _short(path) -> str:
    """A path as people read it: relative to where they are when it is below."""
    path = Path(path)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
