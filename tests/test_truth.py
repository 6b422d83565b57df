"""How much of the planted truth of Landia the method finds: degraded, stable, improved.

Landia is fictional and its data are synthetic. The truth was planted by the authors of the method's
code, so these numbers show that the whole chain works; they say nothing about real countries.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import ldnkit
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

PERIODS = ("baseline", "report_1", "report_2")
CLASSES = (-1, 0, 1)

#: Least share of planted degradation that is found (recall), least share of found degradation
#: that was planted (precision), and the same two for improvement: as computed, before and after
#: the corrections by error polygons. The values were seen to be 0.01 to 0.04 higher.
LEAST = {
    ("baseline", "computed"): (0.91, 0.90, 0.95, 0.79),
    ("report_1", "computed"): (0.90, 0.80, 0.84, 0.83),
    ("report_2", "computed"): (0.86, 0.78, 0.90, 0.73),
    ("baseline", "verified"): (0.98, 0.90, 0.95, 0.95),
    ("report_1", "verified"): (0.97, 0.83, 0.91, 0.95),
    ("report_2", "verified"): (0.93, 0.81, 0.97, 0.82),
}


@pytest.fixture(scope="module")
def assessed(landia, tmp_path_factory):
    """Layers of the assessment of Landia, as computed and with its error polygons."""
    path = landia.folder / "country_verified.yml"
    corrected = ldnkit.open_country(path, outputs=tmp_path_factory.mktemp("verified"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            name: ldnkit.compute(country, "degradation", progress=False).layers
            for name, country in (("computed", landia), ("verified", corrected))
        }


def confusion(landia, layers, period) -> np.ndarray:
    """Cells by planted class (rows) and found class (columns -1, 0, 1, no data)."""
    planted = Raster(landia.folder / "truth" / f"truth_{period}.tif").read(landia.grid)
    found = Raster(layers[f"sdg_{period}"]).read(landia.grid)
    return np.array(
        [[((planted == row) & (found == column)).sum() for column in (*CLASSES, NODATA)]
         for row in CLASSES]
    )  # fmt: skip


def scores(table) -> tuple[float, float, float, float]:
    """Recall and precision of degraded, then of improved; cells without data do not count."""
    known = table[:, :3]
    return tuple(
        float(known[place, place] / known.sum(axis)[place]) for place in (0, 2) for axis in (1, 0)
    )


def test_scores_by_hand():
    #                found: degraded stable improved no data
    table = np.array([[6, 2, 2, 5], [1, 8, 1, 0], [1, 0, 3, 9]])
    assert scores(table) == pytest.approx((6 / 10, 6 / 8, 3 / 4, 3 / 6))


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("kind", ["computed", "verified"])
def test_planted_degradation_is_found(landia, assessed, period, kind):
    found = scores(confusion(landia, assessed[kind], period))
    for share, least in zip(found, LEAST[period, kind]):
        assert share >= least


@pytest.mark.parametrize("period", PERIODS)
def test_too_much_is_found_rather_than_too_little(landia, assessed, period):
    """One out, all out adds the errors of three sub-indicators: the share is 1 to 12 % too high."""
    table = confusion(landia, assessed["computed"], period)[:, :3]
    planted, found = table[0].sum() / table.sum(), table[:, 0].sum() / table.sum()
    assert planted < found < 1.25 * planted


@pytest.mark.parametrize("period", PERIODS)
def test_no_planted_change_is_lost_in_no_data(landia, assessed, period):
    table = confusion(landia, assessed["computed"], period)
    assert table[0, 3] == 0 and table[2, 3] <= 1
    assert table[1, 3] / table[1].sum() < 0.06  # bare rock, lake bed, the hole in the map of 2011


def planted_cause(landia, period, code):
    return Raster(landia.folder / "truth" / f"cause_{period}.tif").read(landia.grid) == code


def test_errors_are_those_that_were_planted(landia, assessed):
    """The woody invader looks improved, its clearing degraded; a dry spell looks like damage."""
    invader, clearing, drying = 9, 23, 33
    for period in PERIODS:
        found = Raster(assessed["computed"][f"sdg_{period}"]).read(landia.grid)
        assert (found[planted_cause(landia, period, invader)] == 1).mean() > 0.85
        assert (found[planted_cause(landia, period, drying)] == -1).mean() > 0.45
        if period != "baseline":
            assert (found[planted_cause(landia, period, clearing)] == -1).mean() > 0.98


def test_polygons_mend_what_they_cover(landia, assessed):
    baseline = Raster(assessed["verified"]["sdg_baseline"]).read(landia.grid)
    assert (baseline[planted_cause(landia, "baseline", 9)] == -1).all()
    last = Raster(assessed["verified"]["sdg_report_2"]).read(landia.grid)
    assert (last[planted_cause(landia, "report_2", 23)] == 1).all()


@pytest.mark.parametrize("period", PERIODS)
def test_the_page_on_validation_says_these_numbers(landia, assessed, house, period):
    text = (house / "VALIDATION.md").read_text(encoding="utf-8")
    for kind in ("computed", "verified"):
        table = confusion(landia, assessed[kind], period)
        numbers = " | ".join(f"{number:,}" for number in table.ravel())
        row = next(line for line in text.splitlines() if line.startswith(f"| {period}, {kind} | "))
        assert numbers in row
        shares = " | ".join(f"{100 * share:.1f} %" for share in scores(table))
        row = next(line for line in text.splitlines() if line.startswith(f"| {period} {kind} | "))
        assert shares in row
