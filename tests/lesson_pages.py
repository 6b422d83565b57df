"""Read the lessons: front matter, sections, tables and the 3 × 3 maps of the worked examples."""

import re
from fractions import Fraction
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9][0-9]_*.md"))
PAGES = sorted(FOLDER.glob("*.md"))


def body(path):
    """Text after the front matter, diagrams taken out."""
    text = re.sub(r"\A---\n.*?\n---\n", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"^ *```text\n.*?^ *```$", "", text, flags=re.S | re.M)


def front_matter(path):
    return yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])


def section(path, name):
    return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", body(path), re.S | re.M).group(1)


def prose(path):
    lines = (line.strip() for line in body(path).splitlines())
    return [line for line in lines if line and line[0] not in "#|"]


def blocks_of_table(text):
    return [block.splitlines() for block in re.findall(r"(?:^\|.*(?:\n|\Z))+", text, re.M)]


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def lesson(number):
    return next(path for path in LESSONS if path.name.startswith(number))


def table(name):
    """Rows of the table with that caption, the header first."""
    text = body(lesson(name[:2]))
    block = re.search(rf"^Table {re.escape(name)}: .*\n\n((?:\|.*\n)+)", text, re.M).group(1)
    rows = [cells(line) for line in block.splitlines()]
    return [rows[0], *rows[2:]]


def grid(name):
    """A 3 × 3 map as {"A": text, …, "I": text}."""
    found = [cell for row in table(name)[1:] for cell in row[1:4]]
    return dict(cell.split(": ") for cell in found)


def number(text):
    text = text.replace("−", "-").replace(" ", "")
    return Fraction(text) if text else None


def column(name, position):
    """A column of numbers by row label."""
    return {row[0]: number(row[position]) for row in table(name)[1:]}


def says(number_of_lesson, *sentences):
    text = body(lesson(number_of_lesson))
    for sentence in sentences:
        assert sentence in text, f"lesson {number_of_lesson} does not say: {sentence}"
