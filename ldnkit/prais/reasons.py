"""Why figures changed: what differs between two provenances under one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ldnkit.labels import label

#: Items of one kind that a reason lists.
SHOWN = 4


def because(
    table_id: str, earlier: Mapping | None, later: Mapping | None, language: str = "en"
) -> str:
    """The reasons that two provenances show for one table, in words.

    Parameters
    ----------
    table_id : str
    earlier, later : dict or None
        What :func:`ldnkit.provenance.trace` gave for the two reports.
    language : str

    Returns
    -------
    str
        Files that changed, were added or left out; parameters, options and years with both
        values; code and packages. Only what the table rests on counts.
    """
    if earlier is None or later is None:
        return label("changes.not_known", language)
    bare = table_id.removeprefix("AA-")
    before, after = _under(earlier, bare), _under(later, bare)
    said = [
        label(f"changes.because.{kind}", language).format(what=_listed(items))
        for kind, items in _differences(before, after)
        if items
    ]
    return "; ".join(said) or label("changes.because.nothing", language)


def _listed(items: list[str]) -> str:
    more = f" … (+{len(items) - SHOWN})" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


def _under(trace: Mapping, table_id: str) -> dict[str, dict]:
    """Files, parameters, options, years, and code that a table rests on, each by name."""
    known = trace["tables"].get(table_id, {"indicators": [], "layers": []})
    used = [trace["indicators"][name] for name in known["indicators"]]
    files = {
        entry["file"]: entry["sha256"]
        for indicator in used
        for entry in indicator["inputs"]
        if entry["layer"] in known["layers"]
    }
    if known.get("answers"):
        files |= {
            entry["file"]: entry["sha256"]
            for entry in trace["sheets"]
            if entry["layer"] == "answers"
        }
    country = trace["country"]
    options = {f"{name}": country.get(name) for name in ("cycle", "method")}
    if "boundary" in known["layers"]:
        options["boundary.rule"] = country.get("boundary_rule")
    for indicator in used:
        for layer, fields in indicator.get("options", {}).items():
            if layer in known["layers"]:
                options |= {f"{layer}.{name}": value for name, value in fields.items()}
    return {
        "files": files,
        "parameters": {k: v for part in used for k, v in part["parameters"].items()},
        "options": options,
        "years": {
            f"{name} {year}": used_year
            for name, part in zip(known["indicators"], used, strict=True)
            for year, used_year in part["years_used"].items()
        },
        "code": {"": trace.get("code")},
        "made_with": {"": trace.get("made_with")},
        "packages": dict(trace.get("packages", {})),
    }


def _differences(before: Mapping, after: Mapping) -> Iterator[tuple[str, list[str]]]:
    old, new = before["files"], after["files"]
    yield "changed_files", sorted(name for name in old if name in new and old[name] != new[name])
    yield "new_files", sorted(set(new) - set(old))
    yield "left_files", sorted(set(old) - set(new))
    for kind in ("parameters", "options", "years"):
        yield kind, _pairs(before[kind], after[kind])
    if before["made_with"] != after["made_with"]:
        yield "version", [f"{before['made_with']['']} → {after['made_with']['']}"]
    elif before["code"] != after["code"]:
        yield "code", [str(after["made_with"][""])]
    yield "packages", _pairs(before["packages"], after["packages"])


def _pairs(before: Mapping, after: Mapping) -> list[str]:
    """``name: old → new`` for every value that differs."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        f"{name}: {_value(before, name)} → {_value(after, name)}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _value(values: Mapping, name: str) -> str:
    value = values.get(name)
    if value is None or value == "":
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)
