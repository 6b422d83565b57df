"""A new country folder: country.yml, an overview boundary, and folders that wait for files."""

from __future__ import annotations

from pathlib import Path

from ldnkit import outlines
from ldnkit.country_file.text import country_text
from ldnkit.periods import Cycle

FOLDERS = {
    "land_cover": """\
# Land cover

Put one raster per year here: land_cover_2000.tif, land_cover_2015.tif, land_cover_2016.tif,
land_cover_2019.tif, land_cover_2023.tif.
More years are welcome: soil organic carbon uses them.
The codes may be those of your product.
The key nesting in country.yml says how they join the seven UNCCD classes.
""",
    "productivity": """\
# Land productivity

Put one raster of yearly productivity per year here: productivity_2000.tif to
productivity_2023.tif.
NDVI is usually stored as whole numbers from 0 to 10 000: then scale is 10000 in country.yml.
""",
    "soil": """\
# Soil

Put here:
- soc_2000.tif: soil organic carbon of the year 2000, 0 to 30 cm, in tonnes per hectare;
- climate_zones.tif: IPCC climate zones, codes 0 to 12;
- soil_units.tif: soil units, any whole numbers; land productivity needs them.
""",
    "population": """\
# Population

Put one raster of women and girls, and one of men and boys, per year here:
female_2000.tif, male_2000.tif, and so on to 2023.
A cell holds persons. When it holds persons per km², write unit: density in country.yml.
Files by age group are welcome: write women_{age}_{year}.tif, and all groups are added up.
A census by district and the official national figures are possible, too: see country.yml.
""",
    "climate": """\
# Climate

Put monthly precipitation in mm here, from January 1981 to December 2023: precipitation.nc.
GeoTIFF files by month or year, a water balance or a ready drought index are possible, too:
see country.yml.
""",
    "vulnerability": """\
# Drought vulnerability

Put factors.csv here, with the columns year, factor, sex, unit, value.
sex: total, female or male. unit: national, or the name of a sub-national unit.
Then switch the section vulnerability on in country.yml.
""",
    "statistics": """\
# Official statistics

Put one file per series here: poverty.csv or gini.csv, water.csv, red_list.csv, protected.csv.
Files of the SDG database and of the World Bank are read as they are.
For a table of your statistical office, country.yml says where the columns are.
Write down the day of the release: values change from one release to the next.
Then switch the section statistics on in country.yml.
""",
    "species": """\
# Species

For a Red List Index of your own, put assessments.csv here,
with the columns species, year, category, share.
share is the part of the range inside the country, from 0 to 1.
Leave it empty for a national Red List.
Then switch the section species on in country.yml.
""",
    "kba": """\
# Key biodiversity areas

Put the polygons of the key biodiversity areas (sites.gpkg)
and of the protected areas (protected.gpkg) here.
Use the files for which your institution has a licence.
Then switch the section key_biodiversity_areas on in country.yml.
""",
    "targets": """\
# Targets and actions

Put the register of your voluntary targets here: targets.csv or targets.xlsx.
Put their polygons (targets.gpkg) and the actions on the ground (actions.csv) beside it.
Then switch the section targets on in country.yml.
""",
    "finance": """\
# Finance

Put the template with your activities here: activities.xlsx.
An export of the Creditor Reporting System, exchange rates and needs are possible, too.
Then switch the section finance on in country.yml.
""",
    "narrative": """\
# Narrative

Put your answers on the implementation framework here: answers.yml.
Then switch the section narrative on in country.yml.
""",
    "additional": """\
# Additional indicators

Put the register of your additional indicators here: indicators.csv.
Then switch the section additional_indicators on in country.yml.
""",
}


def new_values(iso3: str, *, boundary: bool = True) -> dict:
    """The values of a new country file, with the file names that its folders wait for.

    Parameters
    ----------
    iso3 : str
        Three-letter code of a country or territory.
    boundary : bool
        Whether a boundary file will be there.

    Raises
    ------
    ValueError
        Unknown code.

    Examples
    --------
    >>> new_values("KEN")["land_cover"]["nesting"]
    'esa_cci'
    """
    code = outlines.check_iso3(iso3)
    cycle = Cycle(2026)
    return {
        "schema": 1,
        "iso3": code,
        "name": outlines.names(code),
        "party": "affected",
        "cycle": cycle.year,
        "method": "manual",
        "boundary": {"file": "boundary.gpkg", "rule": "centre"},
        "grid": {"from": "productivity"},
        "regions": [],
        "land_cover": {
            "source": "default",
            "files": "land_cover/land_cover_{year}.tif",
            "years": list(cycle.land_cover_years),
            "nesting": "esa_cci",
            "legend": "unccd",
            "matrix": "unccd",
        },
        "productivity": {
            "source": "default",
            "annual": "productivity/productivity_{year}.tif",
            "years": f"{cycle.baseline.first}-{cycle.last.last}",
            "index": "NDVI",
            "scale": 10000,
            "units": {"soil": "soil/soil_units.tif", "land_cover": True},
        },
        "soil": {
            "source": "default",
            "reference": "soil/soc_2000.tif",
            "climate": "soil/climate_zones.tif",
            "factors": "unccd",
            "tier": 1,
        },
        "population": {
            "source": "default",
            "female": "population/female_{year}.tif",
            "male": "population/male_{year}.tif",
            "unit": "counts",
        },
        "drought": {
            "source": "default",
            "precipitation": "climate/precipitation.nc",
            "time_step": "month",
        },
    }


def new(iso3: str, folder: str | Path | None = None) -> Path:
    """Write a country file to begin with, fully explained, and an overview boundary.

    Parameters
    ----------
    iso3 : str
        Three-letter code.
    folder : str or Path, optional
        Folder to make; by default one with the code as its name.

    Returns
    -------
    Path
        The country.yml. Reading it lists what is still missing.

    Raises
    ------
    ValueError
        Unknown code (close ones are named), or XLD, the training country.
    FileExistsError
        There is a country.yml already; it is left alone.

    Examples
    --------
    >>> path = new("KEN")  # doctest: +SKIP
    """
    if str(iso3).strip().upper() in (outlines.TRAINING_ISO3, "LANDIA"):
        raise ValueError(
            "Landia is the fictional training country: found XLD; its files are made by "
            "themselves, use report without an argument (python workbook.py report)."
        )
    code = outlines.check_iso3(iso3)
    folder = Path(code if folder is None else folder)
    path = folder / "country.yml"
    return write_country(country_text(new_values(code)), path, code)


def write_country(text: str, path: Path, iso3: str = "") -> Path:
    """Write the text of a country file with its folders; never over an existing file.

    The packaged outline of ``iso3`` becomes ``boundary.gpkg`` when there is none yet.

    Raises
    ------
    FileExistsError
        The file exists.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(
            f"The country file exists already: found {path}; "
            "edit it, or move it away and ask again."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, readme in FOLDERS.items():
        sub_folder = path.parent / name
        sub_folder.mkdir(exist_ok=True)
        if not (sub_folder / "README.md").exists():
            (sub_folder / "README.md").write_text(readme, encoding="utf-8")
    boundary = path.parent / "boundary.gpkg"
    if iso3 and not boundary.exists() and outlines.countries().loc[iso3, "outline"]:
        outline = outlines.outline(iso3)
        outline.assign(note=outlines.DISCLAIMER).to_file(boundary, layer="boundary", driver="GPKG")
    # written last: an interrupted attempt may simply be repeated
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path
