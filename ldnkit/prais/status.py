"""Rule 5: the status matrix SO1-4.T1 and the totals of degraded land SO1-4.T2 say the same."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit.findings import Finding
from ldnkit.prais.breaches import TOLERANCE, breach, close, differ, km2, percent
from ldnkit.prais.printed import degraded_cells
from ldnkit.prais.report import TOTAL, Report, Table
from ldnkit.prais.sums import closes

#: What to do when a cell disagrees.
AGAIN = "Correct the cell, or compute both tables again."


def check(report: Report) -> Iterator[Finding]:
    """Every cell of the two tables that disagrees; a difference through water is shown."""
    matrix, totals = report.tables.get("SO1-4.T1"), report.tables.get("SO1-4.T2")
    wrong: list[Finding] = []
    if matrix is not None and totals is not None:
        wrong = [*_whole(report, matrix, totals), *_years(report, matrix, totals)]
    yield from wrong
    if totals is not None and not any(
        finding.where.startswith(totals.id) and finding.severity == "error" for finding in wrong
    ):
        yield from _computed(report, totals)


def _whole(report: Report, matrix: Table, totals: Table) -> Iterator[Finding]:
    """The cells and the margin of no data are all the land of the last year."""
    last = str(report.country.cycle.last.status_year)
    land = float(totals.help.loc[last, "total_land_area"])
    cells = float(matrix.frame.drop(index=TOTAL, columns=TOTAL).to_numpy(dtype=float).sum())
    if closes(matrix) and differ(cells, land):
        yield breach(
            "status_sum",
            matrix,
            "all cells",
            km2(cells),
            f"{km2(land)}, the land of {last}",
            "Keep the row and the column of no data beside the nine cells.",
        )


def _years(report: Report, matrix: Table, totals: Table) -> Iterator[Finding]:
    cycle = report.country.cycle
    first, last = str(cycle.baseline.status_year), str(cycle.last.status_year)
    land = float(totals.help.loc[last, "total_land_area"])
    sound = closes(matrix)
    degraded = sum(float(matrix.frame.loc[cell]) for cell in degraded_cells(matrix))
    reported = float(totals.frame.loc[last, "degraded_area"])
    if sound and differ(degraded, reported, land):
        yield breach(
            "status_degraded",
            totals,
            f"{last}, degraded_area",
            km2(reported),
            f"{km2(degraded)}, the degraded cells of SO1-4.T1",
            AGAIN,
        )
    baseline = float(matrix.frame.loc["degraded"].drop(TOTAL).astype(float).sum(skipna=False))
    on_same_land = float(totals.help.loc[last, "baseline_degraded"])
    if sound and differ(baseline, on_same_land, land):
        yield breach(
            "status_baseline",
            matrix,
            f"degraded, {TOTAL}",
            km2(baseline),
            f"{km2(on_same_land)}, degraded in the baseline on the land of {last}",
            "Compute both tables again.",
        )
    yield from _baseline(totals, first, last, land)


def _baseline(totals: Table, first: str, last: str, land: float) -> Iterator[Finding]:
    """Degraded land of the baseline, on its own land and on that of the last year."""
    reported = float(totals.frame.loc[first, "degraded_area"])
    on_same_land = float(totals.help.loc[last, "baseline_degraded"])
    water = float(totals.help.loc[last, "through_water"])
    if differ(reported, on_same_land + water, land):
        yield breach(
            "status_baseline",
            totals,
            f"{first}, degraded_area",
            km2(reported),
            f"{km2(on_same_land + water)}: {km2(on_same_land)} on the land of {last} and "
            f"{km2(water)} through changed water",
            AGAIN,
        )
    elif pd.notna(water) and not close(water, 0.0, land):
        yield breach(
            "water_changed",
            totals,
            f"{first}, degraded_area",
            km2(reported),
            f"{km2(on_same_land)} on the land of {last}; {km2(water)} is changed water",
            "Nothing to mend. Say it in the comments.",
        )


def _computed(report: Report, totals: Table) -> Iterator[Finding]:
    """The columns that the platform computes: share of the land, change since the baseline.

    An area that agrees neither with its share nor with its change is named itself.
    """
    first = str(report.country.cycle.baseline.status_year)
    frame, land = totals.frame, totals.help["total_land_area"]
    wanted = 100 * frame["degraded_area"] / land.where(land > 0)
    changes = {
        "change_area": frame["degraded_area"] - frame.loc[first, "degraded_area"],
        "change_share": frame["degraded_share"] - frame.loc[first, "degraded_share"],
    }
    scales = {"change_area": float(land.max()), "change_share": 100.0}
    wrong_first = differ(frame.loc[first, "degraded_share"], wanted[first], 100.0)
    for year, row in frame.iterrows():
        share = row["degraded_share"]
        wrong_share = differ(share, wanted[year], 100.0) and share <= 100 * (1 + TOLERANCE)
        changed = [
            name
            for name, expected in changes.items()
            if year != first and differ(row[name], expected[year], scales[name])
        ]
        if wrong_share:
            column = "degraded_area" if "change_area" in changed else "degraded_share"
            yield breach(
                "share_of_total",
                totals,
                f"{year}, {column}",
                f"{km2(row['degraded_area'])} and {percent(share)}",
                f"{percent(wanted[year])}, this area over {km2(land[year])} of land",
                "Correct the area or the share, or build the report again.",
            )
            continue
        for name in changed:
            if name == "change_share" and (wrong_first or share > 100 * (1 + TOLERANCE)):
                continue  # it follows from a share that is told already
            say = km2 if name == "change_area" else percent
            yield breach(
                "change_since_baseline",
                totals,
                f"{year}, {name}",
                say(row[name]),
                f"{say(changes[name][year])}, the difference from {first}",
                "Correct the cell, or build the report again.",
            )
