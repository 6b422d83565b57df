"""The ten questions before and after the course, the opinions, and the exercises that teach."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ldnkit import (
    classroom,
    course,
    course_feedback,
    csvfiles,
    degradation,
    drought,
    productivity,
    soil,
    tables,
)
from ldnkit.country_file.layers import METADATA
from ldnkit.exercises import progress_file
from ldnkit.labels import LANGUAGES, label

HOUSE = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((HOUSE / "notebooks").glob("[0-9]*.ipynb"))
PARTS = ["question", *course.LETTERS, *(f"feedback_{letter}" for letter in course.LETTERS)]


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """A progress file of one learner, in a folder of its own."""
    file = tmp_path / "learner" / "my_progress.csv"
    monkeypatch.setenv("LDNKIT_PROGRESS", str(file))
    return file


def rows_of(file):
    return [line.split(",")[1:] for line in file.read_text(encoding="utf-8").splitlines()[1:]]


# ------------------------------------------------------------------------ the questions


def test_ten_questions_with_all_parts():
    table = csvfiles.packaged("course_questions")
    assert sorted(set(table["id"])) == list(range(1, 11))
    for number, rows in table.groupby("id"):
        assert rows["part"].tolist() == PARTS, number
        assert rows.loc[rows["part"] != "question", "right"].eq("").all()
    assert set(table["reviewed"]) == {"no"}
    assert table["source"].str.len().min() > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_complete(language):
    table = csvfiles.packaged("course_questions")
    assert not table[table[language].str.strip() == ""]["part"].tolist()
    if language != "en":  # nothing was left in English; one word alone may be the same
        same = table.loc[table[language] == table["en"], "en"]
        assert not same.str.contains(" ").any()
    for question in course.all_questions(language=language):
        assert len(set(question.choices.values())) == 4, question.number
        assert len(set(question.feedback.values())) == 4, question.number
        assert question.right in question.choices
        years = re.findall(r"\d{4}", question.text)
        assert years == re.findall(r"\d{4}", course.all_questions()[question.number - 1].text)


def test_the_right_letter_cannot_be_guessed():
    right = [question.right for question in course.all_questions()]
    assert all(2 <= right.count(letter) <= 3 for letter in course.LETTERS)


def test_topics():
    topics = [question.topic for question in course.all_questions()]
    assert topics == [
        "land cover",
        "land productivity",
        "soil organic carbon",
        "one out, all out",
        "no data",
        "baseline and reporting period",
        "false positives",
        "drought classes",
        "finance",
        "national data",
    ]


def right_choice(number):
    question = course.all_questions()[number - 1]
    return question.choices[question.right]


def test_right_answers_are_what_the_workbook_computes():
    cell = lambda value: np.array([value], dtype="int16")  # noqa: E731
    words = {-1: "Degraded", 0: "Stable", 1: "Improved"}
    matrix = tables.transition_matrix().set_index(["from", "to"])
    assert right_choice(1).startswith(words[matrix.at[(1, 3), "sign"]])  # trees to cropland
    assert words[int(productivity.degradation(cell(3))[0])].lower() in right_choice(2)
    change = np.array([-8.4], dtype="float32")
    assert right_choice(3).startswith(words[int(soil.degradation(change)[0])])
    joined = degradation.one_out_all_out(cell(1), cell(0), cell(-1))
    assert right_choice(4).startswith(words[int(joined[0])])
    assert right_choice(6).startswith(words[int(degradation.status(cell(-1), cell(0))[0])])
    legend = tables.palette("drought").set_index("code")["label"]
    found = int(drought.classes(np.array([-1.6], dtype="float32"))[0])
    assert right_choice(8).rstrip(".") == legend[found]
    for word in METADATA:  # title, link, author, citation
        assert word in right_choice(10).casefold(), word


def test_the_boundaries_that_the_feedback_names():
    upper = csvfiles.packaged("drought_classes").set_index("key")["upper"]
    for key in ("moderate", "severe", "extreme"):
        said = f"{upper[f'drought.{key}']:g}".replace("-", "−")
        assert said in " ".join(course.all_questions()[7].feedback.values())
    manual = tables.method("manual")
    assert manual["soil_threshold"] == 10 and manual["soil_transition_years"] == 20


# --------------------------------------------------------------------- answers are noted


def test_before_the_course_an_answer_is_noted_and_not_told(learner):
    assert course.answer("before", 4, "b").endswith("comes again after the course.")
    assert course.answer("before", 5, " C ").endswith("comes again after the course.")
    assert rows_of(learner) == [["before-4", "wrong", "b"], ["before-5", "right", "c"]]


def test_after_the_course_a_wrong_answer_is_explained(learner):
    said = course.answer("after", 4, "b")
    assert said.startswith("after-4: Not right yet: b.") and "does not pay for" in said
    said = course.answer("after", 4, "a")
    assert said.startswith("after-4: Right. One out, all out")
    assert rows_of(learner) == [["after-4", "wrong", "b"], ["after-4", "right", "a"]]


def test_every_wrong_answer_has_its_reason_in_every_language(learner):
    for language in LANGUAGES:
        for question in course.all_questions(language=language):
            for letter in course.LETTERS:
                said = course.answer("after", question.number, letter, language=language)
                assert question.feedback[letter] in said


def test_alone_one_may_want_to_know_at_once():
    assert "does not pay for" in course.answer("before", 4, "b", tell=True)


def test_not_answered(learner):
    assert "Not answered yet" in course.answer("before", 1, ...)
    assert rows_of(learner) == [["before-1", "open", ""]]


@pytest.mark.parametrize("wrong", [("during", 1, "a"), ("after", 11, "a"), ("after", 1, "e")])
def test_what_is_not_there_is_refused(wrong, learner):
    with pytest.raises(ValueError, match=r"found .*; use "):
        course.answer(*wrong)
    assert not learner.exists()


def test_a_wrong_answer_is_no_fault_of_the_workbook(monkeypatch, learner):
    monkeypatch.setenv("LDNKIT_STRICT", "1")
    course.answer("before", 1, "a")
    assert rows_of(learner) == [["before-1", "wrong", "a"]]


def test_a_file_that_cannot_be_written_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "file" / "my_progress.csv"))
    assert "Progress was not saved" in course.answer("before", 1, "b")
    assert "Progress was not saved" in course.give_feedback({1: 5})


def test_a_room_before_and_after(tmp_path, monkeypatch):
    #        question 1 (right b)      question 4 (right a)     question 8 (right c)
    #        before   after            before   after           before   after
    # Ann    a        b                a        a               d        –
    # Bo     c        c, then b        b        a               –        c
    # Chi    b        b                –        –               –        –
    # 1: before 1/3, after 2/3 (Bo's second try does not count); 4: 1/2 and 2/2; 8: nobody has both
    room = {
        "Ann": "before 1 a, before 4 a, before 8 d, after 1 b, after 4 a",
        "Bo": "before 1 c, before 4 b, after 1 c, after 1 b, after 4 a, after 8 c",
        "Chi": "before 1 b, after 1 b",
    }
    for name, given in room.items():
        monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "room" / f"{name}.csv"))
        for sheet, number, letter in (one.split() for one in given.split(", ")):
            course.answer(sheet, int(number), letter)
    found = classroom.before_after(classroom.merge(tmp_path / "room")).set_index("question")
    assert found.index.tolist() == [1, 4]
    assert found.loc[1].tolist() == pytest.approx([3, 1 / 3, 2 / 3, 1 / 3])
    assert found.loc[4].tolist() == [2, 0.5, 1.0, 0.5]


# ----------------------------------------------------------------------------- the forms


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_writes_what_is_chosen(language, learner):
    form = course.question_form("after", language=language)
    assert [box.value for box in form.choices.values()] == [None] * 10
    form.button.click()
    assert not learner.exists() and label("course.none_yet", language) in form.said.value
    form.choices[1].value, form.choices[9].value = "a", "a"
    form.button.click()
    assert rows_of(learner) == [["after-1", "wrong", "a"], ["after-9", "right", "a"]]
    feedback = course.all_questions(language=language)[0].feedback["a"]
    assert course.html.escape(feedback) in form.answers[1].value
    assert form.answers[2].value == ""
    assert "2" in form.said.value and "my_progress.csv" in form.said.value
    form.choices[1].value = "b"
    form.button.click()  # a second thought: the first answer counts
    # the cell runs again: the marks are there still, and the learner is told
    again = course.question_form("after", language=language)
    assert [again.choices[number].value for number in (1, 2, 9)] == ["a", None, "a"]
    kept = label("course.kept", language).format(done=2, total=10, file="my_progress.csv")
    assert kept in again.said.value
    assert not course.question_form("before", language=language).said.value


def test_buttons_can_be_read_aloud_and_arabic_runs_from_right_to_left():
    form = course.question_form("before", language="ar")
    assert "ldnkit-right-to-left" in form._dom_classes
    question = course.all_questions(language="ar")[3]
    assert [text for text, _ in form.choices[4].options] == [
        f"{letter}) {text}" for letter, text in question.choices.items()
    ]
    assert "ldnkit-right-to-left" not in course.question_form("before")._dom_classes


def test_outside_a_notebook_the_questions_are_printed(capsys):
    assert course.questions("before", language="fr") is None
    said = capsys.readouterr().out
    assert said.startswith("Dix questions avant le cours")
    assert said.count("   a) ") == 10 and 'course.answer("before", 1, "a", language="fr")' in said
    assert course.feedback() is None
    assert "course.give_feedback({1: 4" in capsys.readouterr().out
    with pytest.raises(ValueError, match="before, after"):
        course.questions("during")


def test_in_a_notebook_there_are_buttons(monkeypatch):
    class Shell:
        kernel = object()

    class Python:
        get_ipython = staticmethod(Shell)

    monkeypatch.setitem(__import__("sys").modules, "IPython", Python)
    from ldnkit import course_screen

    assert course_screen.shown(lambda: "a form", "words") == "a form"


# --------------------------------------------------------------------------- the opinions


def test_feedback_is_kept_beside_the_progress_and_replaced(learner):
    course.give_feedback({1: 2, 4: "paper"})
    said = course.give_feedback({1: 5, 2: None, 3: 4, 5: "  more \n time "})
    assert said.startswith("Saved in my_feedback.csv")
    assert course.feedback_file().parent == progress_file().parent
    table = pd.read_csv(course.feedback_file())
    assert table[["question", "answer"]].values.tolist() == [[1, "5"], [3, "4"], [5, "more time"]]
    assert not list(learner.parent.glob("*.part"))


def test_empty_or_impossible_feedback(learner):
    assert course.give_feedback({1: None, 5: " "}) == "Nothing is filled in yet."
    for wrong in ({1: 6}, {6: "x"}, {2: "good"}):
        with pytest.raises(ValueError, match="found"):
            course.give_feedback(wrong)
    assert not course.feedback_file().exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_feedback_form(language):
    form = course_feedback.feedback_form(language=language)
    form.fields[3].value, form.fields[5].value = 1, "="
    form.button.click()
    assert "my_feedback.csv" in form.said.value
    assert pd.read_csv(course.feedback_file())["answer"].tolist() == ["1", "="]


def test_feedback_of_a_room(tmp_path, monkeypatch):
    #          1   2   3   4       5
    # first    5   4   –   paper   –
    # second   2   –   3   –       =1+1
    room = tmp_path / "room"
    for name, given in {"x": {1: 5, 2: 4, 4: "paper"}, "y": {1: 2, 3: 3, 5: "=1+1"}}.items():
        monkeypatch.setenv("LDNKIT_PROGRESS", str(room / name / "my_progress.csv"))
        course.give_feedback(given)
        course.feedback_file().rename(room / f"{name}.csv")
    (room / "progress.csv").write_text("time,exercise,result,answer\n", encoding="utf-8")
    with (room / "x.csv").open("a", encoding="utf-8") as file:
        file.write("t,1,99\nt,9,z\nbroken\n")  # lines that cannot be used are passed over
    found = course.collect_feedback(room)
    assert sorted(set(found["sheet"])) == [1, 2] and len(found) == 6
    table = course.feedback_summary(found).set_index("question")
    assert table["answers"].tolist() == [2, 1, 1, 1, 1]
    assert table["mean"].tolist()[:3] == [3.5, 4.0, 3.0]
    assert table.loc[4, "words"] == "paper" and table.loc[5, "words"] == "=1+1"
    text = course.export_feedback(found, tmp_path / "all.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text and "x.csv" not in text


def test_no_feedback_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"put the files my_feedback\.csv"):
        course.collect_feedback(tmp_path)


# --------------------------------------------------- questions of the notebooks that teach


def cells_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells}


def explained_letters(tree, name):
    """Letters for which the dictionary with this name holds a reason."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        (target,) = node.targets
        if isinstance(target, ast.Subscript) and getattr(target.value, "id", "") == name:
            found.add(ast.literal_eval(target.slice))
        elif getattr(target, "id", "") == name and isinstance(node.value, ast.Dict):
            found |= {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
        elif getattr(target, "id", "") == name and isinstance(node.value, ast.Call):
            found |= set(ast.literal_eval(node.value.args[0]))  # dict.fromkeys("bc", …)
    return found


def multiple_choice(code):
    """Of each multiple-choice question in a cell: how many letters have no reason.

    Where the right letter depends on the country, one letter is the right one.
    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check"):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if isinstance(given.get("choices"), ast.Constant):
            right = given["expected"].value if isinstance(given["expected"], ast.Constant) else ""
            reasons = explained_letters(tree, getattr(given.get("feedback"), "id", ""))
            missing = set(given["choices"].value) - {right} - reasons
            yield len(missing) - (0 if right else min(len(missing), 1))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_asks_what_a_result_means(path):
    """One question of choice at least, and a reason for each of its wrong answers."""
    code = [text for name, text in cells_of(path).items() if re.fullmatch(r"ex-\d+-answer", name)]
    questions = [missing for text in code for missing in multiple_choice(text)]
    assert questions, "no multiple-choice question"
    assert questions == [0] * len(questions), "a wrong answer without a reason"


def test_figures_to_reproduce():
    lacking = set()
    for path in NOTEBOOKS:
        asked = [text for name, text in cells_of(path).items() if re.fullmatch(r"ex-\d+", name)]
        if not any("reproduce" in text.casefold() for text in asked):
            lacking.add(path.name[:2])
    assert not lacking


def test_the_first_notebook_asks_the_ten_questions_and_helps():
    code = "\n".join(cells_of(HOUSE / "notebooks" / "00_start_here.ipynb").values())
    assert 'course.questions("before", language=language)' in code
    assert "helpdesk.report_problem(" in code
