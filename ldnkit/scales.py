"""Colours of quantities: even scales, and counts in classes that grow tenfold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from ldnkit import numerals, tables

#: A count of nothing: near white, and not the grey of no data.
NOTHING = "#f6f3ee"
#: The paler part of a colour map is left out: it looks like nothing.
PALEST = 0.18


class Scale(NamedTuple):
    """Colours of a continuous layer, for example ``Scale("t/ha", limits=(0, 120))``.

    Without limits the colours run from the 2nd to the 98th percentile of the picture.
    """

    unit: str = ""
    limits: tuple[float, float] | None = None
    colormap: str = "viridis"


class Counts(NamedTuple):
    """Colours of a layer of counts in classes: nothing, below the first limit, … and above all.

    A limit belongs to the class that begins with it. ``additive`` says whether the values of
    cells may be added up: counts may, densities may not.
    """

    unit: str = ""
    limits: tuple[float, ...] = (1, 10, 100, 1000)
    colormap: str = "RdPu"
    additive: bool = True

    def classes(self, language: str = "en") -> pd.DataFrame:
        """Code, label and colour of each class.

        Examples
        --------
        >>> Counts("persons").classes()["label"].tolist()
        ['0', '< 1', '1–10', '10–100', '100–1,000', '≥ 1,000']
        """
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        texts = [numerals.short(limit, language) for limit in self.limits]
        between = [f"{low}–{high}" for low, high in zip(texts, texts[1:], strict=False)]
        labels = ["0", f"< {texts[0]}", *between, f"≥ {texts[-1]}"]
        shares = np.linspace(PALEST, 1, len(labels) - 1)
        colours = [NOTHING, *(to_hex(colormaps[self.colormap](share)) for share in shares)]
        return pd.DataFrame({"code": range(len(labels)), "label": labels, "colour": colours})

    def codes(self, values: np.ndarray, missing: np.ndarray) -> np.ndarray:
        """The class of each value.

        Raises
        ------
        ValueError
            A count below zero.

        Examples
        --------
        >>> values = np.array([0, 0.5, 1, 9.99, 1000])
        >>> Counts("persons").codes(values, np.isnan(values)).tolist()
        [0, 1, 2, 2, 5]
        """
        known = np.where(missing, 0, values)
        if (known < 0).any():
            raise ValueError(
                f"The layer cannot hold counts: found {numerals.short(known.min())}; "
                "use a Scale for values below zero, or mend the layer (a fill value?)."
            )
        return np.where(known == 0, 0, np.digitize(known, self.limits) + 1)


def persons(per: str = "cell", *, language: str = "en") -> Counts:
    """The palette of a layer of persons: 0, below 1, 1–10, 10–100, 100–1,000, 1,000 and more.

    Parameters
    ----------
    per : {"cell", "km2"}
        What the values are counted in: persons in a cell, or persons per km².
    language : str

    Returns
    -------
    Counts

    Raises
    ------
    ValueError
        Another unit.

    Examples
    --------
    >>> persons("km2").unit
    'persons per km²'
    """
    if per not in ("cell", "km2"):
        raise ValueError(
            f"Persons are counted per cell or per km2: found {per!r}; use one of them."
        )
    unit = tables.label(f"unit.persons_per_{per}", language)
    return Counts(unit, additive=per == "cell")
