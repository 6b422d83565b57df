"""Charts beside the maps: time series, stacked areas and change matrices.

Every function returns a matplotlib ``Figure``; end a notebook cell with it to see it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ldnkit import numerals, pictures, tables
from ldnkit.figures import INK, SOFT_INK, drawable, new_sheet, writing

#: Colour and marker of each line of a chart: as many as can be told apart.
LOOKS = tuple(
    zip(
        ("#762a83", "#1b7837", "#e08214", "#2166ac", "#666666", "#b2182b", "#35978f", "#8c510a"),
        "os^DvPX*",
        strict=True,
    )
)
#: Names of lines that fit inside a chart; more stand below it.
INSIDE = 4


def series(
    years,
    values,
    *,
    title: str = "",
    unit: str = "",
    slope: float | None = None,
    spans: Mapping[str, tuple[int, int]] | None = None,
    gaps: bool = False,
    limits: tuple[float, float] | None = None,
    language: str = "en",
):
    """Values over the years for one place or several, with a trend line and marked spans.

    Parameters
    ----------
    years : sequence of int
    values : sequence of float, or mapping of name to such sequences
        Missing years are NaN and leave a gap. Eight lines at most.
    slope : float, optional
        Change per year; the line runs through the median as Theil and Sen put it.
    spans : mapping of name to (first year, last year), optional
        Shaded behind the line, for example ``{"Baseline": (2000, 2015)}``.
    gaps : bool
        Break the line, too, where years are left out of ``years``.
    limits : (lowest, highest), optional
        Ends of the upright axis, for example (0, 1) for an index.
    title, unit, language : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        More lines than can be told apart.

    Examples
    --------
    >>> drawn = series([2000, 2001, 2002], [0.4, 0.5, 0.6], slope=0.1, unit="NDVI")
    >>> drawn.axes[0].lines[-1].get_ydata().round(1).tolist()
    [0.4, 0.6]
    """
    from matplotlib.ticker import MaxNLocator

    words, fonts = writing(language)
    years = np.asarray(years)
    many = values if isinstance(values, Mapping) else {"": values}
    if len(many) > len(LOOKS):
        raise ValueError(
            f"So many lines cannot be told apart: found {len(many)}; "
            f"choose {len(LOOKS)} at most, or draw several charts."
        )
    below = len(many) > INSIDE
    sheet = new_sheet((8, 4.4 if below else 3.4))
    ax = sheet.add_subplot()
    for place, (name, (first, last)) in enumerate((spans or {}).items()):
        ax.axvspan(first - 0.5, last + 0.5, color="#000000", alpha=0.05 + 0.05 * (place % 2), lw=0)
        middle, height = (first + last) / 2, ax.get_xaxis_transform()
        label = drawable(name, fonts)
        ax.text(
            middle, 0.97 - 0.08 * (place % 2), label, transform=height, fontsize=8,
            ha="center", va="top", color=SOFT_INK, fontfamily=fonts,
        )  # fmt: skip
    for (name, points), (colour, marker) in zip(many.items(), LOOKS, strict=False):
        label = drawable(str(name), fonts) or None
        where, points = _with_gaps(years, points) if gaps else (years, points)
        ax.plot(where, points, color=colour, marker=marker, ms=4.5, lw=1.2, label=label)
    if slope is not None:
        points = np.asarray(next(iter(many.values())), float)
        start = np.nanmedian(points - slope * years)
        ends = np.array([years.min(), years.max()])
        text = tables.label("map.slope", words).format(slope=f"{slope:+.4g}")
        ax.plot(ends, start + slope * ends, color=INK, lw=1.5, ls="--", label=text)
    handles, names = ax.get_legend_handles_labels()
    if handles:
        where = {"loc": "outside lower center", "ncols": 2} if below else {}
        prop = {"family": list(fonts), "size": 8}
        (sheet if below else ax).legend(handles, names, frameon=False, prop=prop, **where)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    plain(ax, title, fonts)
    if limits is not None:
        ax.set_ylim(*limits)
    thousands(ax.yaxis, words)
    ax.set_ylabel(drawable(unit, fonts), fontfamily=fonts, color=INK)
    return sheet


def _with_gaps(years, points) -> tuple[np.ndarray, np.ndarray]:
    """Every year from the first to the last; NaN for those without a value."""
    known = pd.Series(np.asarray(points, float), index=years)
    known = known.reindex(range(int(years.min()), int(years.max()) + 1))
    return known.index.to_numpy(), known.to_numpy()


def thousands(axis, language: str) -> None:
    """Large numbers along an axis as people write them, 1,000,000 and not 1e6."""
    from matplotlib.ticker import FuncFormatter

    low, high = axis.get_view_interval()
    if max(abs(low), abs(high)) >= 1000:
        axis.set_major_formatter(FuncFormatter(lambda value, _: numerals.short(value, language)))


def plain(ax, title: str, fonts) -> None:
    """A chart without ornament, with its heading on the left."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8, colors=SOFT_INK)
    if drawable(title, fonts):
        ax.set_title(title, fontfamily=fonts, fontsize=11, color=INK, loc="left")


def bars(
    frame: pd.DataFrame,
    *,
    column: str | list[str],
    by: str | None = None,
    palette,
    area: str = "area_km2",
    percent: bool = False,
    names: Mapping | None = None,
    title: str = "",
    language: str = "en",
):
    """Area of each class as stacked bars, one bar for each period, zone or column.

    Parameters
    ----------
    frame : DataFrame
        A cross-table: class columns and an area column.
    column : str or list of str
        The class column; with a list, each column is a bar of its own.
    by : str, optional
        Column whose values are the bars, for example ``"period"``.
    palette : str or DataFrame
        As for :func:`figure`.
    area : str
        The column that is summed, km².
    percent : bool
        Shares of each bar in place of km².
    names : mapping, optional
        Text of each bar, for example ``{"sdg_baseline": "2000–2015"}``.
    title, language : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    KeyError
        A column that the table does not have.

    Examples
    --------
    >>> table = pd.DataFrame({"sdg": [-1, 0], "area_km2": [25.0, 75.0]})
    >>> drawn = bars(table, column="sdg", palette="degradation", percent=True)
    >>> [float(patch.get_width()) for patch in drawn.axes[0].patches]
    [25.0, 75.0, 0.0]
    """
    words, fonts = writing(language)
    sums = _sums(frame, column, by, area)
    table = pictures.classes(palette, words).set_index("code")
    if tables.NODATA in sums:
        table.loc[tables.NODATA] = [tables.label("no_data", words), pictures.no_data_colour()]
    sums = sums.reindex(columns=table.index, fill_value=0.0)
    if percent:
        sums = 100 * sums.div(sums.sum(axis=1), axis=0)
    sheet = new_sheet((8, 1.4 + 0.55 * len(sums)))
    ax = sheet.add_subplot()
    rows = [drawable(str((names or {}).get(row, row)), fonts) for row in sums.index]
    left = np.zeros(len(sums))
    for code, (text, colour) in table.iterrows():
        widths = sums[code].to_numpy()
        ax.barh(
            range(len(rows)), widths, left=left, color=colour, label=text,
            edgecolor="#888888", linewidth=0.4, height=0.7,
        )  # fmt: skip
        left += widths
    ax.set_yticks(range(len(rows)), rows, fontfamily=fonts)
    ax.invert_yaxis()
    plain(ax, title, fonts)
    ax.set_xlabel("%" if percent else "km²", color=INK)
    handles = ax.get_legend_handles_labels()
    sheet.legend(
        *handles, loc="outside lower center", ncols=min(len(table), 4), frameon=False,
        prop={"family": list(fonts), "size": 8},
    )  # fmt: skip
    return sheet


def _sums(frame, column, by, area) -> pd.DataFrame:
    """Area by bar (rows) and class (columns)."""
    if isinstance(column, str):
        bar = frame[by] if by else pd.Series("", index=frame.index)
        sums = frame.groupby([bar, frame[column]], sort=False)[area].sum().unstack(fill_value=0.0)
        return sums.loc[list(dict.fromkeys(bar))]
    rows = {name: frame.groupby(name)[area].sum() for name in column}
    return pd.DataFrame(rows).T.fillna(0.0)


def matrix(
    frame: pd.DataFrame,
    *,
    first: str,
    last: str,
    palette="land_cover",
    area: str = "area_km2",
    signs: pd.DataFrame | None = None,
    names: Mapping | None = None,
    title: str = "",
    language: str = "en",
):
    """Change matrix: area of every class in the first year (rows) by class in the last year.

    Parameters
    ----------
    frame : DataFrame
        A cross-table with the class columns ``first`` and ``last``.
    signs : DataFrame, optional
        from, to, sign (:func:`ldnkit.tables.transition_matrix`): cells are then coloured as
        degraded, stable or improved; otherwise by their share of the row, unchanged land grey.
    names : mapping, optional
        Text for ``first`` and ``last``, for example ``{"land_cover_2000": "2000"}``.
    palette, area, title, language
        As for :func:`bars`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 1], "b": [1, 2], "area_km2": [9.0, 1.0]})
    >>> drawn = matrix(table, first="a", last="b")
    >>> [text.get_text() for text in drawn.axes[0].texts[:2]]
    ['9.0', '1.0']
    """
    from matplotlib.patches import Rectangle

    words, fonts = writing(language)
    table = pictures.classes(palette, words).set_index("code")["label"]
    codes = list(table.index)
    cells = frame.groupby([first, last])[area].sum().unstack(fill_value=0.0)
    cells = cells.reindex(index=codes, columns=codes, fill_value=0.0)
    shares = cells.div(cells.sum(axis=1).replace(0, np.nan), axis=0).fillna(0)
    sheet = new_sheet((1.15 * len(codes) + 2.2, 0.55 * len(codes) + 2.0))
    ax = sheet.add_subplot()
    for row, start in enumerate(codes):
        for place, end in enumerate(codes):
            colour = _cell_colour(start, end, shares.at[start, end], signs)
            ax.add_patch(
                Rectangle((place - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor="white")
            )
            ax.text(
                place, row, f"{cells.at[start, end]:,.1f}" if cells.at[start, end] else "–",
                ha="center", va="center", fontsize=8, color=INK,
            )  # fmt: skip
    ax.set(xlim=(-0.5, len(codes) - 0.5), ylim=(len(codes) - 0.5, -0.5))
    ax.set_xticks(range(len(codes)), table, fontfamily=fonts, rotation=30, ha="right")
    ax.set_yticks(range(len(codes)), table, fontfamily=fonts)
    plain(ax, title, fonts)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    for side, column in ((ax.set_xlabel, last), (ax.set_ylabel, first)):
        text = drawable(str((names or {}).get(column, column)), fonts)
        side(f"{text} (km²)", color=INK, fontfamily=fonts)
    return sheet


def _cell_colour(start, end, share: float, signs) -> str:
    """A pale colour that leaves the number readable."""
    if signs is None:
        if start == end:
            return "#ececec"
        strong, weight = "#762a83", min(share * 4, 1) * 0.45
    else:
        colours = tables.palette("degradation").set_index("code")["colour"]
        known = signs.set_index(["from", "to"])["sign"]
        strong, weight = colours[known[start, end]], 0.4
    return tuple(1 - weight * (1 - part / 255) for part in pictures.rgba(strong)[:3])
