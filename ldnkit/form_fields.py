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
    "iso3": ("iso3", (), ""),
    "party": ("party", ("affected", "developed"), "affected"),
    "cycle": ("Reporting process", (), 2026),
    "method": ("Method", tuple(tables.METHODS), "manual"),
    "boundary.file": ("boundary_file", (), "boundary.gpkg"),
    "boundary.layer": ("boundary_layer", (), ""),
    "land_cover.files": ("land_cover_files", (),
        "land_cover/land_cover_{year}.tif",
    ),
    "land_cover.years": ("years", (), "2000, 2015, 2016, 2019, 2023"),
    "land_cover.nesting": ("nesting", (),
        "esa_cci",
    ),
    "land_cover.legend": ("legend", (), "unccd"),
    "land_cover.matrix": ("matrix", (), "unccd"),
    "productivity.kind": ("Productivity comes as", _ways("productivity"), "annual"),
    "productivity.annual": ("yearly_files", (),
        "productivity/productivity_{year}.tif",
    ),
    "productivity.years": ("years", (), "2000-2023"),
    "productivity.lpd": ("lpd", (), "productivity/lpd_{period}.tif"),
    "productivity.index": ("index", ("NDVI", "EVI", "EVI2", "MSAVI2", "NPP", "GPP"), "NDVI"),
    "productivity.scale": ("scale", (), "10000"),
    "productivity.units.soil": ("soil_units", (), "soil/soil_units.tif"),
    "soil.kind": ("Soil carbon comes as", _ways("soil"), "reference"),
    "soil.reference": ("soil_reference", (), "soil/soc_2000.tif"),
    "soil.stocks": ("soil_stocks", (), "soil/soc_{year}.tif"),
    "soil.climate": ("soil_climate", (), "soil/climate_zones.tif"),
    "soil.factor": ("soil_factor", (), ""),
    "soil.factors": ("soil_factors", (), "unccd"),
    "soil.tier": ("tier", ("1", "2", "3"), "1"),
    "population.kind": ("Population comes as", _ways("population"), "women and men"),
    "population.female": ("women", (), "population/female_{year}.tif"),
    "population.male": ("men", (), "population/male_{year}.tif"),
    "population.total": ("people", (), "population/total_{year}.tif"),
    "population.sex_ratio": ("sex_ratio", (), ""),
    "population.years": ("years", (), ""),
    "population.unit": ("population_unit", ("counts", "density"), "counts"),
    "population.districts.file": ("districts", (), "population/districts.gpkg"),
    "population.districts.key": ("name_or_code", (), "code"),
    "population.table": ("census_table", (), "population/census.csv"),
    "population.weight": ("census_weight", (), ""),
    "population.national": ("official_figures", (), ""),
    "drought.kind": ("Drought comes as", _ways("drought"), "precipitation"),
    "drought.precipitation": ("precipitation", (), "climate/precipitation.nc"),
    "drought.water_balance": ("water_balance", (), "climate/water_balance.nc"),
    "drought.variable": ("variable", (), ""),
    "drought.time_step": ("time_step", ("month", "day"), "month"),
    "drought.index": ("drought_index", (), "drought/spi_{year}.tif"),
    "drought.years": ("years", (), ""),
    "drought.index_kind": ("index", ("SPI", "SPEI", "national"), "SPI"),
    "drought.index_scale": ("scale", (), "1000"),
    "vulnerability.kind": ("Vulnerability comes as", _ways("vulnerability"), NONE_YET),
    "vulnerability.factors": ("factors", (), "vulnerability/factors.csv"),
    "vulnerability.weights": ("weights", (), ""),
    "vulnerability.directions": ("directions", (), "unccd"),
    "vulnerability.units.file": ("units_file", (), ""),
    "vulnerability.units.key": ("name_column", (), ""),
    **_statistics(),
    "species.assessments": ("assessments", (), ""),
    "key_biodiversity_areas.sites.file": ("sites_file", (), ""),
    "key_biodiversity_areas.sites.key": ("name_column", (), ""),
    "key_biodiversity_areas.protected.file": ("protected_file", (), ""),
    "key_biodiversity_areas.protected.key": ("name_if_any", (), ""),
    "key_biodiversity_areas.protected.year": ("designation_year", (), ""),
    "targets.register": ("targets_register", (), ""),
    "targets.polygons.file": ("targets_polygons", (), ""),
    "targets.polygons.key": ("target_number", (), ""),
    "targets.actions": ("actions", (), ""),
    "targets.previous": ("previous_targets", (), ""),
    "targets.scenario": ("scenario", (), ""),
    "finance.activities": ("activities", (), ""),
    "finance.creditor_reporting_system": ("creditors", (), ""),
    "finance.exchange_rates": ("exchange_rates", (), ""),
    "finance.weighting.principal": ("principal", (), ""),
    "finance.weighting.significant": ("significant", (), ""),
    "finance.default_sheet": ("default_sheet", ("", *DEFAULT_SHEETS), ""),
    **_trends(),
    "finance.needs": ("needs", (), ""),
    "narrative.answers": ("answers", (), ""),
    "additional_indicators.register": ("indicators", (), ""),
    **{f"{section}.source": ("Data source", SOURCES, start) for section, start in START.items()},
    **{
        f"{section}.metadata.{part}": (f"National data: {part}", (), "")
        for section in START
        for part in METADATA
    },
}
