"""CRS files: a world of eight rows in three manners of writing. Amounts in million US dollars.

row  year  donor    recipient  marker  disbursed  committed  repaid  purpose
1    2021  Norway   Landia     2           1.5        4        –      31120
2    2021  Norway   Landia     2           1.5        –        –      14030   the same amount
3    2021  Norway   Landia     1           0.25       1        0.1    41010   a loan
4    2021  Norway   Landia     1           –          9        –      31120   a promise only
5    2021  Norway   Landia     0           7          –        –      31120
6    2021  Norway   Landia     –           8          –        –      31120
7    2019  Norway   Landia     2           3          –        –      31120   another year
8    2021  Landia   Far Isle   1           0.5        –        –      43040   provided
"""

import gzip
import zipfile

import openpyxl
import pandas as pd
import pytest

from ldnkit import finance
from ldnkit.country_file.finance_layers import Finance
from ldnkit.finance.creditors import examine_crs
from ldnkit.findings import InputError

NAMES = [
    *("year", "crs_id", "donor_name", "agency_name", "recipient_iso3_code", "recipient_name"),
    *("category", "finance_type", "usd_commitment", "usd_disbursement", "usd_received"),
    *("project_title", "purpose_code", "purpose_name", "channel_name", "gender", "desertification"),
]
#: Names of the files by year, with capital letters.
CAPITALS = [
    *("Year", "CrsID", "DonorName", "AgencyName", "DERecipientcode", "RecipientName"),
    *("Category", "Finance_t", "USD_Commitment", "USD_Disbursement", "USD_Received"),
    *("ProjectTitle", "PurposeCode", "PurposeName", "ChannelName", "Gender", "Desertification"),
]


def norway(number, marker, paid, promised="", repaid="", purpose="31120", year=2021, kind=110):
    return [
        *(year, f"2021000{number}", "Norway", "NORAD", "XLD", "Landia", 10, kind, promised),
        *(paid, repaid, f"Project {number}", purpose, "Land", "NGO", "1.0", marker),
    ]


ROWS = [
    norway(100, 2, 1.5, promised=4),
    norway(100, 2, 1.5, purpose="14030"),
    norway(300, 1, 0.25, promised=1, repaid=0.1, purpose="41010", kind=421),
    norway(400, 1, "", promised=9),
    norway(500, 0, 7),
    norway(600, "", 8),
    norway(700, 2, 3, year=2019),
    [
        *(2021, "2021000800", "Landia", "Landia", "", "Far Isle", 30, 110, "", 0.5, ""),
        *("Training", "43040", "Rural development", "Landia", "", "1.0"),
    ],
]


def as_text(rows, names=NAMES, separator=","):
    return "\n".join(separator.join(map(str, row)) for row in [names, *rows]) + "\n"


@pytest.fixture
def crs(tmp_path):
    """A file; how it is written depends on its name."""

    def make(name="crs.csv", rows=ROWS, names=NAMES, separator=",", encoding="utf-8"):
        path = tmp_path / name
        content = as_text(rows, names, separator).encode(encoding)
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(content))
        elif name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("crs.txt", content)
        elif name.endswith(".xlsx"):
            book = openpyxl.Workbook()
            book.active.append(["a pivot table"])
            page = book.create_sheet("crs")
            for row in [names, *rows]:
                page.append([None if cell == "" else cell for cell in row])
            book.save(path)
        else:
            path.write_bytes(content)
        return path

    return make


def said(findings, severity=None):
    return [str(found) for found in findings if severity in (None, found.severity)]


def problems_of(path, **options):
    found, findings = examine_crs(path, **options)
    assert found.empty
    return said(findings, "error")


def test_the_world_worked_by_hand(crs):
    found, findings = examine_crs(crs(), country="XLD")
    kept = found[found["status"] == "kept"]
    assert kept.groupby("support")["amount_usd"].sum().to_dict() == {
        "principal": 3e6,
        "significant": 250_000,
    }
    assert found["status"].value_counts().to_dict() == {
        "kept": 3,
        "no_disbursement": 1,
        "repayment": 1,
        "outside": 1,
    }
    assert found.loc[found["status"] == "repayment", "amount_usd"].tolist() == [-100_000]
    assert not said(findings, "error")


def test_commitments_are_said_and_never_counted(crs):
    _, findings = examine_crs(crs(), country="XLD")
    text = next(text for text in said(findings, "info") if "commitments" in text)
    assert "commitments of 14.000 million USD" in text and "not counted" in text
    assert any("They are turned into USD" in text for text in said(findings))
    assert any("Left out: marker 0 (1), no marker (1)." in text for text in said(findings))


def test_what_becomes_of_the_columns(crs):
    found, _ = examine_crs(crs(), country="XLD")
    first, loan = found.iloc[0], found.iloc[2]
    assert first[["indicator", "direction", "provider", "country", "recipient"]].tolist() == [
        *("SO5-1", "received", "Norway: NORAD", "Norway", "Landia")
    ]
    assert first[["title", "crs_id", "purpose_code", "sector", "channel"]].tolist() == [
        *("Project 100", "2021000100", "31120", "agriculture", "NGO")
    ]
    assert first[["flow_type", "instrument", "gender_equality", "currency"]].tolist() == [
        *("oda", "grant", "yes", "USD")
    ]
    assert loan["instrument"] == "concessional_loan" and loan["sector"] == "environment"
    assert first["place"] == "crs.csv line 2" and first["source"] == "crs"
    assert set(found["technology_transfer"]) == {""}


def test_equal_parts_by_sector_are_no_duplicates(crs):
    found, _ = examine_crs(crs(), country="XLD")
    assert finance.duplicates(found).empty
    assert finance.look_alikes(found).empty


def test_private_flows_belong_to_so5_3(crs):
    found, _ = examine_crs(crs(), direction="provided")
    private = found[found["provider"] == "Landia"].iloc[0]
    assert private[["indicator", "flow_type", "direction"]].tolist() == [
        *("SO5-3", "private_development_finance", "provided")
    ]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"names": CAPITALS, "separator": "|"},
        {"names": CAPITALS, "separator": "|", "encoding": "utf-16"},
        {"separator": ";", "encoding": "cp1252"},
        {"separator": "\t"},
        {"name": "crs.csv.gz"},
        {"name": "crs.zip", "names": CAPITALS},
        {"name": "crs.xlsx"},
    ],
)
def test_files_are_written_in_many_manners(crs, options):
    found, findings = examine_crs(crs(**options), country=["XLD", "Landia"])
    sums = found[found["status"] == "kept"].groupby("direction")["amount_usd"].sum()
    assert sums.to_dict() == {"provided": 500_000, "received": 3_250_000}
    assert not said(findings, "error")


def test_whose_rows_are_they(crs):
    assert examine_crs(crs(), country="landia")[0]["direction"].nunique() == 2
    only = [row for row in ROWS if row[5] == "Landia"]
    found, findings = examine_crs(crs(rows=only))
    assert set(found["direction"]) == {"received"}
    assert any("Landia as the only recipient" in text for text in said(findings))
    (problem,) = problems_of(crs())
    assert "2 donors and 2 recipients; expected one country" in problem
    _, findings = examine_crs(crs(), country="KEN")
    warned = said(findings, "warning")
    assert "recipients Far Isle, Landia; expected rows of KEN, ken, kenya" in warned[0]
    with pytest.raises(ValueError, match="found 'both'; use provided or received"):
        finance.read_crs(crs(), direction="both")


def test_a_country_is_known_by_code_and_name(crs):
    rows = [[*row[:4], "", "Kenya", *row[6:]] for row in ROWS[:1]]
    assert len(examine_crs(crs(rows=rows), country="KEN")[0]) == 1


def test_missing_columns_are_listed_at_once(crs):
    rows = [row[2:-1] for row in ROWS]
    (problem,) = problems_of(crs(rows=rows, names=NAMES[2:-1]), direction="received")
    assert "expected columns year; crs_id or CrsID" in problem
    assert "desertification or Desertification" in problem


def test_an_aggregated_table_is_no_activity_file(crs):
    names, rows = ["DONOR", "RECIPIENT", "MEASURE", "OBS_VALUE"], [["NOR", "XLD", "DPGC", 5]]
    (problem,) = problems_of(crs(rows=rows, names=names), direction="received")
    assert "an aggregated table (MEASURE, OBS_VALUE); expected one row per activity" in problem


def test_a_spoilt_file_with_every_problem_at_once(crs):
    rows = [norway(100, 2, "1;5"), norway(200, 5, 1), norway(300, 2, 1, year="")]
    problems = problems_of(crs(rows=rows), direction="received")
    for text in ("line 2, column disbursement: found '1;5'", "column desertification: found '5'"):
        assert any(text in problem for problem in problems), text
    assert any("line 4, column year: found nothing" in problem for problem in problems)
    assert len(problems) == 3


def test_dollars_instead_of_millions_are_noticed(crs):
    rows = [norway(number, 2, 1_500_000) for number in (100, 200, 300)]
    (problem,) = problems_of(crs(rows=rows), direction="received")
    assert "median of 1,500,000; expected 1000 million or less" in problem


@pytest.mark.parametrize("name", ["nothing.csv", "broken.xlsx"])
def test_files_that_cannot_be_read(tmp_path, name):
    if name == "broken.xlsx":
        (tmp_path / name).write_bytes(b"no workbook")
    with pytest.raises(InputError, match="no such file|cannot be read"):
        finance.read_crs(tmp_path / name, direction="received")


# ---- the team's word about the default rows ------------------------------------------------------

HEADER = (
    "indicator,direction,year,provider,title,crs_id,amount,sector,support,technology_transfer\n"
)
OWN = {
    "corrected amount": "SO5-1,received,2021,Norway,Project,2021000300,200000,,significant,yes\n",
    "the same again": "SO5-1,received,2021,Norway,Project,2021000300,250000,,significant,\n",
    "something else": "SO5-1,received,2021,Norway,Trees,2021000999,70000,,principal,\n",
}
RECEIVED = 3_250_000


@pytest.fixture
def together(crs, tmp_path):
    """Sum of 2021 and findings, with the team's own rows beside the CRS file."""

    def make(choice, own=""):
        path = tmp_path / "own.csv"
        path.write_text(HEADER + own, encoding="utf-8")
        section = Finance(
            activities=path if own else None,
            creditor_reporting_system=crs(),
            default_sheet=choice,
        )
        found, findings = finance.compute_tables(section, country="XLD")
        sums = found["summary"].set_index(["indicator", "direction", "year"])["amount_usd"]
        return found, sums.get(("SO5-1", "received", 2021), 0.0), said(findings)

    return make


def test_default_rows_alone(together):
    assert together("confirmed")[1] == RECEIVED


def test_rejected_rows_are_in_no_total(together):
    found, total, findings = together("rejected", OWN["something else"])
    assert total == 70_000
    assert (found["activities"]["status"] == "rejected").sum() == 3
    assert any("default activities rejected (3; 3,250,000 USD)" in text for text in findings)


def test_a_correction_replaces_the_default_row(together):
    found, total, findings = together("corrected", OWN["corrected amount"])
    assert total == RECEIVED - 250_000 + 200_000
    replaced = found["activities"].query("status == 'replaced'")
    assert replaced["twin"].tolist() == ["own.csv line 2"]
    assert any("replaced by rows of the team (1; 250,000 USD)" in text for text in findings)
    sums = found["summary"].query("indicator == 'SO5-4'")["amount_usd"]
    assert sums.sum() == 200_000  # the team's own flag counts


@pytest.mark.parametrize("choice", ["corrected", "confirmed", ""])
def test_a_default_row_typed_again_counts_once(together, choice):
    assert together(choice, OWN["the same again"])[1] == RECEIVED


def test_additions_are_a_correction(together):
    _, total, findings = together("confirmed", OWN["something else"])
    assert total == RECEIVED + 70_000
    assert any("a confirmed default sheet" in text for text in findings)
    assert any("no word about the default sheet" in text for text in together("")[2])


def test_commitments_never_become_disbursements(together):
    found, _, _ = together("confirmed")
    promised = found["activities"].query("status == 'no_disbursement'")
    assert promised["crs_id"].tolist() == ["2021000400"]
    assert found["summary"]["amount_usd"].sum() == RECEIVED
    assert pd.isna(promised["amount_usd"]).all()
