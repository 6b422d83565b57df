"""The fields of the form that writes country.yml: labels, choices and first values."""

from __future__ import annotations

from ldnkit import tables
from ldnkit.country_file.finance_layers import DEFAULT_SHEETS
from ldnkit.country_file.forms_layers import SERIES, TRENDS
from ldnkit.country_file.layers import METADATA
from ldnkit.country_file.mappings import directions
from ldnkit.labels import label

#: Key of the label, choices (empty for free text), value to begin with.
Field = tuple[str, tuple[str, ...], object]
#: The choice that leaves a layer out for now.
NONE_YET = "none"
SOURCES = ("default", "national")
#: Sections for the layers, and the labels of their titles.
LAYERS = {
    "land_cover": "indicator.land_cover",
    "productivity": "indicator.productivity",
    "soil": "indicator.soil",
    "population": "indicator.population",
    "drought": "indicator.drought",
    "vulnerability": "country_form.section_vulnerability",
}
#: Sections for the tables; one without any entry is left out of the file.
FORMS = {
    "statistics": "indicator.statistics",
    "species": "country_form.section_species",
    "key_biodiversity_areas": "country_form.section_areas",
    "targets": "indicator.targets",
    "finance": "indicator.finance",
    "narrative": "preflight.indicator.narrative",
    "additional_indicators": "form.AI",
}
#: The source that a new section begins with, for those that have one.
START = dict.fromkeys(LAYERS, "default") | {
    "vulnerability": "national",
    "species": "national",
    "key_biodiversity_areas": "national",
    "targets": "default",
    "finance": "default",
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

#: Labels of choices; names of indices and numbers of tiers are the same in every language.
CHOICES = {
    NONE_YET: "country_form.none_yet",
    "affected": "site.affected",
    "developed": "site.developed",
    "manual": "overview.method_manual",
    "trends.earth": "overview.method_trends.earth",
    "default": "data.default",
    "national": "data.national",
    "counts": "unit.persons_per_cell",
    "density": "unit.persons_per_km2",
    "women and men": "country_form.choice_women_men",
    **{
        choice: f"country_form.choice_{choice}"
        for choice in (
            *("annual", "lpd", "reference", "stocks", "total", "census", "precipitation"),
            *("water_balance", "index", "factors", "month", "day", *TRENDS, *DEFAULT_SHEETS),
        )
    },
}


def _ways(layer: str) -> tuple[str, ...]:
    """The choices of the field ``kind`` of a layer."""
    return (*WAYS[layer], NONE_YET)


def _statistics() -> dict[str, Field]:
    """A file and the day of its release for each official series."""
    fields: dict[str, Field] = {}
    for name in SERIES:
        fields[f"statistics.{name}.file"] = (f"series_{name}", (), "")
        fields[f"statistics.{name}.release"] = ("release", (), "")
    return fields


def _trends() -> dict[str, Field]:
    """The declared trend of each form and direction of finance."""
    return {
        f"finance.trends.{form}.{direction}": ("trend", ("", *TRENDS), "")
        for form, known in directions().items()
        for direction in known
    }


#: Fields of the form; a key of a label without a dot begins with ``country_form.``.
FIELDS: dict[str, Field] = {
    "iso3": ("iso3", (), ""),
    "party": ("party", ("affected", "developed"), "affected"),
    "cycle": ("form.IF.section.reporting_process", (), 2026),
    "method": ("report.method", tuple(tables.METHODS), "manual"),
    "boundary.file": ("boundary_file", (), "boundary.gpkg"),
    "boundary.layer": ("boundary_layer", (), ""),
    "land_cover.files": ("land_cover_files", (), "land_cover/land_cover_{year}.tif"),
    "land_cover.years": ("years", (), "2000, 2015, 2016, 2019, 2023"),
    "land_cover.nesting": ("nesting", (), "esa_cci"),
    "land_cover.legend": ("legend", (), "unccd"),
    "land_cover.matrix": ("matrix", (), "unccd"),
    "productivity.kind": ("productivity_kind", _ways("productivity"), "annual"),
    "productivity.annual": ("yearly_files", (), "productivity/productivity_{year}.tif"),
    "productivity.years": ("years", (), "2000-2023"),
    "productivity.lpd": ("lpd", (), "productivity/lpd_{period}.tif"),
    "productivity.index": ("index", ("NDVI", "EVI", "EVI2", "MSAVI2", "NPP", "GPP"), "NDVI"),
    "productivity.scale": ("scale", (), "10000"),
    "productivity.units.soil": ("soil_units", (), "soil/soil_units.tif"),
    "soil.kind": ("soil_kind", _ways("soil"), "reference"),
    "soil.reference": ("soil_reference", (), "soil/soc_2000.tif"),
    "soil.stocks": ("soil_stocks", (), "soil/soc_{year}.tif"),
    "soil.climate": ("soil_climate", (), "soil/climate_zones.tif"),
    "soil.factor": ("soil_factor", (), ""),
    "soil.factors": ("soil_factors", (), "unccd"),
    "soil.tier": ("tier", ("1", "2", "3"), "1"),
    "population.kind": ("population_kind", _ways("population"), "women and men"),
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
    "drought.kind": ("drought_kind", _ways("drought"), "precipitation"),
    "drought.precipitation": ("precipitation", (), "climate/precipitation.nc"),
    "drought.water_balance": ("water_balance", (), "climate/water_balance.nc"),
    "drought.variable": ("variable", (), ""),
    "drought.time_step": ("time_step", ("month", "day"), "month"),
    "drought.index": ("drought_index", (), "drought/spi_{year}.tif"),
    "drought.years": ("years", (), ""),
    "drought.index_kind": ("index", ("SPI", "SPEI", "national"), "SPI"),
    "drought.index_scale": ("scale", (), "1000"),
    "vulnerability.kind": ("vulnerability_kind", _ways("vulnerability"), NONE_YET),
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
    **{
        f"{section}.source": ("column.data_source", SOURCES, start)
        for section, start in START.items()
    },
    **{
        f"{section}.metadata.{part}": ("metadata", (), "") for section in START for part in METADATA
    },
}


def words(name: str, language: str = "en") -> str:
    """The label of a field.

    Examples
    --------
    >>> words("soil.factor"), words("finance.trends.SO5-1.provided", "fr")
    ('One climate factor f', 'Tendance de SO5-1, Fournies')
    """
    key, *parts = FIELDS[name][0], *name.split(".")
    text = label(key if "." in key else f"country_form.{key}", language)
    if key == "trend":
        return text.format(form=parts[-2], direction=label(f"finance.{parts[-1]}", language))
    if key == "metadata":
        return text.format(part=label(f"metadata.{parts[-1]}", language))
    return text


def choices(name: str, language: str = "en") -> list[tuple[str, str]]:
    """What a field offers, as it is shown and as the country file holds it.

    Examples
    --------
    >>> choices("party", "fr")
    [('Pays Partie touché', 'affected'), ('Pays Partie développé', 'developed')]
    """
    keys = CHOICES | ({"national": "country_form.choice_national_index"} if "index" in name else {})
    return [
        (label(keys[choice], language) if choice in keys else choice, choice)
        for choice in FIELDS[name][1]
    ]
