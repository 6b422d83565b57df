"""Lessons: every one has the same anatomy, short sentences, sound tables and links that resolve."""

import re

import pytest
from lesson_pages import (
    FOLDER,
    LESSONS,
    PAGES,
    blocks_of_table,
    body,
    cells,
    front_matter,
    prose,
    section,
)

SECTIONS = [
    "Questions",
    "Objectives",
    "The idea",
    "Worked example",
    "Common mistakes",
    "Discuss",
    "Key points",
    "Sources",
]
LEVELS = ("beginner", "intermediate", "advanced")
VERBS = (
    "Apply Check Choose Combine Compare Compute Count Decide Draw Explain Find Follow List Name "
    "Read Round Say"
).split()
READING_WORDS = 15 * 130  # 15 minutes, at the speed of a tired reader of a second language
by_file = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)


def test_there_are_lessons_and_the_index_names_each():
    assert {path.name[:2] for path in LESSONS} >= {"00", "01", "02", "03", "04", "05", "17"}
    rows = {row[0]: row for row in map(cells, blocks_of_table(body(FOLDER / "index.md"))[0][2:])}
    for path in LESSONS:
        facts = front_matter(path)
        row = rows[f"[{path.name[:2]} {facts['title']}]({path.name})"]
        assert row[2:] == [str(facts["minutes"]), facts["level"]]


@by_lesson
def test_front_matter(lesson):
    facts = front_matter(lesson)
    assert list(facts) == ["title", "minutes", "level"]
    assert body(lesson).startswith(f"\n# {lesson.name[:2]} {facts['title']}\n")
    assert 10 <= facts["minutes"] <= 60
    assert facts["level"] in LEVELS


@by_lesson
def test_sections_are_all_there_in_order(lesson):
    assert re.findall(r"^## (.*)$", body(lesson), re.M) == SECTIONS


@by_lesson
def test_objectives_and_questions(lesson):
    objectives = re.findall(r"^(\d)\. (\w+) ", section(lesson, "Objectives"), re.M)
    assert 3 <= len(objectives) <= 5
    assert [int(place) for place, _ in objectives] == list(range(1, len(objectives) + 1))
    assert {verb for _, verb in objectives} <= set(VERBS)
    questions = re.findall(r"^- .*", section(lesson, "Questions"), re.M)
    assert 2 <= len(questions) <= 4
    assert all(question.endswith("?") for question in questions)


@by_lesson
def test_other_sections(lesson):
    assert re.findall(r"^\d\. .*\?", section(lesson, "Discuss"), re.M)[1:3]
    assert len(re.findall(r"^- ", section(lesson, "Key points"), re.M)) >= 4
    assert len(re.findall(r"^- ", section(lesson, "Common mistakes"), re.M)) >= 4
    assert "UNCCD reporting manual" in section(lesson, "Sources")
    assert "synthetic" in section(lesson, "Worked example")
    assert len(re.findall(r"^### Step ", section(lesson, "Worked example"), re.M)) >= 4
    assert blocks_of_table(section(lesson, "Worked example"))


@by_lesson
def test_a_diagram_or_table_carries_the_idea_and_it_is_read_in_time(lesson):
    idea = re.search(r"^## The idea\n(.*?)^## ", lesson.read_text(encoding="utf-8"), re.S | re.M)
    assert "```text\n" in idea.group(1)
    assert blocks_of_table(idea.group(1))
    assert len(" ".join(prose(lesson)).split()) <= READING_WORDS


@by_file
def test_one_heading_one(page):
    assert len(re.findall(r"^# ", body(page), re.M)) == 1


@by_file
def test_only_text_diagrams_between_fences(page):
    fences = re.findall(r"^ *```(.*)$", page.read_text(encoding="utf-8"), re.M)
    assert fences == ["text", ""] * (len(fences) // 2)
    assert "```" not in body(page)


@by_file
def test_one_sentence_per_line(page):
    for line in prose(page):
        text = re.sub(r"^(- |\d+\. )", "", line)
        assert text[-1] in ".?:", f"not a whole sentence: {line}"
        sentences = re.split(r"(?<=[.!?]) +(?=[A-Z\"“])", text)
        question = line[0].isdigit() and text.endswith("?")  # a case, then what to discuss
        assert len(sentences) <= 1 + question, f"two sentences in one line: {line}"
        for sentence in sentences:
            assert len(sentence.split()) <= 28, f"a long sentence: {sentence}"


@by_file
def test_tables_are_well_formed(page):
    for block in blocks_of_table(body(page)):
        widths = {len(cells(line)) for line in block if line}
        assert len(widths) == 1, block[0]
        assert re.fullmatch(r"\|(---\|)+", block[1]), block[0]


@by_lesson
def test_captions_are_numbered_and_mentioned_tables_exist(lesson):
    captions = re.findall(r"^Table (\d\d\.\d+): ", body(lesson), re.M)
    assert captions == sorted(set(captions), key=lambda name: int(name[3:]))
    assert all(caption.startswith(lesson.name[:2]) for caption in captions)
    everywhere = "\n".join(body(path) for path in LESSONS)
    for mention in re.findall(r"Table (\d\d\.\d+)", body(lesson)):
        assert f"\nTable {mention}: " in everywhere


@by_file
def test_links_resolve(page):
    for target in re.findall(r"\]\(([^)]+)\)", body(page)):
        assert (page.parent / target).is_file(), f"{page.name}: {target}"


@by_file
def test_the_training_country_is_called_fictional(page):
    text = body(page)
    assert ("Landia" not in text) or ("fictional" in text and "synthetic" in text)


def test_glossary_is_sorted_short_and_without_doubles():
    rows = [cells(line) for line in blocks_of_table(body(FOLDER / "glossary.md"))[0][2:]]
    terms = [term.lower().replace("–", "-") for term, _ in rows]
    assert terms == sorted(set(terms))
    assert all(meaning.endswith(".") and len(meaning.split()) <= 22 for _, meaning in rows)
