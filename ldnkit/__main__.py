"""The verbs of ``python -m ldnkit``, the same as those of ``workbook.py``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
HOUSE = Path(__file__).resolve().parent.parent


def main(arguments=None) -> int:
    """Read the verb and its options, do it, give back an exit code."""
    options, rest = _parser().parse_known_args(arguments)
    if rest and options.verb not in ("test", "lab"):
        _parser().error(f"unknown option: {' '.join(rest)}")
    options.rest = [argument for argument in rest if argument != "--"]
    return options.action(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="workbook.py", description="The UNCCD workbook.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    report = verbs.add_parser("report", help="run every notebook and write the report")
    report.add_argument("country", nargs="?", default="landia", metavar="COUNTRY.yml")
    report.add_argument("--language", default="en", choices=LANGUAGES)
    report.add_argument("--outputs", default="outputs", metavar="DIR")
    report.add_argument("--workers", type=int, help="notebooks that run at the same time")
    report.add_argument("--only", default="", metavar="02,05", help="only these notebooks")
    report.add_argument("--force", action="store_true", help="compute and run everything anew")
    report.add_argument(
        "--no-documents",
        action="store_true",
        help="leave out the national report (DOCX, HTML, PDF), which takes longest",
    )
    report.add_argument(
        "--keep-going",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on with the other notebooks when one fails",
    )
    report.set_defaults(action=_report)

    verify = verbs.add_parser("verify", help="check that a report package is whole")
    verify.add_argument("path", metavar="PATH", help="a folder report, or a zip file")
    verify.add_argument("--language", default="en", choices=LANGUAGES)
    verify.set_defaults(action=_verify)

    lab = verbs.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.add_argument(
        "--language",
        default="en",
        choices=LANGUAGES,
        help="with copies of the notebooks in this language, in outputs/workbook_LANGUAGE",
    )
    lab.set_defaults(action=_lab)

    new = verbs.add_parser("new", help="start a country file")
    new.add_argument("iso3", metavar="ISO3", help="three letters, for example KEN")
    new.add_argument("folder", nargs="?", metavar="FOLDER", help="default: a folder named ISO3")
    new.add_argument(
        "--package",
        action="append",
        default=[],
        metavar="FILE",
        help="take the layers from a Trends.Earth package; may be given several times",
    )
    new.set_defaults(action=_new)

    fetch = verbs.add_parser(
        "fetch",
        help="bring open data for a country, and name the files in its country file",
        description="Bring open data for a country: the layers of its section open_data, or those "
        "named here. What is already there is not asked for again. Layers: "
        "land_cover, productivity, units, soil_reference, soil_climate, population, "
        "population_total, precipitation, drought_index.",
    )
    fetch.add_argument("country", metavar="COUNTRY.yml")
    fetch.add_argument(
        "layers",
        nargs="*",
        metavar="LAYER[=DATASET]",
        help="for example land_cover=esa_cci; without a dataset the recommended one",
    )
    fetch.add_argument("--years", default="", metavar="2000,2015-2023", help="only these years")
    fetch.add_argument("--language", default="en", choices=LANGUAGES)
    fetch.set_defaults(action=_fetch)

    doctor = verbs.add_parser("doctor", help="look whether everything works here")
    doctor.add_argument("--outputs", default="outputs", metavar="DIR")
    doctor.add_argument(
        "--online", action="store_true", help="also reach the addresses of open data"
    )
    doctor.set_defaults(action=_doctor)

    site = verbs.add_parser("site", help="lessons and notebooks as web pages")
    site.add_argument("country", nargs="?", default="landia", metavar="COUNTRY.yml")
    site.add_argument(
        "--language", default=["en"], nargs="+", choices=[*LANGUAGES, "all"], metavar="LANGUAGE"
    )
    site.add_argument("--outputs", default="outputs", metavar="DIR")
    site.add_argument(
        "--as-is", action="store_true", help="do not run notebooks; show the results there are"
    )
    site.set_defaults(action=_site)

    kit = verbs.add_parser("kit", help="everything on a USB stick, to start without internet")
    kit.add_argument("folder", nargs="?", default="outputs/kit", metavar="FOLDER")
    kit.add_argument("--platforms", default="windows,macos,linux", metavar="windows,macos,linux")
    kit.add_argument("--pythons", default="", metavar="3.12,3.13", help="default: 3.12")
    kit.add_argument("--outputs", default="outputs", metavar="DIR")
    kit.set_defaults(action=_kit)

    test = verbs.add_parser("test", help="check the workbook itself")
    test.add_argument("--all", action="store_true", help="also the slow checks")
    test.set_defaults(action=_test)

    warm = verbs.add_parser("warm", help="compile the fast parts once (done at set-up)")
    warm.set_defaults(action=_warm)
    return parser


def _report(options) -> int:
    from ldnkit import runner

    return runner.run(
        options.country,
        language=options.language,
        outputs=options.outputs,
        workers=options.workers,
        only=[number for number in options.only.split(",") if number.strip()],
        force=options.force,
        documents=not options.no_documents,
        keep_going=options.keep_going,
    )


def _verify(options) -> int:
    """Check a package; 0 when it is whole, 1 when not, 2 when there is none."""
    from ldnkit import handover
    from ldnkit.handover import manifest

    try:
        findings = handover.verify(options.path)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    for finding in findings:
        print(finding.sentence(options.language))
    content = manifest.read(options.path)
    if findings:
        print(f"The package is not whole: {len(findings)} problems.")
        return 1
    files, made = len(content["files"]), content["time_utc"]
    print(f"The package is whole: {files} files, made {made} with {content['made_with']}.")
    return 0


def _lab(options) -> int:
    """Open JupyterLab at the first notebook of a language."""
    from ldnkit import lab

    for line in lab.prepare(options.language):
        print(line)
    sys.stdout.flush()
    return _call(lab.command(options.language, options.rest))


def _new(options) -> int:
    from ldnkit import country
    from ldnkit.findings import InputError

    iso3 = options.iso3.upper()
    folder = Path(options.folder or iso3)
    try:
        if options.package:
            from ldnkit.sources import trends_earth

            made = trends_earth.new_country(iso3, options.package, folder)
            print(made)
            path = made.path
        else:
            path = country.new(iso3, folder)
    except (InputError, ValueError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"Written: {path}\n"
        "Next: put your files beside it, write their names into it, then\n"
        f'  python workbook.py report "{path}"'
    )
    return 0


def _fetch(options) -> int:
    """Bring open data; 2 when something is wrong with the wishes, 1 when the network fails."""
    from ldnkit.findings import InputError
    from ldnkit.messages import translate
    from ldnkit.sources import open_data

    asked = dict(text.partition("=")[::2] for text in options.layers)
    if len(asked) < len(options.layers):
        print("A layer is asked for twice; name each one once.", file=sys.stderr)
        return 2
    try:
        years = open_data.years_in(options.years)
        for made in open_data.bring(options.country, asked, years=years):
            for finding in made.findings:
                print(finding.sentence(options.language), flush=True)
    except (open_data.Offline, open_data.Unreachable) as error:
        print(translate(str(error), options.language), file=sys.stderr)
        print("What arrived is kept; ask again when the connection is back.", file=sys.stderr)
        return 1
    except (InputError, ValueError, FileNotFoundError) as error:
        print(translate(str(error), options.language), file=sys.stderr)
        return 2
    print(f'Next: python workbook.py report "{options.country}"')
    return 0


def _doctor(options) -> int:
    from ldnkit import doctor

    return doctor.main(options.outputs, online=options.online)


def _site(options) -> int:
    """Build the pages; 1 when they were built with remarks, 2 when they could not be."""
    from ldnkit import site
    from ldnkit.findings import InputError
    from ldnkit.labels import LANGUAGES as every

    wanted = every if "all" in options.language else options.language
    try:
        built = site.build(
            options.country, outputs=options.outputs, languages=wanted, run=not options.as_is
        )
    except (InputError, ModuleNotFoundError, FileNotFoundError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2
    for made in built:
        print(f"{made.language}: {made.pages} pages, begin with {made.folder / 'index.html'}")
        if made.not_run:
            print(f"  without results: {', '.join(made.not_run)}")
        for remark in made.remarks:
            print(f"  to mend: {remark}")
    return int(any(made.remarks for made in built))


def _kit(options) -> int:
    from ldnkit import kit

    asked = {"platforms": options.platforms, "pythons": options.pythons}
    lists = {
        name: [part.strip() for part in text.split(",") if part.strip()]
        for name, text in asked.items()
    }
    try:
        kit.make(options.folder, outputs=options.outputs, **lists)
    except (ValueError, LookupError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _test(options) -> int:
    """Run the checks; pytest comes last, so that its closing lines are the last ones."""
    pytest = [sys.executable, "-m", "pytest", "-q", *options.rest]
    workers = min(os.cpu_count() or 1, 4)
    if not options.rest and workers > 1:
        pytest += ["-n", str(workers), "--dist", "worksteal"]
    if not options.all:
        return _call(pytest)
    style = _call([sys.executable, "-m", "ruff", "check", "."])
    tests = _call([*pytest, "-m", "not browser and not benchmark"])
    if style:
        print("The style check (ruff) failed: see the first lines.")
    return tests or style


def _warm(options) -> int:
    """Compile the numba kernels on a tiny series, so that the first notebook is fast."""
    import numpy as np
    import xarray as xr
    from odc.geo.geobox import GeoBox

    from ldnkit import areas, population, productivity

    here = GeoBox.from_bbox((30, 0, 31, 1), "EPSG:4326", shape=(2, 2))
    population.split(np.ones((2, 2)), here, here.to_crs("EPSG:32636"))
    years = np.arange(2000, 2016)
    values = np.arange(years.size * 4, dtype="float32").reshape(years.size, 2, 2)
    for dtype in ("float32", "int16"):
        annual = xr.DataArray(values.astype(dtype), {"year": years}, ("year", "y", "x"))
        trend = productivity.trend(annual).trend
        state = productivity.state(annual, history=(2000, 2012), recent=(2013, 2015))
        productivity.performance(annual, xr.zeros_like(trend))
        areas.crosstab(xr.ones_like(trend, dtype="float64"), trend=trend, state=state)
    return 0


def _call(command) -> int:
    return subprocess.call(command, cwd=HOUSE, env=os.environ | {"PYTHONUTF8": "1"})


if __name__ == "__main__":
    sys.exit(main())
