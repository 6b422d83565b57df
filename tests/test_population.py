"""People moved between grids: worked by hand, against overlaps of polygons, and what must hold."""

import dask
import dask.array
import geopandas
import numpy as np
import odc.geo.xr  # noqa: F401  (gives DataArrays their grid)
import pandas as pd
import pytest
import reference
import shapely
import xarray as xr
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords
from pyproj import Transformer

from ldnkit import areas, blocks, population, population_parts
from ldnkit.places import touching, whole_turn

NODATA = -32768
NAN = np.nan
PLANE = "EPSG:3857"
DEGREES = "EPSG:4326"
SINUSOIDAL = "+proj=sinu +R=6371007.181 +units=m"
UTM = "EPSG:32636"
FEW = settings(max_examples=60, deadline=None)


def grid_at(west, north, rows, columns, cell=1.0, crs=PLANE):
    size = cell if isinstance(cell, tuple) else (cell, cell)
    return GeoBox((rows, columns), Affine(size[0], 0, west, 0, -size[1], north), crs)


def labelled(values, grid, **more):
    """An array on a grid, with leading dims by name."""
    coords = dict(xr_coords(grid, dims=("y", "x")))
    return xr.DataArray(values, {**more, **coords}, (*more, "y", "x"))


def same(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    return True


def total(values):
    return float(np.nansum(values))


# ------------------------------------------------------------------------ by hand


def test_coarse_to_fine_shares_out():
    # one cell of 8 people and one of 4 become four quarters each
    coarse, fine = grid_at(0, 1, 1, 2), grid_at(0, 1, 2, 4, 0.5)
    assert same(population.split(np.array([[8.0, 4.0]]), coarse, fine), [[2, 2, 1, 1]] * 2)


def test_fine_to_coarse_adds_up():
    fine, coarse = grid_at(0, 2, 2, 4), grid_at(0, 2, 1, 2, 2)
    people = np.array([[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]])
    assert same(population.split(people, fine, coarse), [[33, 77]])


def test_shifted_by_a_quarter():
    #  source   |  12  |  20  |  4  |
    #  target      |   .   |   .   |    begins a quarter of a cell later
    source, target = grid_at(0, 1, 1, 3), grid_at(0.25, 1, 1, 2)
    moved = population.split(np.array([[12.0, 20.0, 4.0]]), source, target)
    assert same(moved, [[9 + 5, 15 + 1]])


def test_no_data_is_not_zero():
    # half of the second target cell lies on no data: only the known half gives people;
    # the third lies wholly on no data, the fourth beyond the source
    source, target = grid_at(0, 1, 1, 5), grid_at(0, 1, 1, 4, (2.0, 1.0))
    people = np.array([[1.0, 2.0, 6.0, NAN, NAN]])
    assert same(population.split(people, source, target), [[3, 6, NAN, NAN]])
    empty = population.split(np.full((1, 5), NAN), source, target)
    assert np.isnan(empty).all()


def test_no_people_are_people_known_to_be_none():
    source, target = grid_at(0, 1, 1, 2), grid_at(0, 1, 1, 4, (0.5, 1.0))
    assert same(population.split(np.array([[0.0, NAN]]), source, target), [[0, 0, NAN, NAN]])


def test_nothing_is_rounded():
    """Trends.Earth rounds to whole persons in a cell: sparse land loses its people."""
    source, target = grid_at(0, 10, 10, 10), grid_at(0, 10, 40, 40, 0.25)
    people = np.full((10, 10), 0.4)
    moved = population.split(people, source, target)
    assert same(moved, np.full((40, 40), 0.4 / 16))
    assert total(moved) == pytest.approx(40, rel=1e-12)


def test_a_coarse_cell_is_not_repeated():
    """Trends.Earth repeats a coarser cell k² times: 100 people would be 1600."""
    source, target = grid_at(30, 1, 1, 1, 1, DEGREES), grid_at(30, 1, 4, 4, 0.25, DEGREES)
    moved = population.split(np.array([[100.0]]), source, target)
    assert total(moved) == pytest.approx(100, rel=1e-12)
    share = areas.cell_area(target) / areas.cell_area(source)
    assert same(moved, np.broadcast_to(100 * share, (4, 4)), 1e-10)
    assert moved[0, 0] < moved[3, 0]  # nearer the pole a cell is smaller


def test_rows_that_run_north():
    source = GeoBox((2, 1), Affine(1, 0, 0, 0, 1, 0), PLANE)  # first row in the south
    target = grid_at(0, 2, 2, 1)
    assert same(population.split(np.array([[5.0], [7.0]]), source, target), [[7], [5]])
    assert same(population.split(np.array([[7.0], [5.0]]), target, source), [[5], [7]])


@pytest.mark.parametrize("west", [179, -181])
def test_a_whole_turn_is_the_same_place(west):
    #  source   | 4 | 6 |   179°E … 181°E, once written as −181 … −179
    source, target = grid_at(179, 1, 1, 2, 1, DEGREES), grid_at(west, 1, 1, 2, 1, DEGREES)
    assert same(population.split(np.array([[4.0, 6.0]]), source, target), [[4, 6]])
    assert same(population.inside_share(np.array([[1, 0.5]]), target, source), [[1, 0.5]])


def test_a_raster_that_ends_at_180_serves_a_country_across_it():
    # the raster runs −180 … 180 in cells of 1°; the country from 178° to 182°
    source = grid_at(-180, 1, 1, 360, 1, DEGREES)
    people = np.arange(360, dtype=float)[None]
    target = grid_at(178, 1, 1, 8, (0.5, 1.0), DEGREES)
    moved = population.split(people, source, target)
    assert same(moved, [[179, 179, 179.5, 179.5, 0, 0, 0.5, 0.5]])


def test_cell_sizes_written_rounded_meet_at_180():
    cell = 0.0083333333  # as in many products: 43 200 cells are 1.4e-6° short of a turn
    source = grid_at(-180, 1, 1, 43200, cell, DEGREES)
    target = grid_at(-180 + 43198 * cell, 1, 1, 4, cell, DEGREES)
    people = np.full((1, 43200), NAN)
    people[0, [43198, 1]] = 3.0, 5.0
    assert whole_turn(source) == 43200
    assert same(population.split(people, source, target), [[3, NAN, NAN, 5]])


def test_the_share_inside():
    #  target (country)     mask 1 1 0 0     a source cell covers two of its cells
    target, source = grid_at(0, 1, 1, 4, (1.0, 1.0)), grid_at(0, 1, 1, 3, (2.0, 1.0))
    share = population.inside_share(np.array([[1, 1, 0, 0]]), target, source)
    assert same(share, [[1, 0, 0]])
    share = population.inside_share(np.array([[0.5, 0.25, 1, NAN]]), target, source)
    assert same(share, [[0.375, 0.5, 0]])


def test_wrong_shapes_and_grids():
    grid = grid_at(0, 1, 1, 2)
    with pytest.raises(ValueError, match=r"found \(2, 2\) values for \(1, 2\) cells"):
        population.split(np.zeros((2, 2)), grid, grid)
    nowhere = GeoBox((1, 2), Affine.identity(), None)
    with pytest.raises(ValueError, match="source grid has no coordinate reference system"):
        population.split(np.zeros((1, 2)), nowhere, grid)
    twice = grid_at(-180, 1, 1, 800, 1, DEGREES)
    with pytest.raises(ValueError, match="more than once: found 800.0 degrees"):
        population.split(np.zeros((1, 800)), twice, twice)


# --------------------------------------------------------------- against other ways


def overlaps(source, target):
    """Share of every source cell in every target cell, from bands of the ellipsoid, by loops."""
    share = np.zeros((*target.shape, *source.shape))
    s, t = source.transform, target.transform

    def common(a, b, c, d):
        low, high = max(min(a, b), min(c, d)), min(max(a, b), max(c, d))
        return (low, high) if high > low else None

    for i in range(target.shape[0]):
        for k in range(source.shape[0]):
            south, north = sorted((s.f + k * s.e, s.f + (k + 1) * s.e))
            both = common(south, north, t.f + i * t.e, t.f + (i + 1) * t.e)
            if both is None:
                continue
            part = (
                reference.ellipsoid_band_area(*both, 1)
                / reference.ellipsoid_band_area(south, north, 1)
                if source.crs.geographic
                else (both[1] - both[0]) / (north - south)
            )
            for j in range(target.shape[1]):
                for m in range(source.shape[1]):
                    for turn in (-360, 0, 360) if source.crs.geographic else (0,):
                        west, east = s.c + m * s.a + turn, s.c + (m + 1) * s.a + turn
                        wide = common(west, east, t.c + j * t.a, t.c + (j + 1) * t.a)
                        if wide:
                            share[i, j, k, m] += part * (wide[1] - wide[0]) / (east - west)
    return share


sixty_fourths = st.integers(-192, 192).map(lambda n: n / 64)
sizes = st.sampled_from([0.25, 1 / 3, 0.5, 0.75, 1.0, 1.3, 2.5])


@st.composite
def grids(draw, crs):
    north = draw(sixty_fourths) + (0 if crs == PLANE else draw(st.sampled_from([0, 45, -60])))
    west = draw(sixty_fourths) + (0 if crs == PLANE else draw(st.sampled_from([30, 179, -179])))
    cell = draw(st.tuples(sizes, sizes))
    return grid_at(west, north, draw(st.integers(1, 6)), draw(st.integers(1, 6)), cell, crs)


@st.composite
def worlds(draw):
    """Two grids of one system near each other, people with gaps, and a mask."""
    crs = draw(st.sampled_from([PLANE, DEGREES]))
    source, other = draw(grids(crs)), draw(grids(crs))
    near = source.transform.f - other.transform.f
    if abs(near) > 6:  # bring them together
        other = GeoBox(other.shape, Affine.translation(0, near) @ other.transform, crs)
    seed = np.random.default_rng(draw(st.integers(0, 2**16)))
    people = seed.lognormal(1, 2, source.shape)
    people[seed.random(source.shape) < draw(st.sampled_from([0, 0.3, 1]))] = NAN
    return source, other, people, seed.random(other.shape)


@FEW
@given(worlds())
def test_it_is_the_overlap_of_the_cells(world):
    source, target, people, _ = world
    share = overlaps(source, target)
    moved = population.split(people, source, target)
    expected = np.einsum("ijkm,km->ij", share, np.nan_to_num(people))
    # an overlap of rounding size is none
    touched = np.einsum("ijkm,km->ij", share > 1e-5, ~np.isnan(people)) > 0
    assert same(moved[touched], expected[touched], 1e-8)
    none = np.einsum("ijkm,km->ij", share > 0, ~np.isnan(people)) == 0
    assert np.isnan(moved[none]).all()


@FEW
@given(worlds())
def test_sums_are_kept(world):
    source, target, people, _ = world
    under = np.einsum("ijkm,km->", overlaps(source, target), np.nan_to_num(people))
    assert total(population.split(people, source, target)) == pytest.approx(
        under, rel=1e-6, abs=1e-9
    )


@FEW
@given(worlds())
def test_everyone_arrives_where_the_target_covers_all(world):
    source, _, people, _ = world
    box = source.boundingbox
    wide = grid_at(box.left - 0.37, min(box.top + 0.21, 90), 40, 60, 0.7, source.crs)
    assert total(population.split(people, source, wide)) == pytest.approx(total(people), rel=1e-9)


@FEW
@given(worlds())
def test_the_share_inside_mirrors_the_split(world):
    source, target, people, mask = world
    there = total(mask * population.split(people, source, target))
    here = total(population.inside_share(mask, target, source) * people)
    assert here == pytest.approx(there, rel=1e-9, abs=1e-12)


@FEW
@given(worlds(), st.integers(1, 5))
def test_windows_add_up_to_the_whole(world, block):
    source, target, people, mask = world
    whole = population.split(people, source, target)
    for row, column, part in blocks.windows(target, block):
        found = population.split(people, source, part)
        rows, columns = part.shape
        assert same(found, whole[row : row + rows, column : column + columns], 1e-9)
    share = population.inside_share(mask, target, source)
    parts = sum(
        population.inside_share(mask[r : r + p.shape[0], c : c + p.shape[1]], p, source)
        for r, c, p in blocks.windows(target, block)
    )
    assert same(parts, share, 1e-9)


@FEW
@given(worlds(), st.integers(1, 5))
def test_pieces_of_the_source_add_up_in_any_order(world, block):
    source, target, people, _ = world
    whole = population.split(people, source, target)
    parts = [
        population.split(people[r : r + p.shape[0], c : c + p.shape[1]], p, target)
        for r, c, p in blocks.windows(source, block)
    ]
    for order in (parts, parts[::-1]):
        summed = np.full(target.shape, NAN)
        for part in order:
            summed = population.add(summed, part)
        assert same(summed, whole, 1e-9)


# ------------------------------------------------------------ other reference systems


def to(crs, x, y):
    return Transformer.from_crs(DEGREES, crs, always_xy=True).transform(x, y)


def polygon_shares(source, target, row, column):
    """Share of every source cell in one target cell: polygons in the plane of the source."""
    steps = np.linspace(0, 1, 20)
    edge = np.concatenate(
        [
            np.stack([steps, 0 * steps]), np.stack([1 + 0 * steps, steps]),
            np.stack([1 - steps, 1 + 0 * steps]), np.stack([0 * steps, 1 - steps]),
        ], axis=1,
    )  # fmt: skip
    x, y = target.transform @ (column + edge[0], row + edge[1])
    move = Transformer.from_crs(target.crs.to_wkt(), source.crs.to_wkt(), always_xy=True)
    i, j = ~source.transform @ move.transform(x, y)
    cell = shapely.Polygon(np.stack([i, j], axis=1))
    rows, columns = np.indices(source.shape)
    squares = shapely.box(columns, rows, columns + 1, rows + 1)
    return shapely.area(shapely.intersection(squares, cell))


@pytest.mark.parametrize(("cell", "tolerance"), [(0.005, 0.02), (0.02, 0.01), (0.06, 0.005)])
def test_from_a_projection_it_is_close_to_the_overlap_of_polygons(cell, tolerance):
    # cells of 1 km in UTM to degrees: 0.005° is half a cell, 0.06° six cells
    x, y = to(UTM, 33.5, -10.0)
    source = grid_at(x, y, 40, 40, 1000, UTM)
    people = np.random.default_rng(4).uniform(50, 100, source.shape)
    target = grid_at(33.6, -10.1, 4, 4, cell, DEGREES)
    moved = population.split(people, source, target)
    for row in range(4):
        for column in range(4):
            expected = (polygon_shares(source, target, row, column) * people).sum()
            assert moved[row, column] == pytest.approx(expected, rel=tolerance)


def random_people(grid, seed=0, gaps=0.2):
    random = np.random.default_rng(seed)
    people = random.lognormal(1, 2, grid.shape)
    people[random.random(grid.shape) < gaps] = NAN
    return people


PAIRS = {
    "degrees to sinusoidal": (
        grid_at(33.4, -9.9, 60, 60, 1 / 120, DEGREES),
        grid_at(*to(SINUSOIDAL, 33.5, -10.0), 100, 120, 231.656, SINUSOIDAL),
    ),
    "sinusoidal to degrees": (
        grid_at(*to(SINUSOIDAL, 33.5, -10.0), 100, 120, 231.656, SINUSOIDAL),
        grid_at(33.55, -10.05, 20, 20, 1 / 120, DEGREES),
    ),
    "utm to sinusoidal": (
        grid_at(*to(UTM, 33.5, -10.0), 50, 60, 100, UTM),
        grid_at(*to(SINUSOIDAL, 33.51, -10.01), 15, 17, 231.656, SINUSOIDAL),
    ),
    "rotated": (
        grid_at(0, 20, 20, 20),
        GeoBox((12, 14), Affine.translation(4, 14) @ Affine.rotation(20) @ Affine.scale(1, -1),
               PLANE),
    ),
    "coarse": (
        grid_at(20, 0, 20, 30, 1, DEGREES),
        grid_at(*to(SINUSOIDAL, 24, -4), 90, 80, 9000, SINUSOIDAL),
    ),
}  # fmt: skip


@pytest.fixture(params=PAIRS.values(), ids=PAIRS.keys())
def pair(request):
    return request.param


def test_other_systems_keep_the_sum(pair):
    source, target = pair
    people = random_people(source)
    wide = target.pad(400)
    moved = population.split(people, source, wide)
    assert total(moved) == pytest.approx(total(people), rel=1e-9)


def test_other_systems_leave_no_holes(pair):
    source, target = pair
    moved = population.split(np.ones(source.shape), source, target)
    inner = population.inside_share(np.ones(target.shape), target, source)
    known = ~np.isnan(moved)
    rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    if (inner < 1 - 1e-9).any() and known.all():
        assert moved.min() > 0  # the source covers the whole target: every cell has people
    for row in rows:  # a row of known cells has no gap
        here = np.flatnonzero(known[row])
        assert len(here) == here[-1] - here[0] + 1
    assert len(columns)


def test_other_systems_mirror_the_split(pair):
    source, target = pair
    people, mask = random_people(source), np.random.default_rng(1).random(target.shape)
    there = total(mask * population.split(people, source, target))
    here = total(population.inside_share(mask, target, source) * people)
    assert there > 0 and here == pytest.approx(there, rel=1e-12)


@pytest.mark.parametrize("block", [7, 32])
def test_other_systems_do_not_depend_on_blocks(pair, block):
    source, target = pair
    people = random_people(source)
    whole = population.split(people, source, target)
    for row, column, part in blocks.windows(target, block):
        found = np.full(part.shape, NAN)
        for rows, columns in touching(source, part):  # as a reader does it
            piece = population.split(people[rows, columns], source[rows, columns], part)
            found = population.add(found, piece)
        rows, columns = part.shape
        assert same(found, whole[row : row + rows, column : column + columns], 1e-9)
    summed = np.full(target.shape, NAN)
    for row, column, piece in reversed(list(blocks.windows(source, block))):
        rows, columns = piece.shape
        values = people[row : row + rows, column : column + columns]
        summed = population.add(summed, population.split(values, piece, target))
    assert same(summed, whole, 1e-9)


def test_without_numba_it_is_the_same(pair, monkeypatch):
    source, target = pair
    people, mask = random_people(source), np.random.default_rng(1).random(target.shape)
    compiled = population.split(people, source, target)
    share = population.inside_share(mask, target, source)
    monkeypatch.setattr(population_parts, "njit", None)
    monkeypatch.setattr(population_parts, "_parts_numba", None)
    assert same(population.split(people, source, target), compiled, 1e-9)
    assert same(population.inside_share(mask, target, source), share, 1e-9)


def test_a_projection_torn_at_180():
    # Fiji in a sinusoidal raster: its halves lie at the two ends of the world
    cell = 5000
    x, y = to(SINUSOIDAL, 179.9999, -16)
    columns = int(2 * x / cell) + 20
    source = grid_at(-columns * cell / 2, y, 60, columns, cell, SINUSOIDAL)
    target = grid_at(176, -15, 50, 80, 0.1, DEGREES)
    spans = touching(source, target)
    assert len(spans) == 2 and sum(c.stop - c.start for _, c in spans) < columns / 10
    people = np.zeros(source.shape)
    for lon, lat, many in ((178.01, -17.02, 5.0), (-179.03, -17.51, 7.0)):
        i, j = ~source.transform @ to(SINUSOIDAL, lon, lat)
        people[int(j), int(i)] = many
    moved = population.split(people, source, target)
    assert total(moved) == pytest.approx(12, rel=1e-12)
    assert total(moved[:, :40]) == pytest.approx(5, rel=1e-12)  # west of 180°
    back = population.split(moved, target, source)
    assert total(back) == pytest.approx(12, rel=1e-9)
    left = total(back[:, : columns // 2])
    assert left == pytest.approx(7, rel=1e-9)


def test_a_cell_cut_by_180_keeps_its_people():
    # one cell from 179.5° to 180.5°, into a projection that is torn at 180°
    source = grid_at(179.5, -16, 1, 1, 1, DEGREES)
    x, y = to(SINUSOIDAL, 179.9999, -15.5)
    columns = int(2 * x / 20000) + 10
    target = grid_at(-columns * 10000, y, 20, columns, 20000, SINUSOIDAL)
    moved = population.split(np.array([[10.0]]), source, target)
    assert total(moved) == pytest.approx(10, rel=1e-9)
    assert total(moved[:, : columns // 2]) == pytest.approx(5, rel=0.05)


@settings(max_examples=25, deadline=None)
@given(
    lon=st.floats(-175, 175), lat=st.floats(-65, 65),
    cell=st.sampled_from([100, 463.3127, 5000]), size=st.sampled_from([1 / 1200, 1 / 120, 0.05]),
    crs=st.sampled_from([SINUSOIDAL, "ESRI:54009", "EPSG:3857"]),
)  # fmt: skip
def test_any_place_and_size_keeps_people_and_mirrors(lon, lat, cell, size, crs):
    x, y = to(crs, lon, lat)
    plane, degrees = grid_at(x, y, 12, 12, cell, crs), grid_at(lon, lat, 12, 12, size, DEGREES)
    for source, target in ((plane, degrees), (degrees, plane)):
        people, mask = random_people(source, 3), random_people(target, 4, 0)
        there = total(mask * population.split(people, source, target))
        here = total(population.inside_share(mask, target, source) * people)
        assert here == pytest.approx(there, rel=1e-9)
        ones = np.ones(target.shape)
        share = population.inside_share(ones, target, source)
        assert share.min() >= 0 and share.max() <= 1 + 1e-12
        kept = total(population.split(people, source, target))
        assert kept == pytest.approx(total(share * people), rel=1e-9)


# --------------------------------------------------------------------------- labelled


def test_regrid_labels_and_years():
    source, target = grid_at(30, 2, 2, 2, 1, DEGREES), grid_at(30, 2, 4, 4, 0.5, DEGREES)
    people = labelled(np.arange(8.0).reshape(2, 2, 2), source, year=[2000, 2020])
    moved = population.regrid(people, target)
    assert moved.dims == ("year", "y", "x") and moved.dtype == np.float64
    assert moved.odc.geobox == target
    for year in (2000, 2020):
        expected = population.split(people.sel(year=year).values, source, target)
        assert same(moved.sel(year=year), expected)
    like = labelled(np.zeros(target.shape, np.int16), target)
    assert population.regrid(people, like).equals(moved)
    np.testing.assert_array_equal(population.regrid(people, like).x, like.x)
    plain = population.regrid((people.values, source), target)
    assert isinstance(plain, np.ndarray) and same(plain, moved.values)


def test_regrid_says_who_is_left_out():
    source = grid_at(30, 1, 1, 2, 1, DEGREES)
    people = labelled([[30.0, 10.0]], source)
    # half of each cell lies under the target: 15 and 5 stay
    with pytest.warns(UserWarning, match=r"found 20\.0 of 40\.0 persons"):
        population.regrid(people, grid_at(30.5, 1, 1, 1, 1, DEGREES))


def test_regrid_of_dask_stays_lazy():
    source, target = grid_at(30, 2, 4, 4, 0.5, DEGREES), grid_at(30, 2, 2, 2, 1, DEGREES)
    values = np.random.default_rng(0).random((3, 4, 4))
    people = labelled(values, source, year=[1, 2, 3])

    def refuse(*_, **__):
        raise AssertionError("dask computed")

    with dask.config.set(scheduler=refuse):
        lazy = population.regrid(people.chunk({"year": 1, "y": 2, "x": 3}), target)
    assert isinstance(lazy.data, dask.array.Array)
    assert lazy.compute().identical(population.regrid(people, target))


def test_regrid_needs_a_place():
    bare = xr.DataArray(np.ones((2, 2)), dims=("y", "x"))
    grid = grid_at(0, 1, 1, 1)
    with pytest.raises(ValueError, match="The counts cannot be placed: found no grid"):
        population.regrid(bare, grid)
    with pytest.raises(ValueError, match="The target cannot be placed"):
        population.regrid((np.ones((1, 1)), grid), bare)


def test_density_times_the_true_area():
    grid = grid_at(30, 60, 2, 2, 0.5, DEGREES)
    counts = population.to_counts(np.full((2, 2), 10.0), grid)
    expected = [10 * reference.ellipsoid_band_area(59.5, 60, 0.5)] * 2
    assert same(counts[0], expected, 1e-8)
    density = labelled(np.full((3, 2, 2), 10.0), grid, year=[1, 2, 3])
    found = population.to_counts(density)
    assert found.dims == ("year", "y", "x") and same(found[2], counts)
    with pytest.raises(ValueError, match="The densities cannot be placed"):
        population.to_counts(xr.DataArray(np.ones((2, 2)), dims=("y", "x")))


def test_sexes_from_a_ratio():
    female, male = population.sexes(np.array([210.0, 0.0, NAN]), 110)  # 110 males per 100 females
    assert same(female, [100, 0, NAN]) and same(male, [110, 0, NAN])
    assert same(population.sexes(50.0, 100), (25, 25))
    for wrong in (0, -3, NAN):
        with pytest.raises(ValueError, match="males per 100 females"):
            population.sexes(1.0, wrong)


@given(st.floats(0, 1e9), st.floats(50, 200))
def test_women_and_men_are_everyone(people, ratio):
    female, male = population.sexes(people, ratio)
    assert female + male == pytest.approx(people, rel=1e-12)
    assert male * 100 == pytest.approx(female * ratio, rel=1e-9)


# ------------------------------------------------------------------------- districts


def districts(*shapes, names, crs=PLANE):
    return geopandas.GeoDataFrame(geometry=list(shapes), index=names, crs=crs)


WEST_EAST = districts(shapely.box(0, 0, 3, 2), shapely.box(3, 0, 4, 2), names=["west", "east"])


def test_districts_spread_by_area():
    #  west west west east      60 people over 6 cells, 5 over 2
    #  west west west east
    grid = grid_at(0, 2, 2, 5)
    found = population.spread(pd.Series({"east": 5.0, "west": 60.0}), WEST_EAST, grid)
    assert found.dims == ("y", "x") and found.odc.geobox == grid
    assert same(found, [[10, 10, 10, 2.5, NAN]] * 2)


def test_districts_spread_by_weight():
    grid = grid_at(0, 2, 2, 4)
    weight = labelled([[1.0, 2.0, NAN, 4.0], [3.0, 0.0, 0.0, 12.0]], grid)
    table = pd.DataFrame({"female": [60.0, 8.0], "male": [0.0, 4.0]}, index=["west", "east"])
    found = population.spread(table, WEST_EAST, grid, weight=weight)
    assert set(found) == {"female", "male"}
    assert same(found.female, [[10, 20, 0, 2], [30, 0, 0, 6]])
    assert same(found.male, [[0, 0, 0, 1], [0, 0, 0, 3]])


def test_a_weight_on_another_grid_is_split():
    grid, coarse = grid_at(0, 2, 2, 4), grid_at(0, 2, 1, 2, 2)
    table = pd.Series({"west": 100.0, "east": 7.0})
    found = population.spread(table, WEST_EAST, grid, weight=(np.array([[8.0, 4.0]]), coarse))
    # split: 2 2 1 1; west has 2 + 2 + 1 in each row
    assert same(found, [[20, 20, 10, 3.5]] * 2)


def test_special_districts_are_said():
    grid = grid_at(0, 2, 2, 4)
    shapes = districts(
        shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2), shapely.box(3.1, 1.1, 3.3, 1.3),
        shapely.box(50, 0, 51, 1), names=["a", "b", "tiny", "away"],
    )  # fmt: skip
    weight = (np.array([[0.0, 0, 1, 1], [0, 0, 1, 1]]), grid)
    table = pd.Series({"a": 8.0, "b": 4.0, "tiny": 3.0, "away": 9.0})
    with pytest.warns(UserWarning) as said:
        found = population.spread(table, shapes, grid, weight=weight)
    text = " ".join(str(each.message) for each in said)
    assert "without the centre of a cell are put in one cell: found tiny;" in text
    assert "weights are all zero are spread by area: found a;" in text
    assert "outside the grid are left out with their people: found away;" in text
    assert same(found, [[2, 2, 1, 1 + 3], [2, 2, 1, 1]])


def test_a_district_that_the_table_leaves_out_has_no_data():
    with pytest.warns(UserWarning, match="leaves out have no data: found east;"):
        found = population.spread(pd.Series({"west": 60.0}), WEST_EAST, grid_at(0, 2, 2, 4))
    assert same(found, [[10, 10, 10, NAN]] * 2)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.Series([1.0, 2.0], index=["west", "north"]), "without a polygon: found north;"),
        (pd.Series([1.0, 2.0], index=["west", "west"]), "given twice: found west;"),
        (pd.Series([1.0, -2.0], index=["west", "east"]), "below zero: found them in east;"),
    ],
)
def test_tables_that_do_not_fit(table, message):
    with pytest.raises(ValueError, match=message):
        population.spread(table, WEST_EAST, grid_at(0, 2, 2, 4))


def test_weights_below_zero():
    grid = grid_at(0, 2, 2, 4)
    with pytest.raises(ValueError, match="found -1;"):
        population.spread(
            pd.Series({"west": 1.0}), WEST_EAST, grid, weight=(-np.ones((2, 4)), grid)
        )


def test_parts_of_a_district_are_one():
    shapes = districts(
        shapely.box(0, 0, 1, 1), shapely.box(3, 0, 4, 1), shapely.box(1, 0, 3, 1),
        names=["isles", "isles", "main"],
    )  # fmt: skip
    found = population.spread(pd.Series({"isles": 6.0, "main": 5.0}), shapes, grid_at(0, 1, 1, 4))
    assert same(found, [[3, 2.5, 2.5, 3]])


@settings(max_examples=40, deadline=None)
@given(
    cell=st.sampled_from([0.3, 1.0, 2.7]), seed=st.integers(0, 1000), weighted=st.booleans(),
    crs=st.sampled_from([PLANE, DEGREES]),
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_district_keeps_its_people(cell, seed, weighted, crs):
    random = np.random.default_rng(seed)
    cuts = np.sort(random.uniform(0, 10, 4))
    edges = [0, *cuts, 10]
    shapes = districts(
        *(shapely.box(a, 0, b, 10) for a, b in zip(edges[:-1], edges[1:], strict=True)),
        names=list("abcde"), crs=crs,
    )  # fmt: skip
    count = int(np.ceil(10 / cell))
    grid = grid_at(0, 10, count, count, cell, crs)
    weight = (random.integers(0, 2, (count, count)).astype(float), grid) if weighted else None
    table = pd.Series(random.uniform(0, 1000, 5), index=list("abcde"))
    found = population.spread(table, shapes, grid, weight=weight)
    assert float(found.sum()) == pytest.approx(table.sum(), rel=1e-9)
    for name, (west, _, east, _) in zip(shapes.index, shapes.bounds.to_numpy(), strict=True):
        whole = [c for c in range(count) if west <= (c + 0.5) * cell < east]
        others = set(range(count)) - set(whole)
        if len(whole) > 1 and others:  # cells of its own, unless a smaller one joins
            assert float(found.isel(x=whole).sum()) >= table[name] * (1 - 1e-9)


# -------------------------------------------------------------------------- exposure


def test_exposed_by_sex():
    #  classes -1 -1 | people   f 1 2   m 10 20
    #           0 no |            4 8     40 80
    classes = np.array([[-1, -1], [0, NODATA]], np.int16)
    people = {
        "female": np.array([[1.0, 2.0], [4.0, 8.0]]),
        "male": np.array([[10.0, 20.0], [40.0, 80.0]]),
    }
    found = population.exposed(classes, people)
    assert found["class"].tolist() == [NODATA, -1, 0] and found["cells"].tolist() == [1, 2, 1]
    assert found["total"].tolist() == [88, 33, 44]
    assert found["female"].tolist() == [8, 3, 4] and found["male"].tolist() == [80, 30, 40]
    assert same(found["female_percent"], np.array([8, 3, 4]) / 15 * 100)
    assert found["total_percent"].sum() == pytest.approx(100)


def test_exposed_takes_masks_and_labelled_arrays():
    grid = grid_at(30, 1, 1, 3, 1, DEGREES)
    people = labelled([[5.0, NAN, 2.0]], grid)
    found = population.exposed(labelled([[True, True, False]], grid), people)
    assert found[["class", "persons"]].to_numpy().tolist() == [[0, 2], [1, 5]]
    dataset = xr.Dataset({"female": people, "male": people * 2})
    both = population.exposed(labelled(np.array([[3, 3, 3]], np.int16), grid), dataset)
    assert both[["total", "female", "male"]].to_numpy().tolist() == [[21, 7, 14]]


def test_exposed_where_nobody_lives():
    found = population.exposed(np.array([[1, 2]]), np.array([[0.0, NAN]]))
    assert found["persons"].tolist() == [0, 0] and found["persons_percent"].isna().all()


def test_exposed_needs_one_grid():
    classes = np.zeros((2, 2), np.int16)
    with pytest.raises(ValueError, match="Classes and persons are on different grids"):
        population.exposed(classes, np.zeros((2, 3)))
    here, there = grid_at(0, 2, 2, 2), grid_at(9, 2, 2, 2)
    with pytest.raises(ValueError, match="found other coordinates"):
        population.exposed(labelled(classes, here), labelled(np.zeros((2, 2)), there))
    with pytest.raises(ValueError, match="does not hold classes"):
        population.exposed(np.zeros((2, 2)), np.zeros((2, 2)))


@pytest.mark.parametrize("cell", [1 / 120, 1 / 1200])
def test_a_block_takes_little_time(cell):
    import time

    target = grid_at(30, 2.56, 1024, 1024, 1 / 400, DEGREES)
    count = int(2.56 / cell) + 2
    source = grid_at(30, 2.56, count, count, cell, DEGREES)
    people = np.ones(source.shape)
    population.split(people, source, target)
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        population.split(people, source, target)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 1  # about 0.1 s on an ordinary machine
