"""Documents on disk: the new file takes the place of the earlier one only when it is complete."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path


def in_place(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Write a file beside its place, then put it there.

    Parameters
    ----------
    path : str or Path
        Where the file goes; the folder is made when it does not exist.
    write : callable
        Gets the path of the unfinished file.

    Returns
    -------
    Path

    Raises
    ------
    PermissionError
        The earlier file is open in another program; it stays as it is.

    Examples
    --------
    >>> in_place("report.docx", document.save)  # doctest: +SKIP
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".document-") as folder:
        made = Path(folder) / path.name
        write(made)
        try:
            made.replace(path)
        except PermissionError as error:
            raise PermissionError(
                f"The document could not be replaced: found {error}; "
                f"close it in other programs and write it again to {path}."
            ) from error
    return path
