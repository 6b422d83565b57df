"""The fields of the form that writes country.yml: labels, choices and first values."""

from __future__ import annotations

from ldnkit import tables
from ldnkit.country_file.finance_layers import DEFAULT_SHEETS
from ldnkit.country_file.forms_layers import TRENDS
from ldnkit.country_file.layers import METADATA
from ldnkit.country_file.mappings import directions

#: Label, choices (empty for free text), value to begin with.
Field = tuple[str, tuple[str, ...], object]
NONE_YET = "leave out for now"
SOURCES = ("default", "national")
LAYERS = {
    "land_cover": "Land cover",
    "productivity": "Productivity",
    "soil": "Soil",
    "population": "Population",
    "drought": "Drought",
    "vulnerability": "Drought vulnerability",
}
#: Sections for the tables; one without any entry is left out of the file.
FORMS = {
    "statistics": "Official statistics",
    "species": "Red List of your own",
    "key_biodiversity_areas": "Key biodiversity areas of your own",
    "targets": "Targets and actions",
    "finance": "Finance",
    "narrative": "Narrative",
    "additional_indicators": "Additional indicators",
}
#: The source that a new section begins with, for those that have one.
START = dict.fromkeys(LAYERS, "default") | {
    "vulnerability": "national",
    "species": "national",
    "key_biodiversity_areas": "national",
    "targets": "default",
    "finance": "default",
}
SERIES_LABELS = {
    "poverty": "Poverty (SDG 1.1.1)",
    "gini": "Gini index (World Bank)",
    "water": "Drinking water (SDG 6.1.1)",
    "red_list": "Red List Index (SDG 15.5.1)",
    "protected": "Protected areas (SDG 15.1.2)",
}
#: Keys that belong to one way to give a layer (a choice of ``kind``); the others are left out.
WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "productivity": {"annual": ("annual", "years", "scale", "index", "units"), "lpd": ("lpd",)},
    "soil": {"reference": ("reference", "climate", "factor"), "stocks": ("stocks", "years")},
    "population": {
        "women and men": ("female", "male", "years"),
        "total": ("total", "sex_ratio", "years"),
        "census": ("districts", "table", "weight"),
    },
    "drought": {
        "precipitation": ("precipitation", "variable", "time_step"),
        "water_balance": ("water_balance", "variable", "time_step"),
        "index": ("index", "years", "index_kind", "index_scale"),
    },
    "vulnerability": {"factors": ("factors", "weights", "directions", "units")},
}


def _ways(layer: str) -> tuple[str, ...]:
    """The choices of the field ``kind`` of a layer."""
    return (*WAYS[layer], NONE_YET)


def _statistics() -> dict[str, Field]:
    """A file and the day of its release for each official series."""
    fields: dict[str, Field] = {}
    for name, label in SERIES_LABELS.items():
        fields[f"statistics.{name}.file"] = (label, (), "")
        fields[f"statistics.{name}.release"] = ("Day of its release (2026-09-15)", (), "")
    return fields


def _trends() -> dict[str, Field]:
    """The declared trend of each form and direction of finance."""
    return {
        f"finance.trends.{form}.{direction}": (f"Trend of {form}, {direction}", ("", *TRENDS), "")
        for form, known in directions().items()
        for direction in known
    }


#: Fields of the form: label, choices (empty for free text), value to begin with.
FIELDS: dict[str, Field] = {
    "iso3": ("Country (type its name)", (), ""),
    "party": ("Type of Party", ("affected", "developed"), "affected"),
    "cycle": ("Reporting process", (), 2026),
    "method": ("Method", tuple(tables.METHODS), "manual"),
    "boundary.file": ("Boundary file", (), "boundary.gpkg"),
    "boundary.layer": ("Layer of the boundary file (if several)", (), ""),
    "land_cover.files": (
        "Land cover files, with {year}",
        (),
        "land_cover/land_cover_{year}.tif",
    ),
    "land_cover.years": ("Years (empty: all that exist)", (), "2000, 2015, 2016, 2019, 2023"),
    "land_cover.nesting": (
        "Nesting: esa_cci, glc_fcs30d, glad, unccd, or a CSV file",
        (),
        "esa_cci",
    ),
    "land_cover.legend": ("Legend: unccd or a CSV file", (), "unccd"),
    "land_cover.matrix": ("Transition matrix: unccd or a CSV file", (), "unccd"),
    "productivity.kind": ("Productivity comes as", _ways("productivity"), "annual"),
    "productivity.annual": (
        "Yearly files, with {year}",
        (),
        "productivity/productivity_{year}.tif",
    ),
    "productivity.years": ("Years (empty: all that exist)", (), "2000-2023"),
    "productivity.lpd": ("Or ready dynamics, with {period}", (), "productivity/lpd_{period}.tif"),
    "productivity.index": ("Index", ("NDVI", "EVI", "EVI2", "MSAVI2", "NPP", "GPP"), "NDVI"),
    "productivity.scale": ("Stored value of an index of 1", (), "10000"),
    "productivity.units.soil": ("Raster of soil units", (), "soil/soil_units.tif"),
    "soil.kind": ("Soil carbon comes as", _ways("soil"), "reference"),
    "soil.reference": ("Stock of 2000 (t/ha)", (), "soil/soc_2000.tif"),
    "soil.stocks": ("Or stocks by year, with {year}", (), "soil/soc_{year}.tif"),
    "soil.climate": ("Climate zones (or a factor below)", (), "soil/climate_zones.tif"),
    "soil.factor": ("One climate factor f", (), ""),
    "soil.factors": ("Conversion factors: unccd or a CSV file", (), "unccd"),
    "soil.tier": ("Tier", ("1", "2", "3"), "1"),
    "population.kind": ("Population comes as", _ways("population"), "women and men"),
    "population.female": ("Women, with {year}", (), "population/female_{year}.tif"),
    "population.male": ("Men, with {year}", (), "population/male_{year}.tif"),
    "population.total": ("Or all people, with {year}", (), "population/total_{year}.tif"),
    "population.sex_ratio": ("With total: males per 100 females", (), ""),
    "population.years": ("Years (empty: all that exist)", (), ""),
    "population.unit": ("Persons per cell, or per km²", ("counts", "density"), "counts"),
    "population.districts.file": ("Or a census: districts", (), "population/districts.gpkg"),
    "population.districts.key": ("Column with their name or code", (), "code"),
    "population.table": ("Persons per district (CSV file)", (), "population/census.csv"),
    "population.weight": ("Raster of where people live", (), ""),
    "population.national": ("Official figures (CSV file)", (), ""),
    "drought.kind": ("Drought comes as", _ways("drought"), "precipitation"),
    "drought.precipitation": ("Monthly precipitation (mm)", (), "climate/precipitation.nc"),
    "drought.water_balance": ("Or a water balance (mm)", (), "climate/water_balance.nc"),
    "drought.variable": ("Variable (if several)", (), ""),
    "drought.time_step": ("Time step", ("month", "day"), "month"),
    "drought.index": ("Or an index, with {year}", (), "drought/spi_{year}.tif"),
    "drought.years": ("Years (empty: all that exist)", (), ""),
    "drought.index_kind": ("Index", ("SPI", "SPEI", "national"), "SPI"),
    "drought.index_scale": ("Stored value of an index of 1", (), "1000"),
    "vulnerability.kind": ("Vulnerability comes as", _ways("vulnerability"), NONE_YET),
    "vulnerability.factors": ("Factors (CSV file)", (), "vulnerability/factors.csv"),
    "vulnerability.weights": ("Weights (CSV file)", (), ""),
    "vulnerability.directions": ("Directions: unccd or a CSV file", (), "unccd"),
    "vulnerability.units.file": ("Polygons of sub-national units", (), ""),
    "vulnerability.units.key": ("Column with their name", (), ""),
    **_statistics(),
    "species.assessments": ("Assessments (CSV file)", (), ""),
    "key_biodiversity_areas.sites.file": ("Polygons of the areas", (), ""),
    "key_biodiversity_areas.sites.key": ("Column with their name", (), ""),
    "key_biodiversity_areas.protected.file": ("Polygons of protected areas", (), ""),
    "key_biodiversity_areas.protected.key": ("Column with their name (if any)", (), ""),
    "key_biodiversity_areas.protected.year": ("Column with the year of designation", (), ""),
    "targets.register": ("Targets (CSV or XLSX file)", (), ""),
    "targets.polygons.file": ("Polygons of the targets", (), ""),
    "targets.polygons.key": ("Column with the number of the target", (), ""),
    "targets.actions": ("Actions (CSV or XLSX file)", (), ""),
    "targets.previous": ("Targets of the previous cycle", (), ""),
    "targets.scenario": ("Anticipated losses and gains (CSV file)", (), ""),
    "finance.activities": ("Activities (XLSX or CSV file)", (), ""),
    "finance.creditor_reporting_system": ("Creditor Reporting System (export)", (), ""),
    "finance.exchange_rates": ("Exchange rates (CSV file)", (), ""),
    "finance.weighting.principal": ("Weight of principal activities (0 to 1)", (), ""),
    "finance.weighting.significant": ("Weight of significant activities (0 to 1)", (), ""),
    "finance.default_sheet": ("The pre-filled sheet is", ("", *DEFAULT_SHEETS), ""),
    **_trends(),
    "finance.needs": ("Needs of support (CSV or XLSX file)", (), ""),
    "narrative.answers": ("Answers (YAML file)", (), ""),
    "additional_indicators.register": ("Indicators (CSV or XLSX file)", (), ""),
    **{f"{section}.source": ("Data source", SOURCES, start) for section, start in START.items()},
    **{
        f"{section}.metadata.{part}": (f"National data: {part}", (), "")
        for section in START
        for part in METADATA
    },
}
