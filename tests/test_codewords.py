"""Words in code: what readers see is found and replaced, and nothing else in the code changes."""

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldnkit.prose import catalogues, codewords, faults

#: A cell, and the texts in it that readers see.
CELLS = [
    ('print("It is dry.")', ["It is dry."]),
    ("print(f'{area:,.1f} km² of land')", ["{area:,.1f} km² of land"]),
    ('print("It ends.\\n")', ["It ends."]),
    ('print("losses of land, ", end="")', ["losses of land,"]),
    ('print(f"\\n{name}: people")', ["{name}: people"]),
    ('hints = {"a": "Look again.", "total land": "Not this."}', ["Look again.", "Not this."]),
    ('hints["b"] = "Read the legend."', ["Read the legend."]),
    ('hints = dict.fromkeys("bc", "Only one is right.")', ["Only one is right."]),
    ('check("05-2", answer, expected=1, hint="Look at the map.")', ["Look at the map."]),
    ('maps.figure(layer, title=f"Land of {year}")', ["Land of {year}"]),
    ('print("yes it is" if found == "total land" else "no it is not")',
     ["yes it is", "no it is not"]),
    ('table = "There is no filled sheet yet."', ["There is no filled sheet yet."]),
    # what code reads stays as it is
    ('name = "Tree-covered areas of the land"', []),
    ('row = table.loc["total land"]', []),
    ('print(table["total land"])', []),
    ("print(f\"{table['total land']}\")", []),
    ('print(table.query("area of land > 1"))', []),
    ('names = ["total land", "water bodies"]', []),
    ('print("drought_index", "land_cover")', []),
    ('print([table.loc[name] for name in ["Total land", "Total water"]])', []),
    ("print(f\"By {form(title='a long text')} of it\")", ["By {form(title='a long text')} of it"]),
    ('said = frame.replace("total land", "x y z")', []),
    ('print("two " "parts of text")', []),
    ("%matplotlib inline", []),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CELLS)
def test_what_readers_see(code, expected):
    assert list(codewords.texts(code)) == expected


@pytest.mark.parametrize(("code", "expected"), [each for each in CELLS if each[1]])
def test_other_words_leave_the_rest_alone(code, expected):
    made = codewords.rebuild(code, lambda text: "Ça « va » " + text)
    for text in expected:
        code = code.replace(text, "Ça « va » " + text, 1)
    assert made == code


@given(st.text(alphabet="ab \"'\\{}\n”’é", max_size=12))
def test_no_words_can_break_the_code(words):
    for code in ('print("It is dry.")', "print(f'{a:.1f} km of land')"):
        made = codewords.rebuild(code, lambda text: words)
        before, after = ast.dump(ast.parse(code)), ast.dump(ast.parse(made))
        if after != before:  # other words, but still one call of print with one text
            (call,) = [node for node in ast.walk(ast.parse(made)) if isinstance(node, ast.Call)]
            assert call.func.id == "print" and len(call.args) == 1


def test_computed_parts_stay():
    code = "print(f'{a:,.1f} km² of {b}')"
    assert (
        codewords.rebuild(code, lambda text: "{b} : {a:,.1f} km²") == "print(f'{b} : {a:,.1f} km²')"
    )
    for wrong in ("{a} km² de {b}", "{b} : {a:,.1f} km² {", "{b} : {a:,.1f} } km²"):
        assert codewords.rebuild(code, lambda text, wrong=wrong: wrong) == code
    assert codewords.fields("{{no}} {x['a b']:>{width}} {y}") == ["{x['a b']:>{width}}", "{y}"]
    assert faults("{a:,.1f} km² of land", "{a} km² de terre")
    assert not faults("{a:,.1f} km² of land", "terre : {a:,.1f} km²")


def test_every_notebook_reads_the_same_with_its_own_words():
    many = 0
    for page in catalogues.pages():
        if page.startswith("notebooks/"):
            for cell in json.loads(catalogues.source(page).read_text(encoding="utf-8"))["cells"]:
                code = "".join(cell["source"])
                if cell["cell_type"] == "code":
                    assert codewords.rebuild(code, lambda text: text) == code
                    assert codewords.rebuild(code, lambda text: None) == code
                    found = codewords.pieces(code)
                    assert [code[one.start : one.end] for one in found] == [
                        one.text for one in found
                    ]
                    many += len(list(codewords.texts(code)))
    assert many > 300
