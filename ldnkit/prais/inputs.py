"""What the tables are made from: the country, its classes and its cross-tables."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.layers import METADATA
from ldnkit.prais.report import NO_DATA, TOTAL, WATER, legend_of, wording


class Inputs:
    """Results of a country, read the way the tables need them.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result with its long tables.
    area : {"country", "affected"}
        Whose cells and people the tables show.
    """

    def __init__(self, country, results: Mapping, area: str = "country"):
        self.area = area
        self.country = country
        self.results = results
        self.cycle = country.cycle

    def table(self, indicator: str, name: str) -> pd.DataFrame:
        """A long table of a result.

        Raises
        ------
        KeyError
            The result has no such table; the message lists those it has.
        """
        found = self.results[indicator].tables
        if name not in found:
            raise KeyError(
                f"The result {indicator} has no table {name}: found {', '.join(found) or 'none'}; "
                f"compute {indicator} again."
            )
        return found[name] if self.area == "country" else self._affected(found, name)

    def _affected(self, found: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
        """The part of a long table that speaks of the affected area."""
        if name == "national":
            return found[name].iloc[:0]  # official figures speak of the whole country
        if f"{name}_affected" in found:
            return found[f"{name}_affected"]
        table = found[name]
        return table[table["affected"] == 1].drop(columns="affected")

    @functools.cached_property
    def legend(self) -> pd.DataFrame:
        return legend_of(self.country)

    @functools.cached_property
    def classes(self) -> dict[int, str]:
        """Code -> key of every class of the reporting legend, no data last."""
        return dict(zip(self.legend["code"], self.legend["key"], strict=True)) | {
            tables.NODATA: NO_DATA
        }

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """Key -> name of the country's own classes; UNCCD classes have labels."""
        named = zip(self.legend["key"], self.legend["name"], strict=True)
        return {key: name for key, name in named if wording(f"land_cover.{key}") != name}

    @functools.cached_property
    def water(self) -> frozenset[int]:
        """Codes of the classes that nest in water bodies."""
        return frozenset(self.legend.loc[self.legend["unccd"] == WATER, "code"].tolist())

    @functools.cached_property
    def land_classes(self) -> dict[int, str]:
        """Classes that are land; land cover that is not known counts as land."""
        return {code: key for code, key in self.classes.items() if code not in self.water}

    def land(self, frame: pd.DataFrame, column: str = "land_cover") -> pd.DataFrame:
        """The rows of a long table that are land."""
        return frame[~frame[column].isin(self.water)]

    @property
    def periods(self) -> tuple:
        """The two periods of most tables: the baseline and the reporting period."""
        return self.cycle.baseline, self.cycle.last

    @property
    def status_years(self) -> list[int]:
        return sorted({period.status_year for period in self.cycle.periods})

    @functools.cached_property
    def years_of_cover(self) -> list[int]:
        """Nominal years of the land cover cross-table."""
        pattern = re.compile(r"land_cover_(\d{4})")
        found = map(pattern.fullmatch, self.table("land_cover", "land_cover").columns)
        return sorted(int(match[1]) for match in found if match)

    @property
    def land_cover_years(self) -> list[int]:
        """Years of the table SO1-1.T4: those that it asks for and those that are compared."""
        first_years = {self.cycle.baseline.first, self.cycle.last.first}
        return sorted({*self.years_of_cover, *first_years, *self.status_years})

    def used(self, *indicators: str) -> dict[str, int]:
        """Nominal year -> year used, where they differ."""
        found = [self.results[name].years for name in indicators if name in self.results]
        return {
            str(nominal): used
            for years in found
            for nominal, used in years.items()
            if str(nominal) != str(used)
        }

    def spans(self, part: str | None = None) -> dict[str, str]:
        """Period key -> its years; with ``part="land_cover"`` the years that are compared."""
        spans = {}
        for period in self.cycle.periods:
            first, last = getattr(period, part) if part else (period.first, period.last)
            spans[period.name] = f"{first}–{last}"
        return spans

    def sources(self, *layers: str) -> list[dict[str, str]]:
        """Data source of layers, with the metadata that national data need."""
        rows = []
        for layer in layers:
            source = getattr(self.country, layer)
            if source is None:
                continue
            row = {"layer": layer, "source": source.source}
            rows.append(row | {name: getattr(source.metadata, name) for name in METADATA})
        return rows

    @functools.cached_property
    def regions(self) -> dict[int, str]:
        """Zone number -> name of its region; one zone when the country is not divided."""
        named = {number: region.name for number, region in enumerate(self.country.regions, 1)}
        return named or {1: "whole_country"}

    def zoned(self, long: pd.DataFrame) -> pd.DataFrame:
        """A long table whose zone is the number of its region; one zone without regions."""
        return long if self.country.regions else long.assign(zone=1)

    @functools.cached_property
    def matrices(self) -> pd.DataFrame:
        """The transition matrix of every zone: zone, from, to, sign, process."""
        chosen = [region.matrix for region in self.country.regions]
        chosen = chosen or [self.country.land_cover.matrix]
        frames = [matrix.assign(zone=zone) for zone, matrix in enumerate(chosen, 1)]
        return pd.concat(frames, ignore_index=True)


def areas_by(frame: pd.DataFrame, column: str, keys: Mapping[int, str]) -> pd.Series:
    """Area of every class of a column, with its total; classes without cells are 0."""
    sums = frame.groupby(column)["area_km2"].sum().reindex(list(keys), fill_value=0.0)
    sums.index = list(keys.values())
    sums[TOTAL] = frame["area_km2"].sum()
    return sums


def matrix_of(
    frame: pd.DataFrame,
    rows: str,
    columns: str,
    row_keys: Mapping[int, str],
    column_keys: Mapping[int, str],
) -> pd.DataFrame:
    """Area of every pair of classes of two columns, with totals.

    Totals are added up from the long table, not from the cells: a code that no class knows
    would be missing in the cells, and the rules would see it.
    """
    pairs = frame.groupby([rows, columns])["area_km2"].sum().unstack(columns, fill_value=0.0)
    pairs = pairs.reindex(index=list(row_keys), columns=list(column_keys), fill_value=0.0)
    pairs.index, pairs.columns = list(row_keys.values()), list(column_keys.values())
    pairs.loc[TOTAL] = areas_by(frame, columns, column_keys).drop(TOTAL)
    pairs[TOTAL] = areas_by(frame, rows, row_keys)
    return pairs.astype(float)
