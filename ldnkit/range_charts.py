"""A chart of ranges: how far reported figures move when one choice of the method is changed."""

from __future__ import annotations

import pandas as pd

from ldnkit import sensitivity, tables
from ldnkit.charts import plain
from ldnkit.figures import INK, drawable, new_sheet, writing

_SPAN, _POINT, _REPORTED = "#c2a5cf", "#762a83", "#1b1b1b"


def ranges(
    figures: pd.DataFrame,
    *,
    names: dict[str, str] | None = None,
    unit: str = "",
    title: str = "",
    language: str = "en",
):
    """One line per reported figure: its range over the variants, and every variant as a point.

    Parameters
    ----------
    figures : DataFrame
        Rows of :func:`ldnkit.sensitivity.run` for figures of one unit: variant, row, column,
        value. A line stands for each pair of row and column.
    names : dict, optional
        Text of each row, for example ``{"2015": "SDG 15.3.1, 2015"}``.
    unit, title, language : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        No rows, or no figure as reported.

    Examples
    --------
    >>> figures = pd.DataFrame({"variant": ["base", "alpha_0.01"], "table": "SO1-4.T2",
    ...     "row": "2015", "column": "share", "unit": "percent", "value": [18.0, 16.0]})
    >>> len(ranges(figures, unit="%").axes[0].lines)
    2
    """
    if not (figures["variant"] == sensitivity.BASE).any():
        raise ValueError(
            "There is nothing to compare with: found no variant 'base'; give the figures of "
            "sensitivity.run()."
        )
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    words, fonts = writing(language)
    groups = list(figures.dropna(subset=["value"]).groupby(["row", "column"], sort=False))
    sheet = new_sheet((8.4, 1.6 + 0.55 * len(groups)))
    ax = sheet.add_subplot()
    labels = []
    for place, ((row, _), group) in enumerate(groups):
        values = group.set_index("variant")["value"]
        base = values[sensitivity.BASE]
        others = values.drop(sensitivity.BASE)
        ax.barh(place, values.max() - values.min(), left=values.min(), height=0.35, color=_SPAN)
        ax.plot(others, [place] * len(others), "o", color=_POINT, markersize=4)
        ax.plot([base], [place], "D", color=_REPORTED, markersize=7)
        for variant, side in ((values.idxmin(), "right"), (values.idxmax(), "left")):
            if values[variant] != base:
                said = drawable(f" {sensitivity.label(variant, words)} ", fonts)
                ax.text(values[variant], place - 0.28, said, ha=side, va="bottom", fontsize=7,
                        color=INK, fontfamily=fonts)  # fmt: skip
        labels.append(drawable((names or {}).get(str(row), str(row)), fonts))
    ax.set_yticks(range(len(groups)), labels, fontfamily=fonts)
    ax.set_ylim(len(groups) - 0.5, -0.7)
    lowest, highest = figures["value"].min(), figures["value"].max()
    room = 0.6 * (highest - lowest) or 1.0
    ax.set_xlim(lowest - room, highest + room)  # room for the names of the variants
    plain(ax, title, fonts)
    ax.set_xlabel(unit, color=INK)
    reported = tables.label("sensitivity.reported", words)
    span = tables.label("sensitivity.chart", words)
    handles = [
        Line2D([], [], marker="D", linestyle="", color=_REPORTED, label=drawable(reported, fonts)),
        Patch(color=_SPAN, label=drawable(span, fonts)),
    ]
    sheet.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False,
                 prop={"family": list(fonts), "size": 8})  # fmt: skip
    return sheet
