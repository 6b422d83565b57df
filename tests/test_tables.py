"""The packaged tables say what the guidance says, and a team's own files are checked whole."""

import itertools
import json
import re
from fractions import Fraction
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from ldnkit import tables
from ldnkit.findings import InputError
from ldnkit.tables import NODATA

NAMES = sorted(
    entry.name.removesuffix(".csv")
    for entry in (resources.files("ldnkit") / "data").iterdir()
    if entry.name.endswith(".csv")
)
OURS = [
    "climate_factors",
    "critical_s",
    "forms",
    "labels",
    "land_cover_legend",
    "land_cover_transitions",
    "methods",
    "nesting_esa_cci",
    "nesting_glad",
    "nesting_glc_fcs30d",
    "palettes",
    "periods",
    "prais_rules",
    "prais_tables",
    "productivity_dynamics",
    "soil_factors",
    "status_matrix",
]

# The default transition matrix, drawn again: rows are the first year, columns the last year.
# T tree, G grass, C crop, W wetland, A artificial, O other, B water bodies; ? marks unlikely.
SIGNS = """
      T   G   C   W   A   O   B
  T   0   -   -   -?  -   -   0
  G   +   0   +   -?  -   -   0
  C   +   -   0   -?  -   -   0
  W   -?  -   -   0   -   -   0
  A   +?  +   +   +   0   +   0
  O   +   +   +   +   -   0   0
  B   0   0   0   0   0   0   0
"""
PROCESSES = {
    "deforestation": "TC TA",
    "vegetation loss": "TG TO GO CO",
    "inundation": "TW GW CW",
    "afforestation": "GT CT AT OT",
    "agricultural expansion": "GC AC OC",
    "urban expansion": "GA CA OA",
    "withdrawal of agriculture": "CG",
    "woody encroachment": "WT",
    "wetland drainage": "WG WC WA WO",
    "vegetation establishment": "AG OG",
    "wetland establishment": "AW OW",
    "withdrawal of settlements": "AO",
}

# Conversion factors, same rows and columns; F is the climate factor, / is one over.
FACTORS = """
      T    G    C    W       A    O    B
  T   1    1    f    1       0.1  0.1  1
  G   1    1    f    1       0.1  0.1  1
  C   1/f  1/f  1    1/0.71  0.1  0.1  1
  W   1    1    0.71 1       0.1  0.1  1
  A   2    2    2    2       1    1    1
  O   2    2    2    2       1    1    1
  B   1    1    1    1       1    1    1
"""


def picture(text):
    """{(row, column): cell} of a drawn table."""
    header, *lines = text.strip("\n").splitlines()
    columns = header.split()
    cells = {}
    for line in lines:
        row, *values = line.split()
        cells |= {(row, column): value for column, value in zip(columns, values, strict=True)}
    return cells


def codes(letters):
    return tuple("TGCWAOB".index(letter) + 1 for letter in letters)


def findings_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return caught.value.findings


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="mine.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write_file


# --- reading


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_its_source(name):
    table = tables.read(name)
    assert len(table) > 0
    assert (table["source"].astype(str).str.len() > 3).all()


@pytest.mark.parametrize("name", OURS)
def test_no_row_repeats(name):
    table = tables.read(name)
    keys = {"labels": ["key"], "methods": ["parameter"], "palettes": ["palette", "code"]}
    assert not table.duplicated(keys.get(name)).any()


def test_read_gives_a_fresh_copy():
    table = tables.read("status_matrix")
    table.loc[0, "status"] = 99
    assert tables.read("status_matrix").loc[0, "status"] == -1


def test_unknown_table_lists_the_known_ones():
    with pytest.raises(FileNotFoundError, match="status_matrix"):
        tables.read("status")


def test_leading_zeros_stay_text():
    notebooks = tables.read("prais_tables")["notebook"]
    made = {"01", "02", "03", "04", "05", "06", "09", "10", "11", "12"}
    assert made <= set(notebooks)


# --- land cover


def test_unccd_legend():
    legend = tables.legend()
    assert list(legend.columns) == ["code", "key", "name", "unccd", "colour"]
    assert legend["code"].tolist() == legend["unccd"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert legend.iloc[6]["name"] == "Water bodies"
    assert legend["name"].tolist() == [
        tables.label(f"land_cover.{key}") for key in legend["key"].tolist()
    ]


ESA = {
    1: [50, 60, 61, 62, 70, 71, 72, 80, 81, 82, 90, 100],
    2: [110, 120, 121, 122, 130, 140, 150, 151, 152, 153],
    3: [10, 11, 12, 20, 30, 40],
    4: [160, 170, 180],
    5: [190],
    6: [200, 201, 202, 220],
    7: [210],
    NODATA: [0],
}


def test_esa_codes_are_those_of_the_manual():
    table = tables.nesting("esa_cci")
    found = {to: sorted(rows["code"]) for to, rows in table.groupby("to")}
    assert found == ESA
    assert (tables.read("nesting_esa_cci")["confirmed"] == "yes").all()


@pytest.mark.parametrize(
    ("name", "ranges"),
    [
        (
            "glc_fcs30d",
            [
                (1, 51, 92),
                (2, 120, 153),
                (3, 10, 20),
                (4, 181, 187),
                (5, 190, 190),
                (6, 200, 202),
                (6, 220, 220),
                (7, 210, 210),
                (NODATA, 0, 0),
                (NODATA, 250, 250),
            ],
        ),
        (
            "glad",
            [
                (1, 27, 48),
                (2, 2, 26),
                (3, 244, 244),
                (4, 102, 148),
                (4, 200, 205),
                (5, 250, 250),
                (6, 0, 1),
                (6, 100, 101),
                (6, 241, 241),
                (7, 206, 207),
                (NODATA, 254, 255),
            ],
        ),
    ],
)
def test_unconfirmed_nestings_cover_exactly_their_ranges(name, ranges):
    expected = {code: to for to, first, last in ranges for code in range(first, last + 1)}
    table = tables.nesting(name)
    assert dict(zip(table["code"], table["to"], strict=True)) == expected
    raw = tables.read(f"nesting_{name}")
    assert set(raw["confirmed"]) == {"no"}
    assert raw["source"].str.contains("to be confirmed with the product's legend").all()


@pytest.mark.parametrize("name", ["unccd", "legend"])
def test_identity_nesting(name):
    table = tables.nesting(name)
    assert table["code"].tolist() == table["to"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_transition_matrix_cell_by_cell():
    table = tables.transition_matrix()
    assert len(table) == 49
    assert list(table.columns) == ["from", "to", "sign", "process", "unlikely"]
    process = {codes(pair): name for name, pairs in PROCESSES.items() for pair in pairs.split()}
    expected = {
        codes(pair): (
            {"-": -1, "0": 0, "+": 1}[cell[0]],
            process.get(codes(pair), ""),
            cell.endswith("?"),
        )
        for pair, cell in picture(SIGNS).items()
    }
    found = {
        (row["from"], row["to"]): (row["sign"], row["process"], row["unlikely"])
        for row in table.to_dict("records")
    }
    assert found == expected
    # each of the six land classes can change in five ways that mean something
    assert len(process) == sum(cell[0] != "0" for cell in picture(SIGNS).values()) == 30


def test_unlikely_transitions():
    table = tables.transition_matrix()
    unlikely = table[table["unlikely"]]
    pairs = set(zip(unlikely["from"], unlikely["to"], strict=True))
    assert pairs == {(1, 4), (2, 4), (3, 4), (4, 1), (5, 1)}


# --- soil


def test_soil_factors_cell_by_cell():
    table = tables.soil_factors()
    assert len(table) == 49
    found = {(row["from"], row["to"]): row["factor"] for row in table.to_dict("records")}
    assert found == {codes(pair): cell for pair, cell in picture(FACTORS).items()}


def test_soil_factors_back_and_forth():
    """Between tree, grass, crop and wetland a change and its reverse cancel out."""
    found = tables.soil_factors().set_index(["from", "to"])["factor"]

    def value(text, f=Fraction(4, 5)):
        above, _, below = text.partition("/")
        number = f if above == "f" else Fraction(above)
        return number / (f if below == "f" else Fraction(below)) if below else number

    for first, last in itertools.product([1, 2, 3, 4], repeat=2):
        assert value(found[first, last]) * value(found[last, first]) == 1


def test_climate_factors():
    table = tables.climate_factors().set_index("zone")
    expected = dict.fromkeys([1, 3, 5, 7], 0.69) | dict.fromkeys([2, 4, 6, 8], 0.80)
    expected |= {9: 0.64, 10: 0.48, 11: 0.48, 12: 0.58}
    assert table.index.tolist() == list(range(13))
    assert table["f"].drop(0).to_dict() == expected
    assert pd.isna(table.at[0, "f"])
    for zone, name in table["name"].drop(0).items():
        if zone <= 8:  # moist and dry take turns in the temperate, polar and boreal zones
            assert name.endswith("moist") == (expected[zone] == 0.69)


# --- productivity


def rule(trend, state, performance):
    """The table of the manual, told as a rule: LPD class."""
    if trend == -1 or (trend, state, performance) == (0, -1, -1):
        return 1
    if (state, performance) == (-1, -1) or (trend == 0 and state == -1):
        return 2
    if trend == 1:
        return 5
    return 3 if (state, performance) == (0, -1) else 4


def test_dynamics_for_every_combination():
    table = tables.productivity_dynamics()
    found = {
        (row["trend"], row["state"], row["performance"]): row["lpd"]
        for row in table.to_dict("records")
    }
    combinations = list(itertools.product([-1, 0, 1], [-1, 0, 1], [-1, 0]))
    assert len(table) == len(found) == len(combinations) == 18
    assert found == {combination: rule(*combination) for combination in combinations}
    # how often each class occurs: 6 + 1, 1 + 1, 1, 2 + 1, 5
    assert table["lpd"].value_counts().to_dict() == {1: 7, 2: 2, 3: 1, 4: 3, 5: 5}


def test_lpd_degradation_agrees_with_every_row():
    degradation = tables.lpd_degradation()
    assert degradation == {1: -1, 2: -1, 3: 0, 4: 0, 5: 1}
    table = tables.productivity_dynamics()
    assert (table["lpd"].map(degradation) == table["degradation"]).all()


def test_critical_s():
    table = tables.critical_s()
    values = "4 6 9 11 14 16 19 21 24 26 31 33 36 40 43 47 50 54 59 63 66 70 75"
    assert list(table) == list(range(4, 27))
    assert list(table.values()) == [int(value) for value in values.split()]


# --- status

#            period:   -        0        +
STATUS = {
    -1: [(-1, 1), (-1, 3), (1, 6)],
    0: [(-1, 2), (0, 4), (1, 6)],
    1: [(-1, 2), (1, 5), (1, 7)],
}


def test_status_matrix():
    table = tables.status_matrix()
    found = {
        (row["baseline"], row["period"]): (row["status"], row["detail"])
        for row in table.to_dict("records")
    }
    assert len(table) == len(found) == 9
    assert found == {
        (baseline, period): STATUS[baseline][period + 1]
        for baseline, period in itertools.product([-1, 0, 1], repeat=2)
    }


def test_detail_refines_status():
    table = tables.status_matrix()
    meaning = {1: -1, 2: -1, 3: -1, 4: 0, 5: 1, 6: 1, 7: 1}
    assert (table["detail"].map(meaning) == table["status"]).all()
    assert set(table["detail"]) == set(meaning)


# --- methods and periods


def test_methods_have_the_same_parameters():
    manual, trends_earth = tables.method("manual"), tables.method("trends.earth")
    assert list(manual) == list(trends_earth)
    assert [type(value) for value in manual.values()] == [
        type(value) for value in trends_earth.values()
    ]


def test_manual_parameters():
    manual = tables.method("manual")
    assert manual["alpha"] == 0.05
    assert (manual["performance_threshold"], manual["performance_inclusive"]) == (0.5, False)
    assert (manual["soil_threshold"], manual["soil_inclusive"]) == (10, False)
    assert (manual["soil_change_from"], manual["soil_timing"]) == ("period", "start")
    assert (manual["trend_compat"], manual["state_compat"], manual["missing"]) == ("", "", "manual")
    years = ["minimum_trend_years", "minimum_history_years", "minimum_recent_years"]
    assert [manual[name] for name in years] == [8, 8, 2]


def test_trends_earth_differs_exactly_in_its_choices():
    manual, trends_earth = tables.method("manual"), tables.method("trends.earth")
    differences = {
        name: trends_earth[name] for name in manual if manual[name] != trends_earth[name]
    }
    assert differences == {
        "trend_compat": "trends.earth",
        "state_compat": "trends.earth",
        "performance_inclusive": True,
        "soil_inclusive": True,
        "soil_truncate": True,
        "soil_change_from": "2000",
        "soil_timing": "middle",
        "missing": "trends.earth",
        "drought_compat": "trends.earth",
        "population_exposed_by": "period",
    }


def test_constants_of_the_guidance():
    """The Trends.Earth rules of 10 and 100, the z-score, the margin, two classes, percentile 90.

    Drought: 26 of 30 sums, 85 %, windows of four years from 2000.
    Reference samples: 95 % intervals, at least 50 points of a rare class.
    """
    known = tables.read("constants").set_index("constant")["source"]
    guidance = known.index[known != "Workbook convention"]
    assert {name: tables.constant(name) for name in {*guidance, "weak_no_data_share"}} == {
        "trend_stable_slope": 10,
        "state_margin": 5,
        "state_class_change": 2,
        "state_stable_difference": 100,
        "state_z": 1.96,
        "performance_percentile": 90,
        "weak_no_data_share": 10,
        "drought_minimum_sums": 26,
        "drought_full_sums": 30,
        "drought_minimum_share": 85,
        "drought_window_years": 4,
        "drought_first_year": 2000,
        "finance_first_year": 2020,
        "finance_last_year": 2023,
        "finance_weight_principal": 1,
        "finance_weight_significant": 1,
        "crs_unit": 1_000_000,
        "sample_level": 95,
        "sample_minimum": 50,
    }
    with pytest.raises(KeyError, match="state_z"):
        tables.constant("z")


def test_unknown_method():
    with pytest.raises(ValueError, match=r"manual, trends\.earth"):
        tables.method("trends_earth")


def test_periods_follow_one_rule():
    """16 years of trend, 13 of history then 3 recent; later periods begin in 2016."""
    table = tables.read("periods")
    assert table["period"].tolist() == ["baseline", *(f"report_{number}" for number in range(1, 5))]
    assert table["first_cycle"].tolist() == [2018, 2022, 2026, 2030, 2034]
    assert table["last"].tolist() == [2015, 2019, 2023, 2027, 2031]
    assert table["first"].tolist() == [2000, 2016, 2016, 2016, 2016]
    assert (table["trend_last"] - table["trend_first"] + 1 == 16).all()
    assert (table["history_last"] - table["history_first"] + 1 == 13).all()
    assert (table["recent_last"] - table["recent_first"] + 1 == 3).all()
    assert (table["recent_first"] == table["history_last"] + 1).all()
    assert (table["history_first"] == table["trend_first"]).all()
    for column in ("trend_last", "recent_last", "land_cover_last", "status_year"):
        assert (table[column] == table["last"]).all()
    assert (table["land_cover_first"] == table["first"]).all()
    known = table.iloc[:3]
    assert known["land_cover_first_trends_earth"].tolist() == [2000, 2015, 2015]
    assert known["land_cover_last_trends_earth"].tolist() == [2015, 2019, 2022]


# --- colours and labels


def test_every_colour_is_valid():
    used = [*tables.read("palettes")["colour"], *tables.legend()["colour"]]
    assert [colour for colour in used if not re.fullmatch("#[0-9a-f]{6}", colour)] == []


@pytest.mark.parametrize("name", dict.fromkeys(tables.read("palettes")["palette"]))
def test_palettes_end_with_light_grey_no_data(name):
    table = tables.palette(name)
    assert list(table.columns) == ["code", "key", "label", "colour"]
    assert table.iloc[-1].tolist() == [NODATA, "no_data", "No data", "#cccccc"]
    assert not table.duplicated("colour").any()


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("land_cover", range(1, 8)),
        ("degradation", [-1, 0, 1]),
        ("sdg", [-1, 0, 1]),
        ("trend", [-1, 0, 1]),
        ("state", [-1, 0, 1]),
        ("performance", [-1, 0]),
        ("productivity", range(1, 6)),
        ("status_detail", range(1, 8)),
    ],
)
def test_palettes_know_every_class(name, classes):
    assert tables.palette(name)["code"].tolist()[:-1] == list(classes)


def test_agreed_colours():
    degradation = tables.palette("degradation").set_index("code")["colour"]
    assert degradation[[-1, 0, 1]].tolist() == ["#9b2779", "#ffffe0", "#006500"]
    detail = tables.palette("status_detail").set_index("code")["colour"]
    assert detail[[1, 4, 7]].tolist() == ["#762a83", "#f7f7f7", "#1b7837"]
    legend = tables.legend().set_index("code")["colour"]
    assert tables.palette("land_cover").set_index("code")["colour"][:-1].equals(legend)


# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(colour, sight):
    """CIE L*a*b* of a colour as seen with a kind of colour vision."""
    stored = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    linear = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(SIGHT[sight]) @ linear, 0, 1)
    ratio = np.array(XYZ) @ seen / [0.9505, 1, 1.089]
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", ["land_cover", "degradation", "productivity"])
def test_colours_stay_apart_without_full_colour_vision(name, sight):
    colours = tables.palette(name)["colour"]
    apart = {
        pair: float(((lab(pair[0], sight) - lab(pair[1], sight)) ** 2).sum() ** 0.5)
        for pair in itertools.combinations(colours, 2)
    }
    assert {pair: round(value) for pair, value in apart.items() if value < 12} == {}


def test_labels_are_complete_in_six_languages():
    table = tables.read("labels")
    empty = [
        (row["key"], language)
        for row in table.to_dict("records")
        for language in tables.LANGUAGES
        if not row[language]
    ]
    assert empty == []
    assert set(table["reviewed"]) <= {"yes", "no"}


def test_terms_of_the_convention_are_used(shared_data):
    path = shared_data.parent / "spec" / "terms.csv"
    if not path.is_file():
        pytest.skip("the list of terms in six languages is not beside the test data")
    terms = pd.read_csv(path, dtype=str).fillna("")
    terms = terms.drop_duplicates("en").set_index("en")
    checked = {
        "land_cover.water": "Water bodies",
        "lpd.2": "Moderate decline",
        "process.wetland_drainage": "Wetland drainage",
        "no_data": "No data",
        "form.SO1-2": "Trends in land productivity or functioning of the land",
    }
    for key, term in checked.items():
        for language in tables.LANGUAGES[1:]:
            column = "zh_CN" if language == "zh" else language
            assert tables.label(key, language) == terms.at[term, column]


def test_templates_keep_their_fields_in_every_language():
    wrong = []
    for row in tables.read("labels").to_dict("records"):
        fields = {
            language: sorted(re.findall(r"{\w*}", row[language])) for language in tables.LANGUAGES
        }
        if len(set(map(tuple, fields.values()))) > 1:
            wrong.append((row["key"], fields))
    assert wrong == []


def test_every_key_used_by_a_table_exists():
    keys = set(tables.read("labels")["key"])
    used = {
        *tables.read("palettes")["key"],
        *tables.read("forms")["title_key"],
        *tables.read("prais_tables")["title_key"],
        *tables.read("prais_rules")["text_key"],
        *(f"land_cover.{key}" for key in tables.legend()["key"]),
        *(f"period.{period}" for period in tables.read("periods")["period"]),
    }
    processes = set(tables.transition_matrix()["process"]) - {""}
    used |= {"process." + process.replace(" ", "_") for process in processes}
    used |= {
        "unit." + unit
        for units in tables.prais_tables()["unit"]
        for unit in units.split(";")
        if unit
    }
    assert used - keys == set()


def test_label_falls_back_to_english(monkeypatch):
    from ldnkit import labels

    known = {"greeting": dict.fromkeys(tables.LANGUAGES, "") | {"en": "Hello"}}
    monkeypatch.setattr(labels, "_labels", lambda: known)
    assert tables.label("greeting", "ar") == "Hello"


def test_label_messages():
    with pytest.raises(KeyError, match=r"did you mean land_cover\.tree"):
        tables.label("land_cover.trees")
    with pytest.raises(KeyError, match=r"labels\.csv"):
        tables.label("xyzzy")
    with pytest.raises(KeyError, match="en, fr, es, ru, ar, zh"):
        tables.label("no_data", "de")
    with pytest.raises(KeyError, match="land_cover, degradation"):
        tables.palette("rainbow")


# --- PRAIS


def test_prais_tables_belong_to_forms():
    table = tables.prais_tables()
    forms = tables.read("forms").set_index("form")
    assert set(table["form"]) <= set(forms.index)
    assert (table["form"].map(forms["affected"]) == table["required_affected"]).all()
    assert (table["form"].map(forms["developed"]) == table["required_developed"]).all()
    assert set(table["confirmed"]) <= {"confirmed", "read"}
    assert pd.api.types.is_integer_dtype(table["decimals"])
    expected = {"CP-1": 2, "SO1-1": 7, "SO1-2": 3, "SO1-3": 2, "SO1-4": 5}
    wanted = {f"{form}.T{number}" for form, n in expected.items() for number in range(1, n + 1)}
    assert wanted <= set(table["id"])


def test_a_developed_country_must_report_profile_and_finance_only():
    forms = tables.read("forms")
    required = forms.loc[forms["developed"] == "required", "form"].tolist()
    assert required == ["CP", "SO5-1", "SO5-2"]


def test_prais_rules_have_a_severity():
    table = tables.read("prais_rules")
    assert set(table["severity"]) <= {"error", "warning", "info"}
    assert sorted(set(table["number"])) == list(range(1, 10))


# --- a team's own files

LEGEND = """code,name,unccd
10,Dense forest,1
20,Open forest,1
30,Pasture,2
70,Lake,7
"""


def test_own_legend(write):
    legend = tables.legend(write(LEGEND))
    assert legend["code"].tolist() == [10, 20, 30, 70]
    assert legend["key"].tolist() == ["class_10", "class_20", "class_30", "class_70"]
    parents = tables.legend().set_index("code")["colour"]
    assert legend.loc[0, "colour"] == parents[1]
    assert legend["colour"].is_unique
    assert legend["colour"].str.fullmatch("#[0-9a-f]{6}").all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_own_legend_from_a_spreadsheet_with_semicolons(write, encoding):
    legend = tables.legend(write(LEGEND.replace(",", ";") + ";;\n", encoding=encoding))
    assert legend["name"].tolist() == ["Dense forest", "Open forest", "Pasture", "Lake"]


def test_own_legend_keeps_key_and_colour(write):
    text = "code,key,name,unccd,colour\n1,oak,Oak,1,#112233\n2,,Sand,6,\n"
    legend = tables.legend(write(text))
    assert legend["key"].tolist() == ["oak", "class_2"]
    assert legend["colour"].tolist() == ["#112233", tables.legend()["colour"][5]]


def test_own_legend_every_problem_at_once(write):
    text = (
        "code,name,unccd,colour\n"
        "1,Forest,1,#00ff00\n"
        "1,Wood,1,\n"  # repeats
        "-32768,Nothing,6,\n"  # the no data code
        "40000,Far,6,\n"  # beyond int16
        "2.5,Half,6,\n"  # not whole
        "3,,2,\n"  # no name
        "4,Grass,9,\n"  # no such UNCCD class
        "5,Reed,4,green\n"  # no colour
    )
    findings = findings_of(lambda: tables.legend(write(text)))
    assert [finding.where for finding in findings] == [
        "mine.csv line 4, column code",
        "mine.csv line 5, column code",
        "mine.csv line 6, column code",
        "mine.csv line 8, column unccd",
        "mine.csv line 3",
        "mine.csv line 7, column name",
        "mine.csv line 9, column colour",
    ]
    assert {finding.severity for finding in findings} == {"error"}
    assert all(finding.remedy for finding in findings)


def test_missing_columns_are_all_named_and_the_rest_is_checked(write):
    findings = findings_of(lambda: tables.legend(write("code\n1\n1\n")))
    assert [finding.expected for finding in findings] == [
        "a column name",
        "a column unccd",
        "each one once",
    ]


def test_an_empty_or_absent_file_says_so(write, tmp_path):
    assert "no rows" in findings_of(lambda: tables.legend(write("code,name,unccd\n")))[0].found
    assert findings_of(lambda: tables.legend(write("")))
    absent = findings_of(lambda: tables.nesting(tmp_path / "esa.csv"))
    assert len(absent) == 1
    assert "esa_cci, glc_fcs30d, glad" in absent[0].expected


def test_letters_in_another_encoding(write):
    path = write(LEGEND.replace("Pasture", "Prairie séchée"), encoding="latin-1")
    assert "UTF-8" in findings_of(lambda: tables.legend(path))[0].remedy


def test_a_comma_too_many_is_found(write):
    text = "code,name,unccd\n1,Trees, dense,1\n"
    assert "line 2" in findings_of(lambda: tables.legend(write(text)))[0].where


@pytest.mark.parametrize(("count", "warned"), [(15, False), (16, True)])
def test_more_than_fifteen_classes_is_a_warning(write, count, warned, recwarn):
    lines = [f"{code},Class {code},{code % 7 + 1}" for code in range(1, count + 1)]
    legend = tables.legend(write("code,name,unccd\n" + "\n".join(lines)))
    assert len(legend) == count
    assert any("16 classes" in str(warning.message) for warning in recwarn) == warned


def test_own_nesting(write):
    table = tables.nesting(write("code,to\n11,1\n12,7\n255,-32768\n"))
    assert table.to_dict("list") == {
        "code": [11, 12, 255],
        "name": ["Tree-covered areas", "Water bodies", "No data"],
        "to": [1, 7, NODATA],
    }


def test_own_nesting_into_an_own_legend(write):
    own = tables.legend(write(LEGEND, "legend.csv"))
    table = tables.nesting(write("code,to,name\n1,10,Oak\n2,70,Pond\n"), classes=own)
    assert table["to"].tolist() == [10, 70]
    assert tables.nesting("legend", classes=own)["to"].tolist() == [10, 20, 30, 70]


def test_own_nesting_every_problem_at_once(write):
    findings = findings_of(lambda: tables.nesting(write("code,to\n1,1\n1,2\n2,8\nx,1\n")))
    assert [finding.where for finding in findings] == [
        "mine.csv line 5, column code",
        "mine.csv line 4, column to",
        "mine.csv line 3",
    ]


def test_packaged_nesting_does_not_fit_an_own_legend(write):
    own = tables.legend(write(LEGEND))
    found = findings_of(lambda: tables.nesting("esa_cci", classes=own))[0].found
    assert found == "esa_cci leads to 1, 2, 3, 4, 5, 6, 7"


SMALL = pd.DataFrame(
    {"code": [1, 2], "key": ["a", "b"], "name": ["A", "B"], "unccd": [1, 3], "colour": ""}
)


def test_own_matrix_accepts_every_way_to_write_a_sign(write):
    losses = ["-", "−", "–", "-1"]
    gains = ["+", "1", "+1"]
    for loss, gain, stable in itertools.product(losses, gains, ["0", ""]):
        text = f"from,to,sign,process\n1,1,{stable},\n1,2,{loss},loss\n2,1,{gain},gain\n2,2,0,\n"
        table = tables.transition_matrix(write(text), classes=SMALL)
        assert table["sign"].tolist() == [0, -1, 1, 0]
        assert table["process"].tolist() == ["", "loss", "gain", ""]
        assert table["unlikely"].tolist() == [False] * 4


def test_own_matrix_every_problem_at_once(write):
    text = "from,to,sign,process\n1,1,0,\n1,1,0,\n1,2,bad,x\n3,2,-,x\n"
    findings = findings_of(lambda: tables.transition_matrix(write(text), classes=SMALL))
    assert [finding.where for finding in findings] == [
        "mine.csv line 5, column from",
        "mine.csv line 3",
        "mine.csv",
        "mine.csv line 4, column sign",
    ]
    assert "2 pairs of classes without a row: 2 to 1, 2 to 2" in findings[2].found


def test_own_matrix_warns_of_changes_without_process(write):
    text = "from,to,sign\n1,1,-\n1,2,-\n2,1,+\n2,2,0\n"
    with pytest.warns(UserWarning) as caught:
        table = tables.transition_matrix(write(text), classes=SMALL)
    assert len(caught) == 4
    assert table["sign"].tolist() == [-1, -1, 1, 0]


def test_default_matrix_for_an_own_legend(write):
    """Two forests, pasture, lake: within one UNCCD class stable, otherwise as between classes."""
    own = tables.legend(write(LEGEND))
    table = tables.transition_matrix("unccd", classes=own).set_index(["from", "to"])
    assert len(table) == 16
    # forest 10 and 20, pasture 30, lake 70
    assert table["sign"].unstack().to_numpy().tolist() == [
        [0, 0, -1, 0],
        [0, 0, -1, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
    ]
    assert table.at[(20, 30), "process"] == "vegetation loss"


def test_own_factors(write):
    text = "from,to,factor\n1,1,1\n1,2,f\n2,1,1/f\n2,2,1/0.9\n"
    assert tables.soil_factors(write(text), classes=SMALL)["factor"].tolist() == [
        "1",
        "f",
        "1/f",
        "1/0.9",
    ]


def test_own_factors_every_problem_at_once(write):
    text = "from,to,factor\n1,1,0\n1,2,-1\n2,1,f/2\n2,2,1/0\n1,2,\n"
    findings = findings_of(lambda: tables.soil_factors(write(text), classes=SMALL))
    assert len(findings) == 6
    assert sum("column factor" in finding.where for finding in findings) == 5


def test_default_factors_are_refused_for_an_own_legend(write):
    own = tables.legend(write(LEGEND))
    assert "national legend" in findings_of(lambda: tables.soil_factors(classes=own))[0].found


# --- the same tables in Trends.Earth's own files


def test_transition_matrix_agrees_with_trends_earth(shared_data):
    path = shared_data / "trends_earth" / "land_cover_transition_matrix_unccd.json"
    transitions = json.loads(path.read_text(encoding="utf-8"))["definitions"]["transitions"]
    meaning = {"degradation": -1, "stable": 0, "improvement": 1}
    expected = {
        (cell["initial"]["code"], cell["final"]["code"]): meaning[cell["meaning"]]
        for cell in transitions
    }
    table = tables.transition_matrix()
    found = dict(zip(zip(table["from"], table["to"], strict=True), table["sign"], strict=True))
    assert found == expected


def test_esa_nesting_agrees_with_trends_earth(shared_data):
    path = shared_data / "trends_earth" / "land_cover-nesting-unccd_esa.json"
    groups = json.loads(path.read_text(encoding="utf-8"))["nesting"]
    expected = {code: int(to) for to, members in groups.items() for code in members}
    expected.pop(NODATA)
    table = tables.nesting("esa_cci")
    found = dict(zip(table["code"], table["to"], strict=True))
    assert {code: to for code, to in found.items() if to != NODATA} == expected


def test_climate_factors_agree_with_the_written_list(shared_data):
    path = shared_data.parent / "spec" / "trends-earth.md"
    if not path.is_file():
        pytest.skip("the notes on Trends.Earth are not beside the test data")
    text = path.read_text(encoding="utf-8")
    line = re.search(r"Factor f: (.*); 0 = none", text).group(1)
    expected = {}
    for group in line.split(";"):
        zones, factor = group.split("→")
        expected |= {int(zone): float(factor) for zone in zones.split(",")}
    found = tables.climate_factors().set_index("zone")["f"].drop(0).to_dict()
    assert found == expected
