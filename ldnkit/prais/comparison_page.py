"""The page of a comparison: one table of figures for every table of the report."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pandas as pd

from ldnkit import tables, webpage
from ldnkit.labels import label
from ldnkit.prais.report import wording
from ldnkit.prais.written import JOINED, in_order
from ldnkit.webpage import Number

#: Columns of the page, each with its label.
SHOWN = ("row", "column", "default", "national", "previous", "first", "second", "explanation")
#: Decimals of the percentages.
DECIMALS = 2


def write(frame: pd.DataFrame, folder: str | Path, language: str) -> dict[str, Path]:
    """Write comparison.html and comparison.csv; each is replaced once the new one is complete."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = frame.to_csv(index=False, lineterminator="\n")
    return {
        "html": _replace(folder / "comparison.html", as_page(frame, language), "utf-8"),
        "csv": _replace(folder / "comparison.csv", text, "utf-8-sig"),
    }


def _replace(path: Path, text: str, encoding: str) -> Path:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.write_text(text, encoding=encoding, newline="\n")
    partial.replace(path)
    return path


def as_page(frame: pd.DataFrame, language: str = "en") -> str:
    """The page as text; in each table the largest relative differences come first."""
    about = frame.attrs
    title = _say("title", language)
    if "iso3" in about:
        title += f": {about['country']} ({about['iso3']}), {about['cycle']}"
    parts = [webpage.paragraph(_say("intro", language))]
    if about.get("synthetic"):
        notice = label("provenance.synthetic", language).format(name=about["country"])
        parts.insert(0, webpage.paragraph(notice, "notice"))
    if frame.empty:
        parts.append(webpage.paragraph(_say("empty", language), "notice"))
    titles = tables.prais_tables().set_index("id")["title_key"]
    for table_id in in_order(frame["table"]):
        key = titles.get(table_id.removeprefix("AA-"), "")
        name = f"{table_id} {wording(key, language) if key else ''}".strip()
        rows = frame[frame["table"] == table_id]
        parts.append(webpage.heading(name, 2, table_id))
        parts += _table(name, rows, language)
    return webpage.page(title, parts, language=language)


def _table(title: str, rows: pd.DataFrame, language: str) -> list[str]:
    """Figures that differ, largest first; those that agree are counted, and folded away."""
    percents = rows[["percent_national_default", "percent_to_previous"]].abs()
    gaps = rows[["difference_national_default", "difference_to_previous"]].abs()
    # a difference from nothing has no percentage: it is the largest of all
    size = percents.mask(percents.isna() & (gaps.to_numpy() > 0), math.inf).max(axis=1)
    order = size.fillna(-1).sort_values(ascending=False, kind="stable").index
    differing = rows.loc[order][gaps.loc[order].max(axis=1) > 0]
    agreeing = rows[~rows.index.isin(differing.index)]
    headings = [_say(name, language) for name in SHOWN]
    parts = []
    if len(differing):
        parts.append(webpage.table(title, headings, _lines(differing, language)))
    if len(agreeing):
        said = _say("agreeing", language).format(len(agreeing))
        table = webpage.table(title, headings, _lines(agreeing, language))
        parts.append(webpage.folded(said, [table]))
    return parts


def _lines(rows: pd.DataFrame, language: str) -> list[list]:
    lines = []
    for row in rows.to_dict("records"):
        words = wording(f"unit.{row['unit']}", language)
        unit = f" ({words})" if row["unit"] else ""
        lines.append(
            [
                _named(row["row"], language),
                _named(row["column"], language) + unit,
                *(_figure(row[name]) for name in ("default", "national", "previous")),
                _gap(row["difference_national_default"], row["percent_national_default"]),
                _gap(row["difference_to_previous"], row["percent_to_previous"]),
                row["explanation"],
            ]
        )
    return lines


def _named(key: str, language: str) -> str:
    """A row or column key in words."""
    parts = [wording(part, language) for part in str(key).split(JOINED)]
    if len(parts) == 1 and parts[0] == key and "." in key:
        parts = [wording(part, language) for part in key.split(".")]
    return ", ".join(parts)


def _figure(value: float) -> Number:
    """A figure with at most four decimals, and at least as many digits as a reader needs."""
    if math.isnan(value):
        return Number("")
    text = f"{value:,.4f}"
    return Number(text.rstrip("0").rstrip("."))


def _gap(difference: float, percent: float) -> Number:
    """A difference with its percentage."""
    if math.isnan(difference):
        return Number("")
    share = "" if math.isnan(percent) else f" ({percent:+.{DECIMALS}f} %)"
    return Number(f"{difference:+,.4f}".rstrip("0").rstrip(".") + share if difference else "0")


def _say(key: str, language: str) -> str:
    return label(f"compare.{key}", language)
