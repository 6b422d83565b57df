"""Put one entry or value into the text of a country file and leave every other line alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from ldnkit.findings import Finding, InputError

#: A line that begins a key on the outermost level.
_TOP = re.compile(r"[^\s#]")


def with_entry(text: str, section: str, key: str, entry: dict) -> str:
    """The text with ``section: {key: entry}``; what stood there under that key is replaced.

    Comments and the order of all other lines stay. Metadata that the old entry has, and the new
    one leaves empty, stay too.

    Parameters
    ----------
    text : str
        A country file.
    section, key : str
        For example ``"statistics"`` and ``"water"``.
    entry : dict
        What the key shall hold.

    Raises
    ------
    InputError
        The section is written in one line, in braces: there is no line to replace.

    Examples
    --------
    >>> print(with_entry("iso3: KEN\\n", "statistics", "gini", {"file": "a.csv"}))
    iso3: KEN
    <BLANKLINE>
    statistics:
      gini:
        file: a.csv
    <BLANKLINE>
    """
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if re.match(rf"{section}\s*:", line)), None)
    if start is None:
        return "\n".join([*lines, "", f"{section}:", *_block(key, entry, 2)]) + "\n"
    rest = lines[start].partition(":")[2].partition(" #")[0].strip()
    if rest not in ("", "null", "~", "{}"):
        raise InputError([_in_one_line(section, start + 1, rest)])
    end = next((n for n in range(start + 1, len(lines)) if _TOP.match(lines[n])), len(lines))
    body = lines[start + 1 : end]
    first, last, indent = _place(body, key)
    if first is not None:
        entry = _kept_metadata(body[first:last], key, entry)
    else:
        first = last = 0
    body[first:last] = _block(key, entry, indent)
    heading = lines[start] if not rest else f"{section}:"
    return "\n".join([*lines[:start], heading, *body, *lines[end:]]) + "\n"


def with_value(text: str, key: str, value: str | None) -> str:
    """The text with ``key: value`` on the outermost level; a remark in that line stays.

    Parameters
    ----------
    text : str
        A country file.
    key : str
        For example ``"hotspots"``.
    value : str or None
        For example ``"hotspots.gpkg"``; None empties the key.

    Raises
    ------
    InputError
        The key holds a section, which has lines of its own.

    Examples
    --------
    >>> print(with_value("iso3: KEN  # Kenya\\nhotspots: null\\n", "hotspots", "a.gpkg"))
    iso3: KEN  # Kenya
    hotspots: a.gpkg
    <BLANKLINE>
    """
    lines, line = text.splitlines(), _block(key, value, 0)[0]
    start = next((n for n, each in enumerate(lines) if re.match(rf"{key}\s*:", each)), None)
    if start is None:
        off = next((n for n, each in enumerate(lines) if re.match(rf"#\s?{key}\s*:", each)), None)
        if off is None:
            return "\n".join([*lines, "", line]) + "\n"
        start = off
    elif lines[start + 1 : start + 2] and re.match(r"\s+[^\s#]", lines[start + 1]):
        raise InputError([_in_lines(key, start + 1)])
    else:
        remark = re.search(r"\s+#.*", lines[start])
        line += remark[0] if remark else ""
    return "\n".join([*lines[:start], line, *lines[start + 1 :]]) + "\n"


def _place(body: list[str], key: str) -> tuple[int | None, int | None, int]:
    """First line of a key in a section, the line after its last one, and the indent of keys."""
    keys = [(n, line) for n, line in enumerate(body) if line.strip() and line.strip()[0] != "#"]
    indent = len(keys[0][1]) - len(keys[0][1].lstrip()) if keys else 2
    for n, line in keys:
        if re.match(rf" {{{indent}}}{key}\s*:", line):
            after = [m for m, each in keys if m > n and _indent(each) <= indent]
            last = after[0] if after else len(body)
            while last > n + 1 and (not body[last - 1].strip() or body[last - 1].strip()[0] == "#"):
                last -= 1  # blank lines and remarks before the next key belong to that one
            return n, last, indent
    return None, None, indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _block(key: str, entry: dict | str | None, indent: int) -> list[str]:
    text = yaml.safe_dump({key: entry}, allow_unicode=True, sort_keys=False, width=10_000)
    return [" " * indent + line for line in text.splitlines()]


def _kept_metadata(lines: list[str], key: str, entry: dict) -> dict:
    old = yaml.safe_load("\n".join(line[_indent(lines[0]) :] for line in lines)) or {}
    metadata = (old.get(key) or {}).get("metadata") if isinstance(old.get(key), dict) else None
    if not metadata:
        return entry
    given = {name: value for name, value in (entry.get("metadata") or {}).items() if value}
    return entry | {"metadata": metadata | given}


def _in_one_line(section: str, line: int, found: str) -> Finding:
    return Finding(
        "error",
        f"line {line}: {section}",
        f"the section in one line: {found}",
        "one line for each key",
        "Write the keys on lines of their own, or paste the lines of the form yourself.",
    )


def _in_lines(key: str, line: int) -> Finding:
    return Finding(
        "error",
        f"line {line}: {key}",
        "a section with lines of its own",
        "the name of a file",
        "Write the name of the file behind the key, on the same line.",
    )


def with_scalar(text: str, path: Sequence[str | int], value: str) -> str:
    """The text with one value inside a section, or inside an item of a list; all else stays.

    Parameters
    ----------
    text : str
        A country file.
    path : sequence of str or int
        Keys from the outside in, items of a list by their place from 0: ``("regions", 0,
        "matrix")``. All but the last must be there.
    value : str
        For example the name of a file.

    Raises
    ------
    InputError
        The file has no such section or item, or the value is a section of its own.

    Examples
    --------
    >>> text = "regions:\\n- name: North  # hills\\n"
    >>> print(with_scalar(text, ("regions", 0, "matrix"), "a.csv"))
    regions:
    - name: North  # hills
      matrix: a.csv
    <BLANKLINE>
    """
    node = yaml.compose(text)
    for part in path[:-1]:
        node = _below(node, part)
        if node is None:
            raise InputError([_no_place(path)])
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise InputError([_no_place(path)])
    written = _block(str(path[-1]), value, 0)[0]
    old = _below(node, path[-1])
    if old is None:
        at = node.value[0][0].start_mark
        if node.flow_style:
            return text[: at.index] + f"{written}, " + text[at.index :]
        last = node.value[0][1] if isinstance(node.value[0][1], yaml.ScalarNode) else None
        if last is None:  # the first key holds a section: the new line comes before it
            return text[: at.index] + written + "\n" + " " * at.column + text[at.index :]
        end = text.find("\n", last.end_mark.index)
        end = len(text) if end < 0 else end
        return text[:end] + "\n" + " " * at.column + written + text[end:]
    if not isinstance(old, yaml.ScalarNode):
        raise InputError([_no_place(path)])
    start, end = old.start_mark.index, old.end_mark.index
    given = written.partition(":")[2].strip()
    return text[:start] + ("" if text[start - 1 : start].isspace() else " ") + given + text[end:]


def put_in_place(text: str, path: Path) -> None:
    """Give a country file its new text; the file as it was is kept beside it as ``.bak``.

    Examples
    --------
    >>> put_in_place(with_value(text, "hotspots", "hotspots.gpkg"), path)  # doctest: +SKIP
    """
    path.with_suffix(".yml.bak").write_bytes(path.read_bytes())
    partial = path.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _below(node, part: str | int):
    """The node of a key or of an item, or None."""
    if isinstance(part, int):
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        return items[part] if part < len(items) else None
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((each for key, each in pairs if key.value == part), None)


def _no_place(path: Sequence[str | int]) -> Finding:
    return Finding(
        "error",
        ".".join(str(part) if isinstance(part, str) else f"[{part + 1}]" for part in path),
        "nothing",
        "one line for each key",
        "Write the keys on lines of their own, or paste the lines of the form yourself.",
    )
