"""A room's progress files merged, and a problem told without names and paths."""

from pathlib import Path

import pandas as pd
import pytest

from ldnkit import classroom, helpdesk

HEAD = "time,exercise,result,answer\n"


@pytest.fixture
def room(tmp_path):
    #        05-1            05-2           00-1
    # Ann    wrong 7, right  open           right
    # Bo     wrong 7         –              right
    # Chi    wrong 9         wrong a        –
    sheets = {
        "Ann": "t1,05-1,wrong,7\nt2,05-1,right,8\nt3,05-2,open,\nt0,00-1,right,b\n"
        "t0,00-0,prediction,x\n",
        "Bo": "t1,05-1,wrong,7\nt0,00-1,right,b\nt1,05-1,wrong,7\n",
        "Chi": "t1,05-1,wrong,9\nt2,05-2,wrong,a\nnonsense\n",
    }
    for name, text in sheets.items():
        (tmp_path / f"{name}.csv").write_text(HEAD + text, encoding="utf-8")
    return classroom.merge(tmp_path)


def test_merged(room):
    assert len(room) == 9  # Bo's line that is there twice counts once
    assert room.attrs["damaged"] == {"Chi.csv": 1}
    assert set(room["learner"]) == {"Ann", "Bo", "Chi"}


def test_where_people_are_stuck(room):
    found = classroom.stuck(room).set_index("exercise")
    assert found.index.tolist() == ["05-2", "05-1", "00-1"]
    assert found.loc["05-1"].tolist() == [3, 1, 1 / 3, 1, "7 (2); 9 (1)"]
    assert found.loc["05-2", ["learners", "done", "tries"]].tolist() == [2, 0, 1]
    assert found.loc["00-1", "share"] == 1


def test_how_far_the_room_is(room):
    assert classroom.reached(room).values.tolist() == [["00", 2, 2], ["05", 3, 0]]


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "ar", "zh"])
def test_one_sentence(room, language):
    said = classroom.sentence(room, language=language)
    assert "3" in said and "05-2" in said
    done = room[room["exercise"] == "00-1"]
    assert "2" in classroom.sentence(done, language=language)


def test_before_and_after():
    rows = [
        ("Ann", "t", "before-1", "wrong", "a"),
        ("Ann", "t", "before-1", "right", "b"),  # a second try does not count
        ("Ann", "t", "after-1", "right", "b"),
        ("Bo", "t", "before-1", "right", "b"),
        ("Bo", "t", "after-1", "right", "b"),
        ("Chi", "t", "before-1", "right", "b"),  # never answered the second sheet
    ]
    found = classroom.before_after(pd.DataFrame(rows, columns=classroom.COLUMNS))
    assert found.values.tolist() == [[1, 2, 0.5, 1.0, 0.5]]


def test_exported_without_names(room, tmp_path):
    text = classroom.export(room, tmp_path / "room.csv").read_text(encoding="utf-8-sig")
    assert "Ann" not in text and "learner 1" in text
    kept = classroom.export(room, tmp_path / "named.csv", names=True)
    assert "Ann" in kept.read_text(encoding="utf-8-sig")


def test_an_empty_room_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="collect the files"):
        classroom.merge(tmp_path)


# ---------------------------------------------------------------------------- helpdesk


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/amina/KEN/country.yml not found", "…/country.yml not found"),
        (r"C:\Users\Amina\KEN\soil.tif: no CRS", "…/soil.tif: no CRS"),
        ("write to amina.k@ministry.go.ke", "write to …"),
        ("https://a.org/x.tif?sig=abc123&se=1", "https://a.org/x.tif?…"),
        ("https://user:pw@a.org/x", "https://a.org/x"),
        ("token=abc123 refused", "token=… refused"),
        ("3.5 km² of 7 / 8 cells", "3.5 km² of 7 / 8 cells"),
        ("SO1-4.T2, degraded/stable", "SO1-4.T2, degraded/stable"),
    ],
)
def test_what_is_taken_out(text, told):
    assert helpdesk.clean(text) == told


def test_a_report_names_versions_and_hides_the_home_folder():
    message = FileNotFoundError(f"no file {Path.home() / 'secret' / 'soil.tif'}")
    text = helpdesk.report_problem(
        message,
        notebook="04_soil_organic_carbon",
        cell="step-2",
        parameters={"country": str(Path.home() / "KEN" / "country.yml"), "language": "en"},
    )
    assert str(Path.home()) not in text and "secret" not in text
    for part in ("ldnkit", "numpy", "04_soil_organic_carbon", "step-2", "country.yml", "soil.tif"):
        assert part in text


def test_a_long_message_keeps_its_end():
    text = helpdesk.report_problem("x" * 5000 + " the end")
    assert text.endswith("the end") and len(text) < 3000
