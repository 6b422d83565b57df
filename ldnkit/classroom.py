"""A room of learners: where people are, and where they got stuck.

Learners hand in their progress files (``my_progress.csv``), each under the learner's name.
Nobody is marked: the tables speak of exercises, not of people.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.exercises import DONE, read

#: Answers that many people gave are shown, at most so many for an exercise.
SHOWN_ANSWERS = 3
#: Columns of the tables of :func:`merge` and :func:`stuck`.
COLUMNS = ("learner", "time", "exercise", "result", "answer")


def merge(folder: str | Path) -> pd.DataFrame:
    """All attempts of a room in one table.

    Parameters
    ----------
    folder : str or Path
        Folder with one progress file (CSV) per learner; the file name stands for the learner.

    Returns
    -------
    DataFrame
        learner, time, exercise, result, answer; ``attrs["damaged"]``: file name -> lines that
        could not be read. The same line twice (a file handed in twice under one name) counts
        once.

    Raises
    ------
    FileNotFoundError
        The folder is not there or holds no progress file.

    Examples
    --------
    >>> merge("progress_of_the_room")  # doctest: +SKIP
    """
    folder = Path(folder)
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise FileNotFoundError(
            f"There is no progress to merge: found no CSV file in {folder}; "
            "collect the files my_progress.csv of your learners there, each under its own name."
        )
    rows, damaged = [], {}
    for file in files:
        good, bad = read(file)
        rows += [(file.stem, *row) for row in good]
        if bad:
            damaged[file.name] = bad
    table = pd.DataFrame(rows, columns=list(COLUMNS)).drop_duplicates(ignore_index=True)
    table.attrs["damaged"] = damaged
    return table


def stuck(attempts: pd.DataFrame) -> pd.DataFrame:
    """Every exercise with how far the room is; where people are stuck comes first.

    Parameters
    ----------
    attempts : DataFrame
        From :func:`merge`.

    Returns
    -------
    DataFrame
        exercise, learners (who met it), done, share (done of those, 0 to 1), tries (median of
        those who tried), wrong (the most frequent wrong answers with their number).
        Lowest share first, then most tries. Predictions are not counted.

    Examples
    --------
    >>> attempts = pd.DataFrame(
    ...     [("Ann", "t", "05-1", "wrong", "7"), ("Bo", "t", "05-1", "right", "8")],
    ...     columns=["learner", "time", "exercise", "result", "answer"])
    >>> stuck(attempts)[["learners", "done", "share", "wrong"]].values.tolist()
    [[2, 1, 0.5, '7 (1)']]
    """
    rows = []
    for exercise, group in attempts[attempts["result"] != "prediction"].groupby("exercise"):
        learners = group["learner"].nunique()
        done = group.loc[group["result"].isin(DONE), "learner"].nunique()
        tried = group[group["result"] != "open"]
        tries = tried.groupby("learner").size()
        wrong = Counter(group.loc[group["result"] == "wrong", "answer"])
        listed = [f"{answer} ({many})" for answer, many in wrong.most_common(SHOWN_ANSWERS)]
        rows.append(
            {
                "exercise": exercise,
                "learners": learners,
                "done": done,
                "share": done / learners,
                "tries": float(tries.median()) if len(tries) else 0.0,
                "wrong": "; ".join(listed),
            }
        )
    columns = ["exercise", "learners", "done", "share", "tries", "wrong"]
    found = pd.DataFrame(rows, columns=columns)
    order = ["share", "tries", "exercise"]
    return found.sort_values(order, ascending=[True, False, True], ignore_index=True)


def reached(attempts: pd.DataFrame) -> pd.DataFrame:
    """How many learners finished each notebook's exercises, and how many have begun.

    Returns
    -------
    DataFrame
        notebook, begun, finished: a learner has finished when every exercise that anybody in the
        room met in the notebook is done.
    """
    met = attempts[attempts["result"] != "prediction"]
    met = met.assign(notebook=met["exercise"].str.partition("-")[0])
    rows = []
    for notebook, group in met.groupby("notebook"):
        asked = set(group["exercise"])
        done = group[group["result"].isin(DONE)].groupby("learner")["exercise"].agg(set)
        finished = sum(asked <= exercises for exercises in done)
        begun = group["learner"].nunique()
        rows.append({"notebook": notebook, "begun": begun, "finished": finished})
    return pd.DataFrame(rows, columns=["notebook", "begun", "finished"])


def sentence(attempts: pd.DataFrame, *, language: str = "en") -> str:
    """One sentence for the trainer: how many learners, and where most are stuck."""
    where = stuck(attempts)
    waiting = where[where["share"] < 1]
    many = attempts["learner"].nunique()
    if waiting.empty:
        return tables.label("classroom.all_done", language).format(learners=many)
    worst = waiting.iloc[0]
    return tables.label("classroom.stuck", language).format(
        learners=many,
        exercise=worst["exercise"],
        done=worst["done"],
        met=worst["learners"],
    )


def before_after(attempts: pd.DataFrame) -> pd.DataFrame:
    """What the course changed: right answers to the ten questions before and after it.

    Only learners who answered both sheets count; the first answer of each sheet counts.

    Returns
    -------
    DataFrame
        question, learners, before, after (shares of right answers, 0 to 1), change.
    """
    asked = attempts[attempts["exercise"].str.match(r"(before|after)-\d+$")]
    asked = asked[asked["result"].isin(["right", "wrong"])]
    first = asked.drop_duplicates(["learner", "exercise"]).copy()
    parts = first["exercise"].str.partition("-")
    first["sheet"], first["question"] = parts[0], parts[2].astype(int)
    first["right"] = first["result"] == "right"
    table = first.pivot_table("right", ["learner", "question"], "sheet", "first")
    table = table.reindex(columns=["before", "after"]).dropna().astype(float).reset_index()
    found = table.groupby("question")[["before", "after"]].mean()
    found.insert(0, "learners", table.groupby("question").size())
    found["change"] = found["after"] - found["before"]
    return found.rename_axis(columns=None).reset_index()


def export(attempts: pd.DataFrame, path: str | Path, *, names: bool = False) -> Path:
    """Write the room's attempts as CSV; without names learners are numbered.

    Parameters
    ----------
    attempts : DataFrame
    path : str or Path
    names : bool
        Keep the names. Ask the learners first.
    """
    table = attempts.copy()
    if not names:
        numbers = {name: f"learner {number}" for number, name in enumerate(
            sorted(table["learner"].unique()), 1)}  # fmt: skip
        table["learner"] = table["learner"].map(numbers)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(table[list(COLUMNS)].itertuples(index=False))
    path = Path(path)
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path
