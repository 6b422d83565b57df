"""Run everything for a country: indicators, notebooks, and the report as a package.

Used by ``python workbook.py report``.
The indicators are computed first and once, here; the notebooks then find them ready.
What is done is not done twice: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import textwrap
import time
import warnings
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ldnkit.execution import (
    Outcome,
    clear_unfinished,
    execute,
    execute_each,
    is_fresh,
    remember,
)
from ldnkit.findings import Finding, InputError
from ldnkit.messages import translate
from ldnkit.prose import catalogues
from ldnkit.run_progress import Progress, say

__all__ = ["Outcome", "execute", "execute_each", "headline", "notebooks_folder", "run", "say"]

HOUSE = Path(__file__).resolve().parent.parent
MOST_POINTS = 12  # findings shown on the screen
ASSEMBLY = "17"  # the notebook that puts the report together: it runs after all others
STOPPED = 130  # exit code after Ctrl-C
#: Files that notebooks read besides the results.
SHEETS = ("answers", "platform", "previous")
REPORT_STEP = "package"


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


def run(
    country="landia",
    *,
    language="en",
    outputs="outputs",
    notebooks=None,
    workers=None,
    only: Iterable[str] = (),
    force: bool = False,
    documents: bool = True,
    keep_going: bool = True,
) -> int:
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
    only : iterable of str
        Numbers of notebooks, for example ``["02", "05"]``: only these run.
    force : bool
        Compute and run everything anew.
    documents : bool
        Write the national report as DOCX, HTML and PDF, too.
    keep_going : bool
        Go on with the other notebooks when one fails.

    Returns
    -------
    int
        0 when everything worked, 1 when a notebook or the report failed,
        2 when the input has to be mended first, 130 after Ctrl-C.
    """
    import ldnkit

    began = time.perf_counter()
    country_file = country if str(country) == "landia" else str(Path(country).resolve())
    outputs = Path(outputs).resolve()
    try:
        with warnings.catch_warnings():  # said here, one line each
            warnings.simplefilter("ignore", UserWarning)
            files = _chosen(notebooks, only)
            opened = ldnkit.open_country(country_file, outputs=outputs, language=language)
            with _alone(opened.folder_results):
                where = _short(opened.folder_results)
                text = f"{opened.name(language)}: results go to {where}"
                say(translate(text, language))
                parameters = {
                    "country": country_file,
                    "language": language,
                    "outputs": str(outputs),
                }
                code = _run(opened, files, parameters, workers, force, documents, keep_going)
    except (InputError, FileNotFoundError) as error:
        say(_told(error, language))
        return 2
    except KeyboardInterrupt:
        text = "Stopped. What is done is kept: start again, and the work goes on from here."
        say(translate(text, language))
        return STOPPED
    text = f"Time: {(time.perf_counter() - began) / 60:.1f} min"
    say(translate(text, language))
    return code


def _run(country, files, parameters, workers, force, documents, keep_going) -> int:
    """Everything, while no other run is working on the country."""
    from ldnkit.handover import swap

    language = parameters["language"]
    swap.recover(country.folder_results)
    folder = country.folder_results / "notebooks"
    clear_unfinished(folder)
    progress = Progress(country.folder_results, language=language)
    progress.expect("notebook", [file.name for file in files])
    progress.expect("report", [REPORT_STEP])
    try:
        _say_warnings(country.findings, progress, language)
        _compute(country, progress, force)
        progress.say(f"Notebooks ({len(files)}), executed copies in {_short(folder)}:")
        options = {"workers": workers, "force": force, "keep_going": keep_going}
        outcomes = _execute_all(files, folder, parameters, country, progress, **options)
        failures = [outcome for outcome in outcomes if outcome.state == "failed"]
        stopped = bool(failures) and not keep_going
        report_ok = not stopped and _write_report(country, progress, documents, force)
    finally:
        progress.close()
    if failures:
        names = ", ".join(outcome.notebook for outcome in failures)
        progress.say(f"{len(failures)} of {len(files)} notebooks failed: {names}.")
        progress.say(
            "Open the copy that ends in .failed.ipynb: the message stands below the cell. "
            "Mend it and start again; what is done is not done twice."
        )
    if stopped:
        progress.say("The report was not written. An earlier report stays as it is.")
    return 0 if report_ok and not failures else 1


def _chosen(notebooks, only) -> list[Path]:
    """The notebooks to run.

    Raises
    ------
    InputError
        A number that no notebook has.
    """
    found = notebooks_folder().glob("[0-9]*.ipynb") if notebooks is None else notebooks
    files = sorted(Path(path) for path in found)
    if not only:
        return files
    wanted = [str(number).strip().zfill(2) for number in only]
    numbers = [path.name[:2] for path in files]
    unknown = [number for number in wanted if number not in numbers]
    if unknown:
        where, expected = "--only", f"numbers of notebooks: {', '.join(numbers)}"
        remedy = "Write them with commas between, for example --only 02,05."
        raise InputError([Finding("error", where, ", ".join(unknown), expected, remedy)])
    return [path for path, number in zip(files, numbers) if number in wanted]


@contextmanager
def _alone(folder: Path):
    """Let one run at a time work on a country; a second one waits and says so.

    The system frees the lock when a process ends, however it ends.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock, note = FileLock(folder / ".run.lock"), folder / ".run.json"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{_other(note)} is working on this country. This one waits until it has ended.")
        lock.acquire()
    try:
        started = f"{datetime.now():%Y-%m-%d %H:%M}"
        note.write_text(json.dumps({"process": os.getpid(), "since": started}), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _other(note: Path) -> str:
    """Who holds the lock."""
    try:
        other = json.loads(note.read_text(encoding="utf-8"))
        return f"Another run (process {other['process']}, since {other['since']})"
    except (OSError, ValueError, KeyError):
        return "Another run"


def _compute(country, progress, force=False) -> None:
    """Make the national results; every notebook then reads the same ones.

    Raises
    ------
    InputError
        What has to be mended for all indicators; those without problems are computed.
    """
    import ldnkit

    problems: list[Finding] = []
    names = ldnkit.indicators(country)
    progress.expect("indicator", names)
    _look_ahead(country, progress)
    for indicator in names:
        started, name = time.perf_counter(), indicator.replace("_", " ")
        progress.begin(name)
        try:
            result = ldnkit.compute(country, indicator, force=force)
        except InputError as error:
            problems += [finding for finding in error.findings if finding not in problems]
            progress.done("indicator", indicator, f"{name:<34} has to wait: see below")
            continue
        seconds = time.perf_counter() - started
        how = "reused" if result.reused else f"computed in {seconds / 60:.1f} min"
        weak = sum(finding.severity == "warning" for finding in result.findings)
        how += f", {weak} warnings" if weak else ""
        spent = None if result.reused else seconds
        progress.done("indicator", indicator, f"{name:<34} {how}", seconds=spent)
    if problems:
        raise InputError(problems)


def _look_ahead(country, progress) -> None:
    """Say how much there is to read, and how long it may take, before a long run."""
    import ldnkit
    from ldnkit.sources import inspection, preflight

    known = ldnkit.results(country)
    waiting = [name for name in ldnkit.indicators(country) if name not in known]
    if waiting:
        table = preflight.report(country, indicators=waiting)
        costs = preflight.estimate(country, indicators=waiting)
        progress.say(inspection.summary(table, costs, country.language))


def _say_warnings(findings, progress, language) -> None:
    for finding in findings:
        if finding.severity == "warning":
            progress.say(_wrapped(finding.sentence(language)))


def _wrapped(text: str) -> str:
    """A long line as several, which a narrow screen shows whole."""
    return textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="      ")


def _compute_changed(country, progress) -> None:
    """Compute again what is no longer fresh: a file was changed while the notebooks ran."""
    import ldnkit

    found = ldnkit.results(country)
    stale = [name for name in ldnkit.indicators(country) if name not in found]
    if stale:
        names = ", ".join(name.replace("_", " ") for name in stale)
        progress.say(f"Files were changed during the work; computed again: {names}.")
        _compute(country, progress)


def _execute_all(
    files, folder, parameters, country, progress, *, workers=None, force=False, keep_going=True
) -> list[Outcome]:
    workers = workers or min(2, os.cpu_count() or 1)
    state = _state(country, parameters["language"])
    fresh, waiting = [], []
    for file in files:
        done = not force and is_fresh(folder / file.name, _key(file, state))
        (fresh if done else waiting).append(file)
    outcomes = [Outcome(file.name, "fresh") for file in fresh]
    for outcome in outcomes:
        progress.done("notebook", outcome.notebook, outcome)
    first = [file for file in waiting if not file.name.startswith(ASSEMBLY)]
    last = [file for file in waiting if file.name.startswith(ASSEMBLY)]
    for group in (first, last):
        for file, outcome in execute_each(group, folder, parameters, workers=workers):
            # two at a time: half of the time each took
            seconds = outcome.seconds / min(workers, len(group))
            progress.done("notebook", file.name, outcome, seconds=seconds)
            outcomes.append(outcome)
            if outcome.state == "done":
                remember(folder / file.name, _key(file, state))
            elif not keep_going:
                return outcomes
    return outcomes


def _write_report(country, progress, documents=True, force=False) -> bool:
    """Make the package; say where it is and what is open."""
    from ldnkit import handover

    started = time.perf_counter()

    def begin(part: str, done: int, count: int) -> None:
        progress.begin(f"report: {part}" if part else "report")

    try:
        _compute_changed(country, progress)
        made = handover.package(country, progress=begin, documents=documents, reuse=not force)
    except Exception as error:  # whatever it is, the notebooks are done and the officer is told
        kind = "" if isinstance(error, (InputError, OSError)) else f"{type(error).__name__}: "
        said = f"The report could not be written: {kind}{_told(error, country.language)}"
        progress.done("report", REPORT_STEP, said)
        return False
    seconds = time.perf_counter() - started
    how = "is up to date" if made.reused else f"written in {seconds / 60:.1f} min"
    spent = None if made.reused else seconds
    count = len(made.report.tables)
    progress.done("report", REPORT_STEP, f"report, {count} tables: {how}", seconds=spent)
    progress.say(f"  folder  {_short(made.folder)}   (begin with README.txt)")
    progress.say(f"  zip     {_short(made.archive)}")
    for line in open_points(made.findings, country.language):
        progress.say(line)
    progress.say(headline(made.report, country.language))
    return True


def open_points(findings, language: str = "en", most: int = MOST_POINTS) -> list[str]:
    """What is open before the report is submitted: at most ``most`` points, table by table.

    Parameters
    ----------
    findings : iterable of Finding
    language : str
    most : int
        Points that are shown; the rest is counted.

    Returns
    -------
    list of str

    Examples
    --------
    >>> point = Finding("warning", "SO1-4.T2, 2023: confidence", "nothing", "a level", "Choose.")
    >>> print("\\n".join(open_points([point])))
    Before you submit: 0 errors, 1 warnings.
      SO1-4.T2: 1
        Warning, SO1-4.T2, 2023: confidence: found nothing; expected a level. Choose.
    """
    points = [finding for finding in findings if finding.severity != "info"]
    if not points:
        return ["No open points: the tables are complete and agree with each other."]
    errors = sum(finding.severity == "error" for finding in points)
    lines = [f"Before you submit: {errors} errors, {len(points) - errors} warnings."]
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(points, key=lambda finding: finding.severity != "error"):
        groups.setdefault(finding.where.partition(",")[0].partition(":")[0], []).append(finding)
    left = most
    for table, group in groups.items():
        if left <= 0:
            break
        lines.append(f"  {table}: {len(group)}")
        lines += [_wrapped(finding.sentence(language)) for finding in group[:left]]
        left -= len(group)
    if len(points) > most:
        lines.append(f"  … and {len(points) - most} more: findings.csv in the report lists all.")
    return lines


def _told(error: Exception, language: str) -> str:
    """A problem in the reader's language."""
    return error.in_language(language) if isinstance(error, InputError) else str(error)


def headline(report, language: str = "en") -> str:
    """One sentence from table SO1-4.T2: the share of degraded land in the last year.

    Parameters
    ----------
    report : prais.Report
        A report as :func:`ldnkit.prais.build` makes it.
    language : str

    Returns
    -------
    str
        Says so when the table is not in the report.
    """
    if "SO1-4.T2" not in report.tables:
        text = "SDG indicator 15.3.1 could not be computed: see the messages above."
        return translate(text, language)
    last = report["SO1-4.T2"].frame.iloc[-1]
    text = (
        f"{report.country.name(language)}, {last.name}: {last['degraded_share']:.1f} % of the land "
        f"is degraded ({last['degraded_area']:,.0f} km²), SDG indicator 15.3.1."
    )
    if report.country.synthetic:
        text += " The data are synthetic."
    return translate(text, language)


def _state(country, language: str) -> str:
    """A fingerprint of all that an executed notebook depends on, except the notebook."""
    digest = hashlib.sha256(language.encode())
    sources = [path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".csv")]
    sources += (catalogues.HOME / language / "LC_MESSAGES" / "notebooks").glob("*.po")
    sheets = [getattr(country, name, None) for name in SHEETS]
    results = country.folder_results / "results.json"
    for path in [*sorted(sources), Path(country.path), results, *filter(None, sheets)]:
        if Path(path).is_file():
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _key(notebook: Path, state: str) -> str:
    return hashlib.sha256(notebook.read_bytes() + state.encode()).hexdigest()


def _short(path) -> str:
    """A path as people read it: relative to where they are when it is below."""
    path = Path(path)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
