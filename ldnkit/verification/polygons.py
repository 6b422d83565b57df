"""The polygons of form SO1-4 while people work on them: add, change, remove, undo, redo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd

from ldnkit import degradation, polygons, tables
from ldnkit.findings import Finding, InputError, closest
from ldnkit.periods import Cycle
from ldnkit.sources.vectors import SPOT_FIELDS, error_type
from ldnkit.tables import LANGUAGES
from ldnkit.verification.geometries import geometry as outline

#: Kinds of polygons: SO1-4.T3, T4 and T5.
KINDS = ("error", "hotspot", "brightspot")
#: Attributes of each kind.
ERROR_FIELDS = (
    *("location_name", "process_driving_change", "basis_for_judgement", "periods_affected"),
    *degradation.RECODES.values(),
)
FIELDS = {"error": ERROR_FIELDS, "hotspot": SPOT_FIELDS, "brightspot": SPOT_FIELDS}
#: Processes to choose from, by their label ``process.<key>``; "other" stands for own words.
PROCESSES = (
    *("deforestation", "vegetation_loss", "urban_expansion", "afforestation"),
    *("wetland_drainage", "woody_encroachment", "inundation", "agricultural_expansion"),
    *("withdrawal_of_agriculture", "withdrawal_of_settlements", "vegetation_establishment"),
    *("wetland_establishment", "other"),
)
#: What a type of error means for the classes, until the team says it otherwise.
TYPES = {
    "false_positive": {"recode_stable_to": -1, "recode_imp_to": -1},
    "false_negative": {"recode_deg_to": 0},
}


@dataclass(frozen=True)
class Feature:
    """One polygon: its kind, its outline in EPSG:4326, its attributes and its uuid."""

    kind: str
    geometry: object
    attributes: Mapping
    uuid: str


class Polygons:
    """Error polygons, hotspots and brightspots; every change can be undone.

    Parameters
    ----------
    cycle : int
        Reporting cycle, for the names of periods.
    features : iterable of Feature

    Examples
    --------
    >>> desk = Polygons()
    >>> desk.add("error", "30, 9, 31, 10", type="false_negative", periods_affected=["baseline"])
    1
    >>> desk.edit("error", 1, location_name="North Plain")
    >>> desk.undo(), desk.frame("error")["location_name"].tolist()
    (True, [''])
    """

    def __init__(self, *, cycle: int = 2026, features=()):
        self.cycle = int(cycle)
        self._states: list[tuple[Feature, ...]] = [tuple(features)]
        self._now = 0

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.of(kind))} {kind}" for kind in KINDS)
        return f"<Polygons: {counts}>"

    def __len__(self) -> int:
        return len(self.features)

    def copy(self) -> Polygons:
        """The same polygons as they are now, with nothing to undo."""
        return Polygons(cycle=self.cycle, features=self.features)

    @property
    def features(self) -> tuple[Feature, ...]:
        """All polygons as they are now."""
        return self._states[self._now]

    @property
    def periods(self) -> list[str]:
        """Names of the periods that a polygon may affect."""
        return [period.name for period in Cycle(self.cycle).periods]

    def of(self, kind: str) -> tuple[Feature, ...]:
        """The polygons of a kind, in their order: that of the file and of the table."""
        _known_kind(kind)
        return tuple(each for each in self.features if each.kind == kind)

    def add(self, kind: str, geometry, *, crs=None, type: str = "", **attributes) -> int:
        """Add a polygon.

        Parameters
        ----------
        kind : {"error", "hotspot", "brightspot"}
        geometry
            As for :func:`ldnkit.verification.geometry`.
        type : {"", "false_positive", "false_negative"}
            For an error: which classes are wrong, where no recode is given.
        **attributes
            Those of the kind; a recode is -1, 0, 1, -32768 (no data), or None to leave a class.

        Returns
        -------
        int
            Its number in its kind, from 1.

        Raises
        ------
        InputError
            An unknown kind, attribute, period or recode, or no polygon. All are listed.
        """
        values = self._checked(kind, attributes, type)
        shape = outline(geometry, crs=crs)
        feature = Feature(kind, shape, _full(kind, values), self._uuid(kind, shape, values))
        self._put((*self.features, feature))
        return len(self.of(kind))

    def edit(self, kind: str, number: int, *, geometry=None, type: str = "", **changes) -> None:
        """Change the outline or some attributes; its uuid stays."""
        old = self.get(kind, number)
        values = self._checked(kind, changes, type)
        shape = old.geometry if geometry is None else outline(geometry)
        new = replace(old, geometry=shape, attributes={**old.attributes, **values})
        self._put(tuple(new if each is old else each for each in self.features))

    def remove(self, kind: str, number: int) -> None:
        """Take a polygon away; those after it move up."""
        old = self.get(kind, number)
        self._put(tuple(each for each in self.features if each is not old))

    def get(self, kind: str, number: int) -> Feature:
        """A polygon by its number.

        Raises
        ------
        InputError
            There is no such number.
        """
        here = self.of(kind)
        if not 1 <= number <= len(here):
            found, expected = f"number {number}", f"1 to {len(here)}"
            remedy = "Choose one of the list." if here else "Add one first."
            raise InputError([Finding("error", kind, found, expected, remedy, "06")])
        return here[number - 1]

    def take(self, candidates, kind: str, *, rows=None, **attributes) -> list[int]:
        """Take over candidates, the result of :func:`ldnkit.degradation.candidates`.

        Parameters
        ----------
        candidates : GeoDataFrame
        kind : str
        rows : iterable of int, optional
            Positions of the rows wanted, from 0; all by default.
        **attributes
            The same for all of them.

        Returns
        -------
        list of int
            Their numbers.
        """
        chosen = range(len(candidates)) if rows is None else rows
        shapes, crs = list(candidates.geometry), candidates.crs
        return [self.add(kind, shapes[row], crs=crs, **attributes) for row in chosen]

    def undo(self) -> bool:
        """Go back by one change; False when there is none."""
        self._now, moved = max(self._now - 1, 0), self._now > 0
        return moved

    def redo(self) -> bool:
        """Make an undone change again; False when there is none."""
        moved = self._now < len(self._states) - 1
        self._now += moved
        return moved

    @property
    def can_undo(self) -> bool:
        return self._now > 0

    @property
    def can_redo(self) -> bool:
        return self._now < len(self._states) - 1

    def frame(self, kind: str):
        """The polygons of a kind as a table.

        Returns
        -------
        GeoDataFrame, EPSG:4326
            uuid, the attributes of the kind, ``area_km_sq`` on the ellipsoid; errors also have
            their ``type``. The recodes are Int32; empty leaves a class as it is.
        """
        import geopandas

        here = self.of(kind)
        rows = [{"uuid": each.uuid, **each.attributes} for each in here]
        frame = pd.DataFrame(rows, columns=["uuid", *FIELDS[kind]], dtype=object)
        shapes = np.array([each.geometry for each in here], object)
        frame["area_km_sq"] = polygons.area_km2(shapes).round(6)
        if kind == "error":
            frame["type"] = [error_type(row) for row in frame.to_dict("records")]
            for column in degradation.RECODES.values():
                frame[column] = frame[column].astype("Int32")
        return geopandas.GeoDataFrame(frame, geometry=list(shapes), crs="EPSG:4326")

    @property
    def errors(self):
        """The error polygons, ready for the computation."""
        return self.frame("error")

    def _put(self, features) -> None:
        self._states[self._now + 1 :] = [tuple(features)]
        self._now += 1

    def _uuid(self, kind: str, shape, values: Mapping) -> str:
        """The same for the same outline and location; another for a second one on top."""
        import shapely

        place = values.get("location_name", values.get("location", ""))
        corners = shapely.to_wkb(shapely.normalize(shape), byte_order=1).hex()
        taken, again = {each.uuid for each in self.features}, 0
        while True:
            more = f"|{again}" if again else ""
            found = str(uuid5(NAMESPACE_URL, f"{kind}|{place}|{corners}{more}"))
            if found not in taken:
                return found
            again += 1

    def _checked(self, kind: str, given: Mapping, type: str) -> dict:
        """Attributes with their types; every problem is told at once."""
        _known_kind(kind)
        given = dict(given)
        problems = [
            Finding("error", kind, f"the attribute {name}", "", closest(name, FIELDS[kind]), "06")
            for name in given
            if name not in FIELDS[kind]
        ]
        recodes = tuple(degradation.RECODES.values())
        if type:
            if kind != "error" or type not in TYPES:
                remedy = closest(type, TYPES)
                problems.append(Finding("error", kind, f"the type {type}", "", remedy, "06"))
            elif not any(given.get(name) is not None for name in recodes):
                given = dict.fromkeys(recodes) | given | TYPES[type]
        values = {}
        for name, value in given.items():
            if name in recodes:
                values[name] = None if _empty(value) else value
            elif name == "periods_affected":
                values[name] = degradation.periods_of(value) if value is not None else ()
                values[name] = tuple(each for each in values[name] if each)
            elif name in FIELDS[kind]:
                values[name] = "" if _empty(value) else str(value).strip()
        problems += _recode_problems(values)
        problems += [
            Finding("error", "periods_affected", name, ", ".join(self.periods), "", "06")
            for name in values.get("periods_affected", ())
            if name not in self.periods
        ]
        if problems:
            raise InputError(problems)
        for name in set(recodes) & set(values):
            values[name] = degradation.recode_of(values[name])
        return values


def process_key(text: str) -> str:
    """The key of a process written in any of the six languages; "other" for own words.

    Examples
    --------
    >>> process_key("Deforestation"), process_key("salt")
    ('deforestation', 'other')
    """
    wanted = str(text).strip().casefold()
    for key in PROCESSES:
        names = (tables.label(f"process.{key}", language).casefold() for language in LANGUAGES)
        if wanted in (key, *names):
            return key
    return "other"


def type_name(value: str, language: str = "en") -> str:
    """ "false positive" and the like in words of a language."""
    key = str(value).replace(" ", "_")
    return tables.label(f"error_type.{key}", language) if key in TYPES else str(value)


def _recode_problems(values: Mapping) -> list[Finding]:
    found = []
    for column, value in degradation.wrong_recodes(values).items():
        expected = f"one of {', '.join(map(str, degradation.allowed_recodes(column)))}, or empty"
        remedy = "Empty leaves the class as it is; -32768 makes it no data."
        found.append(Finding("error", column, str(value), expected, remedy, "06"))
    return found


def _full(kind: str, values: Mapping) -> dict:
    """All attributes of a kind; those not given are empty."""
    empty = {name: "" for name in FIELDS[kind]}
    if kind == "error":
        empty |= dict.fromkeys(degradation.RECODES.values()) | {"periods_affected": ()}
    return empty | dict(values)


def _empty(value) -> bool:
    if value is None or value is pd.NA or value == "":
        return True
    return isinstance(value, float) and value != value


def _known_kind(kind: str) -> None:
    if kind not in KINDS:
        expected = ", ".join(KINDS)
        raise InputError([Finding("error", "kind", str(kind), expected, closest(kind, KINDS))])
