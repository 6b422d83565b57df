"""Charts of drought and of people: classes over the years, the index, and the fit behind it.

Every function returns a matplotlib ``Figure``; end a notebook cell with it to see it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ldnkit import pictures, tables
from ldnkit.charts import plain, thousands
from ldnkit.figures import INK, SOFT_INK, drawable, new_sheet, writing

BAR, CURVE, MARK = "#bfc9d1", "#762a83", "#b2182b"
#: More values than this are drawn as a line, not as bars.
MOST_BARS = 60


def stacked_years(
    frame: pd.DataFrame,
    *,
    column: str = "drought",
    value: str = "area_km2",
    year: str | list[str] = "year",
    palette="drought",
    percent: bool = True,
    title: str = "",
    unit: str = "",
    language: str = "en",
):
    """Classes of each year as one standing bar: shares, areas or persons.

    Parameters
    ----------
    frame : DataFrame
        Rows by year and class; rows of the same year and class are added up. Leave out the rows
        that shall not count (water, other zones) first.
    column : str
        The class column.
    value : str
        The column that is added up: ``"area_km2"``, ``"total"``, ``"female"``, ``"male"``.
    year : str or list of str
        The year column; for windows of years the two columns ``["first", "last"]``.
    palette : str or DataFrame
        As for :func:`ldnkit.maps.figure`. Drought classes stand with the worst at the bottom.
    percent : bool
        Shares of each bar in place of km² or persons.
    title, unit, language : str
        ``unit`` in place of %, km² or persons beside the upright axis.

    Returns
    -------
    matplotlib.figure.Figure
        No data is grey, on top. A year without rows is an empty place.

    Raises
    ------
    KeyError, ValueError
        A column that the table does not have, a class that the palette does not know, or
        nothing to add up.

    Examples
    --------
    >>> table = pd.DataFrame({"year": 2000, "drought": [0, 2], "area_km2": [75.0, 25.0]})
    >>> drawn = stacked_years(table)
    >>> [float(bar.get_height()) for bar in drawn.axes[0].patches if bar.get_height()]
    [25.0, 75.0]
    """
    words, fonts = writing(language)
    table = class_table(palette, words)
    sums = yearly(frame, column, value, year, list(table.index))
    if percent:
        sums = 100 * sums.div(sums.sum(axis=1).replace(0, np.nan), axis=0)
    order = [code for code in table.index if code != tables.NODATA]
    order = order[::-1] if isinstance(palette, str) and palette == "drought" else order
    sheet = new_sheet((9, 4))
    ax = sheet.add_subplot()
    places = sums.index if isinstance(year, str) else range(len(sums))
    bottom = np.zeros(len(sums))
    for code in [*order, tables.NODATA]:
        text, colour = table.loc[code]
        heights = sums[code].fillna(0).to_numpy()
        if code == tables.NODATA and not heights.any():
            continue
        ax.bar(
            places, heights, bottom=bottom, color=colour, label=text,
            edgecolor="#888888", linewidth=0.4, width=0.8,
        )  # fmt: skip
        bottom += heights
    texts = sums.index if isinstance(year, str) else [f"{a}–{b}" for a, b in sums.index]
    ax.set_xticks(places, texts, rotation=90 if len(sums) > 12 else 0)
    plain(ax, title, fonts)
    if percent:
        ax.set_ylim(0, 100)
    thousands(ax.yaxis, words)
    unit = unit or ("%" if percent else _unit(value, words))
    ax.set_ylabel(drawable(unit, fonts), fontfamily=fonts, color=INK)
    handles, labels = ax.get_legend_handles_labels()
    sheet.legend(
        handles[::-1], labels[::-1], loc="outside right upper", frameon=False,
        prop={"family": list(fonts), "size": 9}, labelcolor=INK,
    )  # fmt: skip
    return sheet


def class_table(palette, language: str) -> pd.DataFrame:
    """Label and colour by class code, no data last."""
    table = pictures.classes(palette, language).set_index("code")[["label", "colour"]]
    table.loc[tables.NODATA] = [tables.label("no_data", language), pictures.no_data_colour()]
    return table


def yearly(frame: pd.DataFrame, column: str, value: str, year, codes: list[int]) -> pd.DataFrame:
    """The column ``value`` added up: a row for every year or window, a column for every class.

    Years between the first and the last that the table does not have are rows of NaN.

    Raises
    ------
    KeyError, ValueError
        As for :func:`stacked_years`.
    """
    keys = [year] if isinstance(year, str) else list(year)
    missing = {*keys, column, value} - set(frame)
    if missing:
        raise KeyError(
            f"No column {', '.join(sorted(missing))}: found {', '.join(map(str, frame))}; "
            "choose from these."
        )
    strange = sorted(set(frame[column]) - set(codes))
    if strange:
        raise ValueError(
            f"The table holds classes that the palette does not know: found {strange[:9]}; "
            "choose the palette of this column."
        )
    if not frame[value].notna().any():
        raise ValueError(
            f"Nothing to add up: found no value in the column {value}; "
            "choose another column, or see whether the country gives this group."
        )
    sums = frame.groupby([*keys, column])[value].sum(min_count=1).unstack(column)
    sums = sums.reindex(columns=codes)
    if isinstance(year, str):
        sums = sums.reindex(range(int(sums.index.min()), int(sums.index.max()) + 1))
    return sums


def _unit(value: str, language: str) -> str:
    if value == "area_km2":
        return tables.label("unit.km2", language)
    return tables.label("unit.persons", language)


def fit(
    values,
    *,
    density: tuple,
    unit: str = "",
    title: str = "",
    marks: Mapping[str, float] | None = None,
    bins: int = 12,
    language: str = "en",
):
    """A histogram with the curve of a distribution over it; nothing is fitted here.

    Parameters
    ----------
    values : sequence of float
        NaN are left out. The bars together have the area 1.
    density : (x, y)
        The curve. Where a share q of the values is zero and the curve is of the others,
        multiply it by 1 - q, so that it agrees with the bars.
    unit : str
        Of the values, for example ``"mm"``.
    marks : mapping of name to value, optional
        Values shown by an upright line, for example ``{"2011": 412.0}``.
    bins : int
        How many bars.
    title, language : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        No value at all.

    Examples
    --------
    >>> drawn = fit([1.0, 2.0, 2.5], density=([0, 2, 4], [0.1, 0.4, 0.1]), unit="mm", bins=2)
    >>> bars = drawn.axes[0].patches
    >>> round(float(sum(bar.get_width() * bar.get_height() for bar in bars)), 6)
    1.0
    """
    words, fonts = writing(language)
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if not len(values):
        raise ValueError("A histogram needs values: found none; give those of the fit.")
    sheet = new_sheet((8, 3.6))
    ax = sheet.add_subplot()
    ax.hist(
        values, bins=bins, density=True, color=BAR, edgecolor="white",
        label=tables.label("map.fit_values", words),
    )  # fmt: skip
    ax.plot(*density, color=CURVE, lw=2, label=tables.label("map.fit_curve", words))
    top = ax.get_xaxis_transform()
    for place, (name, mark) in enumerate((marks or {}).items()):
        ax.axvline(mark, color=MARK, lw=1.3, ls="--")
        ax.annotate(
            drawable(str(name), fonts), (mark, 0.97 - 0.09 * (place % 3)), xycoords=top,
            xytext=(4, 0), textcoords="offset points", va="top", fontsize=9, color=MARK,
            fontfamily=fonts,
        )  # fmt: skip
    plain(ax, title, fonts)
    thousands(ax.xaxis, words)
    ax.set_xlabel(drawable(unit, fonts), fontfamily=fonts, color=INK)
    density_name = tables.label("map.fit_density", words)
    ax.set_ylabel(drawable(density_name, fonts), fontfamily=fonts, color=INK)
    sheet.legend(
        loc="outside lower center", ncols=2, frameon=False, prop={"family": list(fonts), "size": 9}
    )
    return sheet


def index_series(
    times,
    values,
    *,
    name: str = "SPI-12",
    limits: Mapping[int, float] | None = None,
    title: str = "",
    language: str = "en",
):
    """A drought index of one place over time, before bands in the colours of the classes.

    Parameters
    ----------
    times : sequence of int or dates
        Years, or months as dates.
    values : sequence of float
        NaN leave a gap.
    name : str
        The index; stands beside the upright axis.
    limits : mapping of class to upper limit, optional
        From mild to extreme; by default ``ldnkit/data/drought_classes.csv``.
    title, language : str

    Returns
    -------
    matplotlib.figure.Figure
        Bars for years; a line when there are many values.

    Raises
    ------
    ValueError
        Times and values of different length.

    Examples
    --------
    >>> drawn = index_series([2000, 2001], [0.4, -1.7])
    >>> [text.get_text() for text in drawn.axes[0].texts]
    ['No drought', 'Mild drought', 'Moderate drought', 'Severe drought', 'Extreme drought']
    """
    words, fonts = writing(language)
    times, values = np.asarray(times), np.asarray(values, float)
    if times.shape != values.shape:
        raise ValueError(
            f"Every value needs its time: found {times.size} times and {values.size} values; "
            "give as many of one as of the other."
        )
    reach = np.nanmax(np.abs(values), initial=0)
    reach = max(np.ceil(2 * reach) / 2, 2.5)
    sheet = new_sheet((9, 4))
    ax = sheet.add_subplot()
    _bands(ax, limits, reach, words, fonts)
    if len(times) > MOST_BARS or times.dtype.kind == "M":
        ax.plot(times, values, color=INK, lw=1.2)
    else:
        ax.bar(times, values, color="#3f4a54", edgecolor="white", linewidth=0.5, width=0.75)
        ax.set_xlim(times.min() - 0.7, times.max() + 0.7)
        ax.set_xticks(times, times, rotation=90 if len(times) > 12 else 0)
    ax.axhline(0, color=INK, lw=0.8)
    ax.set_ylim(-reach, reach)
    plain(ax, title, fonts)
    ax.set_ylabel(drawable(name, fonts), fontfamily=fonts, color=INK)
    return sheet


def _bands(ax, limits, reach: float, words, fonts) -> None:
    """A band for every drought class, with its name outside on the right."""
    if limits is None:
        table = tables.read("drought_classes").dropna(subset="upper")
        limits = dict(zip(table["code"], table["upper"], strict=True))
    uppers = [reach, *limits.values()]
    lowers = [*limits.values(), -reach]
    named = class_table("drought", words)
    for code, upper, lower in zip([0, *limits], uppers, lowers, strict=True):
        text, colour = named.loc[code]
        ax.axhspan(lower, upper, color=colour, alpha=0.55, lw=0, zorder=0)
        ax.annotate(
            text, (1.01, (lower + upper) / 2), xycoords=ax.get_yaxis_transform(), va="center",
            fontsize=9, color=SOFT_INK, fontfamily=fonts,
        )  # fmt: skip
