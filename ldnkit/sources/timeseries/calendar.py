"""The time axis of a series looked at: order, repeats, gaps, calendar, sums of the reference."""

from __future__ import annotations

from collections import Counter

from ldnkit import tables
from ldnkit.findings import Finding
from ldnkit.periods import time_spans
from ldnkit.sources.timeseries.axes import days_of_month


def axis(country, series, where) -> list[Finding]:
    """Order, repeats and gaps of the steps; the calendar; the sums of the reference period."""
    step, found, findings = series.time_step, series.found, []
    months = sorted({time[:2] for time in found})
    other = _other_step(step, len(found), len(months), len(set(found)))
    if other:
        text, remedy = other
        findings.append(Finding("error", where, text, f"one value for each {step}", remedy, "10"))
    else:
        findings += _order(series, where)
    if series.calendar != "standard":
        findings.append(_calendar(series, where))
    present = _present_months(series)
    return findings + _reference(country, where, present) + _years(country, where, present)


def _other_step(step, count, months, different) -> tuple[str, str] | None:
    """What is said when the steps are not those that the country file tells."""
    per_month = count / months
    if step == "month" and per_month > 1.5:
        text = f"{count} steps in {months} months, about {per_month:.0f} for each month"
        if per_month > 20:
            return text, "If these are days, write drought: time_step: day."
        return text, "Add the values up to months first."
    if step == "day" and per_month < 1.5 and count > 1:
        return f"{count} steps in {months} months", "Write drought: time_step: month."
    if step == "day" and count > 1.5 * different:
        return f"{count} steps on {different} days", "Add the hours up to days first."
    return None


def _order(series, where) -> list[Finding]:
    step, found, findings = series.time_step, series.found, []
    whole = series.times if step == "month" else _every_day(series)
    back = [later for earlier, later in zip(found, found[1:]) if later < earlier]
    if back:
        findings.append(
            Finding(
                "warning",
                where,
                f"times out of order: a step back to {time_spans(sorted(set(back)), whole)}",
                "times in order",
                "They are read by their dates; check that the dates are right.",
                "10",
            )
        )
    twice = sorted(time for time, count in Counter(found).items() if count > 1)
    if twice:
        findings.append(
            Finding(
                "error",
                where,
                f"{time_spans(twice, whole)} more than once",
                f"every {step} once",
                f"Keep one value for each {step}.",
                "10",
            )
        )
    known = set(found)
    if gaps := [time for time in whole if time not in known]:
        findings.append(
            Finding(
                "warning",
                where,
                f"no {time_spans(gaps, whole)}",
                f"every {step} from {time_spans(whole[:1])} to {time_spans(whole[-1:])}",
                "A sum over a missing month is no data. Add what is missing."
                if step == "month"
                else "Add these days; a month needs values on most of its days.",
                "10",
            )
        )
    return findings


def _every_day(series) -> list[tuple[int, int, int]]:
    """Every day of the calendar from the first to the last step."""
    first, last = series.dates[0], series.dates[-1]
    days = [
        (*month, day)
        for month in series.times
        for day in range(1, 1 + days_of_month(*month, series.calendar))
    ]
    return [day for day in days if first <= day <= last]


def _calendar(series, where) -> Finding:
    daily, name = series.time_step == "day", series.calendar
    text, remedy = f"the calendar {name}", "Nothing to do: sums of months do not depend on it."
    if name == "noleap" and daily:
        text += ", which has no 29 February"
        remedy = "February of leap years is the sum of 28 days; say so in the report."
    elif daily:
        text += ", whose days are not those of the civil calendar"
        remedy = (
            "The months of this calendar are added up as they are, each with its own days. "
            "It comes from climate models: check that these are observations."
        )
    severity = "info" if not daily or name == "noleap" else "warning"
    return Finding(severity, where, text, "the civil calendar", remedy, "10")


def _present_months(series) -> set[tuple[int, int]]:
    """Months with a value, or with values on enough of their days."""
    if series.time_step != "day":
        return set(series.found)
    share = tables.constant("drought_minimum_share")
    days = Counter(date[:2] for date in set(series.found))
    return {
        month
        for month, count in days.items()
        if 100 * count >= share * days_of_month(*month, series.calendar) - 1e-9
    }


def _sums(country, present, years) -> list[int]:
    """The years whose sum over the months up to the chosen one is complete."""
    scale, month = country.parameters["drought_scale"], country.parameters["drought_month"]

    def months(year):
        last = 12 * year + month - 1
        return {(number // 12, number % 12 + 1) for number in range(last - scale + 1, last + 1)}

    return [year for year in years if months(year) <= present]


def _reference(country, where, present) -> list[Finding]:
    from ldnkit.drought_kernels import needed_sums

    options = country.parameters
    first, last = options["drought_reference_first"], options["drought_reference_last"]
    years = range(first, last + 1)
    whole = _sums(country, present, years)
    full = max(int(tables.constant("drought_full_sums")), len(years))
    if len(whole) >= full:
        return []
    needed = needed_sums((first, last))
    absent = [(year,) for year in years if year not in whole]
    found = (
        f"{len(whole)} complete sums of {options['drought_scale']} months up to month "
        f"{options['drought_month']} in the reference period {first}–{last}"
    )
    found += f" (none for {time_spans(absent, [(year,) for year in years])})" if absent else ""
    if len(whole) < needed:
        remedy = "Give a longer series, or another reference period; no index can be computed."
        return [Finding("error", where, found, f"at least {needed}", remedy, "10")]
    remedy = "The index rests on fewer years; say so in the report."
    return [Finding("warning", where, found, f"{full} sums", remedy, "10")]


def _years(country, where, present) -> list[Finding]:
    """Years of the drought tables without an index."""
    years = range(int(tables.constant("drought_first_year")), country.cycle.last.last + 1)
    whole = _sums(country, present, years)
    absent = [(year,) for year in years if year not in whole]
    if not absent:
        return []
    return [
        Finding(
            "warning" if whole else "error",
            where,
            f"no complete sum for {time_spans(absent, [(year,) for year in years])}",
            f"every year from {years[0]} to {years[-1]}",
            "These years have no index. Add the months that are missing.",
            "10",
        )
    ]
