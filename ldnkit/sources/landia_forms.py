"""What Landia has for the objectives that live in tables: all files at once.

Landia is the fictional training country: every number is synthetic. None of these files depends
on the size of the rasters.
"""

from __future__ import annotations

from ldnkit.sources import (
    landia_finance,
    landia_nature,
    landia_series,
    landia_targets,
    landia_words,
)
from ldnkit.sources.landia import Landia

FOLDERS = (
    "statistics", "species", "kba", "targets", "finance", "narrative", "additional",
)  # fmt: skip


def write(folder, whole: Landia) -> None:
    """Write the files of the forms, and the truth about them.

    Parameters
    ----------
    folder : Path
        A folder with a subfolder ``truth`` and those named in ``FOLDERS``.
    whole : Landia
        The country at lesson size.
    """
    landia_series.write(folder)
    landia_nature.write(folder)
    landia_targets.write(folder, whole)
    landia_finance.write(folder)
    landia_words.write(folder)
