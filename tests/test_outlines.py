"""Overview outlines, codes and names."""

import re

import pytest

from ldnkit import boundaries, outlines


def test_every_packaged_outline_is_valid_and_in_degrees():
    table = outlines.countries()
    packaged = table.index[table["outline"] != ""]
    assert len(packaged) == 237
    for iso3 in packaged:
        frame = outlines.outline(iso3)
        west, south, east, north = frame.total_bounds
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.is_valid.all() and not frame.geometry.is_empty.any(), iso3
        assert -180 <= west < east <= 180 and -90 <= south < north <= 90, iso3


@pytest.mark.parametrize(
    ("iso3", "square_kilometres"),
    # land areas from national statistics, rounded; an overview outline is within some percent
    [("KEN", 582_000), ("FJI", 18_300), ("RUS", 17_000_000), ("MDG", 587_000), ("TTO", 5_130)],
)
def test_areas_are_plausible(iso3, square_kilometres):
    area = outlines.outline(iso3).to_crs(6933).area.iloc[0] / 1e6
    assert area == pytest.approx(square_kilometres, rel=0.06)


def test_small_island_states_keep_their_islands():
    # 1:50m knows one island of Tuvalu and two of the Maldives
    assert len(outlines.outline("TUV").explode()) >= 8
    assert len(outlines.outline("MDV").explode()) >= 100


def test_fiji_crosses_180_and_becomes_narrow():
    stored = outlines.outline("FJI").geometry.iloc[0]
    assert stored.bounds[0] == -180 and stored.bounds[2] == 180
    west, _, east, _ = boundaries.across_180(stored).bounds
    # Ceva-i-Ra reef lies near 174.6° E, the Lau islands reach 178.2° W = 181.8° E
    assert 174 < west < 175 and 181 < east < 182


@pytest.mark.parametrize("iso3", ["KEN", "GBR", "BRA"])
def test_other_countries_stay_where_they_are(iso3):
    stored = outlines.outline(iso3).geometry.iloc[0]
    assert boundaries.across_180(stored).bounds == stored.bounds


def test_source_and_disclaimer_travel_with_the_outline():
    frame = outlines.outline("KEN")
    assert frame["source"].iloc[0] == "Natural Earth 1:50 million, public domain"
    assert "not an official boundary" in frame.attrs["disclaimer"]
    assert "United Nations" in frame.attrs["disclaimer"]


def test_names_exist_in_six_languages_for_every_code():
    for iso3 in outlines.countries().index:
        names = outlines.names(iso3)
        assert list(names) == ["en", "fr", "es", "ru", "ar", "zh"]
        assert all(name and name != iso3 for name in names.values()), iso3
    assert outlines.names("DEU")["fr"] == "Allemagne"
    assert re.fullmatch(r"[؀-ۿ ]+", outlines.names("EGY")["ar"])


def test_codes_are_unique_and_well_formed():
    table = outlines.countries()
    assert table.index.is_unique and table.index.str.fullmatch("[A-Z]{3}").all()
    assert table["iso2"].is_unique and table["iso2"].str.fullmatch("[A-Z]{2}").all()
    assert table["m49"].is_unique and table["m49"].str.fullmatch("[0-9]{3}").all()
    # the two letters of Namibia are no missing value
    assert table.loc["NAM", "iso2"] == "NA"


@pytest.mark.parametrize(
    ("given", "suggested"),
    [
        ("KNE", "KEN (Kenya)"),
        ("KE", "KEN (Kenya)"),
        ("Kenya", "KEN"),
        ("BFS", "BFA (Burkina Faso)"),
    ],
)
def test_unknown_code_names_close_ones(given, suggested):
    with pytest.raises(ValueError, match="did you mean") as error:
        outlines.check_iso3(given)
    assert suggested in str(error.value)


def test_territory_without_outline_says_what_to_do():
    with pytest.raises(ValueError, match=r"No outline.*Réunion.*your own boundary file"):
        outlines.outline("REU")
