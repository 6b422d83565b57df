"""Reading country.yml: plain values, the line of each key, and mistakes of writing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ldnkit.findings import Finding


@dataclass
class Document:
    """The content of a country file, the line of each key, and the problems found so far."""

    file: str
    folder: Path
    tree: dict = field(default_factory=dict)
    lines: dict[tuple, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def where(self, path: tuple) -> str:
        """``country.yml line 12: land_cover.nesting``; a missing key has its parent's line."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        return f"{self.file} line {line}: {dotted(path)}".rstrip(": ")

    def problem(self, path, found, expected="", remedy="", *, severity="error", notebook="01"):
        """Note one problem and remember that the key cannot be used."""
        path = tuple(path.split(".")) if isinstance(path, str) else path
        self.findings.append(Finding(severity, self.where(path), found, expected, remedy, notebook))
        if severity == "error":
            self.failed.update(dotted(path[: size + 1]) for size in range(len(path)))

    def given(self, key: str) -> bool:
        """Whether the key has a value in the file, usable or not."""
        node = self.tree
        for part in key.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        return node is not None

    def usable(self, key: str) -> bool:
        """Whether nothing is wrong with the key or anything below it."""
        return key not in self.failed


def dotted(path: tuple) -> str:
    """``("regions", "[1]", "name")`` as ``regions[1].name``: list items count from one."""
    return ".".join(map(str, path)).replace(".[", "[")


def shown(value) -> str:
    """A value of the file in words that an officer recognises."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"keys ({', '.join(map(str, value)) or 'none'})"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"'{value}'" if isinstance(value, str) else str(value)


def is_number(value) -> bool:
    """Whether the value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def parse(text: str, folder: Path, file: str = "country.yml") -> Document:
    """The YAML text as a document; mistakes of writing become findings with their line."""
    document = Document(file, Path(folder))
    tabs = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if "\t" in line[: len(line) - len(line.lstrip())]
    ]
    for number in tabs:
        document.lines[()] = number
        document.problem((), "a tab before the text", "spaces", "Replace the tab by spaces.")
    if tabs:
        return document
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        document.tree = _value(document, loader, node, ()) if node else None
    except yaml.MarkedYAMLError as error:
        document.tree = None
        _syntax_problem(document, text, error)
    except (yaml.YAMLError, RecursionError) as error:
        document.tree = None
        reason = " ".join(str(error).split())
        document.problem((), f"text that is not YAML ({reason})", "plain text", "Save it as UTF-8.")
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(document.tree, dict):
        if not document.findings:
            found = shown(document.tree) if text.strip() else "an empty file"
            remedy = "Start from the example: python workbook.py new ISO3."
            document.problem((), found, "lines such as 'iso3: KEN'", remedy)
        document.tree = {}
    return document


def _value(document: Document, loader: yaml.SafeLoader, node: yaml.Node, path: tuple):
    """Plain Python values of a node; keeps lines, reports keys that come twice."""
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(document, loader, item, (*path, f"[{number}]"))
            for number, item in enumerate(node.value, 1)
        ]
    if isinstance(node, yaml.MappingNode):
        content: dict = {}
        for key_node, value_node in node.value:
            key = _scalar(loader, key_node)
            here = (*path, key)
            if key in content:
                line = document.lines[here]
                document.lines[here] = key_node.start_mark.line + 1
                found = f"'{key}' a second time (first in line {line})"
                document.problem(here, found, "each key once", "Delete one of the two lines.")
                continue
            document.lines[here] = key_node.start_mark.line + 1
            content[key] = _value(document, loader, value_node, here)
        return content
    return _scalar(loader, node)


def _scalar(loader: yaml.SafeLoader, node: yaml.Node):
    # YAML reads 050 as an octal number (40): such a text is a code, and stays as it is written
    if node.tag == "tag:yaml.org,2002:int" and re.fullmatch(r"[-+]?0\d+", node.value):
        return str(node.value)
    try:
        value = loader.construct_object(node, deep=True)
        hash(value)
        return value
    except (yaml.YAMLError, ValueError, TypeError):
        return str(node.value)


def _syntax_problem(document: Document, text: str, error: yaml.MarkedYAMLError) -> None:
    mark = error.problem_mark or error.context_mark
    number = mark.line + 1 if mark else 1
    lines = text.splitlines() or [""]
    number = min(number, len(lines))
    line = lines[number - 1]
    if "\t" in line:
        found, remedy = "a tab", "Replace the tab by spaces."
    elif "escape" in str(error.problem):
        found = "a backslash inside double quotes"
        remedy = "Write paths with forward slashes: data/land_cover.tif."
    elif "mapping values" in str(error.problem):
        found = f"a second colon or a wrong indent in '{line.strip()}'"
        remedy = "Put the text in quotes, or begin the line under the line above."
    else:
        reason = " ".join(filter(None, [error.context, error.problem]))
        found = f"'{line.strip()}', which is not YAML ({reason})"
        remedy = "Compare the line with the example file: spaces, quotes and brackets in pairs."
    document.lines[()] = number
    document.problem((), found, "key: value", remedy)
