"""Numbers written in the manner of a language."""

from __future__ import annotations

import math


def percent(share: float, language: str = "en", decimals: int = 1) -> str:
    """A share as percent in the manner of a language.

    Examples
    --------
    >>> percent(0.1234), percent(0.1234, "fr"), percent(0.0001)
    ('12.3 %', '12,3 %', '<0.1 %')
    """
    smallest = 10.0**-decimals
    below = 0 < 100 * share < smallest / 2
    text = f"<{smallest:g}" if below else f"{100 * share:.{decimals}f}"
    return point(text, language) + " %"


def number(value: float, language: str = "en") -> str:
    """An area: one decimal below 1,000, none above.

    Examples
    --------
    >>> number(12345.6), number(12345.6, "fr"), number(12.34, "es")
    ('12,346', '12\\u202f346', '12,3')
    """
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}"
    return point(text, language)


def short(value: float, language: str = "en") -> str:
    """A number in three digits, or to the unit from 1,000 on; never with an exponent.

    Examples
    --------
    >>> short(1234567.8), short(0.5), short(0.01234, "fr"), short(0)
    ('1,234,568', '0.5', '0,0123', '0')
    """
    if value == 0 or abs(value) >= 999.5:
        return point(f"{value:,.0f}", language)
    decimals = max(2 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:.{decimals}f}"
    return point(text.rstrip("0").rstrip(".") if "." in text else text, language)


def point(text: str, language: str) -> str:
    """An English number with the signs of a language.

    Examples
    --------
    >>> point("1,234.5", "es"), point("1,234.5", "zh")
    ('1\\u202f234,5', '1,234.5')
    """
    if language not in ("fr", "es", "ru"):
        return text
    return text.translate({ord(","): "\N{NARROW NO-BREAK SPACE}", ord("."): ","})
