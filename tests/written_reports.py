"""Small reports whose figures are typed by hand, for tests of what compares reports."""

from __future__ import annotations

import pandas as pd
from paper_country import paper_country

from ldnkit import tables
from ldnkit.prais import Report, Table

LAND = {"layer": "land_cover", "source": "default", "title": "Global land cover"}
LAND |= {"link": "", "author": "", "citation": ""}


def hand_made_table(table_id, frame, *, text=(), sources=(LAND,), **fields) -> Table:
    """A table of the platform with these figures; printed with its decimals."""
    row = tables.prais_tables().set_index("id").loc[table_id]
    table = Table(
        id=table_id,
        form=row["form"],
        title_key=row["title_key"],
        unit=row["unit"],
        decimals=int(row["decimals"]),
        notebook=row["notebook"],
        frame=frame,
        text=tuple(text),
        sources=[dict(source) for source in sources],
        **fields,
    )
    table.printed = frame.copy()
    for column in table.numbers:
        table.printed[column] = frame[column].round(table.decimals_of(column))
    return table


def profile(land=(80.0, 75.0), water=(20.0, 25.0), years=("2015", "2023"), **fields) -> Table:
    """CP-1.T1: land, water and all, km²."""
    frame = pd.DataFrame({"total_land_area": land, "water_bodies": water}, pd.Index(years))
    frame["total_country_area"] = frame.sum(axis=1)
    frame["comments"] = pd.Series("", frame.index, dtype=object)
    frame.index.name = "year"
    fields = {"text": ("comments",), "period": ", ".join(years)} | fields
    return hand_made_table("CP-1.T1", frame, **fields)


def degraded(area=(8.0, 15.0), land=(80.0, 75.0), years=("2015", "2023"), **fields) -> Table:
    """SO1-4.T2: degraded land, km² and % of the land of the year."""
    frame = pd.DataFrame({"degraded_area": area}, pd.Index(years, name="year"))
    frame["degraded_share"] = [100 * part / whole for part, whole in zip(area, land, strict=True)]
    frame["confidence"] = pd.Series("medium", frame.index, dtype=object)
    fields = {"text": ("confidence",), "period": ", ".join(years)} | fields
    return hand_made_table("SO1-4.T2", frame, **fields)


def processes(*rows) -> Table:
    """SO1-1.T1: a list of processes with running numbers."""
    index = pd.RangeIndex(1, len(rows) + 1, name="number")
    columns = ["process", "starting_class", "ending_class", "baseline.area"]
    frame = pd.DataFrame(rows, index, columns)
    return hand_made_table("SO1-1.T1", frame, text=columns[:3], period="2000–2015")


def hand_made_report(*made: Table, **country) -> Report:
    """A report of these tables, not checked and not computed."""
    report = Report(paper_country(**country))
    report.tables = {table.id: table for table in made}
    return report
