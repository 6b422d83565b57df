"""The course around the notebooks: ten questions before and after it, and a short feedback form.

The questions are in ``ldnkit/data/course_questions.csv``, in six languages. Answers go into the
learner's progress file as ``before-1`` … ``after-10``, so that
:func:`ldnkit.classroom.before_after` can read a room. The feedback goes into ``my_feedback.csv``
beside it. Nothing leaves the computer.
"""

from __future__ import annotations

import contextlib
import html
import io
from dataclasses import dataclass

from ldnkit import course_screen, csvfiles
from ldnkit.course_feedback import (
    collect_feedback,
    export_feedback,
    feedback,
    feedback_file,
    feedback_summary,
    feedback_text,
    give_feedback,
)
from ldnkit.exercises import SHEETS, check, progress_file, read
from ldnkit.labels import label

__all__ = [
    "LETTERS",
    "SHEETS",
    "Question",
    "all_questions",
    "answer",
    "collect_feedback",
    "export_feedback",
    "feedback",
    "feedback_file",
    "feedback_summary",
    "feedback_text",
    "give_feedback",
    "question_form",
    "questions",
    "text",
]

LETTERS = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Question:
    """A multiple-choice question in one language.

    Attributes
    ----------
    number : int
        1 to 10.
    topic : str
        In English, for the trainer.
    text : str
    choices : dict of letter to text
    right : str
        The letter of the right answer.
    feedback : dict of letter to text
        Why this answer is wrong; for the right one, what else to know.
    source : str
        The document that the answer follows.
    """

    number: int
    topic: str
    text: str
    choices: dict
    right: str
    feedback: dict
    source: str


def all_questions(*, language: str = "en") -> list[Question]:
    """The ten questions of the course in one language.

    Raises
    ------
    KeyError
        Unknown language.

    Examples
    --------
    >>> len(all_questions()), all_questions()[3].topic
    (10, 'one out, all out')
    """
    label("course.save", language)  # refuses an unknown language, and names the known ones
    table, found = csvfiles.packaged("course_questions"), []
    for number, rows in table.groupby("id"):
        texts = {row["part"]: row[language] or row["en"] for row in rows.to_dict("records")}
        first = rows[rows["part"] == "question"].iloc[0]
        choices = {letter: texts[letter] for letter in LETTERS}
        feedback = {letter: texts[f"feedback_{letter}"] for letter in LETTERS}
        head = (int(number), first["topic"], texts["question"])
        found.append(Question(*head, choices, first["right"], feedback, first["source"]))
    return found


def answer(sheet: str, number: int, letter, *, language: str = "en", tell: bool | None = None):
    """Note the answer to one question in the progress file, and say what there is to say.

    Parameters
    ----------
    sheet : {"before", "after"}
    number : int
        1 to 10.
    letter : str
        "a" to "d"; ``...`` means not answered.
    language : str
    tell : bool, optional
        Say whether the answer is right, and why. By default only after the course: before it the
        answer would teach, and the second sheet would measure memory.

    Returns
    -------
    str
        The sentence for the learner. The answer is noted as right or wrong in any case; only the
        first answer of each sheet counts in :func:`ldnkit.classroom.before_after`.

    Raises
    ------
    ValueError
        Another sheet, number or letter.

    Examples
    --------
    >>> answer("after", 4, "b")  # doctest: +SKIP
    'after-4: Not right yet: b. A gain in one sub-indicator does not pay for …'
    """
    course_screen.refuse_unless(sheet, SHEETS, language)
    known = all_questions(language=language)
    course_screen.refuse_unless(number, [question.number for question in known], language)
    question = next(question for question in known if question.number == number)
    given = letter.strip().casefold() if isinstance(letter, str) else letter
    if given is not ...:
        course_screen.refuse_unless(given, LETTERS, language)
    said = io.StringIO()
    # a wrong answer here is no fault of the workbook, not even with LDNKIT_STRICT=1
    with contextlib.redirect_stdout(said), contextlib.suppress(AssertionError):
        check(
            f"{sheet}-{number}",
            given,
            expected=question.right,
            choices=question.choices,
            feedback=question.feedback,
            language=language,
        )
    if given is ... or (tell if tell is not None else sheet == "after"):
        right = question.feedback[given] if given == question.right else ""
        return " ".join(f"{said.getvalue().strip()} {right}".split())
    unsaved = said.getvalue().strip().splitlines()[1:]  # the file could not be written
    return " ".join([f"{sheet}-{number}: {label('course.noted', language)}", *unsaved])


def text(sheet: str, *, language: str = "en") -> str:
    """The questions of a sheet as text, with the way to answer without buttons.

    Examples
    --------
    >>> text("before").splitlines()[0]
    'Ten questions before the course'
    """
    course_screen.refuse_unless(sheet, SHEETS, language)
    lines = [label(f"course.title_{sheet}", language), ""]
    for question in all_questions(language=language):
        lines.append(f"{question.number}. {question.text}")
        lines += [f"   {letter}) {words}" for letter, words in question.choices.items()] + [""]
    command = f'course.answer("{sheet}", 1, "a", language="{language}")'
    lines.append(label("course.in_text", language).format(command=command))
    return "\n".join(lines)


def questions(sheet: str, *, language: str = "en"):
    """Ask the ten questions: buttons in a notebook, text everywhere else.

    Parameters
    ----------
    sheet : {"before", "after"}
    language : str

    Returns
    -------
    ipywidgets.VBox or None
        None outside a notebook, where the questions are printed.

    Raises
    ------
    ValueError
        Another sheet.

    Examples
    --------
    >>> questions("before", language="fr")  # doctest: +SKIP
    """
    course_screen.refuse_unless(sheet, SHEETS, language)
    return course_screen.shown(
        lambda: question_form(sheet, language=language), text(sheet, language=language)
    )


def question_form(sheet: str, *, language: str = "en"):
    """The sheet as a form; ``form.choices`` (by number), ``form.button``, ``form.said``.

    Radio buttons are ordinary fields of a page: Tab and the arrow keys reach all of them.
    """
    import ipywidgets

    course_screen.refuse_unless(sheet, SHEETS, language)
    rows, _ = read(progress_file())
    kept: dict[str, str] = {}
    for _, exercise, _, letter in rows:
        if letter in LETTERS:
            kept.setdefault(exercise, letter)  # the first answer counts
    choices, answers, parts = {}, {}, []
    for question in all_questions(language=language):
        number = question.number
        heading = label("course.question", language).format(number=number)
        words = html.escape(question.text)
        parts.append(ipywidgets.HTML(f"<p><b>{html.escape(heading)}.</b> {words}</p>"))
        options = [(f"{letter}) {said}", letter) for letter, said in question.choices.items()]
        choices[number] = ipywidgets.RadioButtons(
            options=options, value=kept.get(f"{sheet}-{number}"), layout={"width": "98%"}
        )
        choices[number].tooltip = heading
        answers[number] = ipywidgets.HTML()
        parts += [choices[number], answers[number]]
    button = course_screen.button(ipywidgets, "course.save", language)
    said = ipywidgets.HTML()

    def save(_button=None):
        given = {number: box.value for number, box in choices.items() if box.value}
        for number, letter in given.items():
            sentence = answer(sheet, number, letter, language=language)
            answers[number].value = f"<p>{html.escape(sentence)}</p>"
        tell("course.saved" if given else "course.none_yet", len(given))

    def tell(key: str, done: int):
        values = {"done": done, "total": len(choices), "file": progress_file().name}
        said.value = f"<p>{html.escape(label(key, language).format(**values))}</p>"

    answered = sum(box.value is not None for box in choices.values())
    if answered:
        tell("course.kept", answered)
    button.on_click(save)
    head = course_screen.head(ipywidgets, f"course.title_{sheet}", "course.help", language)
    form = course_screen.box(ipywidgets, [*head, *parts, said, button], language)
    form.choices, form.answers, form.button, form.said = choices, answers, button, said
    return form
