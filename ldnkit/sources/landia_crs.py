"""An extract of the OECD Creditor Reporting System for Landia: fictional and synthetic.

Columns are those of the files since 2024, in millions of US dollars.
"""

from __future__ import annotations

from ldnkit.sources.sample_files import write_csv

SAID = "Landia synthetic training data"
COLUMNS = (
    "year", "donor_code", "donor_iso3_code", "donor_name", "agency_code", "agency_name", "crs_id",
    "project_number", "initial_report", "recipient_code", "recipient_iso3_code", "recipient_name",
    "flow_code", "flow_name", "bilateral_multilateral", "category", "finance_type", "aid_type",
    "usd_commitment", "usd_disbursement", "usd_received", "short_description", "project_title",
    "purpose_code", "purpose_name", "channel_code", "channel_name", "channel_reported_name",
    "long_description", "gender", "environment", "biodiversity", "climate_mitigation",
    "climate_adaptation", "desertification",
)  # fmt: skip
# Donors: code, three letters, name.
DONORS = {
    "Northland": (901, "XNL"), "Eastmark": (902, "XEM"), "Green Horizon Fund": (951, ""),
    "Harbour Development Bank": (952, ""), "Global Dry Land Facility": (953, ""),
}  # fmt: skip
GRANT, LOAN = (110, 11, "ODA Grants"), (421, 13, "ODA Loans")
# Activities that the team's sheet has too: identifier, donor, purpose, marker.
SHARED = (
    ("2019000104", "Northland", (31130, "Agricultural land resources"), 2),
    ("2018000077", "Green Horizon Fund", (31220, "Forestry development"), 2),
    ("2019000322", "Harbour Development Bank", (31140, "Agricultural water resources"), 1),
    ("2020000508", "Eastmark", (74020, "Multi-hazard response preparedness"), 1),
    ("2019000640", "Global Dry Land Facility", (41010, "Environmental policy"), 2),
)
# Amounts (thousands of US dollars) that the team has corrected.
OTHERWISE = {
    ("2018000077", 2021): 650, ("2020000508", 2022): 290, ("2019000104", 2023): 520,
    ("2019000640", 2020): 100,
}  # fmt: skip
HERE, ELSEWHERE = (921, "XLD", "Landia"), (922, "XFA", "Farland")
# year, identifier, donor, title, purpose, marker, commitment, disbursement, received (millions of
# US dollars), loan, recipient
OTHERS = (
    (2021, "2021000733", "Northland", "Seedlings for schools", (31291, "Forestry services"), 1,
     0.150, 0.048, "", False, HERE),
    (2022, "2022000801", "Green Horizon Fund", "Old arms of the delta opened again",
     (41030, "Biodiversity"), 2, 0.500, 0.215, "", False, HERE),
    (2023, "2022000801", "Green Horizon Fund", "Old arms of the delta opened again",
     (41030, "Biodiversity"), 2, "", 0.240, "", False, HERE),
    (2020, "2017000059", "Harbour Development Bank", "Village roads that do not wash away",
     (21020, "Road transport"), 1, "", 0.180, 0.120, True, HERE),
    (2023, "2023000912", "Eastmark", "Solar pumps for range wells",
     (31140, "Agricultural water resources"), 1, 0.600, "", "", False, HERE),
    (2021, "2020000377", "Harbour Development Bank", "Bridge of the coast road",
     (21020, "Road transport"), 0, "", 2.400, "", True, HERE),
    (2022, "2021000518", "Northland", "Hospital of the island", (12230, "Basic health"), 0,
     3.000, 1.100, "", False, HERE),
    (2023, "2023000044", "Eastmark", "Scholarships", (11420, "Higher education"), "",
     0.090, 0.090, "", False, HERE),
    (2021, "2021000215", "Northland", "Terraces in Farland", (31130, "Agricultural land resources"),
     2, 0.700, 0.310, "", False, ELSEWHERE),
    (2022, "2021000215", "Northland", "Terraces in Farland", (31130, "Agricultural land resources"),
     2, "", 0.290, "", False, ELSEWHERE),
)  # fmt: skip


def crs_added(year: int) -> float:
    """US dollars that the extract adds to what Landia's own sheet says it received."""
    return sum(
        round(1e6 * (row[7] or 0.0))
        for row in OTHERS
        if row[0] == year and row[5] in (1, 2) and row[10] is HERE
    )


def write_crs(path, sheet) -> None:
    """Write the extract: 30 rows.

    Parameters
    ----------
    path : Path
        The CSV file.
    sheet : dict
        Activities of the team's sheet by identifier, as in ``landia_finance.RECEIVED``.
    """
    rows = []
    for crs_id, donor, purpose, marker in SHARED:
        _, _, channel, title, _, instrument, _, amounts, _, _ = sheet[crs_id]
        for year, thousands in zip(range(2020, 2024), amounts, strict=True):
            paid = OTHERWISE.get((crs_id, year), thousands) / 1000.0
            promised = round(sum(amounts) / 1000.0, 3) if year == 2020 else ""
            loan = instrument != "grant"
            key = (year, crs_id, donor, title, purpose, marker, promised, paid, "", loan, HERE)
            rows.append(_row(*key, channel=channel))
    rows += [_row(*key, channel="Central government") for key in OTHERS]
    rows.sort(key=lambda row: (row["year"], row["crs_id"], row["recipient_name"]))
    write_csv(path, COLUMNS, [tuple(row.values()) for row in rows])


def _row(
    year, crs_id, donor, title, purpose, marker, promised, paid, repaid, loan, recipient, *, channel
) -> dict:
    code, letters = DONORS[donor]
    finance, flow, name = LOAN if loan else GRANT
    row = dict.fromkeys(COLUMNS, "")
    return row | {
        "year": year,
        "donor_code": code,
        "donor_iso3_code": letters,
        "donor_name": donor,
        "agency_code": 1,
        "agency_name": f"{donor} Aid" if letters else donor,
        "crs_id": crs_id,
        "project_number": f"{letters or 'X'}-{crs_id[4:]}",
        "initial_report": 1 if promised else 8,
        "recipient_code": recipient[0],
        "recipient_iso3_code": recipient[1],
        "recipient_name": recipient[2],
        "flow_code": flow,
        "flow_name": name,
        "bilateral_multilateral": 1 if letters else 4,
        "category": 10,
        "finance_type": finance,
        "aid_type": "C01",
        "usd_commitment": promised,
        "usd_disbursement": paid,
        "usd_received": repaid,
        "short_description": title.upper(),
        "project_title": title,
        "purpose_code": purpose[0],
        "purpose_name": purpose[1],
        "channel_code": 12001,
        "channel_name": "Central Government",
        "channel_reported_name": channel,
        "long_description": SAID,
        "gender": 1 if marker == 1 else 0,
        "environment": 2 if marker else 0,
        "biodiversity": 1 if marker else 0,
        "climate_mitigation": 0,
        "climate_adaptation": 1 if marker else 0,
        "desertification": marker,
    }
