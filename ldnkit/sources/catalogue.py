"""The catalogue of data: what there is, under which licence, and by which ways it is reached.

Two tables hold it: ``catalogue.csv`` (a row for each dataset) and ``catalogue_routes.csv`` (a row
for each way to a dataset). A new source is a row, not code. A team adds rows of its own in a
folder with the same two file names, and names the folder in the variable LDNKIT_CATALOGUE.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from ldnkit import csvfiles
from ldnkit.findings import closest, listed

#: Ways that need no account, and those that need one or a person.
OPEN = ("cog", "stac", "stac_static", "zarr", "http", "package")
OTHER = ("api", "earthengine", "account")
#: What a licence may ask or forbid.
FLAGS = ("non_commercial", "no_redistribution", "share_alike", "unclear")
#: Folder with further rows of the team.
OWN = "LDNKIT_CATALOGUE"


@dataclass(frozen=True)
class Entry:
    """A dataset: one row of ``catalogue.csv``.

    ``layers`` are the names under which the workbook uses it. ``step`` is year, month, 16 days,
    once, …; ``first`` and ``last`` are the years published. ``nesting`` is the packaged nesting
    of a land cover product; ``index`` and ``scale`` belong to vegetation and drought indices.
    ``recommended`` is the order in which it is chosen, None when it is never chosen by itself.
    """

    dataset: str
    title: str
    variable: str
    layers: tuple[str, ...]
    first: int
    last: int
    step: str
    resolution: float | None
    unit: str
    licence: str
    flags: tuple[str, ...]
    link: str
    author: str
    citation: str
    nesting: str
    index: str
    scale: float | None
    nodata: float | None
    recommended: int | None
    notes: str

    @property
    def years(self) -> range:
        """The years that are published."""
        every = int(self.step.split()[0]) if self.step.endswith(" years") else 1
        return range(self.first, self.last + 1, every)

    def metadata(self) -> dict[str, str]:
        """The four fields of Annex II: title, link, author, citation."""
        return {part: getattr(self, part) for part in ("title", "link", "author", "citation")}


@dataclass(frozen=True)
class Route:
    """A way to a dataset: one row of ``catalogue_routes.csv``.

    ``address`` is a template with {iso3}, {iso3_lower}, {year}, {month}, {from}, {to}, {sex},
    {age}, {tile}; for STAC the address of the service. ``keep`` are the values of the band
    ``quality`` that count. ``fill`` is a fill value that the files do not declare. ``token`` is
    the address of short-lived signatures. ``verified`` is empty: the doctor keeps the day on
    which it reached an address with the user, not here.
    """

    route: str
    dataset: str
    kind: str
    address: str
    collection: str
    asset: str
    quality: str
    keep: tuple[int, ...]
    variable: str
    fill: float | None
    unpack: str
    field: str
    token: str
    first: int | None
    last: int | None
    crs: str
    verified: str
    notes: str

    @property
    def is_open(self) -> bool:
        """Whether it works without an account."""
        return self.kind in OPEN

    def years(self, entry: Entry) -> list[int]:
        """The years that this way offers of a dataset."""
        first = entry.first if self.first is None else self.first
        last = entry.last if self.last is None else self.last
        return [year for year in entry.years if first <= year <= last]


def datasets(layer: str | None = None) -> pd.DataFrame:
    """The datasets as a table, those that are recommended first.

    Parameters
    ----------
    layer : str, optional
        Only those that serve this layer, for example ``"land_cover"``.

    Returns
    -------
    DataFrame
        One row per dataset: the columns of ``catalogue.csv`` and ``open`` (can it be had without
        an account), ``routes`` (the kinds of ways).

    Raises
    ------
    ValueError
        No dataset serves such a layer.

    References
    ----------
    The addresses were written down from public code and documentation. None counts as verified
    before ``python workbook.py doctor --online`` has reached it.

    Examples
    --------
    >>> datasets("soil_reference")["dataset"].tolist()[0]
    'soilgrids'
    """
    rows = [entry for entry in _entries().values() if layer is None or layer in entry.layers]
    if not rows:
        raise ValueError(
            f"No dataset of the catalogue serves {layer!r}; {closest(str(layer), layers())}"
        )
    rows.sort(key=lambda entry: entry.recommended or 1000)
    ways = _routes()
    table = pd.DataFrame([vars(entry) for entry in rows])
    kinds = [[way.kind for way in ways if way.dataset == entry.dataset] for entry in rows]
    table["open"] = [any(kind in OPEN for kind in each) for each in kinds]
    table["routes"] = [", ".join(dict.fromkeys(each)) for each in kinds]
    return table


def layers() -> list[str]:
    """Names of the layers that some dataset serves."""
    return sorted({layer for entry in _entries().values() for layer in entry.layers})


def entry(key: str) -> Entry:
    """One dataset of the catalogue.

    Raises
    ------
    ValueError
        There is no such key; the message shows a close one.

    Examples
    --------
    >>> entry("esa_cci").nesting
    'esa_cci'
    """
    found = _entries()
    if key not in found:
        raise ValueError(
            f"Unknown dataset: found {key!r}; {closest(key, found)} "
            "ldnkit.sources.catalogue.datasets() lists them all."
        )
    return found[key]


def routes(key: str) -> list[Route]:
    """The ways to a dataset, in the order in which they are tried.

    Examples
    --------
    >>> [way.kind for way in routes("chirps")]
    ['cog', 'http', 'earthengine']
    """
    entry(key)
    return [way for way in _routes() if way.dataset == key]


def earthengine_assets(key: str) -> pd.DataFrame:
    """The Earth Engine assets of a dataset: its rows of ``earthengine_assets.csv``, if any.

    The identifiers stand in that table only; here a way of the kind ``earthengine`` says that
    there is one.
    """
    try:
        table = csvfiles.packaged("earthengine_assets")
    except FileNotFoundError:
        return pd.DataFrame()
    column = next((name for name in ("dataset", "key") if name in table), None)
    return table[table[column] == key].copy() if column else pd.DataFrame()


def licence(key: str) -> dict:
    """The licence of a dataset and what it asks: ``{"licence": …, "flags": [...], …}``.

    Examples
    --------
    >>> licence("gadm")["flags"]
    ['non_commercial', 'no_redistribution']
    """
    one = entry(key)
    return {"licence": one.licence, "flags": list(one.flags), "link": one.link, "notes": one.notes}


def choose(layer: str, year: int | None = None, *, prefer=None, offline=False):
    """The dataset and the way for a layer and a year.

    Parameters
    ----------
    layer : str
        For example ``"land_cover"``.
    year : int, optional
        Must be among the years of the way; any when left out.
    prefer : str, optional
        A dataset, or a kind of way, that is taken when it serves.
    offline : bool
        Only datasets of which files are kept in the cache.

    Returns
    -------
    (Entry, Route)

    Raises
    ------
    ValueError
        Nothing serves; the message lists what there is for other years or with an account.

    Examples
    --------
    >>> chosen, way = choose("land_cover", 2015)
    >>> chosen.dataset, way.kind
    ('esa_cci', 'stac')
    """
    table = datasets(layer)
    ways = [(entry(key), way) for key in table["dataset"] for way in routes(key)]
    fits = [
        (one, way) for one, way in ways if way.is_open and (year is None or year in way.years(one))
    ]
    if offline:
        from ldnkit.sources.open_data.cache import Cache

        held = Cache().datasets()
        fits = [pair for pair in fits if pair[0].dataset in held]
    liked = [pair for pair in fits if prefer in (pair[0].dataset, pair[1].kind, pair[1].route)]
    recommended = [pair for pair in fits if pair[0].recommended]
    for pairs in (liked, recommended):
        if pairs:
            return pairs[0]
    others = [
        f"{one.dataset} ({way.kind}, {min(way.years(one))}–{max(way.years(one))})"
        for one, way in ways
        if len(way.years(one))
    ]
    when = "" if year is None else f" for {year}"
    kept = " in the cache" if offline else " without an account"
    raise ValueError(
        f"No recommended dataset{kept} gives {layer}{when}: found {listed(others)}; "
        "ask for one of these years, name a dataset yourself, or use files of your own."
    )


def fill_in(template: str, **parts) -> str:
    """An address from its template; months and days have two digits.

    Examples
    --------
    >>> fill_in("p_{year}.{month}.tif", year=1981, month=3)
    'p_1981.03.tif'
    """
    text = {name: f"{value:02d}" if name == "month" else value for name, value in parts.items()}
    for name, value in text.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def _own(name: str) -> pd.DataFrame:
    """Rows of the team's own catalogue."""
    folder = os.environ.get(OWN)
    file = Path(folder) / f"{name}.csv" if folder else None
    if file is None or not file.is_file():
        return pd.DataFrame()
    table, _ = csvfiles.parse(file.read_text(encoding="utf-8-sig"))
    return table


def _rows(name: str) -> list[dict]:
    """Rows of a packaged table as text, with those of the team; a repeated key is replaced."""
    packaged = csvfiles.packaged(name)
    key = packaged.columns[0]
    rows = {row[key]: row for row in packaged.to_dict("records")}
    for row in _own(name).to_dict("records"):
        rows[row[key]] = {column: row.get(column, "") for column in packaged.columns}
    return list(rows.values())


def _entries() -> dict[str, Entry]:
    made = {}
    for row in _rows("catalogue"):
        values = {part.name: row.get(part.name, "") for part in fields(Entry)}
        values["layers"] = tuple(str(row["layer"]).split("|"))
        values["flags"] = tuple(flag for flag in str(row["flags"]).split("|") if flag)
        values |= {part: int(_number(row[part])) for part in ("first", "last")}
        values |= {part: _number(row[part]) for part in ("resolution", "scale", "nodata")}
        order = _number(row["recommended"])
        values["recommended"] = None if order is None else int(order)
        made[row["dataset"]] = Entry(**values)
    return made


def _routes() -> list[Route]:
    made = []
    for row in _rows("catalogue_routes"):
        values = {part.name: row[part.name] for part in fields(Route)}
        keep = [_number(code) for code in str(row["keep"]).split("|")]
        values["keep"] = tuple(int(code) for code in keep if code is not None)
        values["fill"] = _number(row["fill"])
        for part in ("first", "last"):
            number = _number(row[part])
            values[part] = None if number is None else int(number)
        values["variable"] = str(row["variable"])
        values["verified"] = "" if pd.isna(row["verified"]) else str(row["verified"])
        made.append(Route(**values))
    return made


def _number(cell) -> float | None:
    if cell is None or str(cell).strip() in ("", "nan"):
        return None
    return float(cell)
