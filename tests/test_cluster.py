"""The same country on a cluster: processes that share nothing but the disk."""

import numpy as np
import pandas as pd
import pytest
import rasterio

import ldnkit
from ldnkit import blocks

pytestmark = pytest.mark.slow

INDICATORS = ("land_cover", "productivity", "soil", "degradation")


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def everything(path, outputs, **options):
    country = ldnkit.open_country(path, outputs=outputs)
    return {name: ldnkit.compute(country, name, progress=False, **options) for name in INDICATORS}


def test_a_cluster_gives_the_same_bits(landia, landia_results, client, tmp_path, monkeypatch):
    whole = blocks.run  # Landia would be a single block
    monkeypatch.setattr(
        blocks, "run", lambda *args, **options: whole(*args, **(options | {"block": 128}))
    )
    found = everything(landia.path, tmp_path / "cluster", executor=client)
    for name in INDICATORS:
        assert not found[name].reused
        for layer, path in found[name].layers.items():
            with (
                rasterio.open(path) as one,
                rasterio.open(landia_results[name].layers[layer]) as two,
            ):
                assert np.array_equal(one.read(1), two.read(1), equal_nan=True), layer
        for table, frame in found[name].tables.items():
            kept = landia_results[name].tables[table]
            pd.testing.assert_frame_equal(frame, kept, rtol=1e-12, check_dtype=False, obj=table)


def test_the_processes_leave_their_blocks_and_only_tables_travel(client, tmp_path):
    from test_blocks import GRID, OUTPUTS, Doubling, Picture

    rng = np.random.default_rng(1)
    inputs = {
        "classes": Picture(rng.integers(1, 4, GRID.shape).astype(np.int16)),
        "people": Picture(rng.random(GRID.shape, dtype="float32")),
    }
    travelled = []

    class Watched:
        """The client, with a look at what comes back."""

        nthreads = client.nthreads

        def submit(self, function, *arguments, **options):
            future = client.submit(function, *arguments, **options)
            travelled.append(future)
            return future

    tables = blocks.run(
        GRID, inputs, Doubling(), outputs=OUTPUTS, folder=tmp_path, block=4, executor=Watched()
    )
    assert all(future.result()[0].suffix == ".npz" for future in travelled)
    assert not list((tmp_path / "tiles").iterdir())
    with rasterio.open(tmp_path / "doubled.tif") as written:
        assert (written.read(1) == 2 * inputs["classes"].values).all()
    assert tables["table"]["cells"].sum() == GRID.shape[0] * GRID.shape[1]


def test_a_worker_that_fails_says_why(client, tmp_path):
    from test_blocks import GRID, OUTPUTS, Doubling, Picture

    inputs = {
        "classes": Picture(np.ones(GRID.shape, np.int16)),
        "people": Picture(np.ones(GRID.shape, np.float32)),
    }
    with pytest.raises(RuntimeError, match="the power is off"):
        blocks.run(
            GRID,
            inputs,
            Doubling(stop_at=0),
            outputs=OUTPUTS,
            folder=tmp_path,
            block=4,
            executor=client,
        )
