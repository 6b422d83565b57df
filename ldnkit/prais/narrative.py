"""The tables of the implementation framework (IF) and of additional indicators (AI)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import Table

#: What to do where there is nothing to show.
ANSWER = "Answer its questions in narrative: answers (notebook 15) and build the report again."
REGISTER = "Give additional_indicators: register (notebook 15) and build the report again."
#: Columns of AI.T1 and those of the register that fill them.
INDICATOR = {
    "indicator": "name",
    "strategic_objective": "objective",
    "direction": "direction",
    "image": "image",
    "metadata.title": "title",
    "metadata.link": "link",
    "metadata.author": "author",
    "metadata.citation": "citation",
    "comments": "comments",
}


def wanting(results: Mapping, table_id: str) -> str:
    """What to do first, when nothing is answered or no indicator is given."""
    if table_id == "AI.T1":
        return "" if len(_kept(results, "additional_indicators")) else REGISTER
    return "" if _answered(_answers(results, table_id)).any() else ANSWER


def framework(inputs: Inputs, table: Table) -> None:
    """SO1-IF.T1 to SO5-IF.T1: every question of one form, the answer and its details."""
    rows = _answers(inputs.results, table.id)
    index = pd.Index(rows["question"], name="question")
    table.frame = rows[["answer", "details"]].set_axis(index).astype(object)
    table.text = table.optional = ("answer", "details")
    table.keyed = ("answer",)
    table.period = str(inputs.cycle.year)
    table.notes += [
        f"{int(_answered(rows).sum())} of {len(rows)} questions are answered. "
        "The form is voluntary.",
        "The questions follow the reporting manual; the wording of the platform may differ.",
    ]


def additional(inputs: Inputs, table: Table) -> None:
    """AI.T1: the additional national indicators, one row each."""
    rows = _kept(inputs.results, "additional_indicators")
    frame = pd.DataFrame({column: rows[name] for column, name in INDICATOR.items()}, dtype=object)
    frame["image"] = [Path(image).name for image in frame["image"]]  # no folder of one machine
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="number")
    table.frame, table.text = frame, tuple(INDICATOR)
    table.keyed, table.optional = ("direction",), ("image", "comments")
    table.period = str(inputs.cycle.year)
    table.notes.append("Upload the map or chart of each indicator on the platform.")


def _answers(results: Mapping, table_id: str) -> pd.DataFrame:
    """The rows of one form, in the order of its questions."""
    known = tables.read("narrative_forms")[["form", "section", "question"]]
    known = known[known["form"] == table_id.partition(".")[0]]
    kept = _kept(results, "narrative").reindex(columns=[*known.columns, "answer", "details"])
    return known.merge(kept.astype(object), "left", list(known.columns)).fillna("")


def _answered(rows: pd.DataFrame) -> pd.Series:
    return (rows["answer"] != "") | (rows["details"] != "")


def _kept(results: Mapping, name: str) -> pd.DataFrame:
    """A table of the result as text; an empty one when its file is not given."""
    found = results["narrative"].tables.get(name, pd.DataFrame())
    return found.astype(object).where(found.notna(), "").map(str)


#: Table id -> the indicator it needs and the function that fills it.
MAKERS = {f"SO{number}-IF.T1": ("narrative", framework) for number in range(1, 6)}
MAKERS["AI.T1"] = ("narrative", additional)
