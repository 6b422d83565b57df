"""The implementation framework in words: questions, answers, figures of the tables, documents."""

import io
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import docx
import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ldnkit import narrative, tables
from ldnkit.country_file import AdditionalIndicators, Narrative
from ldnkit.findings import InputError
from ldnkit.narrative.additional import examine_additional
from ldnkit.narrative.answers import examine_answers
from ldnkit.periods import Cycle
from ldnkit.prais.report import Report, Table

#: Section -> strategic objectives that have it (reporting manual, chapter 7).
SECTIONS = {
    "action_programmes": "1",
    "policies": "123",
    "mainstreaming": "13",
    "drought_plan": "3",
    "synergies": "45",
    "slm_practices": "1",
    "knowledge_sharing": "13",
    "alternative_livelihoods": "2",
    "drought_risk": "3",
    "resource_strategy": "5",
    "reporting_process": "5",
    "comments": "12345",
}


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="answers.yml", encoding="utf-8"):
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write_file


def places(findings, severity="error"):
    """Line and key of every finding, without the name of the file."""
    return [finding.where.partition(" ")[2] for finding in findings if finding.severity == severity]


# ---- the questions -------------------------------------------------------------------------------


def test_every_section_stands_in_the_forms_of_its_objectives():
    known = narrative.questions()
    forms = known.groupby("section")["form"].unique()
    found = {section: "".join(form[2] for form in names) for section, names in forms.items()}
    assert found == SECTIONS
    assert (known["objective"].astype(str) == known["form"].str[2]).all()


def test_questions_are_unique_and_have_labels_in_six_languages():
    known = narrative.questions()
    assert not known.duplicated(["form", "question"]).any()
    assert set(known["kind"]) == {"yes_no", "text"}
    assert set(known["confirmed"]) <= {"confirmed", "read"}
    for language in tables.LANGUAGES:
        for key in known[["label_key", "help_key", "section_key"]].to_numpy().ravel():
            assert tables.label(key, language)


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_template_is_an_empty_file_with_every_question(write, language):
    text = narrative.template(language)
    answers, findings = examine_answers(write(text))
    assert findings == []
    assert (answers[["answer", "details"]] == "").all(axis=None)
    tree = yaml.safe_load(text)
    asked = {(f, s, q) for f, part in tree.items() for s, qs in part.items() for q in qs}
    known = narrative.questions()
    assert asked == set(zip(known["form"], known["section"], known["question"], strict=True))
    first = tables.label("form.IF.drought_plan", language)
    assert first in text


def test_a_filled_template_is_read_as_written(write):
    lines = []
    for line in narrative.template().splitlines():
        lines.append("      answer: yes" if line.strip() == "answer:" else line)
        if line.strip() == "details: |":
            lines += ["        First line: with a colon.", "", "        # no comment"]
    answers = narrative.read_answers(write("\n".join(lines)))
    assert (answers["details"] == "First line: with a colon.\n\n# no comment").all()
    assert (answers["answer"] == answers["kind"].map({"yes_no": "yes", "text": ""})).all()
    assert answers.attrs["findings"] == []


# ---- the answers ---------------------------------------------------------------------------------


def one_answer(answers, form, question):
    row = answers[(answers["form"] == form) & (answers["question"] == question)]
    return tuple(row[["answer", "details"]].iloc[0])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("yes", "yes"), ("No", "no"), ("true", "yes"), ('"yes."', "yes"), ("", "")),
        *(("Oui", "yes"), ("non", "no"), ("Sí", "yes"), ("Да", "yes"), ("Нет", "no")),
        *(("نعم", "yes"), ("لا", "no"), ("是", "yes"), ("否", "no"), ("~", "")),
    ],
)
def test_yes_and_no_in_six_languages(write, written, read):
    text = f"SO4-IF:\n  synergies:\n    synergies:\n      answer: {written}\n"
    answers, findings = examine_answers(write(text))
    assert one_answer(answers, "SO4-IF", "synergies") == (read, "")
    assert [finding.severity for finding in findings] == ["warning"] * (read == "yes")


def test_an_answer_or_a_text_alone(write):
    text = """
    SO1-IF:
      policies:
        policies_land: no
      slm_practices:
        documented_practices: [https://example.org/1, https://example.org/2]
      comments:
        comments: Made in 2026.
    SO2-IF:
    """
    answers = narrative.read_answers(write(text))
    assert one_answer(answers, "SO1-IF", "policies_land") == ("no", "")
    assert one_answer(answers, "SO1-IF", "comments") == ("", "Made in 2026.")
    links = "https://example.org/1\nhttps://example.org/2"
    assert one_answer(answers, "SO1-IF", "documented_practices") == ("", links)


def test_yes_without_details_warns(write):
    text = "SO3-IF:\n  drought_plan:\n    drought_plan: yes\n"
    with pytest.warns(UserWarning, match="yes without details"):
        answers = narrative.read_answers(write(text))
    (finding,) = answers.attrs["findings"]
    assert finding.where == "answers.yml line 3: SO3-IF.drought_plan.drought_plan"
    assert finding.notebook == "15"


WRONG = """\
SO1IF:
  policies: {}
SO1-IF:
  action_programs:
    programmes: no
  policies:
    policies_lands: no
    drought_plan: no
    programmes: no
    policies_land:
      answer: perhaps
      details: A law.
    support_to_others:
      details: Two countries.
  mainstreaming: yes
  slm_practices:
    documented_practices:
      answer: yes
    slm_practices:
      answer: no
      detail: text
  knowledge_sharing:
    knowledge_sharing:
      answer: yes
      details:
        Network: a key by mistake
    networks: {name: a network}
  comments:
    comments: yes
SO4-IF:
  synergies:
    synergies: yes
"""


def test_every_problem_at_once(write):
    path = write(WRONG)
    with pytest.raises(InputError) as caught:
        narrative.read_answers(path)
    found = {finding.where.partition(" ")[2]: finding for finding in caught.value.findings}
    expected = {
        "line 1: SO1IF": ("an unknown form", "Did you mean SO1-IF?"),
        "line 4: SO1-IF.action_programs": ("an unknown section", "Did you mean action_programmes?"),
        "line 7: SO1-IF.policies.policies_lands": ("an unknown question", "policies_land?"),
        "line 8: SO1-IF.policies.drought_plan": ("an unknown question", "Start from the template"),
        "line 9: SO1-IF.policies.programmes": ("an unknown question", "under action_programmes."),
        "line 11: SO1-IF.policies.policies_land.answer": ("'perhaps'", "Write yes or no"),
        "line 13: SO1-IF.policies.support_to_others": ("details without an answer", "answer: yes"),
        "line 15: SO1-IF.mainstreaming": ("true", "Start from the template"),
        "line 18: SO1-IF.slm_practices.documented_practices.answer": ("true", "Delete the answer"),
        "line 21: SO1-IF.slm_practices.slm_practices.detail": ("an unknown key", "details?"),
        "line 25: SO1-IF.knowledge_sharing.knowledge_sharing.details": ("keys", "details: |"),
        "line 27: SO1-IF.knowledge_sharing.networks.name": ("an unknown key", ""),
        "line 29: SO1-IF.comments.comments.details": ("true", '"quotes"'),
    }
    assert set(found) == set(expected)
    for where, (what, remedy) in expected.items():
        assert what in found[where].found and remedy in found[where].remedy, found[where]
    # the yes without details does not hide among them: it is a warning
    assert places(examine_answers(path)[1], "warning") == ["line 32: SO4-IF.synergies.synergies"]
    assert {finding.notebook for finding in caught.value.findings} == {"15"}


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        ("", "an empty file", "Start from the template of notebook 15."),
        ("- SO1-IF\n", "a list of 1", "Start from the template of notebook 15."),
        ("SO1-IF:\n\tpolicies:\n", "a tab before the text", "Replace the tab by spaces."),
        ("SO1-IF:\nSO1-IF:\n", "'SO1-IF' a second time (first in line 1)", "Delete one"),
        ("SO1-IF: text\n", "text", "Start from the template"),
        ("SO1-IF: [a\n", "not YAML", "Compare the line"),
    ],
)
def test_a_file_that_cannot_be_used(write, text, found, remedy):
    _, (finding,) = examine_answers(write(text))
    assert found in finding.found and remedy in finding.remedy, finding
    assert "country" not in str(finding) and "KEN" not in str(finding)
    assert finding.severity == "error" and finding.notebook == "15"


def test_a_file_that_is_not_there_or_in_another_encoding(write, tmp_path):
    _, (finding,) = examine_answers(tmp_path / "none.yml")
    assert finding.found == "no such file"
    _, (finding,) = examine_answers(write("SO1-IF: é", encoding="latin-1"))
    assert finding.expected == "UTF-8 text"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_details_come_back_as_written(tmp_path_factory, text):
    entry = {"answer": "no", "details": text}
    tree = {"SO2-IF": {"policies": {"policies_inclusion": entry}}}
    path = tmp_path_factory.mktemp("any") / "answers.yml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    answers, findings = examine_answers(path)
    assert findings == []
    assert one_answer(answers, "SO2-IF", "policies_inclusion") == ("no", text.strip())


# ---- additional indicators -----------------------------------------------------------------------

REGISTER = [
    ["name", "objective", "direction", "image", "title", "link", "author", "citation", "comments"],
    ["Dust storms", "SO1", "increase", "dust.png", "Days", "doi:1", "Met", "Met 2026", "A, b"],
    ["Herd mobility", "so 2", "No change", "", "", "", "", "", ""],
    ["Wells", "3", "Diminution", "", "", "", "", "", ""],
]


def image(path, size=(4, 3)):
    Image.new("RGB", size, "green").save(path)


def as_csv(rows):
    return "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)


def as_xlsx(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    book.save(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xlsx below a title"])
def test_a_register_in_both_formats(write, tmp_path, kind):
    image(tmp_path / "dust.png")
    if kind == "csv":
        path = write(as_csv(REGISTER), "indicators.csv")
    else:
        above = [[""], [""]] if "title" in kind else []
        path = as_xlsx(tmp_path / "indicators.xlsx", [*above, *REGISTER])
    table = narrative.read_additional(path)
    assert table.attrs["findings"] == []
    assert table["name"].tolist() == ["Dust storms", "Herd mobility", "Wells"]
    assert table["objective"].tolist() == ["SO1", "SO2", "SO3"]
    assert table["direction"].tolist() == ["increase", "no_change", "decrease"]
    assert table["image"].tolist() == [str((tmp_path / "dust.png").resolve()), "", ""]
    assert table.loc[0, ["title", "link", "author", "citation"]].tolist() == REGISTER[1][4:8]
    assert table.loc[0, "comments"] == "A, b"


def test_columns_that_are_not_needed_may_be_left_out(write):
    with pytest.warns(UserWarning, match="Did you mean comments"):
        text = "name,objective,direction,comment\nWells,SO3,unknown,x\n"
        table = narrative.read_additional(write(text, "i.csv"))
    assert table.iloc[0].tolist() == ["Wells", "SO3", "unknown", *[""] * 6]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_problem_of_the_register_at_once(write, tmp_path, form):
    (tmp_path / "broken.png").write_bytes(b"no image")
    image(tmp_path / "map.gif")
    head = REGISTER[0]
    rows = [
        ["", "SO1", "increase", "", "", "", "", "", ""],
        ["Wells", "SO6", "up", "", "", "", "", "", ""],
        ["wells", "", "", "none.png", "", "", "", "", ""],
        ["Dust", "SO1", "unknown", "broken.png", "", "", "", "", ""],
        ["Fires", "SO1", "unknown", "map.gif", "", "", "", "", ""],
    ]
    if form == "csv":
        path, word = write(as_csv([head, *rows]), "i.csv"), "i.csv"
    else:
        path, word = as_xlsx(tmp_path / "i.xlsx", [head, *rows]), "i.xlsx"
    with pytest.raises(InputError) as caught:
        narrative.read_additional(path)
    expected = [
        *("line 2, column name", "line 4, column name"),
        *("line 3, column objective", "line 4, column objective"),
        *("line 3, column direction", "line 4, column direction"),
        *("line 4, column image", "line 5, column image", "line 6, column image"),
    ]
    assert [f.where for f in caught.value.findings] == [f"{word} {place}" for place in expected]
    assert caught.value.findings[-2].expected == "an image that opens"
    assert caught.value.findings[-1].expected == "a PNG or JPEG file"


def test_missing_columns_are_all_named(write):
    _, findings = examine_additional(write("title\nx\n", "i.csv"))
    expected = ["a column name", "a column objective", "a column direction"]
    assert [finding.expected for finding in findings] == expected
    _, (finding,) = examine_additional(write("no workbook", "i.xlsx"))
    assert "cannot be read" in finding.found and finding.notebook == "15"
    _, (finding,) = examine_additional("nowhere.csv")
    assert finding.found == "no such file"


def test_an_empty_sheet_says_so(tmp_path):
    path = as_xlsx(tmp_path / "i.xlsx", [])
    _, findings = examine_additional(path)
    assert "a column name" in [finding.expected for finding in findings]


# ---- both files at once --------------------------------------------------------------------------


def test_both_tables_from_the_sections_of_a_country(write):
    answers = Narrative(write("SO4-IF: {synergies: {synergies: no}}\n"))
    register = AdditionalIndicators(write("name,objective,direction\nA,1,unknown\n", "i.csv"))
    found, findings = narrative.compute_tables(answers, register)
    assert list(found) == ["narrative", "additional_indicators"] and findings == []
    assert len(found["narrative"]) == len(narrative.questions())
    assert list(narrative.compute_tables(additional=register)[0]) == ["additional_indicators"]
    country = SimpleNamespace(narrative=answers, additional_indicators=None)
    assert narrative.look(country) == []


def test_problems_of_both_files_at_once(write, tmp_path):
    answers, register = write("SO9-IF: {}\n"), tmp_path / "none.csv"
    with pytest.raises(InputError) as caught:
        narrative.compute_tables(answers, register)
    assert [f.where for f in caught.value.findings] == ["answers.yml line 1: SO9-IF", "none.csv"]
    country = SimpleNamespace(
        narrative=Narrative(answers), additional_indicators=AdditionalIndicators(register)
    )
    assert narrative.look(country) == caught.value.findings


# ---- figures of the tables -----------------------------------------------------------------------


def make_country(**changes):
    fields = {
        "iso3": "XLD",
        "name": lambda language="en": "Landia",
        "cycle": Cycle(2026),
        "synthetic": True,
    }
    return SimpleNamespace(**fields | changes)


def table(table_id, frame, unit="km2;percent", decimals=2, form="", **more):
    """A table whose printed figures are the exact ones."""
    title = f"prais.{table_id}"
    return Table(table_id, form, title, unit, decimals, "", frame, printed=frame, **more)


def by_year(**columns):
    return pd.DataFrame(columns, index=pd.Index(["2015", "2019", "2023"], name="year"))


def report_of(*made, **changes):
    return Report(make_country(**changes), {each.id: each for each in made})


NAN = float("nan")
LAST = Cycle(2026).last.name
#: Degraded land  2015: 100 km² (10 %)   2019: 90 km² (9 %)   2023: 1250.5 km² (12.5 %)
DEGRADED = table(
    "SO1-4.T2",
    by_year(
        degraded_area=[100.0, 90.0, 1250.5],
        degraded_share=[10.0, 9.0, 12.5],
        change_area=[NAN, -10.0, 1150.5],
        change_share=[NAN, -1.0, 2.5],
        confidence=["", "", ""],
    ),
    text=("confidence",),
    used={"2023": 2022},
)


def said(found, fact):
    return found.loc[found["fact"] == fact, "text"].iloc[0]


def test_figures_of_the_last_year_and_their_change():
    found = narrative.facts(report_of(DEGRADED))
    assert said(found, "degraded_land") == (
        "2023 (2022 used): 1,250.50 km² of land are degraded, "
        "12.50 % of the total land area (SO1-4.T2)."
    )
    assert "+1,150.50 km², +2.50 percentage points" in said(found, "degraded_change")
    places = found.loc[found["fact"] == "degraded_land", ["form", "section"]]
    assert places.to_numpy().tolist() == [
        ["SO1-IF", "action_programmes"],
        ["SO1-IF", "policies"],
        ["SO4-IF", "synergies"],
    ]
    assert set(found["table"]) == {"SO1-4.T2"}


def test_figures_in_the_manner_of_a_language():
    report = report_of(DEGRADED)
    french = said(narrative.facts(report, language="fr"), "degraded_land")
    assert "1\u202f250,50 km²" in french and "2022 utilisée" in french
    for language in tables.LANGUAGES:
        found = narrative.facts(report, language=language)
        assert len(found) == 5 and not found["text"].str.contains("[{}]").any()


def test_rows_of_a_class_and_the_largest_process():
    # change in the reporting period, km²:   degraded 3   improved 4.25
    change = pd.DataFrame({f"{LAST}.area": [3.0, 4.25]}, index=["degraded", "improved"])
    rows = pd.DataFrame({"process": ["deforestation", "other"], f"{LAST}.area": [1.0, 2.5]})
    spans = {LAST: "2016–2023"}
    report = report_of(
        table("SO1-2.T3", change, spans=spans),
        table("SO1-1.T1", rows, text=("process",), spans=spans),
    )
    found = narrative.facts(report)
    assert said(found, "productivity") == (
        "Reporting period (2016–2023), land productivity: "
        "degraded 3.00 km², improved 4.25 km² (SO1-2.T3)."
    )
    assert "Other" in said(found, "largest_process") and "2.50 km²" in said(
        found, "largest_process"
    )


def test_the_worst_year_of_drought():
    # share of land:  2015 5 %   2019 40 % (80 km²)   2023 40 %: the first of equals
    frame = by_year(**{"under_drought.area": [10.0, 80.0, 79.0]})
    frame["under_drought.share_of_land"] = [5.0, 40.0, 40.0]
    assert said(narrative.facts(report_of(table("SO3-1.T2", frame))), "drought_land") == (
        "Year with most land under drought: 2019, 40.00 % of the land, 80.00 km² (SO3-1.T2)."
    )
    # a country without drought has no worst year
    assert narrative.facts(report_of(table("SO3-1.T2", frame * 0))).empty


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([0.9, 0.85, 0.8], "0.9000 (2015), 0.8000 (2023)"),
        ([NAN, 0.85, 0.8], "0.8500 (2019), 0.8000 (2023)"),
        ([NAN, 0.85, NAN], "0.8500 (2019)"),
    ],
)
def test_first_and_last_year(series, expected):
    report = report_of(table("SO4-2.T1", by_year(red_list_index=series), "index", 4))
    assert said(narrative.facts(report), "red_list") == f"Red List Index: {expected} (SO4-2.T1)."


def test_sums_and_counts():
    # provided 1 + 2 = 3 in two of three years; received is not known
    money = by_year(provided=[1.0, NAN, 2.0], received=[NAN, NAN, NAN])
    plans = pd.DataFrame({"objective": ["a", "b"], "need_usd": [5.0, 1000.0]})
    # four targets, one of which the team removes
    targets = pd.DataFrame({"target_text": list("wxyz"), "change": ["", "", "added", "removed"]})
    report = report_of(
        table("SO5-1.T2", money, "usd", 0, form="SO5-1"),
        table("SO5-5.T1", plans, "usd", 0, text=("objective",)),
        table("SO1-VT.T1", targets, text=("target_text", "change")),
    )
    found = narrative.facts(report)
    assert said(found, "international_provided") == (
        "Bilateral and multilateral public resources, 2015, 2023, Provided: "
        "3 US dollars (SO5-1.T2)."
    )
    assert "international_received" not in set(found["fact"])
    assert "support: 2; stated needs together: 1,005 US dollars" in said(found, "needs")
    assert said(found, "targets") == "Voluntary targets in the register: 3 (SO1-VT.T1)."


def test_nothing_is_said_without_figures():
    assert narrative.facts(report_of()).empty
    empty = by_year(degraded_area=[NAN] * 3, degraded_share=[NAN] * 3)
    other = pd.DataFrame({"other": [1.0]})
    text = by_year(red_list_index=["a", "b", "c"])
    report = report_of(table("SO1-4.T2", empty), table("SO4-3.T1", other), table("SO4-2.T1", text))
    assert narrative.facts(report).empty
    assert narrative.facts(report_of(table("SO1-VT.T1", other.iloc[:0]))).empty


def test_printed_figures_are_used_and_the_table_has_its_name_on_the_platform():
    exact = by_year(degraded_area=[1.0, 1.0, 1.006], degraded_share=[1.0, 1.0, 1.0])
    printed = exact.assign(degraded_area=[1.0, 1.0, 1.02])
    made = Table("SO1-4.T2", "", "", "km2;percent", 2, "", exact, printed=printed)
    report = Report(make_country(), {made.id: made}, area="affected")
    text = said(narrative.facts(report), "degraded_land")
    assert "1.02 km²" in text and "(AA-SO1-4.T2)" in text


def test_figures_belong_to_known_places_and_columns():
    known = narrative.questions()
    homes = set(known["form"] + "." + known["section"])
    defined = tables.prais_tables().set_index("id")["columns"].str.split(";")
    kinds = {"reporting": "period", "total": "sex", "female": "sex", "male": "sex"}
    picks = {"last", "ends", "highest", "same", "sum", "count", "degraded", "improved"}
    for row in tables.read("narrative_facts").to_dict("records"):
        assert set(row["places"].split(";")) <= homes, row["fact"]
        for cell in row["cells"].split(";"):
            pick, _, column = cell.partition("|")
            kind, _, rest = column.partition(".")
            known_columns = {column, f"{kinds.get(kind, kind)}:{rest}"}
            assert known_columns & set(defined[row["table"]]), f"{row['fact']}: {column}"
            assert pick in picks
        fields = set(re.findall(r"{(\w+)}", tables.label(row["label_key"])))
        letters = "abcd"[: row["cells"].count(";") + 1]
        allowed = {"table", "form", "period", "years", *letters}
        allowed |= {f"{what}_{letter}" for what in ("row", "column") for letter in letters}
        assert {"table", *letters} <= fields <= allowed


# ---- documents -----------------------------------------------------------------------------------


@pytest.fixture
def answers(write):
    text = """
    SO1-IF:
      policies:
        policies_land:
          answer: yes
          details: |
            Land act.
            Second line.

            New paragraph.
        support_to_others: no
      comments: {comments: The end.}
    """
    return narrative.read_answers(write(text))


FACTS = pd.DataFrame(
    [("SO1-IF", "policies", "any", "SO1-4.T2", "2023: 1 km² (SO1-4.T2).")],
    columns=["form", "section", "fact", "table", "text"],
)
QUESTION = tables.label("form.IF.policies_land")


def indicator(path=""):
    row = dict.fromkeys(REGISTER[0], "") | {"name": "Dust", "objective": "SO1", "link": "doi:1"}
    return pd.DataFrame([row | {"direction": "increase", "image": str(path)}])


def test_markdown(answers):
    text = narrative.markdown(
        answers, FACTS, additional=indicator("a b.png"), country=make_country()
    )
    assert text.startswith("# Implementation framework – Landia, 2026\n\n**Synthetic data.")
    part = text.partition("### Policies and enabling environment\n\n")[2].partition("\n\n###")[0]
    assert part == (
        f"**{QUESTION}**\n\n**Yes**\n\nLand act.  \nSecond line.\n\nNew paragraph.\n\n"
        f"**{tables.label('form.IF.support_to_others')}**\n\n**No**\n\n"
        "*Figures from the tables of the report*\n\n- 2023: 1 km² (SO1-4.T2)."
    )
    assert "### Comments\n\nThe end.\n" in text
    assert text.count("*Not answered.*") == len(answers) - 3
    end = text.partition("## Additional national indicators\n\n")[2]
    assert end.startswith("### Dust\n\n![Dust](<a b.png>)\n\n- Strategic objective: SO1\n")
    assert "- Direction of change: Increase\n- Source link, identifier or DOI: doi:1\n" in end


def test_only_landia_is_called_fictional(answers):
    other = make_country(synthetic=False, name=lambda language="en": "Kenya")
    assert "fictional" not in narrative.markdown(answers, country=other)
    assert "Kenya, 2026" in narrative.markdown(answers, country=other)
    assert "fictional" not in narrative.markdown(answers)


def test_kept_answers_come_back_without_loss(answers):
    """Results are kept as CSV, where an empty cell is no text."""
    kept = pd.read_csv(io.StringIO(answers.to_csv(index=False)))
    assert narrative.markdown(kept) == narrative.markdown(answers)


def test_arabic_markdown_runs_from_right_to_left(answers):
    text = narrative.markdown(answers, language="ar")
    assert text.startswith('<div dir="rtl">\n\n# ') and text.endswith("\n\n</div>\n")
    assert tables.label("yes", "ar") in text


def styles(document):
    return [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_document_in_every_language(answers, tmp_path, language):
    path = narrative.write_docx(
        answers, FACTS, tmp_path / "new" / "n.docx", country=make_country(), language=language
    )
    found = styles(docx.Document(path))
    page = docx.Document(path).sections[0]
    assert (round(page.page_width.cm, 1), round(page.page_height.cm, 1)) == (21.0, 29.7)
    assert found[0] == ("Title", f"{tables.label('form.IF', language)} – Landia, 2026")
    assert found[1] == ("Normal", tables.label("notice.synthetic", language))
    assert [text for style, text in found if style == "Heading 1"] == [
        f"SO{n}-IF – {tables.label(f'prais.SO{n}-IF.T1', language)}" for n in range(1, 6)
    ]
    sections = narrative.questions().drop_duplicates(["form", "section"])["section_key"]
    headings = [text for style, text in found if style == "Heading 2"]
    assert headings == [tables.label(key, language) for key in sections]
    after = found.index(("Normal", tables.label("form.IF.policies_land", language)))
    assert [text for _, text in found[after + 1 : after + 5]] == [
        tables.label("yes", language),
        *("Land act.", "Second line.", "New paragraph."),
    ]
    assert ("List Bullet", "2023: 1 km² (SO1-4.T2).") in found
    assert [entry.name for entry in path.parent.iterdir()] == ["n.docx"]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_only_arabic_runs_from_right_to_left(answers, tmp_path, language):
    path = narrative.write_docx(answers, None, tmp_path / "n.docx", language=language)
    document = docx.Document(path)
    right = language == "ar"
    paragraphs = document.paragraphs
    assert all((p._p.pPr.find(docx.oxml.ns.qn("w:bidi")) is not None) == right for p in paragraphs)
    assert all(bool(run.font.rtl) == right for p in paragraphs for run in p.runs)
    section = document.sections[0]._sectPr
    assert (section.find(docx.oxml.ns.qn("w:bidi")) is not None) == right


def test_the_elements_of_a_right_to_left_paragraph_are_in_the_order_of_the_schema(
    answers, tmp_path
):
    path = narrative.write_docx(answers, FACTS, tmp_path / "n.docx", language="ar")
    order = ["pStyle", "keepNext", "bidi", "spacing", "jc", "rPr"]
    for paragraph in docx.Document(path).paragraphs:
        names = [child.tag.rpartition("}")[2] for child in paragraph._p.pPr]
        assert set(names) <= set(order)
        assert names == sorted(names, key=order.index)


def test_indicators_have_their_image_in_the_document(answers, tmp_path):
    image(tmp_path / "dust.png", (40, 20))
    path = narrative.write_docx(
        answers, None, tmp_path / "n.docx", additional=indicator(tmp_path / "dust.png")
    )
    (picture,) = docx.Document(path).inline_shapes
    assert round(picture.width.cm) == 15 and picture.height * 2 == picture.width
    assert picture._inline.docPr.get("descr") == "Dust"
    (tmp_path / "dust.png").unlink()
    with pytest.raises(FileNotFoundError, match="image of Dust .* put it back"):
        narrative.write_docx(answers, None, path, additional=indicator(tmp_path / "dust.png"))
    assert zipfile.is_zipfile(path), "the earlier document stays whole"


def test_a_document_that_is_open_elsewhere_is_left_as_it_is(answers, tmp_path, monkeypatch):
    path = tmp_path / "n.docx"
    path.write_text("open in another program", encoding="utf-8")

    def refuse(self, target):
        raise PermissionError("in use")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError, match="close it in other programs"):
        narrative.write_docx(answers, None, path)
    assert path.read_text(encoding="utf-8") == "open in another program"
    assert [entry.name for entry in tmp_path.glob("*") if "narrative" in entry.name] == []
