"""Provenance on disk: a file for machines and a page for people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ldnkit import tables, webpage
from ldnkit.country_file.layers import METADATA
from ldnkit.labels import label
from ldnkit.provenance.tracing import files_of
from ldnkit.webpage import Code, Number

#: A layer with more files shows only the first ones; the JSON file has all.
SHOWN = 60
UNITS = ("B", "kB", "MB", "GB", "TB")


def write(trace: Mapping, folder: str | Path, language: str = "en") -> dict[str, Path]:
    """Write a provenance as JSON and as a page.

    Parameters
    ----------
    trace : dict
        What :func:`ldnkit.provenance.trace` gave.
    folder : str or Path
        Made when it does not exist. Each file there is replaced once the new one is complete.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Language of the page.

    Returns
    -------
    dict
        ``json`` and ``html``: provenance.json and provenance.html.

    Examples
    --------
    >>> write(trace(country, ldnkit.results(country)), "report", "fr")   # doctest: +SKIP
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(trace, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return {
        "json": _replace(folder / "provenance.json", text + "\n"),
        "html": _replace(folder / "provenance.html", as_page(trace, language)),
    }


def _replace(path: Path, text: str) -> Path:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)
    return path


def as_page(trace: Mapping, language: str = "en") -> str:
    """The page as text: what each table rests on, files, parameters, warnings."""
    country = trace["country"]
    title = f"{_say('title', language)}: {country['name']} ({country['iso3']}), {country['cycle']}"
    parts = [webpage.paragraph(_say("intro", language))]
    if country["synthetic"]:
        notice = _say("synthetic", language).format(name=country["name"])
        parts.insert(0, webpage.paragraph(notice, "notice"))
    parts += [_made_with(trace, language), webpage.heading(_say("tables", language))]
    parts.append(_tables(trace, language))
    parts += [webpage.heading(_say("files", language)), *_files(trace, language)]
    parts += [webpage.heading(_say("parameters", language)), _parameters(trace, language)]
    parts += [webpage.heading(_say("warnings", language)), *_warnings(trace, language)]
    return webpage.page(title, parts, language=language)


def _say(key: str, language: str) -> str:
    return label(f"provenance.{key}", language)


def _made_with(trace: Mapping, language: str) -> str:
    licence = trace["licence"]
    said = licence["submission"]
    if not licence["chosen"]:
        said = f"{said} ({_say('licence_not_chosen', language)})"
    packages = ", ".join(f"{name} {version}" for name, version in trace["packages"].items())
    country, grid = trace["country"], trace["grid"]
    rows = [
        [_say("made_with", language), trace["made_with"]],
        [_say("code", language), Code(trace["code"])],
        [_say("python", language), f"Python {trace['python']}; {packages}"],
        [_say("time", language), Code(trace["time_utc"])],
        [_say("country_file", language), Code(f"{country['file']}  {country['sha256']}")],
        [_say("licence_submission", language), said],
    ]
    if grid:
        cells = f"{grid['rows']} × {grid['columns']}, {grid['crs'][:60]}"
        rows.append([_say("grid", language), Code(cells)])
    headings = [_say("what", language), _say("value", language)]
    return webpage.table(_say("made", language), headings, rows)


def _tables(trace: Mapping, language: str) -> str:
    headings = ("table", "indicators", "layers", "sources", "years_replaced", "number_of_files")
    titles = tables.prais_tables().set_index("id")["title_key"]
    rows = []
    for table_id in [name for name in titles.index if name in trace["tables"]]:
        known = trace["tables"][table_id]
        files = [entry for _, entry in files_of(trace, table_id)]
        sources = dict.fromkeys(entry["source"] for entry in files if entry["source"])
        rows.append(
            [
                f"{table_id} {label(titles[table_id], language)}",
                ", ".join(_named(name, language) for name in known["indicators"]),
                ", ".join(_named(layer, language) for layer in known["layers"]),
                ", ".join(_say(f"source_{source}", language) for source in sources),
                _replaced(trace, known["indicators"], language),
                Number(len(files)),
            ]
        )
    caption = _say("tables_caption", language)
    return webpage.table(caption, [_say(key, language) for key in headings], rows)


def _replaced(trace: Mapping, indicators, language: str) -> str:
    """Years that stand for others, indicator by indicator."""
    said = []
    for name in indicators:
        used = trace["indicators"][name]["years_used"]
        pairs = [
            webpage.left_to_right(f"{year} → {other}")
            for year, other in used.items()
            if str(other) != year
        ]
        if pairs:
            shown = ", ".join(pairs[:6]) + (" …" if len(pairs) > 6 else "")
            said.append(f"{_named(name, language)}: {shown}")
    return "; ".join(said)


def _files(trace: Mapping, language: str) -> Iterator[str]:
    """Layer after layer: its metadata, then every file with its hash."""
    layers: dict[str, dict[str, dict]] = {}
    for indicator in _in_order(trace):
        for entry in trace["indicators"][indicator]["inputs"]:
            layers.setdefault(entry["layer"], {})[entry["file"]] = entry
    for entry in trace["sheets"]:
        layers.setdefault(entry["layer"], {})[entry["file"]] = entry
    for layer, files in layers.items():
        name, first = _named(layer, language), next(iter(files.values()))
        yield webpage.heading(name, 3, f"layer-{layer}")
        yield _metadata(first, language)
        size = _size(sum(entry["bytes"] for entry in files.values()))
        summary = f"{name}: {len(files)} ({size})"
        parts = [_file_table(name, list(files.values())[:SHOWN], language)]
        if len(files) > SHOWN:
            more = _say("more_files", language).format(number=len(files) - SHOWN)
            parts.append(webpage.paragraph(more))
        yield webpage.folded(summary, parts)


def _metadata(entry: Mapping, language: str) -> str:
    said = [_say(f"source_{entry['source']}", language)] if entry["source"] else []
    for part in METADATA:
        if entry[part]:
            said.append(f"{label(f'metadata.{part}', language)}: {entry[part]}")
    licence = entry["licence"] or _say("licence_unknown", language)
    said.append(f"{_say('licence', language)}: {licence}")
    return webpage.paragraph(" · ".join(said))


def _file_table(name: str, files, language: str) -> str:
    rows = [
        [
            Code(entry["file"]),
            ", ".join(map(str, entry["years"])),
            Number(_size(entry["bytes"])),
            Code(entry["sha256"]),
        ]
        for entry in files
    ]
    headings = ("file", "years", "size", "sha256")
    return webpage.table(name, [_say(key, language) for key in headings], rows)


def _parameters(trace: Mapping, language: str) -> str:
    """Every parameter beside the method's own value; changed ones are marked."""
    rows = []
    for name, value in sorted(trace["parameters"].items()):
        default = trace["defaults"].get(name)
        mark = "" if value == default else _say("changed", language)
        rows.append([Code(name), Code(_shown(value)), Code(_shown(default)), mark])
    headings = ("parameter", "value", "method_value", "changed_heading")
    caption = f"{_say('parameters_caption', language)} ({trace['country']['method']})"
    return webpage.table(caption, [_say(key, language) for key in headings], rows)


def _shown(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _warnings(trace: Mapping, language: str) -> Iterator[str]:
    from ldnkit.findings import Finding

    rows = []
    groups = [("", trace["findings"])]
    groups += [(name, trace["indicators"][name]["findings"]) for name in _in_order(trace)]
    for name, findings in groups:
        for found in findings:
            finding = Finding(**found)
            rows.append([_named(name, language) if name else "", *_worded(finding, language)])
    if not rows:
        yield webpage.paragraph(_say("no_warnings", language))
        return
    headings = [_say(key, language) for key in ("indicators", "kind", "warning")]
    yield webpage.table(_say("warnings_caption", language), headings, rows)


def _worded(finding, language: str) -> list[str]:
    """Kind and sentence of a finding in a language."""
    kind = label(f"finding.{finding.severity}", language)
    if hasattr(finding, "sentence"):
        return [kind, finding.sentence(language)]
    return [kind, str(finding)]


def _in_order(trace: Mapping) -> list[str]:
    from ldnkit import plans

    return [name for name in plans.INDICATORS if name in trace["indicators"]]


def _named(name: str, language: str) -> str:
    """An indicator or layer in words; a region keeps its own name."""
    first, _, rest = name.partition(".")
    if first == "regions":
        return f"{_say('layer.regions', language)}: {rest}"
    for key in (f"provenance.layer.{name}", f"indicator.{name}"):
        try:
            return label(key, language)
        except KeyError:
            continue
    return name.replace("_", " ")


def _size(count: int) -> str:
    """Bytes in the largest unit that leaves a number of at least one."""
    size, place = float(count), 0
    while size >= 1000 and place < len(UNITS) - 1:
        size, place = size / 1000, place + 1
    return f"{size:.0f} {UNITS[place]}" if place == 0 else f"{size:.1f} {UNITS[place]}"
