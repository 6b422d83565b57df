"""SDG 15.3.1: every combination of classes, corrections by polygon, neutrality, candidates."""

from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import reference
import rioxarray  # noqa: F401  (gives DataArrays their reference system)
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from shapely.geometry import Polygon, box

from ldnkit import areas, degradation, soil

NODATA = -32768
CODES = [-1, 0, 1, NODATA]
LEAVE = None


def layer(values):
    return xr.DataArray(np.array([values], np.int16), dims=("y", "x"))


def row(array):
    return array.values.ravel().tolist()


def columns(combinations):
    return [layer(column) for column in zip(*combinations, strict=True)]


# ------------------------------------------------------------------ one out, all out


@pytest.mark.parametrize("missing", ["manual", "trends.earth"])
def test_all_64_combinations(missing):
    combinations = list(product(CODES, repeat=3))
    result = degradation.one_out_all_out(*columns(combinations), missing=missing)
    assert result.dtype == np.int16
    expected = [reference.one_out_all_out(*each, missing=missing) for each in combinations]
    assert row(result) == expected


@pytest.mark.parametrize(
    ("classes", "manual", "trends_earth"),
    [
        ((-1, 1, 1), -1, -1),
        ((0, 0, 1), 1, 1),
        ((0, 0, 0), 0, 0),
        ((NODATA, -1, 1), -1, NODATA),  # degraded whatever the missing one would say
        ((NODATA, 1, 1), NODATA, NODATA),  # the missing one might be degraded
        ((NODATA, 0, 0), NODATA, NODATA),
        ((NODATA, NODATA, NODATA), NODATA, NODATA),
    ],
)
def test_one_out_all_out_by_hand(classes, manual, trends_earth):
    layers = [layer([value]) for value in classes]
    assert row(degradation.one_out_all_out(*layers)) == [manual]
    assert row(degradation.one_out_all_out(*layers, missing="trends.earth")) == [trends_earth]


def test_the_order_of_sub_indicators_does_not_matter():
    combinations = list(product(CODES, repeat=3))
    first, second, third = columns(combinations)
    straight = row(degradation.one_out_all_out(first, second, third))
    assert row(degradation.one_out_all_out(third, first, second)) == straight
    assert row(degradation.one_out_all_out(second, first, third)) == straight


def test_unknown_rule_and_unknown_class():
    with pytest.raises(ValueError, match="gpg"):
        degradation.one_out_all_out(layer([0]), layer([0]), layer([0]), missing="gpg")
    with pytest.raises(ValueError, match="5"):
        degradation.one_out_all_out(layer([5]), layer([0]), layer([0]))


# ---------------------------------------------------------------------------- status

PAIRS = list(product(CODES, repeat=2))


def test_status_four_by_four():
    baseline, period = columns(PAIRS)
    assert row(degradation.status(baseline, period)) == [reference.status(*p) for p in PAIRS]


def test_status_detail_four_by_four():
    baseline, period = columns(PAIRS)
    detail = degradation.status_detail(baseline, period)
    assert detail.dtype == np.int16
    assert row(detail) == [reference.status_detail(*pair) for pair in PAIRS]


def test_status_matrix_as_printed():
    #                 period: degraded stable improved
    printed = {-1: [-1, -1, 1], 0: [-1, 0, 1], 1: [-1, 1, 1]}
    for baseline, expected in printed.items():
        found = degradation.status(layer([baseline] * 3), layer([-1, 0, 1]))
        assert row(found) == expected


def test_status_follows_from_the_detail():
    """Classes 1, 2, 3 are degraded, 4 is stable, 5, 6, 7 are improved."""
    baseline, period = columns(PAIRS)
    status = row(degradation.status(baseline, period))
    detail = row(degradation.status_detail(baseline, period))
    joined = {1: -1, 2: -1, 3: -1, 4: 0, 5: 1, 6: 1, 7: 1, NODATA: NODATA}
    assert [joined[code] for code in detail] == status


def test_periods_are_not_chained():
    # Improved in the first reporting period, stable in the second: 2023 looks at the
    # baseline (degraded) only, so the land is still degraded.
    baseline, second = layer([-1]), layer([0])
    assert row(degradation.status(baseline, second)) == [-1]
    chained = degradation.status(degradation.status(baseline, layer([1])), second)
    assert row(chained) == [1]  # what chaining would say


def test_mistake_1_percent_layers_are_refused():
    """Trends.Earth mistake 1: SOC percent in place of classes gave 0 km² degraded."""
    percent = layer([-35, -12, 0, 40])
    classes = soil.degradation(percent.astype(float))
    zero = layer([0] * 4)
    assert row(degradation.one_out_all_out(zero, zero, classes)) == [-1, -1, 0, 1]
    with pytest.raises(ValueError, match="-35"):
        degradation.one_out_all_out(zero, zero, percent)
    with pytest.raises(ValueError, match="-12"):
        degradation.status(percent, classes)


# ---------------------------------------------------------------- false positives, negatives


def world(rows=4, columns=4, west=10.0, north=2.0, cell=0.5, fill=None):
    """Degraded, stable, improved and no data in turn, on a geographic grid."""
    values = np.resize(np.array(CODES, np.int16), (rows, columns))
    if fill is not None:
        values = np.full((rows, columns), fill, np.int16)
    coords = {
        "y": north - cell * (np.arange(rows) + 0.5),
        "x": west + cell * (np.arange(columns) + 0.5),
    }
    return xr.DataArray(values, dims=("y", "x"), coords=coords).rio.write_crs("EPSG:4326")


def polygons(*features, crs="EPSG:4326"):
    """Features: (geometry, periods, recode of degraded, of stable, of improved)."""
    names = ["geometry", "periods_affected", "recode_deg_to", "recode_stable_to", "recode_imp_to"]
    table = pd.DataFrame(features, columns=names)
    table["uuid"] = [f"00000000-0000-0000-0000-{place:012}" for place in range(len(features))]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


EVERYWHERE = box(9, -1, 13, 3)
ALL_PERIODS = ["baseline", "report_1", "report_2"]
RECODES = list(product([LEAVE, NODATA, 0, 1], [LEAVE, NODATA, -1, 1], [LEAVE, NODATA, -1, 0]))


@pytest.mark.parametrize("codes", RECODES, ids=str)
def test_every_triple_of_recodes(codes):
    before = world()
    after = degradation.recode(
        before, polygons((EVERYWHERE, ["baseline"], *codes)), period="baseline"
    )
    assert after.dtype == np.int16
    assert after.dims == before.dims
    assert row(after) == [reference.recode(value, *codes) for value in row(before)]


# Cells whose centre lies in the polygon (x 10–11, y 1–2) change, the others stay:
# | # | # | . | . |
# | # | # | . | . |
# | . | . | . | . |
# | . | . | . | . |
def test_recode_by_the_centre_of_the_cell():
    before = world(fill=-1)
    inside = np.zeros((4, 4), bool)
    inside[:2, :2] = True
    # A little less or more than two cells: the centres decide.
    for outline in (box(10, 1, 11, 2), box(10.2, 1.2, 10.8, 1.8), box(9.8, 0.8, 11.2, 2.2)):
        after = degradation.recode(
            before, polygons((outline, ["baseline"], 0, None, None)), period="baseline"
        )
        assert (after.values == np.where(inside, 0, -1)).all()


def test_recode_only_in_the_periods_affected():
    before = world(fill=-1)
    table = polygons(
        (box(10, 1, 11, 2), ["report_1", "report_2"], 1, None, None),
        (box(11, 0, 12, 1), ["baseline"], 0, None, None),
    )
    for period, changed, value in [
        ("baseline", (slice(2, 4), slice(2, 4)), 0),
        ("report_1", (slice(0, 2), slice(0, 2)), 1),
        ("report_2", (slice(0, 2), slice(0, 2)), 1),
    ]:
        expected = np.full((4, 4), -1)
        expected[changed] = value
        after = degradation.recode(before, table, period=period)
        assert (after.values == expected).all(), period


def test_periods_written_as_text():
    # GeoPackage has no lists: the attribute arrives as text.
    table = polygons((EVERYWHERE, '["baseline", "report_2"]', 0, None, None))
    assert set(row(degradation.recode(world(fill=-1), table, period="report_2"))) == {0}
    assert set(row(degradation.recode(world(fill=-1), table, period="report_1"))) == {-1}


def test_recode_leaves_its_input_alone():
    before = world()
    copy = before.copy(deep=True)
    degradation.recode(before, polygons((EVERYWHERE, ["baseline"], 0, -1, 0)), period="baseline")
    xr.testing.assert_identical(before, copy)


def test_recode_without_polygons_changes_nothing():
    empty = polygons((EVERYWHERE, ["baseline"], 0, None, None)).iloc[:0]
    assert row(degradation.recode(world(), empty, period="baseline")) == row(world())


def test_recode_brings_polygons_to_the_grid():
    before = world(fill=0)
    outline = box(10, 1, 11, 2)
    table = polygons((outline, ["baseline"], None, -1, None))
    expected = row(degradation.recode(before, table, period="baseline"))
    assert expected.count(-1) == 4
    for crs in ("EPSG:3857", "EPSG:32632", "EPSG:6933"):
        found = degradation.recode(before, table.to_crs(crs), period="baseline")
        assert row(found) == expected, crs


def test_polygon_with_a_hole():
    ring = Polygon(box(10, 0, 12, 2).exterior.coords, [box(10.5, 0.5, 11.5, 1.5).exterior.coords])
    after = degradation.recode(
        world(fill=1), polygons((ring, ["baseline"], None, None, -1)), period="baseline"
    )
    expected = np.full((4, 4), -1)
    expected[1:3, 1:3] = 1
    assert (after.values == expected).all()


@pytest.mark.parametrize(
    "codes", [(-1, None, None), (None, 0, None), (None, None, 1), (2, None, None), (5, 5, 5)]
)
def test_recodes_that_are_not_allowed(codes):
    with pytest.raises(ValueError, match="recode_"):
        degradation.recode(world(), polygons((EVERYWHERE, ["baseline"], *codes)), period="baseline")


def test_recodes_written_as_text(tmp_path):
    """A GeoPackage may hold its numbers as text; an empty text leaves the class."""
    from types import SimpleNamespace

    from ldnkit.sources import vectors

    table = polygons((EVERYWHERE, ["baseline"], "0", "", None))
    table["periods_affected"] = "baseline"
    table.to_file(tmp_path / "polygons.gpkg")
    country = SimpleNamespace(error_polygons=tmp_path / "polygons.gpkg", crosses_180=False)
    read = vectors.error_polygons(country)
    assert read["type"].tolist() == ["false negative"]
    after = degradation.recode(world(fill=-1), read, period="baseline")
    assert (after.values == 0).all()
    assert (degradation.recode(world(fill=0), read, period="baseline").values == 0).all()
    table["recode_deg_to"] = "much"
    table.to_file(tmp_path / "polygons.gpkg")
    with pytest.raises(ValueError, match="recode_deg_to = much"):
        vectors.error_polygons(country)


def test_missing_attributes():
    table = polygons((EVERYWHERE, ["baseline"], 0, None, None)).drop(columns="recode_imp_to")
    with pytest.raises(ValueError, match="recode_imp_to"):
        degradation.recode(world(), table, period="baseline")


def test_layer_without_crs():
    bare = world().drop_vars("spatial_ref")
    with pytest.raises(ValueError, match="reference system"):
        degradation.recode(
            bare, polygons((EVERYWHERE, ["baseline"], 0, None, None)), period="baseline"
        )


def test_status_after_correction():
    """A false positive in the period: the method saw no degradation, the team knows better."""
    baseline, period = world(fill=0), world(fill=0)
    table = polygons((box(10, 1, 11, 2), ["report_1"], None, -1, None))
    corrected = degradation.recode(period, table, period="report_1")
    status = degradation.status(baseline, corrected)
    assert (status.values == -1).sum() == 4
    assert (degradation.status(baseline, period).values == -1).sum() == 0


def test_mistake_10_polygon_smaller_than_a_cell():
    """Trends.Earth mistake 10: polygons smaller than a cell were lost without a word."""
    table = polygons((box(10.01, 1.01, 10.02, 1.02), ["baseline"], 0, None, None))
    with pytest.warns(UserWarning, match="cell"):
        after = degradation.recode(world(fill=-1), table, period="baseline")
    assert set(row(after)) == {-1}


def test_mistake_10_polygons_across_the_180th_meridian():
    """A country across 180° runs in 0–360°; polygons come with longitudes from -180."""
    before = world(west=179.0, fill=-1)  # 179 to 181
    expected = np.full((4, 4), -1)
    expected[:, 2:] = 0
    table = polygons((box(-180, 0, -179, 2), ["baseline"], 0, None, None))
    after = degradation.recode(before, table, period="baseline")
    assert (after.values == expected).all()


# ------------------------------------------------------------------------- neutrality


def test_neutrality_by_hand():
    # | type 1 | type 1 | type 2 |   area 2 km² in the first row, 3 km² in the second
    status = np.array([[-1, 1, -1], [1, 0, NODATA]], np.int16)
    land_type = np.array([[1, 1, 2], [1, 2, 2]], np.int16)
    table = degradation.neutrality(status, land_type, area=np.array([[2.0], [3.0]]))
    table = table.set_index("land_type")
    assert table.loc[1, ["improved", "degraded", "stable", "no_data"]].tolist() == [5, 2, 0, 0]
    assert table.loc[2, ["improved", "degraded", "stable", "no_data"]].tolist() == [0, 2, 3, 3]
    assert table["balance"].tolist() == [3, -2]
    assert table["neutral"].tolist() == [True, False]


def test_neutral_when_gains_equal_losses():
    status = np.array([[-1, 1]], np.int16)
    table = degradation.neutrality(status, np.array([[1, 1]]), area=np.full((1, 1), 0.0769317))
    assert table["balance"].tolist() == [0]
    assert table["neutral"].tolist() == [True]


def test_neutrality_of_a_layer_with_a_grid():
    status = world(fill=1)
    table = degradation.neutrality(status, xr.full_like(status, 3))
    expected = areas.cell_area(status.odc.geobox).sum() * 4
    assert table["improved"].item() == pytest.approx(expected, rel=1e-12)


# ------------------------------------------------------------------------- candidates


# | -1 | -1 |  . |  . |  .  | -1 |
# |  . |  . | -1 |  . |  .  |  . |   the corner joins: 3 cells; alone: 1; below: 4
# |  . |  . |  . |  . |  .  |  . |
# | -1 | -1 | -1 | -1 |  .  |  1 |
def test_candidates_by_hand():
    values = np.zeros((4, 6), np.int16)
    values[0, :2] = values[1, 2] = values[0, 5] = values[3, :4] = -1
    values[3, 5] = 1
    before = world(4, 6)
    before[:] = values
    cell = areas.cell_area(before.odc.geobox)[:, 0]
    found = degradation.candidates(before, value=-1, minimum_area_km2=2.5 * cell.max())
    assert found["cells"].tolist() == [4, 3]
    assert found["area_km2"].tolist() == pytest.approx([4 * cell[3], 2 * cell[0] + cell[1]])
    assert found.crs.to_epsg() == 4326
    everything = degradation.candidates(before, value=-1, minimum_area_km2=0)
    assert everything["cells"].tolist() == [4, 3, 1]
    assert len(degradation.candidates(before, value=-1, minimum_area_km2=0, limit=1)) == 1
    bright = degradation.candidates(before, value=1, minimum_area_km2=0)
    assert bright["cells"].tolist() == [1]
    assert bright.geometry.iloc[0].equals(box(12.5, 0.0, 13.0, 0.5))


def test_candidate_outlines_cover_their_cells():
    random = np.random.default_rng(12)
    before = world(20, 20, cell=0.05)
    before[:] = random.choice([-1, 0, NODATA], (20, 20), p=[0.4, 0.4, 0.2])
    found = degradation.candidates(before, minimum_area_km2=0, limit=1000)
    assert found["cells"].sum() == int((before == -1).sum())
    square = 0.05**2
    assert found.geometry.area.tolist() == pytest.approx((found["cells"] * square).tolist())
    assert found["area_km2"].is_monotonic_decreasing


def test_no_candidates():
    found = degradation.candidates(world(fill=0), minimum_area_km2=0)
    assert len(found) == 0


# ------------------------------------------------------------------------- invariants

layers = hnp.arrays(np.int16, (4, 3), elements=st.sampled_from(CODES))


@given(first=layers, second=layers, third=layers)
def test_one_out_all_out_equals_the_reference(first, second, third):
    for missing in ("manual", "trends.earth"):
        found = np.asarray(degradation.one_out_all_out(first, second, third, missing=missing))
        expected = [
            reference.one_out_all_out(*cell, missing=missing)
            for cell in zip(first.ravel(), second.ravel(), third.ravel(), strict=True)
        ]
        assert found.ravel().tolist() == expected


@given(baseline=layers, period=layers)
def test_mistakes_7_and_8_no_data_stands_beside_and_totals_close(baseline, period):
    """Mistakes 7 and 8: shares and totals with no data beside, never inside."""
    status = np.asarray(degradation.status(baseline, period))
    area = np.linspace(0.05, 0.08, 4)[:, None]
    table = areas.crosstab(area, baseline=baseline, period=period, status=status)
    assert table["area_km2"].sum() == pytest.approx(area.sum() * 3, rel=1e-12)
    missing = table["status"] == NODATA
    sides = (table["baseline"] == NODATA) | (table["period"] == NODATA)
    assert (missing == sides).all()
