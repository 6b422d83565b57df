"""country.yml: the sections behind SO2, SO4, SO5, IF and AI; every mistake with its line."""

import copy
import re
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ldnkit.country_file import (
    SERIES,
    AdditionalIndicators,
    Finance,
    KeyBiodiversityAreas,
    Metadata,
    Narrative,
    Species,
    Statistic,
    Targets,
    VectorFile,
    check,
    country_text,
)
from ldnkit.country_file.mappings import directions, support
from ldnkit.country_file.patterns import from_folder

# A developed country Party: layers that are left out are remarks (info) only.
HEAD = """\
schema: 1
iso3: KEN
party: developed
boundary: {file: boundary.gpkg}
population: null
"""
FIRST = HEAD.count("\n") + 1  # line of the section under test
ANNEX = "{title: Title, link: https://example.org, author: Office, citation: Office 2026}"
METADATA = f"metadata: {ANNEX}"
SECTIONS = (
    "statistics",
    "species",
    "key_biodiversity_areas",
    "targets",
    "finance",
    "narrative",
    "additional_indicators",
)


@pytest.fixture
def folder(tmp_path):
    """Every file that the good sections name; reading country.yml opens none of them."""
    names = "boundary.gpkg poverty.csv gini.json water.xlsx red_list.csv protected.csv "
    names += "assessments.csv sites.gpkg protected.gpkg register.xlsx targets.gpkg actions.csv "
    names += "previous.csv anticipated.csv activities.xlsx crs.csv rates.csv needs.csv "
    names += "answers.yml indicators.csv"
    for name in names.split():
        (tmp_path / name).touch()
    return tmp_path.resolve()


def read(section, folder, head=HEAD):
    """The fields, and the problems that are not mere remarks, of a file with this section."""
    fields, findings = check(head + section, folder)
    return fields, [finding for finding in findings if finding.severity != "info"]


def lines(name, *rows):
    """A section of these rows."""
    return f"{name}:\n" + "".join(f"  {row}\n" for row in rows)


# ---- what is read ------------------------------------------------------------------------------


def test_nothing_is_read_where_there_is_no_section(folder):
    fields, problems = read("", folder)
    assert problems == [] and fields["statistics"] == {}
    assert {name: fields[name] for name in SECTIONS[1:]} == dict.fromkeys(SECTIONS[1:])


def test_a_series_as_it_comes(folder):
    fields, problems = read(lines("statistics", "poverty: {file: poverty.csv}"), folder)
    assert problems == [] and list(fields["statistics"]) == ["poverty"]
    found = fields["statistics"]["poverty"]
    assert isinstance(found, Statistic) and found.file == folder / "poverty.csv"
    assert vars(found) == vars(Statistic(folder / "poverty.csv"))
    assert (found.format, found.source, found.columns) == ("auto", "default", {})
    assert found.sheet is found.header is found.unit is found.area is found.release is None


def test_a_table_of_the_statistical_office(folder):
    row = (
        "water: {file: water.xlsx, format: Table, sheet: 2023, header: 5, unit: fraction, "
        "columns: {year: Year, value: 'Share ', location: 3, lower: , upper: }, area: ken, "
        f"release: 2026-09-15, source: national, {METADATA}}}"
    )
    fields, problems = read(lines("statistics", row), folder)
    assert problems == []
    assert vars(fields["statistics"]["water"]) == {
        "file": folder / "water.xlsx",
        "format": "table",
        "sheet": "2023",
        "header": 5,
        "columns": {"year": "Year", "value": "Share", "location": "3"},
        "unit": "fraction",
        "area": "KEN",
        "release": date(2026, 9, 15),
        "source": "national",
        "metadata": Metadata("Title", "https://example.org", "Office", "Office 2026"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-15", date(2026, 9, 15)),
        ("'2026-09-15'", date(2026, 9, 15)),
        ("2026-09-15 10:30:00", date(2026, 9, 15)),
    ],
)
def test_the_day_of_a_release(folder, text, expected):
    row = f"gini: {{file: gini.json, release: {text}}}"
    fields, problems = read(lines("statistics", row), folder)
    assert problems == [] and fields["statistics"]["gini"].release == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("404", "404"), ("4", "4"), ("050", "050"), ("'050'", "050"), ("KEN", "KEN"), ("no", None)],
)
def test_a_code_of_an_area_stays_as_it_is_written(folder, text, expected):
    """050 is Bangladesh; YAML alone would read an octal number, 40, which is Austria."""
    row = f"gini: {{file: gini.json, area: {text}}}"
    fields, problems = read(lines("statistics", row), folder)
    assert fields["statistics"]["gini"].area == expected
    assert len(problems) == (expected is None)  # YAML reads no as false


def test_all_series_are_there_in_their_order(folder):
    rows = [f"{name}: {{file: poverty.csv}}" for name in reversed(SERIES)]
    fields, problems = read(lines("statistics", *rows), folder)
    assert problems == [] and tuple(fields["statistics"]) == SERIES


def test_species_and_their_source(folder):
    fields, problems = read(lines("species", "assessments: assessments.csv", METADATA), folder)
    found = fields["species"]
    assert problems == [] and isinstance(found, Species) and found.source == "national"
    assert found.assessments == folder / "assessments.csv" and found.metadata.author == "Office"
    rows = ("assessments: assessments.csv", "source: default")
    fields, problems = read(lines("species", *rows), folder)
    assert problems == [] and fields["species"].source == "default"


SITES = "sites: {file: sites.gpkg, layer: s, key: site}"
PROTECTED = "protected: {file: protected.gpkg, key: name, year: STATUS_YR}"


def test_key_biodiversity_areas(folder):
    section = lines("key_biodiversity_areas", SITES, PROTECTED, METADATA)
    fields, problems = read(section, folder)
    found = fields["key_biodiversity_areas"]
    assert problems == [] and isinstance(found, KeyBiodiversityAreas)
    assert found.sites == VectorFile(folder / "sites.gpkg", "s") and found.sites_key == "site"
    assert found.protected == VectorFile(folder / "protected.gpkg")
    assert (found.protected_key, found.protected_year) == ("name", "STATUS_YR")
    assert found.source == "national"


def test_two_layers_of_one_file_may_hold_sites_and_protected_areas(folder):
    rows = (SITES, "protected: {file: sites.gpkg, layer: p, year: y}", "source: default")
    fields, problems = read(lines("key_biodiversity_areas", *rows), folder)
    assert problems == [] and fields["key_biodiversity_areas"].protected_key == ""


def test_targets(folder):
    fields, problems = read(lines("targets", "register: register.xlsx"), folder)
    assert problems == [] and isinstance(fields["targets"], Targets)
    assert vars(fields["targets"]) == vars(Targets(folder / "register.xlsx"))
    rows = (
        "register: register.xlsx",
        "polygons: {file: targets.gpkg, layer: t, key: target}",
        "actions: actions.csv",
        "previous: previous.csv",
        "scenario: anticipated.csv",
        "source: national",
        METADATA,
    )
    fields, problems = read(lines("targets", *rows), folder)
    found = fields["targets"]
    assert problems == []
    assert found.polygons == VectorFile(folder / "targets.gpkg", "t")
    assert found.polygons_key == "target" and found.actions == folder / "actions.csv"
    assert found.previous == folder / "previous.csv" and found.source == "national"
    assert found.scenario == folder / "anticipated.csv" and found.metadata.title == "Title"


def test_finance(folder):
    rows = (
        "activities: activities.xlsx",
        "creditor_reporting_system: crs.csv",
        "exchange_rates: rates.csv",
        "weighting: {principal: 1, significant: 0.4}",
        "default_sheet: Corrected",
        "trends:",
        "  SO5-1: {provided: Unknown, received: increasing}",
        "  SO5-2: {spending: stable, funding: }",
        "  SO5-3:",
        "  SO5-4: {domestic: declining}",
        "needs: needs.csv",
    )
    fields, problems = read(lines("finance", *rows), folder)
    assert problems == [] and isinstance(fields["finance"], Finance)
    assert vars(fields["finance"]) == {
        "activities": folder / "activities.xlsx",
        "creditor_reporting_system": folder / "crs.csv",
        "exchange_rates": folder / "rates.csv",
        "weighting": {"principal": 1.0, "significant": 0.4},
        "default_sheet": "corrected",
        "trends": {
            "SO5-1": {"provided": "unknown", "received": "increasing"},
            "SO5-2": {"spending": "stable"},
            "SO5-4": {"domestic": "declining"},
        },
        "needs": folder / "needs.csv",
        "source": "default",
        "metadata": Metadata(),
    }


@pytest.mark.parametrize(
    "row",
    [
        "default_sheet: rejected",
        "trends: {SO5-1: {received: stable}}",
        "needs: needs.csv",
        "weighting: {principal: 0, significant: 0}\n  activities: activities.xlsx",
        "weighting: {principal: 1, significant: 1}\n  creditor_reporting_system: crs.csv",
    ],
)
def test_any_part_of_finance_is_enough(folder, row):
    """The limits of the weights, 0 and 1, are allowed themselves."""
    found = [f for f in check(HEAD + lines("finance", row), folder)[1] if "finance" in f.where]
    assert found == []


def test_the_words_of_finance_come_from_its_table():
    assert support() == ("principal", "significant")
    assert directions() == {
        "SO5-1": ["provided", "received"],
        "SO5-2": ["spending", "funding"],
        "SO5-3": ["provided", "received", "domestic"],
        "SO5-4": ["provided", "received", "domestic"],
    }


def test_narrative_and_additional_indicators(folder):
    text = lines("narrative", "answers: answers.yml")
    text += lines("additional_indicators", "register: indicators.csv")
    fields, problems = read(text, folder)
    assert problems == []
    assert isinstance(fields["narrative"], Narrative)
    assert fields["narrative"].answers == folder / "answers.yml"
    assert isinstance(fields["additional_indicators"], AdditionalIndicators)
    assert fields["additional_indicators"].register == folder / "indicators.csv"


def test_a_path_of_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert from_folder(tmp_path, "~/a.csv") == tmp_path / "home" / "a.csv"
    assert from_folder(tmp_path, "a~.csv") == tmp_path / "a~.csv"
    assert from_folder(tmp_path, "~no one/a.csv") == tmp_path / "~no one" / "a.csv"


# ---- mistakes ----------------------------------------------------------------------------------


def series(text):
    return (f"poverty: {{file: poverty.csv, {text}}}",)


POLYGONS = "{file: targets.gpkg, key: target}"
KBA = "key_biodiversity_areas"
SHEET = "default_sheet: confirmed"
# section, its rows, row with the finding (0 is the name of the section), key, found, remedy
MISTAKES = [
    (
        "statistics",
        ("povrty: {file: poverty.csv}",),
        1,
        "povrty",
        "unknown",
        "Did you mean poverty?",
    ),
    ("statistics", ("poverty: poverty.csv",), 1, "poverty", "'poverty.csv'", "{file: statistics/"),
    ("statistics", ("poverty: [poverty.csv]",), 1, "poverty", "a list of 1", "{file: statistics/"),
    ("statistics", ("gini: {}",), 1, "gini.file", "nothing", "Write file: statistics/gini.csv"),
    ("statistics", ("gini: {file: gini.csv}",), 1, "gini.file", "no file", "gini.json?"),
    ("statistics", ("gini: {file: ''}",), 1, "gini.file", "the folder", "Add the file name"),
    ("statistics", series("fromat: sdg"), 1, "poverty.fromat", "unknown", "Did you mean format?"),
    ("statistics", series("format: excel"), 1, "poverty.format", "'excel'", "sdg, world_bank"),
    ("statistics", series("unit: percents"), 1, "poverty.unit", "'percents'", "mean percent?"),
    ("statistics", series("unit: 100"), 1, "poverty.unit", "100", "percent, fraction, index"),
    ("statistics", series("header: 0"), 1, "poverty.header", "0", "number of the row"),
    ("statistics", series("header: 1.5"), 1, "poverty.header", "1.5", "number of the row"),
    ("statistics", series("header: .nan"), 1, "poverty.header", "nan", "number of the row"),
    ("statistics", series("header: .inf"), 1, "poverty.header", "inf", "number of the row"),
    ("statistics", series("header: first"), 1, "poverty.header", "'first'", "header: 5"),
    ("statistics", series("sheet: Data"), 1, "poverty.sheet", "beside poverty.csv", "Delete"),
    ("statistics", series("sheet: [Data]"), 1, "poverty.sheet", "a list of 1", "sheet: Data"),
    ("statistics", series("area: Kenya"), 1, "poverty.area", "'Kenya'", "404 or area: KEN"),
    ("statistics", series("area: 4040"), 1, "poverty.area", "4040", "404 or area: KEN"),
    ("statistics", series("area: -4"), 1, "poverty.area", "-4", "404 or area: KEN"),
    ("statistics", series("release: 2026"), 1, "poverty.release", "2026", "release: 2026-09-15"),
    ("statistics", series("release: 15/09/2026"), 1, "poverty.release", "'15/09", "2026-09-15"),
    ("statistics", series("release: 2026-02-30"), 1, "poverty.release", "'2026-02-30'", "month"),
    ("statistics", series("release: 20260915"), 1, "poverty.release", "20260915", "2026-09-15"),
    ("statistics", series("release: [1]"), 1, "poverty.release", "a list of 1", "2026-09-15"),
    ("statistics", series("columns: Year"), 1, "poverty.columns", "'Year'", "{year: Year"),
    ("statistics", series("columns: {}"), 1, "poverty.columns", "keys (none)", "{year: Year"),
    (
        "statistics",
        series("columns: {years: Year}"),
        1,
        "poverty.columns.years",
        "unknown key 'years'",
        "Did you mean year?",
    ),
    (
        "statistics",
        series("columns: {value: [1]}"),
        1,
        "poverty.columns.value",
        "a list of 1",
        "above the column",
    ),
    ("statistics", series("columns: {year: ' '}"), 1, "poverty.columns.year", "' '", "above"),
    (
        "statistics",
        series("columns: {lower: Bound, upper: Bound}"),
        1,
        "poverty.columns.upper",
        "the column 'Bound' twice",
        "Correct one",
    ),
    ("statistics", series("source: official"), 1, "poverty.source", "'official'", "default, nat"),
    ("species", ("source: default",), 0, "assessments", "nothing", "species/assessments.csv"),
    ("species", ("assessments: none/x.dat", METADATA), 1, "assessments", "no file", "Put the file"),
    (
        "species",
        ("assessments: assessments.csv", METADATA, "sorce: x"),
        3,
        "sorce",
        "unk",
        "source?",
    ),
    (KBA, (SITES, METADATA), 0, "protected", "nothing", "Add the section protected:"),
    (KBA, (PROTECTED, METADATA), 0, "sites", "nothing", "Add the section sites:"),
    (
        KBA,
        ("sites: {file: sites.gpkg}", PROTECTED, METADATA),
        1,
        "sites.key",
        "nothing",
        "key: site",
    ),
    (
        KBA,
        (SITES, "protected: {file: protected.gpkg}", METADATA),
        2,
        "protected.year",
        "nothing",
        "year: designation_year",
    ),
    (
        KBA,
        (SITES, "protected: {file: sites.gpkg, layer: s, year: y}", METADATA),
        2,
        "protected.file",
        "sites.gpkg for the sites and for the protected areas",
        "write the layers",
    ),
    ("targets", ("actions: actions.csv",), 0, "register", "nothing", "targets/targets.csv"),
    (
        "targets",
        ("register: register.xlsx", "polygons: {file: targets.gpkg}"),
        2,
        "polygons.key",
        "nothing",
        "Write key: target",
    ),
    (
        "targets",
        ("register: register.xlsx", "polygons: targets.gpkg"),
        2,
        "polygons",
        "'targets.gpkg'",
        "Correct it",
    ),
    (
        "targets",
        ("register: register.xlsx", f"polygons: {POLYGONS}", "actions: action.csv"),
        3,
        "actions",
        "no file action.csv",
        "actions.csv?",
    ),
    (
        "targets",
        ("register: register.xlsx", "previous: none/x.dat"),
        2,
        "previous",
        "no file",
        "Put the file",
    ),
    (
        "targets",
        ("register: register.xlsx", "scenario: none/x.dat"),
        2,
        "scenario",
        "no file",
        "Put the file",
    ),
    ("finance", ("source: default",), 0, "activities", "nothing", "finance: null"),
    ("finance", ("exchange_rates: rates.csv",), 0, "activities", "nothing", "finance/activities"),
    ("finance", (SHEET, "exchange_rates: rate.csv"), 2, "exchange_rates", "no file", "rates.csv?"),
    ("finance", ("default_sheet: confirm",), 1, "default_sheet", "'confirm'", "mean confirmed?"),
    ("finance", (SHEET, "weighting: 1"), 2, "weighting", "1", "principal: 1.0"),
    (
        "finance",
        (SHEET, "weighting: {principal: 1.01, significant: 0}"),
        2,
        "weighting.principal",
        "1.01",
        "decimal point",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: 1, significant: -0.1}"),
        2,
        "weighting.significant",
        "-0.1",
        "decimal point",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: .nan, significant: 1}"),
        2,
        "weighting.principal",
        "nan",
        "decimal point",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: true, significant: 1}"),
        2,
        "weighting.principal",
        "true",
        "decimal point",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: 1, significant: '0,4'}"),
        2,
        "weighting.significant",
        "'0,4'",
        "decimal point",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: 1}"),
        2,
        "weighting.significant",
        "nothing",
        "that your team has decided",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: 1, significant: 1, other: 0}"),
        2,
        "weighting.other",
        "unknown key 'other'",
        "principal, significant",
    ),
    (
        "finance",
        (SHEET, "weighting: {principal: 0.4, significant: 1}"),
        2,
        "weighting.significant",
        "significant (1) above principal",
        "Exchange",
    ),
    ("finance", ("trends: rising",), 1, "trends", "'rising'", "SO5-1: {"),
    ("finance", ("trends: {SO5-5: {provided: stable}}",), 1, "trends.SO5-5", "'SO5-5'", "SO5-4"),
    ("finance", ("trends: {so5-1: {}}",), 1, "trends.so5-1", "'so5-1'", "Write SO5-1."),
    (
        "finance",
        ("trends: {SO5-2: stable}",),
        1,
        "trends.SO5-2",
        "'stable'",
        "Write SO5-2: {spending: unknown, funding: unknown}.",
    ),
    (
        "finance",
        ("trends: {SO5-1: {provided: increase}}",),
        1,
        "trends.SO5-1.provided",
        "'increase'",
        "Did you mean increasing?",
    ),
    (
        "finance",
        ("trends: {SO5-1: {provided: [stable]}}",),
        1,
        "trends.SO5-1.provided",
        "a list of 1",
        "stable",
    ),
    (
        "finance",
        ("trends: {SO5-1: {domestic: stable}}",),
        1,
        "trends.SO5-1.domestic",
        "the direction 'domestic'",
        "provided, received",
    ),
    ("narrative", ("answer: answers.yml",), 1, "answer", "unknown key", "Did you mean answers?"),
    ("narrative", ("answers: answer.yml",), 1, "answers", "no file", "Did you mean answers.yml?"),
    ("additional_indicators", ("register: none/x.dat",), 1, "register", "no file", "Put the file"),
    ("additional_indicators", ("register: 1",), 1, "register", "1", "additional/indicators.csv"),
]


@pytest.mark.parametrize(
    ("section", "rows", "row", "key", "found", "remedy"),
    MISTAKES,
    ids=[f"{number}-{each[0]}.{each[3]}" for number, each in enumerate(MISTAKES)],
)
def test_each_mistake_has_its_line_and_remedy(folder, section, rows, row, key, found, remedy):
    findings = read(lines(section, *rows), folder)[1]
    where = f"country.yml line {FIRST + row}: {section}.{key}"
    matching = [finding for finding in findings if finding.where == where]
    assert matching, [str(finding) for finding in findings]
    assert found in matching[0].found and remedy in matching[0].remedy, str(matching[0])
    assert matching[0].expected, "a finding says what was expected"
    # a section without its only file has nothing else to say
    others = [finding for finding in findings if finding not in matching]
    allowed = {f"{section}.answers"} if key == "answer" else set()
    assert {finding.where.split(": ")[1] for finding in others} == allowed


NATIONAL = [
    ("statistics.water", lines("statistics", "water: {file: water.xlsx, source: national}"), 1),
    ("species", lines("species", "assessments: assessments.csv"), 0),
    (KBA, lines(KBA, SITES, PROTECTED), 0),
    ("targets", lines("targets", "register: register.xlsx", "source: national"), 0),
    ("finance", lines("finance", SHEET, "source: national"), 0),
]


@pytest.mark.parametrize(("section", "text", "row"), NATIONAL)
def test_national_data_need_all_four_fields(folder, section, text, row):
    problems = read(text, folder)[1]
    assert [(finding.severity, finding.where) for finding in problems] == [
        ("error", f"country.yml line {FIRST + row}: {section}.metadata.{part}")
        for part in ("title", "link", "author", "citation")
    ]


def test_a_field_of_the_metadata_that_is_there_has_its_own_line(folder):
    text = (
        "statistics:\n  water:\n    file: water.xlsx\n    source: national\n    metadata:\n"
        "      title: Water\n      link: ''\n      author: Office\n      citation: Office 2026\n"
    )
    problems = read(text, folder)[1]
    assert [finding.where for finding in problems] == [
        f"country.yml line {FIRST + 6}: statistics.water.metadata.link"
    ]


def test_all_problems_of_all_sections_at_once(folder):
    text = (
        "statistics:\n"
        "  povrty: {file: poverty.csv}\n"
        "  gini:\n"
        "    file: nowhere.csv\n"
        "    unit: euros\n"
        "    release: September 2026\n"
        "  water: {file: water.xlsx, source: national}\n"
        "species: {source: default}\n"
        "key_biodiversity_areas:\n"
        "  source: default\n"
        "  sites: {file: nowhere.gpkg, key: site}\n"
        "  protected: {file: protected.gpkg, year: year}\n"
        "targets:\n"
        "  register: nowhere.csv\n"
        "  polygons: {file: targets.gpkg}\n"
        "finance:\n"
        "  weighting: {principal: 2}\n"
        "  default_sheet: accepted\n"
        "  trends:\n"
        "    SO5-1: {provided: growing}\n"
        "    SO5-9: {provided: stable}\n"
        "narrative: answers.yml\n"
        "additional_indicators: {}\n"
    )
    errors = [finding for finding in read(text, folder)[1] if finding.severity == "error"]
    found = [finding.where.removeprefix("country.yml line ") for finding in errors]
    assert found == [
        f"{FIRST + line}: {key}"
        for line, key in [
            (1, "statistics.povrty"),
            (3, "statistics.gini.file"),
            (4, "statistics.gini.unit"),
            (5, "statistics.gini.release"),
            (6, "statistics.water.metadata.title"),
            (6, "statistics.water.metadata.link"),
            (6, "statistics.water.metadata.author"),
            (6, "statistics.water.metadata.citation"),
            (7, "species.assessments"),
            (10, "key_biodiversity_areas.sites.file"),
            (13, "targets.register"),
            (14, "targets.polygons.key"),
            (16, "finance.weighting.principal"),
            (16, "finance.weighting.significant"),
            (17, "finance.default_sheet"),
            (19, "finance.trends.SO5-1.provided"),
            (20, "finance.trends.SO5-9"),
            (21, "narrative"),
            (22, "additional_indicators.register"),
        ]
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_another_shape_is_told_and_not_followed(folder, section):
    fields, problems = read(f"{section}: somewhere\n", folder)
    assert not fields[section]
    assert [finding.where for finding in problems] == [f"country.yml line {FIRST}: {section}"]


# ---- required forms without data ---------------------------------------------------------------

ALL = "SO2-1, SO2-2 and SO4-2 need it"
LEFT_OUT = [
    # party, text, key → what is said; where a section or series is null, this is meant
    ("affected", "", {"statistics": ALL, "finance": "SO5-1 and SO5-2 need it"}),
    ("developed", "", {"finance": "SO5-1 and SO5-2 need it"}),
    ("affected", "statistics: null\nfinance: null\n", {}),
    ("developed", "finance: null\n", {}),
    ("affected", "finance: null\nspecies: {assessments: assessments.csv, source: default}\n",
     {"statistics": "SO2-1 and SO2-2 need it"}),
    ("affected", "finance: null\nspecies: null\n", {"statistics": ALL}),
    ("affected", "finance: null\nstatistics: {}\n", {
        "statistics.poverty": "poverty or gini (SO2-1 needs it)",
        "statistics.water": "water (SO2-2 needs it)",
        "statistics.red_list": "red_list (SO4-2 needs it)",
    }),
    ("affected", "finance: null\nstatistics: {gini: {file: gini.json}, red_list: null}\n",
     {"statistics.water": "water (SO2-2 needs it)"}),
    ("developed", "finance: null\nstatistics: {gini: {file: gini.json}}\n", {}),
    ("affected", f"finance: {{{SHEET}}}\nstatistics: null\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(("party", "text", "expected"), LEFT_OUT)
def test_required_forms_without_data_are_a_remark(folder, party, text, expected):
    head = HEAD.replace("developed", party)
    found = {
        finding.where.split(": ")[1]: finding
        for finding in check(head + text, folder)[1]
        if re.search(r": (statistics|finance|species)", finding.where)
    }
    assert {finding.severity for finding in found.values()} <= {"info"}
    assert list(found) == list(expected)
    for key, wanted in expected.items():
        assert found[key].found == "nothing" and wanted in found[key].expected
        assert f"{key.split('.')[-1]}: null" in found[key].remedy


@pytest.mark.parametrize(
    "row", ["activities: activities.xlsx", "creditor_reporting_system: crs.csv"]
)
def test_amounts_without_weights_are_a_remark(folder, row):
    fields, findings = check(HEAD + lines("finance", row), folder)
    (found,) = [finding for finding in findings if "finance" in finding.where]
    assert found.where == f"country.yml line {FIRST}: finance.weighting"
    assert found.severity == "info" and "principal: 1.0, significant: 1.0" in found.remedy
    assert fields["finance"].weighting == {}


# ---- round trip, and whatever else -------------------------------------------------------------


def test_the_sections_round_trip(folder):
    values = yaml.safe_load(HEAD) | {
        "statistics": {
            "poverty": {
                "file": "poverty.csv",
                "columns": {"year": "Year, as it is", "value": "%"},
                "area": "050",
                "release": date(2026, 9, 15),
            },
        },
        "key_biodiversity_areas": {
            "sites": {"file": "sites.gpkg", "key": "site"},
            "protected": {"file": "protected.gpkg", "year": "STATUS_YR"},
            "source": "default",
        },
        "finance": {
            "weighting": {"principal": 1.0, "significant": 0.5},
            "trends": {"SO5-1": {"provided": "stable"}},
        },
        "narrative": {"answers": "answers.yml"},
    }
    del values["population"]
    text = country_text(values)
    assert yaml.safe_load(text) == values
    fields, findings = check(text, folder)
    assert {finding.severity for finding in findings} == {"info", "warning"}
    assert fields["statistics"]["poverty"].area == "050"
    assert fields["statistics"]["poverty"].columns["year"] == "Year, as it is"
    assert fields["statistics"]["poverty"].release == date(2026, 9, 15)


def test_an_unknown_key_of_a_series_cannot_be_written():
    with pytest.raises(ValueError, match=r"found statistics\[\]\.fiel; use one of file, format"):
        country_text({"statistics": {"gini": {"fiel": "gini.csv"}}})


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 3000)
    | st.floats()
    | st.dates()
    | st.datetimes()
    | st.sampled_from(["stable", "SO5-1", "050", "2026-13-01", "~", "/", "~\x08", "a.xlsx"])
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["principal", "significant", "SO5-1", "provided", "year", "value"])
            | st.integers(0, 3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
KEYS = (
    "file format sheet header columns unit area release source metadata assessments sites "
    "protected register polygons actions previous scenario activities creditor_reporting_system "
    "weighting exchange_rates default_sheet trends needs answers poverty"
).split()


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, values)))
def test_no_section_whatever_makes_the_check_crash(content):
    tree = {"iso3": "KEN"} | {section: copy.deepcopy(content) for section in SECTIONS}
    tree["statistics"] = {"poverty": copy.deepcopy(content), "gini": content.get("poverty")}
    text = yaml.safe_dump(tree, allow_unicode=True)
    findings = check(text, ".")[1]
    assert findings and all(re.match(r"country.yml line \d+", each.where) for each in findings)
