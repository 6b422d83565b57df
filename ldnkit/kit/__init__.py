"""The workbook on a USB stick: packages, project, pages and a card, for rooms without a network."""

from __future__ import annotations

from ldnkit.kit.maker import Kit, make

__all__ = ["Kit", "make"]
