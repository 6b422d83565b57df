"""Every message reaches the reader in his language, and nothing that he must type is changed."""

from __future__ import annotations

import importlib.util
import inspect
import re
import warnings

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ldnkit
from ldnkit import findings, messages, prais, tables
from ldnkit.findings import Finding, InputError
from ldnkit.labels import LANGUAGES, label

#: Languages in which every message has to be there.
COMPLETE = LANGUAGES[1:]
FIELD = messages.FIELD


@pytest.fixture(scope="module")
def tool(house):
    path = house / "tests" / "tools" / "build_messages.py"
    spec = importlib.util.spec_from_file_location("build_messages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(tool):
    return tool.read()


def holes(text: str) -> list[str]:
    return sorted(match[1] for match in FIELD.finditer(text) if match[1])


# ------------------------------------------------------------------------------- the table
def test_every_message_of_the_code_is_in_the_table(tool, rows):
    now = tool.templates()
    missing, gone = sorted(now.keys() - rows.keys()), sorted(rows.keys() - now.keys())
    assert not missing, f"run tests/tools/build_messages.py and translate: {missing[:5]}"
    assert not gone, f"run tests/tools/build_messages.py: {gone[:5]}"


def test_the_table_says_that_nobody_has_reviewed_it(rows):
    assert {row["reviewed"] for row in rows.values()} <= {"yes", "no"}
    assert all(row["source"] for row in rows.values())


@pytest.mark.parametrize("language", COMPLETE)
def test_every_message_has_a_translation(rows, language):
    empty = [text for text, row in rows.items() if not row[language].strip()]
    assert not empty, f"{len(empty)} messages without {language}: {empty[:5]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_is_inserted_and_have_no_other_braces(rows, language):
    wrong = [
        (text, row[language])
        for text, row in rows.items()
        if row[language]
        and (
            holes(row[language]) != holes(text)
            or re.search(r"[{}]", FIELD.sub("", row[language]))
            or row[language] != row[language].strip()
        )
    ]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize("language", COMPLETE)
def test_what_stands_in_double_braces_stays(rows, language):
    for text, row in rows.items():
        if not row[language]:
            continue
        assert re.findall(r"\{\{\w+\}\}", text) == re.findall(r"\{\{\w+\}\}", row[language]), text


@pytest.mark.parametrize("language", COMPLETE)
def test_keys_and_commands_stay_as_they_are_typed(rows, language):
    """Keys of files, commands, ids of tables: an officer types or looks for them.

    Units stay in Latin letters where the language has no signs of its own for them.
    """
    units = r"|km²|\bUSD\b" if language in ("fr", "es") else ""
    typed = re.compile(
        r"python workbook\.py \w+|country\.yml|[a-z]+_[a-z_0-9]+|gdalwarp|cdo \w+|https?"
        r"|SO\d-\w+(?:\.T\d)?|CP-1\.T\d|EPSG:\d+|\b[a-z]+: null|--outputs|\.venv|\.prj" + units,
        re.ASCII,
    )
    for text, row in rows.items():
        if not row[language]:  # told by another test
            continue
        # "SO5-1 to 3" may become a list of all three
        assert set(typed.findall(text)) <= set(typed.findall(row[language])), text


#: Labels with the English of a term in another sense: a share in capital, a trend of values.
OTHER_SENSE = {"finance.equity", "trend.improved"}


def test_labels_follow_the_published_vocabulary(shared_data):
    """The same English term has the translation that the United Nations publish."""
    path = shared_data.parent / "spec" / "terms.csv"
    if not path.is_file():
        pytest.skip("the list of terms in six languages is not beside the test data")
    terms = pd.read_csv(path, dtype=str, keep_default_na=False).drop_duplicates("en")
    terms = terms.set_index("en").rename(columns={"zh_CN": "zh"})
    labels = tables.read("labels")
    same = labels[labels["en"].isin(terms.index) & ~labels["key"].isin(OTHER_SENSE)]
    assert len(same) > 50
    wrong = [
        (row["key"], language, row[language], terms.at[row["en"], language])
        for row in same.to_dict("records")
        for language in LANGUAGES[1:]
        if plain(row[language]) != plain(terms.at[row["en"], language])
    ]
    assert not wrong, wrong[:5]


def plain(text: str) -> str:
    return text.strip().replace("'", "’")


# -------------------------------------------------------------------------- reading code
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('say("no map at all")', {"no map at all"}),
        ('say(f"no map of {year}; see {other:,.1f} km²")', {"no map of {0}; see {1} km²"}),
        # both numbers of a noun are two messages
        ('say(f"{n} problem{chr(115) if n else 0}")', {"{0} problem{1}"}),
        ("say(f\"{n} row{'s' if n > 1 else ''} left\")", {"{0} rows left", "{0} row left"}),
        ("say(f\"{n} row{'s' * (n > 1)} left\")", {"{0} rows left", "{0} row left"}),
        ('say("a word " + ("here" if x else f"of {y}"))', {"a word here", "a word of {0}"}),
        ('t = f"found {x}"\nif y:\n    t += f" and {z}"', {"found {0}", "found {0} and {1}"}),
        ('say("from {first} to {last} always".format(first=1))', {"from {0} to {1} always"}),
        ('say("a pattern with {year} in it")', {"a pattern with {{year}} in it"}),
        ('Finding("error", "here", "nothing", "text")', {"nothing", "text"}),
        # what nobody reads
        ('"""A text about the module."""', set()),
        ('raise ValueError("Unknown fit: found one.")', set()),
        ('re.compile(r"one of (.+)")', set()),
        ('row["a key of it"] == "another text here"', set()),
    ],
)
def test_templates_are_read_from_code(tool, code, expected):
    import ast

    found = set()
    for parts, alone in tool._Reader(told=False).texts(ast.parse(code)):
        text = tool.template(parts)
        if tool._is_message(text, parts, alone):
            found.add(text.strip())
    assert found == expected


def test_the_table_keeps_translations_and_drops_what_is_gone(tool):
    blank = dict.fromkeys(tool.COLUMNS, "")
    known = {
        "old": blank | {"en": "old", "fr": "ancien", "reviewed": "yes"},
        "kept text": blank | {"en": "kept text", "fr": "texte", "reviewed": "yes"},
    }
    rows = tool.updated(known, {"kept text": {"a", "b"}, "new text": {"c"}})
    assert [row["en"] for row in rows] == ["kept text", "new text"]
    assert rows[0]["fr"] == "texte" and rows[0]["source"] == "a b"
    assert rows[1]["fr"] == "" and rows[1]["reviewed"] == "no"


# ---------------------------------------------------------------------------- translating
def test_a_message_with_what_is_inserted():
    said = messages.translate("no map of 2003, 2004; 2005 stands for them", "fr")
    assert said == "pas de carte pour 2003, 2004 ; 2005 les remplace"


def test_what_is_inserted_is_translated_when_it_is_a_message_or_a_label():
    text = "no data for more than 5 % of the land in 2012 (7 %)"
    assert messages.translate(text, "es") == "sin datos para más del 5 % de la tierra en 2012 (7 %)"
    said = messages.translate(
        "Cropland: anticipated losses exceed anticipated gains by 1.5 km².", "fr"
    )
    assert said.startswith("Terres cultivées : les pertes prévues")


@pytest.mark.parametrize(
    "text",
    ["Kenya", "Republic of Somewhere", "land_cover_2000.tif", "", "12.5", "'Vulnerabel'", "total"],
)
def test_what_is_no_message_stays(text):
    assert all(messages.translate(text, language) == text for language in LANGUAGES)


def test_words_that_an_officer_must_write_stay():
    remedy = messages.translate("Use one of total, female, male.", "fr")
    assert remedy == "Utilisez l’une de ces valeurs : total, female, male."
    assert messages.translate("counts or density", "es") == "counts o density"
    assert "report_1" in messages.translate("Did you mean report_1?", "es")


def test_sentences_lines_lists_and_remarks_after_a_text():
    two = "Check the path. Start from the template of notebook 15."
    assert messages.translate(two, "fr") == "Vérifiez le chemin. Partez du modèle du cahier 15."
    assert messages.translate("no rows\nno layer to take the grid from", "es").count("\n") == 1
    assert (
        messages.translate("features without geometry: a, b", "fr")
        == "objets sans géométrie : a, b"
    )
    assert messages.translate("No code is close to it.", "es") == "Ningún código se le parece."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # lists whose items are messages with numbers in them
        (
            "principal 5.9 million, significant 5 million",
            "principal 5.9 millions, significant 5 millions",
        ),
        (
            "cm (× 10, which gives 720 mm a year), or inches (× 25, which gives 9 mm a year)",
            "cm (× 10, soit 720 mm par an) ou inches (× 25, soit 9 mm par an)",
        ),
        # a label with a file, not a message that begins with the same word
        ("climate zones (zones.tif)", "zones climatiques (zones.tif)"),
        # keys to type stay, the word between them does not
        ("climate or factor", "climate ou factor"),
        (
            "Delete it, or name it one of year, value.",
            "Supprimez-la ou donnez-lui l’un de ces noms : year, value.",
        ),
        ("Write files: land_cover_{year}.tif.", "Écrivez files: land_cover_{year}.tif."),
        # what is no message stays as a whole: half a translation helps nobody
        ("A parser met a value, and left.", "A parser met a value, and left."),
        ("a message: The value is not valid", "un message : The value is not valid"),
    ],
)
def test_texts_that_are_put_together(text, expected):
    assert messages.translate(text, "fr") == expected


def test_english_and_unknown_languages():
    assert messages.translate("no rows", "en") == "no rows"
    with pytest.raises(KeyError, match="Unknown language"):
        messages.translate("no rows", "de")


@given(st.text(max_size=60))
def test_any_text_can_be_given(text):
    assert isinstance(messages.translate(text, "fr"), str)
    assert isinstance(messages.place(text, "es"), str)


@given(st.integers(1900, 2100), st.floats(0, 100).map(lambda share: f"{share:.1f}"))
def test_numbers_are_never_changed(year, share):
    said = messages.translate(f"no data on {share} % of the land", "fr")
    assert re.findall(r"[\d.]+", said) == [share]
    assert str(year) in messages.translate(f"no map of {year}", "es")


def test_places_of_tables_files_and_layers():
    assert messages.place("SO1-4.T2, 2023, confidence", "fr") == (
        "SO1-4.T2, 2023, Niveau de confiance"
    )
    assert messages.place("factors.csv row 3, column value", "es") == (
        "factors.csv fila 3, columna value"
    )
    assert messages.place("country.yml line 12: land_cover.nesting", "fr") == (
        "country.yml ligne 12: land_cover.nesting"
    )
    assert messages.place("population 2015, female", "fr").startswith("population 2015, ")
    assert not messages.place("population 2015, female", "fr").endswith("female")


# -------------------------------------------------------------------------------- findings
FOUND = Finding("warning", "boundary", "no file", "a polygon file", "Check the path.", "01", "r")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_in_every_language(language):
    said = FOUND.in_language(language)
    assert (said.severity, said.notebook, said.rule) == ("warning", "01", "r")
    sentence = FOUND.sentence(language)
    assert label("finding.warning", language) in sentence
    assert "01" in sentence and "{" not in sentence
    if language == "en":
        assert said is FOUND and sentence == str(FOUND)
    else:
        assert sentence != str(FOUND)


def test_an_input_error_in_another_language():
    error = InputError([FOUND, FOUND])
    lines = error.in_language("fr").splitlines()
    assert lines[0] == "2 problèmes à corriger avant que le travail puisse commencer :"
    assert lines[1].startswith("  1. Avertissement, ")
    assert error.in_language("en") == str(error)


# ---------------------------------------------------------- what really is said to officers
#: Texts that are the same in every language: cells as they stand in a file, numbers and units,
#: keys of files, answers of other programs.
SAME = re.compile(
    r"'.*'( and '.*')?|[\d\s.,;:()–+%-]*|[\d.,]+ (USD|km²|%)|[\w./-]+( or [\w./-]+)*|"
    r"[A-Z\d_]+|.*(not recognized as being|No such file or directory|isoformat).*|"
    r"[\w.-]+(, [\w.-]+)*|(columns|the folder) ?|GBF 2|[a-z]+: \S+|"
    r"SPI or SPEI or national|up or down or ↑ or ↓|-, 0 or \+",
    re.DOTALL,
)


#: What is quoted, in brackets, or the name of a place in Landia.
NAMES = re.compile(r"'[^']*'|\([^)]*\)|Sacred Groves of the Valley")
#: Words that no French or Spanish sentence has.
ENGLISH = re.compile(r"\b(the|and|with|have|has|are|were|which|from|rows|that|this|of|for|or|to)\b")


def unknown(texts) -> list[str]:
    """Texts for which there is no message."""
    found = {text for text in texts if text}
    return sorted(
        text for text in found if not SAME.fullmatch(text) and not messages.is_known(text)
    )


def texts_of(found) -> list[str]:
    return [getattr(one, part) for one in found for part in ("found", "expected", "remedy")]


def test_every_text_of_the_report_of_landia_is_a_message(landia, landia_results):
    report = prais.build(landia, landia_results)
    found = [*report.findings, *prais.check(report), *landia.findings]
    found += [one for result in landia_results.values() for one in result.findings]
    assert unknown(texts_of(found)) == []
    notes = [note for table in report.tables.values() for note in table.notes]
    own = [note for note in notes if re.match(r"Target \S+: |.*→", note)]  # the team's own words
    assert len(notes) > 100 and len(own) < 20
    assert unknown(set(notes) - set(own)) == []
    assert unknown(report.left_out.values()) == []
    for text in [*texts_of(found), *(set(notes) - set(own))]:
        for language in COMPLETE:
            said = re.sub(NAMES, "", messages.translate(text, language))
            assert not ENGLISH.findall(said), (text, said)


@pytest.mark.slow
def test_every_text_about_bad_input_is_a_message(tmp_path, monkeypatch):
    """The bad inputs of ``test_bad_inputs.py`` once more; this time their words count."""
    import test_bad_inputs as cases

    made = []
    before = Finding.__post_init__

    def noted(self):
        before(self)
        made.append(self)

    monkeypatch.setattr(findings.Finding, "__post_init__", noted)
    tests = [
        test
        for name, test in vars(cases).items()
        if name.startswith("test_") and list(inspect.signature(test).parameters) == ["tmp_path"]
    ]
    assert len(tests) > 10
    for number, test in enumerate(tests):
        (tmp_path / str(number)).mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            test(tmp_path / str(number))
    assert len(made) > 20
    assert unknown(texts_of(made)) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        "iso3: KEN\n\tcycle: 2026",
        "iso3: KNE\ncycle: 2027\nparty: rich\nboundary: {file: none.gpkg}",
        "iso3: 5\nname: {de: Kenia}\nland_cover: [1]\npopulation: {female: a.tif}",
        "drought: {precipitation: rain.tif, index: x}\nsoil: {tier: 4}\ngrid: {from: moon}",
        "targets: {register: a.csv}\nfinance: {}\nstatistics: {water: {file: a.csv, columns: 3}}",
        "regions: [{name: North}, {name: North}]\nperiods: {report_9: {trend: [2010]}}",
        "cycle: {a: b",
    ],
)
def test_every_text_about_a_country_file_is_a_message(tmp_path, spoilt):
    from ldnkit.country_file.sections import check

    found = check(spoilt, tmp_path)[1]
    assert found
    assert unknown(texts_of(found)) == []
    for one in found:
        assert one.sentence("fr") != str(one)


def test_the_package_says_nothing_when_it_is_imported_without_the_table():
    """``import ldnkit`` does not read the messages: they are read when somebody asks."""
    import subprocess
    import sys

    code = "import sys, ldnkit; sys.exit('ldnkit.messages' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert ldnkit.__version__
