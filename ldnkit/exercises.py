"""Exercises: kind answers to answers, and a record of what is done.

Answers are not secret and nobody is marked; :func:`check` says why an answer is not right yet.
``LDNKIT_STRICT=1`` turns a wrong answer into an error, so that tests find wrong solutions.
``LDNKIT_PROGRESS`` names the progress file; otherwise it is ``my_progress.csv`` in the folder
the notebook runs in.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from numbers import Number
from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import tables

COLUMNS = ("time", "exercise", "result", "answer")
RESULTS = ("right", "wrong", "noted", "open", "prediction")
DONE = ("right", "noted")
#: First part of the numbers of questions that measure the course, not the learner.
SHEETS = ("before", "after")
LONGEST_ANSWER = 200
_NO_CHOICE = object()


def check(
    exercise_id: str,
    answer,
    *,
    expected=None,
    hint: str = "",
    tolerance: float = 0.01,
    choices: Mapping | Iterable | None = None,
    feedback: Mapping | None = None,
    record: bool = True,
    language: str = "en",
) -> None:
    """Say in one sentence whether an answer is right, and why not; never stops a notebook.

    Parameters
    ----------
    exercise_id : str
        Notebook and number, for example ``"05-1"``.
    answer : object
        ``...`` (not answered yet), a number, text, list, set, mapping or array.
    expected : object or callable, optional
        The right answer. A function gets the answer and returns true or false.
        Without it any answer is noted.
    hint : str
        Said after a wrong answer.
    tolerance : float
        Relative for numbers (0.01 = one percent); absolute when zero is expected.
    choices : mapping of letter to text, or letters, optional
        What may be answered to a multiple-choice question.
    feedback : mapping of wrong answer to reason, optional
        Said instead of the hint.
    record : bool
        Write the result to the progress file; false in solution cells.
    language : str

    Raises
    ------
    AssertionError
        Only with ``LDNKIT_STRICT=1``: the answer is wrong.

    Examples
    --------
    >>> check("05-1", ..., expected=12.5, record=False)
    05-1: Not answered yet. Replace ... with your answer and run the cell again.
    >>> check("05-1", 12.45, expected=12.5, record=False)
    05-1: Right.
    >>> check("05-2", "a", expected="b", choices="ab", record=False,
    ...       feedback={"a": "Stable land counts as land, too."})
    05-2: Not right yet: a. Stable land counts as land, too.
    """

    def say(key: str, **values) -> str:
        return tables.label(f"exercise.{key}", language).format(**values)

    if not _unanswered(answer) and choices is not None:
        answer = _chosen(answer, choices)
    if _unanswered(answer):
        result, message = "open", say("unanswered")
    elif answer is _NO_CHOICE:
        listed = ", ".join(str(choice) for choice in choices)
        result, message = "wrong", say("choose", choices=listed)
    elif expected is None:
        result, message = "noted", say("noted")
    elif _holds(answer, expected, tolerance):
        result, message = "right", say("right")
    else:
        told = _lookup(feedback, answer)
        if not told:
            told = _reason(answer, expected, tolerance, say)
            told += " " + say("hint", hint=hint) if hint else ""
        result = "wrong"
        message = f"{say('wrong', found=_short(answer, 40))} {told.strip()}".strip()
    message = f"{exercise_id}: {message}"
    print(message)
    if record:
        _append(exercise_id, result, "?" if answer is _NO_CHOICE else answer, language)
    if result == "wrong" and os.environ.get("LDNKIT_STRICT") == "1":
        raise AssertionError(f"{message} - found {answer!r} - mend the answer or what is expected.")


def predict(exercise_id: str, guess, *, language: str = "en") -> None:
    """Note a guess before a result is seen; :func:`predicted` gives it back later.

    Examples
    --------
    >>> predict("05-0", ...)
    05-0: Not answered yet. Replace ... with your answer and run the cell again.
    """
    key = "exercise.unanswered" if _unanswered(guess) else "exercise.prediction"
    text = tables.label(key, language).format(answer=_short(guess, 40))
    print(f"{exercise_id}: {text}")
    _append(exercise_id, "open" if _unanswered(guess) else "prediction", guess, language)


def predicted(exercise_id: str, *, language: str = "en") -> str:
    """The last guess noted for an exercise, as text; a dash when there is none."""
    rows, _ = read(progress_file())
    guesses = [row for row in rows if row[1:3] == [exercise_id, "prediction"]]
    return guesses[-1][3] if guesses else "–"


def progress(*, language: str = "en") -> pd.DataFrame:
    """Every exercise met so far: done or to do, number of tries, and when.

    Predictions are not listed, nor the questions before and after the course, which nobody marks.
    A damaged line in the progress file is passed over and said.

    Returns
    -------
    DataFrame
        exercise, done (bool), tries, last (UTC, to the minute).

    Examples
    --------
    >>> progress()  # doctest: +SKIP
    """
    rows, damaged = read(progress_file())
    if damaged:
        text = tables.label("exercise.damaged", language)
        print(text.format(count=damaged, file=progress_file()))
    found = {}
    for time, exercise, result, _ in rows:
        if result == "prediction" or exercise.partition("-")[0] in SHEETS:
            continue
        done, tries, _ = found.get(exercise, (False, 0, ""))
        when = time.replace("T", " ")[:16]
        found[exercise] = (done or result in DONE, tries + (result != "open"), when)
    table = pd.DataFrame(
        [(exercise, *found[exercise]) for exercise in sorted(found)],
        columns=["exercise", "done", "tries", "last"],
    )
    text = tables.label("exercise.progress", language)
    print(text.format(done=int(table["done"].sum()), total=len(table)))
    return table


def progress_file() -> Path:
    """Where progress is written."""
    return Path(os.environ.get("LDNKIT_PROGRESS") or "my_progress.csv")


def _unanswered(answer) -> bool:
    if answer is ... or answer is None or (isinstance(answer, str) and not answer.strip()):
        return True
    if isinstance(answer, str) and answer.strip() in ("...", "…"):
        return True
    if isinstance(answer, Mapping):
        answer = list(answer.values())
    return isinstance(answer, (list, tuple, set)) and any(part is ... for part in answer)


def _chosen(answer, choices):
    """The choice that is meant, by its letter or its text."""
    for choice in choices:
        texts = (choice, choices[choice]) if isinstance(choices, Mapping) else (choice,)
        if any(_holds(answer, text, 0.0) for text in texts):
            return choice
    return _NO_CHOICE


def _lookup(feedback: Mapping | None, answer) -> str:
    for wrong, reason in (feedback or {}).items():
        if _holds(answer, wrong, 0.01):
            return reason
    return ""


def _holds(answer, expected, tolerance: float) -> bool:
    """Whether the answer is right; an answer that cannot be compared is simply not."""
    try:
        if isinstance(expected, Callable):
            return bool(expected(answer))
        return _same(answer, expected, tolerance)
    except Exception:  # any object can be an answer, and comparing it may fail in any way
        return False


def _same(answer, expected, tolerance: float) -> bool:
    answer, expected = _plain(answer), _plain(expected)
    if isinstance(expected, bool) or isinstance(answer, bool):
        return isinstance(answer, bool) and answer is expected
    if isinstance(expected, Number):
        return _close(as_number(answer), expected, tolerance)
    if isinstance(expected, str):
        return isinstance(answer, (str, Number)) and tidy(str(answer)) == tidy(expected)
    if isinstance(expected, (set, frozenset)):
        return not any(_differences(answer, expected, tolerance))
    if isinstance(expected, Mapping):
        if not isinstance(answer, Mapping) or len(answer) != len(expected):
            return False
        return all(
            any(_same(key, name, 0.0) and _same(value, wanted, tolerance)
                for key, value in answer.items())
            for name, wanted in expected.items()
        )  # fmt: skip
    if isinstance(expected, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(expected)
            and all(_same(*pair, tolerance) for pair in zip(answer, expected, strict=True))
        )
    return bool(answer == expected)


def _plain(value):
    """Arrays, series and NumPy numbers as plain lists and numbers."""
    if isinstance(value, pd.DataFrame):
        value = value.to_numpy()
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    return list(value) if isinstance(value, tuple) else value


def as_number(answer) -> float:
    """A number, also from text such as ``"12,5 %"``; NaN when it is none.

    Examples
    --------
    >>> as_number("12,5 %"), as_number("1 200.5"), as_number("1,200"), as_number("north")
    (12.5, 1200.5, 1200.0, nan)
    """
    if isinstance(answer, Number) and not isinstance(answer, (bool, complex)):
        return float(answer)
    if not isinstance(answer, str):
        return math.nan
    text = re.sub(r"[\s%']", "", answer).replace("−", "-")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def _close(number: float, expected: float, tolerance: float) -> bool:
    expected = float(expected)
    if math.isnan(expected) or math.isinf(expected):
        return number == expected or (math.isnan(number) and math.isnan(expected))
    allowed = tolerance * abs(expected) if expected else tolerance
    return abs(number - expected) <= allowed * (1 + 1e-9)


def tidy(text: str) -> str:
    """Text without differences that do not matter: case, spaces, ways to write a letter.

    Examples
    --------
    >>> tidy("  South -  East ") == tidy("south-east")
    True
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s*-\s*", "-", " ".join(text.split()))


def _differences(answer, expected: Iterable, tolerance: float) -> tuple[int, int]:
    """How many parts are missing and how many do not belong."""
    if isinstance(answer, (str, Number)):
        answer = [answer]
    given, wanted = list(answer), list(expected)
    missing = sum(not any(_same(part, want, tolerance) for part in given) for want in wanted)
    extra = sum(not any(_same(part, want, tolerance) for want in wanted) for part in given)
    return missing, extra


def _reason(answer, expected, tolerance: float, say) -> str:
    """What can be said about a wrong answer without giving the right one away."""
    answer, expected = _plain(answer), _plain(expected)
    try:
        if isinstance(expected, Number) and not isinstance(expected, bool):
            pair = answer if isinstance(answer, list) and len(answer) == 2 else [""]
            if all(isinstance(part, Number) and not isinstance(part, bool) for part in pair):
                return say("point")  # 1,5 is two numbers to Python
            return _number_reason(as_number(answer), float(expected), tolerance, say)
        if isinstance(expected, (set, frozenset)):
            missing, extra = _differences(answer, expected, tolerance)
            return say("set", missing=missing, extra=extra)
        if isinstance(expected, list) and isinstance(answer, list):
            if len(answer) != len(expected):
                return say("length", found=len(answer), expected=len(expected))
            pairs = zip(answer, expected, strict=True)
            right = sum(_same(*pair, tolerance) for pair in pairs)
            return say("list", right=right, expected=len(expected))
    except Exception:  # a strange answer gets no reason, and no error either
        return ""
    return ""


def _number_reason(number: float, expected: float, tolerance: float, say) -> str:
    if math.isnan(number):
        return say("number")
    if expected and _close(-number, expected, tolerance):
        return say("sign")
    if expected and any(_close(number * f, expected, tolerance) for f in (100, 0.01)):
        return say("percent")
    if expected and any(_close(number * f, expected, tolerance) for f in (1000, 0.001, 1e6, 1e-6)):
        return say("unit")
    return say("too_large" if number > expected else "too_small")


def _append(exercise: str, result: str, answer, language: str) -> None:
    """Add one line to the progress file in one go; the same line twice running is not added."""
    line = [exercise, result, "" if result == "open" else _short(answer)]
    file = progress_file()
    try:
        rows = [row for row in read(progress_file())[0] if row[1] == exercise]
        if rows and (rows[-1][1:] == line or result == "open"):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        with file.open("ab+") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size == 0:
                writer.writerow(COLUMNS)
            else:
                stream.seek(size - 1)
                text.write("" if stream.read(1) == b"\n" else "\n")
            writer.writerow([datetime.now(UTC).isoformat(timespec="seconds"), *line])
            stream.write(text.getvalue().encode("utf-8"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        print(tables.label("exercise.not_saved", language).format(file=file, reason=reason))


def _short(answer, longest: int = LONGEST_ANSWER) -> str:
    text = " ".join(str(_plain(answer)).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def read(file: Path) -> tuple[list[list[str]], int]:
    """Good rows (time, exercise, result, answer) of a progress file, and the damaged lines."""
    try:
        text = file.read_bytes().decode("utf-8", errors="replace").replace("\0", "�")
    except OSError:  # no file yet, or one that cannot be read: writing says what is wrong
        return [], 0
    good, damaged = [], 0
    for line in text.splitlines():
        row = next(csv.reader([line]), [])
        if len(row) == len(COLUMNS) and row[2] in RESULTS and row[1]:
            good.append(row)
        elif line.strip() and tuple(row) != COLUMNS:
            damaged += 1
    return good, damaged
