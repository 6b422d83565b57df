"""A small reader of built pages: which links lead nowhere, and what is asked from a network."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

#: Attributes that make a browser load something at once.
LOADED = (
    *("//script/@src", "//link[not(@rel='canonical')]/@href", "//img/@src", "//iframe/@src"),
    *("//source/@src", "//video/@src", "//audio/@src", "//object/@data", "//embed/@src"),
)
IN_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


def read(path: Path):
    return html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def loaded_from_a_network(folder: Path) -> list[str]:
    """Everything that a page or a style sheet would load from elsewhere."""
    found = []
    for path in sorted(folder.rglob("*.html")):
        page = read(path)
        targets = [target for attribute in LOADED for target in page.xpath(attribute)]
        targets += [part.split()[0] for text in page.xpath("//@srcset") for part in text.split(",")]
        styles = " ".join([*page.xpath("//style/text()"), *page.xpath("//@style")])
        targets += IN_STYLE.findall(styles)
        found += [
            f"{path.relative_to(folder)}: {target}"
            for target in targets
            if urlsplit(target).scheme in ("http", "https") or target.startswith("//")
        ]
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(folder)}: {target}" for target in IN_STYLE.findall(text)]
    return found


def broken_links(folder: Path) -> list[str]:
    """Links and pictures inside a folder of pages that lead to no file or no place in it."""
    anchors: dict[Path, set[str]] = {}

    def places(path: Path) -> set[str]:
        if path not in anchors:
            page = read(path)
            anchors[path] = {*page.xpath("//@id"), *page.xpath("//a/@name"), "", "top"}
        return anchors[path]

    found = []
    for path in sorted(folder.rglob("*.html")):
        for target in read(path).xpath("//a/@href | //img/@src | //link/@href | //script/@src"):
            parts = urlsplit(target)
            if parts.scheme or target.startswith("//"):
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not there.is_file() or not there.is_relative_to(folder.resolve()):
                found.append(f"{path.relative_to(folder)}: {target}")
            elif there.suffix == ".html" and unquote(parts.fragment) not in places(there):
                found.append(f"{path.relative_to(folder)}: {target}")
    return found
