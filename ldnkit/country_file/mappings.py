"""Values of country.yml with a shape of their own: dates, areas, columns, weights, trends."""

from __future__ import annotations

import re
from datetime import date, datetime

from ldnkit import tables
from ldnkit.country_file.document import Document, is_number, shown
from ldnkit.country_file.forms_layers import ROLES, TRENDS
from ldnkit.findings import closest


def support() -> tuple[str, ...]:
    """The types of support that have a weight: principal, significant."""
    choices = tables.read("finance_choices")
    return tuple(choices.loc[choices["list"] == "support", "key"])


def directions() -> dict[str, list[str]]:
    """The directions of finance that have a trend, by form: ``SO5-1`` → provided, received."""
    choices = tables.read("finance_choices")
    found: dict[str, list[str]] = {}
    for row in choices[choices["list"] == "direction"].to_dict("records"):
        for form in row["indicators"].split(";"):
            found.setdefault(form, []).append(row["key"])
    return dict(sorted(found.items()))


def day(document: Document, path: tuple, value) -> date | None:
    """A day, or None after a finding."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        # fromisoformat alone would also take 20260915 and 2026-W38-2
        match = re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value).strip())
        return date.fromisoformat(match.group()) if match else _no_day(document, path, value)
    except ValueError:
        return _no_day(document, path, value)


def _no_day(document: Document, path: tuple, value) -> None:
    remedy = f"Write the year, the month and the day: {path[-1]}: 2026-09-15."
    document.problem(path, shown(value), "a day, such as 2026-09-15", remedy)


def area(document: Document, path: tuple, value) -> str | None:
    """A code of a country: M49 digits as they are written, or three capital letters."""
    code = str(value).strip().upper()
    if re.fullmatch(r"[0-9]{1,3}|[A-Z]{3}", code):
        return code
    remedy = f"Write the code that the file has: {path[-1]}: 404 or {path[-1]}: KEN."
    document.problem(path, shown(value), "an M49 code or an ISO3 code", remedy)
    return None


def columns(document: Document, path: tuple, value: dict) -> dict[str, str]:
    """Which column holds what; a column has one role only."""
    names: dict[str, str] = {}
    for role, name in value.items():
        here = (*path, role)
        if role not in ROLES:
            expected = ", ".join(ROLES)
            document.problem(here, f"the unknown key '{role}'", expected, closest(role, ROLES))
        elif name is None:
            continue
        elif not (isinstance(name, str) or is_number(name)) or not str(name).strip():
            remedy = "Write the name that stands above the column."
            document.problem(here, shown(name), "the name of a column", remedy)
        elif str(name).strip() in names.values():
            remedy = "Correct one of the two."
            document.problem(here, f"the column '{name}' twice", "another column", remedy)
        else:
            names[role] = str(name).strip()
    return names


def weighting(document: Document, path: tuple, value: dict) -> dict[str, float]:
    """The share of an amount that counts, for each type of support; all must be there."""
    weights: dict[str, float] = {}
    expected, known = "a number from 0 to 1", support()
    for kind in value:
        if kind not in known:
            here, found = (*path, kind), f"the unknown key '{kind}'"
            document.problem(here, found, " and ".join(known), closest(kind, known))
    for kind in known:
        here, weight = (*path, kind), value.get(kind)
        if weight is None:
            remedy = f"Write {kind}: and the weight that your team has decided."
            document.problem(here, "nothing", expected, remedy)
        elif not is_number(weight) or not 0 <= weight <= 1:
            remedy = "Write a share with a decimal point, such as 0.4 for 40 %."
            document.problem(here, shown(weight), expected, remedy)
        else:
            weights[kind] = float(weight)
    return weights


def trends(document: Document, path: tuple, value: dict) -> dict[str, dict[str, str]]:
    """The declared trend of each form and direction."""
    found: dict[str, dict[str, str]] = {}
    known = directions()
    for form, words in value.items():
        here = (*path, form)
        if form not in known:
            same = [name for name in known if name.lower() == str(form).strip().lower()]
            remedy = f"Write {same[0]}." if same else f"Use one of {', '.join(known)}."
            document.problem(here, f"the form '{form}'", ", ".join(known), remedy)
        elif isinstance(words, dict):
            found[form] = _trends_of(document, here, words, known[form])
        elif words is not None:
            example = ", ".join(f"{direction}: unknown" for direction in known[form])
            remedy = f"Write {form}: {{{example}}}."
            document.problem(here, shown(words), "a trend for each direction", remedy)
    return found


def _trends_of(document: Document, path: tuple, words: dict, known: list[str]) -> dict[str, str]:
    """The trends of one form; a direction without a word is left out."""
    found = {}
    for direction, word in words.items():
        here, trend = (*path, direction), str(word).strip().lower()
        if direction not in known:
            wrong = f"the direction '{direction}'"
            document.problem(here, wrong, " or ".join(known), closest(direction, known))
        elif word is None:
            continue
        elif trend not in TRENDS:
            document.problem(here, shown(word), " or ".join(TRENDS), closest(trend, TRENDS))
        else:
            found[direction] = trend
    return found
