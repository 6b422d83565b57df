"""Default, national and previous figures side by side: differences and explanations by hand.

this report        land  water  all       default            land  water  all
2015                80     20   100       2015               88     22   110
2023                75     25   100       2023               88     22   110
"""

import csv
import math

import pandas as pd
import pytest
from written_reports import LAND, degraded, hand_made_report, processes, profile

from ldnkit import prais
from ldnkit.findings import InputError
from ldnkit.labels import LANGUAGES, label
from ldnkit.periods import Cycle
from ldnkit.prais import comparison
from ldnkit.prais.comparison import compare, page, read, template

NATIONAL = LAND | {"source": "national", "title": "Map of Landia"}


@pytest.fixture(autouse=True)
def as_printed(monkeypatch):
    """The figures of these reports are printed by hand already."""
    monkeypatch.setattr("ldnkit.prais.printed.print_report", lambda report: None)


def national(**fields):
    """The report of the team, from a national map."""
    return hand_made_report(
        profile(sources=[NATIONAL], **fields), degraded(sources=[NATIONAL], **fields)
    )


def default(**fields):
    """The default estimate: a boundary that is 10 % larger."""
    return hand_made_report(
        profile((88.0, 88.0), (22.0, 22.0), **fields), degraded((8.8, 15.0), (88.0, 88.0))
    )


def row(frame, table, row, column):
    chosen = (frame["table"] == table) & (frame["row"] == row) & (frame["column"] == column)
    (found,) = frame[chosen].to_dict("records")
    return found


def sheet(path, *lines, header="table,row,column,unit,value,source,year,note"):
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8-sig")
    return path


def problems(path, report=None):
    with pytest.raises(InputError) as raised:
        read(path, report)
    return [(finding.where, finding.found) for finding in raised.value.findings]


def test_three_figures_side_by_side_by_hand():
    previous = hand_made_report(degraded((10.0,), (80.0,), ("2015",)), cycle=Cycle(2022))
    frame = compare(national(), default=default(), previous=previous)
    found = row(frame, "SO1-4.T2", "2015", "degraded_area")
    assert [found[name] for name in ("default", "national", "previous")] == [8.8, 8.0, 10.0]
    assert found["difference_national_default"] == pytest.approx(-0.8)
    assert found["percent_national_default"] == pytest.approx(-100 / 11)
    assert found["difference_to_previous"] == -2.0 and found["percent_to_previous"] == -20.0
    later = row(frame, "SO1-4.T2", "2023", "degraded_area")
    assert math.isnan(later["previous"]) and later["difference_national_default"] == 0
    assert later["explanation"] == ""
    assert frame["table"].tolist() == ["CP-1.T1"] * 6 + ["SO1-4.T2"] * 4


def test_a_larger_country_explains_a_part_of_the_difference():
    frame = compare(national(), default=default())
    said = row(frame, "SO1-4.T2", "2015", "degraded_area")["explanation"]
    # land 80 instead of 88 km²: −9.09 %, and 8.8 × (80 / 88 − 1) = −0.80 km², all of it
    assert "Total land area differs by -9.09 %, which alone explains -0.80 km²" in said
    assert said.startswith("Against the default: boundary: ")
    # SO1-1 speaks of the whole country, and total land itself has no total
    assert "boundary" not in row(frame, "CP-1.T1", "2015", "total_land_area")["explanation"]
    # shares do not depend on the size of the country
    share = row(
        compare(
            national(),
            default=hand_made_report(
                profile((88.0, 88.0), (22.0, 22.0)), degraded((9.0, 15.0), (88.0, 88.0))
            ),
        ),
        "SO1-4.T2",
        "2015",
        "degraded_share",
    )
    assert share["unit"] == "percent" and "boundary" not in share["explanation"]


def test_years_sources_methods_and_parameters_are_named():
    ours = national(used={"2023": 2022})
    theirs = hand_made_report(
        profile(),
        degraded((8.0, 14.0)),
        method="trends.earth",
        parameters={"soil_threshold": 15, "drought_scale": 1},
    )
    ours.country.parameters = {"soil_threshold": 10, "drought_scale": 12}
    frame = compare(ours, default=theirs)
    said = row(frame, "SO1-4.T2", "2023", "degraded_area")["explanation"]
    assert said == (
        "Against the default: year: 2022 against 2023 for 2023; method: manual against "
        "trends.earth; parameter soil_threshold: 10 against 15; source of Land cover: national "
        "data (Map of Landia) against default data (Global land cover)."
    )  # the drought scale does not decide degraded land
    assert row(frame, "SO1-4.T2", "2015", "degraded_area")["explanation"] == ""


def test_the_period_of_a_table_without_years_in_its_cells():
    def matrix(period, value):
        from written_reports import hand_made_table

        frame = pd.DataFrame({"declining": [value]}, pd.Index(["tree"], name="land_cover"))
        return hand_made_report(hand_made_table("SO1-2.T2", frame, period=period))

    frame = compare(
        matrix("2016–2023 (2022 used)", 5.0), default=None, previous=matrix("2016–2019", 4.0)
    )
    (found,) = frame.to_dict("records")
    assert found["default"] == 5.0 and math.isnan(found["national"])  # default data alone
    assert found["difference_to_previous"] == 1.0
    assert found["explanation"] == (
        "Against the previous submission: period: 2016–2023 against 2016–2019."
    )


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (100, "the ratio of 100 suggests hectares instead of km² there"),
        (0.01, "the ratio of 0.01 suggests hectares instead of km² here"),
        (90, None),
    ],
)
def test_a_slip_of_the_unit_is_suspected(ratio, said):
    theirs = hand_made_report(degraded((8.0 * ratio, 15.0), (80.0, 75.0)))
    frame = compare(national(), default=theirs)
    text = row(frame, "SO1-4.T2", "2015", "degraded_area")["explanation"]
    assert (said in text) if said else ("unit" not in text)


def test_what_cannot_be_explained_is_said():
    ours, theirs = hand_made_report(degraded()), hand_made_report(degraded((7.0, 15.0)))
    frame = compare(ours, national=ours, default=theirs)
    assert row(frame, "SO1-4.T2", "2015", "degraded_area")["explanation"] == (
        "Against the default: nothing that the two reports say about themselves."
    )


def test_the_template_has_every_figure_and_no_value(tmp_path):
    report = hand_made_report(
        profile(used={"2023": 2022}), degraded(), processes(("a", "b", "c", 1.0))
    )
    path = template(report, tmp_path / "new" / "platform.csv")
    assert path.read_bytes()[:3] == b"\xef\xbb\xbf"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    # CP-1.T1: 2 years × 3 figures; SO1-4.T2: 2 × 2; the list of processes has no named rows
    assert len(rows) == 10 and {cells["table"] for cells in rows} == {"CP-1.T1", "SO1-4.T2"}
    assert rows[3] == {
        **{"table": "CP-1.T1", "row": "2023", "column": "total_land_area", "unit": "km2"},
        **{"label": "2023 (2022 used): Total land area"},
        **dict.fromkeys(("value", "source", "year", "note"), ""),
    }
    assert read(path, report).empty  # cells left open are fine
    with pytest.raises(FileExistsError, match="never written over"):
        template(report, path)


def test_a_filled_sheet_is_read_and_compared(tmp_path):
    path = sheet(
        tmp_path / "platform.csv",
        "SO1-4.T2,2023,degraded_area,km2,16.5,PRAIS 4,2022,pre-filled",
        "SO1-4.T2,2015,degraded_area,km2,,,,",
    )
    report = national()
    frame = read(path, report)
    assert frame[["row", "value", "source", "year", "note"]].to_numpy().tolist() == [
        ["2023", 16.5, "PRAIS 4", "2022", "pre-filled"]
    ]
    report.country.platform = path
    (found,) = compare(report).to_dict("records")
    assert found["difference_national_default"] == -1.5
    assert found["explanation"] == (
        "Against the default: year: 2023 against 2022 for 2023; "
        "source: Map of Landia against PRAIS 4."
    )
    assert compare(report, default=frame).equals(compare(report))


def test_every_mistake_of_a_sheet_at_once(tmp_path):
    path = sheet(
        tmp_path / "platform.csv",
        "SO1-4.T9,2023,degraded_area,km2,1,,,",
        "SO1-4.T2,2022,degraded_area,km2,1,,,",
        "SO1-4.T2,2023,degraded_aera,km2,1,,,",
        'SO1-4.T2,2023,degraded_area,km2,"1,5",,,',
        "SO1-4.T2,2023,degraded_area,km2,many,,,",
        "SO1-4.T2,2023,degraded_share,ha,1 200,,22,",
        "SO1-4.T2,2015,confidence,,1,,,",
    )
    report = national()
    assert problems(path, report) == [
        ("platform.csv line 2", "the table 'SO1-4.T9'"),
        ("platform.csv line 3", "the row '2022'"),
        ("platform.csv line 4", "the column 'degraded_aera'"),
        ("platform.csv line 5, column value", "'1,5'"),
        ("platform.csv line 6", "SO1-4.T2, 2023, degraded_area a second time (first in line 5)"),
        ("platform.csv line 6, column value", "'many'"),
        ("platform.csv line 7", "the unit 'ha'"),
        ("platform.csv line 7", "the year '22'"),
        ("platform.csv line 7, column value", "'1 200'"),
        ("platform.csv line 8", "the column 'confidence'"),
    ]
    with pytest.raises(InputError, match="(?s)Did you mean degraded_area.*decimal point") as raised:
        read(path, report)
    assert "without blanks" in str(raised.value)
    with pytest.raises(InputError, match="found columns table, value; expected a column row"):
        read(sheet(path, "SO1-4.T2,1", header="table,value"))
    assert [where for where, _ in problems(sheet(path, "SO1-9.T1,a,b,,1,,,"))] == [
        "platform.csv line 2"
    ]


def test_a_table_that_is_not_there_yet_only_waits(tmp_path):
    path = sheet(tmp_path / "p.csv", "SO3-1.T1,2015,mild.area,km2,1,,,")
    frame = read(path, national())
    assert len(frame) == 1
    (found,) = frame.attrs["findings"]
    assert found.severity == "info" and found.found == "the table SO3-1.T1"
    assert compare(national(), default=path).empty


def test_the_page_has_the_largest_differences_first(tmp_path):
    report = national()
    frame = compare(report, default=default())
    paths = page(frame, tmp_path / "out")
    text = paths["html"].read_text(encoding="utf-8")
    assert text.index("CP-1.T1") < text.index("SO1-4.T2")
    # CP-1.T1: water of 2023 +13.6 %, land of 2023 −14.8 %
    first = text.index("-14.77 %")
    assert first < text.index("+13.64 %") < text.index("-9.09 %")
    assert "Cells that agree: 1" in text and "Landia is fictional" in text
    assert pd.read_csv(paths["csv"]).shape == frame.shape
    assert paths["csv"].read_bytes()[:3] == b"\xef\xbb\xbf"
    for language in LANGUAGES:
        text = page(compare(report, default=default(), language=language), tmp_path, language)[
            "html"
        ].read_text(encoding="utf-8")
        assert f'lang="{language}"' in text and label("compare.title", language) in text
        assert "compare." not in text and "<script" not in text


def test_nothing_to_compare(tmp_path):
    frame = compare(national())
    assert frame.empty
    text = page(frame, tmp_path)["html"].read_text(encoding="utf-8")
    assert "There is nothing to compare" in text


def test_prais_has_the_name():
    assert prais.compare is compare and comparison.explain
