"""Official series from the UN SDG database and the World Bank, in the forms in which they come.

Poverty of Kenya (M49 404) in the answers used here:

year          1992   2005   2015   2021
percent       31.0   44.0   37.1   36.1     2015 with bounds 35 and 39
"""

import json
import warnings
import zipfile
from datetime import date

import pandas as pd
import pytest

from ldnkit.country_file.forms_layers import Statistic
from ldnkit.findings import InputError
from ldnkit.sources import statistics
from ldnkit.sources.statistics.areas import iso3_of, keys_of
from ldnkit.sources.statistics.series import all_series, definition, words

POVERTY = {1992: 31.0, 2005: 44.0, 2015: 37.1, 2021: 36.1}
RELEASE = "2025.Q4.G.01"


def entry(year, value, *, area="404", series="SI_POV_DAY1", **more):
    """One entry of an answer of the SDG API."""
    dimensions = {"Reporting Type": "G"} | more.pop("dimensions", {})
    return {
        "goal": ["1"],
        "indicator": ["1.1.1"],
        "series": series,
        "seriesDescription": "Proportion of population below international poverty line (%)",
        "geoAreaCode": area,
        "geoAreaName": "Kenya",
        "timePeriodStart": float(year),
        "value": str(value),
        "valueType": "Float",
        "upperBound": None,
        "lowerBound": None,
        "footnotes": [""],
        "attributes": {"Nature": "G", "Units": "PERCENT"},
        "dimensions": dimensions,
    } | more


def answer(*entries, **more):
    return {"totalElements": len(entries), "totalPages": 1, "data": list(entries)} | more


def poverty_answer(**more):
    entries = [entry(year, value) for year, value in POVERTY.items()]
    entries[2] |= {"lowerBound": "35", "upperBound": "39", "footnotes": ["Survey of 2015/16"]}
    return answer(*entries, **{"release": RELEASE} | more)


@pytest.fixture
def keep(tmp_path):
    """Write a file: JSON for anything but text."""

    def write(content, name="series.json", encoding="utf-8"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_bytes(text.encode(encoding))
        return path

    return write


def read(path, series="poverty", iso3="KEN", **options):
    """A series without the warnings about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return statistics.read(Statistic(path, **options), series, iso3=iso3)


def values(table, location="total"):
    rows = table[table["location"] == location]
    return dict(zip(rows["year"].tolist(), rows["value"].tolist(), strict=True))


def errors(path, series="poverty", iso3="KEN", **options):
    with pytest.raises(InputError) as caught:
        read(path, series, iso3, **options)
    return [str(finding) for finding in caught.value.findings]


def said(table, severity=None):
    findings = table.attrs["findings"]
    return " ".join(str(each) for each in findings if severity in (None, each.severity))


# ---- the series ----------------------------------------------------------------------------------


def test_the_series_are_those_of_the_country_file():
    from ldnkit.country_file.forms_layers import SERIES

    assert tuple(all_series()) == SERIES
    assert definition("red_list").sdg_codes == ("ER_RSK_LST", "ER_RSK_LSTI")
    assert {name: series.validated for name, series in all_series().items()} == {
        **{"poverty": True, "gini": False, "water": True, "red_list": True, "protected": True}
    }
    with pytest.raises(ValueError, match="Unknown series: found 'rain'; use one of poverty"):
        definition("rain")


def test_no_word_has_two_meanings():
    table = pd.DataFrame(
        [(kind, word) for kind in ("column", "location", "nothing") for word in words(kind)]
    )
    assert not table.duplicated().any()
    from ldnkit.csvfiles import packaged

    raw = packaged("statistics_words")
    meanings = raw.assign(word=raw["word"].str.casefold()).groupby(["kind", "word"])["meaning"]
    assert (meanings.nunique() == 1).all()


@pytest.mark.parametrize(
    ("area", "iso3"),
    [("404", "KEN"), ("4", "AFG"), ("004", "AFG"), ("KE", "KEN"), ("ken", "KEN"), ("1", "")],
)
def test_codes_of_areas(area, iso3):
    assert iso3_of(area) == iso3
    assert {"404", "ken", "ke", "kenya", "кения", "肯尼亚"} <= keys_of("KEN")


# ---- UN SDG database, JSON -----------------------------------------------------------------------


def test_an_answer_of_the_sdg_api(keep):
    table = read(keep(poverty_answer()))
    assert values(table) == POVERTY
    assert list(table) == [
        *("series", "year", "location", "value", "lower", "upper"),
        *("nature", "status", "release", "database"),
    ]
    row = table.set_index("year").loc[2015]
    assert (row["lower"], row["upper"], row["nature"]) == (35.0, 39.0, "G")
    assert row["status"] == "Survey of 2015/16"
    assert set(table["release"]) == {RELEASE} and set(table["database"]) == {"sdg"}
    assert table["year"].dtype.kind == "i" and table.attrs["findings"] == []


def test_numbers_instead_of_text_and_no_byte_order_mark(keep):
    table = answer(*(entry(y, v) | {"value": v} for y, v in POVERTY.items()), release=RELEASE)
    assert values(read(keep(table))) == POVERTY
    assert values(read(keep("\ufeff" + json.dumps(table)))) == POVERTY


def test_rows_of_the_country_among_many(keep):
    found = answer(entry(2015, 10, area="1"), entry(2015, 37.1), entry(2015, 49, area="834"))
    assert values(read(keep(found))) == {2015: 37.1}


def test_another_country_is_an_error_that_names_it(keep):
    (said,) = errors(keep(answer(entry(2015, 49, area="834"), release=RELEASE)))
    assert "rows of 834 (TZA)" in said and "rows of KEN (404 in M49)" in said


def test_the_area_of_the_country_file(keep):
    world = keep(answer(entry(2015, 10, area="1"), entry(2015, 37.1), release=RELEASE))
    assert values(read(world, area="404")) == values(read(world, area="KEN")) == {2015: 37.1}
    table = read(world, area="1")
    assert values(table) == {2015: 10}
    assert "area: 1, the code of no country" in said(table, "warning")
    (wrong,) = errors(world, area="834")
    assert "which is Tanzania (TZA)" in wrong and "Write area: 404" in wrong


def test_a_country_without_codes_is_found_by_its_own(keep):
    assert values(read(keep(answer(entry(2015, 37.1, area="XLD"))), iso3="XLD")) == {2015: 37.1}


def test_leading_zeros_do_not_matter(keep):
    assert values(read(keep(answer(entry(2015, 5, area="008"))), iso3="ALB")) == {2015: 5}
    assert values(read(keep(answer(entry(2015, 5, area=8))), iso3="ALB")) == {2015: 5}


def test_another_series_is_an_error(keep):
    path = keep(answer(entry(2015, 30, series="SI_POV_NAHC"), release=RELEASE))
    (said,) = errors(path)
    assert "the series SI_POV_NAHC; expected SI_POV_DAY1 or SI.POV.DDAY" in said


def test_an_answer_of_the_indicator_holds_other_series_too(keep):
    path = keep(answer(entry(2015, 37.1), entry(2015, 9, series="SI_POV_EMP1"), release=RELEASE))
    table = read(path)
    assert values(table) == {2015: 37.1}
    assert "other series too: SI_POV_EMP1. Only SI_POV_DAY1 is read" in said(table, "info")


def test_totals_of_further_dimensions(keep):
    path = keep(
        answer(
            entry(2015, 37.1, dimensions={"Sex": "BOTHSEX", "Age": "ALLAGE"}),
            entry(2015, 38, dimensions={"Sex": "FEMALE", "Age": "ALLAGE"}),
            entry(2015, 36, dimensions={"Sex": "MALE", "Age": "ALLAGE"}),
            entry(2015, 50, dimensions={"Sex": "BOTHSEX", "Age": "<15Y"}),
            release=RELEASE,
        )
    )
    table = read(path)
    assert values(table) == {2015: 37.1}
    assert "FEMALE, MALE left out" in said(table, "info") and "<15Y left out" in said(table)


def test_disaggregated_values_without_a_total(keep):
    sexes = [entry(2015, 38, dimensions={"Sex": sex}) for sex in ("FEMALE", "MALE")]
    (said,) = errors(keep(answer(*sexes, release=RELEASE)))
    assert "values by sex: FEMALE, MALE; expected one total" in said


def test_national_reports_beside_global_ones(keep):
    path = keep(answer(entry(2015, 37.1), entry(2015, 40, dimensions={"Reporting Type": "N"})))
    assert values(read(path)) == {2015: 37.1}


def test_water_by_location(keep):
    places = {"ALLAREA": 55, "URBAN": 80, "RURAL": 45}
    rows = [
        entry(2020, value, series="SH_H2O_SAFE", dimensions={"Location": place})
        for place, value in places.items()
    ]
    table = read(keep(answer(*rows, release=RELEASE)), "water")
    found = [values(table, place)[2020] for place in ("total", "urban", "rural")]
    assert found == [55, 80, 45]
    assert table["location"].tolist() == ["total", "urban", "rural"]


def test_a_total_outside_urban_and_rural_is_said(keep):
    places = {"ALLAREA": 90, "URBAN": 80, "RURAL": 45}
    rows = [
        entry(2020, value, series="SH_H2O_SAFE", dimensions={"Location": place})
        for place, value in places.items()
    ]
    table = read(keep(answer(*rows, release=RELEASE)), "water")
    assert "a total that is not between urban and rural in 2020" in said(table, "warning")


def test_poverty_has_no_urban_part(keep):
    rows = [entry(2015, v, dimensions={"Location": p}) for p, v in (("ALLAREA", 37), ("RURAL", 40))]
    table = read(keep(answer(*rows, release=RELEASE)))
    assert values(table) == {2015: 37} and set(table["location"]) == {"total"}
    assert "rural values, left out" in said(table, "info")


def test_the_red_list_index_with_its_bounds(keep):
    row = entry(
        2020, "0.73239", series="ER_RSK_LST", area="404", lowerBound="0.7", upperBound="0.76"
    )
    row["attributes"] = {"Nature": "E", "Units": "INDEX"}
    table = read(keep(answer(row, release=RELEASE)), "red_list")
    assert table[["value", "lower", "upper"]].values.tolist() == [[0.73239, 0.7, 0.76]]


def test_values_outside_their_bounds_are_said(keep):
    row = entry(2020, 37, lowerBound="38", upperBound="40")
    assert "values outside their bounds in 2020" in said(read(keep(answer(row))), "warning")


def test_another_unit_of_the_database(keep):
    row = entry(2020, 5_000_000)
    row["attributes"] = {"Units": "NUMBER"}
    found = errors(keep(answer(row, release=RELEASE)))
    assert any("the unit number; expected PERCENT" in each for each in found)
    assert any("value 5e+06; expected 0 to 100" in each for each in found)


@pytest.mark.parametrize(
    ("text", "kind"), [("NaN", None), ("N", None), ("", None), ("<0.1", "limit")]
)
def test_no_figure_in_an_entry(keep, text, kind):
    table = read(keep(answer(entry(2015, 37.1), entry(2020, text), release=RELEASE)))
    assert values(table) == {2015: 37.1}
    assert ("<0.1 as value" in said(table, "warning")) == (kind == "limit")


def test_a_year_twice(keep):
    same = read(keep(answer(entry(2015, 37.1), entry(2015, 37.1), release=RELEASE)))
    assert values(same) == {2015: 37.1}
    assert "the same value a second time in 2015" in said(same, "info")
    (wrong,) = errors(keep(answer(entry(2015, 37.1), entry(2015, 40), release=RELEASE)))
    assert "entries 1, 2: found different values of one year (total 2015: 37.1, 40)" in wrong


def test_older_poverty_lines_are_said(keep):
    old = read(keep(poverty_answer(release="2025.Q1.G.02")))
    assert "the release 2025.Q1.G.02; expected one from 2025-06-01 on" in said(old, "warning")
    second_quarter = read(keep(poverty_answer(release="2025.Q2.G.01")))
    assert said(second_quarter) == ""
    row = entry(2015, 37.1, footnotes=["At $2.15 a day (2017 PPP)"])
    named = read(keep(answer(row, release=RELEASE)))
    assert "a poverty line of USD 2.15 a day; expected USD 3.00" in said(named, "warning")


def test_the_release_of_the_country_file_counts(keep):
    table = read(keep(poverty_answer()), release=date(2026, 9, 15))
    assert set(table["release"]) == {"2026-09-15"}
    assert "release 2026-09-15 in the country file, 2025.Q4.G.01 in the file" in said(table, "info")


def test_without_a_release(keep):
    path = keep(poverty_answer(release=None))
    assert "no day of release" in said(read(path), "warning")
    assert "no day of release" in said(read(path, source="national"), "info")
    with pytest.warns(UserWarning, match="published values change"):
        statistics.read(path, "poverty", iso3="KEN")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"message": "Internal error"}, "JSON without data (Internal error)"),
        ({"data": [], "totalPages": 3, "totalElements": 60, "pageNumber": 1}, "page 1 of 3"),
        ([1, 2], "other JSON"),
        ('{"data": [', "JSON that cannot be read"),
        ("", "an empty file"),
    ],
)
def test_broken_answers(keep, content, found):
    (said,) = errors(keep(content, "series.json" if content else "series.csv"))
    assert found in said


def test_a_country_without_any_value(keep):
    table = read(keep(answer(entry(2015, "NaN"), release=RELEASE)))
    assert table.empty and "no value of KEN" in said(table, "warning")
    assert table["value"].dtype == float


def test_an_empty_answer(keep):
    table = read(keep(answer(release=RELEASE)))
    assert table.empty and "no value of KEN" in said(table, "warning")


# ---- UN SDG database, CSV ------------------------------------------------------------------------

HEAD = (
    "Goal,Target,Indicator,SeriesCode,SeriesDescription,GeoAreaCode,GeoAreaName,TimePeriod,Value,"
    "Time_Detail,TimeCoverage,UpperBound,LowerBound,BasePeriod,Source,GeoInfoUrl,FootNote,"
    "[Location],[Nature],[Reporting Type],[Units]"
)


def line(year, value, place, *, area="404", units="PERCENT"):
    return (
        f'6,6.1,6.1.1,SH_H2O_SAFE,"Safely managed, by urban/rural (%)",{area},Kenya,{year},{value},'
        f"{year},,,,,WHO/UNICEF JMP,,,{place},E,G,{units}"
    )


def test_the_export_of_the_sdg_database(keep):
    rows = [line(2015, 52.5, "ALLAREA"), line(2015, 80, "URBAN"), line(2015, 40.25, "RURAL")]
    rows += [line(2015, 99, "ALLAREA", area="840")]
    table = read(keep("\n".join([HEAD, *rows]), "water.csv"), "water", release=date(2026, 9, 15))
    assert [values(table, place)[2015] for place in ("total", "urban", "rural")] == [
        52.5,
        80,
        40.25,
    ]
    assert set(table["nature"]) == {"E"} and set(table["database"]) == {"sdg"}
    assert table.attrs["findings"] == []


def test_the_export_without_brackets_and_with_a_byte_order_mark(keep):
    text = HEAD.replace("[", "").replace("]", "") + "\n" + line(2015, 52.5, "ALLAREA")
    table = read(keep("\ufeff" + text, "water.csv"), "water", format="sdg")
    assert values(table) == {2015: 52.5} and set(table["nature"]) == {"E"}


def test_a_table_is_no_export(keep):
    (said,) = errors(keep("Year,Value\n2015,37", "a.csv"), format="sdg")
    assert "the columns Year, Value; expected the export of the SDG database" in said


# ---- World Bank ----------------------------------------------------------------------------------


def bank_row(year, value, code="SI.POV.GINI"):
    return {
        "indicator": {"id": code, "value": "Gini index"},
        "country": {"id": "KE", "value": "Kenya"},
        "countryiso3code": "KEN",
        "date": str(year),
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 1,
    }


def bank_answer(*rows, **more):
    about = {"page": 1, "pages": 1, "per_page": 50, "total": len(rows)}
    return [about | {"lastupdated": "2026-07-01"} | more, list(rows)]


def test_an_answer_of_the_world_bank(keep):
    path = keep(bank_answer(bank_row(2021, 38.7), bank_row(2020, None), bank_row(2015, 40.8)))
    table = read(path, "gini")
    assert values(table) == {2015: 40.8, 2021: 38.7}
    assert set(table["release"]) == {"2026-07-01"} and set(table["database"]) == {"world_bank"}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            [{"message": [{"id": "120", "value": "The provided parameter value is not valid"}]}],
            "not valid",
        ),
        ([{"page": 1}], "no rows"),
        (bank_answer(bank_row(2015, 40.8), pages=2, total=60), "page 1 of 2"),
    ],
)
def test_broken_answers_of_the_world_bank(keep, content, found):
    (said,) = errors(keep(content), "gini")
    assert found in said


def test_a_gini_index_from_0_to_1_is_not_taken_for_percent(keep):
    (said,) = errors(keep(bank_answer(bank_row(2015, 0.408))), "gini")
    assert "value 0.408; expected 10 or more" in said and "unit: fraction" in said


WIDE = """\
"Data Source","World Development Indicators",

"Last Updated Date","2026-07-01",

"Country Name","Country Code","Indicator Name","Indicator Code","1960","2015","2021",
"Aruba","ABW","Gini index","SI.POV.GINI","","","",
"Kenya","KEN","Gini index","SI.POV.GINI","","40.8","38.7",
"Africa Eastern and Southern","AFE","Gini index","SI.POV.GINI","","","",
"""


def test_the_table_of_the_world_bank(keep):
    table = read(keep(WIDE, "API_SI.POV.GINI.csv"), "gini")
    assert values(table) == {2015: 40.8, 2021: 38.7}
    assert set(table["release"]) == {"2026-07-01"} and set(table["database"]) == {"world_bank"}
    assert table.attrs["findings"] == []


def test_the_zip_file_of_the_world_bank(tmp_path):
    path = tmp_path / "gini.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "Metadata_Country_API_SI.POV.GINI.csv", "Country Code,Region\nKEN,Africa\n"
        )
        archive.writestr("Metadata_Indicator_API_SI.POV.GINI.csv", "INDICATOR_CODE\nSI.POV.GINI\n")
        archive.writestr("API_SI.POV.GINI_DS2_en_csv_v2.csv", "\ufeff" + WIDE)
    assert values(read(path, "gini")) == {2015: 40.8, 2021: 38.7}
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("second.csv", WIDE)
    (said,) = errors(path, "gini")
    assert "API_SI.POV.GINI_DS2_en_csv_v2.csv, second.csv; expected one of them" in said
    path.write_bytes(b"PK\x03\x04 nothing more")
    (said,) = errors(path, "gini")
    assert "a ZIP file that does not open" in said


def test_the_databank_form_and_its_last_line(keep):
    text = (
        "Country Name,Country Code,Series Name,Series Code,2015 [YR2015],2021 [YR2021]\n"
        "Kenya,KEN,Gini index,SI.POV.GINI,40.8,..\n\n\n"
        "Data from database: World Development Indicators,,,,,\nLast Updated: 07/01/2026,,,,,\n"
    )
    table = read(keep(text, "gini.csv"), "gini")
    assert values(table) == {2015: 40.8} and set(table["release"]) == {"2026-07-01"}


def test_water_of_the_world_bank_has_a_code_for_each_location(keep):
    codes = {"SH.H2O.SMDW.ZS": 55, "SH.H2O.SMDW.UR.ZS": 80, "SH.H2O.SMDW.RU.ZS": 45}
    path = keep(bank_answer(*(bank_row(2020, value, code) for code, value in codes.items())))
    table = read(path, "water")
    assert [values(table, place)[2020] for place in ("total", "urban", "rural")] == [55, 80, 45]


def test_protected_land_is_not_protected_key_biodiversity_areas(keep):
    (said,) = errors(keep(bank_answer(bank_row(2020, 12, "ER.LND.PTLD.ZS"))), "protected")
    assert "the series ER.LND.PTLD.ZS; expected ER_PTD_TERR" in said


def test_the_format_of_the_country_file_is_checked(keep):
    path = keep(bank_answer(bank_row(2015, 40.8)))
    (said,) = errors(path, "gini", format="sdg")
    assert "an answer of the API of the format world_bank; expected sdg" in said
    (said,) = errors(keep("Year,Gini\n2015,40", "a.csv"), "gini", format="world_bank")
    assert "no table of the World Bank" in said
    with pytest.raises(ValueError, match="Unknown format: found 'excel'; use one of auto"):
        read(path, "gini", format="excel")


def test_a_unit_is_not_needed_beside_a_database(keep):
    table = read(keep(poverty_answer()), unit="fraction")
    assert values(table) == POVERTY, "the figures of the database are not converted"
    assert "unit: fraction beside a file of the database" in said(table, "warning")


def test_no_such_file(tmp_path):
    (said,) = errors(tmp_path / "none.csv")
    assert said.startswith("Error, statistics.poverty (none.csv): found no such file")
