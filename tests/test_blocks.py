"""The engine: the same result for any blocks and workers, resumed where it stopped."""

import pickle
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from small_country import small_country, steady_ndvi, values_of

from ldnkit import areas, blocks, plans
from ldnkit.blocks import Output

NODATA = -32768
ROWS, COLUMNS = 7, 10
GRID = GeoBox.from_bbox((10, 40, 10 + COLUMNS, 40 + ROWS), "EPSG:4326", resolution=1)
WEST, NORTH = 10, 40 + ROWS


@dataclass
class Picture:
    """An array as an input: every window of the grid finds its part by its corner."""

    values: np.ndarray

    def read(self, grid):
        box = grid.boundingbox
        row, column = round(NORTH - box.top), round(box.left - WEST)
        return self.values[row : row + grid.shape[0], column : column + grid.shape[1]]


@dataclass
class Doubling:
    """A kernel that doubles classes, counts its calls and stops at one of them."""

    stop_at: int | None = None
    calls: list = field(default_factory=list)

    def __call__(self, arrays, grid):
        self.calls.append(tuple(grid.boundingbox))
        if self.stop_at is not None and len(self.calls) > self.stop_at:
            raise RuntimeError("the power is off")
        classes = arrays["classes"]
        doubled = np.where(classes == NODATA, NODATA, classes * 2).astype(np.int16)
        table = areas.crosstab(
            areas.cell_area(grid),
            where=classes != NODATA,
            weights={"people": arrays["people"]},
            classes=classes,
        )
        return {"doubled": doubled, "people": arrays["people"]}, {"table": table}


OUTPUTS = {"doubled": Output(tags={"TITLE": "doubled"}), "people": Output("float32")}


def world(seed=1, holes=0.2):
    random = np.random.default_rng(seed)
    classes = random.integers(-1, 4, (ROWS, COLUMNS)).astype(np.int16)
    classes[random.random((ROWS, COLUMNS)) < holes] = NODATA
    people = random.integers(0, 50, (ROWS, COLUMNS)).astype(np.float32)
    return {"classes": Picture(classes), "people": Picture(people)}


def expected_table(inputs):
    classes, people = inputs["classes"].values, inputs["people"].values
    area = np.broadcast_to(areas.cell_area(GRID), classes.shape)
    rows = []
    for code in sorted(set(classes[classes != NODATA].tolist())):
        here = classes == code
        rows.append((code, area[here].sum(), int(here.sum()), people[here].sum()))
    return pd.DataFrame(rows, columns=["classes", "area_km2", "cells", "people"])


def check(found, inputs):
    pd.testing.assert_frame_equal(
        found["table"], expected_table(inputs), rtol=1e-12, check_dtype=False
    )


@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_tables_do_not_depend_on_blocks_or_workers(block, workers, seed):
    inputs = world(seed)
    check(blocks.run(GRID, inputs, Doubling(), block=block, workers=workers), inputs)


@pytest.mark.parametrize(("block", "workers"), [(2, 2), (3, 1), (4, 3), (50, 1)])
def test_layers_do_not_depend_on_blocks_or_workers(tmp_path, block, workers):
    inputs = world()
    found = blocks.run(
        GRID, inputs, Doubling(), outputs=OUTPUTS, folder=tmp_path, block=block, workers=workers
    )
    classes = inputs["classes"].values
    expected = np.where(classes == NODATA, NODATA, classes * 2)
    np.testing.assert_array_equal(values_of(tmp_path / "doubled.tif"), expected)
    np.testing.assert_array_equal(values_of(tmp_path / "people.tif"), inputs["people"].values)
    check(found, inputs)


def test_layers_lie_on_the_grid_with_their_no_data_and_tags(tmp_path):
    blocks.run(GRID, world(), Doubling(), outputs=OUTPUTS, folder=tmp_path)
    with rasterio.open(tmp_path / "doubled.tif") as layer:
        assert layer.transform == GRID.transform
        assert layer.crs.to_epsg() == 4326
        assert (layer.dtypes[0], layer.nodata) == ("int16", NODATA)
        assert layer.tags()["TITLE"] == "doubled"
    with rasterio.open(tmp_path / "people.tif") as layer:
        assert layer.dtypes[0] == "float32"
        assert np.isnan(layer.nodata)


def test_sums_are_the_same_to_the_bit_for_any_number_of_workers():
    first, *others = (
        blocks.run(GRID, world(), Doubling(), block=2, workers=workers)["table"]
        for workers in (1, 2, 3)
    )
    for other in others:
        pd.testing.assert_frame_equal(first, other, check_exact=True)


def test_windows_cover_every_cell_once_and_stay_inside():
    for block in range(1, 12):
        seen = np.zeros(GRID.shape, int)
        for row, column, part in blocks.windows(GRID, block):
            assert part.boundingbox.left == WEST + column
            assert part.boundingbox.top == NORTH - row
            seen[row : row + part.shape[0], column : column + part.shape[1]] += 1
            assert max(part.shape) <= block
        assert (seen == 1).all()


# ------------------------------------------------------------------- outside the country
def test_blocks_wholly_outside_are_left_out_and_stay_no_data(tmp_path):
    inputs = world(holes=0)
    inputs["classes"].values[:, 5:] = NODATA
    read = []

    class Counted(Picture):
        def read(self, grid):
            read.append(grid)
            return super().read(grid)

    inputs["people"] = Counted(inputs["people"].values)
    kernel = Doubling()
    found = blocks.run(
        GRID, inputs, kernel, outputs=OUTPUTS, folder=tmp_path, block=5, inside="classes"
    )
    # blocks of five: rows 0-4 and 5-6, columns 0-4 and 5-9; the right two are outside
    assert len(kernel.calls) == len(read) == 2
    assert (values_of(tmp_path / "doubled.tif")[:, 5:] == NODATA).all()
    assert np.isnan(values_of(tmp_path / "people.tif")[:, 5:]).all()
    check(found, inputs)


def test_nothing_inside_gives_no_table():
    inputs = world()
    inputs["classes"].values[:] = NODATA
    assert blocks.run(GRID, inputs, Doubling(), inside="classes") == {}


# --------------------------------------------------------------------------- resuming
@pytest.mark.parametrize("stop_at", [0, 1, 5, 11])
def test_work_goes_on_where_it_stopped(tmp_path, stop_at):
    inputs, place = world(), {"outputs": OUTPUTS, "folder": tmp_path, "block": 3}
    with pytest.raises(RuntimeError, match="power is off"):
        blocks.run(GRID, inputs, Doubling(stop_at=stop_at), workers=1, **place)
    kernel = Doubling()
    found = blocks.run(GRID, inputs, kernel, workers=1, **place)
    assert len(kernel.calls) == 12 - stop_at  # 3 × 4 blocks
    check(found, inputs)
    pd.testing.assert_frame_equal(
        found["table"], blocks.run(GRID, inputs, Doubling(), block=3)["table"], check_exact=True
    )
    classes = inputs["classes"].values
    expected = np.where(classes == NODATA, NODATA, classes * 2)
    np.testing.assert_array_equal(values_of(tmp_path / "doubled.tif"), expected)


def test_finished_work_is_not_done_again(tmp_path):
    inputs, place = world(), {"outputs": OUTPUTS, "folder": tmp_path, "block": 4}
    first = blocks.run(GRID, inputs, Doubling(), **place)
    again = Doubling()
    second = blocks.run(GRID, inputs, again, **place)
    assert again.calls == []
    pd.testing.assert_frame_equal(first["table"], second["table"], check_exact=True)


def test_a_block_whose_note_is_not_whole_is_done_again(tmp_path):
    """Killed while a block was written: the layer may hold it, the note does not."""
    inputs, place = world(), {"outputs": OUTPUTS, "folder": tmp_path, "block": 4}
    blocks.run(GRID, inputs, Doubling(), **place)
    notes = sorted((tmp_path / "done").glob("*.pickle"), key=lambda path: int(path.stem))
    notes[-1].replace(notes[-1].with_suffix(".part"))
    kernel = Doubling()
    found = blocks.run(GRID, inputs, kernel, **place)
    assert len(kernel.calls) == 1
    check(found, inputs)


def test_a_lost_layer_starts_the_work_again(tmp_path):
    inputs, place = world(), {"outputs": OUTPUTS, "folder": tmp_path, "block": 4}
    blocks.run(GRID, inputs, Doubling(), **place)
    (tmp_path / "people.tif").unlink()
    kernel = Doubling()
    found = blocks.run(GRID, inputs, kernel, **place)
    assert len(kernel.calls) == 6
    check(found, inputs)


def test_a_run_killed_while_it_made_its_layers_starts_again(tmp_path):
    inputs, place = world(), {"outputs": OUTPUTS, "folder": tmp_path, "block": 4}
    for name in OUTPUTS:
        (tmp_path / f"{name}.tif").write_bytes(b"II*\0")
    check(blocks.run(GRID, inputs, Doubling(), **place), inputs)
    np.testing.assert_array_equal(values_of(tmp_path / "people.tif"), inputs["people"].values)


def test_layers_without_a_folder_are_refused():
    with pytest.raises(ValueError, match="found no folder"):
        blocks.run(GRID, world(), Doubling(), outputs=OUTPUTS)


# --------------------------------------------------------------------------- executors
class AtOnce:
    """An executor that does the work when asked, and counts."""

    def __init__(self):
        self.count = 0

    def submit(self, function, *arguments):
        self.count += 1
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


class ByPost(AtOnce):
    """An executor on another machine: everything travels as bytes, there and back."""

    def submit(self, function, *arguments):
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        future = super().submit(function, *arguments)
        answer = Future()
        answer.set_result(pickle.loads(pickle.dumps(future.result())))
        return answer


@pytest.mark.parametrize("executor", [AtOnce(), ByPost()], ids=["at once", "by post"])
def test_anything_with_submit_is_an_executor(tmp_path, executor):
    inputs = world()
    check(
        blocks.run(
            GRID,
            inputs,
            Doubling(),
            outputs=OUTPUTS,
            folder=tmp_path,
            block=4,
            executor=executor,
        ),
        inputs,
    )
    assert executor.count == 6


def test_an_executor_that_was_given_stays_open():
    inputs = world()
    with ThreadPoolExecutor(2) as pool:
        check(blocks.run(GRID, inputs, Doubling(), block=3, executor=pool), inputs)
        assert pool.submit(int, "1").result() == 1


@pytest.mark.parametrize("rule", ["centre", "fraction"])
def test_every_plan_can_travel_to_another_machine(tmp_path, rule):
    shape = (2, 3)
    world = small_country(
        tmp_path,
        {year: np.full(shape, 3) for year in (2000, 2015, 2016, 2019, 2023)},
        ndvi=steady_ndvi(shape),
        reference=np.full(shape, 50),
    )
    one = world.raster("one.tif", np.ones(shape), dtype=np.float32)
    country = world.read(
        boundary={"file": "boundary.gpkg", "rule": rule},
        population={"total": {2015: one}},
        drought={"index": {2015: one}},
    )

    any_file = tmp_path / "land_cover_2000.tif"

    class Result:
        layers = type("AnyLayer", (dict,), {"__missing__": lambda self, name: any_file})()

    needed = dict.fromkeys(plans.NEEDS, Result())
    for indicator in plans.available(country):
        plan = plans.make(country, indicator, needed)
        grid = country.grid if plan.grid is None else plan.grid
        kernel = plan.kernel or plan.first[1]({})
        parts = pickle.loads(pickle.dumps((plan.inputs, kernel)))
        arrays = {name: each.read(grid) for name, each in parts[0].items()}
        if indicator == "degradation":
            continue  # the stand-in layers are no classes of degradation
        layers, tables = parts[1](arrays, grid)
        assert set(layers) == set(plan.outputs)
        assert all(len(table) for table in tables.values())
