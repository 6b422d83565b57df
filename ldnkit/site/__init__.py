"""The workbook as web pages: lessons and executed notebooks, readable without a network."""

from __future__ import annotations

from ldnkit.site.builder import Built, build

__all__ = ["Built", "build"]
