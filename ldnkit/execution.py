"""Execute notebooks, each in a process of its own, and know which copies are still fresh."""

from __future__ import annotations

import difflib
import hashlib
import json
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ldnkit.findings import Finding, InputError

#: How the names of copies end that are being made; they never count as copies.
UNFINISHED = ".part.ipynb"
#: How often nothing more must be found running before a run counts as stopped.
QUIET_ROUNDS = 3


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
        text = f"{self.notebook:<34} {self.state:<7}"
        if self.state != "fresh":
            text += f" {self.seconds / 60:.1f} min"
        if self.state == "failed":
            text += f"\n    cell '{self.cell}': {self.message}"
        return text


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
    unfinished = destination.with_name(f".{destination.stem}.{os.getpid()}{UNFINISHED}")
    failed = destination.with_name(f"{destination.stem}.failed.ipynb")
    started = time.perf_counter()
    cell, message = "", ""
    words = _in_words_of(notebook, parameters.get("language", "en"), unfinished)
    try:
        papermill.execute_notebook(
            str(words),
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
    finally:
        if words != notebook:
            words.unlink(missing_ok=True)
    seconds = time.perf_counter() - started
    if not _wanted():
        unfinished.unlink(missing_ok=True)
        return Outcome(notebook.name, "failed", seconds, 0.0, "(end)", "the run was stopped")
    if message:
        if unfinished.exists():
            unfinished.replace(failed)
        return Outcome(notebook.name, "failed", seconds, _child_memory(), cell, message)
    unfinished.replace(destination)
    failed.unlink(missing_ok=True)
    return Outcome(notebook.name, "done", seconds, _child_memory())


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
    import psutil

    if not files:
        return
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    pool = ProcessPoolExecutor(
        max_workers=min(workers, len(files)), mp_context=get_context("spawn"), max_tasks_per_child=1
    )
    running: dict = {}
    try:
        running |= {
            pool.submit(_execute_apart, file, folder / file.name, _accepted(file, parameters)): file
            for file in files
        }
        for future in as_completed(running):
            file = running[future]
            try:
                yield file, future.result()
            except Exception as error:
                yield file, Outcome(file.name, "failed", cell="(start)", message=str(error))
    except BaseException:  # Ctrl-C, or a caller that wants no more: nothing goes on unseen
        # one that is stopped may hold what another waits for: nobody is waited for
        pool.shutdown(wait=False, cancel_futures=True)
        quiet = 0
        while quiet < QUIET_ROUNDS:  # the pool may begin one more meanwhile
            quiet = 0 if _stop_children(before) else quiet + 1
            time.sleep(0.1)
        raise
    pool.shutdown()


def _stop_children(before: set[int]) -> bool:
    """End processes started since ``before``, and their kernels; whether there were any."""
    import psutil

    tracker = "multiprocessing.resource_tracker"
    started = [
        child
        for child in psutil.Process().children(recursive=True)
        if child.pid not in before and not _runs(child, tracker)
    ]
    for child in started:
        try:
            child.terminate()
        except psutil.NoSuchProcess:
            continue
    _, left = psutil.wait_procs(started, timeout=5)
    for child in left:
        child.kill()
    return bool(started)


def _runs(process, name: str) -> bool:
    import psutil

    try:
        return any(name in part for part in process.cmdline())
    except psutil.Error:
        return False


def _wanted() -> bool:
    """Whether the process that asked for this notebook is still there."""
    parent = multiprocessing.parent_process()
    return parent is None or parent.is_alive()


def _in_words_of(notebook: Path, language: str, beside: Path) -> Path:
    """The notebook in the language of the run, where it has been translated."""
    from ldnkit import prose

    page = f"notebooks/{notebook.stem}"
    if page not in prose.catalogues.pages() or not prose.read(page, language).by_unit:
        return notebook
    import nbformat

    made = beside.with_name(f".words{beside.name}")
    nbformat.write(prose.translated_notebook(notebook, language), made)
    return made


def _execute_apart(notebook, destination, parameters) -> Outcome:
    """Execute in this process of its own; the learner's progress file stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LDNKIT_PROGRESS"] = str(Path(folder) / "progress.csv")
        return execute(notebook, destination, parameters)


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


def is_fresh(executed: Path, key: str) -> bool:
    """Whether an executed copy was made from what ``key`` stands for, and is whole.

    Parameters
    ----------
    executed : Path
    key : str
        Fingerprint of the notebook and of all it depends on.
    """
    mark = _mark(executed)
    if not (executed.exists() and mark.exists()):
        return False
    return mark.read_text(encoding="utf-8") == _marked(executed, key)


def remember(executed: Path, key: str) -> None:
    """Write down what an executed copy was made from, and its check sum."""
    mark = _mark(executed)
    partial = mark.with_suffix(".part")
    partial.write_text(_marked(executed, key), encoding="utf-8")
    partial.replace(mark)


def _mark(executed: Path) -> Path:
    return executed.with_name(f".{executed.stem}.key")


def _marked(executed: Path, key: str) -> str:
    return f"{key} {hashlib.sha256(executed.read_bytes()).hexdigest()}"


def clear_unfinished(folder: Path) -> None:
    """Remove copies that a stopped run left half-written.

    Only for a caller that holds the lock of the country: then nobody is writing them.
    """
    if folder.is_dir():
        for left in [*folder.glob(f".*{UNFINISHED}"), *folder.glob(".*.part")]:
            left.unlink(missing_ok=True)
