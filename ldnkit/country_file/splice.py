"""Put one entry of a section into the text of a country file and leave every other line alone."""

from __future__ import annotations

import re

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


def _block(key: str, entry: dict, indent: int) -> list[str]:
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
