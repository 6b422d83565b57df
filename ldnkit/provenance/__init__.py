"""Provenance: what every number of a report rests on, down to the files and their hashes.

:func:`trace` gathers it, :func:`write` puts it on disk, :func:`of` shows it for one table.
"""

from ldnkit.provenance.page import write
from ldnkit.provenance.tracing import of, trace

__all__ = ["of", "trace", "write"]
