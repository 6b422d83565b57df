"""The effect of corrections: the same tables as a computation of the whole country."""

import dataclasses
import shutil

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box
from small_country import CELL, NORTH, WEST, small_country, steady_ndvi

import ldnkit
from ldnkit import prais, verification
from ldnkit.polygons import area_km2
from ldnkit.sources import vectors
from ldnkit.verification import effect as module

NODATA = -32768
LAND = ("land_cover", "productivity", "soil", "degradation")
SHAPE = (5, 7)
# tree 1, grassland 2, cropland 3, artificial 5, water 7
FIRST = [
    [1, 1, 1, 2, 2, 3, 7],
    [1, 1, 2, 2, 3, 3, 7],
    [1, 2, 2, 2, 3, 5, 7],
    [2, 2, 2, 3, 3, 5, 5],
    [2, 2, 3, 3, 1, 1, 1],
]
LAST = [
    [1, 3, 1, 2, 5, 3, 7],
    [3, 1, 2, 1, 3, 3, 2],
    [1, 2, 2, 2, 5, 5, 7],
    [2, 7, 2, 3, 3, 5, 5],
    [2, 2, 3, 1, 1, 1, 2],
]
RISE = [
    [-90, 0, 90, 0, -90, 90, 0],
    [0, 0, -90, 90, 0, 0, 90],
    [90, -90, 0, 0, 0, 90, 0],
    [0, 90, 0, -90, 90, 0, 0],
    [0, 0, 90, 0, -90, 0, 90],
]


def computed(country) -> dict:
    return {name: ldnkit.compute(country, name, progress=False) for name in LAND}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A country of 5 × 7 cells, and its results without corrections."""
    cover = {2000: FIRST, 2015: LAST, 2016: FIRST, 2019: FIRST, 2023: LAST}
    world = small_country(
        tmp_path_factory.mktemp("world"),
        cover,
        ndvi=steady_ndvi(SHAPE, rise=RISE),
        reference=np.full(SHAPE, 50.0),
    )
    country = world.read()
    return country, computed(country)


def polygon(top, left, bottom, right, periods, deg=None, stable=None, imp=None) -> dict:
    """A rectangle of cells; fractions are allowed."""
    shape = box(WEST + left * CELL, NORTH - bottom * CELL, WEST + right * CELL, NORTH - top * CELL)
    recodes = {"recode_deg_to": deg, "recode_stable_to": stable, "recode_imp_to": imp}
    return {"geometry": shape, "periods_affected": list(periods), **recodes}


def frame(*rows):
    table = geopandas.GeoDataFrame(list(rows), crs=4326)
    for name in ("recode_deg_to", "recode_stable_to", "recode_imp_to"):
        table[name] = table[name].astype("Int32")
    return table


def named_in(country, folder, table):
    """The same country with these polygons in its country file."""
    path = folder / "error_polygons.gpkg"
    written = table.assign(
        uuid=[f"00000000-0000-4000-8000-{number:012d}" for number in range(len(table))],
        periods_affected=[str(list(names)) for names in table["periods_affected"]],
    )
    path.unlink(missing_ok=True)
    written.to_file(path, driver="GPKG")
    return dataclasses.replace(country, error_polygons=path)


def same(found, expected):
    by = [name for name in expected if name not in ("area_km2", "cells")]
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(
        found.sort_values(by).reset_index(drop=True),
        expected.sort_values(by).reset_index(drop=True),
        check_dtype=False,
        rtol=1e-9,
        atol=1e-9,
    )


PERIODS = st.lists(st.sampled_from(["baseline", "report_1", "report_2"]), min_size=1, unique=True)
EDGE = st.floats(0, 7, allow_nan=False).map(lambda value: round(value, 2))
RECODED = {
    "deg": st.sampled_from([None, 0, 1, NODATA]),
    "stable": st.sampled_from([None, -1, 1, NODATA]),
    "imp": st.sampled_from([None, -1, 0, NODATA]),
}


@st.composite
def rectangles(draw):
    (top, bottom), (left, right) = (sorted((draw(EDGE), draw(EDGE) + 0.01)) for _ in range(2))
    recodes = {name: draw(values) for name, values in RECODED.items()}
    return polygon(top, left, bottom, right, draw(PERIODS), **recodes)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rectangles(), min_size=1, max_size=3))
def test_equals_a_computation_of_the_whole_country(small, tmp_path_factory, rows):
    country, results = small
    table = frame(*rows)
    effect = verification.Effect(country, results)
    corrected = effect.corrected(table)
    full = named_in(country, tmp_path_factory.mktemp("full"), table)
    full_results = computed(full)
    for name in ("status", "sub_indicators"):
        same(corrected[name], full_results["degradation"].tables[name])
    # and back: from corrected results to those without corrections
    undone = verification.Effect(full, full_results)
    for name in ("status", "sub_indicators"):
        same(undone.base[name], results["degradation"].tables[name])


@pytest.mark.parametrize("block", [1, 2, 3, 256])
def test_does_not_depend_on_the_blocks(small, monkeypatch, block):
    country, results = small
    table = frame(
        polygon(0.2, 0.3, 3.4, 5.6, ["baseline", "report_2"], deg=0, imp=-1),
        polygon(2, 2, 9, 9, ["report_2"], stable=-1),
    )
    whole = verification.Effect(country, results).corrected(table)
    monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(module, "KEPT", 2)
    parts = verification.Effect(country, results).corrected(table)
    for name, expected in whole.items():
        same(parts[name], expected)


def test_only_touched_blocks_are_read(small, monkeypatch):
    country, results = small
    monkeypatch.setattr(module, "BLOCK", 1)
    effect = verification.Effect(country, results)
    # cells (1, 2), (1, 3), (2, 2), (2, 3) of the lattice
    table = frame(polygon(1.4, 2.4, 2.6, 3.6, ["report_2"], deg=0))
    effect.corrected(table)
    assert sorted(effect._arrays) == [(1, 2), (1, 3), (2, 2), (2, 3)]


def test_no_polygons_change_nothing(small):
    country, results = small
    effect = verification.Effect(country, results)
    table = effect.table(verification.Polygons().errors)
    assert (table["difference_km2"] == 0).all()
    found = effect.result_with(verification.Polygons().errors).tables
    same(found["status"], results["degradation"].tables["status"])


def test_a_polygon_outside_changes_nothing(small):
    country, results = small
    effect = verification.Effect(country, results)
    table = effect.table(frame(polygon(50, 50, 60, 60, ["report_2"], deg=0)))
    assert (table["difference_km2"] == 0).all()


def test_the_table_adds_up(small):
    country, results = small
    table = verification.Effect(country, results).table(
        frame(polygon(0, 0, 9, 9, ["report_1", "report_2"], deg=0))
    )
    sums = table.groupby(["measure", "period"])[["before_km2", "after_km2"]].sum()
    assert np.allclose(sums["before_km2"], sums["after_km2"])
    last = table[(table["period"] == "report_2") & (table["class"] == -1)]
    assessment, status = (
        last[last["measure"] == name].iloc[0] for name in ("assessment", "status")
    )
    assert assessment["before_km2"] > 0 and assessment["after_km2"] == 0
    # degraded in the baseline and stable now is still degraded
    base = table[(table["period"] == "baseline") & (table["class"] == -1)].iloc[0]
    assert base["difference_km2"] == 0 and status["after_km2"] > 0


def test_shares_of_a_polygon_by_hand(small):
    country, results = small
    # the first row, columns 0 to 1: tree -> tree with falling ndvi; tree -> cropland, ndvi flat
    table = frame(polygon(0, 0, 1, 2, ["report_2"], deg=0), polygon(0, 0, 1, 2, ["report_2"]))
    shares = verification.Effect(country, results).shares(table)
    one = shares[(shares["period"] == "report_2") & (shares["class"] == -1)]
    found = one[one["polygon"] == 1].set_index("layer")["percent"]
    assert found["land_cover"] == pytest.approx(50) and found["productivity"] == pytest.approx(50)
    assert found["sdg"] == pytest.approx(100)
    # the second polygon lies on the first one, and is looked at by itself
    assert one[one["polygon"] == 2]["percent"].tolist() == found.tolist()
    assert set(shares["period"]) == {"baseline", "report_1", "report_2"}
    shown = verification.shares_of(shares, 1)
    assert np.allclose(shown.sum(axis=1), 100)


def test_recodes_that_mean_nothing_are_refused(small):
    country, results = small
    with pytest.raises(ValueError, match="recode_deg_to = -1"):
        verification.Effect(country, results).table(
            frame(polygon(0, 0, 1, 1, ["baseline"], deg=-1))
        )


# ------------------------------------------------------------------------------- Landia
def test_landia_equals_a_full_computation(landia, landia_results, tmp_path):
    desk = verification.start(landia)
    shutil.copytree(landia.folder_results, tmp_path / "outputs" / "XLD")
    written = verification.save(desk, tmp_path / "files")
    full = dataclasses.replace(
        landia, error_polygons=written["error_polygons"], outputs=tmp_path / "outputs"
    )
    expected = ldnkit.compute(full, "degradation", progress=False).tables
    corrected = verification.Effect(landia, landia_results).corrected(desk.errors)
    for name in ("status", "sub_indicators", "error_polygons"):
        same(corrected[name], expected[name])


def test_landia_degraded_land_before_and_after(landia, landia_results):
    polygons = vectors.error_polygons(
        dataclasses.replace(landia, error_polygons=landia.folder / "error_polygons.gpkg")
    )
    effect = verification.Effect(landia, landia_results)
    table = verification.degraded(effect.table(polygons))
    report = prais.build(landia, landia_results)["SO1-4.T2"].frame["degraded_area"]
    assert np.allclose(table["before_km2"], report)
    # the invader covers 81.6 km² that the baseline calls improved; the clearing takes away 39.5
    assert table["difference_km2"].round(1).tolist() == [81.6, 42.1, 42.1]
    assert table["difference_points"].round(2).tolist() == [1.21, 0.62, 0.62]


def test_the_report_of_landia_with_corrections(landia, landia_results, tmp_path):
    desk = verification.start(landia)
    desk.add("hotspot", "179.4, -16.5, 179.5, -16.4", location="Dry Plain", direct_drivers="goats")
    checked = verification.with_files(landia, verification.save(desk, tmp_path))
    effect = verification.Effect(landia, landia_results)
    results = landia_results | {"degradation": effect.result_with(desk.errors)}
    report = prais.build(checked, results)
    third = report["SO1-4.T3"].frame
    assert third["type"].tolist() == ["false_positive", "false_negative"]
    assert third["area"].tolist() == pytest.approx(area_km2(desk.errors.geometry))
    assert third["area"].tolist() == pytest.approx([81.6, 39.5], abs=0.8)  # those of the cells
    fourth = report["SO1-4.T4"].frame
    (area,) = area_km2([verification.geometry("179.4, -16.5, 179.5, -16.4")])
    assert fourth["area"].tolist() == pytest.approx([area])
    assert fourth["direct_drivers"].tolist() == ["goats"]
    assert not len(report["SO1-4.T5"].frame)
    shares = report["SO1-4.T2"].frame["degraded_share"].round(2).tolist()
    assert shares == [19.46, 22.95, 21.93]
