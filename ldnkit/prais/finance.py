"""The tables of the forms SO5-1 to SO5-5, and the methodological information of SO5.

T1 holds the trends (Tier 1), T2 the amounts by year (Tier 2), T3 the activities behind them.
"""

from __future__ import annotations

import pandas as pd

from ldnkit import finance, tables
from ldnkit.finance.columns import COUNTED, DIRECTIONS, NEEDS, TECHNOLOGY, amounts, columns
from ldnkit.periods import year_spans
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.report import Table, as_text
from ldnkit.team_sheets import text

#: Keys of rows and columns whose direction has a label of another name.
SHOWN = {"spending": "public_spending", "funding": "public_funding"}
#: Text of a cell that says whether an amount is in the sums.
YES, NO = "yes", "no"
FIGURES = ("amount_usd", "amount_domestic", "private_amount_usd", "counted_usd")
TOPICS = (
    *("definitions", "relevance", "amounts", "exchange_rates", "weights"),
    *("double_counting", "technology", "default_sheet"),
)


def shown(direction: str) -> str:
    """The key under which a direction is shown."""
    return SHOWN.get(direction, direction)


def _rows(inputs: Inputs, name: str) -> pd.DataFrame:
    """A long table whose text cells are text again after a stay on disk."""
    frame = inputs.table("finance", name).copy()
    numbers = {"year", "amount_usd", "amount", "usd", "weight", "counted_usd", "activities"}
    numbers |= {"private_amount_usd", "need_usd", "first", "last", "change"}
    if name == "look_alikes":
        numbers = {"year"}
    for column in frame.columns.difference(list(numbers)):
        frame[column] = frame[column].map(text).astype(object)
    return frame


def given(inputs: Inputs, form: str) -> list[str]:
    """Directions of a form that have activities or a declared trend."""
    summary, trends = _rows(inputs, "summary"), _rows(inputs, "trends")
    with_rows = set(summary.loc[summary["indicator"] == form, "direction"])
    declared = trends[(trends["indicator"] == form) & (trends["declared"] != "")]
    return [name for name in DIRECTIONS[form] if name in with_rows | set(declared["direction"])]


def wanting(inputs: Inputs, table_id: str) -> str:
    """What to do first, for tables of optional forms and lists that would be empty."""
    form, _, part = table_id.partition(".")
    if form == NEEDS and _rows(inputs, "needs").empty:
        return "Give finance: needs, or fill the sheet SO5-5 of the template."
    if form not in DIRECTIONS:
        return ""
    if form in ("SO5-3", TECHNOLOGY) and not given(inputs, form):
        return f"Give activities of {form}, or declare its trends in country.yml."
    summary = _rows(inputs, "summary")
    if part in ("T2", "T3") and not (summary["indicator"] == form).any():
        return f"Give activities of {form} (finance: activities). The trends alone are the least."
    return ""


def direction_column(form: str) -> str:
    """The column of T3 that holds the direction."""
    return "spending_or_funding" if form == "SO5-2" else "provided_or_received"


def _form(table: Table) -> str:
    return table.id.partition(".")[0]


def trends(inputs: Inputs, table: Table) -> None:
    """T1: the trend of every direction, as declared, beside the one that the figures suggest."""
    form = _form(table)
    rows = _rows(inputs, "trends")
    rows = rows[rows["indicator"] == form].set_index("direction")
    directions = given(inputs, form) or list(DIRECTIONS[form])
    index = pd.Index([shown(name) for name in directions], name=direction_column(form))
    names = ("trend", "example_interventions", "comments")
    table.frame = pd.DataFrame("", index, list(names), dtype=object)
    table.frame["trend"] = rows.loc[directions, "declared"].tolist()
    table.text, table.keyed = names, ("trend", "suggested_trend")
    table.answers, table.optional = names[:2], ("comments",)
    table.help = pd.DataFrame(
        {
            "suggested_trend": rows.loc[directions, "suggested"].tolist(),
            "first_half": rows.loc[directions, "first"].astype(float).tolist(),
            "last_half": rows.loc[directions, "last"].astype(float).tolist(),
            "trend_change.share": rows.loc[directions, "change"].astype(float).tolist(),
        },
        index=index,
    )
    _common(inputs, table)
    limit = tables.constant("finance_trend_change")
    table.notes += [
        "The team chooses the trend: increasing, stable, declining or unknown.",
        "Suggested: the mean of the last two years against that of the first two. More than "
        f"{limit:g} % above is increasing, more than {limit:g} % below declining. A year without "
        "activities gives unknown. This rule is the workbook's own.",
    ]


def amounts_by_year(inputs: Inputs, table: Table) -> None:
    """T2: US dollars by year and direction."""
    form = _form(table)
    summary = _rows(inputs, "summary")
    mine = summary[summary["indicator"] == form]
    wide = mine.pivot(index="year", columns="direction", values="amount_usd")
    wide = wide.reindex(index=list(finance.years()), columns=list(DIRECTIONS[form]))
    names = [shown(name) for name in wide]
    index = pd.Index([str(year) for year in wide.index], name="year")
    table.frame = wide.astype(float).set_axis(names, axis=1).set_axis(index)
    table.frame["comments"] = pd.Series("", index, dtype=object)
    table.text, table.optional = ("comments",), (*names, "comments")
    table.help = _behind(inputs, form, index)
    _common(inputs, table)
    table.notes += _notes(inputs, form)


def _behind(inputs: Inputs, form: str, index: pd.Index) -> pd.DataFrame:
    """Activities that are counted, and repayments that are not taken off, by year."""
    rows = _rows(inputs, "activities")
    rows = rows[(rows["indicator"] == form) | (form == TECHNOLOGY)]
    if form == TECHNOLOGY:
        rows = finance.technology(rows)
    years = [int(year) for year in index]
    found = {}
    for direction in DIRECTIONS[form]:
        mine = rows[rows["direction"] == direction]
        kept, repaid = (mine[mine["status"] == name] for name in ("kept", "repayment"))
        if kept.empty and repaid.empty:
            continue
        count = kept.groupby("year").size().reindex(years, fill_value=0)
        found[f"{shown(direction)}.activities"] = count.tolist()
        if len(repaid):
            sums = -repaid.groupby("year")["amount_usd"].sum()
            found[f"{shown(direction)}.repayments"] = sums.reindex(years, fill_value=0.0).tolist()
    return pd.DataFrame(found, index=index) if found else None


def _notes(inputs: Inputs, form: str) -> list[str]:
    """What was set apart, and the weights."""
    rows = _rows(inputs, "activities")
    mine = rows[rows["indicator"] == form]
    said = {
        "duplicate": "whose amount stands elsewhere",
        "replaced": "of the default data that the team has corrected",
        "rejected": "of the default data that the team has rejected",
        "repayment": "that are repayments",
        "no_disbursement": "without a disbursement in the year",
        "outside": "of other years",
        "unassigned": "that are neither spending nor funding",
    }
    notes = []
    for status, part in mine.groupby("status"):
        if status in said:
            amount = f"{abs(part['amount_usd'].sum()):,.0f} USD"
            notes.append(f"Not in the sums: rows {said[status]} ({len(part)}; {amount}).")
    weights = _settings(inputs)
    shares = [f"{name} {weights[f'weight_{name}']}" for name in ("principal", "significant")]
    notes.append(f"Share of an amount that counts: {as_text(shares)}.")
    if form == TECHNOLOGY:
        notes.append(
            "These amounts are part of SO5-1 to SO5-3 and are not added to them. "
            "Domestic: public spending and domestic private resources."
        )
    return notes


def _settings(inputs: Inputs) -> dict[str, str]:
    rows = _rows(inputs, "settings")
    return dict(zip(rows["setting"], rows["value"], strict=True))


def activities(inputs: Inputs, table: Table) -> None:
    """T3: the rows of the activity sheet, with what of each counts."""
    form = _form(table)
    rows = _rows(inputs, "activities")
    table.frame = sheet_rows(rows, form)
    texts = [name for name in table.frame if name not in FIGURES]
    table.text, table.keyed = tuple(texts), tuple(_keyed(form))
    required = ("year", "provider", "activity_title", "counted_usd", "counted")
    table.optional = tuple(name for name in table.frame if name not in required)
    _common(inputs, table)
    table.notes.append(
        "Rows that are not counted repeat an amount of another form: give each its own part, "
        "or delete one of them, before the sheet goes to the platform."
        if (table.frame["counted"] == NO).any()
        else "Paste these rows into the activity sheet of the platform."
    )


def _keyed(form: str) -> list[str]:
    forms = columns(form)
    chosen = forms.loc[forms["choices"] != "", "label"]
    names = [name.removeprefix("column.") for name in chosen]
    return list(dict.fromkeys([direction_column(form), *names, "counted"]))


def sheet_rows(rows: pd.DataFrame, form: str) -> pd.DataFrame:
    """The activities of a form as they go to the platform."""
    if form == TECHNOLOGY:
        rows = finance.technology(rows)
    mine = rows[rows["indicator"] == form]
    earlier = rows.set_index("place")["indicator"].to_dict()
    across = (mine["status"] == "duplicate") & (mine["twin"].map(earlier) != form)
    mine = mine[(mine["status"] == "kept") | across]
    mine = mine.sort_values(["year", "direction", "provider", "title", "amount_usd"])
    frame = pd.DataFrame(index=pd.Index(range(1, len(mine) + 1), name="number").map(str))
    for column in columns(form).to_dict("records"):
        key = "amount" if column["key"] in amounts(form) else column["key"]
        name = column["label"].removeprefix("column.")
        frame[name] = mine["amount_usd" if name == "amount_usd" else key].tolist()
    if form == "SO5-2":
        frame.insert(0, direction_column(form), [shown(name) for name in mine["direction"]])
        frame["amount_usd"] = mine["amount_usd"].tolist()
    frame["counted_usd"] = mine["counted_usd"].where(mine["status"] == "kept", 0.0).tolist()
    frame["counted"] = [YES if status == "kept" else NO for status in mine["status"]]
    frame["twin"], frame["place"] = mine["twin"].tolist(), mine["place"].tolist()
    frame["year"] = [str(int(year)) for year in mine["year"]]
    return frame.astype(dict.fromkeys(set(FIGURES) & set(frame), float))


def needs(inputs: Inputs, table: Table) -> None:
    """SO5-5.T1: plans, objectives, measures and what they still need."""
    rows = _rows(inputs, "needs")
    names = {row["key"]: row["label"].removeprefix("column.") for row in _needs_columns()}
    frame = rows.rename(columns=names)[list(names.values())]
    frame.index = pd.Index([str(number) for number in range(1, len(frame) + 1)], name="number")
    table.frame = frame
    table.text = tuple(name for name in frame if name != "need_usd")
    table.optional = tuple(name for name in frame if name != "objective")
    table.period = as_text(dict.fromkeys(filter(None, rows["horizon"])))
    table.sources = inputs.sources("finance")
    without = int(rows["need_usd"].isna().sum())
    if without:
        table.notes.append(f"Needs that are described and not costed: {without}.")


def _needs_columns() -> list[dict]:
    return columns(NEEDS).to_dict("records")


def method(inputs: Inputs, table: Table) -> None:
    """SO5.T1: how the figures were made; what only the team knows stays open."""
    index = pd.Index([f"topic_{name}" for name in TOPICS], name="topic")
    said = _method_notes(inputs)
    table.frame = pd.DataFrame({"method_note": [said.get(name, "") for name in TOPICS]}, index)
    table.frame = table.frame.astype(object)
    table.text = table.answers = ("method_note",)
    _common(inputs, table)
    table.notes.append("Complete these texts in your own words before you paste them.")


def _method_notes(inputs: Inputs) -> dict[str, str]:
    settings, rates = _settings(inputs), _rows(inputs, "rates")
    said = {
        "amounts": "Disbursements (payments) of the year in US dollars; commitments are not "
        "counted. Repayments are shown apart and not taken off.",
        "double_counting": "Rows with the same OECD/CRS identifier, year and amount count once. "
        "Co-financed projects have their own amount under SO5-1, SO5-2 and SO5-3.",
        "technology": "Activities marked with technology transfer in SO5-1 to SO5-3.",
        "exchange_rates": "All amounts were given in US dollars.",
    }
    rows = _rows(inputs, "activities")
    kept = rows[(rows["status"] == "kept") & (rows["currency"] != "USD")]
    used = {(int(row.year), row.currency) for row in kept.itertuples()}
    listed = [
        f"{int(row.year)}: 1 {row.currency} = {row.usd:.6g} USD"
        for row in rates.sort_values(["currency", "year"]).itertuples()
        if (int(row.year), row.currency) in used
    ]
    if listed:
        said["exchange_rates"] = "; ".join(listed) + "."
    if settings["crs"] == YES:
        said["relevance"] = (
            "OECD CRS: Rio marker desertification 2 (principal) or 1 (significant). "
            "For other activities: "
        )
    if settings["weights_chosen_by"] == "team":
        said["weights"] = (
            f"Principal {settings['weight_principal']}, significant "
            f"{settings['weight_significant']}, chosen by the team."
        )
    if settings["default_sheet"]:
        said["default_sheet"] = settings["default_sheet"].capitalize() + "."
    return said


def _common(inputs: Inputs, table: Table) -> None:
    table.period = year_spans(finance.years())
    table.sources = inputs.sources("finance")


#: Table id -> its maker, for the list of all makers.
MAKERS = {
    f"{form}.{part}": ("finance", maker)
    for form in (*COUNTED, TECHNOLOGY)
    for part, maker in (("T1", trends), ("T2", amounts_by_year), ("T3", activities))
} | {"SO5-5.T1": ("finance", needs), "SO5.T1": ("finance", method)}
