"""The categories of the Red List: their weights, and the ways in which they are written."""

from __future__ import annotations

import difflib
import functools
import re

import pandas as pd

from ldnkit import tables

#: Assessed, but not known well enough for a category: counted and left out of the index.
DATA_DEFICIENT = "DD"
#: Categories of species that are gone, for what the metadata say about the first year.
EXTINCT = ("EX", "RE")


def categories() -> pd.DataFrame:
    """The categories: category, name, weight (NaN: none), in_index (bool).

    References
    ----------
    IUCN Red List Categories and Criteria, version 3.1; metadata of SDG indicator 15.5.1.

    Examples
    --------
    >>> categories().set_index("category")["weight"]["EN"]
    np.float64(3.0)
    """
    table = tables.read("red_list_categories")[["category", "name", "weight", "in_index"]]
    table["in_index"] = table["in_index"] == "yes"
    return table


@functools.cache
def weights() -> dict[str, float]:
    """Category -> weight, for those that count in the index."""
    table = categories()
    used = table[table["in_index"]]
    return dict(zip(used["category"], used["weight"].astype(float), strict=True))


def heaviest() -> float:
    """The weight of an extinct species."""
    return max(weights().values())


@functools.cache
def _spellings() -> dict[str, str]:
    """Letters of a code, of a name or of both together -> category."""
    found = {}
    for row in categories().itertuples():
        code, name = _letters(row.category), _letters(row.name)
        found |= dict.fromkeys((code, name, code + name, name + code), row.category)
        if row.category.startswith("CR("):  # "CR (Possibly Extinct)"
            found["cr" + name.removeprefix(_letters("Critically Endangered"))] = row.category
    return found


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", str(text).lower())


def category_of(cell) -> str | None:
    """The category that a cell means; None when it means none.

    Examples
    --------
    >>> category_of("critically endangered (Possibly Extinct)"), category_of("vu"), category_of("V")
    ('CR(PE)', 'VU', None)
    """
    text = str(cell).strip()
    if re.search(r"\d", text):
        return None
    return _spellings().get(_letters(text))


def close_to(cell) -> str:
    """The remedy for a word that is no category."""
    names = {_letters(row.name): row for row in categories().itertuples()}
    words = [*names, *(_letters(row.category) for row in names.values())]
    close = difflib.get_close_matches(_letters(cell), words, 3, 0.6)
    codes = list(dict.fromkeys(_spellings()[word] for word in close))
    if codes:
        table = categories().set_index("category")["name"]
        return f"Did you mean {' or '.join(f'{code} ({table[code]})' for code in codes)}?"
    return f"Use one of {', '.join(categories()['category'])}, or the full name."
