"""Units of precipitation: what a file declares, and what its yearly totals look like.

Nothing is converted: a unit other than mm of the time step is told, with the factor.
"""

from __future__ import annotations

import re

#: Millimetres in one of each.
_LENGTHS = {
    "mm": 1,
    "millimeter": 1,
    "millimetre": 1,
    "kg m-2": 1,
    "mm of water": 1,
    "cm": 10,
    "centimeter": 10,
    "centimetre": 10,
    "m": 1000,
    "meter": 1000,
    "metre": 1000,
    "m of water": 1000,
    "m of water equivalent": 1000,
    "m water equivalent": 1000,
    "inch": 25.4,
    "inches": 25.4,
    "in": 25.4,
    "0.1 mm": 0.1,
    "mm/10": 0.1,
    "0.01 mm": 0.01,
    "mm/100": 0.01,
}
#: Average days of a month and of a year.
_MONTH, _YEAR = 30.4375, 365.25
#: Days of a period; an empty text stands for the time step.
_PERIODS = {"s": 1 / 86400, "hour": 1 / 24, "day": 1, "month": _MONTH, "year": _YEAR}
_PERIOD_NAMES = {
    "s": "s", "sec": "s", "second": "s", "h": "hour", "hr": "hour", "hour": "hour", "d": "day",
    "day": "day", "mon": "month", "month": "month", "mo": "month", "yr": "year", "year": "year",
    "a": "year",
}  # fmt: skip
#: Units that are often taken for millimetres: (name, millimetres, period or nothing).
_USUAL = (
    ("mm per day", 1, "day"),
    ("m", 1000, ""),
    ("m per day", 1000, "day"),
    ("kg m-2 s-1 (mm per second)", 1, "s"),
    ("cm", 10, ""),
    ("inches", 25.4, ""),
    ("tenths of mm", 0.1, ""),
    ("hundredths of mm", 0.01, ""),
)


def factor_of(units: str, time_step: str) -> float | None:
    """Millimetres per time step in one of a unit; None when the unit is not understood.

    Parameters
    ----------
    units : str
        As a file declares them.
    time_step : {"month", "day"}
        Amounts without a period are those of the step.

    Examples
    --------
    >>> [factor_of(text, "month") for text in ("mm", "mm/month", "kg m-2", "m", "1")]
    [1.0, 1.0, 1.0, 1000.0, None]
    >>> factor_of("mm d**-1", "month"), factor_of("kg m-2 s-1", "day")
    (30.4375, 86400.0)
    """
    text = units.strip().lower().replace("**", "").replace("^", "")
    text = re.sub(r"\s+", " ", text.replace(" per ", "/").replace("kg/m2", "kg m-2"))
    match = re.fullmatch(r"(.*?)(?:\s*/\s*([a-z]+)|\s+([a-z]+?)-1)", text)
    length, period = text, ""
    if match and _singular(match[2] or match[3]) in _PERIOD_NAMES:
        length, period = match[1], _PERIOD_NAMES[_singular(match[2] or match[3])]
    amount = _LENGTHS.get(length.strip(), _LENGTHS.get(_singular(length.strip())))
    return None if amount is None else float(amount * _share(period, time_step))


def _singular(text: str) -> str:
    return text[:-1] if len(text) > 1 and text.endswith("s") else text


def _share(period: str, time_step: str) -> float:
    """Time steps of a period, so that an amount per period becomes one per step."""
    if not period or period == time_step:
        return 1
    return (_MONTH if time_step == "month" else 1) / _PERIODS[period]


def guesses(total: float, time_step: str, plausible: tuple[float, float]) -> list[tuple]:
    """Units that would make a yearly total plausible: (name, factor to mm of the time step).

    Examples
    --------
    >>> guesses(0.9, "month", (100, 12000))
    [('m', 1000.0)]
    """
    low, high = plausible
    found = [
        (name, float(amount * _share(period, time_step)))
        for name, amount, period in _USUAL
        if not (period == time_step and amount == 1)
    ]
    fitting = [(name, factor) for name, factor in found if low <= total * factor <= high]
    middle = (low * high) ** 0.5
    # the closest first; of two alike the more usual, which stands first
    return sorted(fitting, key=lambda each: round(max(total * each[1] / middle,
                                                      middle / (total * each[1])), 1))  # fmt: skip


def factor_text(factor: float) -> str:
    """A factor for people: ``× 1,000``.

    Examples
    --------
    >>> factor_text(30.4375), factor_text(2629800)
    ('× 30.44 (the days of each month)', '× 2,629,800')
    """
    if abs(factor - _MONTH) < 1e-9:
        return "× 30.44 (the days of each month)"
    return f"× {factor:,.6g}" if factor < 1e5 else f"× {factor:,.0f}"
