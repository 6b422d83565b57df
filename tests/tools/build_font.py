"""Write the packaged font for Chinese again, with the signs that figures need.

Run: ``python tests/tools/build_font.py NotoSansCJK-Regular.ttc``.

The file is that of the Noto CJK project (SIL Open Font License 1.1). The result keeps the
simplified Chinese forms of: every sign of the Chinese labels, messages and country names, the
6763 signs of GB 2312, Chinese punctuation, and Latin letters with the marks of figures.
It has a name of its own, because it is a part of the font only.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

from ldnkit import outlines

DATA = Path(__file__).parents[2] / "ldnkit" / "data"
FILE = DATA / "fonts" / "ldnkit-sans-sc.otf"
FAMILY = "ldnkit Sans SC"
ORIGIN = "Noto Sans CJK SC"
#: Code points besides those of the texts: Latin, punctuation, arrows, mathematics, full width.
RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x3000, 0x301F), (0xFF00, 0xFF5E))
SIGNS = "‰′″←↑→↓−≈≠≤≥×÷°²³±·…–—‘’“”©"


def signs() -> set[int]:
    """Code points that the font has to hold."""
    points = {point for first, last in RANGES for point in range(first, last + 1)}
    points |= {ord(sign) for sign in SIGNS}
    points |= {ord(letter) for text in texts() for letter in text if letter.isprintable()}
    for row in range(16, 88):  # GB 2312: the common signs, then the less common ones
        for cell in range(1, 95):
            try:
                points.add(ord(bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return points


def texts() -> list[str]:
    """Chinese texts of the package."""
    found = []
    for name in ("labels", "messages"):
        with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            found += [row["zh"] for row in csv.DictReader(stream)]
    return found + [outlines.names(iso3)["zh"] for iso3 in outlines.countries().index]


def build(source: str | Path) -> None:
    """Write the font."""
    fonts = TTCollection(source).fonts
    font = next(one for one in fonts if one["name"].getDebugName(4) == ORIGIN)
    options = subset.Options()
    options.name_IDs = [0, 5, 13, 14]
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=signs())
    subsetter.subset(font)
    for number, text in ((1, FAMILY), (2, "Regular"), (4, FAMILY), (6, "ldnkitSansSC-Regular")):
        font["name"].setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = ["ldnkitSansSC-Regular"]
    top[0].FamilyName = top[0].FullName = FAMILY
    FILE.parent.mkdir(exist_ok=True)
    font.save(FILE)


if __name__ == "__main__":
    build(sys.argv[1])
    print(f"{FILE.name}: {FILE.stat().st_size / 1e6:.2f} MB")
