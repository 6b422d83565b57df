"""The country: what its country.yml says, checked, with its boundary and its grid."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ldnkit import boundaries
from ldnkit.country_file import (
    AdditionalIndicators,
    Drought,
    Finance,
    KeyBiodiversityAreas,
    LandCover,
    Narrative,
    Population,
    Productivity,
    Region,
    Soil,
    Species,
    Statistic,
    Targets,
    VectorFile,
    Vulnerability,
    check,
)
from ldnkit.country_file.new import new
from ldnkit.country_file.numbers import GridChoice
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.outlines import TRAINING_ISO3
from ldnkit.periods import Cycle

__all__ = ["TRAINING", "Country", "new", "open_country"]

#: The name under which the training country is opened.
TRAINING = "landia"


@dataclass(frozen=True, eq=False)
class Country:
    """A country, read from its country.yml with :meth:`read`.

    Attributes
    ----------
    path, folder : Path
        The country file and its folder.
    iso3 : str
        Three-letter code.
    names : dict of language to str
        Use :meth:`name` for one.
    party : {"affected", "developed"}
        Type of country Party.
    cycle : Cycle
        The baseline and the reporting periods.
    method : {"manual", "trends.earth"}
        Whose choices are followed.
    parameters : dict
        Parameters of the method, with the changes of the country file.
    land_cover, productivity, soil : LandCover, Productivity, Soil or None
        The layers; None when the country file leaves them out.
    population : Population or None
        People by sex and year, as rasters or a census, and the official totals.
    drought : Drought or None
        Precipitation, a water balance or a ready drought index.
    vulnerability : Vulnerability or None
        Factors of the drought vulnerability index.
    statistics : dict of name to Statistic
        Official series that have a file: poverty, gini, water, red_list, protected.
    species : Species or None
        Assessments for a Red List Index of the country's own.
    key_biodiversity_areas : KeyBiodiversityAreas or None
        Polygons of key biodiversity areas and of protected areas.
    targets : Targets or None
        Voluntary targets, their polygons and actions.
    finance : Finance or None
        Activities, exchange rates, declared trends and needs.
    narrative : Narrative or None
        Answers of the implementation framework.
    additional_indicators : AdditionalIndicators or None
        Additional national indicators.
    regions : tuple of Region
        Regions with a transition matrix of their own.
    affected_area : VectorFile or None
        Polygons of the affected area.
    error_polygons : Path or None
        False positives and false negatives.
    hotspots, brightspots : Path or None
        Areas of decline and of improvement that the team names.
    answers : Path or None
        The team's own answers for the tables.
    platform, previous : Path or None
        Default figures of the platform and figures of the previous submission, for comparison.
    licence : str
        Licence of the submission; empty when the Party has not chosen one.
    licences : dict of section to str
        Licence of the data of a section, where the country file names it.
    earth_engine : dict or None
        ``{"project": id}`` when the team uses Google Earth Engine.
    boundary_file, boundary_rule
        The polygon file and which cells count ("centre" or "fraction").
    grid_choice : GridChoice
        Where the grid comes from.
    outputs : Path
        Folder of all results; those of this country are in :attr:`folder_results`.
    language : str
        Language of maps and tables.
    findings : tuple of Finding
        Warnings and remarks found when reading.
    """

    path: Path
    iso3: str
    names: dict[str, str]
    party: str
    cycle: Cycle
    method: str
    parameters: dict[str, object]
    boundary_file: VectorFile
    boundary_rule: str
    grid_choice: GridChoice
    land_cover: LandCover | None
    productivity: Productivity | None
    soil: Soil | None
    population: Population | None = None
    drought: Drought | None = None
    vulnerability: Vulnerability | None = None
    statistics: dict[str, Statistic] = field(default_factory=dict)
    species: Species | None = None
    key_biodiversity_areas: KeyBiodiversityAreas | None = None
    targets: Targets | None = None
    finance: Finance | None = None
    narrative: Narrative | None = None
    additional_indicators: AdditionalIndicators | None = None
    regions: tuple[Region, ...] = ()
    affected_area: VectorFile | None = None
    error_polygons: Path | None = None
    hotspots: Path | None = None
    brightspots: Path | None = None
    answers: Path | None = None
    platform: Path | None = None
    previous: Path | None = None
    licence: str = ""
    licences: dict[str, str] = field(default_factory=dict)
    earth_engine: dict[str, str] | None = None
    outputs: Path = Path("outputs")
    language: str = "en"
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    @classmethod
    def read(
        cls, path: str | Path, outputs: str | Path = "outputs", language: str = "en"
    ) -> Country:
        """Read and check a country file; every problem is reported at once.

        Parameters
        ----------
        path : str or Path
            A country.yml.
        outputs : str or Path
            Folder for results.
        language : {"en", "fr", "es", "ru", "ar", "zh"}
            Language of maps and tables.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        InputError
            The file has mistakes; ``findings`` has each with its line and remedy.

        Examples
        --------
        >>> country = Country.read("KEN/country.yml")  # doctest: +SKIP
        """
        path = Path(path).resolve()
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            found, remedy = "letters in another encoding", "Save the file as UTF-8."
            where = f"{path.name} line {line}"
            raise InputError([Finding("error", where, found, "UTF-8 text", remedy, "01")]) from None
        fields, findings = check(text, path.parent, path.name)
        remarks = stop_on_errors(findings)
        return cls(
            path=path,
            outputs=Path(outputs).resolve(),
            language=_known_language(language),
            findings=tuple(remarks),
            **fields,
        )

    def __repr__(self) -> str:
        training = ", fictional training country" if self.synthetic else ""
        return f"<Country {self.name()} ({self.iso3}{training}), {self.path}>"

    @property
    def folder(self) -> Path:
        """Folder of the country file, from which its paths begin."""
        return self.path.parent

    @property
    def folder_results(self) -> Path:
        """Folder of the results of this country: ``outputs/ISO3``."""
        return self.outputs / self.iso3

    @property
    def synthetic(self) -> bool:
        """Whether this is Landia, whose data are made up."""
        return self.iso3 == TRAINING_ISO3

    def name(self, language: str | None = None) -> str:
        """Name in a language (by default the country's own choice), else in English."""
        names = self.names
        first = next(iter(names.values()), self.iso3)
        return names.get(language or self.language) or names.get("en") or first

    @cached_property
    def boundary(self):
        """The boundary: GeoDataFrame with one row (iso3, name, geometry), EPSG:4326.

        A country across the 180° meridian has longitudes from 0 to 360.
        """
        import geopandas

        file = self.boundary_file
        geometry = boundaries.read_polygons(file.file, file.layer, where="boundary.file")
        row = {"iso3": self.iso3, "name": self.name()}
        shape = boundaries.across_180(geometry)
        return geopandas.GeoDataFrame([row], geometry=[shape], crs="EPSG:4326")

    @property
    def crosses_180(self) -> bool:
        """Whether longitudes run from 0 to 360."""
        return bool(self.boundary.total_bounds[2] > 180)

    def polygons(self, part: Region | VectorFile):
        """Geometry of a region or of the affected area, in the longitudes of the boundary."""
        where = getattr(part, "name", "affected_area")
        geometry = boundaries.read_polygons(part.file, part.layer, where=where)
        return boundaries.shift_west(geometry) if self.crosses_180 else geometry

    @cached_property
    def region_boundaries(self):
        """The regions: GeoDataFrame with number (from 1), name and geometry, EPSG:4326."""
        import geopandas

        numbers = range(1, len(self.regions) + 1)
        rows = {"number": list(numbers), "name": [region.name for region in self.regions]}
        shapes = [self.polygons(region) for region in self.regions]
        return geopandas.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")

    @cached_property
    def grid(self):
        """The grid of all layers, north up (odc.geo GeoBox), cells of the chosen raster.

        It covers the boundary; for a country across 180° it runs in 0 … 360.
        """
        geometry = self.boundary.geometry.iloc[0]
        choice = self.grid_choice
        if choice.resolution is not None:
            return boundaries.plain_grid(choice.resolution, choice.crs, geometry)
        for layer in dict.fromkeys([choice.layer, "productivity", "land_cover"]):
            file = self._first_raster(layer)
            if file is not None:
                return boundaries.raster_grid(file, geometry, where=f"{layer} (grid)")
        raise InputError(
            [
                Finding(
                    "error",
                    f"{self.path.name}: grid",
                    "no raster to take the grid from",
                    "productivity, land cover or a cell size",
                    "Write grid: {resolution: 0.0025, crs: EPSG:4326}, or add a layer.",
                    "01",
                )
            ]
        )

    def _first_raster(self, layer: str) -> Path | None:
        source = getattr(self, layer)
        files = [] if source is None else [*source.files.values()]
        files += [] if source is None else [*getattr(source, "lpd", {}).values()]
        return files[0] if files else None

    def window(self, rows: int = 500, columns: int = 500):
        """The middle of the grid for a lesson: at most ``rows`` × ``columns`` cells (GeoBox)."""
        return boundaries.middle(self.grid, rows, columns)


def _known_language(language: str) -> str:
    from ldnkit.tables import LANGUAGES

    if language not in LANGUAGES:
        raise ValueError(
            f"Unknown language: found {language!r}; use one of {', '.join(LANGUAGES)}."
        )
    return language


def open_country(
    country: str | Path = TRAINING, *, outputs: str | Path = "outputs", language: str = "en"
) -> Country:
    """Open a country: the training country, a country file, or the folder that holds one.

    Parameters
    ----------
    country : str or Path
        ``"landia"`` (or ``"XLD"``): the fictional training country with synthetic data, made in
        ``<outputs>/landia`` on first use. Otherwise the path of a country.yml or of its folder.
    outputs : str or Path
        Folder for results; those of a country are in ``<outputs>/<ISO3>``.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Language of maps and tables.

    Returns
    -------
    Country

    Raises
    ------
    FileNotFoundError
        The path does not exist, or the folder has no country.yml.
    InputError
        The country file has mistakes: all are listed.

    Examples
    --------
    >>> country = open_country("landia")  # doctest: +SKIP
    """
    path = Path(country)
    if str(country).lower() in (TRAINING, TRAINING_ISO3.lower()) and not path.is_file():
        path = _training_country(Path(outputs))
    elif path.is_dir():
        path = path / "country.yml"
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no country file: found nothing at {path}; give the path of a country.yml, "
            "'landia' for the training country, or make one: python workbook.py new ISO3."
        )
    return Country.read(path, outputs, language)


def _training_country(outputs: Path) -> Path:
    """country.yml of the training country; its files are made when absent or outdated."""
    from ldnkit import __version__
    from ldnkit.sources import sample

    folder = outputs / TRAINING
    version = str(getattr(sample, "VERSION", __version__))
    if _stamp(folder) == version and (folder / "country.yml").is_file():
        return folder / "country.yml"
    outputs.mkdir(parents=True, exist_ok=True)
    # made beside and then renamed, so that an interrupted run leaves no half country
    with tempfile.TemporaryDirectory(dir=outputs, prefix=".landia-") as temporary:
        made = Path(temporary) / TRAINING
        sample.make(made)
        (made / "version.txt").write_text(f"{version}\n", encoding="utf-8")
        _put_in_place(made, folder, Path(temporary) / "old")
    return folder / "country.yml"


def _put_in_place(made: Path, folder: Path, old: Path) -> None:
    """Move a finished folder to its place; another process may have been quicker."""
    try:
        if folder.exists():
            folder.replace(old)
        made.replace(folder)
    except OSError:
        if made.exists() and _stamp(folder) != _stamp(made):
            shutil.copytree(made, folder, dirs_exist_ok=True)


def _stamp(folder: Path) -> str:
    """The version that a folder of the training country holds, or nothing."""
    file = folder / "version.txt"
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
