"""The report as one package on disk: made beside the last good one, checked, then put in place."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ldnkit
from ldnkit import __version__, prais, tables
from ldnkit.findings import Finding, InputError
from ldnkit.handover import manifest, swap
from ldnkit.handover.contents import Contents, findings_of

#: Held while a package is made or put in place; the system frees it when a process ends.
LOCK = ".report.lock"
#: Files of the package ldnkit that decide what is written.
CODE = (".py", ".csv")


@dataclass(frozen=True)
class Package:
    """A report on disk.

    Parameters
    ----------
    paths : dict of str to Path
        ``folder``, ``zip``, and each file by its path in the folder.
    findings : list of Finding
        Open points of the tables; a report may be written with some.
    report : prais.Report
        The tables of the whole country.
    reused : bool
        Whether the package on disk was still fresh.
    """

    paths: dict[str, Path] = field(repr=False)
    findings: list[Finding] = field(repr=False)
    report: Any = field(repr=False)
    reused: bool = False

    @property
    def folder(self) -> Path:
        """The folder of the report."""
        return self.paths["folder"]

    @property
    def archive(self) -> Path:
        """The zip file."""
        return self.paths["zip"]


def package(
    country,
    *,
    language: str | None = None,
    folder: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    documents: bool = True,
    reuse: bool = False,
) -> Package:
    """Write the report: tables, documents, maps, polygons, provenance, and one zip file of all.

    Everything is made in a folder beside the last good report, checked against its list of
    files, and then put in its place. A run that fails or is stopped leaves the last good report.

    Parameters
    ----------
    country : Country
        Its results are computed already; those that are not are left out.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        By default that of the country.
    folder : path, optional
        By default ``country.folder_results``: the report goes to ``report`` in it.
    progress : callable, optional
        Called before each part with its name, the number of parts done and of all.
    documents : bool
        Also write the national report as DOCX, HTML and PDF, which takes longest.
    reuse : bool
        Leave a package as it is that was made from the same and is whole.

    Returns
    -------
    Package

    Raises
    ------
    OSError
        Too little room on the disk, or it is full.
    PermissionError
        A file of the earlier report is open in another program.
    InputError
        There are no results, or the package does not agree with its list of files.

    Examples
    --------
    >>> import ldnkit
    >>> from ldnkit import handover
    >>> country = ldnkit.open_country("landia")  # doctest: +SKIP
    >>> handover.package(country).archive.name  # doctest: +SKIP
    'report_XLD_2026.zip'
    """
    from filelock import FileLock

    folder = Path(country.folder_results if folder is None else folder)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / LOCK):
        swap.recover(folder)
        results = _results(country)
        language = language or country.language
        key = _key(country, results, language, documents)
        if reuse and _is_fresh(folder, country, key):
            return _kept(country, results, folder)
        _room(results, folder)
        made = swap.staging(folder)
        made_zip = folder / f"{made.name}.zip.part"
        options = {"language": language, "when": _now(), "key": key, "documents": documents}
        try:
            contents = Contents(
                country, results, made, earlier=_earlier(folder, country), **options
            )
            _make(contents, made, made_zip, progress)
            report, archive = swap.put_in_place(made, made_zip)
        finally:
            shutil.rmtree(made, ignore_errors=True)
            made_zip.unlink(missing_ok=True)
    findings = _long_paths(report) + contents.findings
    return Package(_paths(report, archive), findings, contents.report)


def _results(country) -> dict:
    """The results that are fresh.

    Raises
    ------
    InputError
        There are none: an empty report never takes the place of a good one.
    """
    results = ldnkit.results(country)
    if not results:
        remedy = "Compute the indicators first: python workbook.py report does it."
        found, expected = "no result that is fresh", "results of at least one indicator"
        raise InputError([Finding("error", "report", found, expected, remedy, "17")])
    return results


def _paths(report: Path, archive: Path) -> dict[str, Path]:
    files = {name: path for name, path in manifest.files_in(report)}
    return {"folder": report, "zip": archive} | files


def _key(country, results, language: str, documents: bool) -> str:
    """Fingerprint of what a package is made from: results, sheets, country file, code."""
    digest = hashlib.sha256(repr((__version__, language, documents)).encode())
    digest.update(json.dumps({name: result.key for name, result in results.items()}).encode())
    sheets = [country.answers, country.platform, country.previous, country.error_polygons]
    sheets += [getattr(country, name, None) for name in ("hotspots", "brightspots")]
    data = [path for path in Path(__file__).parents[1].rglob("*") if path.suffix in CODE]
    for path in [Path(country.path), *filter(None, sheets), *sorted(data)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_fresh(folder: Path, country, key: str) -> bool:
    """Whether folder and zip file were made from the same, agree and are whole."""
    report = folder / swap.REPORT
    archive = folder / f"report_{country.iso3}_{country.cycle.year}.zip"
    content = manifest.read(report)
    if content.get("key") != key or content != manifest.read(archive):
        return False
    return not manifest.verify(report) and not manifest.verify(archive)


def _kept(country, results, folder: Path) -> Package:
    """The package that is there, with its findings."""
    content = manifest.read(folder / swap.REPORT)
    report = prais.build(country, results)
    findings = findings_of(report)
    if country.affected_area is not None:
        findings += findings_of(prais.build(country, results, area="affected"))
    paths = _paths(folder / swap.REPORT, folder / content["archive"])
    return Package(paths, _long_paths(folder / swap.REPORT) + findings, report, reused=True)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _make(contents, made: Path, made_zip: Path, progress) -> None:
    """All parts, the zip file, and the check of both."""
    parts = [*contents.parts(), ("zip file", lambda: swap.pack(made, made_zip))]
    for number, (name, part) in enumerate(parts):
        if progress is not None:
            progress(name, number, len(parts))
        with warnings.catch_warnings(), _told(name):  # the findings are in the report
            warnings.simplefilter("ignore", UserWarning)
            part()
    spoilt = [*manifest.verify(made), *manifest.verify(made_zip)]
    if spoilt:
        raise InputError(spoilt)
    if progress is not None:
        progress("", len(parts), len(parts))


@contextmanager
def _told(part: str):
    """Problems of the libraries that write files are problems of the disk, told in three parts.

    Raises
    ------
    OSError
    """
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
    from rasterio.errors import RasterioError
    from xlsxwriter.exceptions import XlsxWriterException

    try:
        yield
    except (
        XlsxWriterException,
        RasterioError,
        DataSourceError,
        DataLayerError,
        FeatureError,
    ) as error:
        raise OSError(
            f"The report could not be written: its part '{part}' stopped. Found: {error}. "
            "Free some room on the disk, check the files of the country, and start again. "
            "The last good report is still there."
        ) from error


def _earlier(folder: Path, country) -> dict[str, Any]:
    """Tables and provenance of the last good package.

    The zip file comes first: notebooks write tables into the folder, nobody writes into the zip.
    """
    name = f"{country.iso3}_{country.cycle.year}"
    for place in (folder / f"report_{name}.zip", folder / swap.REPORT):
        if not manifest.read(place):
            continue
        found = {}
        for key, file in (("report", f"prais_{name}.json"), ("provenance", "provenance.json")):
            try:
                found[key] = json.loads(manifest.text_of(place, file))
            except (OSError, KeyError, ValueError):
                continue
        if "report" in found:
            return found
    return {}


def _room(results, folder: Path) -> None:
    """Refuse to begin what does not fit on the disk.

    Raises
    ------
    OSError
    """
    layers = [path for result in results.values() for path in result.layers.values()]
    size = sum(Path(path).stat().st_size for path in layers)
    need = size * tables.constant("package_room_factor")
    need += tables.constant("package_room_least") * 1e6
    free = shutil.disk_usage(folder).free
    if free < need:
        raise OSError(
            "There is too little room on the disk for the report. "
            f"Found: {free / 1e9:.1f} GB free at {folder}, about {need / 1e9:.1f} GB needed. "
            "Free some room, or choose another folder with --outputs. "
            "The last good report is still there."
        )


def _long_paths(report: Path) -> list[Finding]:
    """A remark when a path is longer than some programs can open."""
    most = int(tables.constant("package_longest_path"))
    longest = max((str(path.resolve()) for _, path in manifest.files_in(report)), key=len)
    if len(longest) <= most:
        return []
    remedy = "Move the folder of results to a shorter path before you open the files on Windows."
    where, expected = f"report: {Path(longest).name}", f"at most {most} characters"
    found = f"a path of {len(longest)} characters"
    return [Finding("warning", where, found, expected, remedy, "17")]
