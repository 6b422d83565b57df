"""The tables of the implementation framework and of additional indicators, and their files."""

import csv
import json
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import narrative, prais, tables
from ldnkit.prais import builder
from ldnkit.prais.report import wording

ANSWERS = """
SO1-IF:
  policies:
    policies_land:
      answer: yes
      details: |
        A law on pasture.

        It is in force since 2019; see https://example.org.
    support_to_others: no
  knowledge_sharing:
    networks: WOCAT, international
SO5-IF:
  comments:
    comments: "2026"
"""
REGISTER = """\
name,objective,direction,title,link,author,citation,comments
Dust storms,SO1,increase,Dust days,doi:1,Met,Met 2026,"Days a year, two stations"
Wells,SO3,no_change,Wells,,Water office,Water office 2026,
"""
FORMS = [f"SO{number}-IF.T1" for number in range(1, 6)]


@pytest.fixture
def make(tmp_path):
    def report(answers=ANSWERS, register=REGISTER, *, kept=False, **changes):
        """A report; ``kept``: its tables come from CSV files, as results are kept."""
        paths = [tmp_path / "answers.yml", tmp_path / "indicators.csv"]
        texts = [answers, register]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text or "", encoding="utf-8")
        given = [path if text is not None else None for path, text in zip(paths, texts)]
        found, findings = narrative.compute_tables(*given)
        if kept:
            for name, frame in found.items():
                frame.to_csv(tmp_path / f"{name}.csv", index=False)
                found[name] = pd.read_csv(tmp_path / f"{name}.csv")
        result = SimpleNamespace(tables=found, years={}, findings=findings)
        return prais.build(paper_country(**changes), {"narrative": result})

    return report


def of_table(findings, table_id):
    return [str(finding) for finding in findings if finding.where.startswith(table_id)]


# ---- the definitions -----------------------------------------------------------------------------


def test_every_form_has_a_table_and_a_maker():
    known = tables.prais_tables().set_index("id")
    forms = tables.read("forms").set_index("form")
    assert [f"{form}.T1" for form in narrative.questions()["form"].unique()] == FORMS
    for table_id in [*FORMS, "AI.T1"]:
        assert builder.MAKERS[table_id][0] == "narrative"
        row = known.loc[table_id]
        assert row["required_affected"] == forms.loc[row["form"], "affected"]
        assert row["notebook"] == "15"
    assert set(known.loc[FORMS, "required_affected"]) == {"voluntary"}
    assert known.loc["AI.T1", "required_affected"] == "optional"


def test_questions_are_shown_in_their_own_words():
    """No label of another group has the key of a question."""
    for row in narrative.questions().to_dict("records"):
        for language in tables.LANGUAGES:
            assert wording(row["question"], language) == tables.label(row["label_key"], language)


# ---- the implementation framework ----------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True])
def test_questions_answers_and_details(make, kept):
    report = make(kept=kept)
    frame = report["SO1-IF.T1"].frame
    asked = narrative.questions().query("form == 'SO1-IF'")["question"].tolist()
    assert frame.index.tolist() == asked and frame.index.name == "question"
    assert list(frame.columns) == ["answer", "details"]
    details = "A law on pasture.\n\nIt is in force since 2019; see https://example.org."
    assert frame.loc["policies_land"].tolist() == ["yes", details]
    assert frame.loc["support_to_others"].tolist() == ["no", ""]
    assert frame.loc["networks"].tolist() == ["", "WOCAT, international"]
    assert (frame.drop(["policies_land", "support_to_others", "networks"]) == "").all(axis=None)
    assert "3 of 10 questions are answered." in report["SO1-IF.T1"].notes[0]
    assert report["SO1-IF.T1"].period == "2026"


def test_forms_without_any_answer_are_left_out_without_a_complaint(make):
    report = make()
    assert [name for name in report.tables if "IF" in name] == ["SO1-IF.T1", "SO5-IF.T1"]
    assert "Answer its questions" in report.left_out["SO2-IF.T1"]
    findings = prais.check(report)
    for table_id in FORMS:
        assert of_table(findings, table_id) == []


def test_no_narrative_at_all(make):
    report = make(answers=None)
    assert list(report.tables) == ["AI.T1"]
    report = make(answers=None, register=None)
    assert report.tables == {}


def test_a_register_that_is_not_given_is_only_mentioned(make):
    report = make(register=None)
    assert "AI.T1" not in report.tables
    (said,) = of_table(prais.check(report), "AI.T1")
    assert said.startswith("Info") and "additional_indicators: register" in said


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_answers_in_the_language_of_the_reader(make, language):
    shown = make()["SO1-IF.T1"].labelled(language)
    assert list(shown.columns) == [
        tables.label(f"column.{name}", language) for name in ("question", "answer", "details")
    ]
    row = shown.iloc[2].tolist()
    assert row[:2] == [
        tables.label("form.IF.policies_land", language),
        tables.label("yes", language),
    ]
    assert row[2].startswith("A law on pasture.")


def test_an_answer_can_be_written_into_the_report(make):
    report = make()
    report.fill("SO1-IF.T1", "mainstreaming", "answer", "yes")
    report.fill("SO1-IF.T1", "mainstreaming", "details", "In the plan for agriculture.")
    assert report["SO1-IF.T1"].frame.loc["mainstreaming", "answer"] == "yes"
    assert prais.check(report) == prais.check(make())
    with pytest.raises(ValueError, match="use one of yes, no"):
        report.fill("SO1-IF.T1", "mainstreaming", "answer", "perhaps")
    with pytest.raises(KeyError, match="mainstream"):
        report.fill("SO1-IF.T1", "mainstream", "answer", "yes")


def test_a_yes_without_details_travels_into_the_report(make):
    report = make("SO4-IF: {synergies: {synergies: yes}}")
    (finding,) = report.findings
    assert finding.severity == "warning" and "SO4-IF.synergies.synergies" in finding.where


def test_a_developed_country_may_answer_too(make):
    report = make(party="developed")
    assert "SO1-IF.T1" in report.tables
    assert of_table(prais.check(report), "SO1-IF.T1") == []


# ---- additional indicators -----------------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True])
def test_additional_indicators(make, kept):
    report = make(kept=kept)
    frame = report["AI.T1"].frame
    assert frame.loc[1].tolist() == [
        *("Dust storms", "SO1", "increase", ""),
        *("Dust days", "doi:1", "Met", "Met 2026", "Days a year, two stations"),
    ]
    assert frame.loc[2, ["indicator", "direction"]].tolist() == ["Wells", "no_change"]
    definition = tables.prais_tables().set_index("id").loc["AI.T1", "columns"]
    assert list(frame.columns) == definition.split(";")


def test_metadata_of_an_indicator_are_required(make):
    (said,) = of_table(prais.check(make()), "AI.T1")
    assert said.startswith("Error, AI.T1, 2, metadata.link: found an empty cell")


def test_indicators_in_the_language_of_the_reader(make):
    shown = make()["AI.T1"].labelled("fr")
    assert shown.iloc[0, 1:4].tolist() == ["Dust storms", "SO1", "Augmentation"]
    assert "Référence bibliographique" in shown.columns


# ---- files ---------------------------------------------------------------------------------------


def test_files_hold_every_word(make, tmp_path):
    report = make()
    paths = prais.write(report, tmp_path / "report")
    with (paths["csv"] / "SO1-IF.T1.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Question", "Answer", "Details"]
    details = report["SO1-IF.T1"].frame.loc["policies_land", "details"]
    assert rows[3] == [tables.label("form.IF.policies_land"), "Yes", details]
    sheet = openpyxl.load_workbook(paths["xlsx"])["SO1-IF.T1"]
    assert [sheet.cell(10, column).value for column in (2, 3)] == ["Yes", details]
    # three lines of text, one of them empty, need three lines of height
    assert sheet.row_dimensions[10].height >= 3 * 15
    data = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert data["tables"]["SO5-IF.T1"]["exact"][-1] == ["", "2026"]
    assert data["tables"]["AI.T1"]["columns"][1] == "strategic_objective"


def test_a_long_text_stays_below_the_highest_row_of_a_spreadsheet(make, tmp_path):
    report = make("SO2-IF: {comments: {comments: '" + "word " * 3000 + "'}}")
    sheet = openpyxl.load_workbook(prais.write(report, tmp_path / "report")["xlsx"])["SO2-IF.T1"]
    heights = [row.height for row in sheet.row_dimensions.values() if row.height]
    assert 400 < max(heights) <= 409
    written = [cell.value for row in sheet.iter_rows() for cell in row]
    assert ("word " * 3000).strip() in written
