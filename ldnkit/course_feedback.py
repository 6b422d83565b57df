"""What learners say about the course: five questions, no names, one file on their computer."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ldnkit import course_screen
from ldnkit.exercises import LONGEST_ANSWER, progress_file
from ldnkit.labels import label

#: Questions of the feedback form: the first ones on a scale, the last ones in words.
SCALED, IN_WORDS, SCALE = (1, 2, 3), (4, 5), (1, 2, 3, 4, 5)
FEEDBACK_COLUMNS = ("time", "question", "answer")


def feedback_file() -> Path:
    """Where the learner's opinion is written: beside the progress file."""
    return progress_file().with_name("my_feedback.csv")


def give_feedback(answers: Mapping[int, object], *, language: str = "en") -> str:
    """Write the learner's opinion; an earlier one of the same learner is replaced.

    Parameters
    ----------
    answers : mapping of question number to answer
        1, 2 and 3: a number from 1 (not at all) to 5 (fully); 4 and 5: words. Empty answers are
        left out.
    language : str

    Returns
    -------
    str
        The sentence for the learner.

    Raises
    ------
    ValueError
        A question that is not there, or a number outside the scale.

    Examples
    --------
    >>> give_feedback({1: 5, 4: "the exercises on paper"})  # doctest: +SKIP
    'Saved in my_feedback.csv. You may change your answers and save again: the last ones count.'
    """
    rows = []
    for number, given in sorted(answers.items()):
        course_screen.refuse_unless(number, SCALED + IN_WORDS, language)
        if given is None or not str(given).strip():
            continue
        if number in SCALED:
            course_screen.refuse_unless(given, SCALE, language)
        rows.append((number, " ".join(str(given).split())[: 5 * LONGEST_ANSWER]))
    if not rows:
        return label("course.feedback_empty", language)
    time = datetime.now(UTC).isoformat(timespec="minutes")
    file = feedback_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, FEEDBACK_COLUMNS, [(time, *row) for row in rows])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return label("exercise.not_saved", language).format(file=file.name, reason=reason)
    return label("course.feedback_saved", language).format(file=file.name)


def feedback_text(*, language: str = "en") -> str:
    """The feedback form as text."""
    lines = [label("course.feedback_title", language), label("course.feedback_help", language), ""]
    for number in SCALED + IN_WORDS:
        scale = f" ({label('course.scale', language)})" if number in SCALED else ""
        lines.append(f"{number}. {label(f'course.feedback_{number}', language)}{scale}")
    command = f'course.give_feedback({{1: 4, 4: "…"}}, language="{language}")'
    return "\n".join([*lines, "", label("course.in_text", language).format(command=command)])


def feedback(*, language: str = "en"):
    """Ask for an opinion of the course: a form in a notebook, text everywhere else.

    Examples
    --------
    >>> feedback(language="es")  # doctest: +SKIP
    """
    return course_screen.shown(
        lambda: feedback_form(language=language), feedback_text(language=language)
    )


def feedback_form(*, language: str = "en"):
    """The feedback as a form; ``form.fields`` (by number), ``form.button``, ``form.said``."""
    import ipywidgets

    fields, parts = {}, []
    for number in SCALED + IN_WORDS:
        words = label(f"course.feedback_{number}", language)
        scale = f" ({label('course.scale', language)})" if number in SCALED else ""
        parts.append(ipywidgets.HTML(f"<p><b>{number}.</b> {html.escape(words + scale)}</p>"))
        if number in SCALED:
            fields[number] = ipywidgets.RadioButtons(
                options=[(str(step), step) for step in SCALE],
                value=None,
                orientation="horizontal",
                layout={"width": "98%"},
            )
        else:
            fields[number] = ipywidgets.Textarea(rows=3, layout={"width": "98%"})
        fields[number].tooltip = words
        parts.append(fields[number])
    button, said = (
        course_screen.button(ipywidgets, "course.feedback_save", language),
        ipywidgets.HTML(),
    )

    def save(_button=None):
        given = {number: field.value for number, field in fields.items()}
        said.value = f"<p>{html.escape(give_feedback(given, language=language))}</p>"

    button.on_click(save)
    head = course_screen.head(ipywidgets, "course.feedback_title", "course.feedback_help", language)
    form = course_screen.box(ipywidgets, [*head, *parts, button, said], language)
    form.fields, form.button, form.said = fields, button, said
    return form


def collect_feedback(folder: str | Path, *, language: str = "en") -> pd.DataFrame:
    """The opinions of a room in one table, without names.

    Parameters
    ----------
    folder : str or Path
        Folder with one feedback file (CSV) per learner, under any names.
    language : str
        Language of the message when there is none.

    Returns
    -------
    DataFrame
        sheet (numbered, in the order of the file names), question, answer.

    Raises
    ------
    FileNotFoundError
        No feedback file is there.

    Examples
    --------
    >>> collect_feedback("feedback_of_the_room")  # doctest: +SKIP
    """
    folder, rows, sheets = Path(folder), [], 0
    for file in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
        text = file.read_text(encoding="utf-8-sig", errors="replace")
        lines = list(csv.reader(io.StringIO(text)))
        if lines and tuple(lines[0]) == FEEDBACK_COLUMNS:
            sheets += 1
            rows += [(sheets, int(row[1]), row[2]) for row in lines[1:] if _sound(row)]
    if not rows:
        said = label("course.nothing_to_collect", language).format(folder=folder)
        raise FileNotFoundError(said)
    return pd.DataFrame(rows, columns=["sheet", "question", "answer"])


def feedback_summary(collected: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """Per question: how many answered, and the mean of the scale or all the words.

    Returns
    -------
    DataFrame
        question, text, answers, mean (1 to 5; NaN for words), words.
    """
    rows = []
    for number in SCALED + IN_WORDS:
        given = collected.loc[collected["question"] == number, "answer"]
        mean = given.astype(float).mean() if number in SCALED else float("nan")
        words = "; ".join(given) if number in IN_WORDS else ""
        rows.append((number, label(f"course.feedback_{number}", language), len(given), mean, words))
    return pd.DataFrame(rows, columns=["question", "text", "answers", "mean", "words"])


def export_feedback(collected: pd.DataFrame, path: str | Path) -> Path:
    """Write the collected feedback as one CSV file that a spreadsheet opens as text."""
    path = Path(path)
    rows = [
        (row.sheet, row.question, f"'{row.answer}" if row.answer[:1] in "=+-@" else row.answer)
        for row in collected.itertuples(index=False)
    ]
    _write(path, ("sheet", "question", "answer"), rows)
    return path


def _sound(row: list[str]) -> bool:
    """Whether a line of a feedback file can be used."""
    scale, words = map(str, SCALE), map(str, IN_WORDS)
    return len(row) == len(FEEDBACK_COLUMNS) and (
        row[1] in words or (row[1] in map(str, SCALED) and row[2] in scale)
    )


def _write(path: Path, columns, rows) -> None:
    """A whole file, or the earlier one stays."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *rows])
    part = path.with_name(f"{path.name}.part")
    part.write_text(out.getvalue(), encoding="utf-8-sig")
    part.replace(path)
