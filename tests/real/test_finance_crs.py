"""OECD CRS activities of 2022 for Africa: the sums that others found, and whole workbooks."""

import pandas as pd
import pytest

from ldnkit import finance
from ldnkit.country_file.finance_layers import Finance
from ldnkit.finance.creditors import examine_crs

pytestmark = pytest.mark.real

FILES = ("crs_2022_africa_core_columns.csv.gz", "crs_2022_automated.xlsx")
#: Million US dollars as the README of the data has them.
DISBURSED = {"principal": 116.379, "significant": 545.198}
COMMITTED = {"principal": 409.353, "significant": 621.804}


@pytest.fixture(scope="module", params=FILES)
def africa(request, shared_data):
    path = shared_data / "oecd_crs_2022" / request.param
    return examine_crs(path, direction="received")


def test_disbursements_by_marker(africa):
    found, _ = africa
    sums = finance.summary(found, indicator="SO5-1").set_index(["direction", "year"])
    kept = found[found["status"] == "kept"].groupby("support")["amount_usd"].sum() / 1e6
    assert kept.round(3).to_dict() == DISBURSED
    assert sums["amount_usd"]["received", 2022] / 1e6 == pytest.approx(sum(DISBURSED.values()))
    assert sums["activities"]["received", 2022] == len(found[found["status"] == "kept"]) == 945


def test_commitments_are_said_only(africa):
    _, findings = africa
    said = next(str(found) for found in findings if "commitments" in found.found)
    assert f"commitments of {sum(COMMITTED.values()):,.3f} million USD" in said


def test_weights(africa):
    found, _ = africa
    weights = {"principal": 1.0, "significant": 0.4}
    sums = finance.summary(found, indicator="SO5-1", weighting=weights)
    wanted = DISBURSED["principal"] + 0.4 * DISBURSED["significant"]
    assert sums["amount_usd"].sum() / 1e6 == pytest.approx(wanted, abs=1e-3)


def test_no_amount_of_the_file_is_taken_for_a_duplicate(africa):
    """115 marked rows share identifier and amount with another: parts of one activity by sector."""
    found, _ = africa
    kept = found[found["status"] == "kept"]
    repeated = kept.duplicated(["crs_id", "amount_usd"], keep=False)
    assert repeated.sum() == 115
    assert kept.loc[repeated, "purpose_code"].ne("").all()
    assert finance.duplicates(found).empty


def test_rows_twice_in_two_files_count_once(shared_data):
    folder = shared_data / "oecd_crs_2022"
    both = [examine_crs(folder / name, direction="received")[0] for name in FILES]
    both = pd.concat(both, ignore_index=True)
    doubled = finance.duplicates(both)
    both.loc[doubled["duplicate"], "status"] = "duplicate"
    assert finance.summary(both, indicator="SO5-1")["amount_usd"].sum() / 1e6 == pytest.approx(
        sum(DISBURSED.values()), abs=1e-3
    )
    without = both[both["crs_id"] == ""]
    assert len(doubled) == 945 - len(without) // 2


def test_one_country(shared_data):
    path = shared_data / "oecd_crs_2022" / FILES[1]
    found, findings = examine_crs(path, country="BFA")
    assert set(found["direction"]) == {"received"} and set(found["recipient"]) == {"Burkina Faso"}
    kept = found[found["status"] == "kept"]
    assert kept["amount_usd"].sum() / 1e6 == pytest.approx(23.394, abs=1e-3)
    assert not [found for found in findings if found.severity == "error"]


def test_repayments_are_kept_apart(shared_data):
    found, _ = examine_crs(shared_data / "oecd_crs_2022" / FILES[1], direction="received")
    repaid = found[found["status"] == "repayment"].groupby("support")["amount_usd"].sum() / 1e6
    assert repaid.to_dict() == pytest.approx(
        {"principal": -4.011, "significant": -17.090}, abs=1e-3
    )


def test_other_flows_and_other_years(shared_data):
    folder = shared_data / "oecd_crs_2022"
    found, _ = examine_crs(folder / "crs_nonoda2022_automated.csv", direction="received")
    assert found.empty  # no row carries the marker 1 or 2
    found, _ = examine_crs(folder / "dac_loans_climate.xlsx", direction="received")
    assert found["status"].eq("outside").sum() == 215
    assert set(found.loc[found["status"] == "kept", "year"]) == {2020, 2021, 2022}
    assert set(found["instrument"]) == {"concessional_loan"}


def test_the_default_sheet_can_be_corrected_in_the_template(shared_data, tmp_path):
    """CRS rows into our template, read back, and both together: nothing counts twice."""
    crs = shared_data / "oecd_crs_2022" / FILES[0]
    default, _ = examine_crs(crs, country="BFA")
    path = finance.template(tmp_path / "own.xlsx", "fr", activities=default)
    section = Finance(activities=path, creditor_reporting_system=crs, default_sheet="corrected")
    found, _ = finance.compute_tables(section, country="BFA")
    total = default.loc[default["status"] == "kept", "amount_usd"].sum()
    sums = found["summary"].query("indicator == 'SO5-1'")["amount_usd"]
    assert sums.sum() == pytest.approx(total)
