"""The published series of SO4-2 and SO4-3 in the tables, from the 2020 release of the UN dump."""

from types import SimpleNamespace

import pandas as pd
import pytest

from ldnkit import prais, tables
from ldnkit.periods import Cycle

pytestmark = pytest.mark.real

SERIES = {"red_list": "er_rsk_lsti", "protected": "er_ptd_terrs"}
WORLD = 1


@pytest.fixture(scope="module")
def dump(shared_data):
    """series -> geo_area, year, value."""
    found = {}
    for series, code in SERIES.items():
        (file,) = (shared_data / "unsdg_ddf2020").glob(f"ddf--datapoints--{code}--*.csv")
        table = pd.read_csv(file).rename(columns={code: "value"})
        found[series] = table[["geo_area", "year", "value"]]
    return found


def test_the_published_values_are_an_index_and_percentages(dump):
    red_list, protected = dump["red_list"], dump["protected"]
    assert red_list["value"].between(0, 1).all() and red_list["geo_area"].nunique() == 247
    assert (red_list["year"].min(), red_list["year"].max()) == (1993, 2020)
    assert protected["value"].between(0, 100).all() and protected["value"].max() > 1
    assert not red_list.duplicated(["geo_area", "year"]).any()


def test_the_world_in_the_tables(dump):
    rows = [
        table[table["geo_area"] == WORLD].assign(series=series, location="total")
        for series, table in dump.items()
    ]
    table = pd.concat(rows).assign(lower=float("nan"), upper=float("nan"), status="")
    result = SimpleNamespace(tables={"statistics": table}, years={}, findings=[])
    country = SimpleNamespace(
        iso3="XXX",
        name=lambda language="en": "World",
        party="affected",
        cycle=Cycle(2026),
        method="manual",
        language="en",
        synthetic=False,
        regions=(),
        land_cover=None,
        parameters=tables.method("manual"),
        statistics={},
    )
    report = prais.build(country, {"statistics": result})
    index, share = report["SO4-2.T1"], report["SO4-3.T1"]
    assert index.printed.loc["2020", "red_list_index"] == 0.73239
    assert index.period == "2000–2020" and share.period.startswith("2000–")
    assert report["SO4-2.T2"].help["suggested"].tolist() == ["decrease"]
    assert report["SO4-3.T2"].help["suggested"].tolist() == ["increase"]
    found = [f for f in prais.check(report) if f.where.startswith(("SO4-2.T1", "SO4-3.T1"))]
    assert found == []
