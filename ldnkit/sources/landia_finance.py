"""Money for the land of Landia, 2020-2023: activities, rates, an extract of the CRS; all synthetic.

Landia is the fictional training country; so are its neighbours, donors, banks and funds.
Its currency has the code XTS, which ISO 4217 keeps for tests.
``activities_raw.csv`` has planted mistakes; ``activities.csv`` is what a careful team made of it.
"""

from __future__ import annotations

from ldnkit.sources.landia_crs import crs_added, write_crs
from ldnkit.sources.sample_files import write_csv

FINANCE_YEARS = (2020, 2021, 2022, 2023)
USD, OWN = "USD", "XTS"
RATES = {2020: 0.0400, 2021: 0.0388, 2022: 0.0362, 2023: 0.0340}  # US dollars for one XTS
COLUMNS = (
    "indicator", "direction", "year", "provider", "country", "recipient", "channel", "title",
    "amount", "currency", "crs_id", "sector", "flow_type", "instrument", "instrument_category",
    "instrument_type", "support", "private_amount_usd", "leveraging", "capacity_building",
    "technology_transfer", "gender_equality", "information",
)  # fmt: skip
NOTE = "Synthetic"
PRINCIPAL, SIGNIFICANT = "principal", "significant"

# Received by Landia (SO5-1): provider, country, channel, title, sector, instrument, support,
# thousands of US dollars by year, CRS identifier, flags (c capacity, t technology, g gender).
RECEIVED = (
    ("Northland Aid", "Northland", "Ministry of the Environment", "Range rest in the Border Hills",
     "agriculture", "grant", PRINCIPAL, (400, 455, 510, 560), "2019000104", "cg"),
    ("Northland Aid", "Northland", "Farmers' union", "Farmer field schools in the north",
     "agriculture", "grant", SIGNIFICANT, (165, 180, 214, 221), "2019000231", "cg"),
    ("Northland Aid", "Northland", "Farmers' union", "Farmer field schools in the south",
     "agriculture", "grant", SIGNIFICANT, (140, 181, 190, 246), "2019000232", "cg"),
    ("Green Horizon Fund", "", "Forest service", "Trees for the River Valley",
     "forestry", "grant", PRINCIPAL, (610, 700, 820, 905), "2018000077", ""),
    ("Green Horizon Fund", "", "Road office", "Dune fixation along the coast road, lot 1",
     "environment", "grant", PRINCIPAL, (96, 104, 120, 131), "2020000415", ""),
    ("Green Horizon Fund", "", "Road office", "Dune fixation along the coast road, lot 2",
     "environment", "grant", PRINCIPAL, (88, 99, 120, 139), "2020000416", ""),
    ("Harbour Development Bank", "", "Ministry of Agriculture",
     "Drains and soil washing in the salt land", "agriculture", "concessional_loan", SIGNIFICANT,
     (800, 850, 900, 1150), "2019000322", "t"),
    ("Eastmark Agency", "Eastmark", "Weather service", "Drought early warning: stations, training",
     "disaster_prevention", "grant", SIGNIFICANT, (260, 240, 310, 330), "2020000508", "ct"),
    ("Eastmark Agency", "Eastmark", "University of Landia", "Seed bank of dry land crops",
     "agriculture", "grant", SIGNIFICANT, (70, 75, 88, 96), "", "t"),
    ("Twin towns of Northland", "Northland", "Women's groups", "Stoves that need less wood",
     "energy", "grant", SIGNIFICANT, (54, 58, 61, 77), "", "g"),
    ("Global Dry Land Facility", "", "Ministry of the Environment",
     "Land degradation neutrality: maps and reporting", "environment", "grant", PRINCIPAL,
     (130, 120, 165, 170), "2019000640", "ct"),
    ("Eastmark Agency", "Eastmark", "Herders' council", "Journey of herders to Eastmark",
     "agriculture", "grant", SIGNIFICANT, (None, 33, None, None), "", "c"),
    ("Northland Aid", "Northland", "Red Sand Relief", "Fodder after the drought",
     "humanitarian", "grant", SIGNIFICANT, (None, None, 145, None), "", ""),
)  # fmt: skip
PROVIDED = (40, 42, 41, 43)  # thousands of US dollars, to a neighbour
# Public money of Landia (SO5-2): provider, scope, title, flow, category, support, thousands of XTS
# in 2020, flags. Spending grows in XTS and stands still in US dollars.
SPENDING_GROWTH, FUNDING_GROWTH = (1.00, 1.06, 1.16, 1.24), (1.00, 1.15, 1.40, 1.60)
SPENDING = (
    ("Ministry of Agriculture", "National", "Advice for farmers on dry land", "expenditure",
     "public_programme", SIGNIFICANT, 30000, "c"),
    ("Ministry of the Environment", "National", "Conservation of soil and water", "expenditure",
     "public_programme", PRINCIPAL, 24000, ""),
    ("Forest service", "North", "Forest guards and fire breaks", "expenditure",
     "public_programme", SIGNIFICANT, 18500, ""),
    ("Ministry of Agriculture", "South", "Water points on the range", "investment",
     "public_programme", SIGNIFICANT, 12000, ""),
    ("Ministry of Agriculture", "South", "Payments for years of rest", "expenditure",
     "payment_for_services", PRINCIPAL, 9000, "g"),
    ("Forest service", "National", "State nurseries", "investment",
     "public_programme", PRINCIPAL, 7400, ""),
    ("Survey office", "National", "Land information system", "investment",
     "public_programme", SIGNIFICANT, 5200, "ct"),
)  # fmt: skip
FUNDING = (
    ("Water users", "National", "Levy on groundwater", "revenue", "fee", SIGNIFICANT, 14000, ""),
    ("Land owners", "National", "Share of the tax on land sales", "revenue", "tax", SIGNIFICANT,
     21000, ""),
    ("Investors", "National", "Green bond of Landia", "borrowing", "bond", PRINCIPAL, 16000, ""),
)  # fmt: skip
# Private money (SO5-3): direction, provider, country, title, sector, flow, instrument, support,
# leveraging, thousands of US dollars by year, flags.
PRIVATE = (
    ("received", "Northland Pensions", "Northland", "Shade coffee on old pasture", "agriculture",
     "foreign_direct_investment", "equity", SIGNIFICANT, "direct_investment",
     (150, 170, 210, 240), ""),
    ("received", "Horizon Impact Fund", "", "Drip irrigation for small farms", "agriculture",
     "other_private_flow", "non_concessional_loan", SIGNIFICANT, "co_financing",
     (320, 350, 420, 470), "t"),
    ("received", "World Soil Foundation", "", "Soil laboratories of the districts", "agriculture",
     "private_development_finance", "grant", PRINCIPAL, "", (60, 66, 75, 84), "ct"),
    ("domestic", "Growers' Cooperative", "Landia", "Terraces of the High Range", "agriculture",
     "", "equity", PRINCIPAL, "", (210, 190, 160, 140), ""),
    ("domestic", "Bank of the Delta", "Landia", "Loans for water-saving pumps", "agriculture",
     "", "non_concessional_loan", SIGNIFICANT, "credit_lines", (180, 170, 110, 100), "t"),
    ("domestic", "Salt Land Company", "Landia", "Gypsum for the salt land", "agriculture",
     "", "equity", SIGNIFICANT, "", (90, 84, 70, 66), ""),
)  # fmt: skip
# What the team declares; the figures of activities.csv agree.
TRENDS = {
    "SO5-1": {"provided": "stable", "received": "increasing"},
    "SO5-2": {"spending": "stable", "funding": "increasing"},
    "SO5-3": {"received": "increasing", "domestic": "declining"},
    "SO5-4": {"received": "increasing", "domestic": "declining"},
}
NEEDS = (
    ("National action programme", "Bring back degraded land", "T3, T4",
     "Grass, native trees, years of rest", 42_000_000, "2025-2030",
     "500 km2 of degraded land better than in 2015", "Herders and farmers of the south"),
    ("Land degradation neutrality programme", "Avoid and reduce losses", "T1, T2, T5, T7",
     "Forest patrols, land use plans, agreements with herders", 18_000_000, "2025-2030",
     "No net loss in any land type", "Villages at the forest and on the range"),
    ("Drought plan", "Early warning in all districts", "T9",
     "Stations, bulletins, a fund for fodder", 12_500_000, "2024-2027",
     "Warning three months ahead", "All eight districts"),
    ("Salt land plan", "Drain the salt land", "T6", "Drains, gypsum, crops that bear salt", "",
     "2026-2029", "60 km2 of fields back in use", "Farmers of the River Valley"),
)  # fmt: skip


def activities() -> list[dict]:
    """The clean activities: one row is one activity in one year.

    Examples
    --------
    >>> len(activities())
    114
    """
    rows = [_received(row, place, year) for place, year in _years() for row in RECEIVED]
    rows += [_provided(place, year) for place, year in _years()]
    for place, year in _years():
        rows += [_public(row, year, SPENDING_GROWTH[place]) for row in SPENDING]
        rows += [_public(row, year, FUNDING_GROWTH[place]) for row in FUNDING]
    rows += [_private(row, place, year) for place, year in _years() for row in PRIVATE]
    return [row for row in rows if row is not None]


def _years():
    return enumerate(FINANCE_YEARS)


def _row(indicator, year, title, support, flags, **cells) -> dict:
    row = dict.fromkeys(COLUMNS, "") | cells
    row |= {"indicator": indicator, "year": year, "title": title, "support": support}
    named = {"capacity_building": "c", "technology_transfer": "t", "gender_equality": "g"}
    row |= {name: "yes" if flag in flags else "no" for name, flag in named.items()}
    return row | {"information": NOTE}


def _received(row, place, year) -> dict | None:
    provider, country, channel, title, sector, instrument, support, amounts, crs_id, flags = row
    if amounts[place] is None:
        return None
    return _row(
        "SO5-1", year, title, support, flags, direction="received", provider=provider,
        country=country, recipient="Landia", channel=channel, amount=1000 * amounts[place],
        currency=USD, crs_id=crs_id, sector=sector, flow_type="oda", instrument=instrument,
    )  # fmt: skip


def _provided(place, year) -> dict:
    return _row(
        "SO5-1", year, "Herders of Farland learn about years of rest", SIGNIFICANT, "c",
        direction="provided", provider="Ministry of Agriculture", country="Farland",
        recipient="Herders of Farland", channel="University of Landia",
        amount=1000 * PROVIDED[place], currency=USD, sector="agriculture", flow_type="oda",
        instrument="grant",
    )  # fmt: skip


def _public(row, year, growth) -> dict:
    provider, scope, title, flow, category, support, thousands, flags = row
    return _row(
        "SO5-2", year, title, support, flags, provider=provider, country="Central government",
        recipient="Landia", channel=scope, amount=1000 * round(thousands * growth), currency=OWN,
        sector="agriculture", flow_type=flow, instrument_category=category,
    )  # fmt: skip


def _private(row, place, year) -> dict:
    direction, provider, country, title, sector, flow = row[:6]
    instrument, support, lever, amounts, flags = row[6:]
    return _row(
        "SO5-3", year, title, support, flags, direction=direction, provider=provider,
        country=country, recipient="Landia", channel="Private", sector=sector, flow_type=flow,
        instrument=instrument, leveraging=lever, private_amount_usd=1000 * amounts[place],
    )  # fmt: skip


# ---- planted mistakes ----------------------------------------------------------------------------


def raw_activities() -> tuple[list[dict], list[tuple]]:
    """The activities with planted mistakes, and the list of them: kind, row, twin, note.

    Rows are positions in the list, from 0; a twin is the row that a mistake repeats.

    Examples
    --------
    >>> rows, planted = raw_activities()
    >>> len(rows), len(planted)
    (120, 10)
    """
    rows = [dict(row) for row in activities()]
    trees = _find(rows, "Trees for the River Valley", 2021)
    warning = _find(rows, "Drought early warning: stations, training", 2022)
    drains = _find(rows, "Drains and soil washing in the salt land", 2023)
    rest = _find(rows, "Range rest in the Border Hills", 2020)
    stoves = _find(rows, "Stoves that need less wood", 2023)
    whole_amount = {"amount": "", "private_amount_usd": drains["amount"], "currency": ""}
    in_budget = {
        "indicator": "SO5-2", "direction": "", "provider": "Northland Aid", "currency": OWN,
        "country": "Central government", "channel": "National", "flow_type": "revenue",
        "amount": round(rest["amount"] / RATES[2020]), "title": "Grant for range rest",
    }  # fmt: skip
    repaid = {"title": "Drains and soil washing: repayment", "amount": -85_000, "crs_id": ""}
    again = {
        "title": "Less wood: stoves that need it", "amount": 76_500, "provider": "Twin towns",
    }  # fmt: skip
    added = [
        ("duplicate", dict(trees), trees, "The same row twice"),
        ("duplicate", warning | {"crs_id": "2020-000508", "provider": "Eastmark"}, warning,
         "The same activity, its identifier written in another way"),
        ("duplicate", drains | {"indicator": "SO5-3", "flow_type": "other_private_flow"}
         | whole_amount, drains, "The whole amount of a co-financed project in SO5-3 too"),
        ("duplicate", rest | in_budget, rest, "A grant in SO5-1 and as public funding in SO5-2"),
        ("look-alike: the same", stoves | again, stoves, "No identifier, other words"),
        ("repayment", drains | repaid, None, "A loan that Landia pays back: no activity"),
    ]  # fmt: skip
    rows += [row for _, row, _, _ in added]
    sign, currency = (
        _find(rows, "Seed bank of dry land crops", 2021),
        _find(rows, "Water points on the range", 2020),
    )
    sign["amount"], currency["currency"] = -sign["amount"], USD
    alike = [
        ("look-alike: two activities", _find(rows, f"{title}{ends[1]}", year),
         _find(rows, f"{title}{ends[0]}", year), note)
        for title, ends, year, note in (
            ("Farmer field schools in the ", ("north", "south"), 2021, "Two places"),
            ("Dune fixation along the coast road, lot ", "12", 2022, "Two lots of one contract"),
        )
    ]  # fmt: skip
    changed = [
        ("wrong sign", sign, None, "A payment with a minus sign"),
        ("wrong currency", currency, None, "XTS taken for USD: the trend of spending turns"),
    ]
    rows.sort(key=lambda row: (row["indicator"], row["year"]))
    places = {id(row): place for place, row in enumerate(rows)}
    planted = [
        (kind, places[id(row)], None if twin is None else places[id(twin)], note)
        for kind, row, twin, note in (*added, *alike, *changed)
    ]
    return rows, planted


def _find(rows, title, year) -> dict:
    return next(row for row in rows if (row["title"], row["year"]) == (title, year))


# ---- the truth and the files ---------------------------------------------------------------------


def summary() -> list[tuple]:
    """The truth: indicator, direction, year, US dollars of activities.csv, and with the CRS."""
    sums: dict[tuple, float] = {}
    for row in activities():
        direction = row["direction"]
        if row["indicator"] == "SO5-2":
            spent = row["flow_type"] in ("expenditure", "investment")
            direction = "spending" if spent else "funding"
        amount = row["amount"] or row["private_amount_usd"]
        usd = amount * (RATES[row["year"]] if row["currency"] == OWN else 1.0)
        indicators = {row["indicator"]: direction}
        if row["technology_transfer"] == "yes":
            indicators["SO5-4"] = "domestic" if direction == "spending" else direction
        for indicator, name in indicators.items():
            key = indicator, name, row["year"]
            sums[key] = sums.get(key, 0.0) + usd
    found = []
    for key in sorted(sums):
        added = crs_added(key[2]) if key[:2] == ("SO5-1", "received") else 0.0
        found.append((*key, f"{sums[key]:.2f}", f"{sums[key] + added:.2f}"))
    return found


def write(folder) -> None:
    """Write finance/ and the truth about it.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``finance`` and ``truth``.
    """
    place, truth = folder / "finance", folder / "truth"
    rows, planted = raw_activities()
    for name, table in (("activities.csv", activities()), ("activities_raw.csv", rows)):
        write_csv(place / name, COLUMNS, [tuple(row.values()) for row in table])
    rates = [(year, OWN, f"{rate:.4f}", NOTE) for year, rate in RATES.items()]
    write_csv(place / "rates.csv", ("year", "currency", "usd", "information"), rates)
    header = (
        *("plan", "objective", "targets", "measures", "need_usd", "horizon", "impact"),
        *("communities", "information"),
    )
    write_csv(place / "needs.csv", header, [(*row, NOTE) for row in NEEDS])
    write_crs(place / "crs_extract.csv", {row[8]: row for row in RECEIVED if row[8]})
    header = ("indicator", "direction", "year", "sheet_usd", "with_crs_usd")
    write_csv(truth / "finance.csv", header, summary())
    lines = [
        (kind, row + 2, "" if twin is None else twin + 2, note) for kind, row, twin, note in planted
    ]
    header = ("kind", "line", "twin_line", "note")
    write_csv(truth / "finance_planted.csv", header, lines)
