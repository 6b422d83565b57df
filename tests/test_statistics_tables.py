"""Tables of statistical offices, as untidy as they come."""

import math
import string
import warnings

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import numbers

from ldnkit.country_file.forms_layers import Statistic
from ldnkit.findings import InputError
from ldnkit.sources import statistics
from ldnkit.sources.statistics.figures import Percent, is_nothing, plain, read_figures
from ldnkit.sources.statistics.headers import is_span, year_of
from ldnkit.sources.statistics.series import normal

FOUND = {2005: 44.0, 2015: 36.8, 2021: 33.5}


@pytest.fixture
def keep(tmp_path):
    def write(text, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def book(tmp_path):
    """Write a workbook: sheet -> rows; ``change`` works on it before it is saved."""

    def write(sheets, change=None, name="table.xlsx"):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            page = workbook.create_sheet(title)
            for row in rows:
                page.append(row)
        if change:
            change(workbook)
        path = tmp_path / name
        workbook.save(path)
        return path

    return write


def read(path, series="poverty", iso3="KEN", **options):
    options = {"source": "national"} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return statistics.read(Statistic(path, **options), series, iso3=iso3)


def values(table, location="total"):
    rows = table[table["location"] == location]
    return dict(zip(rows["year"].tolist(), rows["value"].tolist(), strict=True))


def errors(path, series="poverty", **options):
    with pytest.raises(InputError) as caught:
        read(path, series, **options)
    return [str(finding) for finding in caught.value.findings]


def said(table, severity=None):
    findings = table.attrs["findings"]
    return " ".join(str(each) for each in findings if severity in (None, each.severity))


# ---- single figures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("36.8", 36.8),
        (" 36,8 ", 36.8),
        ("36.8 %", 36.8),
        ("36,8\u202f%", 36.8),
        ("٣٦٫٨", 36.8),
        ("３６．８", 36.8),
        ("−5", -5),
        ("36.8*", 36.8),
        ("36.8 (1)", 36.8),
        ("36.8¹", 36.8),
        ("36.8 a", 36.8),
        ("36.8%ᵃ".replace("ᵃ", "†"), 36.8),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u00a0567", 1234567),
        ("1'234.5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234,567", 1234567),
        ("3.7e1", 37),
        (Percent(36.8), 36.8),
        (37, 37),
    ],
)
def test_a_figure_alone(cell, value):
    ((figure,), _) = read_figures([cell])
    assert (figure.kind, figure.value) == ("number", value)


@pytest.mark.parametrize("cell", ["", "..", "…", "-", "–", "n.a.", "N/A", "NaN", None, math.nan])
def test_no_figure(cell):
    assert is_nothing(cell)
    assert read_figures([cell])[0][0].kind == "nothing"


@pytest.mark.parametrize("cell", ["abc", "(36.8)", "36.8.1", "1,23,4", "12:30", math.inf, "36-38"])
def test_text_is_no_figure(cell):
    assert read_figures([cell])[0][0].kind == "text"


@pytest.mark.parametrize("cell", ["<0.1", "> 95", "≤1", "~36,8", "<0.1 %"])
def test_a_limit_is_no_figure(cell):
    assert read_figures([cell])[0][0].kind == "limit"


@pytest.mark.parametrize(
    ("cells", "found", "decimal", "mixed", "guessed"),
    [
        (["1,234", "2,5"], [1.234, 2.5], ",", False, False),
        (["1,234", "2,345"], [1.234, 2.345], ",", False, True),  # no thousands up to 100
        (["36,8", "12.5"], [36.8, 12.5], ",", True, False),
        (["1.234,5", "36,8"], [1234.5, 36.8], ",", False, False),
        (["1,234.5", "1.234,5"], [None, None], None, True, False),
        (["36.8", "12"], [36.8, 12], ".", False, False),
    ],
)
def test_the_decimal_sign_is_that_of_the_column(cells, found, decimal, mixed, guessed):
    figures, style = read_figures(cells, maximum=100)
    assert (style.mixed, style.guessed) == (mixed, guessed)
    if decimal:
        assert style.decimal == decimal
        assert [figure.value for figure in figures] == found


def test_thousands_where_the_series_can_have_them():
    figures, style = read_figures(["1,234", "2,345"])
    assert [figure.value for figure in figures] == [1234, 2345] and not style.guessed


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.decimals("0", "99999.99", places=2), min_size=1, max_size=6),
    st.sampled_from([(".", ","), (".", ""), (",", "."), (",", "\u202f"), (",", " "), (".", "'")]),
)
def test_every_manner_gives_the_same_figures(figures, signs):
    decimal, thousands = signs
    change = str.maketrans({",": thousands, ".": decimal})
    cells = [f"{figure:,.2f}".translate(change) for figure in figures]
    found, style = read_figures(cells)
    assert [figure.value for figure in found] == [float(figure) for figure in figures]
    assert style.decimal == decimal and not style.mixed


@settings(max_examples=200, deadline=None)
@given(st.text(string.printable, max_size=12))
def test_no_text_breaks_the_reading(text):
    ((figure,), _) = read_figures([text])
    assert (figure.kind == "number") == math.isfinite(figure.value)
    assert plain(text) == plain(plain(text)) and normal(text) == normal(normal(text))


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("2015", 2015),
        (2015, 2015),
        (2015.0, 2015),
        (2015.5, None),
        ("2015*", 2015),
        ("2015 (1)", 2015),
        ("2015 [YR2015]", 2015),
        ("2015-06-30", 2015),
        ("٢٠١٥", 2015),
        ("2014/15", None),
        ("15", None),
        (36.8, None),
        ("2500", None),
    ],
)
def test_years(cell, year):
    assert year_of(cell) == year
    assert is_span(cell) == (cell == "2014/15")


# ---- the table -----------------------------------------------------------------------------------

PLAIN = "Year,Poverty rate (%)\n2005,44.0\n2015,36.8\n2021,33.5\n"


def test_a_plain_table(keep):
    table = read(keep(PLAIN))
    assert values(table) == FOUND and table["year"].dtype.kind == "i"
    assert table.attrs["table"] == "header in line 1; year: Year; value: Poverty rate (%)"
    assert said(table, "warning") == ""


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators(keep, separator):
    assert values(read(keep(PLAIN.replace(",", separator)))) == FOUND
    commas = PLAIN.replace(",", separator).replace(".", ",")
    assert values(read(keep(commas))) == FOUND
    assert values(read(keep(f"sep={separator}\n" + commas))) == FOUND


def test_titles_notes_and_empty_rows_around_the_table(keep):
    text = (
        "Republic of Kenya;;\nTable 3.1: Poverty, 2005 to 2021;;\n;;\n"
        "Année;Taux de pauvreté, en %;Remarques\n"
        "2005;44,0;\n2015;36,8*;provisoire\n2021;33,5;\n;;\n"
        "* Estimate of the office, 2016;;\nSource: Household survey 2015/16;;\n"
    )
    table = read(keep(text))
    assert values(table) == FOUND
    assert table.attrs["table"].startswith("header in line 4")
    assert table.set_index("year")["status"].tolist() == ["", "provisoire; *", ""]
    assert "marks beside figures: *" in said(table, "info")


def test_windows_letters(keep):
    table = read(keep("Année;Pauvreté\n2015;36,8\n", encoding="cp1252"))
    assert values(table) == {2015: 36.8}
    assert "letters that are not UTF-8" in said(table, "info")
    assert values(read(keep("Année;Pauvreté\n2015;36,8\n", encoding="utf-16"))) == {2015: 36.8}


def test_merged_headings_of_a_csv_file(keep):
    text = (
        "Year,Safely managed water (%),,,Basic water (%),,\n"
        ",Urban,Rural,Total,Urban,Rural,Total\n"
        "2015,80,40,52,90,60,70\n2020,84,45,57,95,70,78\n"
    )
    (wrong,) = errors(keep(text), "water")
    assert "columns with figures: Safely managed water (%) / Urban" in wrong
    text = text.replace(",Basic water (%),,", "").replace(",90,60,70", "").replace(",95,70,78", "")
    text = text.replace("Total,Urban,Rural,Total", "Total")
    table = read(keep(text), "water")
    assert values(table, "urban") == {2015: 80, 2020: 84}
    assert values(table, "rural") == {2015: 40, 2020: 45}
    assert values(table) == {2015: 52, 2020: 57}
    assert "urban: Safely managed water (%) / Urban" in table.attrs["table"]


def test_merged_headings_and_years_of_a_workbook(book):
    rows = [
        ["Access to water", None, None],
        [],
        ["Year", "Residence", "Safely managed water"],
        [None, None, "Percent of people"],
        [2015, "Urban", 80],
        [None, "Rural", 40],
        [None, "National", 52],
        [2020, "Urban", 84],
        [None, "Rural", 45],
        [None, "National", 57],
        ["Source: office"],
    ]

    def merge(workbook):
        page = workbook["Water"]
        for area in ("A1:C1", "A3:A4", "B3:B4", "A5:A7", "A8:A10"):
            page.merge_cells(area)

    table = read(book({"Water": rows}, merge), "water")
    assert values(table, "urban") == {2015: 80, 2020: 84}
    assert values(table) == {2015: 52, 2020: 57}
    assert table.attrs["table"].startswith("header in row 3; year: Year; ")


def test_merged_years_that_a_csv_file_has_lost(keep):
    text = "Year,Residence,Water\n2015,Urban,80\n,Rural,40\n,National,52\n"
    (said,) = errors(keep(text), "water")
    assert "lines 3, 4: found nothing as year of a value" in said
    assert "merged cells lose theirs" in said


def test_years_across(keep):
    text = (
        "Table 7,,,\nIndicator,2005,2015,2021\n"
        "Population (million),36,47,53\nPoverty headcount (%),44.0,36.8,33.5\n"
        "Extreme poverty (%),19,16,13\n"
    )
    wrong = errors(keep(text))
    assert any("different values of one year" in each for each in wrong)
    table = read(keep(text), columns={"value": "Poverty headcount (%)"})
    assert values(table) == FOUND
    (said,) = errors(keep(text), columns={"value": "Hunger"})
    assert "the rows Population (million), Poverty headcount (%), Extreme poverty (%)" in said


def test_years_across_by_location(keep):
    text = "Residence;2015;2020\nUrbain;80,5;84\nRural;40;45\nEnsemble;52;57\n"
    table = read(keep(text), "water")
    assert values(table, "urban") == {2015: 80.5, 2020: 84}
    assert values(table) == {2015: 52, 2020: 57}


def test_several_columns_with_figures_are_asked_about(keep):
    text = "Year,Households,Sample,Adults\n2015,36.8,21773,40\n2021,33.5,14000,36\n"
    (wrong,) = errors(keep(text))
    assert "columns with figures: Households, Sample, Adults" in wrong
    assert "Write columns: {value: Households}" in wrong
    assert values(read(keep(text), columns={"value": "households"})) == {2015: 36.8, 2021: 33.5}
    (wrong,) = errors(keep(text), columns={"value": "Children"})
    assert "the columns Year, Households, Sample, Adults; expected one column Children" in wrong


def test_the_column_named_after_the_series_is_taken(keep):
    text = "Year,Sample size,Poverty rate,Literacy\n2015,21773,36.8,80\n"
    assert values(read(keep(text))) == {2015: 36.8}
    text = "geo_area,year,si_pov_day1,other\n404,2015,36.8,80\n834,2015,49,70\n"
    assert values(read(keep(text))) == {2015: 36.8}


def test_lower_and_upper_bounds(keep):
    text = "Year,Red List Index,Lower bound,Upper bound\n2020,0.79,0.77,0.81\n"
    table = read(keep(text), "red_list")
    assert table[["value", "lower", "upper"]].values.tolist() == [[0.79, 0.77, 0.81]]


def test_columns_of_the_country_file(keep):
    text = "An,Milieu,P0,b,h\n2015,Ensemble,36.8,35,39\n"
    names = {"year": "An", "value": "P0", "location": "Milieu", "lower": "b", "upper": "h"}
    table = read(keep(text), columns=names)
    assert table[["value", "lower", "upper"]].values.tolist() == [[36.8, 35, 39]]


def test_two_columns_with_years(keep):
    text = "Year of survey,Reference,Poverty\n2016,2015,36.8\n2022,2021,33.5\n"
    assert values(read(keep(text))) == {2016: 36.8, 2022: 33.5}
    table = read(keep(text), columns={"year": "Reference"})
    assert values(table) == {2015: 36.8, 2021: 33.5}
    text = text.replace("Year of survey", "Report")
    (wrong,) = errors(keep(text))
    assert "several columns with years: Report, Reference" in wrong


def test_the_row_of_the_header(keep):
    text = "Area,44,2010\nYear,Poverty,Sample\n2015,36.8,100\n2021,33.5,90\n"
    assert values(read(keep(text), header=2, columns={"value": "Poverty"})) == {
        **{2015: 36.8, 2021: 33.5}
    }
    (wrong,) = errors(keep(text), header=9)
    assert "4 rows; expected a header in row 9" in wrong


def test_no_years_at_all(keep):
    (said,) = errors(keep("Region,Poverty\nNorth,36.8\n"))
    assert "no column and no row with years" in said


def test_survey_years_are_for_the_team_to_decide(keep):
    table = read(keep("Year,Poverty\n2005/06,46.6\n2015/16,36.8\n2021,33.5\n"))
    assert values(table) == {2021: 33.5}
    assert "lines 2, 3: found years of a survey: 2005/06, 2015/16" in said(table, "warning")


def test_every_problem_at_once(keep):
    text = "Year,Poverty\n2005,forty\n2015,136.8\n2016,36\n2016,37\n2018,<1\n,12\n"
    found = errors(keep(text))
    assert len(found) == 4
    assert "line 7: found nothing as year" in found[0]
    assert "line 2: found 'forty' as value" in found[1]
    assert "line 3: found value 136.8; expected 0 to 100" in found[2]
    assert "lines 4, 5: found different values of one year (total 2016: 36, 37)" in found[3]


def test_duplicate_years(keep):
    table = read(keep("Year,Poverty\n2015,36.8\n2015,36.8\n"))
    assert values(table) == {2015: 36.8}
    assert "line 3: found the same value a second time in 2015" in said(table, "info")


def test_unknown_locations_are_said(keep):
    text = "Year,Residence,Water\n2015,Urban,80\n2015,Nomads,30\n2015,National,52\n"
    table = read(keep(text), "water")
    assert sorted(table["location"]) == ["total", "urban"]
    assert "line 3: found the location Nomads" in said(table, "warning")


def test_m49_and_iso3(keep):
    text = "Country code,Year,Value\n404,2015,36.8\nTZA,2015,49\n"
    assert values(read(keep(text))) == {2015: 36.8}
    text = "Country,Year,Value\nKenya,2015,36.8\nTanzania,2015,49\n"
    assert values(read(keep(text))) == {2015: 36.8}
    (said,) = errors(keep("Country code,Year,Value\n4,2015,49\n8,2015,9\n"))
    assert "rows of 4 (AFG), 8 (ALB); expected rows of KEN (404 in M49)" in said


def test_two_decimal_signs_in_a_column(keep):
    table = read(keep("Year;Poverty\n2015;36,8\n2021;33.5\n"))
    assert values(table) == {2015: 36.8, 2021: 33.5}
    assert "points and commas as decimal signs in value" in said(table, "warning")


# ---- percent, fraction, index --------------------------------------------------------------------

FRACTIONS = "Year,Poverty\n2005,0.44\n2015,0.368\n"


def test_fractions_are_asked_about(keep):
    (wrong,) = errors(keep(FRACTIONS))
    assert "values of 1 or less only (0.44, 0.368)" in wrong
    assert "Write unit: fraction if 0.37 means 37 percent, or unit: percent." in wrong


def test_fractions_with_their_unit(keep):
    table = read(keep(FRACTIONS), unit="fraction")
    assert values(table) == {2005: 44, 2015: 36.8}
    assert "values given as fraction, × 100" in said(table, "info")
    table = read(keep(FRACTIONS), unit="percent")
    assert values(table) == {2005: 0.44, 2015: 0.368}, "they are as the team says"


def test_small_percent_with_a_heading_is_only_said(keep):
    table = read(keep("Year,Poverty (%)\n2015,0.4\n2021,0.3\n"))
    assert values(table) == {2015: 0.4, 2021: 0.3}
    assert "values of one percent or less only" in said(table, "warning")


def test_fractions_and_percent_in_one_column(keep):
    table = read(keep("Year,Poverty\n2005,0.44\n2015,36.8\n2021,33.5\n"))
    assert "line 2: found 0.44 in 2005 beside 36.8, 33.5" in said(table, "warning")
    table = read(keep("Year,Poverty\n2005,24\n2015,3.8\n2021,0.5\n"))
    assert "beside" not in said(table), "a series that falls is one series"


def test_percent_cells_of_a_workbook_hold_fractions(book):
    def percent(workbook):
        for row in (2, 3):
            workbook["A"].cell(row, 2).number_format = numbers.FORMAT_PERCENTAGE_00

    rows = [["Year", "Poverty"], [2015, 0.368], [2021, 0.335]]
    path = book({"A": rows}, percent)
    assert values(read(path)) == {2015: 36.8, 2021: 33.5}
    (wrong,) = errors(path, unit="fraction")
    assert "unit: fraction beside percent signs" in wrong
    assert "values of 1 or less only" in errors(book({"A": rows}))[0], "no sign: it is asked"


def test_the_red_list_index_in_percent(keep):
    text = "Year,Red List Index\n2020,79.4\n"
    (wrong,) = errors(keep(text), "red_list")
    assert "values above 1 (79.4); expected an index from 0 to 1" in wrong
    table = read(keep(text), "red_list", unit="percent")
    assert values(table) == {2020: 0.794}
    assert "values given as percent, ÷ 100" in said(table, "info")
    assert values(read(keep(text.replace("79.4", "79.4 %")), "red_list")) == {2020: 0.794}
    assert values(read(keep(text.replace("79.4", "0.794")), "red_list")) == {2020: 0.794}


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("40.8", None, 40.8),
        ("40.8", "index", 40.8),
        ("40.8", "percent", 40.8),
        ("0.408", "fraction", 40.8),
    ],
)
def test_the_gini_index_runs_to_100(keep, cell, unit, value):
    assert values(read(keep(f"Year,Gini\n2015,{cell}\n"), "gini", unit=unit)) == {2015: value}


@pytest.mark.parametrize("unit", [None, "index", "percent"])
def test_a_gini_index_below_every_country_is_an_error(keep, unit):
    found = errors(keep("Year,Gini\n2015,0.408\n"), "gini", unit=unit)
    assert any("expected 10 or more" in each for each in found)


@pytest.mark.parametrize("value", [0, 100])
def test_the_limits_of_percent_belong_to_it(keep, value):
    assert values(read(keep(f"Year,Poverty\n2014,50\n2015,{value}\n")))[2015] == value


@pytest.mark.parametrize("value", ["-0.1", "100.1"])
def test_values_that_percent_cannot_have(keep, value):
    (wrong,) = errors(keep(f"Year,Poverty\n2014,50\n2015,{value}\n"))
    assert f"line 3: found value {value}; expected 0 to 100" in wrong


# ---- workbooks -----------------------------------------------------------------------------------

ROWS = [["Year", "Poverty"], [2015, 36.8], [2021, 33.5]]


def test_the_sheet_with_the_table_is_found(book):
    path = book({"Read me": [["About"], ["Made by the office"]], "Data": ROWS, "Empty": []})
    assert values(read(path)) == {2015: 36.8, 2021: 33.5}


def test_several_sheets_with_tables(book):
    path = book({"National": ROWS, "Urban": [["Year", "Poverty"], [2015, 29.4]]})
    (wrong,) = errors(path)
    assert "several sheets with tables: National, Urban" in wrong
    assert "Write sheet: National" in wrong
    assert values(read(path, sheet="Urban")) == {2015: 29.4}
    (wrong,) = errors(path, sheet="Rural")
    assert "the sheets National, Urban; expected a sheet Rural" in wrong


def test_years_as_dates(book):
    import datetime

    rows = [["Year", "Poverty"], [datetime.date(2015, 1, 1), 36.8]]
    assert values(read(book({"A": rows}))) == {2015: 36.8}


def test_formulas_without_a_result_are_said(book):
    table = read(book({"A": [*ROWS, [2022, "=B3-1"]]}))
    assert values(table) == {2015: 36.8, 2021: 33.5}
    assert "a formula without a stored result in row 4" in said(table, "warning")


def test_files_that_are_no_tables(tmp_path):
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0rest")
    assert "save it as XLSX or CSV" in errors(old)[0]
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04rest")
    assert "a workbook that does not open" in errors(broken)[0]
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert "an empty file" in errors(empty)[0]


# ---- any table -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    figures=st.dictionaries(
        st.integers(1990, 2030), st.decimals("1.01", "99.99", places=2), min_size=2, max_size=8
    ),
    separator=st.sampled_from([";", "\t", "|"]),
    comma=st.booleans(),
    title=st.booleans(),
    across=st.booleans(),
)
def test_every_manner_of_writing_gives_the_same_series(
    tmp_path_factory, figures, separator, comma, title, across
):
    cells = {
        year: f"{value}".replace(".", "," if comma else ".") for year, value in figures.items()
    }
    if across:
        rows = [["Indicator", *map(str, cells)], ["Poverty", *cells.values()]]
    else:
        rows = [["Year", "Poverty"], *([str(year), cell] for year, cell in cells.items())]
    rows = [["Table 1: Poverty"], [""], *rows] if title else rows
    path = tmp_path_factory.mktemp("any") / "table.csv"
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding="utf-8")
    found = values(read(path))
    assert found == {year: float(value) for year, value in sorted(figures.items())}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='20150369.,;\n"%Yearvlu -<()', max_size=60))
def test_no_file_breaks_the_reading(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("fuzz") / "table.csv"
    path.write_text(text, encoding="utf-8")
    table, findings = statistics.examine(Statistic(path), "poverty", iso3="KEN")
    assert len(table) or findings, "nothing read is never left unsaid"
    assert table["value"].between(0, 100).all() or any(f.severity == "error" for f in findings)
