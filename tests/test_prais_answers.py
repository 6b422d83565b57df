"""The team's own answers: a sheet of what is open, and answers from the country file."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from small_country import small_country

import ldnkit
from ldnkit import prais
from ldnkit.findings import InputError
from ldnkit.prais.answers import fill_in
from ldnkit.prais.report import Report, Table


def table_of(table_id, rows, columns, answers, **more) -> Table:
    frame = pd.DataFrame("", pd.Index(rows, name="row"), list(columns), dtype=object)
    facts = {"form": table_id[:5], "title_key": f"prais.{table_id}", "unit": "", "decimals": 2}
    facts |= {"notebook": "09", "text": tuple(columns), "answers": tuple(answers)}
    printed = frame.copy()
    return Table(table_id, **facts, frame=frame, printed=printed, optional=("comments",), **more)


@pytest.fixture
def report() -> Report:
    help_ = pd.DataFrame({"suggested": ["increase", "no_change"]}, index=["total", "female"])
    columns = ("direction", "drivers", "comments")
    first = table_of("SO2-3.T2", ["SO2-3"], columns, columns[:2], help=help_)
    second = table_of("SO1-4.T2", ["2015", "2023"], ("degraded_area", "confidence"), ["confidence"])
    second.frame["degraded_area"] = [10.0, 12.0]
    second.text = ("confidence",)
    return Report(SimpleNamespace(), {table.id: table for table in (first, second)})


def test_the_sheet_lists_what_is_open_with_suggestions_and_choices(report):
    report.fill("SO1-4.T2", "2015", "confidence", "low")
    sheet = prais.open_answers(report)
    assert sheet[["table", "row", "column"]].to_numpy().tolist() == [
        ["SO2-3.T2", "SO2-3", "direction"],
        ["SO2-3.T2", "SO2-3", "drivers"],
        ["SO1-4.T2", "2023", "confidence"],
    ]
    assert sheet["suggested"].tolist() == ["increase", "", ""]
    assert sheet["choices"].tolist()[2] == "high | medium | low"
    assert (sheet["value"] == "").all()


def test_a_filled_sheet_goes_into_the_tables(report, tmp_path):
    path = prais.write_answer_sheet(report, tmp_path / "answers.csv")
    sheet = pd.read_csv(path, keep_default_na=False, dtype=str)
    sheet["value"] = ["increase", "Rain, and a growing city", "", "medium"]
    sheet.to_csv(path, index=False)
    assert fill_in(report, path) == []
    frame = report["SO2-3.T2"].frame
    assert frame.loc["SO2-3"].tolist() == ["increase", "Rain, and a growing city", ""]
    assert report["SO1-4.T2"].frame["confidence"].tolist() == ["", "medium"]
    # what is left open is the one cell without a value
    assert prais.open_answers(report)["row"].tolist() == ["2015"]


def test_answers_are_never_written_over(report, tmp_path):
    (tmp_path / "answers.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="never written over"):
        prais.write_answer_sheet(report, tmp_path / "answers.csv")
    assert (tmp_path / "answers.csv").read_text(encoding="utf-8") == "mine"


def test_every_answer_that_does_not_fit_is_told_at_once(report, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(
        "table,row,column,value\n"
        "SO2-3.T2,SO2-3,direction,up\n"  # line 2: not one of the words
        "SO2-3.T2,SO2-33,drivers,rain\n"  # line 3: no such row
        "SO1-4.T2,2023,degraded_area,5\n"  # line 4: computed, not an answer
        "SO9-9.T1,1,direction,increase\n"  # line 5: no such table
        "SO1-4.T2,2023,confidence,high\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as told:
        fill_in(report, path)
    assert [finding.where for finding in told.value.findings] == [
        f"answers.csv line {line}" for line in (2, 3, 4)
    ]
    assert "increase, decrease, no_change, unknown" in told.value.findings[0].expected
    assert told.value.findings[1].remedy == "Use one of SO2-3."
    assert "confidence" in told.value.findings[2].expected
    assert report["SO1-4.T2"].frame["degraded_area"].tolist() == [10.0, 12.0]


def test_an_answer_for_a_table_that_is_not_there_is_a_remark(report, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("table,row,column,value\nSO3-3.T2,SO3-3,direction,decrease\n", "utf-8")
    (said,) = fill_in(report, path)
    assert said.severity == "info" and "SO3-3.T2" in said.found


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_country_file_names_the_answers(tmp_path):
    world = small_country(
        tmp_path, {2000: [[3, 3]], 2015: [[3, 5]], 2016: [[3, 5]], 2019: [[5, 5]]}
    )
    lines = ["table,row,column,value", "SO1-4.T2,2015,confidence,high"]
    (tmp_path / "answers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    country = world.read(answers="answers.csv")
    ldnkit.compute(country, "degradation")
    report = prais.build(country, ldnkit.results(country))
    assert report["SO1-4.T2"].frame["confidence"].tolist() == ["high", "", ""]
    assert report["SO1-4.T2"].printed["confidence"].tolist() == ["high", "", ""]
    (found,) = [each for each in prais.check(report) if each.where == "SO1-4.T2, confidence"]
    assert found.found == "nothing for 2019, 2023"
    with pytest.raises(InputError, match="none.csv"):
        world.read(answers="none.csv")
