"""Bring the translations of notebooks and lessons in step with their English pages.

Run: ``python tests/tools/build_prose.py``: every catalogue that there is.
``python tests/tools/build_prose.py fr``: also begin the pages that French does not have yet.
``python tests/tools/build_prose.py fr --sign notebooks/00_start_here "Name"``: a person has
read every line of this translation.

No translation is lost: lines that moved keep theirs, lines that changed are marked as fuzzy.
"""

from __future__ import annotations

import argparse
import sys

from ldnkit.labels import LANGUAGES
from ldnkit.prose import catalogues


def build(languages=None, *, begin: bool = False) -> list[str]:
    """Update the catalogues; gives the pages that changed."""
    changed = []
    for language in languages or [one for one in LANGUAGES if one != "en"]:
        for page in catalogues.pages():
            file = catalogues.path(page, language)
            if not begin and not file.is_file():
                continue
            before = file.read_text(encoding="utf-8") if file.is_file() else ""
            now = catalogues.updated(catalogues.read(page, language), catalogues.units(page))
            if catalogues.as_text(now) != before:
                catalogues.write(now)
                changed.append(f"{language} {page}")
    return changed


def sign(page: str, language: str, name: str) -> None:
    """Write who has read the translation of a page.

    Raises
    ------
    ValueError
        Lines are missing or fuzzy.
    """
    catalogue = catalogues.updated(catalogues.read(page, language), catalogues.units(page))
    open_lines = [entry.unit.text for entry in catalogue.entries if not entry.shown]
    if open_lines:
        raise ValueError(
            f"{page} is not whole in {language}: found {len(open_lines)} lines without a "
            f"translation, the first one {open_lines[0]!r}; translate them first."
        )
    catalogue.reviewer = name
    catalogues.write(catalogue)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", nargs="?", choices=[one for one in LANGUAGES if one != "en"])
    parser.add_argument("--sign", nargs=2, metavar=("PAGE", "NAME"))
    options = parser.parse_args(arguments)
    if options.sign:
        sign(options.sign[0], options.language, options.sign[1])
        return 0
    languages = [options.language] if options.language else None
    for line in build(languages, begin=bool(options.language)):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
