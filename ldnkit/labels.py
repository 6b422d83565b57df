"""Words and colours: the text of labels in six languages, the palettes of maps."""

from __future__ import annotations

import difflib
import functools

import pandas as pd

from ldnkit import csvfiles

#: Languages of the labels, the six official languages of the United Nations.
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")


def palette(name: str, language: str = "en") -> pd.DataFrame:
    """Colours of a map: code, key, label, colour. The last row is "no data".

    Raises
    ------
    KeyError
        Unknown palette; the message lists the known ones.

    Examples
    --------
    >>> palette("degradation")[["code", "colour"]].values.tolist()[0]
    [-1, '#9b2779']
    """
    table = csvfiles.packaged("palettes")
    chosen = table[table["palette"] == name].reset_index(drop=True)
    if chosen.empty:
        known = ", ".join(dict.fromkeys(table["palette"]))
        raise KeyError(f"Unknown palette: found {name!r}; use one of {known}.")
    chosen["label"] = [label(key, language) for key in chosen["key"]]
    return chosen[["code", "key", "label", "colour"]]


def label(key: str, language: str = "en") -> str:
    """The text of a label; English when the language has none.

    Raises
    ------
    KeyError
        Unknown key (the message shows close ones) or language.

    Examples
    --------
    >>> label("land_cover.water"), label("no_data", "fr")
    ('Water bodies', 'Absence de données')
    """
    texts = _labels()
    if language not in LANGUAGES:
        raise KeyError(f"Unknown language: found {language!r}; use one of {', '.join(LANGUAGES)}.")
    if key not in texts:
        close = difflib.get_close_matches(key, texts, n=3)
        hint = f"did you mean {', '.join(close)}" if close else "add it to ldnkit/data/labels.csv"
        raise KeyError(f"Unknown label: found {key!r}; {hint}.")
    return texts[key][language] or texts[key]["en"]


@functools.cache
def _labels() -> dict[str, dict[str, str]]:
    return csvfiles.packaged("labels").set_index("key")[list(LANGUAGES)].to_dict("index")
