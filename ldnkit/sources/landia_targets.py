"""Voluntary targets of Landia, their places, actions and anticipated changes: all synthetic.

Landia is the fictional training country. The places are those of its stories.
"""

from __future__ import annotations

import numpy as np

from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_stories import STORIES
from ldnkit.sources.sample_files import outline, write_csv, write_polygons

SYNTHETIC = "Landia is fictional; synthetic training data"
LINKS = tuple(f"link_{rank}" for rank in range(1, 6))
REGISTER = (
    "target", "objective", "target_text", "year", "level", "location", "area_km2", "type",
    "status", "commitment", *LINKS, "revision", "comments",
)  # fmt: skip
DRY = 0.16  # wetness below which land belongs to the affected area

# The places of targets that have one: the stories, and how far around them (share of a radius).
PLACES = {
    "T2": (("forest", -0.20),),
    "T3": (("restoration_2005", 0.0),),
    "T4": (("restoration_2016", 0.0),),
    "T5": (("overgrazing", 0.35),),  # a part of it lies in T4
    "T6": (("overgrazing_south", 0.0), ("salinisation", 0.0)),
}
NATIONAL, PART = "national", "sub_national"
# target, objective, text, year, level, location, type, status, commitment, links
TARGETS = (
    ("T1", "SO1", "From 2030 on Landia gains as much forest in a year as it loses.", 2030,
     NATIONAL, "", "avoid", "ongoing", "ldn_tsp", ("SDG 15.2", "SDG 13", "GBF 1")),
    ("T2", "SO1", "Stop the clearing front in the forest of the east.", 2025,
     PART, "Forest Coast", "avoid", "partially_achieved", "nbsap", ("SDG 15", "GBF 1", "NDC")),
    ("T3", "SO1", "Bring grass and open woodland back to the bare land of the Dry Plain.", 2020,
     PART, "Dry Plain", "reverse", "achieved", "national_action_programme",
     ("SDG 15.3", "SDG 2", "SDG 1")),
    ("T4", "SO1", "Plant native trees on degraded pasture of the River Valley.", 2030,
     PART, "River Valley", "reverse", "ongoing", "restoration_initiative",
     ("SDG 15", "SDG 13", "GBF 2", "NDC")),
    ("T5", "SO1", "Halve the number of animals on the overgrazed range of the Border Hills.", 2025,
     PART, "Border Hills", "reduce", "extended", "ldn_tsp", ("SDG 15", "SDG 2")),
    ("T6", "SO1", "Reduce overgrazing and salt in the south by years of rest and by drains.", 2022,
     PART, "Dry Plain and River Valley", "reduce", "not_achieved", "national_policy",
     ("SDG 2", "SDG 6", "SDG 15")),
    ("T7", "SO1", "Landia is land degradation neutral against the baseline of 2015.", 2030,
     NATIONAL, "", "reverse", "ongoing", "ldn_tsp", ("SDG 15.3", "GBF 2", "NDC")),
    ("T8", "SO2", "Two thirds of the people have safely managed drinking water.", 2030,
     NATIONAL, "", "", "ongoing", "national_policy", ("SDG 6", "SDG 1", "SDG 5")),
    ("T9", "SO3", "A drought plan with early warning covers all eight districts.", 2027,
     NATIONAL, "", "", "ongoing", "drought_plan", ("SDG 13", "SDG 2")),
    ("T10", "SO4", "Half of the area of each key biodiversity area is protected.", 2030,
     NATIONAL, "", "", "ongoing", "nbsap", ("SDG 15",)),
)  # fmt: skip
EDITED = "T4"
EARLIER_TEXT = "Plant trees on all degraded pasture of the River Valley."
REVISION = "Native trees only: the fast-growing ones died in the drought of 2019."
ADDED = ("T10",)
REMOVED = ("T0", "SO1", "Ban the making of charcoal in the whole country.", 2020, NATIONAL, "",
           "reduce", "not_achieved", "national_policy", ("SDG 15",))  # fmt: skip
# action, target, location, start date, km2, funding, polygon
ACTIONS = (
    ("Stone lines, and grass sown behind them", "T3", "Dry Plain", "2005-11-01", 120,
     "State budget", "restoration_2005"),
    ("Trees planted in the new grass", "T3", "Dry Plain", "2017-01", 64,
     "Green Horizon Fund (fictional)", "restoration_2005"),
    ("Nurseries, and native trees planted on pasture", "T4", "River Valley", "2016-10-15", 95,
     "Green Horizon Fund (fictional)", "restoration_2016"),
    ("Agreements with herders on years of rest", "T5", "Border Hills", "2019", 140,
     "State budget and herders", "overgrazing"),
    ("Water points moved away from the bare core", "T5", "Border Hills", "2020-03", 35,
     "Harbour Development Bank (fictional)", "overgrazing"),
    ("Drains, and crops that bear salt", "T6", "River Valley", "2018-06-01", 22,
     "Farmers and state budget", "salinisation"),
    ("Forest guards and patrols of the villages", "T2", "Forest Coast", "2012-05", 310,
     "Northland aid (fictional)", "forest_front"),
    ("Fire breaks along the clearing front", "T2", "Forest Coast", "2021-08-20", 40,
     "State budget", "forest_front"),
    ("Woody invader cleared, native shrubs come back", "", "South Island", "2016-04", 38,
     "Island council", "clearing"),
)  # fmt: skip
# land type, response, anticipated loss and gain (km2), note: gains make up for losses in every
# land type but cropland.
SCENARIO = (
    ("tree", "avoid", 60, 0, "The front is slowed down, not stopped"),
    ("tree", "reverse", 0, 72, "Trees of T4 and of private land"),
    ("grassland", "reduce", 55, 0, "Half as many animals"),
    ("grassland", "reverse", 0, 80, "Rested range"),
    ("cropland", "avoid", 35, 0, "Land use plan keeps the city off good soil"),
    ("cropland", "reduce", 60, 0, "Drains; salt goes on at the edges"),
    ("cropland", "reverse", 0, 40, "Drained and washed fields"),
    ("wetland", "avoid", 6, 0, "Delta Reserve"),
    ("wetland", "reverse", 0, 8, "Old arms of the river opened again"),
)


def write(folder, whole: Landia) -> None:
    """Write targets/ and affected_area.gpkg, and the truth about the targets.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``targets`` and ``truth``.
    whole : Landia
        The country at lesson size; outlines are the same for every size of the rasters.
    """
    place, country = folder / "targets", outline(whole, whole.country)
    shapes = {target: _place(whole, parts, country) for target, parts in PLACES.items()}
    areas = {target: round(_area(shape)) for target, shape in shapes.items()}
    names = {row[0]: row[5] for row in TARGETS}
    rows = [{"target": name, "name": names[name], "note": SYNTHETIC} for name in shapes]
    write_polygons(place / "targets.gpkg", rows, list(shapes.values()))
    write_csv(place / "targets.csv", REGISTER, register(areas))
    write_csv(place / "previous_cycle.csv", REGISTER, previous(areas))
    header = ("action", "target", "location", "start_date", "area_km2", "funding", "polygon")
    rows = [(*row, SYNTHETIC) for row in ACTIONS]
    write_csv(place / "actions.csv", (*header, "comments"), rows)
    header = ("land_type", "response", "anticipated_loss_km2", "anticipated_gain_km2", "note")
    rows = [(*row[:4], f"{row[4]} (synthetic)") for row in SCENARIO]
    write_csv(place / "anticipated.csv", header, rows)
    header = ("target", "other", "shared_km2")
    write_csv(folder / "truth" / "targets.csv", header, _shared(shapes))
    affected = affected_area(whole, country)
    row = {
        "name": "Dry south-west and overgrazed land",
        "definition": "Own definition: wetness below a limit, or overgrazed",
        "note": SYNTHETIC,
    }
    write_polygons(folder / "affected_area.gpkg", [row], [affected])


def register(areas) -> list[tuple]:
    """Rows of targets.csv: the targets of this cycle, with the areas of their places."""
    return [
        _row(row, areas.get(row[0], ""), REVISION if row[0] == EDITED else "") for row in TARGETS
    ]


def previous(areas) -> list[tuple]:
    """Rows of previous_cycle.csv: one text is older, one target is gone, one is not yet there."""
    rows = [_row(REMOVED, "", "")]
    for row in TARGETS:
        if row[0] == EDITED:
            row = (*row[:2], EARLIER_TEXT, *row[3:])
        if row[0] not in ADDED:
            rows.append(_row(row, areas.get(row[0], ""), ""))
    return rows


def _row(target, area, revision) -> tuple:
    number, objective, text, year, level, location, kind, status, commitment, links = target
    links = [*links, *[""] * (len(LINKS) - len(links))]
    return (
        *(number, objective, text, year, level, location, area, kind, status, commitment),
        *(*links, revision, SYNTHETIC),
    )


def _place(whole, parts, country):
    """The place of a target, inside the country."""
    fields = []
    for key, around in parts:
        field = whole.forest if key == "forest" else whole.inside(STORIES[key].place)
        fields.append(field + around)
    return outline(whole, np.maximum.reduce(fields)).intersection(country)


def affected_area(whole, country):
    """The dry south-west of the mainland and the overgrazed land, inside the country."""
    dry = np.where(whole.mainland > -0.2, DRY - whole.wetness, -1.0)
    grazed = [whole.inside(STORIES[key].place) for key in ("overgrazing", "overgrazing_south")]
    return outline(whole, np.maximum.reduce([dry, *grazed])).intersection(country)


def _area(shape) -> float:
    """Area on the ellipsoid, km2."""
    from pyproj import Geod

    return abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6


def _shared(shapes) -> list[tuple]:
    """Rows of truth/targets.csv: the area of each place, and what pairs of places share."""
    rows = [(target, "", f"{_area(shape):.1f}") for target, shape in shapes.items()]
    names = list(shapes)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            shared = shapes[first].intersection(shapes[second])
            if shared.area > 0:
                rows.append((first, second, f"{_area(shared):.1f}"))
    return rows
