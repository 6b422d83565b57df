"""The activity workbook: written in six languages, filled like a team does, read back whole."""

import datetime

import openpyxl
import pandas as pd
import pytest

from ldnkit import finance, tables, team_sheets
from ldnkit.country_file.finance_layers import Finance
from ldnkit.finance import cells, columns
from ldnkit.findings import InputError

HEADINGS_ROW = 3

#: One activity per sheet, as keys.
FILLED = {
    "SO5-1": {
        "direction": "received",
        "year": 2021,
        "provider": "Norway",
        "title": "Dunes",
        "amount": 1234.5,
        "crs_id": "2021000017",
        "sector": "agriculture",
        "flow_type": "oda",
        "instrument": "concessional_loan",
        "support": "principal",
        "private_amount_usd": 50.0,
        "leveraging": "credit_lines",
        "capacity_building": "yes",
        "technology_transfer": "no",
        "gender_equality": "yes",
    },
    "SO5-2": {
        "year": 2020,
        "provider": "Ministry of Land",
        "country": "Region of the Coast",
        "channel": "Regional",
        "title": "Contour lines",
        "amount": 8000.0,
        "currency": "KES",
        "flow_type": "investment",
        "instrument_category": "subsidy",
        "support": "significant",
        "technology_transfer": "yes",
    },
    "SO5-3": {
        "direction": "domestic",
        "year": 2023,
        "provider": "Bank of Landia",
        "title": "Tree nursery",
        "private_amount_usd": 80.0,
        "flow_type": "foreign_direct_investment",
    },
    "SO5-4": {
        "direction": "provided",
        "year": 2022,
        "provider": "Landia",
        "title": "Training",
        "amount": 7.0,
    },
}


def fill(path, rows, language="en"):
    """Type activities into the template, in the words of its language."""
    book = openpyxl.load_workbook(path)
    for sheet, activities in rows.items():
        page = book[sheet]
        forms = columns.columns("rates" if sheet == "Rates" else sheet)
        places = {key: number for number, key in enumerate(forms["key"], 1)}
        lists = dict(zip(forms["key"], forms["choices"], strict=True))
        for number, activity in enumerate(activities, HEADINGS_ROW + 1):
            for key, value in activity.items():
                if lists[key] and value in columns.choices(lists[key]):
                    value = tables.label(columns.choice_label(value), language)
                page.cell(number, places[key], value)
    book.save(path)
    return path


@pytest.fixture
def filled(tmp_path):
    def make(rows=None, language="en"):
        path = finance.template(tmp_path / f"activities_{language}.xlsx", language)
        rows = {sheet: [row] for sheet, row in FILLED.items()} if rows is None else rows
        return fill(path, rows, language)

    return make


@pytest.fixture
def workbook(tmp_path):
    """A workbook of our own: sheet -> rows of cells."""

    def make(sheets, merged=()):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            page = book.create_sheet(title)
            for row in rows:
                page.append(row)
        for title, area in merged:
            book[title].merge_cells(area)
        path = tmp_path / "own.xlsx"
        book.save(path)
        return path

    return make


def problems_of(path):
    with pytest.raises(InputError) as caught:
        finance.read_activities(path)
    return [str(finding) for finding in caught.value.findings]


# ---- the template --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_written_filled_and_read_back(filled, language):
    found = finance.read_activities(filled(language=language)).set_index("indicator")
    for sheet, activity in FILLED.items():
        row = found.loc[sheet]
        for key, value in activity.items():
            if sheet != "SO5-3" or key != "private_amount_usd":
                assert row[key] == value, (sheet, key)
    assert found.loc["SO5-1", "currency"] == "USD" and found.loc["SO5-1", "crs_id"] == "2021000017"
    assert found.loc["SO5-2", "direction"] == "spending"
    assert found.loc["SO5-3", ["amount", "currency"]].tolist() == [80, "USD"]
    assert found.loc["SO5-1", "place"] == f"activities_{language}.xlsx SO5-1 row 4"


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_template_is_made_for_people(tmp_path, language):
    book = openpyxl.load_workbook(finance.template(tmp_path / "a.xlsx", language))
    names = ["Help", "SO5-1", "SO5-2", "SO5-3", "SO5-4", "SO5-5", "Rates", "Lists"]
    assert book.sheetnames == names
    assert book["Lists"].sheet_state == "veryHidden"
    for sheet in names[1:7]:
        page = book[sheet]
        assert page.freeze_panes == "A4"
        assert bool(page.sheet_view.rightToLeft) == (language == "ar")
        kind = "rates" if sheet == "Rates" else sheet
        forms = columns.columns(kind)
        typed = [cell.value for cell in page[HEADINGS_ROW] if cell.value]
        assert [text.removesuffix(" *") for text in typed] == [
            tables.label(label, language) for label in forms["label"]
        ]
        starred = [text.endswith(" *") for text in typed]
        assert starred == forms["required"].tolist()
        assert not page.merged_cells.ranges
    said = [cell.value for row in book["Help"].iter_rows() for cell in row if cell.value]
    assert tables.label("finance_template.line_4", language) in said


def test_drop_down_lists_hold_the_words(tmp_path):
    book = openpyxl.load_workbook(finance.template(tmp_path / "a.xlsx", "fr"))
    page, forms = book["SO5-1"], columns.columns("SO5-1")
    rules = {
        str(rule.sqref).partition(":")[0]: rule for rule in page.data_validations.dataValidation
    }
    letters = {
        key: openpyxl.utils.get_column_letter(number) for number, key in enumerate(forms["key"], 1)
    }
    assert rules[f"{letters['year']}4"].formula1 == '"2020,2021,2022,2023"'
    amount = rules[f"{letters['amount']}4"]
    assert (amount.type, amount.errorStyle) == ("decimal", None)
    assert "texte" in amount.error
    first, _, last = rules[f"{letters['direction']}4"].formula1.partition("!")[2].partition(":")
    words = [cell.value for cell in book["Lists"][f"{first}:{last}".replace("$", "")][0]]
    assert words == ["Fournies", "Reçues", "Nationales"][:2]
    sector = rules[f"{letters['sector']}4"]
    assert sector.errorStyle == "information"  # another word may be written


def test_work_is_never_overwritten(tmp_path):
    path = finance.template(tmp_path / "a.xlsx")
    with pytest.raises(FileExistsError, match="give another name, or move it away"):
        finance.template(path)
    with pytest.raises(ValueError, match="found 'de'; use one of en, fr"):
        finance.template(tmp_path / "b.xlsx", "de")


def test_an_empty_template_has_no_activities(tmp_path):
    assert finance.read_activities(finance.template(tmp_path / "a.xlsx")).empty


def test_a_template_can_start_from_rows(filled, tmp_path):
    first = finance.read_activities(filled())
    path = finance.template(tmp_path / "again.xlsx", "es", activities=first)
    again = finance.read_activities(path)
    columns_kept = [name for name in first if name != "place"]
    pd.testing.assert_frame_equal(first[columns_kept], again[columns_kept])


def test_rates_and_needs_in_the_same_workbook(filled):
    need = {"objective": "Neutrality by 2030", "need_usd": 5e6, "horizon": "2025–2030"}
    rows = {sheet: [row] for sheet, row in FILLED.items()}
    rows |= {"Rates": [{"year": 2020, "currency": "KES", "usd": 0.01}], "SO5-5": [need]}
    found, _ = finance.compute_tables(Finance(activities=filled(rows)))
    sums = found["summary"].set_index(["indicator", "direction", "year"])["amount_usd"]
    assert sums["SO5-2", "spending", 2020] == 80
    assert found["needs"][["objective", "need_usd"]].values.tolist() == [
        ["Neutrality by 2030", 5e6]
    ]


# ---- files as they come --------------------------------------------------------------------------

SHORT = ["Provided or received", "Year", "Provider of the funds", "Title", "Amount in USD"]


def rows_of(*cells_of_rows):
    return [SHORT, *cells_of_rows]


def test_every_problem_of_a_workbook_at_once(workbook):
    day = datetime.datetime(2021, 5, 1)
    path = workbook(
        {
            "SO5-1": [
                [*SHORT, "Type of support", "Currency", "Remark of the boss"],
                ["received", 2021, "Norway", "a", "1,234,567", "principal", "USD", "ok"],
                ["received", 2021, "Norway", "b", "12,5"],
                ["received", None, "Norway", "c", 5],
                ["received", day, "Norway", "d", 5],
                ["received", "2021/22", "Norway", "e", 5],
                ["gift", 2021, "Norway", "f", 5, "Principle"],
                ["received", 2021, "", "g", "five"],
                ["received", 2021, "Norway", "h", None, "", "Euro"],
                ["", "Total", "", "", 99],
            ]
        }
    )
    problems = problems_of(path)
    wanted = [
        ("row 2, column Amount in USD: found '1,234,567'", "Write 1234567"),
        ("row 3, column Amount in USD: found '12,5'", "Write 12.5"),
        ("row 4, column Year: found nothing", "Write the year of the payment"),
        ("row 5, column Year: found the date 2021-05-01", "Write 2021"),
        ("row 6, column Year: found '2021/22'", "split the amount over the years"),
        ("row 7, column Provided or received: found 'gift'", "drop-down list"),
        ("row 7, column Type of support: found 'Principle'", "principal or significant"),
        ("row 8, column Amount in USD: found 'five'", "Write a figure"),
        ("rows 8, 10, column Provider of the funds: found nothing", "Fill the cell"),
        ("row 9, column Amount in USD: found nothing", "delete the row"),
        ("row 9, column Currency: found 'EURO'", "ISO 4217"),
        ("row 10, column Year: found 'Total'", "Delete rows with totals"),
        ("row 10, column Provided or received: found nothing", "Fill the cell"),
        ("row 10, column Title: found nothing", "Fill the cell"),
    ]
    for start, remedy in wanted:
        assert any(f"own.xlsx SO5-1 {start}" in text and remedy in text for text in problems), start
    assert len(problems) == len(wanted)


def test_a_column_that_is_not_read_is_told(workbook):
    cells_of_row = ["received", 2021, "Norway", "Dunes", 5, "x"]
    path = workbook({"SO5-1": [[*SHORT, "Remark of the boss"], cells_of_row]})
    with pytest.warns(UserWarning, match="column Remark of the boss: found columns that are not"):
        assert len(finance.read_activities(path)) == 1


def test_merged_cells_are_refused(workbook):
    rows = rows_of(["received", 2021, "Norway", "Dunes", 5], ["received", 2021, "", "Wells", 6])
    path = workbook({"SO5-1": rows}, merged=[("SO5-1", "C2:C3")])
    (first, *rest) = problems_of(path)
    assert "own.xlsx SO5-1: found merged cells C2:C3; expected single cells" in first
    assert any("row 3, column Provider of the funds: found nothing" in text for text in rest)


def test_a_merged_title_above_the_headings_is_no_problem(workbook):
    rows = [["Finance of Landia"], [], *rows_of(["received", 2021, "Norway", "Dunes", 5])]
    found = finance.read_activities(workbook({"SO5-1": rows}, merged=[("SO5-1", "A1:E1")]))
    assert found["place"].tolist() == ["own.xlsx SO5-1 row 4"]


def test_merged_headings_are_refused(workbook):
    rows = rows_of(["received", 2021, "Norway", "Dunes", 5])
    problems = problems_of(workbook({"SO5-1": rows}, merged=[("SO5-1", "D1:E1")]))
    assert "merged cells D1:E1" in problems[0]
    assert any("expected a column amount" in text for text in problems)


def test_a_sheet_without_headings(workbook):
    problems = problems_of(workbook({"SO5-1": [["received", 2021, "Norway", "Dunes", 5]]}))
    assert len(problems) == 1 and "no row with headings" in problems[0]


def test_a_workbook_of_something_else(workbook):
    problems = problems_of(workbook({"Sheet1": [["a", "b"], [1, 2]]}))
    assert "found sheets Sheet1; expected known headings" in problems[0]


def test_one_sheet_for_all_indicators(workbook):
    rows = [["Indicator", *SHORT], ["SO5-1", "received", 2021, "Norway", "Dunes", 5]]
    rows.append(["SO5-9", "received", 2021, "Norway", "Dunes", 5])
    path = workbook({"Everything": rows})
    problems = problems_of(path)
    assert len(problems) == 1
    assert "Everything row 3, column Indicator: found 'SO5-9'; expected SO5-1" in problems[0]


def test_the_same_heading_twice(workbook):
    rows = [[*SHORT, "Amount"], ["received", 2021, "Norway", "Dunes", 5, 6]]
    problems = problems_of(workbook({"SO5-1": rows}))
    assert "found 'Amount' as well as 'Amount in USD'" in problems[0]


def test_a_currency_beside_dollars_is_not_overlooked(workbook):
    rows = [[*SHORT, "Currency"], ["received", 2021, "Norway", "Dunes", 5, "nok"]]
    found = finance.read_activities(workbook({"SO5-1": rows}))
    assert found["currency"].tolist() == ["NOK"]
    with pytest.raises(InputError, match="no rate of NOK in 2021"):
        finance.in_dollars(found, pd.DataFrame(columns=["year", "currency", "usd"]))


def test_private_amounts_count_in_so5_3(workbook):
    headings = [*SHORT, "Amount of private resources in USD", "Currency"]
    rows = [headings, ["received", 2021, "Foundation", "Dunes", 500, 40, "NOK"]]
    rows.append(["received", 2021, "Foundation", "Wells", 70, None, "NOK"])
    found = finance.read_activities(workbook({"SO5-3": rows}))
    assert found[["amount", "currency"]].values.tolist() == [[40, "USD"], [70, "NOK"]]
    assert any("Only the private amount counts" in str(text) for text in found.attrs["findings"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xls", b"old", "save it as XLSX"),
        ("a.xlsx", b"no workbook", "a file that cannot be read"),
        ("a.csv", "indicator,year\nSO5-1,caf\xe9".encode("latin-1"), "CSV UTF-8"),
        ("missing.csv", None, "no such file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    problems = problems_of(tmp_path / name)
    assert said in problems[0]


HEADER = "indicator;direction;year;provider;title;amount;support\n"


def test_semicolons_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.csv"
    text = HEADER + "SO5-1;Reçues;2021;Norvège;Dunes;5.5;Principal\n"
    path.write_text(text, encoding="utf-8-sig")
    found = finance.read_activities(path)
    assert found[["direction", "amount", "support"]].values.tolist() == [
        ["received", 5.5, "principal"]
    ]


def test_columns_that_a_file_lacks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("indicator,provider\nSO5-1,Norway\nSO5-2,Ministry\n", encoding="utf-8")
    problems = problems_of(path)
    for column in (
        "direction for SO5-1",
        "year for SO5-1",
        "amount for SO5-2",
        "currency for SO5-2",
    ):
        assert any(f"expected a column {column}" in text for text in problems), column
    path.write_text("provider,year\nNorway,2021\n", encoding="utf-8")
    assert "expected a column indicator" in problems_of(path)[0]


def test_flows_belong_to_their_sheet(workbook):
    rows = [[*SHORT, "Type of flow"], ["received", 2021, "Norway", "Dunes", 5, "Expenditure"]]
    problems = problems_of(workbook({"SO5-1": rows}))
    assert "This word belongs in another sheet than SO5-1" in problems[0]


def test_sectors_by_code_and_in_own_words(workbook):
    rows = [[*SHORT, "Sector"]]
    rows += [["received", 2021, "Norway", "Dunes", 5, word] for word in ("31130", 140, "Bees")]
    rows += [["received", 2021, "Norway", "Dunes", 5, "311 Agriculture"]]
    found = finance.read_activities(workbook({"SO5-1": rows}))
    assert found["sector"].tolist() == ["agriculture", "water_supply", "Bees", "agriculture"]
    assert found["purpose_code"].tolist() == ["31130", "140", "", "311"]


# ---- cells ---------------------------------------------------------------------------------------

FIGURES = {
    5: 5,
    5.25: 5.25,
    " 12.5 ": 12.5,
    "-3": -3,
    "1e6": 1e6,
    ".5": 0.5,
}
NO_FIGURES = {
    "1,234,567": "Write 1234567",
    "1,234,567.89": "Write 1234567.89",
    "12,5": "Write 12.5",
    "1,234": "Write 1234 or 1.234",
    "1 234 567": "Write 1234567",
    "1\u202f234,50": "Write 1234.50",
    "1'234'567": "Write 1234567",
    "1.234.567": "Write 1234567",
    "1.234.567,8": "Write 1234567.8",
    "(500)": "Write -500",
    "USD 500": "without currency, unit or remark",
    "5 million": "without currency, unit or remark",
    "n/a": "Write a figure",
    True: "Write a figure",
}


@pytest.mark.parametrize("cell", FIGURES)
def test_figures(cell):
    assert team_sheets.number(cell) == FIGURES[cell]


@pytest.mark.parametrize("cell", NO_FIGURES)
def test_no_figures(cell):
    assert pd.isna(team_sheets.number(cell))
    assert NO_FIGURES[cell] in cells.advice(cell)


def test_three_decimals_are_asked_about(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "SO5-1;received;2021;Norway;Dunes;1.200;\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="If it means thousands"):
        assert finance.read_activities(path)["amount"].tolist() == [1.2]


@pytest.mark.parametrize("language", tables.LANGUAGES)
@pytest.mark.parametrize("sheet", [*columns.SHEETS, columns.NEEDS, columns.RATES])
def test_headings_and_words_are_told_apart(sheet, language):
    forms = columns.columns(sheet)
    words = [columns.plain(tables.label(label, language)) for label in forms["label"]]
    assert [columns.headings(sheet)[word] for word in words] == forms["key"].tolist()
    for name in set(forms["choices"]) - {""}:
        keys = columns.choices(name, sheet)
        words = [columns.plain(tables.label(columns.choice_label(key), language)) for key in keys]
        assert [columns.choice_words(name, sheet)[word] for word in words] == keys


def test_the_columns_of_the_manual_are_there():
    wanted = "year provider country recipient channel title amount crs_id sector flow_type "
    wanted += "instrument support private_amount_usd leveraging capacity_building "
    wanted += "technology_transfer gender_equality"
    assert set(wanted.split()) <= set(columns.columns("SO5-1")["key"])
    only_here = {"currency", "instrument_category", "instrument_type"}
    assert only_here <= set(columns.columns("SO5-2")["key"])
    assert set(tables.read("finance_columns")["confirmed"]) == {"confirmed", "read"}


# ---- needs ---------------------------------------------------------------------------------------


def test_needs_with_every_problem(tmp_path):
    path = tmp_path / "needs.csv"
    lines = ["Neutrality,5000000,2025-2030", "Drought plan,,2026", ",7,2030–2025", "Dunes,-1,soon"]
    lines.append('Wells,"1,5",2025')
    path.write_text("objective,need_usd,horizon\n" + "\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        finance.read_needs(path)
    problems = [str(finding) for finding in caught.value.findings]
    for text in ("line 4, column objective", "'2030–2025'", "a negative need", "'soon'", "1.5"):
        assert any(text in problem for problem in problems), text
    assert len(problems) == 5
    path.write_text("objective,need_usd,horizon\n" + "\n".join(lines[:2]) + "\n", encoding="utf-8")
    found = finance.read_needs(path)
    assert found["need_usd"].tolist()[0] == 5e6 and pd.isna(found["need_usd"][1])
