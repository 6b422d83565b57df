"""The pages for trainers and the frequent questions: names, numbers, minutes and messages hold."""

from __future__ import annotations

import ast
import importlib
import json
import re
from datetime import datetime, timedelta

import pytest
from lesson_pages import FOLDER, LESSONS, blocks_of_table, cells, front_matter

import ldnkit
from ldnkit import __main__ as verbs
from ldnkit import course, csvfiles, exercises

HOUSE = FOLDER.parent
TRAINER = FOLDER / "trainer"
NAMES = "index two_days four_sessions four_weeks room plan_b stuck questions_to_ask".split()
PAGES = [TRAINER / f"{name}.md" for name in NAMES]
PLANS = [TRAINER / f"{name}.md" for name in ("two_days", "four_sessions", "four_weeks")]
FAQ = FOLDER / "faq.md"
NOTEBOOKS = sorted((HOUSE / "notebooks").glob("[0-9]*.ipynb"))
by_page = pytest.mark.parametrize("page", [*PAGES, FAQ], ids=lambda path: path.stem)
by_plan = pytest.mark.parametrize("page", PLANS, ids=lambda path: path.stem)


def whole(path) -> str:
    return path.read_text(encoding="utf-8")


def body(path) -> str:
    """The page without code."""
    return re.sub(r"^```\w+\n.*?^```$", "", whole(path), flags=re.S | re.M)


def python(path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", whole(path), re.S | re.M)


def words_of(notebook) -> str:
    content = json.loads(whole(notebook))
    return "\n".join("".join(cell["source"]) for cell in content["cells"])


def quoted(path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", body(path))


# ------------------------------------------------------------------------- how it is written


def test_all_pages_are_there_and_linked():
    assert sorted(TRAINER.glob("*")) == sorted(PAGES)
    for page in PAGES[1:]:
        assert f"]({page.name})" in whole(PAGES[0]), page.name
    index = whole(FOLDER / "index.md")
    assert "](trainer/index.md)" in index and "](faq.md)" in index


@by_page
def test_links_resolve(page):
    for target in re.findall(r"\]\(([^)]+)\)", body(page)):
        assert (page.parent / target).is_file(), f"{page.name}: {target}"


@by_page
def test_one_short_sentence_per_line(page):
    assert len(re.findall(r"^# ", body(page), re.M)) == 1
    for line in body(page).splitlines():
        if not line.strip() or line[0] in "#|":
            continue
        text = re.sub(r"^(- |\d+\. )", "", line.strip())
        text = text.removesuffix('"')
        assert text[-1] in ".?:", f"not a whole sentence: {line}"
        assert len(re.findall(r"(?<=[.!?]) +(?=[A-Z])", text)) <= text.endswith("?"), line
        assert len(text.split()) <= 30, f"a long sentence: {line}"


@by_page
def test_tables_are_well_formed(page):
    for block in blocks_of_table(body(page)):
        assert len({len(cells(line)) for line in block}) == 1, block[0]
        assert re.fullmatch(r"\|(---\|)+", block[1]), block[0]


@by_page
def test_the_training_country_is_called_fictional(page):
    text = body(page)
    if page.stem in ("index", "questions_to_ask", "faq"):
        assert "Landia" in text and "fictional" in text and "synthetic" in text


def test_nobody_is_marked():
    said = " ".join(body(page) for page in PAGES).casefold()
    assert "no certificates" in said
    assert not re.search(r"\b(score|grade|exam|pass mark)s?\b", said)


# --------------------------------------------------------------------------- files and names


@by_page
def test_files_that_are_named_exist(page):
    named = set(re.findall(r"(?:notebooks|lessons)/[\w./]+\.(?:ipynb|md)", whole(page)))
    for name in named:
        assert (HOUSE / name).is_file(), name
    if page in PLANS or page.stem == "questions_to_ask":
        assert named


@by_page
def test_verbs_and_options_that_are_named_exist(page):
    parser = verbs._parser()
    for command in re.findall(r"python workbook\.py ([\w -]+)", whole(page)):
        verb, *options = command.split()
        known = parser._subparsers._group_actions[0].choices
        assert verb in known, command
        for option in options:
            if option.startswith("--"):
                assert option in known[verb].format_help(), command


def ours(name: str):
    """The module or function behind ``classroom.merge`` or ``course.questions``."""
    module, _, attribute = name.partition(".")
    return getattr(importlib.import_module(f"ldnkit.{module}"), attribute)


@by_page
def test_functions_that_are_named_exist(page):
    modules = {path.stem for path in (HOUSE / "ldnkit").glob("*.py")}
    for code in [*python(page), *quoted(page)]:
        for module, function in re.findall(r"\b(\w+)\.(\w+)\(", code):
            if module in modules:
                assert callable(ours(f"{module}.{function}"))


def test_the_files_of_learners_have_these_names(monkeypatch):
    monkeypatch.delenv("LDNKIT_PROGRESS", raising=False)
    page = whole(TRAINER / "index.md")
    for file in (exercises.progress_file(), course.feedback_file()):
        assert f"`{file.name}`" in page


def test_the_ten_questions_are_listed():
    block = blocks_of_table(body(TRAINER / "index.md"))[1]
    listed = [(int(row[0]), row[1]) for row in map(cells, block[2:])]
    assert listed == [(question.number, question.topic) for question in course.all_questions()]


def test_cells_to_copy_run(tmp_path, monkeypatch, capsys):
    """Every cell of the pages, in order, with the files of a small room."""
    home = tmp_path / "notebooks"
    for folder in ("notebooks", "progress", "feedback"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(home)
    for name, letter in (("amina", "a"), ("bo", "b")):
        monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "progress" / f"{name}.csv"))
        for sheet in course.SHEETS:
            course.answer(sheet, 4, letter)
        monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "my_progress.csv"))
        course.give_feedback({1: 4, 5: "more time"})
        course.feedback_file().rename(tmp_path / "feedback" / f"{name}.csv")
    seen = {}
    for page in PAGES:
        for code in python(page):
            exec(compile(code, page.name, "exec"), seen)
    assert seen["room"]["learner"].nunique() == 2
    assert (tmp_path / "room.csv").is_file() and (tmp_path / "opinions.csv").is_file()
    said = capsys.readouterr().out
    assert "Ten questions before the course" in said and "Problem report" in said
    assert "amina" not in whole(tmp_path / "room.csv")


# --------------------------------------------------------------------------------- minutes


def minutes_of(name: str) -> int:
    """Minutes on the card of a notebook, or in the head of a lesson."""
    path = HOUSE / name
    if path.suffix == ".ipynb":
        return int(re.search(r"\*\*Time\*\* \| (\d+) minutes", words_of(path))[1])
    return front_matter(path)["minutes"]


def tables_with_minutes(page):
    """Heading, minutes in the heading (or None), and rows as dictionaries."""
    for part in re.split(r"^## ", body(page), flags=re.M)[1:]:
        heading = part.splitlines()[0]
        said = re.search(r"\((\d+) minutes\)", heading)
        for block in blocks_of_table(part):
            names, _, *rows = map(cells, block)
            if "Minutes" in names:
                rows = [dict(zip(names, row, strict=True)) for row in rows]
                yield heading, int(said[1]) if said else None, rows


@by_plan
def test_minutes_add_up_to_what_the_heading_says(page):
    summed = 0
    for heading, said, rows in tables_with_minutes(page):
        if said is not None:
            assert sum(int(row["Minutes"]) for row in rows) == said, heading
            summed += 1
    assert summed >= 2


@by_plan
def test_each_part_begins_when_the_one_before_ends(page):
    for heading, _, rows in tables_with_minutes(page):
        starts = [row.get("Start", "") for row in rows]
        if not all(re.fullmatch(r"\d\d:\d\d", start) for start in starts):
            continue
        clock = [datetime.strptime(start, "%H:%M") for start in starts]
        for row, begin, end in zip(rows, clock, clock[1:], strict=False):
            assert begin + timedelta(minutes=int(row["Minutes"])) == end, (heading, row["What"])


@by_plan
def test_minutes_are_those_of_the_cards(page):
    checked = 0
    for heading, _, rows in tables_with_minutes(page):
        for row in rows:
            for part, name in re.findall(
                r"(part of )?`((?:notebooks|lessons)/[^`]+)`", row["With"]
            ):
                given, card = int(row["Minutes"]), minutes_of(name)
                where = f"{page.name}, {heading}: {name} has {card} minutes"
                assert given <= card if part else given == card, where
                checked += 1
    assert checked >= 8


def test_a_session_online_has_ninety_minutes():
    said = [said for heading, said, _ in tables_with_minutes(PLANS[1]) if "Session" in heading]
    assert [minutes for minutes in said if minutes == 90] == [90] * 4


def test_minutes_of_single_exercises():
    """Exercises that a plan cuts, with the minutes that stand in their headings."""
    number = "(\\d+) minutes\\)"
    exercise = {
        path.name[:2]: int(re.search(rf"## Your turn 3: .*?\({number}", words_of(path))[1])
        for path in NOTEBOOKS
        if path.name[:2] in ("02", "03", "04", "05", "10")
    }
    two_days, sessions = whole(PLANS[0]), whole(PLANS[1])
    cut = ", ".join(str(exercise[name]) for name in ("02", "03"))
    assert f"in notebooks 02, 03 and 04 ({cut} and {exercise['04']} minutes)" in two_days
    assert f"notebook 05 ({exercise['05']} minutes)" in sessions
    assert f"notebook 10 ({exercise['10']} minutes)" in sessions


@by_plan
def test_every_plan_has_goals_cuts_and_homework(page):
    headings = re.findall(r"^## (.*)$", body(page), re.M)
    assert {"Learning goals", "When you are late"} <= set(headings)
    assert page.stem == "four_weeks" or any("Homework" in heading for heading in headings)
    goals = body(page).split("## Learning goals")[1].split("\n## ")[0]
    assert 3 <= len(re.findall(r"^\d\. ", goals, re.M)) <= 5


# -------------------------------------------------------------------------------- messages


def sentences_of_the_code() -> list[str]:
    """All text of the package and the launcher; what is inserted becomes the sign …."""
    found = []
    for path in [HOUSE / "workbook.py", *(HOUSE / "ldnkit").rglob("*.py")]:
        for node in ast.walk(ast.parse(whole(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (
                    part.value if isinstance(part, ast.Constant) else "…" for part in node.values
                )
                found.append("".join(parts))
    for table in ("messages", "labels"):
        found += csvfiles.packaged(table)["en"].tolist()
    return [" ".join(re.sub(r"\{\w*\}", "…", text).split()) for text in found]


@pytest.fixture(scope="module")
def known():
    return sentences_of_the_code()


def said_by(message: str, known: list[str]) -> bool:
    """Whether a sentence of the code, with something inserted or not, holds the message."""
    parts = [re.escape(part.strip()) for part in message.split("…")]
    pattern = re.compile(".*".join(parts))
    return any(pattern.search(text) for text in known)


#: What one does to see the messages of Python itself.
MISTAKES = {
    "NameError: name 'opened' is not defined": "opened.name()",
    "NameError: name 'Grassland' is not defined": "answer = Grassland",
    "SyntaxError: invalid syntax": "answer = 3 x 2",
    "SyntaxError: unterminated string literal": 'answer = "Wetland',
}


def rows_of_messages():
    for block in blocks_of_table(body(TRAINER / "stuck.md")):
        names, _, *rows = map(cells, block)
        assert names == ["On the screen", "From", "What it means", "Cure"]
        yield from ((row[0].strip("`"), row[1]) for row in rows)


def test_every_message_is_one_of_the_workbook(known):
    told = [message for message, origin in rows_of_messages() if origin == "workbook"]
    assert len(told) >= 25
    missing = [message for message in told if not said_by(message, known)]
    assert not missing


def test_messages_of_plan_b_are_those_of_the_workbook(known):
    (block,) = (b for b in blocks_of_table(body(TRAINER / "plan_b.md")) if "screen" in b[0])
    told = [cells(line)[0].strip("`") for line in block[2:]]
    told += ["The packages could not be installed."]
    assert not [message for message in told if not said_by(message, known)]


def test_messages_of_python_are_real():
    told = {message for message, origin in rows_of_messages() if origin == "Python"}
    assert told == {*MISTAKES, "ModuleNotFoundError: No module named 'ldnkit'"}
    for message, code in MISTAKES.items():
        with pytest.raises((NameError, SyntaxError)) as raised:
            exec(compile(code, "cell", "exec"), {})
        assert f"{type(raised.value).__name__}: {raised.value}".startswith(message)


def test_an_invented_message_is_seen(known):
    assert not said_by("The computer is tired, because …", known)
    assert said_by("There is no country file: found nothing at …", known)


def test_messages_that_learners_make(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LDNKIT_PROGRESS", str(tmp_path / "p.csv"))
    told = [message for message, _ in rows_of_messages()]
    made = {
        "Not answered yet.": {"answer": ..., "expected": 1},
        "Choose one of": {"answer": "z", "expected": "a", "choices": "ab"},
        "The answer is a number.": {"answer": "north", "expected": 1.0},
        "Look at the unit: percent or share?": {"answer": 50, "expected": 0.5},
        "Look at the unit: your number is a thousand": {"answer": 5000, "expected": 5},
        "The size is right, the sign is not.": {"answer": 8.4, "expected": -8.4},
        "Your answer is too large.": {"answer": 9, "expected": 7},
    }
    for message, given in made.items():
        exercises.check("00-1", given.pop("answer"), **given)
        assert message in capsys.readouterr().out
        assert any(one.startswith(message) for one in told), message
    with pytest.raises(FileNotFoundError, match="There is no country file: found nothing at"):
        ldnkit.open_country("landya", outputs=tmp_path)


# ------------------------------------------------------------------------ questions to ask


def asked():
    (block,) = blocks_of_table(body(TRAINER / "questions_to_ask.md"))
    for line in block[2:]:
        notebook, *texts = cells(line)
        yield HOUSE / notebook.strip("`"), texts


def test_two_questions_for_every_notebook():
    listed = [notebook for notebook, _ in asked()]
    assert {path: listed.count(path) for path in NOTEBOOKS} == dict.fromkeys(NOTEBOOKS, 2)
    for notebook, (question, expected, wrong) in asked():
        assert question.endswith("?") and expected.endswith("."), notebook
        assert " Ask: " in wrong or " Ask " in wrong, wrong


def test_numbers_of_the_questions_stand_in_the_notebooks():
    for notebook, texts in asked():
        lesson = next(path for path in LESSONS if path.name[:2] == notebook.name[:2])
        page = words_of(notebook) + whole(lesson)
        for number in re.findall(r"\d[\d,]*\.\d+", " ".join(texts)):
            assert number in page, f"{notebook.name}: {number}"


# ------------------------------------------------------------------------------------ FAQ


def faq() -> dict[str, str]:
    parts = re.split(r"^## ", whole(FAQ), flags=re.M)[1:]
    return {part.splitlines()[0]: part for part in parts}


def test_every_answer_has_four_parts():
    for question, text in faq().items():
        assert question.endswith("?"), question
        leads = [line.split(":")[0] for line in text.splitlines()]
        order = [lead for lead in leads if lead in ("Short answer", "Why", "What to do", "More")]
        assert list(dict.fromkeys(order)) == ["Short answer", "Why", "What to do", "More"], question
        assert order.count("Short answer") == order.count("More") == 1
        more = next(line for line in text.splitlines() if line.startswith("More:"))
        assert "](" in more, question


def test_what_people_complain_about_is_answered():
    questions = " ".join(faq()).casefold()
    for topic in (
        "differ between my tables",
        "of the platform",
        "trends.earth",
        "no data",
        "default number",
        "2015 change",
        "improved land not shown",
        "edit a table by hand",
        "locked",
        "boundary",
        "licence",
        "gini",
        "islands",
        "hyper-arid",
        "cite",
        "report a problem",
    ):
        assert topic in questions, topic


def test_code_in_the_frequent_questions_runs(capsys):
    for code in re.findall(r"^```text\n(.*?)^```$", whole(FAQ), re.S | re.M):
        exec(compile(code, "faq", "exec"), {})
    assert "Problem report" in capsys.readouterr().out


def test_keys_of_the_country_file_that_the_answers_name():
    keys = set(csvfiles.packaged("country_keys")["key"])
    assert {"method", "boundary.rule"} <= keys
    methods = set(csvfiles.packaged("methods").columns)
    assert "trends.earth" in methods or "trends_earth" in methods
