"""National results: an indicator computed for a whole country, kept, and reused while fresh."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ldnkit import __version__, blocks, plans
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.fingerprints import fingerprint


@dataclass(frozen=True)
class Result:
    """What an indicator gave.

    Parameters
    ----------
    indicator : str
    layers : dict of str to Path
        GeoTIFF files: int16 classes with -32768 for no data, stocks float32 with NaN.
    tables : dict of str to DataFrame
        Cross-tables in km², all cells of the country, water and no data included.
    years : dict of int to int
        The year that stood for each year the tables ask for.
    findings : list of Finding
        Warnings and remarks that belong in the report.
    parameters : dict
        Options of the method as used.
    seconds : float
        Time of the computation.
    reused : bool
        Whether a kept result was still fresh.
    key : str
        Fingerprint of inputs, parameters and code.
    """

    indicator: str
    layers: dict[str, Path]
    tables: dict[str, pd.DataFrame] = field(repr=False)
    years: dict[int, int]
    findings: list[Finding]
    parameters: dict
    seconds: float
    reused: bool
    key: str


def compute(
    country, indicator: str, *, workers=None, executor=None, progress=True, force=False
) -> Result:
    """Compute an indicator for the whole country, or reuse a kept result that is still fresh.

    What it needs is computed first. Results lie in ``country.folder_results``: ``layers``,
    ``crosstabs`` and ``results.json``. Nothing there changes before the work has succeeded.
    An interrupted run goes on where it stopped.

    Parameters
    ----------
    country : Country
    indicator : str
        ``land_cover``, ``productivity``, ``soil``, ``degradation``; ``population``, ``exposure``
        (people on degraded land); ``drought_index``, ``drought`` (land in drought),
        ``drought_exposure`` (people in drought), ``vulnerability``.
    workers : int, optional
        Blocks at a time; by default the number of processors, at most four.
    executor : optional
        Anything with ``submit``, for example a ``distributed.Client``.
    progress : bool
        Show a bar when the country has many blocks.
    force : bool
        Compute this indicator again even if the kept result is fresh.

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        Unknown indicator.
    InputError
        The country's layers have problems; all are listed.

    Examples
    --------
    >>> import ldnkit
    >>> country = ldnkit.open_country("landia")  # doctest: +SKIP
    >>> ldnkit.compute(country, "degradation").tables["status"]  # doctest: +SKIP
    """
    from filelock import FileLock

    if indicator not in plans.NEEDS:
        raise ValueError(
            f"Unknown indicator: found {indicator!r}; use one of {', '.join(plans.NEEDS)}."
        )
    options = {"workers": workers, "executor": executor, "progress": progress}
    needed = {name: compute(country, name, **options) for name in plans.NEEDS[indicator]}
    country.folder_results.mkdir(parents=True, exist_ok=True)
    # two notebooks may ask at the same time: the second one waits and reuses
    with FileLock(country.folder_results / f".{indicator}.lock"):
        key = fingerprint(country, indicator, needed)
        kept = None if force else _kept(country, indicator, key)
        if kept is not None:
            return kept
        return _fresh(country, indicator, needed, key, workers, executor, progress)


def indicators(country) -> list[str]:
    """The indicators that :func:`compute` can make for a country, in their order.

    Examples
    --------
    >>> import ldnkit
    >>> ldnkit.indicators(ldnkit.open_country("landia"))  # doctest: +SKIP
    """
    return plans.available(country)


def results(country) -> dict[str, Result]:
    """Every kept result of a country that is still fresh, by indicator.

    Examples
    --------
    >>> import ldnkit
    >>> ldnkit.results(ldnkit.open_country("landia")).keys()  # doctest: +SKIP
    """
    found: dict[str, Result] = {}
    for indicator, needs in plans.NEEDS.items():
        if all(name in found for name in needs):
            kept = _kept(country, indicator, fingerprint(country, indicator, found))
            if kept is not None:
                found[indicator] = kept
    return found


def _fresh(country, indicator, needed, key, workers, executor, progress) -> Result:
    from ldnkit.sources import preflight

    started = time.perf_counter()
    findings = preflight.check(country, indicator)
    try:
        plan = plans.make(country, indicator, needed)
    except InputError as error:
        findings = [*findings, *error.findings]
    # a look before the work and the work itself may find the same
    errors = [finding for finding in dict.fromkeys(findings) if finding.severity == "error"]
    stop_on_errors(errors)  # warnings are said at the end, once
    work = country.folder_results / f".work-{indicator}-{key[:16]}"
    _forget_others(country.folder_results, indicator, work)
    tables = _run(country, plan, indicator, work, workers, executor, progress)
    if not tables:
        findings = [*findings, _no_cell(country)]
        stop_on_errors(findings)
    if plan.check is not None:
        findings = [*findings, *plan.check(tables)]
    findings = stop_on_errors(dict.fromkeys([*findings, *plan.findings]))
    layers = {name: _place(country, "layers", f"{name}.tif") for name in plan.outputs}
    parameters = {**country.parameters, **plan.parameters}
    seconds = round(time.perf_counter() - started, 2)
    result = Result(
        indicator, layers, tables, dict(plan.years), findings, parameters, seconds, False, key
    )
    _publish(country, work, plan.outputs, result)
    shutil.rmtree(work, ignore_errors=True)
    return result


def _run(country, plan, indicator, work, workers, executor, progress) -> dict[str, pd.DataFrame]:
    """The tables of a plan; its layers lie in ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    if plan.tables is not None:
        return dict(plan.tables)
    grid = country.grid if plan.grid is None else plan.grid
    options = {
        "inside": plan.inside,
        "block": plan.block,
        "workers": workers,
        "executor": executor,
    }
    title = indicator.replace("_", " ") if progress else None
    kernel = plan.kernel
    if plan.first is not None:
        count, prepared = plan.first
        kernel = prepared(
            blocks.run(
                grid,
                plan.inputs,
                count,
                folder=work / "first",
                progress=title and f"{title}, first pass",
                **options,
            )
        )
    return blocks.run(
        grid,
        plan.inputs,
        kernel,
        outputs=plan.outputs,
        folder=work,
        progress=title,
        **options,
    )


def _no_cell(country) -> Finding:
    return Finding(
        "error",
        "boundary",
        "no cell of the grid with its centre inside the country",
        "a country larger than a cell",
        "Use a finer grid, or boundary: {rule: fraction} to count parts of cells.",
        "01",
    )


def _place(country, kind: str, name: str) -> Path:
    return country.folder_results / kind / name


def _publish(country, work: Path, outputs, result: Result) -> None:
    """Put new files in the place of the earlier ones: all of them or none.

    While files move, results.json does not know the result: half of it is never taken for fresh.
    """
    from filelock import FileLock

    moves = []
    for name, output in outputs.items():
        if output.colours:
            _colour(work / f"{name}.tif", output.colours)
        moves.append((work / f"{name}.tif", result.layers[name]))
    for name, table in result.tables.items():
        table.to_csv(work / f"{name}.csv", index=False)
        moves.append((work / f"{name}.csv", _place(country, "crosstabs", f"{name}.csv")))
    with FileLock(country.folder_results / ".results.lock"):
        entries = _entries(country)
        others = {name: entry for name, entry in entries.items() if name != result.indicator}
        _write_entries(country, others)
        earlier = work / "earlier"
        earlier.mkdir(exist_ok=True)
        moved = []
        try:
            for new, target in moves:
                moved.append((new, target))
                _move(target, earlier / target.name)
                _move(new, target)
            _write_entries(country, others | {result.indicator: _entry(result)})
        except BaseException:
            for new, target in reversed(moved):
                if not new.exists():
                    _move(target, new)
                _move(earlier / target.name, target)
            _write_entries(country, entries)
            raise


def _move(file: Path, target: Path) -> None:
    if file.exists():
        target.parent.mkdir(exist_ok=True)
        file.replace(target)


def _colour(path: Path, colours: Mapping[int, str]) -> None:
    """Class colours as a tag: GeoTIFF has colour tables for unsigned types only."""
    import rasterio

    with rasterio.open(path, "r+") as target:
        target.update_tags(**{f"COLOUR_{code}": colour for code, colour in colours.items()})


def _entry(result: Result) -> dict:
    return {
        "key": result.key,
        "version": __version__,
        "layers": sorted(result.layers),
        "tables": {name: _text(table) for name, table in result.tables.items()},
        "years": {str(year): used for year, used in result.years.items()},
        "findings": [finding.as_dict() for finding in result.findings],
        "parameters": result.parameters,
        "seconds": result.seconds,
    }


def _write_entries(country, entries: Mapping) -> None:
    target = country.folder_results / "results.json"
    partial = target.with_suffix(".part")
    partial.write_text(json.dumps(entries, indent=1, ensure_ascii=False), encoding="utf-8")
    partial.replace(target)


def _entries(country) -> dict:
    file = country.folder_results / "results.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def kept_entries(country) -> dict:
    """What ``results.json`` holds of each kept result, fresh or not."""
    return _entries(country)


def adopt(country, entries: Mapping) -> None:
    """Take over results whose files have been put in place, as ``results.json`` names them."""
    from filelock import FileLock

    country.folder_results.mkdir(parents=True, exist_ok=True)
    with FileLock(country.folder_results / ".results.lock"):
        _write_entries(country, _entries(country) | dict(entries))


def _kept(country, indicator, key) -> Result | None:
    """The kept result when its fingerprint is the same and all its files are there."""
    entry = _entries(country).get(indicator)
    if entry is None or entry["key"] != key:
        return None
    folder = country.folder_results
    layers = {name: folder / "layers" / f"{name}.tif" for name in entry["layers"]}
    files = {name: folder / "crosstabs" / f"{name}.csv" for name in entry["tables"]}
    if not all(path.exists() for path in [*layers.values(), *files.values()]):
        return None
    return Result(
        indicator,
        layers,
        {name: _read_table(path, entry["tables"][name]) for name, path in files.items()},
        {int(year): used for year, used in entry["years"].items()},
        [Finding(**finding) for finding in entry["findings"]],
        entry["parameters"],
        entry["seconds"],
        True,
        key,
    )


def _read_table(path: Path, text) -> pd.DataFrame:
    """A kept table; columns of text stay text, also "01" and "NA"."""
    options = {"keep_default_na": False, "na_values": [""]}
    return pd.read_csv(path, dtype=dict.fromkeys(text, str), **options)


def _text(table: pd.DataFrame) -> list[str]:
    """Columns of text."""
    return [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]


def _forget_others(folder: Path, indicator: str, work: Path) -> None:
    """Remove what an interrupted run with other inputs left behind."""
    for other in folder.glob(f".work-{indicator}-*"):
        if other != work:
            shutil.rmtree(other, ignore_errors=True)
