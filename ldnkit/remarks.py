"""What is said when the data of a country are weak or wrong for an indicator."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import degradation, tables
from ldnkit.findings import Finding

#: UNCCD class of water bodies.
WATER = 7


def no_land_cover(country) -> Finding:
    """Nothing can be computed without land cover."""
    return Finding(
        "error",
        f"{country.path.name}: land_cover",
        "no land cover",
        "maps of at least two years",
        "Add land_cover.files: every table needs to know what is land and water.",
        "02",
    )


def same_map(period, first, last, used) -> Finding:
    """A change between a map and itself is no change."""
    return Finding(
        "error",
        f"land_cover, {period}",
        f"the same map ({used}) for {first} and {last}",
        "two different years",
        "Add a map closer to one of these years, or set periods in country.yml.",
        "02",
    )


def replaced_years(title, used: Mapping[int, int]) -> list[Finding]:
    """A remark for every year that stands for others; years more than two away are a warning."""
    stands: dict[tuple[int, str], list[int]] = {}
    for year, instead in used.items():
        if year != instead:
            severity = "warning" if abs(year - instead) > 2 else "info"
            stands.setdefault((instead, severity), []).append(year)
    return [
        _replaced(severity, title, years, instead) for (instead, severity), years in stands.items()
    ]


def _replaced(severity, title, years, instead) -> Finding:
    said = ", ".join(map(str, years))
    several = len(years) > 1
    return Finding(
        severity,
        f"{title} {said}",
        f"no map of {said}; {instead} stands for {'them' if several else 'it'}",
        "a map of every year" if several else f"a map of {said}",
        f"State the year {instead} in the table, or add "
        + ("maps of these years." if several else f"a map of {said}."),
    )


def unknown_codes(country, found: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Codes of the maps that the nesting does not know: an error that lists them all."""
    findings = []
    unknown = found.pop("unknown", None)
    if unknown is not None:
        for year, rows in unknown.groupby("year"):
            codes = ", ".join(
                f"{row.code} ({row.area_km2:,.2f} km²)" for row in rows.itertuples(index=False)
            )
            findings.append(
                Finding(
                    "error",
                    f"land cover {year}",
                    f"codes that the nesting does not know: {codes}",
                    f"codes of the nesting {country.land_cover.nesting_name}",
                    "Add them to the nesting, or to land_cover.nodata when they mean no data.",
                    "02",
                )
            )
    cover = found.get("land_cover")
    outside = 0 if cover is None else cover.query("zone == 0")["area_km2"].sum()
    if outside:
        findings.append(
            Finding(
                "warning",
                "regions",
                f"{outside:,.2f} km² of the country in no region",
                "regions that cover the country",
                "Mend the region boundaries; the national matrix was used there.",
                "02",
            )
        )
    return findings


def short_windows(period, years) -> list[Finding]:
    """What is said when years of a window are missing."""
    findings = []
    for part, (first, last) in (
        ("trend", period.trend_years),
        ("history", period.history),
        ("recent", period.recent),
    ):
        missing = [year for year in range(first, last + 1) if year not in years]
        if missing and part == "trend" or len(missing) == last - first + 1:
            findings.append(
                Finding(
                    "warning" if len(missing) > 1 else "info",
                    f"productivity, {period.name}, {part} {first}–{last}",
                    f"no map of {', '.join(map(str, missing))}",
                    "a map of every year",
                    "The years that exist were used; add the missing ones if you can.",
                    "03",
                )
            )
    return findings


def climate_years(missing) -> Finding:
    """The climate correction lacks years."""
    return Finding(
        "warning",
        "productivity, climate",
        f"no climate of {', '.join(map(str, missing))}",
        "climate of every year of productivity",
        "The corrected trend leaves these years out; add their climate.",
        "03",
    )


def fewer_sub_indicators(absent) -> Finding:
    """SDG 15.3.1 rests on fewer than three sub-indicators."""
    used = [name.replace("_", " ") for name in degradation.SUB_INDICATORS if name not in absent]
    return Finding(
        "warning",
        "SDG 15.3.1",
        f"{len(used)} of three sub-indicators: {' and '.join(used)}",
        "three sub-indicators",
        "Say so in the report; the assessment rests on those that exist.",
        "05",
    )


def absent(what, notebook) -> Finding:
    return Finding(
        "warning",
        what,
        "no data in the country file",
        "a layer",
        "The tables say no data; add the layer when you have it.",
        notebook,
    )


def much_no_data(country, what, table, column, notebook) -> list[Finding]:
    """A warning for every period in which a large part of the land has no data."""
    limit = tables.constant("weak_no_data_share")
    legend = country.land_cover.legend
    water = legend.loc[legend["unccd"] == WATER, "code"]
    land = table[~table["land_cover"].isin(water)]
    findings = []
    for period, rows in land.groupby("period"):
        share = rows.loc[rows[column] == tables.NODATA, "area_km2"].sum() / rows["area_km2"].sum()
        if share * 100 > limit:
            findings.append(
                Finding(
                    "warning",
                    f"{what}, {period}",
                    f"no data on {share * 100:.1f} % of the land",
                    f"no data on at most {limit:g} %",
                    "Areas and shares of this period speak of a part of the land only: say so, "
                    "or do not report them.",
                    notebook,
                )
            )
    return findings


def polygons_without_cells(polygons, found) -> list[Finding]:
    """Error polygons that hold the centre of no cell correct nothing: say so."""
    if polygons is None:
        return []
    table = found.get("error_polygons")
    met = set() if table is None else set(table["polygon"])
    lost = [number for number in range(1, len(polygons) + 1) if number not in met]
    if not lost:
        return []
    return [
        Finding(
            "warning",
            "error polygons",
            f"{len(lost)} that hold the centre of no cell: number {', '.join(map(str, lost))}",
            "polygons larger than a cell, inside the country",
            "Draw them larger, or use a finer grid.",
            "06",
        )
    ]


# -------------------------------------------------------------- people and drought
def no_section(country, name, notebook) -> Finding:
    """An indicator needs a section that the country file leaves out."""
    return Finding(
        "error",
        f"{country.path.name}: {name}",
        f"no section {name}",
        "the section with its data",
        f"Add {name} to the country file; the example file has every key.",
        notebook,
    )


def people_outside(table) -> list[Finding]:
    """People whose cells, or parts of cells, lie outside the boundary."""
    totals = table[table["sex"] == "total"]
    persons = totals.pivot_table("persons", "year", "place", "sum", fill_value=0.0)
    year = persons.index.max()
    outside, inside = persons.loc[year, "outside"], persons.loc[year, "inside"]
    if inside <= 0:
        return [
            Finding(
                "error",
                f"population {year}",
                "no people inside the boundary",
                "people",
                "Check the rasters, their unit and their place.",
                "09",
            )
        ]
    share = 100 * outside / (inside + outside)
    if outside < 0.5:  # nobody but what rounding leaves
        return []
    return [
        Finding(
            "info",
            f"population {year}",
            f"{outside:,.0f} persons outside the boundary ({share:.2f} % of those in the rasters)",
            "people inside the boundary",
            "They are not in the tables: cells on the coast and the border lie partly outside, "
            "and a raster of several countries holds neighbours.",
            "09",
        )
    ]


def land_without_people(country, table) -> list[Finding]:
    """A warning when the rasters say nothing about a large part of the land."""
    limit = tables.constant("weak_no_data_share")
    rows = table[(table["year"] == table["year"].max()) & ~_is_water(country, table)]
    share = 100 * (1 - rows["known_km2"].sum() / max(rows["area_km2"].sum(), 1e-12))
    if share <= limit:
        return []
    return [
        Finding(
            "warning",
            f"population {table['year'].max()}",
            f"no data on {share:.1f} % of the land",
            f"no data on at most {limit:g} %",
            "Nobody is counted there. If the rasters leave out empty land this is right: say so; "
            "otherwise complete them.",
            "09",
        )
    ]


def _is_water(country, table):
    legend = country.land_cover.legend
    return table["land_cover"].isin(legend.loc[legend["unccd"] == WATER, "code"])


#: What is said of cells by the quality of their index: what was found, what to do.
_QUALITY = {
    1: (
        "more than a third of the sums of the reference period are zero",
        "The index is uncertain there: look at the map, and say it in the comments.",
    ),
    2: (
        "too few sums in the reference period",
        "There is no index there: use a longer or a more complete series.",
    ),
    3: (
        "the sums do not vary, or are all zero",
        "There is no index there: no distribution can be fitted.",
    ),
    4: ("some years without a sum", "These years say no data there: complete the series."),
}


def weak_index(found) -> list[Finding]:
    """Cells of the drought grid with a doubtful index, or with none."""
    table = found["quality"][found["quality"]["quality"] != tables.NODATA]
    area = table.groupby("quality")["area_km2"].sum()
    if not area.reindex([0, 1, 4]).sum():
        return [
            Finding(
                "error",
                "drought index",
                "no cell with an index",
                "an index in most cells",
                "Check the series: unit, years, no data.",
                "10",
            )
        ]
    return [
        Finding(
            "warning",
            "drought index",
            f"{what}: {100 * area[code] / area.sum():.1f} % of the area with data",
            "a series that varies, without gaps",
            remedy,
            "10",
        )
        for code, (what, remedy) in _QUALITY.items()
        if code in area
    ]


def land_without_index(country, found) -> list[Finding]:
    """A warning for the years in which a large part of the land has no drought class."""
    limit, table = tables.constant("weak_no_data_share"), found["drought"]
    land = table[~_is_water(country, table)]
    missing = land[land["drought"] == tables.NODATA].groupby("year")["area_km2"].sum()
    share = (100 * missing / land.groupby("year")["area_km2"].sum()).dropna()
    return _years_without("drought", share[share > limit], "of the land", limit, "10")


def people_without_index(table) -> list[Finding]:
    """A warning for the years in which many people live where there is no drought class."""
    limit = tables.constant("weak_no_data_share")
    missing = table[table["drought"] == tables.NODATA].groupby("year")["total"].sum()
    share = (100 * missing / table.groupby("year")["total"].sum()).dropna()
    return _years_without("people in drought", share[share > limit], "of the people", limit, "11")


def _years_without(what, shares, of, limit, notebook) -> list[Finding]:
    if not len(shares):
        return []
    listed = ", ".join(f"{year} ({share:.0f} %)" for year, share in shares.items())
    return [
        Finding(
            "warning",
            what,
            f"no data for more than {limit:g} % {of} in {listed}",
            "a drought class everywhere",
            "Shares of these years speak of a part only: complete the data, or say it.",
            notebook,
        )
    ]
