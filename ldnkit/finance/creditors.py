"""Activity files of the OECD Creditor Reporting System (CRS) as activities of SO5.

The files hold millions of US dollars; activities hold US dollars. Only disbursements count:
a commitment is a promise, and its payments appear in later years. Repayments to the lender
(``usd_received``) are kept apart and never taken off.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.finance.activities import ADDED, USD, no_activities
from ldnkit.finance.columns import keys, sector_of, years
from ldnkit.finance.crsfiles import read_table
from ldnkit.findings import listed, stop_on_errors
from ldnkit.team_sheets import Notes, plain, text

DIRECTIONS = ("provided", "received")
SUPPORTED = ("principal", "significant")


def read_crs(
    path: str | Path, *, country: str | Iterable[str] | None = None, direction: str | None = None
) -> pd.DataFrame:
    """Activities with the Rio marker "desertification" from a CRS activity file.

    Parameters
    ----------
    path : str or Path
        XLSX, CSV (also compressed: ``.gz``, ``.zip``) or the text files by year with ``|``.
    country : str or list of str, optional
        Three-letter code or name as in the file. Rows that name it as recipient are received,
        those that name it as donor are provided; all others are left out.
    direction : {"provided", "received"}, optional
        All rows have this direction. Without country and direction the file must have a single
        recipient or a single donor.

    Returns
    -------
    DataFrame
        As :func:`read_activities`: marker 2 is ``principal``, 1 ``significant``; amount and
        amount_usd [US dollars]; status ``kept``, ``no_disbursement`` (nothing paid in the year),
        ``repayment`` (negative amounts) or ``outside`` (other years); source ``crs``.
        ``attrs["findings"]`` says what was left out.

    Raises
    ------
    InputError
        Every problem of the file: missing columns, text in figures, unknown markers, an
        aggregated table instead of activities, no row of the country.

    References
    ----------
    OECD DAC, Rio markers; UNCCD reporting manual, 2026 process, SO5-1.

    Examples
    --------
    >>> read_crs("finance/crs.csv", country="KEN")  # doctest: +SKIP
    """
    table, findings = examine_crs(path, country=country, direction=direction)
    stop_on_errors(findings)
    table.attrs["findings"] = findings
    return table


def no_crs() -> pd.DataFrame:
    """An empty table of CRS activities."""
    return no_activities().assign(amount_usd=pd.Series(dtype=float), status="")


def examine_crs(path, *, country=None, direction=None):
    """The activities of a CRS file with every problem found in it, errors too."""
    if direction not in (None, *DIRECTIONS):
        raise ValueError(f"Unknown direction: found {direction!r}; use provided or received.")
    rows, notes = read_table(path)
    if len(rows) and not notes.findings:
        rows = _typed(rows, notes)
        rows = _marked(rows, notes)
        rows["direction"] = _directions(rows, notes, country, direction)
        rows = rows[rows["direction"] != ""]
    if any(finding.severity == "error" for finding in notes.findings):
        return no_crs(), notes.findings
    if not len(rows):
        notes.add([], "", "no activity with marker 1 or 2", severity="info")
        return no_crs(), notes.findings
    table = _activities(rows, notes)
    _say(table, rows, notes)
    return table, notes.findings


def _typed(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Figures as numbers; a file is made by a machine, so text there is an error."""
    rows = rows.copy()
    for column in ("year", "disbursement", "commitment", "repaid", "desertification"):
        figures = pd.to_numeric(rows[column].replace("", None), errors="coerce").astype(float)
        wrong = rows.loc[figures.isna() & (rows[column].map(text) != ""), column]
        notes.cells(wrong, column, "a figure", "Use the file as the OECD gives it.")
        rows[column] = figures
    missing = rows.index[rows["year"].isna()]
    if len(missing):
        notes.add(missing, "year", "nothing", "a year", "Use the file as the OECD gives it.")
    markers = rows["desertification"]
    wrong = markers[~(markers.isna() | markers.isin([0, 1, 2, 3]))].map(lambda value: f"{value:g}")
    notes.cells(wrong, "desertification", "0, 1 or 2", "Use the file as the OECD gives it.")
    paid = rows.loc[rows["disbursement"] > 0, "disbursement"]
    limit = tables.constant("crs_plausible_median")
    if len(paid) and paid.median() > limit:
        found = f"disbursements with a median of {paid.median():,.0f}"
        remedy = "CRS files hold millions of US dollars: has the file been converted?"
        notes.add([], "disbursement", found, f"{limit:g} million or less", remedy)
    return rows


def _marked(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Rows with the marker 2 or 1; the others are counted and left out."""
    codes = _codes("desertification")
    support = rows["desertification"].map(lambda value: codes.get(f"{value:.0f}", ""))
    zero, none = (rows["desertification"] == 0).sum(), rows["desertification"].isna().sum()
    found = f"the marker 2 or 1 in {(support != '').sum()} of {len(rows)} rows"
    remedy = f"Left out: marker 0 ({zero}), no marker ({none})."
    if (rows["desertification"] == 3).any():
        remedy += " So is the marker 3, which is no longer in use."
    notes.add([], "desertification", found, remedy=remedy, severity="info")
    return rows.assign(support=support)[support != ""]


def _directions(rows: pd.DataFrame, notes: Notes, country, direction) -> pd.Series:
    """provided, received or nothing for every row."""
    if direction is not None:
        return pd.Series(direction, rows.index, dtype=object)
    found = pd.Series("", rows.index, dtype=object)
    if country is not None:
        wanted = _names(country)
        for end, name in (("recipient", "received"), ("donor", "provided")):
            mine = rows[f"{end}_iso3"].isin(wanted) | rows[f"{end}_name"].map(plain).isin(wanted)
            found = found.mask(mine & (found == ""), name)
        if len(rows) and (found == "").all():
            expected = f"rows of {', '.join(sorted(wanted))} as recipient or donor"
            names = listed(sorted(set(rows["recipient_name"])))
            remedy = "Download the file for your country, or give its name as the file writes it."
            notes.add([], "", f"recipients {names}", expected, remedy, "warning")
        elif (found == "").any():
            others = f"Rows of other countries are left out ({(found == '').sum()})."
            mine = f"rows of the country ({(found != '').sum()})"
            notes.add([], "", mine, remedy=others, severity="info")
        return found
    for end, name in (("recipient", "received"), ("donor", "provided")):
        if rows[f"{end}_name"].nunique() == 1:
            only = rows[f"{end}_name"].iloc[0]
            said = f"All rows are taken as {name}."
            notes.add([], "", f"{only} as the only {end}", remedy=said, severity="info")
            return pd.Series(name, rows.index, dtype=object)
    if len(rows):
        donors, recipients = (rows[f"{end}_name"].nunique() for end in ("donor", "recipient"))
        remedy = "Say which country reports."
        notes.add([], "", f"{donors} donors and {recipients} recipients", "one country", remedy)
    return found


def _names(country: str | Iterable[str]) -> set[str]:
    """Code and names of a country, for comparing with those in the file."""
    given = [country] if isinstance(country, str) else list(country)
    names = {each.strip().upper() for each in given} | {plain(each) for each in given}
    listed_countries = tables.read("countries").set_index("iso3")["iso2"]
    for code in [name for name in names if name in listed_countries.index]:
        from babel import Locale

        names.add(plain(Locale("en").territories.get(listed_countries[code], code)))
    return names


@functools.cache
def _codes(field: str) -> dict[str, str]:
    table = tables.read("crs_codes").astype(str)
    table = table[table["field"] == field]
    return dict(zip(table["code"], table["key"], strict=True))


def _by_range(field: str, code: str) -> str:
    """The key of a code in a table of ranges, such as 100-399."""
    if re.fullmatch(r"\d+", code):
        for span, key in _codes(field).items():
            first, last = (int(end) for end in span.split("-"))
            if first <= int(code) <= last:
                return key
    return ""


def _activities(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """CRS rows under our columns, amounts in US dollars; repayments become rows of their own."""
    unit = tables.constant("crs_unit")
    code = {name: rows[name].map(text) for name in ("category", "flow_code", "finance_type")}
    flow = code["category"].map(_codes("category"))
    flow = flow.fillna(code["flow_code"].map(_codes("flow_code"))).fillna("oda")
    instrument = code["finance_type"].map(lambda value: _by_range("finance_type", value))
    loan = instrument == "loan"
    instrument = instrument.mask(loan, "non_concessional_loan")
    instrument = instrument.mask(loan & (flow == "oda"), "concessional_loan")
    purpose = rows["purpose_code"].map(text)
    agency, donor = rows["agency_name"].map(text), rows["donor_name"].map(text)
    same = (agency == "") | (agency == donor)
    received = rows["direction"] == "received"
    table = no_activities().reindex(rows.index)
    table = table.assign(**dict.fromkeys(set(keys()) - {"year"}, ""))
    table = table.assign(
        indicator=flow.map(_codes("indicator")),
        direction=rows["direction"],
        year=rows["year"],
        provider=donor.where(same, donor + ": " + agency),
        country=donor.where(received, rows["recipient_name"].map(text)),
        recipient=rows["recipient_name"].map(text),
        channel=rows["channel"].map(text).mask(lambda name: name == "", rows["channel_reported"]),
        title=rows["title"].map(text).mask(lambda name: name == "", rows["description"]),
        amount=rows["disbursement"] * unit,
        currency=USD,
        crs_id=rows["crs_id"].map(text),
        sector=purpose.map(sector_of),
        purpose_code=purpose,
        flow_type=flow,
        instrument=instrument,
        support=rows["support"],
        private_amount_usd=float("nan"),
        gender_equality=rows["gender"].map(_gender),
        information=(purpose + " " + rows["purpose_name"].map(text)).str.strip(),
        source="crs",
        place=[f"{notes.name} {notes.word} {row}" for row in rows.index],
    )
    table["status"] = "kept"
    table.loc[~(table["amount"] > 0), "status"] = "no_disbursement"
    table.loc[table["amount"] < 0, "status"] = "repayment"
    repaid = table[(rows["repaid"] > 0).to_numpy(bool)]
    repaid = repaid.assign(amount=-rows.loc[repaid.index, "repaid"] * unit, status="repayment")
    table = pd.concat([table, repaid]) if len(repaid) else table
    table.loc[~table["year"].isin(years()), "status"] = "outside"
    table["amount_usd"] = table["amount"].astype(float)
    return table[[*keys(), *ADDED, "amount_usd", "status"]].reset_index(drop=True)


def _gender(cell) -> str:
    """yes or no for the gender equality marker, which may be written 1 or 1.0."""
    marker = text(cell)
    return _codes("gender").get(marker.removesuffix(".0"), "")


def _say(table: pd.DataFrame, rows: pd.DataFrame, notes: Notes) -> None:
    """What was read, in US dollars, and what does not count."""
    kept = table[table["status"] == "kept"]
    sums = kept.groupby("support")["amount_usd"].sum()
    said = ", ".join(f"{name} {sums.get(name, 0) / 1e6:,.3f} million" for name in SUPPORTED)
    notes.add(
        [],
        "disbursement",
        f"amounts in million USD: {said}",
        remedy="They are turned into USD.",
        severity="info",
    )
    promised = rows["commitment"].sum()
    if promised > 0:
        found = f"commitments of {promised:,.3f} million USD"
        remedy = "They are not counted: only disbursements of the year are."
        notes.add([], "commitment", found, remedy=remedy, severity="info")
    for status, what in (
        ("no_disbursement", "rows without a disbursement"),
        ("outside", f"rows of years outside {years()[0]}–{years()[-1]}"),
        ("repayment", "repayments"),
    ):
        count = int((table["status"] == status).sum())
        if count:
            remedy = "They are kept apart and in no total."
            severity = "warning" if status == "repayment" else "info"
            notes.add([], "", f"{what} ({count})", remedy=remedy, severity=severity)
    notes.add(
        [],
        "",
        "no marker of technology transfer",
        remedy="The CRS has none: say in the activity sheet which activities transfer technology.",
        severity="info",
    )
