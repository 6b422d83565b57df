"""The second land cover of Landia, its package and the chart of ranges, as in notebook 16."""

import numpy as np
import pandas as pd
import pytest
import rasterio

import ldnkit
from ldnkit import range_charts, tables
from ldnkit.sources import landia_package, landia_second
from ldnkit.sources.landia import Landia
from ldnkit.sources.trends_earth import new_country

SIZE = (80, 100)


def test_every_code_of_the_first_map_has_a_code_of_the_second():
    for year in landia_second.YEARS:
        codes = np.unique(landia_second.cover(year, SIZE))
        assert set(codes) <= set(tables.nesting(landia_second.NESTING)["code"])
        assert 0 not in codes


def test_the_differences_are_those_that_are_said():
    """Open woodland, sparse vegetation and a few fields differ; all else is the same class."""
    first, second = Landia(SIZE).cover(2000), landia_second.cover(2000, SIZE)
    one = tables.nesting("esa_cci").set_index("code")["to"]
    two = tables.nesting(landia_second.NESTING).set_index("code")["to"]
    different = one.loc[first.ravel()].to_numpy() != two.loc[second.ravel()].to_numpy()
    assert set(np.unique(first.ravel()[different])) <= {10, 20, 30, 40, 100, 130, 150}
    assert 0.02 < different.mean() < 0.2
    cells = (one.loc[first.ravel()] == 3).to_numpy()
    assert 0.005 < different[cells].mean() < 0.06, "a few fields only"


def test_noise_is_other_in_every_year():
    first, second = (landia_second.cover(year, SIZE) for year in (2015, 2016))
    calm = Landia(SIZE).cover(2015) == Landia(SIZE).cover(2016)
    assert (first != second)[calm].any()
    assert (landia_second.cover(2015, SIZE) == first).all(), "the same every time"


def test_maps_are_written_once_and_say_that_they_are_synthetic(tmp_path):
    files = landia_second.write(tmp_path / "maps")
    stamps = [path.stat().st_mtime_ns for path in files.values()]
    assert tuple(files) == landia_second.YEARS
    assert landia_second.write(tmp_path / "maps") == files
    assert [path.stat().st_mtime_ns for path in files.values()] == stamps
    with rasterio.open(files[2000]) as source:
        assert source.shape == landia_second.SIZE and source.tags()["SYNTHETIC"] == "yes"
    assert len(list((tmp_path / "maps").iterdir())) == len(files)


def test_the_section_of_the_country_file(tmp_path):
    files = {2000: tmp_path / "second" / "a.tif"}
    said = landia_second.section(files, tmp_path / "landia")
    assert said["files"] == {2000: "../second/a.tif"}
    assert said["source"] == "national" and all(said["metadata"].values())


def test_rain_and_balance_tell_the_dry_corner(landia):
    rain, balance = landia_second.climate(landia.folder)
    aridity = (rain / (rain - balance)).values
    assert aridity.shape == (40, 50)
    assert 0 < (aridity < 0.05).mean() < 0.1


def test_the_package_becomes_a_country(landia, landia_results, tmp_path):
    archive = landia_package.write(landia, landia_results, tmp_path / "package")
    assert [path.name for path in archive.parent.iterdir()] == [landia_package.NAME]
    made = new_country("XLD", archive, tmp_path / "XLD")
    assert not [finding for finding in made.findings if finding.severity == "error"]
    country = ldnkit.open_country(made.path, outputs=tmp_path / "outputs")
    result = ldnkit.compute(country, "land_cover", progress=False)
    first = landia_results["land_cover"].tables["land_cover"]
    again = result.tables["land_cover"]
    assert again["area_km2"].sum() == pytest.approx(first["area_km2"].sum(), rel=1e-6)


def figures(**values):
    rows = [("base", "2015", 18.0), ("alpha_0.01", "2015", 16.0), ("soil_20", "2015", 19.0)]
    table = pd.DataFrame(rows, columns=["variant", "row", "value"])
    return table.assign(table="SO1-4.T2", column="degraded_share", unit="percent", **values)


def test_the_chart_shows_range_variants_and_what_is_reported():
    ax = range_charts.ranges(figures(), unit="%").axes[0]
    (bar,) = ax.patches
    assert (bar.get_x(), bar.get_width()) == (16.0, 3.0)
    others, reported = ax.lines
    assert others.get_xdata().tolist() == [16.0, 19.0]
    assert list(reported.get_xdata()) == [18.0]
    words = [text.get_text().strip() for text in ax.texts]
    assert words == [
        "Trend: significance level 0.01",
        "Soil organic carbon: threshold 20 %",
    ]
    low, high = ax.get_xlim()
    assert low < 16 and high > 19


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_chart_in_every_language(language):
    sheet = range_charts.ranges(figures(), names={"2015": "15.3.1"}, language=language)
    assert [text.get_text() for text in sheet.axes[0].get_yticklabels()] == ["15.3.1"]
    assert len(sheet.legends[0].get_texts()) == 2


def test_nothing_to_compare_with_is_said():
    with pytest.raises(ValueError, match="found no variant 'base'"):
        range_charts.ranges(figures().query("variant != 'base'"))
