"""The Red List Index and the cover of key biodiversity areas, on worlds worked by hand."""

import itertools
import math
import time
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import MultiPolygon, Point, Polygon, box

from ldnkit import biodiversity, polygons, tables
from ldnkit.biodiversity import coverage
from ldnkit.biodiversity.categories import category_of
from ldnkit.country_file.forms_layers import KeyBiodiversityAreas, Species
from ldnkit.country_file.layers import VectorFile
from ldnkit.findings import InputError
from ldnkit.periods import Cycle

pytestmark = pytest.mark.filterwarnings("ignore:Warning, :UserWarning")

# ---- the Red List Index --------------------------------------------------------------------------
#
#            2000  2010  2020   weights
# lion       VU    VU    EN     2  2  3
# oryx       EW    –     EN     5  5  3   (not assessed in 2010: keeps EW)
# lark       LC    NT    NT     0  1  1
# toad       DD    CR    DD     –  4  –
# skink      –     LC    LC     –  0  0   (first assessed in 2010)
#
# 2000: 1 − (2+5+0)/(5·3) = 8/15; 2010: 1 − 12/25 = 13/25; 2020: 1 − 7/20 = 13/20
WORLD = {
    "lion": {2000: "VU", 2010: "VU", 2020: "EN"},
    "oryx": {2000: "EW", 2020: "EN"},
    "lark": {2000: "LC", 2010: "NT", 2020: "NT"},
    "toad": {2000: "DD", 2010: "CR", 2020: "DD"},
    "skink": {2010: "LC", 2020: "LC"},
}


def rows_of(world, shares=None):
    rows = [
        {"species": species, "year": year, "category": category}
        for species, series in world.items()
        for year, category in series.items()
    ]
    table = pd.DataFrame(rows)
    return table if shares is None else table.assign(share=table["species"].map(shares))


def of_one_year(*categories, shares=None):
    names = [f"species {number}" for number in range(len(categories))]
    world = {name: {2020: category} for name, category in zip(names, categories, strict=True)}
    return rows_of(world, None if shares is None else dict(zip(names, shares, strict=True)))


def findings_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return [str(finding) for finding in caught.value.findings]


def remarks_of(table, severity="warning"):
    return [str(f) for f in table.attrs["findings"] if f.severity == severity]


def test_the_index_by_year():
    index = biodiversity.red_list_index(rows_of(WORLD))
    assert index.columns.tolist() == [
        *("year", "value", "lower", "upper", "species", "data_deficient")
    ]
    assert index["year"].tolist() == [2000, 2010, 2020]
    assert index["value"].tolist() == pytest.approx([8 / 15, 13 / 25, 13 / 20], abs=1e-15)
    assert index["species"].tolist() == [3, 5, 4]
    assert index["data_deficient"].tolist() == [1, 0, 1]


def test_what_is_said_about_the_world():
    index = biodiversity.red_list_index(rows_of(WORLD))
    (late,) = remarks_of(index)
    assert "1 species without assessment in 2000: skink" in late
    said = "\n".join(remarks_of(index, "info"))
    assert "1 of 4 species data deficient" in said and "1 in 2010" in said
    # toad as CR: 1 − 11/20; as LC: 1 − 7/20
    assert "critically endangered the index would be 0.4500" in said
    assert "least concern 0.6500" in said
    # lion falls in 2020, lark in 2010; oryx rises in 2020
    assert "2 changes to a worse category and 1 to a better one" in said


@pytest.mark.parametrize(
    ("category", "weight"),
    [
        *(("LC", 0), ("NT", 1), ("VU", 2), ("EN", 3), ("CR", 4), ("CR(PE)", 5), ("CR(PEW)", 5)),
        *(("RE", 5), ("EW", 5), ("EX", 5), ("LR/lc", 0), ("LR/cd", 1), ("LR/nt", 1)),
    ],
)
def test_every_weight(category, weight):
    index = biodiversity.red_list_index(of_one_year(category))
    assert index["value"].tolist() == [pytest.approx(1 - weight / 5, abs=1e-15)]
    assert index[["lower", "upper"]].to_numpy().tolist() == [[index["value"][0]] * 2]


@pytest.mark.parametrize("category", ["DD", "NE", "NA"])
def test_categories_without_weight(category):
    index = biodiversity.red_list_index(of_one_year(category, "EN"))
    assert index[["value", "species"]].to_numpy().tolist() == [[pytest.approx(0.4), 1]]
    assert index["data_deficient"].tolist() == [int(category == "DD")]
    alone = biodiversity.red_list_index(of_one_year(category))
    assert alone[["value", "lower", "upper"]].isna().all(axis=None)
    assert "no species with a category" in remarks_of(alone)[0]


def test_all_categories_of_the_packaged_table_are_tested_here():
    known = set(biodiversity.categories()["category"])
    tested = {"LC", "NT", "VU", "EN", "CR", "CR(PE)", "CR(PEW)", "RE", "EW", "EX"}
    assert known == tested | {"LR/lc", "LR/cd", "LR/nt", "DD", "NE", "NA"}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        *(
            ("vu", "VU"),
            (" Vulnerable ", "VU"),
            ("Vulnerable (VU)", "VU"),
            ("VU – Vulnerable", "VU"),
        ),
        *(("CR (PE)", "CR(PE)"), ("CR (Possibly Extinct)", "CR(PE)"), ("least concern", "LC")),
        ("Critically Endangered (Possibly Extinct in the Wild)", "CR(PEW)"),
        *(("Lower Risk/near threatened", "LR/nt"), ("Extinct in the wild", "EW"), ("", None)),
        *(("V", None), ("threatened", None), ("3", None), ("EN3", None)),
    ],
)
def test_ways_of_writing_a_category(text, category):
    assert category_of(text) == category


def test_shares_of_the_range():
    # 1 − (2·1 + 4·0.25 + 5·0) / (5·1.25) = 1 − 3/6.25
    shared = of_one_year("VU", "CR", "EX", shares=[1, 0.25, 0])
    index = biodiversity.red_list_index(shared)
    assert index["value"].tolist() == [pytest.approx(0.52, abs=1e-15)]
    assert index["species"].tolist() == [3]


def test_species_extinct_from_the_beginning():
    world = {
        "dodo": {2000: "EX", 2010: "EX"},
        "lion": {2000: "VU", 2010: "RE"},
        "lark": {2000: "LC", 2010: "LC"},
    }
    index = biodiversity.red_list_index(rows_of(world))
    # counted: 1 − 7/15, 1 − 10/15; left out: 1 − 2/10, 1 − 5/10
    assert index["value"].tolist() == pytest.approx([8 / 15, 5 / 15])
    (said,) = remarks_of(index)
    assert "1 species extinct in their first assessment: dodo" in said and "is 0.5000" in said
    index = biodiversity.red_list_index(rows_of(world), extinct_at_first="left_out")
    assert index["value"].tolist() == pytest.approx([8 / 10, 5 / 10])
    assert index["species"].tolist() == [2, 2]
    assert "is 0.3333" in remarks_of(index)[0]
    with pytest.raises(ValueError, match="use counted or left_out"):
        biodiversity.red_list_index(rows_of(world), extinct_at_first="no")


@pytest.mark.parametrize("choice", ["counted", "left_out"])
def test_nothing_but_extinct_species(choice):
    index = biodiversity.red_list_index(of_one_year("EX", "RE"), extinct_at_first=choice)
    assert index["value"].fillna(-1).tolist() == [0.0 if choice == "counted" else -1]


def test_bounds_of_two_species():
    # two draws of LC and EX: index 1, ½, ½ or 0, a quarter each
    index = biodiversity.red_list_index(of_one_year("LC", "EX"))
    assert index[["value", "lower", "upper"]].to_numpy().tolist() == [[0.5, 0, 1]]


def test_bounds_of_many_species_are_those_of_the_normal_distribution():
    # 200 LC and 200 EX: standard deviation of the mean √(¼/400) = 0.025
    index = biodiversity.red_list_index(of_one_year(*["LC", "EX"] * 200))
    assert index["lower"][0] == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert index["upper"][0] == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_bounds_do_not_depend_on_species_without_a_category():
    # species that are never in the index are not drawn
    plain = biodiversity.red_list_index(of_one_year("LC", "VU", "EX"))
    more = biodiversity.red_list_index(of_one_year("LC", "VU", "EX", "DD", "DD", "NE"))
    columns = ["value", "lower", "upper"]
    pd.testing.assert_frame_equal(plain[columns], more[columns])


assessments = st.dictionaries(
    st.sampled_from([f"species {letter}" for letter in "abcdefgh"]),
    st.dictionaries(
        st.sampled_from([2000, 2005, 2010]),
        st.sampled_from(biodiversity.categories()["category"].tolist()),
        min_size=1,
    ),
    min_size=1,
)


@settings(max_examples=25, deadline=None)
@given(assessments, st.randoms())
def test_the_index_against_a_plain_loop(world, random):
    table = rows_of(world)
    weights = dict(
        zip(*biodiversity.categories()[["category", "weight"]].T.to_numpy(), strict=True)
    )
    index = biodiversity.red_list_index(table).set_index("year")
    for year in sorted({year for series in world.values() for year in series}):
        found = []
        for series in world.values():
            before = [series[other] for other in sorted(series) if other <= year]
            if before and not math.isnan(weights[before[-1]]):
                found.append(weights[before[-1]])
        row = index.loc[year]
        assert row["species"] == len(found)
        if found:
            assert row["value"] == pytest.approx(1 - sum(found) / (5 * len(found)), abs=1e-12)
            assert 0 <= row["lower"] <= row["value"] <= row["upper"] <= 1
        else:
            assert math.isnan(row["value"])
    mixed = table.sample(frac=1, random_state=random.randrange(2**31))
    again = biodiversity.red_list_index(mixed).set_index("year")
    pd.testing.assert_frame_equal(index, again)
    same = biodiversity.red_list_index(table.assign(share=0.25)).set_index("year")
    np.testing.assert_allclose(same["value"], index["value"], atol=1e-12)


# ---- assessments that cannot be used -------------------------------------------------------------


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="assessments.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def test_a_file_and_a_table_give_the_same(write):
    path = write(rows_of(WORLD).to_csv(index=False))
    from_file, from_table = (biodiversity.red_list_index(x) for x in (path, rows_of(WORLD)))
    pd.testing.assert_frame_equal(from_file, from_table)
    table = biodiversity.read_assessments(path)
    assert table.columns.tolist() == ["species", "year", "category", "share"]
    assert table["year"].dtype == int and table["share"].isna().all()


def test_semicolons_and_a_byte_order_mark(write):
    path = write("\ufeffspecies;year;category\nlion;2020;Vulnerable\n")
    assert biodiversity.read_assessments(path)["category"].tolist() == ["VU"]


def test_every_problem_of_a_file_at_once(write):
    path = write(
        "species,year,category,share\n"
        "lion,two thousand,VU,0.5\n"  # line 2
        "lion,2010,Vulnerabel,0.5\n"
        "oryx,2010,EN,1.5\n"
        "oryx,2010,CR,1.5\n"
        ",2010,LC,0.1\n"
        "Lark,2010,LC,0.1\n"
        "lark,2020,LC,\n"
        'toad,2010,LC,"0,2"\n'
        "newt,2010,XX,0.2\n"
    )
    found = "\n".join(findings_of(lambda: biodiversity.read_assessments(path)))
    for said in (
        "line 2, column year: found 'two thousand'",
        "line 3, column category: found 'Vulnerabel'",
        "Did you mean VU (Vulnerable)?",
        "lines 4, 5, column category: found EN and CR for oryx in 2010",
        "lines 4, 5, column share: found '1.5'",
        "line 6, column species: found nothing",
        "line 8, column species: found 'Lark' and 'lark'",
        "column share: found nothing in 2 of 9 rows",
        "line 9, column share: found '0,2'",
        "line 10, column category: found 'XX'",
    ):
        assert said in found, (said, found)
    assert "(notebook 13)" in found


def test_missing_columns_and_files(write, tmp_path):
    path = write("species,year\nlion,2000\n")
    assert "a column category" in findings_of(lambda: biodiversity.read_assessments(path))[0]
    found = findings_of(lambda: biodiversity.read_assessments(tmp_path / "none.csv"))
    assert "no such file" in found[0]
    found = findings_of(lambda: biodiversity.red_list_index(pd.DataFrame({"species": ["lion"]})))
    assert "Add year, category" in found[0]
    empty = pd.DataFrame(columns=["species", "year", "category"])
    assert "no rows" in findings_of(lambda: biodiversity.red_list_index(empty))[0]


def test_a_row_given_twice_counts_once():
    table = pd.concat([of_one_year("EN", "LC"), of_one_year("EN")], ignore_index=True)
    index = biodiversity.red_list_index(table)
    assert index[["value", "species"]].to_numpy().tolist() == [[pytest.approx(0.7), 2]]
    assert any("a second time" in text for text in remarks_of(index, "info"))


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.5, None], "a share in all rows or in none"),
        ([-0.1, 0.5], "a number from 0 to 1"),
        ([0, 0], "0 in every row"),
        ([30, 60], "0.3 for 30 percent"),
    ],
)
def test_shares_that_cannot_be(shares, said):
    table = of_one_year("EN", "LC", shares=shares)
    assert any(said in text for text in findings_of(lambda: biodiversity.red_list_index(table)))


def test_one_share_for_a_species():
    table = rows_of({"lion": {2000: "VU", 2010: "EN"}}).assign(share=[0.2, 0.3])
    (found,) = findings_of(lambda: biodiversity.red_list_index(table))
    assert "0.2, 0.3 for lion" in found


def test_a_column_that_nobody_reads_is_said():
    table = of_one_year("EN").assign(kategory="x", comment="seen")
    (said,) = remarks_of(biodiversity.red_list_index(table))
    assert "column kategory" in said


def test_the_tables_of_the_red_list(write):
    section = Species(write(rows_of(WORLD).to_csv(index=False)))
    found, findings = biodiversity.compute_red_list(section)
    assert list(found) == ["red_list", "species", "categories"]
    assert found["red_list"]["value"].tolist() == pytest.approx([8 / 15, 13 / 25, 13 / 20])
    assert len(found["species"]) == 13
    counts = found["categories"].set_index(["year", "category"])["species"].to_dict()
    assert counts[2010, "EW"] == 1 and counts[2020, "EN"] == 2 and sum(counts.values()) == 4 + 5 + 5
    assert {finding.severity for finding in findings} == {"warning", "info"}
    assert "findings" not in found["red_list"].attrs


# ---- areas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("south", [-80, -45, -10, 0, 30, 60])
@pytest.mark.parametrize("size", [0.01, 0.3, 1])
def test_areas_are_geodesic(south, size):
    turns = np.linspace(0, 2 * np.pi, 13)[:-1]
    star = Polygon(
        [
            (
                10 + size * (2 + math.cos(5 * t)) / 6 * math.cos(t),
                south + size / 2 + size * (2 + math.cos(5 * t)) / 6 * math.sin(t),
            )
            for t in turns
        ]
    )
    for shape in (star, box(10, south, 10 + size, south + size)):
        expected = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6
        assert polygons.area_km2([shape])[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("place", [(10, 0), (-70, 55), (179.99, -17), (-180, 5)])
@pytest.mark.parametrize("area", [0.5, 100, 20000])
def test_a_circle_has_its_area(place, area):
    (circle,) = polygons.tidy(np.array([polygons.circle(Point(*place), area)], object))
    assert polygons.area_km2([circle])[0] == pytest.approx(area, rel=2e-4)
    assert circle.bounds[0] >= -180 and circle.bounds[2] <= 180


# ---- protected coverage --------------------------------------------------------------------------
#
# Three squares of one degree at the equator; shares of longitudes are shares of areas.
#
#   site    parks inside it                                   2000   2005   2010
#   a       0–½ since 1990, ¼–¾ since 2010                     50     50     75
#   b       all of it since 2005                                0    100    100
#   c       none                                                0      0      0
#   mean                                                      50/3   150/3  175/3
SITES = {"a": box(0, 0, 1, 1), "b": box(2, 0, 3, 1), "c": box(4, 0, 5, 1)}
PARKS = [(box(-1, -1, 0.5, 2), 1990), (box(0.25, 0, 0.75, 1), 2010), (box(1.9, -1, 3.1, 2), 2005)]
YEARS = [2000, 2005, 2010]


def sites(shapes=SITES, crs=4326):
    shapes = shapes if isinstance(shapes, dict) else dict(zip("abcdefgh", shapes, strict=False))
    return geopandas.GeoDataFrame({"site": list(shapes)}, geometry=list(shapes.values()), crs=crs)


def parks(pairs=PARKS, crs=4326, **columns):
    shapes, years = zip(*pairs, strict=True)
    data = {"designation_year": years, **columns}
    return geopandas.GeoDataFrame(data, geometry=list(shapes), crs=crs)


def values(kbas, protected, years=YEARS, **options):
    return biodiversity.protected_coverage(kbas, protected, years=years, **options)[
        "value"
    ].tolist()


def test_three_squares():
    table = biodiversity.protected_coverage(sites(), parks(), years=YEARS)
    assert table.columns.tolist() == ["year", "value", "lower", "upper", "sites"]
    assert table["value"].tolist() == pytest.approx([50 / 3, 50, 175 / 3], abs=1e-9)
    assert table["sites"].tolist() == [3, 3, 3] and table["lower"].isna().all()
    by_site = biodiversity.site_coverage(sites(), parks(), years=YEARS)
    assert by_site["share"].tolist() == pytest.approx([50, 50, 75, 0, 100, 100, 0, 0, 0], abs=1e-9)
    whole = polygons.area_km2(list(SITES.values()))
    np.testing.assert_allclose(by_site["area_km2"][::3], whole)
    np.testing.assert_allclose(by_site["covered_km2"], by_site["share"] / 100 * whole.repeat(3))


@pytest.mark.parametrize("year", [1989, 1990, 2004, 2005, 2009, 2010, 2011])
def test_the_year_of_designation_counts(year):
    expected = (50 * (1990 <= year < 2010) + 75 * (year >= 2010) + 100 * (year >= 2005)) / 3
    assert values(sites(), parks(), [year]) == [pytest.approx(expected, abs=1e-9)]


def test_years_come_in_order_and_once():
    table = biodiversity.protected_coverage(sites(), parks(), years=[2010, 2000, 2010])
    assert table["year"].tolist() == [2000, 2010]
    for wrong in ([], ["2000"], [2000.5]):
        with pytest.raises(ValueError, match="whole numbers"):
            biodiversity.protected_coverage(sites(), parks(), years=wrong)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32631", "ESRI:54009", "EPSG:6933", "EPSG:4269"])
def test_any_coordinate_system(crs):
    # many corners, so that an edge is the same line in both systems
    kbas, protected = sites(), parks()
    for frame in (kbas, protected):
        frame.geometry = frame.geometry.segmentize(0.01)
    for pair in (
        (kbas.to_crs(crs), protected),
        (kbas, protected.to_crs(crs)),
        (kbas.to_crs(crs), protected.to_crs(crs)),
    ):
        assert values(*pair) == pytest.approx([50 / 3, 50, 175 / 3], rel=2e-4)


# A site from 179.5° east to 179.5° west; its eastern half, beyond 180°, is a park.
ACROSS = {
    "two parts": MultiPolygon([box(179.5, 0, 180, 1), box(-180, 0, -179.5, 1)]),
    "beyond 180": box(179.5, 0, 180.5, 1),
    "below -180": box(-180.5, 0, -179.5, 1),
    "jump": Polygon([(179.5, 0), (-179.5, 0), (-179.5, 1), (179.5, 1)]),
}
BEYOND = {
    "east": box(180, 0, 181, 1),
    "west": box(-180, 0, -179, 1),
    "jump": Polygon([(180, 0), (-179, 0), (-179, 1), (180, 1)]),
}


@pytest.mark.parametrize("site", ACROSS)
@pytest.mark.parametrize("park", BEYOND)
def test_across_180(site, park):
    table = biodiversity.site_coverage(
        sites([ACROSS[site]]), parks([(BEYOND[park], 2000)]), years=[2000]
    )
    assert table["share"].tolist() == [pytest.approx(50, abs=1e-9)]
    np.testing.assert_allclose(table["area_km2"], polygons.area_km2([box(0, 0, 1, 1)]), rtol=1e-12)


def test_across_180_in_a_map_projection():
    kbas = sites([ACROSS["beyond 180"]]).to_crs("EPSG:3832")  # Mercator around 150° east
    protected = parks([(BEYOND["east"], 2000)]).to_crs("EPSG:3832")
    assert kbas.total_bounds[2] - kbas.total_bounds[0] < 2e5
    assert values(kbas, protected, [2000]) == [pytest.approx(50, rel=1e-4)]


def test_a_hole_across_180_stays_a_hole():
    ring = box(179, 0, 181, 1).difference(box(179.5, 0, 180.5, 1))
    jumping = shapely.transform(ring, lambda points: np.where(points > 180, points - 360, points))
    for shape in (ring, jumping):
        table = biodiversity.site_coverage(sites([shape]), parks(), years=[2000])
        expected = polygons.area_km2([box(0, 0, 1, 1)])
        np.testing.assert_allclose(table["area_km2"], expected, rtol=1e-9)


def test_a_park_around_the_whole_earth():
    assert values(sites(), parks([(box(-180, -90, 180, 90), 2000)])) == pytest.approx([100] * 3)


# ---- years that are not known, areas that do not count -------------------------------------------

# a park of 1990 holds ¼ of the one site, one without a year another ½
UNCERTAIN = [(box(0, 0, 0.25, 1), 1990), (box(0.25, 0, 0.75, 1), 0)]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("last", [25, 25, 75]), ("all", [75, 75, 75]), ("none", [25, 25, 25])],
)
@pytest.mark.parametrize("unknown", [0, None, "", "0"])
def test_unknown_years(choice, expected, unknown):
    protected = parks([UNCERTAIN[0], (UNCERTAIN[1][0], unknown)])
    protected["designation_year"] = protected["designation_year"].astype(object)
    one = sites([SITES["a"]])
    with pytest.warns(UserWarning, match="areas without year of designation: number 2"):
        table = biodiversity.protected_coverage(one, protected, years=YEARS, unknown_year=choice)
    assert table["value"].tolist() == pytest.approx(expected, abs=1e-9)
    assert table["lower"].tolist() == pytest.approx([25] * 3, abs=1e-9)
    assert table["upper"].tolist() == pytest.approx([75] * 3, abs=1e-9)


def test_an_unknown_word_for_unknown_years():
    with pytest.raises(ValueError, match="use one of last, all, none"):
        biodiversity.protected_coverage(sites(), parks(), years=YEARS, unknown_year="never")


def test_only_areas_in_force_count():
    status = ["Designated", "proposed", "Not Reported", None, "Established", "INSCRIBED", "Adopted"]
    pairs = [(box(i / 10, 0, (i + 1) / 10, 1), 2000) for i in range(7)]
    protected = parks(pairs, STATUS=status, NAME=[f"park {i}" for i in range(7)])
    table = biodiversity.protected_coverage(sites([SITES["a"]]), protected, years=[2000])
    assert table["value"].tolist() == [pytest.approx(40, abs=1e-9)]
    said = "\n".join(remarks_of(table))
    for text in ("status 'proposed': park 1", "status 'Not Reported': park 2", "nothing: park 3"):
        assert text in said
    assert "status 'INSCRIBED'" not in said


def test_biosphere_reserves_are_said():
    protected = parks(DESIG_ENG=["National Park", "UNESCO-MAB Biosphere Reserve", "Reserve"])
    table = biodiversity.protected_coverage(sites(), protected, years=YEARS)
    assert "biosphere reserves: number 2" in "\n".join(remarks_of(table))
    assert table["value"].tolist() == pytest.approx([50 / 3, 50, 175 / 3])


def test_the_columns_of_the_world_database():
    protected = parks().rename(columns={"designation_year": "STATUS_YR"})
    kbas = sites().rename(columns={"site": "SitRecID"}).assign(SitRecID=[7, 8, 9])
    assert values(kbas, protected) == pytest.approx([50 / 3, 50, 175 / 3])
    table = biodiversity.site_coverage(kbas, protected, years=[2000])
    assert table["site"].tolist() == ["7", "8", "9"]


# ---- geometry ------------------------------------------------------------------------------------


def test_polygons_that_cut_themselves_are_repaired_and_said():
    # a bow tie of two triangles, each a quarter of the square
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    table = biodiversity.site_coverage(sites([bow]), parks([(box(0, 0, 1, 1), 2000)]), years=[2000])
    assert "polygons that cut themselves: a" in remarks_of(table)[0]
    expected = polygons.area_km2([box(0, 0, 1, 1)]) / 2
    np.testing.assert_allclose(table["area_km2"], expected, rtol=1e-4)
    assert table["share"].tolist() == pytest.approx([100])
    protected = parks([(bow, 2000)], name=["Knot"])
    table = biodiversity.protected_coverage(sites([SITES["a"]]), protected, years=[2000])
    assert (
        table["value"].tolist() == [pytest.approx(50, rel=1e-4)] and "Knot" in remarks_of(table)[0]
    )


def test_points_with_an_area_become_circles():
    protected = parks(
        [(Point(0.5, 0.5), 2000), (Point(2.5, 0.5), 2000)], REP_AREA=[1000.0, 0.0], name=["x", "y"]
    )
    table = biodiversity.site_coverage(sites(), protected, years=[2000])
    assert table["covered_km2"].tolist() == pytest.approx([1000, 0, 0], rel=2e-4)
    said = "\n".join(remarks_of(table))
    assert "points with a reported area: x" in said
    assert "points without a reported area: y" in said
    kbas = sites([Point(0.5, 0.5)]).assign(reported_area_km2=100)
    table = biodiversity.site_coverage(kbas, parks(), years=[2010])
    assert table["area_km2"].tolist() == pytest.approx([100], rel=2e-4)


def test_what_has_no_area_is_left_out_and_said():
    line = shapely.LineString([(0, 0), (1, 1)])
    shapes = {"a": SITES["a"], "line": line, "none": None, "flat": Polygon([(0, 0)] * 4)}
    table = biodiversity.protected_coverage(sites(shapes), parks(), years=[2000])
    assert table[["value", "sites"]].to_numpy().tolist() == [[pytest.approx(50), 1]]
    said = "\n".join(remarks_of(table))
    for text in ("lines: line", "features without geometry: none", "without area: flat"):
        assert text in said


def test_polygons_of_one_name_are_one_site():
    kbas = sites(list(SITES.values())).assign(site=["a", "b", "a"])
    # a: two squares, half of one protected
    table = biodiversity.site_coverage(kbas, parks(), years=[2005])
    assert table["site"].tolist() == ["a", "b"]
    assert table["share"].tolist() == pytest.approx([25, 100])
    assert "sites of several polygons: a" in remarks_of(table, "info")[0]


def test_sites_without_a_name_have_a_number():
    kbas = sites().assign(site=["a", None, " "])
    table = biodiversity.site_coverage(kbas, parks(), years=[2000])
    assert table["site"].tolist() == ["a", "number 2", "number 3"]


def test_polygons_of_very_many_corners_are_divided():
    turns = np.linspace(0, 2 * np.pi, 9000, endpoint=False)
    radius = 1 + 0.2 * np.sin(40 * turns)
    flower = Polygon(np.column_stack([radius * np.cos(turns), radius * np.sin(turns)]))
    parts = coverage._divided(flower)
    assert len(parts) > 4 and sum(part.area for part in parts) == pytest.approx(flower.area)
    kbas = sites([box(0, 0, 2, 2), box(-0.5, -0.5, 0.5, 0.5)])
    table = biodiversity.site_coverage(kbas, parks([(flower, 2000)]), years=[2000])
    inside = polygons.area_km2([flower.intersection(box(0, 0, 2, 2))])
    np.testing.assert_allclose(table["covered_km2"][:1], inside, rtol=1e-9)
    assert table["share"][1] == pytest.approx(100)


# ---- what holds for all polygons -----------------------------------------------------------------

corner = st.integers(-40, 40)
rectangles = st.tuples(corner, corner, st.integers(1, 30), st.integers(1, 30)).map(
    lambda t: box(t[0] / 10, t[1] / 10, (t[0] + t[2]) / 10, (t[1] + t[3]) / 10)
)
some_sites = st.lists(rectangles, min_size=1, max_size=4)
some_parks = st.lists(st.tuples(rectangles, st.sampled_from([1995, 2000, 2003, 2010, 2020])))


def shares(shapes, protected):
    frame = parks(protected) if protected else parks(PARKS).iloc[:1]
    if not protected:
        frame.geometry = [box(100, 0, 101, 1)]
    return np.array(values(sites(shapes), frame, [2000, 2005, 2015]))


@settings(max_examples=30, deadline=None)
@given(some_sites, some_parks, st.randoms())
def test_shares_lie_between_0_and_100_in_any_order(shapes, protected, random):
    found = shares(shapes, protected)
    assert ((found >= 0) & (found <= 100)).all() and (np.diff(found) >= 0).all()
    mixed, other = list(shapes), list(protected)
    random.shuffle(mixed)
    random.shuffle(other)
    np.testing.assert_allclose(shares(mixed, other), found, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(some_sites, some_parks, st.tuples(rectangles, st.sampled_from([1990, 2004, 2012])))
def test_one_more_protected_area_never_lowers(shapes, protected, one):
    assert (shares(shapes, [*protected, one]) >= shares(shapes, protected) - 1e-9).all()
    # given twice, it changes nothing
    twice, once = shares(shapes, [*protected, one, one]), shares(shapes, [*protected, one])
    np.testing.assert_allclose(twice, once, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(some_sites, some_parks, st.floats(0.1, 0.9), st.booleans())
def test_a_park_in_two_parts_that_touch_is_the_same_park(shapes, protected, where, upright):
    assume(protected)
    whole, year = protected[0]
    west, south, east, north = whole.bounds
    x, y = west + where * (east - west), south + where * (north - south)
    halves = [box(west, south, x, north), box(x, south, east, north)]
    if upright:
        halves = [box(west, south, east, y), box(west, y, east, north)]
    split = [*((half, year) for half in halves), *protected[1:]]
    np.testing.assert_allclose(shares(shapes, split), shares(shapes, protected), atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(some_sites, some_parks)
def test_against_a_grid_of_points(shapes, protected):
    # an independent count: 40 × 40 points of equal area in each rectangle
    found = shares(shapes, protected)
    for place, year in enumerate((2000, 2005, 2015)):
        means = []
        for shape in shapes:
            west, south, east, north = shape.bounds
            x = west + (np.arange(40) + 0.5) / 40 * (east - west)
            sine = np.sin(np.radians([south, north]))
            levels = sine[0] + (np.arange(40) + 0.5) / 40 * (sine[1] - sine[0])
            x, y = np.meshgrid(x, np.degrees(np.arcsin(levels)))
            inside = np.zeros(x.shape, bool)
            for park, since in protected:
                if since <= year:
                    w, s, e, n = park.bounds
                    inside |= (x > w) & (x < e) & (y > s) & (y < n)
            means.append(100 * inside.mean())
        assert found[place] == pytest.approx(np.mean(means), abs=8)


# ---- polygons that cannot be used ----------------------------------------------------------------


def test_every_problem_of_both_files_at_once():
    kbas = sites(crs=None)
    protected = parks([(box(0, 0, 1, 1), "1990s"), (box(0, 0, 1, 1), 20210), (SITES["b"], -5)])
    call = lambda: biodiversity.protected_coverage(kbas, protected, years=YEARS)  # noqa: E731
    found = "\n".join(findings_of(call))
    for said in (
        "key biodiversity areas: found no coordinate system",
        "'1990s' in column designation_year of number 1",
        "'20210' in column designation_year of number 2",
        "'-5' in column designation_year of number 3",
    ):
        assert said in found, (said, found)


def test_columns_that_are_not_there():
    protected = parks().rename(columns={"designation_year": "since"})
    call = lambda: biodiversity.protected_coverage(  # noqa: E731
        sites(), protected, years=YEARS, site="code", name="title"
    )
    found = findings_of(call)
    assert len(found) == 3
    assert "columns site; expected a column code" in found[0]
    assert "columns since; expected a column designation_year or STATUS_YR" in found[1]
    assert "a column title" in found[2]
    assert values(sites(), protected, year="since") == pytest.approx([50 / 3, 50, 175 / 3])


def test_coordinates_that_are_no_degrees():
    kbas = sites([box(500000, 0, 501000, 1000)])
    (found,) = findings_of(lambda: values(kbas, parks()))
    assert "coordinates that are not on the earth: a" in found


def test_nothing_that_can_be_used():
    kbas = sites([Point(0, 0)])
    found = findings_of(lambda: values(kbas, parks(STATUS=["Proposed"] * 3)))
    assert len(found) == 2
    assert "no polygons of sites" in found[0] and "no polygons of protected areas" in found[1]


# ---- files and countries -------------------------------------------------------------------------


@pytest.fixture
def country(tmp_path):
    """A country of five degrees with its two files."""

    def make(kbas=None, protected=None, boundary=None, **section):
        kbas = sites() if kbas is None else kbas
        protected = parks(name=["x", "y", "z"]) if protected is None else protected
        kbas.to_file(tmp_path / "sites.gpkg", layer="kba")
        protected.to_file(tmp_path / "protected.gpkg")
        boundary = box(-1, -1, 6, 2) if boundary is None else boundary
        options = {"sites_key": "site", "protected_key": "name"} | section
        return SimpleNamespace(
            cycle=Cycle(2026),
            boundary=geopandas.GeoDataFrame(geometry=[boundary], crs=4326),
            species=None,
            key_biodiversity_areas=KeyBiodiversityAreas(
                VectorFile(tmp_path / "sites.gpkg", "kba"),
                protected=VectorFile(tmp_path / "protected.gpkg"),
                **options,
            ),
        )

    return make


def test_the_tables_of_protected_areas(country):
    made = country()
    found, findings = biodiversity.compute_coverage(made.key_biodiversity_areas, made)
    assert list(found) == ["protected_areas", "sites"] and findings == []
    table = found["protected_areas"].set_index("year")
    assert table.index.tolist() == list(range(2000, 2024))
    assert table.loc[[2000, 2005, 2010, 2023], "value"].tolist() == pytest.approx(
        [50 / 3, 50, 175 / 3, 175 / 3]
    )
    assert found["sites"].columns.tolist()[:5] == [
        *("site", "year", "area_km2", "covered_km2", "share")
    ]
    assert len(found["sites"]) == 72
    means = found["sites"].groupby("year")["share"].mean()
    np.testing.assert_allclose(means, table["value"])


def test_a_site_is_counted_whole_beyond_the_border(country):
    made = country(boundary=box(0.9, -1, 6, 2))  # a tenth of site a
    found, findings = biodiversity.compute_coverage(made.key_biodiversity_areas, made)
    assert found["protected_areas"]["value"].iloc[0] == pytest.approx(50 / 3) and findings == []


def test_sites_outside_the_country(country):
    made = country(boundary=box(1.5, -1, 6, 2))
    found, findings = biodiversity.compute_coverage(made.key_biodiversity_areas, made)
    assert "1 of 3 sites outside the country: a" in str(findings[0])
    assert found["protected_areas"]["sites"].tolist() == [3] * 24
    made = country(boundary=box(3.5, -1, 6, 2))
    (said,) = findings_of(lambda: biodiversity.compute_coverage(made.key_biodiversity_areas, made))
    assert "2 of 3 sites outside the country: a, b" in said


def test_a_country_across_180_in_its_own_longitudes(country):
    made = country(
        kbas=sites([ACROSS["two parts"], box(-178, 0, -177, 1)]),
        protected=parks([(BEYOND["west"], 2000)], name=["x"]),
        boundary=box(178, -1, 184, 2),
    )
    found, findings = biodiversity.compute_coverage(made.key_biodiversity_areas, made)
    assert findings == []
    assert found["protected_areas"]["value"].iloc[0] == pytest.approx(25)


def test_no_park_inside_a_site_is_said(country):
    made = country(protected=parks([(box(50, 50, 51, 51), 2000)], name=["far"]))
    found, findings = biodiversity.compute_coverage(made.key_biodiversity_areas, made)
    assert found["protected_areas"]["value"].eq(0).all()
    assert "no protected area inside a site" in str(findings[0])


def test_files_that_cannot_be_read(country, tmp_path):
    made = country(sites_key="code", protected_year="since")
    found = findings_of(lambda: biodiversity.compute_coverage(made.key_biodiversity_areas, made))
    assert len(found) == 2 and "a column code" in found[0] and "a column since" in found[1]
    assert all("key_biodiversity_areas: " in text for text in found)
    (tmp_path / "sites.gpkg").write_text("no polygons")
    (tmp_path / "protected.gpkg").unlink()
    found = findings_of(lambda: biodiversity.compute_coverage(made.key_biodiversity_areas, made))
    assert len(found) == 2 and "sites.gpkg" in found[0] and "protected.gpkg" in found[1]
    assert [str(finding) for finding in biodiversity.look(made)] == found


def test_a_look_before_the_work(country, write):
    made = country(
        protected=parks(PARKS, name=["x", "y", "z"], STATUS=["Proposed", *["Designated"] * 2])
    )
    assert "status 'Proposed': x" in str(biodiversity.look(made)[0])
    assert biodiversity.look(made, "red_list") == []
    made.species = Species(write("species,year,category\nlion,2000,VUU\n"))
    (found,) = biodiversity.look(made, "red_list")
    assert found.severity == "error" and "'VUU'" in str(found)
    assert len(biodiversity.look(made)) == 2


def test_no_licensed_polygons_are_packaged():
    house = Path(biodiversity.__file__).parents[1] / "data"
    names = [path.name.lower() for path in house.iterdir()]
    assert not any(word in name for name in names for word in ("kba", "wdpa", "gpkg", ".shp"))


@pytest.mark.slow
def test_many_sites_and_protected_areas_take_seconds():
    random = np.random.default_rng(7)
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)

    def blobs(count, size):
        radius = size * (1 + 0.3 * np.sin(5 * turns))
        middles = random.uniform(0, 10, (count, 2))
        ring = np.column_stack([radius * np.cos(turns), radius * np.sin(turns)])
        return [Polygon(middle + ring) for middle in middles]

    kbas = sites(dict(zip(itertools.count(), blobs(300, 0.2))))
    protected = parks([(shape, int(random.integers(1950, 2024))) for shape in blobs(5000, 0.15)])
    start = time.perf_counter()
    found = values(kbas, protected, list(range(2000, 2024)))
    assert time.perf_counter() - start < 15
    assert 0 < found[0] < found[-1] < 100


def test_the_constants_are_in_the_table():
    assert tables.constant("red_list_bootstrap") == 1000 and tables.constant("red_list_level") == 95
