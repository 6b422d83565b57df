"""Where a report stands: states, requirements, completeness, and the first sheets of the workbook.

By hand: an affected and a developed country with a few small tables; then Landia.
"""

import csv
import json
import math

import openpyxl
import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import prais, tables
from ldnkit.findings import SEVERITIES, Finding
from ldnkit.prais.report import Report, Table

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

#: Every table of the reporting tables of the 2026 process, as the platform numbers them.
PLATFORM = [
    *("CP-1.T1", "CP-1.T2"),
    *(f"SO1-1.T{number}" for number in range(1, 8)),
    *("SO1-2.T1", "SO1-2.T2", "SO1-2.T3", "SO1-3.T1", "SO1-3.T2"),
    *(f"SO1-4.T{number}" for number in range(1, 6)),
    *("SO1-VT.T1", "SO1-IA.T1", "SO2-1.T1", "SO2-1.T2", "SO2-1.T3", "SO2-2.T1", "SO2-2.T2"),
    *("SO2-3.T1", "SO2-3.T2", "SO3-1.T1", "SO3-1.T2", "SO3-2.T1", "SO3-2.T2", "SO3-2.T3"),
    *("SO3-3.T1", "SO3-3.T2", "SO4-2.T1", "SO4-2.T2", "SO4-3.T1", "SO4-3.T2"),
]
#: Those that it names without a number.
UNNUMBERED = [
    *("SO2-VT", "SO3-VT", "SO4-VT", "SO5-1", "SO5-2", "SO5-3", "SO5-4", "SO5-5", "SO5", "AI"),
    *(f"SO{number}-IF" for number in range(1, 6)),
]


def table(table_id, frame, **more):
    known = tables.prais_tables().set_index("id").loc[table_id]
    facts = {key: known[key] for key in ("form", "title_key", "unit", "notebook")}
    facts |= {"decimals": int(known["decimals"])} | more
    return Table(table_id, **facts, frame=frame)


def direction(table_id, said=""):
    """One question with two answers and a comment."""
    index = pd.Index([table_id.partition(".")[0]], name="indicator")
    frame = pd.DataFrame({"direction": said, "drivers": "", "comments": ""}, index, dtype=object)
    answers = ("direction", "drivers")
    return table(
        table_id, frame, text=tuple(frame), answers=answers, optional=("comments",), keyed=()
    )


def hotspots(rows=0):
    columns = ["location", "area", "assessment_process", "direct_drivers", "indirect_drivers"]
    columns += ["actions_taken", "actions_planned", "polygon"]
    frame = pd.DataFrame("", pd.RangeIndex(1, rows + 1, name="number"), columns, dtype=object)
    frame["area"] = 1.0
    text = tuple(column for column in columns if column != "area")
    return table("SO1-4.T4", frame, text=text, answers=text[:-1], optional=("polygon",))


def report_of(*its_tables, **country):
    return Report(paper_country(**country), {each.id: each for each in its_tables})


def states(report, **more):
    return prais.overview(report, **more).set_index("id")


# --- definitions


def test_every_table_of_the_process_is_defined():
    known = tables.prais_tables()["id"].tolist()
    assert [name for name in PLATFORM if name not in known] == []
    for form in UNNUMBERED:
        assert any(name.startswith(f"{form}.T") for name in known), form
    # and nothing else is
    assert [
        name for name in known if name not in PLATFORM and name.rpartition(".")[0] not in UNNUMBERED
    ] == []


def test_definitions_are_complete():
    known = tables.prais_tables()
    for column in ("rows", "columns", "notebook", "confirmed", "source", "required_developed"):
        assert (known[column] != "").all(), column
    assert set(known["fills"]) == {"", "whole", "part", "each"}
    assert ((known["national"] != "") == (known["fills"] != "")).all()
    has_years = known["years"] != ""
    with_years = known["rows"].eq("year") | known["columns"].eq("year")
    assert (has_years == with_years).all()


# --- states


def test_a_table_is_missing_open_to_complete_or_complete():
    done = direction("SO2-2.T2", "increase")
    done.frame["drivers"] = "rain"
    found = states(report_of(direction("SO2-1.T3"), done, hotspots()))
    assert found.loc["CP-1.T1", ["requirement", "state"]].tolist() == ["required", "missing"]
    assert found.loc["SO5-5.T1", ["requirement", "state"]].tolist() == ["optional", "open"]
    assert found.loc["SO1-IF.T1", ["requirement", "state"]].tolist() == ["voluntary", "open"]
    assert found.loc["SO2-1.T3", "state"] == "to_complete"
    assert found.loc["SO2-2.T2", "state"] == "complete"
    assert found.loc["SO1-4.T4", "state"] == "open"  # a list without a row
    assert found.index.tolist() == tables.prais_tables()["id"].tolist()


def test_completeness_is_the_share_of_required_cells():
    one_of_two = direction("SO2-1.T3", "increase")  # the comment is not required
    found = states(report_of(one_of_two, direction("SO2-2.T2"), hotspots(2)))
    assert found.loc["SO2-1.T3", "completeness"] == 50.0
    assert found.loc["SO2-2.T2", "completeness"] == 0.0
    # two areas of 14 required cells; the polygon may stay empty
    assert found.loc["SO1-4.T4", "completeness"] == pytest.approx(100 * 2 / 14)
    assert found.loc["CP-1.T1", "completeness"] == 0.0
    assert math.isnan(states(report_of(hotspots())).loc["SO1-4.T4", "completeness"])


def test_findings_of_a_table_are_counted_and_make_it_to_complete():
    done = direction("SO2-2.T2", "increase")
    done.frame["drivers"] = "rain"
    findings = [
        Finding("error", "SO2-2.T2, SO2-2, direction", "x"),
        Finding("warning", "SO2-2.T2", "y"),
        Finding("info", "SO2-2.T2", "z"),
        Finding("warning", "population 2023", "weak data"),
    ]
    row = states(report_of(done), findings=findings).loc["SO2-2.T2"]
    assert row[["errors", "warnings", "findings"]].tolist() == [1, 1, 2]
    assert row["state"] == "to_complete"


def test_source_of_a_table():
    shown = direction("SO2-1.T3")
    for kinds, said in (([], "–"), (["default"] * 2, "default"), (["national"], "national")):
        shown.sources = [{"layer": "x", "source": kind} for kind in kinds]
        assert states(report_of(shown)).loc["SO2-1.T3", "source"] == said
    shown.sources = [{"layer": "x", "source": kind} for kind in ("national", "default")]
    assert states(report_of(shown)).loc["SO2-1.T3", "source"] == "mixed"


def changed():
    rows = [
        *({"table": "SO2-1.T3", "row": "poverty", "because": "new poverty data"} for _ in "ab"),
        {"table": "SO2-1.T3", "row": "gini", "because": "an answer of the team"},
    ]
    columns = ["table", "row", "column", "unit", "earlier", "later", "difference", "percent"]
    frame = pd.DataFrame(rows, columns=[*columns, "because"])
    return frame.assign(column="direction", earlier=1.5, later=2.0, difference=0.5, percent=33.3)


def test_changes_are_counted_with_their_reasons():
    report = report_of(direction("SO2-1.T3"))
    found = states(report, changes=changed())
    assert found.loc["SO2-1.T3", "changed_cells"] == 3
    assert found.loc["SO2-1.T3", "last_change"] == "new poverty data; an answer of the team"
    assert found.loc["SO2-2.T2", ["changed_cells", "last_change"]].tolist() == [0, ""]
    assert math.isnan(states(report).loc["SO2-1.T3", "changed_cells"])
    forms = prais.forms_overview(report, changes=changed()).set_index("form")
    assert forms.loc["SO2-1", "changed_cells"] == 3


# --- kinds of Party


def test_a_developed_country_must_report_two_kinds_of_forms():
    report = report_of(party="developed")
    found = states(report)
    required = found[found["state"] == "missing"]
    assert set(required["form"]) == {"CP", "SO5-1", "SO5-2"}
    assert found.loc["SO1-1.T4", ["requirement", "state"]].tolist() == ["optional", "open"]
    assert found.loc["SO3-1.T1", "state"] == "not applicable"
    assert math.isnan(found.loc["SO3-1.T1", "completeness"])
    forms = prais.forms_overview(report).set_index("form")
    assert forms.loc["SO2-1", "state"] == "not applicable"
    assert forms.loc["SO5-1", "state"] == "missing"


def test_a_form_that_does_not_apply_may_be_opened():
    report = report_of(direction("SO2-2.T2", "increase"), party="developed")
    row = states(report).loc["SO2-2.T2"]
    assert row[["requirement", "state"]].tolist() == ["not applicable", "to_complete"]
    assert row["completeness"] == 50.0


def test_a_report_without_results_misses_all_that_is_required():
    report = prais.build(paper_country(), {})
    found = states(report)
    assert set(found["state"]) == {"missing", "open"}
    assert (found["state"] == "missing").equals(found["requirement"] == "required")
    assert {f.rule for f in prais.check(report)} == {"form_open", "form_optional"}


def test_a_form_is_as_far_as_its_least_complete_table():
    forms = prais.forms_overview(report_of(direction("SO2-2.T2", "increase"))).set_index("form")
    assert forms.loc["SO2-2", ["state", "tables"]].tolist() == ["missing", "1/2"]
    assert forms.loc["SO4-1", ["requirement", "tables"]].tolist() == ["see SO1-3", "–"]
    assert forms.loc["SO4-1", "state"] == forms.loc["SO1-3", "state"] == "missing"
    assert forms.loc["AA", ["requirement", "state", "notebook"]].tolist() == [
        *("optional", "open", "15")
    ]
    assert forms.index.tolist() == tables.read("forms")["form"].tolist()


# --- files


def test_findings_are_written_for_other_programs(tmp_path):
    report = report_of(direction("SO2-1.T3", "upwards"), hotspots())
    report.findings.append(Finding("info", "population 2023", "few people", notebook="09"))
    paths = prais.write(report, tmp_path)
    with paths["findings_csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == json.loads(paths["findings_json"].read_text(encoding="utf-8"))
    assert list(rows[0]) == [
        *("severity", "rule", "rule_number", "table", "cell", "found", "expected", "remedy"),
        "notebook",
    ]
    order = [SEVERITIES.index(row["severity"]) for row in rows]
    assert order == sorted(order) and set(order) == {0, 1, 2}
    first = rows[0]
    assert (first["rule"], first["rule_number"]) == ("choice_unknown", "2")
    assert (first["table"], first["cell"]) == ("SO2-1.T3", "SO2-1, direction")
    weak = [row for row in rows if row["cell"] == "population 2023"]
    assert [(row["rule"], row["rule_number"], row["table"]) for row in weak] == [("", "", "")]


def test_json_holds_the_overview(tmp_path):
    paths = prais.write(report_of(direction("SO2-1.T3")), tmp_path)
    data = json.loads(paths["json"].read_text(encoding="utf-8"))
    by_id = {row["id"]: row for row in data["overview"]}
    assert by_id["SO2-1.T3"]["state"] == "to_complete"
    assert by_id["SO1-IF.T1"]["state"] == "open"
    assert {row["form"] for row in data["forms"]} == set(tables.read("forms")["form"])
    assert data["findings"][0]["rule"]


def texts_of(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_first_page_says_that_findings_are_open(tmp_path, language):
    report = report_of(direction("SO2-1.T3"))
    book = openpyxl.load_workbook(prais.write(report, tmp_path, language=language)["xlsx"])
    sheet = book["Overview"]
    first_page = texts_of(sheet)[:12]
    assert tables.label("overview.still_open", language) in first_page
    warnings = sum(f.severity == "warning" for f in prais.check(report))
    assert tables.label("report.open_findings", language).format(
        errors=0, warnings=warnings
    ) in " ".join(first_page)
    words = texts_of(sheet)
    for key in ("overview.forms", "overview.tables", "overview.requirement", "report.missing"):
        assert tables.label(key, language) in words, key
    assert bool(sheet.sheet_view.rightToLeft) == (language == "ar")


def test_the_first_page_of_a_developed_country_says_what_it_must_report(tmp_path):
    book = openpyxl.load_workbook(prais.write(report_of(party="developed"), tmp_path)["xlsx"])
    words = texts_of(book["Overview"])
    assert tables.label("overview.developed") in words
    assert "Not applicable" in words


@pytest.mark.parametrize("language", ["en", "ar"])
def test_changes_have_a_sheet_of_their_own(tmp_path, language):
    report = report_of(direction("SO2-1.T3"))
    paths = prais.write(report, tmp_path, language=language, changes=changed())
    book = openpyxl.load_workbook(paths["xlsx"])
    assert book.sheetnames == ["Overview", "Changes", "SO2-1.T3"]
    words = texts_of(book["Changes"])
    assert tables.label("overview.changes", language) in words
    assert words.count("new poverty data") == 2 and "0.5" in words
    nothing = prais.write(report, tmp_path, language=language, changes=changed().iloc[:0])
    words = texts_of(openpyxl.load_workbook(nothing["xlsx"])["Changes"])
    assert tables.label("overview.no_changes", language) in words


def test_the_affected_area_has_files_of_its_own(tmp_path):
    shown = direction("SO2-1.T3")
    report = Report(paper_country(), {shown.id: shown}, area="affected")
    paths = prais.write(report, tmp_path)
    assert paths["findings_csv"].name == "findings_affected_area.csv"
    assert paths["findings_json"].name == "findings_affected_area.json"
    rows = json.loads(paths["findings_json"].read_text(encoding="utf-8"))
    assert {row["table"] for row in rows} == {"AA-SO2-1.T3"}
    found = prais.overview(report)
    assert found["id"].tolist() == ["SO2-1.T3"] and found["requirement"].tolist() == ["optional"]
    words = texts_of(openpyxl.load_workbook(paths["xlsx"])["Overview"])
    assert "AA-SO2-1.T3, direction" in words
    # both reports live side by side
    prais.write(Report(paper_country(), {shown.id: shown}), tmp_path)
    assert {"findings.csv", "findings_affected_area.csv"} <= {p.name for p in tmp_path.iterdir()}


def test_arabic_runs_from_right_to_left_and_english_does_not(tmp_path):
    report = report_of(direction("SO2-1.T3", "increase"))
    report["SO2-1.T3"].notes.append("A note in English.")
    sheet = openpyxl.load_workbook(prais.write(report, tmp_path, language="ar")["xlsx"])["SO2-1.T3"]
    title = sheet["A1"]
    assert title.value.startswith("SO2-1.T3") and title.alignment.readingOrder == 2
    notes = [c for row in sheet.iter_rows() for c in row if c.value == "A note in English."]
    assert [cell.alignment.readingOrder for cell in notes] in ([0], [])
    assert sheet.sheet_view.rightToLeft


def test_overview_of_landia(landia, landia_results):
    report = prais.build(landia, landia_results)
    found = prais.overview(report)
    assert set(found["id"]) == set(report.tables)
    assert set(found["state"]) <= {"complete", "to_complete", "open"}
    assert found["completeness"].dropna().between(0, 100).all()
    by_id = found.set_index("id")
    assert by_id.loc["SO1-4.T1", "source"] == "default"
    assert by_id.loc["SO2-2.T1", "source"] == "national"
    forms = prais.forms_overview(report).set_index("form")
    assert forms.loc["CP", ["state", "completeness"]].tolist() == ["complete", 100.0]
    assert int(forms["findings"].sum() - forms.loc["SO4-1", "findings"]) == sum(
        f.severity != "info" for f in prais.check(report)
    )
