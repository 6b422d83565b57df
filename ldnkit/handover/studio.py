"""Where the figures of a report are made: one look, small files, sentences that are computed."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Mapping

from ldnkit import maps, tables
from ldnkit.handover.document import Figure
from ldnkit.narrative.facts import facts
from ldnkit.prais.report import WATER, legend_of

#: Dots per inch, the first whose file is small enough; the last in any case.
SHARPNESS = (160, 130, 100, 75)
MOST_BYTES = 200_000
#: Colours of a picture: more than any palette has.
COLOURS = 256
#: Grids with more cells are described by their tables alone.
MOST_CELLS = 60_000_000


def png(sheet) -> bytes:
    """A matplotlib figure as a small PNG file; the figure is emptied.

    Examples
    --------
    >>> from matplotlib.figure import Figure as Sheet
    >>> png(Sheet((2, 1)))[1:4]
    b'PNG'
    """
    from PIL import Image

    for sharpness in SHARPNESS:
        drawn, small = io.BytesIO(), io.BytesIO()
        sheet.savefig(
            drawn, format="png", dpi=sharpness, bbox_inches="tight", pad_inches=0.08,
            facecolor="white", pil_kwargs={"compress_level": 1},
        )  # fmt: skip
        with Image.open(drawn) as image:
            # without dithering: a class keeps one colour
            plain = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            plain.save(small, "PNG", optimize=True, dpi=(sharpness, sharpness))
        if small.tell() <= MOST_BYTES:
            break
    sheet.clear()
    return small.getvalue()


class Studio:
    """What every figure of a report needs: the country, its results, its language.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result.
    report : Report
    language : str
    """

    def __init__(self, country, results: Mapping, report, language: str):
        self.country, self.results, self.report = country, results, report
        self.language, self.cycle = language, country.cycle
        self.name = country.name(language)
        self.number = 0
        #: Key of every figure that was made, in their order.
        self.made: list[str] = []

    def label(self, key: str, **values) -> str:
        text = tables.label(key, self.language)
        return text.format(**values) if values else text

    @functools.cached_property
    def drawn(self) -> dict:
        """Options of every map."""
        return {"boundary": self.country.boundary, **self.plain}

    @property
    def plain(self) -> dict:
        """Options of every map of units."""
        return {"language": self.language, "synthetic": bool(self.country.synthetic)}

    def has(self, *indicators: str) -> bool:
        return all(name in self.results for name in indicators)

    def layers(self, indicator: str) -> Mapping:
        return self.results[indicator].layers if indicator in self.results else {}

    def table(self, indicator: str, name: str):
        """A long table of a result; None when there is none."""
        found = self.results[indicator].tables if indicator in self.results else {}
        return found.get(name)

    @functools.cached_property
    def legend(self):
        return legend_of(self.country)

    @functools.cached_property
    def wet(self) -> list[int]:
        """Codes of the classes that are not land."""
        return self.legend.loc[self.legend["unccd"] == WATER, "code"].tolist()

    @functools.cached_property
    def classes(self):
        """The land cover classes as a palette: the packaged one, or the country's own legend."""
        section = self.country.land_cover
        own = section is not None and section.legend_name != "unccd"
        return self.legend if own else "land_cover"

    @functools.cached_property
    def class_names(self) -> dict[int, str]:
        from ldnkit import pictures

        return pictures.classes(self.classes, self.language).set_index("code")["label"].to_dict()

    def water(self, year: int):
        """The water of a year for a map: its land cover and the codes of water."""
        layer = self.layers("land_cover").get(f"land_cover_{year}")
        return None if layer is None else (layer, self.wet)

    def land(self, frame, column: str = "land_cover"):
        """The rows of a long table that are land."""
        return frame[~frame[column].isin(self.wet)]

    def year(self, indicator: str, year: int) -> str:
        """A year, with the one whose data stand in for it."""
        years = self.results[indicator].years if indicator in self.results else {}
        used = years.get(year, year)
        if used == year:
            return str(year)
        return f"{year} ({self.label('column.year_used', year=used)})"

    @functools.cached_property
    def zones(self):
        """Which cells are inside; None for grids too large to hold, or cells counted in parts."""
        from ldnkit import sources

        grid = self.country.grid
        if self.country.boundary_rule != "centre" or grid.shape[0] * grid.shape[1] > MOST_CELLS:
            return None
        return sources.load(self.country, "zones", window=grid)

    def describe(self, layer, table, *, name: str, column: str, palette, water=None) -> str:
        """The shares of the classes, and where most of what is degraded lies.

        From the map where the whole grid fits into memory, otherwise from the table, which has
        the same shares and no places.
        """
        options = {"name": name, "palette": palette, "language": self.language}
        if layer is None or self.zones is None:
            return maps.describe(table, column=column, **options)
        return maps.describe(layer, inside=self.zones, water=water, **options)

    @functools.cached_property
    def facts(self) -> dict[str, list[str]]:
        """Table -> sentences with its figures."""
        found = facts(self.report, language=self.language).drop_duplicates("text")
        return found.groupby("table", sort=False)["text"].agg(list).to_dict()

    def told(self, *ids: str) -> list[str]:
        """The sentences with figures of some tables."""
        return [text for name in ids for text in self.facts.get(name, [])]

    def figure(
        self, sheet, key: str, title: str, sentences: Iterable[str], *, chart: bool = False
    ) -> Figure:
        """A drawn figure as a block, with the next number."""
        self.number += 1
        self.made.append(key)
        sentences = tuple(text for text in sentences if text)
        kind = self.label("report.chart" if chart else "report.map")
        first = sentences[0] if sentences else ""
        alt = self.label("report.alt", kind=kind, title=title, name=self.name)
        return Figure(
            image=png(sheet),
            caption=self.label("report.figure", number=self.number, title=title),
            sentences=sentences,
            alt=f"{alt} {first}".strip(),
            key=key,
        )
