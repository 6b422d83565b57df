"""Exercises: what check() says to every kind of answer, and what it writes down."""

import csv
import math
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldnkit import exercises, tables
from ldnkit.exercises import check, predict, predicted, progress


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "notes" / "my_progress.csv"))
    monkeypatch.delenv("LDNKIT_STRICT", raising=False)
    return tmp_path / "notes" / "my_progress.csv"


@pytest.fixture
def said(capsys):
    """What one call of check prints, on one line, without the number of the exercise."""

    def call(answer, **options):
        assert check("05-1", answer, **options) is None
        text = capsys.readouterr().out
        assert text.startswith("05-1: ") and text.count("\n") == 1
        return text.removeprefix("05-1: ").strip()

    return call


OPEN, RIGHT = tables.label("exercise.unanswered"), tables.label("exercise.right")


@pytest.mark.parametrize(
    "answer", [..., None, "", "  ", "...", "…", [..., 2], {"a": ...}, (1, ...), {1, ...}]
)
def test_not_answered_is_never_an_error(said, answer, monkeypatch):
    monkeypatch.setenv("LDNKIT_STRICT", "1")
    assert said(answer, expected=1) == OPEN


@pytest.mark.parametrize(
    "answer,expected",
    [
        (12.5, 12.5),
        (12.4, 12.5),  # within one percent
        (-3, -3.02),
        (0.009, 0),  # absolute when zero is expected
        ("12,5 %", 12.5),
        ("1 250", 1250),
        ("1,250.0", 1250),
        (np.float32(12.5), 12.5),
        (np.array(12.5), 12.5),
        (12.5, np.float64(12.5)),
        (math.nan, math.nan),
        (math.inf, math.inf),
        (True, True),
        (np.bool_(True), True),
        ("  NORTH  east", "north east"),
        ("North - East", "north-east"),
        ("Ｅ", "e"),  # full width, as a Chinese keyboard writes it
        (3, "3"),
        ([1, 2.01, 3], [1, 2, 3]),
        ((1, 2), [1, 2]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (pd.Series([1.0, 2.0]), (1, 2)),
        (pd.DataFrame({"a": [1, 2]}), [[1], [2]]),
        (["b", "A"], {"a", "b"}),
        ("a", {"a"}),
        ({"Crop": 1.001}, {"crop": 1}),
        (7, lambda answer: answer > 5),
    ],
)
def test_right(said, answer, expected):
    assert said(answer, expected=expected) == RIGHT


@pytest.mark.parametrize(
    "answer,expected,reason",
    [
        (12.3, 12.5, "exercise.too_small"),
        (13, 12.5, "exercise.too_large"),
        (-12.5, 12.5, "exercise.sign"),
        (0.125, 12.5, "exercise.percent"),
        (12_500, 12.5, "exercise.unit"),
        (12.5e-6, 12.5, "exercise.unit"),
        ("north", 12.5, "exercise.number"),
        ([1, 2], 12.5, "exercise.point"),
        ((12, 5), 12.5, "exercise.point"),  # written 12,5
        (["a", 5], 12.5, "exercise.number"),
        ([], 12.5, "exercise.number"),
        ([12, 5, 1], 12.5, "exercise.number"),
        ((True, False), 12.5, "exercise.number"),
        (True, 1, "exercise.number"),
        (0.02, 0, "exercise.too_large"),
    ],
)
def test_a_wrong_number_hears_why(said, answer, expected, reason):
    text = said(answer, expected=expected, hint="Look again.")
    assert text.startswith("Not right yet: ")
    assert tables.label(reason) in text
    assert text.endswith(tables.label("exercise.hint").format(hint="Look again."))


@pytest.mark.parametrize(
    "answer,expected,reason",
    [
        ([1, 2, 4], [1, 2, 3], "2 of 3 are right."),
        ([1, 2], [1, 2, 3], "Your list has 2 parts, 3 are needed."),
        ({"a", "d"}, {"a", "b", "c"}, "Missing: 2. Too many: 1."),
        ("south", "north", ""),
        (1, True, ""),
        (0, False, ""),
        ({"crop": 2}, {"crop": 1}, ""),
        ({"crop": 1, "x": 1}, {"crop": 1}, ""),
        ("crop", {"crop": 1}, ""),
        (3, lambda answer: answer > 5, ""),
        ("text", lambda answer: answer > 5, ""),  # a function that fails means wrong
        (object(), [1], ""),
        (12, None.__class__, ""),
    ],
)
def test_other_wrong_answers(said, answer, expected, reason):
    text = said(answer, expected=expected)
    assert text.startswith("Not right yet: ") and reason in text


def test_tolerance_can_be_changed(said):
    assert said(12, expected=10, tolerance=0.2) == RIGHT
    assert said(10.05, expected=10, tolerance=0).startswith("Not right yet")


@given(expected=st.floats(-1e9, 1e9), error=st.floats(-0.0099, 0.0099))
def test_within_one_percent_is_right(expected, error):
    assert exercises._holds(expected * (1 + error), expected, 0.01)
    if abs(expected) > 1e-6:
        assert not exercises._holds(expected * 1.02, expected, 0.01)


CHOICES = {"a": "Land is stable", "b": "Land is degraded", "c": "There is no data"}
FEEDBACK = {"a": "Stable needs all three.", "C": "All three layers have data here."}


def test_multiple_choice(said):
    def ask(answer):
        return said(answer, expected="b", choices=CHOICES, feedback=FEEDBACK, hint="One out.")

    assert ask("B ") == RIGHT
    assert ask("land is degraded") == RIGHT
    assert ask("a") == "Not right yet: a. Stable needs all three."
    assert ask("c") == "Not right yet: c. All three layers have data here."
    assert ask("x") == "Choose one of a, b, c."
    assert ask(...) == OPEN


def test_feedback_for_numbers(said):
    text = said(20, expected=12, feedback={20: "You counted water as land."}, hint="Land only.")
    assert text == "Not right yet: 20. You counted water as land."


def test_open_questions_are_noted(said, file):
    assert said("I see purple in the north.") == tables.label("exercise.noted")
    assert progress()["done"].tolist() == [True]


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_messages_in_every_language(said, language):
    for answer in (..., 1, 2, "x", {"a"}):
        text = said(answer, expected=1, language=language, record=False)
        assert text and "{" not in text.replace("{'a'}", "")
    assert said(1, expected=1, language=language) == tables.label("exercise.right", language)


def test_strict_mode_finds_wrong_solutions(monkeypatch, capsys):
    monkeypatch.setenv("LDNKIT_STRICT", "1")
    with pytest.raises(AssertionError, match="05-1: Not right yet: 3.*found 3"):
        check("05-1", 3, expected=2)
    with pytest.raises(AssertionError, match="Choose one of"):
        check("05-1", "x", expected="a", choices="ab", record=False)
    check("05-1", 2, expected=2)
    check("05-1", ..., expected=2)
    check("05-2", "text")
    monkeypatch.setenv("LDNKIT_STRICT", "0")
    check("05-1", 3, expected=2)


# --- The progress file -------------------------------------------------------------------------


def rows(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_what_is_written_down(file):
    check("05-2", ..., expected=1)
    check("05-1", 2, expected=1)
    check("05-1", 2, expected=1)  # the same again: not written
    check("05-1", 1, expected=1)
    check("05-1", ..., expected=1)  # a fresh notebook does not undo it
    check("05-3", 1, expected=1, record=False)
    assert [row[1:] for row in rows(file)] == [
        ["exercise", "result", "answer"],
        ["05-2", "open", ""],
        ["05-1", "wrong", "2"],
        ["05-1", "right", "1"],
    ]


def test_progress_is_a_table(file, capsys):
    assert progress().empty
    assert "0 of 0" in capsys.readouterr().out
    check("05-2", ..., expected=1)
    check("05-1", 2, expected=1)
    check("05-1", 1, expected=1)
    check("05-1", 3, expected=1)  # done stays done
    predict("05-0", "north")
    check("before-1", "a", expected="b")  # measures the course, not the learner
    capsys.readouterr()
    table = progress()
    assert table["last"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d").all()
    assert table[["exercise", "done", "tries"]].values.tolist() == [
        ["05-1", True, 3],
        ["05-2", False, 0],
    ]
    text = tables.label("exercise.progress").format(done=1, total=2)
    assert capsys.readouterr().out.strip() == text


def test_predictions_come_back(capsys):
    assert predicted("05-0") == "–"
    predict("05-0", ...)
    assert predicted("05-0") == "–"
    predict("05-0", "north")
    predict("05-0", "east, and centre")
    assert predicted("05-0") == "east, and centre"
    assert "Your prediction is noted: north." in capsys.readouterr().out


def test_a_damaged_file_is_passed_over_and_kept(file, capsys):
    check("05-1", 1, expected=1)
    good = file.read_bytes()
    file.write_bytes(good + b'\xff\xfe\x00 garbage\nonly,two\n"half a line')
    check("05-2", 1, expected=1)
    capsys.readouterr()
    table = progress()
    text = capsys.readouterr().out
    assert table["exercise"].tolist() == ["05-1", "05-2"]
    assert text.startswith("3 lines of") and "2 of 2" in text
    assert file.read_bytes().startswith(good)


def test_long_answers_and_line_breaks_stay_one_line(file):
    check("05-1", 'two\nlines, "quoted" ' + "x" * 500)
    (_, (_, _, result, answer)) = rows(file)
    assert result == "noted" and len(answer) == exercises.LONGEST_ANSWER
    assert answer.startswith('two lines, "quoted"') and len(progress()) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "file" / "my_progress.csv"))
    check("05-1", 1, expected=1)
    text = capsys.readouterr().out
    assert "05-1: " + RIGHT in text and "Progress was not saved" in text
    monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path))  # a folder, not a file
    check("05-1", 1, expected=1)
    assert "Progress was not saved" in capsys.readouterr().out
    assert progress().empty


def test_the_file_is_here_unless_named(monkeypatch, tmp_path):
    monkeypatch.delenv("LDNKIT_PROGRESS")
    monkeypatch.chdir(tmp_path)
    check("05-1", 1, expected=1)
    assert [path.name for path in tmp_path.iterdir()] == ["my_progress.csv"]


def test_two_notebooks_at_once_lose_no_line(file):
    def work(notebook):
        for number in range(40):
            check(f"{notebook}-{number}", number, expected=number)

    both = [threading.Thread(target=work, args=(name,)) for name in ("05", "06")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    table = progress()
    assert len(table) == 80 and table["done"].all()
