"""All tables of SO5 from a team's files, and a look at the files before."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from ldnkit.country_file.finance_layers import DEFAULT_SHEETS, Finance
from ldnkit.country_file.forms_layers import TRENDS
from ldnkit.finance import totals
from ldnkit.finance.activities import examine_activities
from ldnkit.finance.columns import (
    COUNTED,
    DIRECTIONS,
    NEEDS,
    NOTEBOOK,
    RATES,
    SHEETS,
    TECHNOLOGY,
)
from ldnkit.finance.creditors import examine_crs
from ldnkit.finance.doubles import duplicates, identity, look_alikes
from ldnkit.finance.needs import examine_needs
from ldnkit.finance.rates import examine_dollars, examine_rates
from ldnkit.finance.sheets import read_sheets
from ldnkit.findings import Finding, InputError, listed


def compute_tables(
    section: Finance, *, country: str | None = None
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Everything that SO5 needs, as plain tables.

    Parameters
    ----------
    section : Finance
        The section of the country file.
    country : str, optional
        Three-letter code of the reporting country, to know its rows in a CRS file.

    Returns
    -------
    tables : dict of DataFrame
        activities: all rows, with amount_usd, weight, counted_usd, status and twin (the place of
        the row that has the amount). Only ``kept`` rows count; the others are ``duplicate``,
        ``replaced`` (a CRS row that the team's sheet corrects), ``rejected`` (the default sheet),
        ``repayment``, ``no_disbursement``, ``outside`` (other years) and ``unassigned``.
        summary: indicator, direction, year, amount_usd, activities. trends: indicator, direction,
        declared, suggested, first, last, change. look_alikes and repayments: for review.
        rates: year, currency, usd. needs: SO5-5. settings: setting, value.
    findings : list of Finding
        Warnings and remarks.

    Raises
    ------
    InputError
        Every problem of all files and settings at once.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5.

    Examples
    --------
    >>> found, findings = compute_tables(country.finance, country="KEN")  # doctest: +SKIP
    """
    tables, findings = gathered(section, country)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    return tables, findings


def look(country) -> list[Finding]:
    """Every problem of a country's finance files and settings, before the work starts."""
    section = getattr(country, "finance", None)
    return [] if section is None else gathered(section, country.iso3)[1]


def gathered(section: Finance, country: str | None):
    """All tables (as far as they can be made) and every problem found on the way."""
    sheets = read_sheets(section.activities) if section.activities else []
    rate_sheets, need_sheets = sheets, sheets
    if section.exchange_rates:
        rate_sheets = read_sheets(section.exchange_rates, RATES)
    if section.needs:
        need_sheets = read_sheets(section.needs, NEEDS)
    activities, findings = examine_activities([s for s in sheets if s.kind in (None, *SHEETS)])
    rates, of_rates = examine_rates(rate_sheets)
    needs, of_needs = examine_needs(need_sheets)
    weights, of_weights = totals.checked_weights(section.weighting)
    findings += [*of_rates, *of_needs, *of_weights, *_settings(section)]
    activities, of_dollars = examine_dollars(activities, rates)
    activities["status"] = totals.basic_status(activities)
    findings += of_dollars
    if section.creditor_reporting_system:
        default, of_crs = examine_crs(section.creditor_reporting_system, country=country)
        findings += of_crs
        default["usd"] = 1.0
        if len(default):
            kept = [part for part in (activities, default) if len(part)]
            activities = pd.concat(kept, ignore_index=True)
    activities["twin"] = ""
    findings += _default_sheet(activities, section.default_sheet)
    findings += _duplicates(activities)
    activities, of_support = totals.weighted(activities, weights)
    findings += of_support
    if any(finding.severity == "error" for finding in findings):
        return {}, findings
    findings += [*_set_apart(activities), *_technology(activities)]
    summary = pd.concat(
        [totals.summary(activities, indicator=name) for name in SHEETS], ignore_index=True
    )
    alike = _placed(look_alikes(activities), activities)
    trends = _trends(summary, section.trends)
    findings += [*_gaps(summary), *_alike(alike), *_disagreeing(trends)]
    tables = {
        "activities": activities.astype({"year": int}),
        "summary": summary,
        "trends": trends,
        "look_alikes": alike,
        "repayments": activities[activities["status"] == "repayment"].reset_index(drop=True),
        "rates": rates.astype({"year": int}),
        "needs": needs,
        "settings": _kept_settings(section, weights),
    }
    return tables, findings


def _finding(severity, about, found, expected="", remedy="") -> Finding:
    where = f"finance: {about}" if about else "finance"
    return Finding(severity, where, found, expected, remedy, NOTEBOOK)


def _settings(section: Finance) -> list[Finding]:
    """The declared trends and the word about the default sheet."""
    findings = []
    if section.default_sheet not in ("", None, *DEFAULT_SHEETS):
        found, expected = f"'{section.default_sheet}'", " or ".join(DEFAULT_SHEETS)
        findings.append(_finding("error", "default_sheet", found, expected, "Choose one."))
    elif section.creditor_reporting_system and not section.default_sheet:
        remedy = "The platform asks: confirm, correct or reject the default data."
        found = "no word about the default sheet"
        findings.append(_finding("warning", "default_sheet", found, "a choice", remedy))
    for indicator, declared in section.trends.items():
        known = DIRECTIONS.get(indicator, ())
        for direction, trend in (declared or {}).items():
            place = f"trends: {indicator}: {direction}"
            if direction not in known:
                expected = f"{indicator} with {', '.join(known)}" if known else ", ".join(SHEETS)
                findings.append(_finding("error", place, "no such trend", expected, "Correct it."))
            elif trend not in TRENDS:
                expected = ", ".join(TRENDS)
                findings.append(_finding("error", place, f"'{trend}'", expected, "Choose one."))
    if not (section.activities or section.creditor_reporting_system):
        remedy = "Trends alone are the least that a Party reports; figures are better."
        findings.append(_finding("info", "", "no activities", "", remedy))
    return findings


def _default_sheet(activities: pd.DataFrame, choice: str) -> list[Finding]:
    """What the team's word about the default rows means for them."""
    default = (activities["source"] == "crs") & (activities["status"] == "kept")
    if not default.any():
        return []
    amount = f"{activities.loc[default, 'amount_usd'].sum():,.0f} USD"
    if choice == "rejected":
        activities.loc[default, "status"] = "rejected"
        found = f"default activities rejected ({default.sum()}; {amount})"
        remedy = "They are in no total; the team's own figures stand alone."
        return [_finding("info", "default_sheet", found, "", remedy)]
    own = activities[(activities["source"] == "sheet") & activities["indicator"].isin(COUNTED)]
    if choice == "confirmed" and len(own[own["indicator"] == "SO5-1"]):
        found = "a confirmed default sheet, and SO5-1 activities of the team beside it"
        remedy = "Rows that are added or changed are a correction: write corrected."
        return [_finding("warning", "default_sheet", found, "no other rows", remedy)]
    if choice != "corrected":
        return []
    mine = {_key(row): row["place"] for row in own[own["crs_id"] != ""].to_dict("records")}
    twins = activities[default].apply(lambda row: mine.get(_key(row), ""), axis=1)
    twins = twins[twins != ""]
    if twins.empty:
        return []
    activities.loc[twins.index, "status"], activities.loc[twins.index, "twin"] = "replaced", twins
    before = activities.loc[twins.index, "amount_usd"].sum()
    after = activities.loc[activities["place"].isin(twins) & (activities["status"] == "kept")]
    found = f"default rows replaced by rows of the team ({len(twins)}; {before:,.0f} USD)"
    remedy = f"Those have {after['amount_usd'].sum():,.0f} USD: the same identifier and year."
    return [_finding("info", "default_sheet", found, "", remedy)]


def _key(row: Mapping) -> tuple:
    return row["indicator"], row["direction"], identity(row["crs_id"]), row["year"]


def _duplicates(activities: pd.DataFrame) -> list[Finding]:
    """Amounts that stand twice count once; between indicators the team has to decide."""
    findings, default = [], []
    places, sources = activities["place"], activities["source"]
    for row in duplicates(activities).to_dict("records"):
        label, first = row["duplicate"], row["first"]
        activities.loc[label, "status"], activities.loc[label, "twin"] = "duplicate", places[first]
        if sources[label] == "crs" and row["indicator"] == row["first_indicator"]:
            default.append(places[label])
            continue
        what = f"identifier {row['crs_id']}, {row['year']}, {row['amount_usd']:,.2f} USD"
        found = f"the amount of {places[first]} a second time ({what})"
        if row["indicator"] != row["first_indicator"]:
            expected = f"one amount under {row['first_indicator']} or under {row['indicator']}"
            remedy = "It counts in the first only. Give each its own part, or delete one row."
        else:
            expected, remedy = "each amount once", "It counts once. Delete the row."
        findings.append(Finding("warning", places[label], found, expected, remedy, NOTEBOOK))
    if default:
        found = f"default rows with amounts that stand before: {listed(default)}"
        remedy = "They count once: as the rows of the team, or the first of the file."
        findings.append(_finding("info", "duplicates", found, "", remedy))
    return findings


def _set_apart(activities: pd.DataFrame) -> list[Finding]:
    """Negative amounts, and rows of other years, of the team's own sheets."""
    own = activities[activities["source"] == "sheet"]
    findings = []
    repaid = own[own["status"] == "repayment"]
    if len(repaid):
        found = (
            f"negative amounts, {repaid['amount_usd'].sum():,.2f} USD: {listed(repaid['place'])}"
        )
        remedy = "They are taken as repayments: shown apart, and not taken off any total."
        findings.append(_finding("warning", "repayments", found, "amounts paid", remedy))
    outside = own[own["status"] == "outside"]
    if len(outside):
        years = listed(sorted({int(year) for year in outside["year"]}))
        found = f"rows of {years}: {listed(outside['place'])}"
        first, last = min(totals.years()), max(totals.years())
        remedy = "They are in no total."
        findings.append(_finding("warning", "years", found, f"{first} to {last}", remedy))
    return findings


def _technology(activities: pd.DataFrame) -> list[Finding]:
    """Flagged funding, and a sheet SO5-4 that does not repeat the flagged rows."""
    findings = []
    kept = activities[activities["status"] == "kept"]
    marked = kept[kept["indicator"].isin(COUNTED) & (kept["technology_transfer"] == "yes")]
    funding = marked[marked["direction"] == "funding"]
    if len(funding):
        found = f"technology transfer in rows of public funding: {listed(funding['place'])}"
        remedy = "SO5-4 adds what is spent: mark the spending instead."
        findings.append(_finding("warning", TECHNOLOGY, found, "rows of spending", remedy))
    own = kept[kept["indicator"] == TECHNOLOGY]
    if own.empty:
        return findings
    keys = {_transfer_key(row) for row in own.to_dict("records")}
    flagged = {_transfer_key(row): row["place"] for row in totals.flagged(kept).to_dict("records")}
    absent = [place for key, place in flagged.items() if key not in keys]
    extra = [row["place"] for row in own.to_dict("records") if _transfer_key(row) not in flagged]
    for places, found, remedy in (
        (absent, "flagged activities that the sheet SO5-4 lacks", "Repeat them in SO5-4."),
        (extra, "activities of SO5-4 that are not flagged elsewhere", "Flag them in SO5-1 to 3."),
    ):
        if places:
            said = f"{found}: {listed(places)}"
            expected = "the same activities and amounts"
            findings.append(_finding("warning", TECHNOLOGY, said, expected, remedy))
    return findings


def _transfer_key(row: Mapping) -> tuple:
    name = identity(row["crs_id"]) or identity(row["title"])
    return row["direction"], int(row["year"]), round(row["amount_usd"], 2), name


def _gaps(summary: pd.DataFrame) -> list[Finding]:
    """Years without any activity in a direction that has some."""
    findings = []
    empty = summary[summary["activities"] == 0]
    for (indicator, direction), rows in empty.groupby(["indicator", "direction"], sort=False):
        found = f"no activity in {listed(rows['year'])}"
        remedy = "The sum of these years is 0. Is something missing?"
        about = f"{indicator}, {direction}"
        severity = "info" if indicator == TECHNOLOGY else "warning"
        findings.append(_finding(severity, about, found, "activities in every year", remedy))
    return findings


def _placed(pairs: pd.DataFrame, activities: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the places of their rows instead of labels."""
    places = activities["place"]
    return pairs.assign(first=pairs["first"].map(places), second=pairs["second"].map(places))


def _alike(pairs: pd.DataFrame) -> list[Finding]:
    if pairs.empty:
        return []
    reasons = pairs["reason"].value_counts().sort_index()
    said = "; ".join(f"{reason} ({count})" for reason, count in reasons.items())
    found = f"pairs of activities that look alike: {said}"
    remedy = "Nothing was taken out. Look through the list of look-alikes."
    severity = (
        "warning" if len(reasons.drop("alike, other identifier", errors="ignore")) else "info"
    )
    return [_finding(severity, "look_alikes", found, "", remedy)]


def _trends(summary: pd.DataFrame, declared: Mapping) -> pd.DataFrame:
    """Declared and suggested trend of every direction."""
    rows = []
    known = summary[summary["activities"] > 0]
    for indicator, directions in DIRECTIONS.items():
        for direction in directions:
            mine = known[(known["indicator"] == indicator) & (known["direction"] == direction)]
            found = totals.trend(dict(zip(mine["year"], mine["amount_usd"], strict=True)))
            said = (declared.get(indicator) or {}).get(direction, "")
            rows.append((indicator, direction, said, *found))
    columns = ["indicator", "direction", "declared", "suggested", "first", "last", "change"]
    return pd.DataFrame(rows, columns=columns)


def _disagreeing(trends: pd.DataFrame) -> list[Finding]:
    """Declared trends that the figures do not show; the rules of the report say it again."""
    both = trends[(trends["declared"] != "") & (trends["suggested"] != "unknown")]
    findings = []
    for row in both[both["declared"] != both["suggested"]].to_dict("records"):
        about = f"trends: {row['indicator']}: {row['direction']}"
        change = "" if math.isnan(row["change"]) else f" ({row['change']:+.0f} %)"
        found = f"{row['declared']} declared"
        expected = f"{row['suggested']}, as the figures show{change}"
        remedy = "Declare the trend of the figures, or complete the figures."
        findings.append(_finding("info", about, found, expected, remedy))
    return findings


def _kept_settings(section: Finance, weights: Mapping[str, float]) -> pd.DataFrame:
    chosen = "team" if section.weighting else "default"
    rows = [(f"weight_{name}", f"{weight:g}") for name, weight in weights.items()]
    rows += [("weights_chosen_by", chosen), ("default_sheet", section.default_sheet or "")]
    rows.append(("crs", "yes" if section.creditor_reporting_system else "no"))
    return pd.DataFrame(rows, columns=["setting", "value"])
