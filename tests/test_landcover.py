"""Land cover: nesting, transitions and the transition matrix, every pair of classes."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import reference
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ldnkit import InputError, landcover

NODATA = -32768
CLASSES = [1, 2, 3, 4, 5, 6, 7, NODATA]
PAIRS = list(product(CLASSES, CLASSES))  # 8 × 8


def layer(values):
    """One row of cells as a (y, x) layer of classes."""
    return xr.DataArray(np.array([values], np.int16), dims=("y", "x"))


def flat(array):
    return array.values.ravel().tolist()


FIRST = layer([first for first, _ in PAIRS])
LAST = layer([last for _, last in PAIRS])


def opposite_matrix():
    """A second matrix, different from the default everywhere off the diagonal."""
    rows = [
        {"from": first, "to": last, "sign": (first > last) - (first < last)}
        for first, last in product(range(1, 8), repeat=2)
    ]
    return pd.DataFrame(rows)


# ----------------------------------------------------------------------- nesting


def test_esa_cci_every_code():
    codes = [code for members in reference.ESA_CCI.values() for code in members]
    expected = [to for to, members in reference.ESA_CCI.items() for _ in members]
    assert len(codes) == 37
    assert flat(landcover.reclassify(layer([*codes, NODATA]), "esa_cci")) == [*expected, NODATA]


def test_sparse_vegetation_is_grassland():
    # 150 is absent from the manual's table 8 but present in the data.
    assert flat(landcover.reclassify(layer([150]), "esa_cci")) == [2]


@pytest.mark.parametrize(
    ("nesting", "to", "codes"),
    [
        ("glc_fcs30d", 1, [51, 52, 61, 62, 71, 72, 81, 82, 91, 92]),
        ("glc_fcs30d", 2, [120, 121, 122, 130, 140, 150, 152, 153]),
        ("glc_fcs30d", 3, [10, 11, 12, 20]),
        ("glc_fcs30d", 4, [181, 182, 183, 184, 185, 186, 187]),  # mangrove and tidal flat too
        ("glc_fcs30d", 5, [190]),
        ("glc_fcs30d", 6, [200, 201, 202, 220]),
        ("glc_fcs30d", 7, [210]),
        ("glc_fcs30d", NODATA, [0, 250]),
        ("glad", 1, list(range(27, 49))),
        ("glad", 2, list(range(2, 27))),
        ("glad", 3, [244]),
        ("glad", 4, [*range(102, 149), *range(200, 206)]),
        ("glad", 5, [250]),
        ("glad", 6, [0, 1, 100, 101, 241]),
        ("glad", 7, [206, 207]),
        ("glad", NODATA, [254, 255]),
    ],
)
def test_other_products(nesting, to, codes):
    assert flat(landcover.reclassify(layer(codes), nesting)) == [to] * len(codes)


def test_unccd_is_the_identity():
    assert flat(landcover.reclassify(layer(CLASSES), "unccd")) == CLASSES


def test_unknown_codes_are_an_error_with_their_cells():
    cover = layer([50, 51, 51, 51, 190, 77, NODATA])
    with pytest.raises(InputError) as caught:
        landcover.reclassify(cover, "esa_cci")
    message = str(caught.value)
    assert "51" in message
    assert "77" in message
    assert "3 cells" in message
    assert "1 cell" in message
    assert isinstance(caught.value, ValueError)


def test_mistake_10_custom_codes():
    """Trends.Earth mistake 10: codes 10, 20, … crash or become silent zeros."""
    nesting = pd.DataFrame({"code": [10, 20, 300, -5, 0], "to": [1, 3, 7, 6, 2]})
    cover = layer([300, 20, 10, -5, 0, NODATA])
    assert flat(landcover.reclassify(cover, nesting)) == [7, 3, 1, 6, 2, NODATA]


def test_mistake_5_legend_codes_not_1_to_n_keep_water():
    """Trends.Earth mistake 5: legends whose codes are not 1…n lose the water mask."""
    nesting = pd.DataFrame({"code": [11, 21, 70], "to": [1, 3, 7]})
    classes = landcover.reclassify(layer([70, 11, 70, 21]), nesting)
    assert flat(classes == 7) == [True, False, True, False]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.int64])
def test_integer_types_of_the_map(dtype):
    cover = xr.DataArray(np.array([[50, 190], [210, 10]], dtype), dims=("y", "x"))
    classes = landcover.reclassify(cover, "esa_cci")
    assert classes.dtype == np.int16
    assert classes.values.tolist() == [[1, 5], [7, 3]]


def test_years_are_kept():
    cover = xr.DataArray(
        np.array([[[50]], [[210]]], np.int16),
        dims=("year", "y", "x"),
        coords={"year": [2000, 2015]},
    )
    classes = landcover.reclassify(cover, "esa_cci")
    assert classes.dims == ("year", "y", "x")
    assert classes.year.values.tolist() == [2000, 2015]
    assert int(classes.sel(year=2015).item()) == 7


# ------------------------------------------------------------------- transitions


def test_transitions_are_unique_and_keep_no_data():
    codes = flat(landcover.transitions(FIRST, LAST))
    valid = [code for code, pair in zip(codes, PAIRS, strict=True) if NODATA not in pair]
    assert len(set(valid)) == 49
    for code, (first, last) in zip(codes, PAIRS, strict=True):
        if NODATA in (first, last):
            assert code == NODATA
        else:
            assert divmod(code, 1000) == (first, last)


def test_transitions_of_large_codes():
    # Native ESA CCI codes go up to 220: int16 would overflow.
    changed = landcover.transitions(layer([220, 10]), layer([10, 220]))
    assert flat(changed) == [220_010, 10_220]


# ------------------------------------------------------------------- degradation


def test_default_matrix_every_pair():
    expected = [reference.land_cover_degradation(first, last) for first, last in PAIRS]
    result = landcover.degradation(FIRST, LAST)
    assert result.dtype == np.int16
    assert flat(result) == expected


def test_default_matrix_by_count():
    # The signs of the whole table, counted.
    table = flat(landcover.degradation(FIRST, LAST))
    counts = {sign: table.count(sign) for sign in (-1, 0, 1)}
    matrix = np.array(reference.LAND_COVER_MATRIX)
    assert counts == {sign: int((matrix == sign).sum()) for sign in (-1, 0, 1)}


def test_own_matrix():
    expected = [
        NODATA if NODATA in pair else (pair[0] > pair[1]) - (pair[0] < pair[1]) for pair in PAIRS
    ]
    assert flat(landcover.degradation(FIRST, LAST, matrix=opposite_matrix())) == expected


def test_own_legend_with_codes_like_10():
    matrix = pd.DataFrame({"from": [10, 10, 20, 20], "to": [10, 20, 10, 20], "sign": [0, -1, 1, 0]})
    result = landcover.degradation(
        layer([10, 10, 20, 20, NODATA]), layer([10, 20, 10, 20, 10]), matrix=matrix
    )
    assert flat(result) == [0, -1, 1, 0, NODATA]


def test_two_regions_with_a_matrix_each():
    # The same 64 pairs in region 1, in region 2 and outside both.
    first = layer([a for a, _ in PAIRS] * 3)
    last = layer([b for _, b in PAIRS] * 3)
    regions = layer([1] * 64 + [2] * 64 + [NODATA] * 64)
    result = flat(
        landcover.degradation(
            first, last, matrix={1: "unccd", 2: opposite_matrix()}, regions=regions
        )
    )
    assert result[:64] == flat(landcover.degradation(FIRST, LAST))
    assert result[64:128] == flat(landcover.degradation(FIRST, LAST, matrix=opposite_matrix()))
    assert result[128:] == [NODATA] * 64


def test_region_without_matrix():
    with pytest.raises(ValueError, match="3"):
        landcover.degradation(
            layer([1]), layer([2]), matrix={1: "unccd", 2: "unccd"}, regions=layer([3])
        )


def test_regions_and_matrices_belong_together():
    with pytest.raises(ValueError, match="region"):
        landcover.degradation(layer([1]), layer([2]), regions=layer([1]))
    with pytest.raises(ValueError, match="region"):
        landcover.degradation(layer([1]), layer([2]), matrix={1: "unccd"})


def test_transition_without_entry():
    matrix = pd.DataFrame({"from": [1, 1, 2], "to": [1, 2, 2], "sign": [0, -1, 0]})
    with pytest.raises(InputError, match="2 and 1"):
        landcover.degradation(layer([2, 1]), layer([1, 2]), matrix=matrix)


def test_unknown_class_is_an_error():
    with pytest.raises(InputError, match="8"):
        landcover.degradation(layer([8]), layer([1]))


def test_floats_are_refused():
    cover = xr.DataArray([[1.0, np.nan]], dims=("y", "x"))
    with pytest.raises(TypeError, match="float"):
        landcover.degradation(cover, cover)


def test_mistake_11_first_year_alone_does_not_decide():
    """SEPAL mistake 11: changes after the first year must be seen in each pair of years."""
    years = xr.DataArray(
        np.array([[[1]], [[1]], [[3]]], np.int16),
        dims=("year", "y", "x"),
        coords={"year": [2000, 2015, 2023]},
    )
    first, middle, last = (years.sel(year=year, drop=True) for year in (2000, 2015, 2023))
    assert flat(landcover.degradation(first, middle)) == [0]
    assert flat(landcover.degradation(middle, last)) == [-1]


# --------------------------------------------------------------------- invariants

covers = hnp.arrays(np.int16, (3, 4), elements=st.sampled_from(CLASSES))


@given(first=covers, last=covers)
def test_every_cell_on_its_own(first, last):
    result = landcover.degradation(first, last)
    expected = [
        reference.land_cover_degradation(a, b)
        for a, b in zip(first.ravel(), last.ravel(), strict=True)
    ]
    assert np.asarray(result).ravel().tolist() == expected


@given(cover=covers)
def test_no_change_is_stable(cover):
    result = np.asarray(landcover.degradation(cover, cover))
    assert set(result.ravel().tolist()) <= {0, NODATA}
    assert ((result == NODATA) == (cover == NODATA)).all()


@given(first=covers, last=covers)
def test_row_order_does_not_matter(first, last):
    straight = np.asarray(landcover.degradation(first, last))
    turned = np.asarray(landcover.degradation(first[::-1], last[::-1]))
    assert (turned[::-1] == straight).all()
