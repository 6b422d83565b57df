"""Amounts that stand twice, for certain or perhaps.

Certain: the same CRS identifier, the same year and the same amount to the cent. Within one
indicator the direction must be the same too, and the rows must not state different sector codes:
the CRS splits one activity over its sectors, often in equal parts. Between SO5-1, SO5-2 and SO5-3
neither direction nor sector matters: a co-financed project has its own amount under each.
Everything else that looks alike is only listed, for people to look at.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.finance.activities import USD, completed
from ldnkit.finance.columns import COUNTED, SHEETS, TECHNOLOGY
from ldnkit.team_sheets import plain

#: Of two rows with one amount the one that says more is kept: cells that change a sum.
TELLING = {"support": ("principal", "significant"), "technology_transfer": ("yes", "no")}
DUPLICATES = ["duplicate", "first", "indicator", "first_indicator", "crs_id", "year", "amount_usd"]
LOOK_ALIKES = [
    *("first", "second", "first_indicator", "second_indicator", "year"),
    *("first_amount_usd", "second_amount_usd", "likeness", "first_title", "second_title", "reason"),
]


def priced(activities: pd.DataFrame, indicator: str = COUNTED[0]) -> pd.DataFrame:
    """Activities with amounts in US dollars; a table without them must be in US dollars.

    Rows that name no indicator at all belong to ``indicator``.

    Raises
    ------
    ValueError
        Another currency: rates are needed.
    """
    if "amount_usd" in activities and "place" in activities:
        return activities
    table = completed(activities)
    if "amount_usd" not in table:
        other = sorted(set(table["currency"]) - {USD})
        if other:
            raise ValueError(
                f"Amounts in other currencies: found {', '.join(other)}; "
                "first call finance.in_dollars(activities, rates)."
            )
        table["amount_usd"] = table["amount"]
    if (table["indicator"] == "").all():
        table["indicator"] = indicator
    return table


def duplicates(activities: pd.DataFrame) -> pd.DataFrame:
    """Activities whose amount stands in an earlier one already.

    Two rows are one amount when identifier, year and amount (to the cent) are the same. Within
    an indicator they must also have the same direction and no different sector codes; between
    indicators this does not matter. Rows without identifier are never duplicates, see
    :func:`look_alikes`; neither are repayments. SO5-4 repeats other rows and is looked at by
    itself.

    Parameters
    ----------
    activities : DataFrame
        As :func:`read_activities` gives it, with amount_usd or amounts in US dollars.

    Returns
    -------
    DataFrame
        duplicate and first (labels of rows), indicator, first_indicator, crs_id, year,
        amount_usd. The earlier indicator comes first, then the team's own sheet before the CRS,
        then the row that says more (sector code, principal support, technology transfer): no sum
        depends on the order of the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "SO5-1", "direction": "received", "year": 2021,
    ...                      "amount": [500.0, 500.0], "crs_id": "2021000017"})
    >>> duplicates(rows)[["duplicate", "first"]].values.tolist()
    [[1, 0]]
    """
    table = priced(activities)
    if "status" in table:
        table = table[table["status"].isin(["kept", "duplicate"])]
    table = table[(table["amount_usd"] > 0) & (table["crs_id"] != "")]
    found = []
    for pool in (COUNTED, (TECHNOLOGY,)):
        rows = table[table["indicator"].isin(pool)]
        keys = [rows["crs_id"].map(identity), rows["year"], (rows["amount_usd"] * 100).round()]
        repeated = pd.concat(keys, axis=1).duplicated(keep=False)
        groups = rows[repeated].groupby([key[repeated] for key in keys], sort=False)
        for _, group in groups:
            found += _repeats(group)
    return pd.DataFrame(found, columns=DUPLICATES)


def identity(crs_id: str) -> str:
    """An identifier for comparing.

    Examples
    --------
    >>> identity(" 1999001048Z "), identity("2021-0017") == identity("2021 0017")
    ('1999001048z', True)
    """
    return plain(crs_id).replace(" ", "")


def _repeats(group: pd.DataFrame) -> Iterator[tuple]:
    """Rows of one identifier, year and amount that repeat one before them."""
    kept: list[dict] = []
    rows = group.to_dict("index")
    ranks = {label: _rank(row, place) for place, (label, row) in enumerate(rows.items())}
    for label in sorted(rows, key=ranks.__getitem__):
        row = rows[label]
        new = {"label": label, "code": row["purpose_code"], "row": row}
        first = next((old for old in kept if _one_amount(old, new)), None)
        if first is None:
            kept.append(new)
            continue
        first["code"] = max(first["code"], new["code"], key=len)  # it stands for this sector now
        old = first["row"]
        yield (
            *(label, first["label"], row["indicator"], old["indicator"]),
            *(row["crs_id"], int(row["year"]), float(row["amount_usd"])),
        )


def _rank(row: Mapping, place: int) -> tuple:
    """Earlier indicator, own sheet, rows with a sector code, rows that say more, earlier rows."""
    code = row["purpose_code"]
    telling = [
        words.index(row[name]) if row[name] in words else len(words)
        for name, words in TELLING.items()
    ]
    imported = row["source"] == "crs"
    order = SHEETS.index(row["indicator"]), imported, row["direction"], code == "", code
    return *order, *telling, place


def _one_amount(old: dict, new: dict) -> bool:
    first, second = old["row"], new["row"]
    if first["indicator"] != second["indicator"]:
        return True
    same_sector = old["code"].startswith(new["code"]) or new["code"].startswith(old["code"])
    return first["direction"] == second["direction"] and same_sector


def look_alikes(
    activities: pd.DataFrame, *, likeness: float | None = None, tolerance: float | None = None
) -> pd.DataFrame:
    """Pairs of activities that may be one, for review; nothing is taken out of any total.

    A pair has the same year and amounts that differ by ``tolerance`` percent at most. Either the
    identifier is the same, or the titles are alike by ``likeness`` percent and identifiers differ
    or are missing.

    Parameters
    ----------
    activities : DataFrame
        As for :func:`duplicates`; duplicates themselves are left out.
    likeness, tolerance : float, optional
        Percent; by default those of ``constants.csv``. Likeness of the words of two titles, in
        alphabetical order, as :class:`difflib.SequenceMatcher` measures it.

    Returns
    -------
    DataFrame
        first, second (labels of rows), their indicators, year, amounts, likeness, titles, reason
        (``same identifier``, ``same identifier, other direction``, ``alike, other identifier``,
        ``alike, no identifier``).

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "SO5-1", "direction": "received", "year": 2021,
    ...                      "amount": [500.0, 502.0], "crs_id": ["17", "18"],
    ...                      "title": ["Restoring the Dry Plain", "Dry Plain, restoring"]})
    >>> look_alikes(rows)["reason"].tolist()
    ['alike, other identifier']
    """
    table = priced(activities)
    likeness = tables.constant("finance_alike_title") if likeness is None else likeness
    tolerance = tables.constant("finance_alike_amount") if tolerance is None else tolerance
    if "status" in table:
        table = table[table["status"] == "kept"]
    else:
        table = table.drop(index=duplicates(table)["duplicate"])
    table = table[(table["amount_usd"] > 0) & table["indicator"].isin(COUNTED)]
    words = table["title"].map(lambda title: " ".join(sorted(plain(title).split())))
    rows = table.assign(words=words, identity=table["crs_id"].map(identity)).to_dict("index")
    ranks = {label: _rank(row, place) for place, (label, row) in enumerate(rows.items())}
    found = []
    for near in _near(table, tolerance / 100):
        pair = sorted(near, key=ranks.__getitem__)
        a, b = (rows[label] for label in pair)
        share = _likeness(a["words"], b["words"], likeness)
        reason = _reason(a, b, share >= likeness)
        if reason:
            found.append(
                (*pair, a["indicator"], b["indicator"], int(a["year"]), a["amount_usd"])
                + (b["amount_usd"], round(share, 1), a["title"], b["title"], reason)
            )
    listed = pd.DataFrame(found, columns=LOOK_ALIKES)
    order = ["year", "first_indicator", "first_amount_usd", "first_title", "second_title"]
    return listed.sort_values(order, ignore_index=True)


def _near(table: pd.DataFrame, tolerance: float) -> Iterator[tuple]:
    """Pairs of rows of one year whose amounts are close."""
    for _, group in table.groupby("year"):
        ordered = group["amount_usd"].sort_values(kind="stable")
        labels, values = ordered.index.tolist(), ordered.tolist()
        for place, value in enumerate(values):
            for other in range(place + 1, len(values)):
                if values[other] - value > tolerance * values[other] + 0.005:
                    break
                yield labels[place], labels[other]


def _likeness(first: str, second: str, least: float) -> float:
    """Percent of likeness of two texts, the same both ways round; at times 0 below ``least``."""
    if not first or not second:
        return 0.0
    matcher = difflib.SequenceMatcher(None, *sorted((first, second)), autojunk=False)
    if 100 * matcher.real_quick_ratio() < least or 100 * matcher.quick_ratio() < least:
        return 0.0
    return 100 * matcher.ratio()


def _reason(a: dict, b: dict, alike: bool) -> str:
    """Why a pair is listed; empty when it is not."""
    same_indicator = a["indicator"] == b["indicator"]
    other_direction = same_indicator and a["direction"] != b["direction"]
    if other_direction and a["indicator"] == "SO5-2":
        return ""  # money that is raised and then spent stands in two columns by design
    codes = a["purpose_code"], b["purpose_code"]
    if a["identity"] and a["identity"] == b["identity"]:
        if all(codes) and codes[0] != codes[1] and same_indicator:
            return ""  # one activity, split over sectors
        return "same identifier" + ", other direction" * other_direction
    if not alike:
        return ""
    return "alike, other identifier" if a["identity"] and b["identity"] else "alike, no identifier"
