"""What the training country has for the tables of SO2, SO4, SO5, targets and narrative.

Landia is fictional and every number is synthetic. Values are compared with what was planted, and
with figures counted here in another way; the project's own readers only say that files are sound.
"""

import csv
import json
import math
import warnings

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
import yaml
from PIL import Image
from pyproj import Geod

from ldnkit import biodiversity, finance, narrative, tables
from ldnkit.country import Country
from ldnkit.country_file import SERIES
from ldnkit.sources import (
    landia_finance,
    landia_nature,
    landia_series,
    landia_targets,
    sample,
)
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_stories import STORIES, YEARS
from ldnkit.sources.statistics import reader
from ldnkit.targets.carried import carry_over
from ldnkit.targets.files import examine
from ldnkit.targets.scenario import counterbalance, examine_scenario

NEW = ("statistics", "species", "kba", "targets", "finance", "narrative", "additional")
GEODESIC = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The lesson country, made once."""
    return sample.make(tmp_path_factory.mktemp("made") / "landia")


@pytest.fixture(scope="module")
def countries(folder, tmp_path_factory):
    """Plain and verified."""
    outputs = tmp_path_factory.mktemp("outputs")
    names = {"plain": "country.yml", "verified": "country_verified.yml"}
    return {key: Country.read(folder / name, outputs=outputs) for key, name in names.items()}


@pytest.fixture(scope="module")
def activities(folder):
    """Clean and raw activities as the project reads them, without amounts in US dollars."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("activities", "activities_raw"):
            found[name] = finance.read_activities(folder / f"finance/{name}.csv")
    return found


def table(folder, name, **options):
    return pd.read_csv(folder / name, **options)


def told(findings, severity="error"):
    return [str(finding) for finding in findings if finding.severity == severity]


def km2(shape):
    """Area on the ellipsoid between geodesics, part by part."""
    parts = getattr(shape, "geoms", [shape])
    return sum(abs(GEODESIC.geometry_area_perimeter(part)[0]) for part in parts) / 1e6


def past_180(shape):
    """A shape of ordinary longitudes in longitudes that run past 180."""
    move = shapely.transform(shape, lambda xy: np.where(xy < -100, xy + [360, 0], xy))
    return shapely.union_all(shapely.make_valid(getattr(move, "geoms", [move])))


# ---- the folder and the country files ------------------------------------------------------------


def test_the_country_files_name_everything_without_a_remark(countries):
    for country in countries.values():
        assert not country.findings
        assert tuple(country.statistics) == SERIES
        assert country.targets.previous.name == "previous_cycle.csv"
        assert country.finance.activities.name == "activities.csv"
        assert country.finance.trends == landia_finance.TRENDS
        assert country.narrative.answers.exists()
        assert country.additional_indicators.register.exists()
    assert countries["plain"].affected_area is None
    assert countries["verified"].affected_area.file.name == "affected_area.gpkg"


def test_national_data_have_all_four_fields(countries):
    country = countries["plain"]
    sections = [*country.statistics.values(), country.species, country.key_biodiversity_areas]
    sections += [country.targets, country.finance]
    national = [section for section in sections if section.source == "national"]
    assert len(national) == 4  # drinking water, species, key biodiversity areas, finance
    for section in national:
        assert all(section.metadata.as_dict().values())
        assert "synthetic" in section.metadata.title


def test_every_file_says_that_it_is_synthetic_and_all_are_small(folder):
    paths = [path for name in NEW for path in (folder / name).rglob("*") if path.is_file()]
    paths.append(folder / "affected_area.gpkg")
    assert len(paths) == 5 + 1 + 2 + 5 + 5 + 1 + 3 + 1
    assert sum(path.stat().st_size for path in paths) < 1_000_000
    for path in paths:
        if path.suffix == ".gpkg":
            text = " ".join(gpd.read_file(path)["note"])
        elif path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            text = str([list(page.values) for page in book.worksheets])
        elif path.suffix == ".png":
            text = Image.open(path).text["Description"]
        else:
            text = path.read_text(encoding="utf-8-sig")
        assert "synthetic" in text.lower(), path.name


def test_the_size_of_the_rasters_does_not_matter(folder, tmp_path):
    small = sample.make(tmp_path / "small", size=(40, 50))
    for name in NEW:
        for path in (folder / name).rglob("*"):
            other = small / path.relative_to(folder)
            if path.suffix == ".gpkg":
                assert gpd.read_file(path).to_json() == gpd.read_file(other).to_json()
            else:
                assert path.read_bytes() == other.read_bytes(), path.name


def test_the_readme_of_the_truth_names_every_file_of_it(folder):
    text = (folder / "truth/README.md").read_text(encoding="utf-8")
    for path in (folder / "truth").glob("*.csv"):
        assert path.name in text


# ---- official series -----------------------------------------------------------------------------


def test_series_are_read_as_they_were_planted(countries, folder):
    truth = table(folder, "truth/statistics.csv")
    for name, statistic in countries["plain"].statistics.items():
        found, findings = reader.examine(statistic, name, iso3="XLD")
        assert not told(findings) + told(findings, "warning")
        planted = truth[truth["series"] == name]
        keys = ["year", "location"]
        both = planted.merge(found[[*keys, "value"]], on=keys, how="outer", suffixes=("", "_read"))
        assert both["value"].notna().all() and both["value_read"].notna().all()
        np.testing.assert_allclose(both["value_read"], both["value"], atol=1e-9)
        assert found["release"].str.match(r"2026-\d\d-\d\d").all()


def test_every_kind_of_file_is_there(countries):
    kinds = {
        name: (statistic.file.suffix, statistic.format)
        for name, statistic in countries["plain"].statistics.items()
    }
    assert kinds == {
        "poverty": (".json", "sdg"),
        "gini": (".csv", "world_bank"),
        "water": (".xlsx", "table"),
        "red_list": (".csv", "sdg"),
        "protected": (".json", "sdg"),
    }


def test_directions_of_the_series():
    def sign(values):
        values = list(values)
        pairs = [(b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :]]
        return sum(pairs), len(pairs)

    score, pairs = sign(landia_series.POVERTY.values())
    assert (score, pairs) == (-26, 28)  # one pair rises: 2006 to 2009
    score, pairs = sign(landia_series.GINI.values())
    assert abs(score) <= 7 and pairs == 15  # six years: a direction would need 13
    assert sign(value for value, *_ in landia_series.red_list().values())[0] == -25 * 24 / 2
    for place in range(3):
        values = [row[place] for row in landia_series.water().values()]
        assert sign(values)[0] == len(values) * (len(values) - 1) / 2


def test_gaps_and_traps_of_the_files(folder):
    answer = json.loads((folder / "statistics/poverty.json").read_text(encoding="utf-8"))
    sexes = [entry["dimensions"]["Sex"] for entry in answer["data"]]
    assert len(answer["data"]) == answer["totalElements"] == 8 + 4
    assert sexes.count("FEMALE") == sexes.count("MALE") == 2
    years = [int(entry["timePeriodStart"]) for entry in answer["data"]]
    assert sorted(set(years)) == list(range(2000, 2022, 3))
    export = table(folder, "statistics/red_list.csv")
    assert set(export["GeoAreaCode"]) == {"XLD", "XTR"}
    assert (export["LowerBound"] < export["Value"]).all()
    assert (export["Value"] < export["UpperBound"]).all()
    assert 2010 not in set(export["TimePeriod"])
    lines = (folder / "statistics/gini.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[4].startswith('"Country Name","Country Code"') and lines[1] == lines[3] == ""


def test_the_national_table_is_messy_but_whole(folder):
    book = openpyxl.load_workbook(folder / "statistics/water.xlsx")
    assert book.sheetnames == ["Read me", landia_series.SHEET, "Table 7.4"]
    page = book[landia_series.SHEET]
    merged = {str(area) for area in page.merged_cells.ranges}
    assert {"A5:A6", "B5:D5", "E5:E6"} < merged
    assert page["A5"].value == "Year" and page["D6"].value == "National"
    rows = {row[0].value: row for row in page.iter_rows(min_row=7) if isinstance(row[0].value, int)}
    assert set(YEARS) - set(rows) == {2003, 2004, 2012}
    assert rows[2000][3].value == 0.303 and rows[2000][3].number_format == "0.0%"
    assert rows[2008][1].value == ".."
    assert rows[2016][3].value == "49.7 %*"
    assert str(page.cell(page.max_row, 1).value).startswith("Source")


def test_the_water_total_is_that_of_the_drought_factor(folder):
    factors = table(folder, "vulnerability/factors.csv")
    water = factors[(factors["factor"] == "safely_managed_water") & (factors["sex"] == "total")]
    water = water[water["unit"] == "national"].set_index("year")["value"]
    for year, (urban, rural, total) in landia_series.water().items():
        assert total == pytest.approx(water[year], abs=0.11)
        assert rural < total < urban


# ---- species -------------------------------------------------------------------------------------


def test_sixty_species_assessed_four_times_and_one_row_twice(folder):
    rows = table(folder, "species/assessments.csv", keep_default_na=False)
    assert len(rows) == 4 * 60 + 1
    assert rows["species"].nunique() == 60 and set(rows["year"]) == {2000, 2008, 2016, 2023}
    twice = rows[rows.duplicated(["species", "year"], keep=False)]
    assert twice[["species", "year", "category"]].drop_duplicates().values.tolist() == [
        ["Dune skink", 2016, "LC"]
    ]
    assert (rows["share"] == "").all()
    deficient = rows[rows["category"] == "DD"].groupby("year")["species"].nunique()
    assert deficient.to_dict() == {2000: 5, 2008: 4, 2016: 3, 2023: 3}
    assert set(rows["category"]) <= set(tables.read("red_list_categories")["category"])


def test_the_index_by_hand(folder):
    # 2000: 28 + 2 = 30 LC and 5 LC that decline: 0 each; 6 + 3 NT: 9 x 1; 3 + 2 + 1 VU: 6 x 2;
    # 2 + 2 + 1 EN: 5 x 3; 1 CR: 4. Sum 40, 55 species: 1 - 40 / 275
    truth = table(folder, "truth/red_list.csv").set_index("year")
    assert truth.loc[2000, "red_list_index"] == pytest.approx(1 - 40 / 275, abs=1e-6)
    index = truth["red_list_index"]
    assert (index.diff().dropna() < 0).all() and index.iloc[0] - index.iloc[-1] > 0.04
    rows = table(folder, "species/assessments.csv", keep_default_na=False)
    weights = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CR(PE)": 5, "RE": 5}
    rows = rows.drop_duplicates(["species", "year"])
    for year, mine in rows[rows["category"] != "DD"].groupby("year"):
        lost = mine["category"].map(weights).sum()
        assert truth.loc[year, "species"] == len(mine)
        assert index[year] == pytest.approx(1 - lost / (5 * len(mine)), abs=1e-6)


def test_the_project_finds_the_planted_index(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no warning at all
        found = biodiversity.red_list_index(folder / "species/assessments.csv")
    truth = table(folder, "truth/red_list.csv")
    np.testing.assert_allclose(found["value"], truth["red_list_index"], atol=1e-6)
    assert found["species"].tolist() == truth["species"].tolist()
    assert any("second time" in text for text in told(found.attrs["findings"], "info"))


# ---- key biodiversity areas ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def areas(folder):
    return {name: gpd.read_file(folder / f"kba/{name}.gpkg") for name in ("sites", "protected")}


def test_sites_and_protected_areas(areas, folder):
    sites, protected = areas["sites"], areas["protected"]
    assert len(sites) == 6 and sites["site"].is_unique and sites.is_valid.all()
    assert len(protected) == 9 and protected["name"].is_unique
    years = protected["designation_year"].dropna()
    assert sorted(years)[0] == 1996 and sorted(years)[-1] == 2021 and len(years) == 8
    assert protected.loc[~protected.is_valid, "name"].tolist() == ["Delta Reserve"]
    points = protected[protected.geom_type == "Point"]
    assert points["reported_area_km2"].tolist() == [60.0]
    country = past_180(gpd.read_file(folder / "boundary.gpkg").geometry[0])
    inside = {
        name: past_180(shape).intersection(country).area / past_180(shape).area
        for name, shape in zip(sites["site"], sites.geometry, strict=True)
    }
    assert 0.6 < inside.pop("Delta") < 0.85  # a coastal site
    assert all(share > 0.9 for share in inside.values())
    ridge = sites.set_index("site").geometry["Date Line Ridge"]
    assert ridge.bounds[0] == -180 and ridge.bounds[2] == 180  # in two parts


def test_protected_areas_overlap(areas):
    shapes = dict(zip(areas["protected"]["name"], map(past_180, areas["protected"].geometry)))
    park, buffer = shapes["Forest Coast National Park"], shapes["Forest Coast Buffer Zone"]
    assert 0.3 < park.intersection(buffer).area / park.area < 1.0
    assert shapes["Delta Reserve"].intersects(shapes["Coastal Community Conservancy"])


def test_coverage_counted_on_fine_points(areas, folder):
    """Another way: points a thousandth of a degree apart, which side they are on."""
    truth = table(folder, "truth/coverage.csv").set_index(["site", "year"])
    x, y = np.meshgrid(np.arange(179.1995, 180.45, 0.001), np.arange(-16.9995, -15.99, 0.001))
    weight = np.cos(np.radians(y))
    protected = areas["protected"]
    centre = protected[protected.geom_type == "Point"].geometry.iloc[0]
    _, _, away = GEODESIC.inv(np.full(x.shape, centre.x), np.full(x.shape, centre.y), x, y)
    here = []
    for name, shape in zip(protected["name"], protected.geometry, strict=True):
        circle = away < math.sqrt(60e6 / math.pi)
        here.append(
            circle if name == landia_nature.POINT else shapely.contains_xy(past_180(shape), x, y)
        )
    years = protected["designation_year"].astype(float).to_numpy()
    for site, shape in zip(areas["sites"]["site"], areas["sites"].geometry, strict=True):
        inside = shapely.contains_xy(past_180(shape), x, y)
        assert truth.loc[(site, 2000), "area_km2"] == pytest.approx(km2(past_180(shape)), rel=1e-4)
        for year in (2000, 2009, 2023):
            for column, unknown in (("without", np.inf), ("with", -np.inf)):
                counted = np.where(np.isnan(years), unknown, years) <= year
                covered = np.any([mask for mask, yes in zip(here, counted) if yes], axis=0)
                share = 100 * weight[inside & covered].sum() / weight[inside].sum()
                planted = truth.loc[(site, year), f"{column}_unknown_percent"]
                assert planted == pytest.approx(share, abs=0.25)


def test_the_project_finds_the_planted_coverage(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = biodiversity.protected_coverage(
            folder / "kba/sites.gpkg", folder / "kba/protected.gpkg", years=YEARS
        ).set_index("year")
    truth = table(folder, "truth/coverage.csv")
    mean = truth[truth["site"] == "mean"].set_index("year")
    np.testing.assert_allclose(found["lower"], mean["without_unknown_percent"], atol=0.005)
    np.testing.assert_allclose(found["upper"], mean["with_unknown_percent"], atol=0.005)
    assert (mean["without_unknown_percent"].diff().dropna() >= 0).all()
    assert mean["without_unknown_percent"].iloc[-1] > 2 * mean["without_unknown_percent"].iloc[0]
    said = " ".join(told(found.attrs["findings"], "warning"))
    assert "Delta Reserve" in said and landia_nature.POINT in said and landia_nature.UNKNOWN in said


# ---- targets -------------------------------------------------------------------------------------


def test_targets_actions_and_the_last_cycle(folder):
    read = {}
    for name, sheet in (("targets", "targets"), ("previous_cycle", "targets"),
                        ("actions", "actions")):  # fmt: skip
        read[name], findings = examine(folder / f"targets/{name}.csv", sheet)
        assert findings == []
    register = read["targets"]
    land = register[register["objective"] == "SO1"]
    assert len(land) == 7 and set(land["type"]) == {"avoid", "reduce", "reverse"}
    assert set(land["level"]) == {"national", "sub_national"}
    assert set(register["status"]) == set(landia_choices("status"))
    assert set(register["objective"]) == {"SO1", "SO2", "SO3", "SO4"}
    assert (register["link_1"] != "").all()
    over = register[(register["year"] < 2026) & (register["status"] == "ongoing")]
    assert over.empty  # a target whose year has passed is no longer ongoing
    change = carry_over(read["previous_cycle"], register)
    by_kind = change.groupby("change")["target"].agg(list).to_dict()
    assert {key: by_kind[key] for key in ("edited", "added", "removed")} == {
        "edited": ["T4"], "added": ["T10"], "removed": ["T0"],
    }  # fmt: skip
    assert change.attrs["findings"] == []
    actions = read["actions"]
    assert set(actions["target"]) - {""} <= set(register["target"])
    assert (actions["target"] == "").sum() == 1


def landia_choices(name):
    choices = tables.read("target_choices")
    return choices.loc[choices["list"] == name, "key"]


def test_places_of_targets_and_their_areas(folder):
    places = gpd.read_file(folder / "targets/targets.gpkg").set_index("target").geometry
    register = table(folder, "targets/targets.csv").set_index("target")
    stated = register["area_km2"].dropna()
    assert sorted(stated.index) == sorted(places.index) == ["T2", "T3", "T4", "T5", "T6"]
    assert (register.loc[stated.index, "level"] == "sub_national").all()
    for target, shape in places.items():
        assert stated[target] == pytest.approx(km2(past_180(shape)), abs=0.6)
    shared = past_180(places["T4"]).intersection(past_180(places["T5"]))
    truth = table(folder, "truth/targets.csv").set_index(["target", "other"])["shared_km2"]
    assert truth[("T4", "T5")] == pytest.approx(km2(shared), abs=0.1) and km2(shared) > 50
    whole = Landia(sample.LESSON)
    x, y = np.broadcast_arrays(179.2 + whole.x, -16.0 - whole.y)
    for target, key in (("T3", "restoration_2005"), ("T4", "restoration_2016")):
        core = (whole.inside(STORIES[key].place) > 0.1) & (whole.country > 0)
        assert shapely.contains_xy(past_180(places[target]), x[core], y[core]).all()
    actions = table(folder, "targets/actions.csv")
    done = actions.dropna(subset="target").set_index("target")["area_km2"]
    assert (done <= stated.reindex(done.index)).all()


def test_anticipated_changes_do_not_balance_for_cropland(folder):
    plan, findings = examine_scenario(folder / "targets/anticipated.csv")
    assert findings == []
    balanced = counterbalance(plan).set_index("land_type")
    assert balanced["balanced"].to_dict() == {1: True, 2: True, 3: False, 4: True}
    assert balanced.loc[3, "net"] == -55


def test_the_affected_area_is_dry_or_overgrazed(folder):
    shape = past_180(gpd.read_file(folder / "affected_area.gpkg").geometry[0])
    country = past_180(gpd.read_file(folder / "boundary.gpkg").geometry[0])
    assert shape.is_valid and 0.15 < shape.area / country.area < 0.35
    whole = Landia(sample.LESSON)
    x, y = np.broadcast_arrays(179.2 + whole.x, -16.0 - whole.y)
    found = shapely.contains_xy(shape, x, y)
    grazed = np.maximum(*(whole.inside(STORIES[key].place)
                          for key in ("overgrazing", "overgrazing_south")))  # fmt: skip
    expected = ((whole.wetness < landia_targets.DRY) & (whole.mainland > -0.2)) | (grazed > 0)
    differs = (found != (expected & (whole.country > 0))).sum()
    assert differs < 0.005 * found.sum()


# ---- finance -------------------------------------------------------------------------------------


def in_dollars(folder, name):
    """US dollars of a file's rows by indicator, direction and year, added up here."""
    rows = table(folder, f"finance/{name}.csv", keep_default_na=False)
    rates = {2020: 0.04, 2021: 0.0388, 2022: 0.0362, 2023: 0.034}
    spending = rows["flow_type"].isin(["expenditure", "investment"])
    public = rows["indicator"] == "SO5-2"
    rows.loc[public, "direction"] = np.where(spending[public], "spending", "funding")
    amount = pd.to_numeric(rows["amount"].where(rows["amount"] != "", rows["private_amount_usd"]))
    rows["usd"] = amount * np.where(rows["currency"] == "XTS", rows["year"].map(rates), 1.0)
    return rows


def test_the_clean_activities(activities, folder):
    clean = activities["activities"]
    assert len(clean) == 114 and set(clean["year"]) == {2020, 2021, 2022, 2023}
    assert (clean["amount"] > 0).all() and set(clean["currency"]) == {"USD", "XTS"}
    assert clean.groupby("indicator").size().to_dict() == {"SO5-1": 50, "SO5-2": 40, "SO5-3": 24}
    assert set(clean["support"]) == {"principal", "significant"}
    assert told(clean.attrs["findings"], "warning") == []
    rates = finance.read_rates(folder / "finance/rates.csv")
    priced = finance.in_dollars(clean, rates)
    assert finance.duplicates(priced).empty
    reasons = finance.look_alikes(priced)["reason"].tolist()
    assert reasons == ["alike, other identifier"] * 2
    truth = table(folder, "truth/finance.csv").set_index(["indicator", "direction", "year"])
    mine = in_dollars(folder, "activities").groupby(["indicator", "direction", "year"])["usd"].sum()
    for key, amount in mine.items():
        assert truth.loc[key, "sheet_usd"] == pytest.approx(amount, abs=0.01)


def test_declared_trends_agree_with_the_clean_figures_only(folder):
    def trends(name):
        found = {}
        sums = in_dollars(folder, name)
        sums = sums[sums["usd"] > 0].groupby(["indicator", "direction", "year"])["usd"].sum()
        for key, rows in sums.groupby(["indicator", "direction"]):
            first, last = rows.iloc[:2].mean(), rows.iloc[2:].mean()
            change = 100 * (last / first - 1)
            assert not 7 < abs(change) < 13  # well away from the threshold of 10 percent
            word = "increasing" if change > 10 else "declining" if change < -10 else "stable"
            found[key] = word
        return found

    declared = {
        (indicator, direction): word
        for indicator, words in landia_finance.TRENDS.items()
        for direction, word in words.items()
        if indicator != "SO5-4"
    }
    assert trends("activities") == declared
    raw = trends("activities_raw")
    assert {key for key in declared if raw[key] != declared[key]} == {("SO5-2", "spending")}


def test_public_spending_grows_in_the_currency_of_landia_alone(folder):
    rows = in_dollars(folder, "activities")
    spent = rows[rows["direction"] == "spending"].groupby("year")
    own, usd = spent["amount"].apply(lambda cells: pd.to_numeric(cells).sum()), spent["usd"].sum()
    assert own[2023] > 1.2 * own[2020] and 1.0 < usd[2023] / usd[2020] < 1.07


def test_the_planted_mistakes(activities, folder):
    raw = activities["activities_raw"]
    assert len(raw) == 120
    planted = list(csv.DictReader((folder / "truth/finance_planted.csv").open(encoding="utf-8")))
    lines = {}
    for row in planted:
        twin = row["twin_line"] and int(row["twin_line"])
        lines.setdefault(row["kind"].split(":")[0], {})[int(row["line"])] = twin
    assert {kind: len(found) for kind, found in lines.items()} == {
        "duplicate": 4, "look-alike": 3, "repayment": 1, "wrong sign": 1, "wrong currency": 1,
    }  # fmt: skip
    line = raw["place"].str.extract(r"line (\d+)")[0].astype(int)
    rates = finance.read_rates(folder / "finance/rates.csv")
    priced = finance.in_dollars(raw, rates)
    found = finance.duplicates(priced)
    pairs = zip(found["duplicate"].map(line), found["first"].map(line), strict=True)
    assert {frozenset(pair) for pair in pairs} == {
        frozenset(pair) for pair in lines["duplicate"].items()
    }
    assert set(line[raw["amount"] < 0]) == {*lines["repayment"], *lines["wrong sign"]}
    alike = finance.look_alikes(priced)
    pairs = zip(alike["first"].map(line), alike["second"].map(line), strict=True)
    assert {frozenset(pair) for pair in pairs} == {
        frozenset(pair) for pair in lines["look-alike"].items()
    }
    (wrong,) = lines["wrong currency"]
    amount = raw.loc[line == wrong].iloc[0]
    assert (amount["indicator"], amount["currency"], amount["amount"]) == ("SO5-2", "USD", 12e6)


def test_the_clean_file_is_the_raw_one_without_its_mistakes(folder):
    clean, raw = (
        table(folder, f"finance/{name}.csv", keep_default_na=False, dtype=str)
        for name in ("activities", "activities_raw")
    )
    planted = table(folder, "truth/finance_planted.csv")
    dropped = planted.loc[
        planted["kind"].isin(["duplicate", "repayment", "look-alike: the same"]), "line"
    ]
    rest = raw.drop(index=dropped - 2).copy()
    sign, currency = (
        planted.loc[planted["kind"] == kind, "line"].iloc[0] - 2
        for kind in ("wrong sign", "wrong currency")
    )
    rest.loc[sign, "amount"] = rest.loc[sign, "amount"].removeprefix("-")
    rest.loc[currency, "currency"] = "XTS"
    columns = clean.columns.tolist()
    assert sorted(map(tuple, rest[columns].values)) == sorted(map(tuple, clean.values))


def test_the_extract_of_the_crs(folder, countries):
    rows = table(folder, "finance/crs_extract.csv", dtype={"crs_id": str})
    assert len(rows) == 30
    markers = rows["desertification"].value_counts(dropna=False)
    assert markers[2] == 4 * 3 + 2 + 2 and markers[1] == 4 * 2 + 3 and markers[0] == 2
    assert rows["desertification"].isna().sum() == 1
    assert rows["usd_disbursement"].max() < 3  # millions
    with pytest.warns(UserWarning, match=r"repayments \(1\)"):
        found = finance.read_crs(folder / "finance/crs_extract.csv", country="XLD")
    counts = found["status"].value_counts().to_dict()
    assert counts == {"kept": 24, "no_disbursement": 1, "repayment": 1}
    assert (found["direction"] == "received").all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, findings = finance.compute_tables(countries["plain"].finance, country="XLD")
    assert told(findings) == []
    statuses = found["activities"]["status"].value_counts()
    assert statuses["replaced"] == 20 and statuses["kept"] == 114 + 4
    changed = found["activities"].query("status == 'replaced'")
    team = found["activities"].query("source == 'sheet'").set_index("place")["amount_usd"]
    assert (changed["amount_usd"] != changed["twin"].map(team)).sum() == 4
    truth = table(folder, "truth/finance.csv")
    both = found["summary"].merge(truth, on=["indicator", "direction", "year"], how="outer")
    np.testing.assert_allclose(both["amount_usd"], both["with_crs_usd"], atol=0.01)
    trends = found["trends"]
    given = trends[trends["declared"] != ""]
    assert len(given) == 8 and (given["declared"] == given["suggested"]).all()


def test_needs_have_plans_and_one_is_only_described(folder):
    needs = finance.read_needs(folder / "finance/needs.csv")
    assert len(needs) == 4 and needs["need_usd"].isna().sum() == 1
    assert needs["need_usd"].sum() == 72_500_000
    assert needs["objective"].is_unique


# ---- words ---------------------------------------------------------------------------------------


def test_every_question_of_the_five_forms_is_answered(folder):
    answers = yaml.safe_load((folder / "narrative/answers.yml").read_text(encoding="utf-8"))
    assert list(answers) == [f"SO{number}-IF" for number in range(1, 6)]
    read = narrative.read_answers(folder / "narrative/answers.yml")
    assert read.attrs["findings"] == []
    open_ones = read[(read["answer"] == "") & (read["details"] == "")]
    assert open_ones.empty
    assert (read["answer"] == "no").sum() == 4


def test_two_additional_indicators_with_images(folder):
    read = narrative.read_additional(folder / "additional/indicators.csv")
    assert read.attrs["findings"] == []
    assert read["objective"].tolist() == ["SO1", "SO3"]
    for path in read["image"]:
        with Image.open(path) as image:
            assert image.size == (408, 120)
