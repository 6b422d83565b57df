"""Every solution that a notebook shows, put in and run in strict mode."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ldnkit.exercises import COLUMNS
from ldnkit.runner import execute

HOUSE = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((HOUSE / "notebooks").glob("[0-9]*.ipynb"))
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def with_solutions(path: Path) -> tuple[dict, list[str]]:
    """The notebook with each solution in place of the line ``answer = ...``."""
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in content["cells"]}
    solved = []
    for name in [name for name in cells if re.fullmatch(r"ex-\d+-solution", name)]:
        (solution,) = CODE.findall("".join(cells[name]["source"]))
        answer = cells[name.replace("solution", "answer")]
        lines = "".join(answer["source"]).splitlines()
        (place,) = [
            number for number, line in enumerate(lines) if re.match(r"answer = .*\.\.\.", line)
        ]
        lines[place : place + 1] = solution.rstrip().splitlines()
        answer["source"] = "\n".join(lines)
        solved.append(name.removesuffix("-solution"))
    return content, solved


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_exercise_has_one_solution_that_fits(path):
    _, solved = with_solutions(path)
    assert len(solved) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_are_right(path, landia_outputs, landia_results, tmp_path, monkeypatch):
    content, solved = with_solutions(path)
    copy = tmp_path / path.name
    copy.write_text(json.dumps(content), encoding="utf-8")
    progress = tmp_path / "progress.csv"
    monkeypatch.setenv("LDNKIT_STRICT", "1")
    monkeypatch.setenv("LDNKIT_PROGRESS", str(progress))
    parameters = {"country": "landia", "outputs": str(landia_outputs)}
    outcome = execute(copy, tmp_path / "executed" / path.name, parameters)
    assert outcome.state == "done", str(outcome)
    rows = [line.split(",") for line in progress.read_text(encoding="utf-8").splitlines()]
    place = COLUMNS.index("exercise"), COLUMNS.index("result")
    done = {row[place[0]] for row in rows if row[place[1]] in ("right", "noted")}
    assert len(done) >= len(solved), f"solved {len(solved)}, right {sorted(done)}"
    assert not [row for row in rows if row[place[1]] == "wrong"]
