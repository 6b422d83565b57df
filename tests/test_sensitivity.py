"""Other choices, other figures: what the variants change and what they leave."""

import pandas as pd
import pytest

import ldnkit
from ldnkit import sensitivity


@pytest.fixture(scope="module")
def figures(landia, landia_results):
    names = ["alpha_0.01", "soil_5", "missing_no_data"]
    return sensitivity.run(landia, names, progress=False)


def value(figures, variant, table, row, column):
    found = figures.query("variant == @variant and table == @table and row == @row")
    return found.set_index("column")["value"][column]


def test_the_base_is_what_is_reported(figures, landia, landia_results):
    table = ldnkit.prais.build(landia, landia_results)["SO1-4.T2"].frame
    for row in table.index:
        assert value(figures, "base", "SO1-4.T2", row, "degraded_area") == pytest.approx(
            table.loc[row, "degraded_area"], rel=1e-12
        )


def test_a_stricter_test_of_the_trend_leaves_land_cover_and_soil_as_they_are(figures):
    for table in ("SO1-1.T7", "SO1-3.T2"):
        own = figures[figures["table"] == table]
        base = own[own["variant"] == "base"]["value"].to_numpy()
        strict = own[own["variant"] == "alpha_0.01"]["value"].to_numpy()
        assert (base == strict).all()


def test_a_stricter_test_finds_no_more_declining_land(figures):
    cell = ("SO1-2.T3", "degraded", "baseline.area")
    assert value(figures, "alpha_0.01", *cell) <= value(figures, "base", *cell)


def test_half_the_soil_threshold_finds_no_less(figures):
    cell = ("SO1-3.T2", "degraded", "baseline.area")
    assert value(figures, "soil_5", *cell) > value(figures, "base", *cell)


def test_results_that_do_not_change_are_not_computed_again(figures, landia, landia_results):
    folder = landia.folder_results / "sensitivity" / "soil_5" / landia.iso3 / "layers"
    for layer, path in landia_results["productivity"].layers.items():
        assert (folder / path.name).samefile(path), layer
    for path in landia_results["degradation"].layers.values():
        assert not (folder / path.name).samefile(path)


def test_the_total_land_does_not_depend_on_the_choices_of_the_method(figures):
    table = figures.query("table == 'SO1-4.T2' and column == 'degraded_area'")
    assert set(table["variant"]) == {"base", "alpha_0.01", "soil_5", "missing_no_data"}


def test_ranges_by_hand():
    rows = [("base", 10.0), ("low", 7.0), ("high", 12.0), ("same", 10.0)]
    figures = pd.DataFrame(rows, columns=["variant", "value"]).assign(
        table="SO1-4.T2", row="2015", column="degraded_area", unit="km2"
    )
    found = sensitivity.ranges(figures).iloc[0]
    assert found[["reported", "lowest", "highest", "spread"]].tolist() == [10, 7, 12, 5]
    assert (found["lowest_variant"], found["highest_variant"]) == ("low", "high")


def test_a_figure_no_choice_changes_is_said_to_be_as_reported():
    figures = pd.DataFrame({"variant": ["base", "low"], "value": [3.0, 3.0]}).assign(
        table="T", row="r", column="c", unit="km2"
    )
    found = sensitivity.ranges(figures).iloc[0]
    assert (found["lowest_variant"], found["highest_variant"]) == ("base", "base")


def test_unknown_variants_are_named(landia):
    with pytest.raises(ValueError, match="Unknown variant: found alpha_7"):
        sensitivity.variants(landia, ["alpha_7"])


def test_every_variant_has_a_name_in_every_language(landia):
    for name in sensitivity.variants(landia):
        said = {sensitivity.label(name, language) for language in ("en", "fr", "ru", "ar", "zh")}
        assert len(said) == 5
