"""Files by a pattern with {year}, {month} or {age}: which of them exist."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

#: For each part in braces: what to look for on disk, and what the text in its place must be.
PARTS = {
    "year": ("[0-9][0-9][0-9][0-9]", r"\d{4}"),
    "month": ("[0-9]*", r"0?[1-9]|1[0-2]"),
    "age": ("*", r"(?!\.)[^/]+"),
}
IN_BRACES = re.compile(r"\{(year|month|age)\}")


def from_folder(folder: Path, name: str) -> Path:
    """Where a name of the country file leads from its folder; ``~`` is the home folder."""
    try:
        return folder / Path(name).expanduser()
    except RuntimeError:  # no user of this name: an ordinary sign
        return folder / name


def braces(pattern: str) -> list[str]:
    """The texts in braces, in their order; a brace that stands alone is an empty text.

    Examples
    --------
    >>> braces("rain_{year}_{month}.tif")
    ['year', 'month']
    """
    return [part.strip("{}") for part in re.findall(r"\{[^{}]*\}|[{}]", pattern)]


def on_disk(folder: Path, pattern: str) -> list[tuple[dict[str, str], Path]]:
    """Every existing file that fits a pattern, sorted, with the text in place of each part.

    Parameters
    ----------
    folder : Path
        Where a relative pattern begins.
    pattern : str
        A path with {year}, and {month} (1 or 01) or {age} (any text without a slash). A part
        that comes twice has the same text twice.

    Returns
    -------
    list of (dict, Path)
        ``{"year": "2000", "month": "01"}`` and the absolute path.

    Examples
    --------
    >>> on_disk(Path("."), "no_such_rain_{year}.tif")
    []
    """
    parts = from_folder(folder, pattern).parts
    first = next((place for place, part in enumerate(parts) if "{" in part), len(parts) - 1)
    root, wanted, regular = Path(*parts[:first]), "", ""
    # odd pieces are the names in braces, even ones the text between them
    for place, piece in enumerate(IN_BRACES.split("/".join(parts[first:]))):
        if place % 2 == 0:
            wanted, regular = wanted + glob.escape(piece), regular + re.escape(piece)
        else:
            wanted += PARTS[piece][0]
            again = f"(?P<{piece}>" in regular
            regular += f"(?P={piece})" if again else f"(?P<{piece}>{PARTS[piece][1]})"
    fits = re.compile(regular, re.IGNORECASE if os.name == "nt" else 0)
    found = []
    for path in sorted(root.glob(wanted)):
        match = fits.fullmatch(path.relative_to(root).as_posix())
        if match and path.is_file():
            found.append((match.groupdict(), path.resolve()))
    return found
