"""Every worked number of lesson 18 and the counts that notebook 18 tells are recomputed."""

import json
import math
from fractions import Fraction
from pathlib import Path

import ee
import pytest
from lesson_pages import number, says, table
from odc.geo.geobox import GeoBox
from support.eelocal import Grid, Session

from ldnkit import blocks
from ldnkit.sources import catalogue
from ldnkit.sources.earthengine import collections, productivity, tiles

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "18_larger_than_your_laptop.ipynb"
AREA, HIGH, WIDE, YEARS = 600_000, 800, 1000, 24  # km², km, km
ROWS, COLUMNS = HIGH * 1000 // 250, WIDE * 1000 // 250
BOX = GeoBox.from_bbox((0, 0, WIDE * 1000, HIGH * 1000), "EPSG:6933", resolution=250)


def rows(name):
    return {row[0]: [number(cell) for cell in row[1:]] for row in table(name)[1:]}


def told(name):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell for cell in cells if cell["id"] == name)["source"])


def test_cells_of_the_box_and_of_the_country():
    cell = Fraction(1, 4) ** 2
    found = rows("18.1")
    assert found["box"] == [HIGH * WIDE, HIGH * WIDE / cell] == [800_000, ROWS * COLUMNS]
    assert found["country"] == [AREA, AREA / cell]
    outside = [box - own for box, own in zip(found["box"], found["country"], strict=True)]
    assert found["outside the country"] == outside
    assert Fraction(*map(int, [outside[1], found["box"][1]])) == Fraction(1, 4)
    assert BOX.shape == (ROWS, COLUMNS) == (3200, 4000)


def test_blocks():
    down, across = (-(-side // blocks.BLOCK) for side in (ROWS, COLUMNS))
    assert (down, across) == (4, 4)
    assert len(list(blocks.windows(BOX))) == 16
    assert blocks.BLOCK**2 == 1_048_576
    assert round(ROWS * COLUMNS / blocks.BLOCK**2, 1) == 12.2
    says("18", "3,200 / 1,024 = 3.125", "4,000 / 1,024 = 3.906", "4 × 4 = 16 blocks", "= 12.2,")
    assert (ROWS / 1024, round(COLUMNS / 1024, 3)) == (3.125, 3.906)


def test_memory():
    for cells, maps, megabytes in rows("18.2").values():
        assert round(float(cells * maps * 2 / 1_000_000), 1) == float(megabytes)
    found = rows("18.2")
    assert found["all years of one block"][0] == blocks.BLOCK**2
    assert found["all years of four blocks"][0] == 4 * blocks.BLOCK**2
    assert found["all years of the box"][:2] == [ROWS * COLUMNS, YEARS]
    # three to four times: beyond the 2 GB of Binder at four times, and below 1 GB for four blocks
    assert 4 * found["all years of the box"][2] > 2000
    assert 4 * found["all years of four blocks"][2] < 1000


def test_requests():
    limit = 48 * 2**20
    assert limit == tiles.MOST_BYTES == 50_331_648
    filled = limit * 2 // 3
    says("18", "50,331,648 bytes", "33,554,432 bytes", "5,242,880 bytes", "62,914,560 bytes")
    assert (filled, 1024**2 * 5, 1024**2 * 60) == (33_554_432, 5_242_880, 62_914_560)
    says("18", "747 × 747 × 60 = 33480540 bytes", "12.8 × 5 × 24 = 1536 MB")
    assert 747**2 * 60 == 33_480_540 <= filled < 748**2 * 60
    assert ROWS * COLUMNS * 5 * YEARS == 1_536_000_000
    for name, kind, bands in (("land cover", "class", 1), ("rain", "value", 12)):
        ((_, row),) = [each for each in rows("18.3").items() if each[0].startswith(name)]
        each, side, down, across, requests = map(int, row)
        assert each == tiles.bytes_of_cell(kind, bands)
        assert side == min(1024, math.isqrt(filled // each))
        assert (down, across) == (-(-ROWS // side), -(-COLUMNS // side))
        assert down * across == requests == tiles.estimate(BOX, kind=kind, bands=bands).requests


def test_cells_of_30_m():
    finer = Fraction(250, 30) ** 2
    assert round(float(finer), 1) == 69.4
    found = rows("18.4")
    coarse, fine = found["million cells of the box"]
    assert (coarse, fine) == (number("12.8"), number(f"{float(coarse * finer):.1f}"))
    for place, cells in enumerate((12.8, float(Fraction(128, 10) * finer))):
        assert round(cells * 2 * YEARS / 1000, 1) == float(found["all years (GB)"][place])
        assert round(cells * 3 / 60, 1) == float(found["minutes with one worker"][place])
    block = round(blocks.BLOCK**2 * 2 * YEARS / 1e6, 1)
    assert [float(each) for each in found["all years of one block (MB)"]] == [block, block]


def calls(tree):
    """Number of function calls in a graph."""
    if isinstance(tree, dict):
        return ("functionInvocationValue" in tree) + sum(calls(part) for part in tree.values())
    return sum(calls(part) for part in tree) if isinstance(tree, list) else 0


def test_the_graph_of_a_trend():
    with Session(Grid(1, 1)).installed():
        composites = collections.composites(collections.default_of("productivity"), 2000, 2015)
        annual = productivity.annual(composites, years=(2000, 2015))
        graph = productivity.trend(annual, years=(2000, 2015))
        assert isinstance(graph, ee.Image)
        text = graph.serialize(for_cloud_api=True)
    assert (calls(json.loads(text)), round(len(text) / 1000)) == (144, 20)
    says("18", "The graph of a trend has 144 steps and 20 kilobytes.")
    assert "144 steps and 20 kB" in told("step-6")
    composites = 23 * 16
    assert f"It stands for {composites} composites: 9.4 GB" in told("step-6")
    assert round(composites * ROWS * COLUMNS * 2 / 1e9, 1) == 9.4


def test_the_requests_that_the_notebook_tells():
    for metres, years, gigabytes in ((250, 384, 1.43), (30, 21_384, 99.34)):
        grid = GeoBox.from_bbox((0, 0, WIDE * 1000, HIGH * 1000), "EPSG:6933", resolution=metres)
        one = tiles.estimate(grid, kind="integer")
        assert one.requests * YEARS == years
        assert round(one.megabytes * YEARS / 1024, 2) == gigabytes
        assert f"{years:,} requests and {gigabytes} GB" in told("step-6")
    assert round(one.minutes * YEARS / 60) == 30


def test_the_licences_of_the_third_exercise():
    asks = {key: catalogue.licence(key)["flags"] for key in ("soilgrids", "soil_taxonomy", "wdpa")}
    assert asks["soilgrids"] == [] and catalogue.licence("soilgrids")["licence"] == "CC BY 4.0"
    assert asks["soil_taxonomy"] == ["share_alike"]
    assert "no_redistribution" in asks["wdpa"]
    assert catalogue.licence("te_package_fao_wocat")["flags"] == ["non_commercial"]


@pytest.mark.parametrize("cell", ["step-5", "step-6"])
def test_the_blocks_for_a_signed_in_team_name_what_there_is(cell):
    """Code that needs a sign-in is shown and not run: its names must exist all the same."""
    import ast
    import importlib
    import re

    (block,) = re.findall(r"```python\n(.*?)```", told(cell), re.S)
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("layers", "landcover", "signin"):
                home = importlib.import_module(f"ldnkit.sources.earthengine.{node.value.id}")
                assert hasattr(home, node.attr)
