"""What a report is: its tables, their figures, and what must still be said about them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.forms_layers import TRENDS
from ldnkit.findings import Finding
from ldnkit.messages import translate
from ldnkit.yearly_change import DIRECTIONS

#: Keys of rows and columns that are not classes.
NO_DATA, TOTAL = "no_data", "total"
#: Codes of a degradation layer -> row and column keys.
DEGRADATION = {-1: "degraded", 0: "stable", 1: "improved", tables.NODATA: NO_DATA}
#: Codes of the land productivity dynamics -> column keys.
DYNAMICS = {
    1: "declining",
    2: "moderate_decline",
    3: "stressed",
    4: "stable",
    5: "increasing",
    tables.NODATA: NO_DATA,
}
#: Codes of the drought classes -> row and column keys, in the order of the platform.
DROUGHT = {
    1: "mild",
    2: "moderate",
    3: "severe",
    4: "extreme",
    0: "no_drought",
    tables.NODATA: NO_DATA,
}
#: Classes that count as drought.
UNDER_DROUGHT = ("mild", "moderate", "severe", "extreme")
#: UNCCD class that is not land.
WATER = 7
#: Levels of confidence that SO1-4.T2 accepts.
CONFIDENCE = ("high", "medium", "low")
#: Answers to the questions of the implementation framework.
ANSWERS = ("yes", "no")
#: Columns in which the team chooses one of a few answers.
CHOICES = {"confidence": CONFIDENCE, "direction": DIRECTIONS, "trend": TRENDS, "answer": ANSWERS}

#: Groups of labels in which the wording of a key is sought, in this order.
LABEL_GROUPS = (
    *("", "column.", "degradation.", "land_cover.", "process.", "indicator.", "error_type."),
    *("confidence.", "method.", "report.", "form.", "form.IF.", "finance.", "target."),
)
#: Keys whose label goes by another name.
LABEL_NAMES = {name: f"lpd.{code}" for code, name in DYNAMICS.items() if code in (1, 2, 3, 5)}
LABEL_NAMES |= {name: f"drought.{name}" for name in UNDER_DROUGHT} | {"no_drought": "drought.none"}
SIGNED = re.compile(r"(?P<process>.*?) ?\((?P<sign>[−+])\)")


@dataclass(repr=False)
class Table:
    """One PRAIS table.

    Parameters
    ----------
    id, form : str
        As on the platform, for example ``"SO1-1.T4"`` of form ``"SO1-1"``.
    title_key : str
        Label of the title.
    unit : str
        Unit of the figures as in ``prais_tables.csv``: ``"km2"``, or ``"km2;percent"`` when
        shares stand beside areas.
    decimals : int
        Printed decimals.
    notebook : str
        Number of the notebook that fills the table.
    frame : DataFrame
        Exact figures, rows and columns by key (``"cropland"``, ``"2023"``, ``"no_data"``).
    printed : DataFrame
        The same, rounded so that totals add up.
    period : str
        The period or years the table speaks of.
    used : dict
        Nominal year -> year whose data stand in for it, where the two differ.
    spans : dict
        Period key -> its years as text.
    names : dict
        Row or column key -> name, where it is the country's own (national classes, regions).
    text : tuple of str
        Columns that hold text; all others hold figures.
    keyed : tuple of str
        Text columns that hold keys, which are shown in the reader's language.
    answers : tuple of str
        Columns that the team fills, not the computation.
    optional : tuple of str
        Columns that may stay empty.
    notes : list of str
        Remarks for the comments field.
    sources : list of dict
        Data source of each layer: layer, source (default or national), title, link, author,
        citation.
    fields : dict
        Single answers beside the grid, such as the tier.
    help : DataFrame, optional
        Figures for checking that are not pasted.
    printed_help : DataFrame, optional
        The same, rounded so that they add up; without it every figure is rounded by itself.
    """

    id: str
    form: str
    title_key: str
    unit: str
    decimals: int
    notebook: str
    frame: pd.DataFrame
    printed: pd.DataFrame | None = None
    period: str = ""
    used: dict[str, int] = field(default_factory=dict)
    spans: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    text: tuple[str, ...] = ()
    keyed: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    help: pd.DataFrame | None = None
    printed_help: pd.DataFrame | None = None

    def __repr__(self) -> str:
        return f"<Table {self.id}, {self.title}, {len(self.frame)} rows>"

    def _repr_html_(self) -> str:
        return self.labelled().to_html(index=False, na_rep="", border=0)

    @property
    def title(self) -> str:
        """The title in English."""
        return wording(self.title_key)

    @property
    def numbers(self) -> list[str]:
        """Columns that hold figures."""
        return [column for column in self.frame.columns if column not in self.text]

    def concerns(self, year: int | str) -> bool:
        """Whether a year is one of those of the table: single ones, or a span as 2000–2015."""
        spans = re.findall(r"(\d{4})(?:–(\d{4}))?", self.period)
        return any(int(first) <= int(year) <= int(last or first) for first, last in spans)

    def stated(self, text: str, language: str = "en") -> str:
        """A text that says which years were used, in another language."""
        for year in self.used.values():
            said = wording("year_used", language).format(year=year)
            text = text.replace(wording("year_used").format(year=year), said)
        return translate(text, language, whole=True)

    def unit_of(self, column: str) -> str:
        """Unit of a column: percent for shares, percentage points for their change."""
        if column == "change_share":
            return "percentage_points"
        if is_share(column):
            return "percent"
        return self.unit.split(";")[0]

    def decimals_of(self, column: str) -> int:
        """Printed decimals of a column: persons are whole."""
        return 0 if self.unit_of(column) == "persons" else self.decimals

    def decimals_by_place(self, frame: pd.DataFrame) -> list[int]:
        """Printed decimals of every column as it is shown: those of the rows' names come first."""
        levels = [self.decimals] * frame.index.nlevels
        return levels + [self.decimals_of(column) for column in frame.columns]

    def heading(self, key: Any, language: str = "en") -> str:
        """A row or column key in words, with the year used and the years of a period."""
        if key in self.names:
            return self.names[key]
        if key in self.used:
            used = wording("year_used", language).format(year=self.used[key])
            return f"{key} ({used})"
        if key in self.spans:
            name = "period.baseline" if key == "baseline" else "period.reporting"
            stated = [
                wording("year_used", language).format(year=used)
                for nominal, used in self.used.items()
                if nominal in self.spans[key]
            ]
            return f"{wording(name, language)} ({'; '.join([self.spans[key], *stated])})"
        text = wording(str(key), language)
        if text == key and "." in text:
            return ", ".join(self.heading(part, language) for part in text.split("."))
        return text

    def labelled(self, language: str = "en", *, exact: bool = False) -> pd.DataFrame:
        """The table as it is pasted: headings and rows in words, printed figures.

        Parameters
        ----------
        language : str
            One of the six languages.
        exact : bool
            Exact figures instead of printed ones.
        """
        return self._labelled(self.frame if exact else self.printed, language)

    def labelled_help(self, language: str = "en") -> pd.DataFrame | None:
        """The figures for checking in words, or None when the table needs none."""
        if self.help is None:
            return None
        printed = self.printed_help
        if printed is None:
            printed = self.help.round({name: self.decimals_of(name) for name in self.help})
        return self._labelled(printed, language)

    def _labelled(self, frame: pd.DataFrame, language: str) -> pd.DataFrame:
        columns = {}
        for level, name in enumerate(frame.index.names):
            keys = frame.index.get_level_values(level)
            columns[wording(name or "number", language)] = [
                self.heading(key, language) if isinstance(key, str) else key for key in keys
            ]
        for column in frame.columns:
            heading = self.heading(column, language)
            if self._shows_unit(column):
                heading = f"{heading} ({wording(f'unit.{self.unit_of(column)}', language)})"
            values = frame[column].tolist()
            if column == "comments":
                values = [self.stated(str(value), language) for value in values]
            if column in self.keyed:
                values = [
                    self._worded(value, language) if isinstance(value, str) else value
                    for value in values
                ]
            columns[heading] = values
        return pd.DataFrame(columns)

    def _shows_unit(self, column: str) -> bool:
        """Whether a heading needs its unit: the table has several, and this is no year."""
        if column in (*self.text, "change_area", "change_share") or column.endswith("_year"):
            return False
        return ";" in self.unit or self.unit_of(column) != self.unit

    def _worded(self, value: str, language: str) -> str:
        """A key, several keys, or a process with its sign, in words."""
        signed = SIGNED.fullmatch(value)
        if signed:
            process = self.heading(signed["process"], language)
            return f"{process} ({signed['sign']})".strip()
        if value in self.names:
            return self.names[value]
        return ", ".join(self.heading(part, language) for part in value.split(", "))


def is_share(column: str) -> bool:
    """Whether a column holds percent of a total."""
    return column.rpartition(".")[2] in ("share", "share_of_country", "share_of_land") or (
        column == "degraded_share"
    )


@functools.cache
def wording(key: str, language: str = "en") -> str:
    """The label of a key; a key without a label is its own wording."""
    known = _label_keys()
    name = LABEL_NAMES.get(key, key.replace(" ", "_"))
    for group in LABEL_GROUPS:
        if group + name in known:
            return tables.label(group + name, language)
    return key


@functools.cache
def _label_keys() -> frozenset[str]:
    return frozenset(tables.read("labels")["key"])


@dataclass
class Report:
    """The tables of a country with what was found while they were made.

    Parameters
    ----------
    country : Country
    tables : dict
        Table id -> :class:`Table`, in the order of the platform.
    findings : list of Finding
        Weak data that the computation reported; :func:`ldnkit.prais.check` gives the rules'.
    years : dict
        Layer -> nominal year -> year used, where the two differ.
    left_out : dict
        Table id -> what to do, for tables that the results are not enough for.
    area : {"country", "affected"}
        The whole country, or its affected area (forms AA).
    """

    country: Any
    tables: dict[str, Table] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    years: dict[str, dict[str, int]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    area: str = "country"

    def label(self, table_id: str) -> str:
        """Name of a table on the platform: those of the affected area begin with AA."""
        return f"AA-{table_id}" if self.area == "affected" else table_id

    def __getitem__(self, table_id: str) -> Table:
        if table_id not in self.tables:
            raise KeyError(
                f"No table {table_id} in this report: found {as_text(self.tables) or 'none'}; "
                "compute its indicator and build the report again."
            )
        return self.tables[table_id]

    def fill(self, table_id: str, row: Any, column: str, value: Any) -> None:
        """Write the team's own answer into one cell.

        Parameters
        ----------
        table_id : str
        row, column : str
            Keys of the cell, for example ``"2023"`` and ``"confidence"``.
        value : str or float

        Raises
        ------
        KeyError
            There is no such table, row or column.
        ValueError
            A confidence other than high, medium or low, a direction other than increase,
            decrease, no_change or unknown, a trend other than increasing, stable, declining or
            unknown, or text where a figure belongs.

        Examples
        --------
        >>> report.fill("SO1-4.T2", "2023", "confidence", "medium")  # doctest: +SKIP
        """
        table = self[table_id]
        frame = table.frame
        for kind, key, known in (("row", row, frame.index), ("column", column, frame.columns)):
            if key not in known:
                raise KeyError(f"No {kind} {key!r} in {table_id}: found {as_text(known)}.")
        if value not in CHOICES.get(column, (value,)):
            raise ValueError(
                f"Unknown {column}: found {value!r}; use one of {as_text(CHOICES[column])}."
            )
        if column not in table.text:
            try:
                value = float(value)
            except (TypeError, ValueError):
                raise ValueError(
                    f"{table_id}, {row}, {column}: found {value!r}; give a figure."
                ) from None
        frame.loc[row, column] = value
        if table.printed is not None:
            table.printed.loc[row, column] = value


def legend_of(country) -> pd.DataFrame:
    """The reporting legend of a country; without land cover the seven UNCCD classes."""
    return tables.legend() if country.land_cover is None else country.land_cover.legend


def water_keys(country) -> list[str]:
    """Keys of the classes that are not land."""
    legend = legend_of(country)
    return legend.loc[legend["unccd"] == WATER, "key"].tolist()


def as_text(values: Iterable[Any]) -> str:
    """Items in one line."""
    return ", ".join(str(value) for value in values)
