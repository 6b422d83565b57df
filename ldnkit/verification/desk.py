"""The verification workshop: draw or type polygons, say why, and watch the indicator change.

The widgets are thin: every step is a method that a script can call, and everything they set can
also be said in files (see :mod:`ldnkit.verification.files`).
"""

from __future__ import annotations

import html
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.findings import InputError
from ldnkit.verification import files
from ldnkit.verification.charts import effect_chart
from ldnkit.verification.checks import findings
from ldnkit.verification.desk_fields import attributes, empty_form, make_fields, show_values
from ldnkit.verification.effect import Effect, degraded
from ldnkit.verification.polygons import KINDS, Polygons
from ldnkit.verification.webmap import drawn_map, features

#: Buttons by name; the icon is beside the word, never in place of it.
BUTTONS = {
    "add": "plus", "change": "check", "remove": "trash", "undo": "undo", "redo": "repeat",
    "new": "file-o", "take": "arrow-right", "save": "save", "again": "refresh",
}  # fmt: skip


def workshop(
    country,
    results,
    polygons: Polygons | None = None,
    *,
    candidates=None,
    language: str | None = None,
    restore: bool = True,
    height: int = 460,
):
    """A form with a map for error polygons, hotspots and brightspots.

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result
        land_cover, productivity, soil and degradation.
    polygons : Polygons, optional
        Those to begin with; by default the files that the country file names.
    candidates : mapping of kind to GeoDataFrame, optional
        ``{"hotspot": …, "brightspot": …}`` from :func:`ldnkit.degradation.candidates`.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
    restore : bool
        Go on with the draft of an earlier sitting where there is one.
    height : int
        Pixels of the map.

    Returns
    -------
    Desk
        A widget. ``desk.polygons`` are the polygons as they are now, ``desk.fields`` the widgets
        of the form by name, ``desk.buttons`` its buttons, ``desk.said`` the last message.

    Examples
    --------
    >>> desk = workshop(country, results)  # doctest: +SKIP
    """
    return _desk_class()(country, results, polygons, candidates, language, restore, height)


def _desk_class():
    import ipywidgets

    class Desk(ipywidgets.VBox):
        """The widget of :func:`workshop`."""

        def __init__(self, country, results, polygons, candidates, language, restore, height):
            self.country, self.results = country, results
            self.language = language or country.language
            self.first = files.start(country) if polygons is None else polygons
            draft = files.restore(country) if restore else None
            self.polygons = self.first.copy() if draft is None else draft
            self.candidates = dict(candidates or {})
            self.effect = Effect(country, results)
            self.fields = make_fields(ipywidgets, country.cycle, self.language)
            self.buttons = {name: self._button(name, icon) for name, icon in BUTTONS.items()}
            self.list = ipywidgets.Select(
                description=self.label("list"), rows=6,
                layout={"width": "98%"}, style={"description_width": "7em"},
            )  # fmt: skip
            self.candidate = ipywidgets.Dropdown(
                description=self.label("candidate"), options=self._offered(),
                layout={"width": "70%"}, style={"description_width": "7em"},
            )  # fmt: skip
            self.said, self.table, self.doubts = (ipywidgets.HTML() for _ in range(3))
            self.chart = ipywidgets.Image(format="png", layout={"width": "98%"})
            self.world = self._map(height)
            super().__init__(self._parts(ipywidgets))
            self.add_class("ldnkit-workshop")
            self._connect()
            self.refresh()
            if draft is not None:
                self.say(self.label("restored"))

        # ------------------------------------------------------------ what people can do
        def add(self) -> None:
            """Add what is in the form."""
            kind = self.fields["kind"].value
            number = self.polygons.add(
                kind, self.fields["outline"].value, **attributes(self.fields, kind)
            )
            self.changed((kind, number), self.label("added", number=number))

        def change(self) -> None:
            """Put what is in the form into the chosen polygon."""
            if self.list.value is None:
                return self.say(self.label("choose"))
            kind, number = self.list.value
            values = attributes(self.fields, kind)
            self.polygons.edit(kind, number, geometry=self.fields["outline"].value, **values)
            self.changed((kind, number), self.label("changed", number=number))

        def remove(self) -> None:
            """Take the chosen polygon away."""
            if self.list.value is None:
                return self.say(self.label("choose"))
            kind, number = self.list.value
            self.polygons.remove(kind, number)
            self.changed(None, self.label("removed", number=number))

        def undo(self) -> None:
            """Go back by one change."""
            self.polygons.undo()
            self.changed(None, "")

        def redo(self) -> None:
            """Make an undone change again."""
            self.polygons.redo()
            self.changed(None, "")

        def new(self) -> None:
            """An empty form."""
            self.list.value = None
            empty_form(self.fields)
            self.say("")

        def take(self) -> None:
            """Take the chosen candidate over as a polygon."""
            if self.candidate.value is None:
                return
            kind, row = self.candidate.value
            (number,) = self.polygons.take(self.candidates[kind], kind, rows=[row])
            name = self.label(f"kind.{kind}")
            self.changed((kind, number), self.label("taken", number=row + 1, kind=name))

        def save(self) -> None:
            """Write the files, and name them in the country file."""
            if self.country.synthetic:
                folder = self.country.folder_results / "verification"
                written, more = files.save(self.polygons, folder), self.label("training")
            else:
                written = files.store(self.country, self.polygons)
                more = self.label("named")
            if not written:
                return self.say(self.label("nothing"))
            names = ", ".join(Path(path).name for path in written.values())
            self.say(f"{self.label('saved', files=names)} {more}")

        def again(self) -> None:
            """Forget the draft and begin with the files."""
            files.forget(self.country)
            self.polygons = self.first.copy()
            self.refresh()
            self.new()

        # ------------------------------------------------------------ what the screen shows
        def changed(self, chosen, said: str) -> None:
            """Keep the draft and show the new state."""
            files.keep(self.country, self.polygons)
            self.refresh(chosen)
            self.say(said)

        def refresh(self, chosen=None) -> None:
            """List, map, findings, table and chart as the polygons are now."""
            options = [
                (self._line(kind, number, each), (kind, number))
                for kind in KINDS
                for number, each in enumerate(self.polygons.of(kind), 1)
            ]
            # a list with new choices chooses the first one: the form must not follow
            self.filling = True
            self.list.options = options
            self.list.value = chosen
            self.filling = False
            if chosen is not None:
                show_values(self.fields, self.polygons.get(*chosen))
            self.layer.data = features(self.country, self.polygons)
            self.buttons["undo"].disabled = not self.polygons.can_undo
            self.buttons["redo"].disabled = not self.polygons.can_redo
            self.doubts.value = self._doubts()
            table = self.effect.table(self.polygons.errors)
            self.table.value = self._lines(degraded(table))
            self.chart.value = _png(effect_chart(table, language=self.language))

        def say(self, text: str) -> None:
            """The last message; screen readers read it at once."""
            self.said.value = f'<p role="status" dir="auto">{html.escape(text)}</p>' if text else ""

        def label(self, key: str, **words) -> str:
            return tables.label(f"verification.{key}", self.language).format(**words)

        def _button(self, name: str, icon: str):
            style = "primary" if name in ("add", "save") else ""
            return ipywidgets.Button(
                description=self.label(name), icon=icon, button_style=style,
                layout={"width": "auto"},
            )  # fmt: skip

        def _parts(self, ipywidgets) -> list:
            def row(*names):
                layout = {"flex_flow": "row wrap"}
                return ipywidgets.HBox([self.buttons[name] for name in names], layout=layout)

            self.errors_only = ipywidgets.VBox([self.fields[name] for name in self.fields.errors])
            self.spots_only = ipywidgets.VBox([self.fields[name] for name in self.fields.spots])
            take = ipywidgets.HBox([self.candidate, self.buttons["take"]])
            form = [self.fields["kind"], self.fields["outline"], self.errors_only, self.spots_only]
            left = ipywidgets.VBox(
                [*form, row("add", "change", "new"), self.said], layout={"width": "54%"}
            )
            right = ipywidgets.VBox(
                [
                    self.list,
                    row("remove", "undo", "redo", "again"),
                    *([take] if self.candidates else []),
                    self.table,
                    self.chart,
                    self.doubts,
                    row("save"),
                ],
                layout={"width": "45%"},
            )
            return [self.world, ipywidgets.HBox([left, right])]

        def _map(self, height: int):
            import ipyleaflet

            world, self.layer = drawn_map(
                self.country, self.results, self.polygons, language=self.language, height=height
            )
            self.layer.on_click(self._clicked)
            pen = {"shapeOptions": {"color": "#111111", "weight": 2, "fillOpacity": 0.1}}
            self.draw = ipyleaflet.DrawControl(
                polygon=pen, rectangle=pen, polyline={}, circlemarker={}, circle={}, marker={},
                edit=False, remove=False, position="topleft",
            )  # fmt: skip
            self.draw.on_draw(self._drawn)
            world.add(self.draw)
            return world

        def _connect(self) -> None:
            for name, button in self.buttons.items():
                button.on_click(lambda _, name=name: self._press(name))
            self.list.observe(self._chosen, "value")
            self.fields["kind"].observe(self._kind_changed, "value")
            self._kind_changed()

        def _press(self, name: str) -> None:
            """Do what a button says; problems are said, and nothing is changed then."""
            try:
                getattr(self, name)()
            except (InputError, ValueError, OSError) as error:
                found = getattr(error, "findings", None)
                told = [each.sentence(self.language) for each in found] if found else [str(error)]
                self.say(" ".join([self.label("not_done"), *told]))

        def _kind_changed(self, _=None) -> None:
            error = self.fields["kind"].value == "error"
            self.errors_only.layout.display = "" if error else "none"
            self.spots_only.layout.display = "none" if error else ""

        def _chosen(self, change) -> None:
            if change["new"] is not None and not self.filling:
                kind, number = change["new"]
                show_values(self.fields, self.polygons.get(kind, number))

        def _clicked(self, event=None, feature=None, **rest) -> None:
            properties = (feature or {}).get("properties") or rest.get("properties") or {}
            if "kind" in properties:
                self.list.value = (properties["kind"], properties["number"])

        def _drawn(self, target, action=None, geo_json=None) -> None:
            if action != "created" or not geo_json:
                return
            from shapely.geometry import shape

            self.list.value = None
            self.fields["outline"].value = shape(geo_json["geometry"]).wkt
            self.draw.clear()
            self.say(self.label("drawn"))

        def _offered(self) -> list:
            return [
                (f"{self.label(f'kind.{kind}')} {row + 1}: {area:,.1f} km²", (kind, row))
                for kind, frame in self.candidates.items()
                for row, area in enumerate(frame["area_km2"])
            ]

        def _line(self, kind: str, number: int, feature) -> str:
            name = feature.attributes.get("location_name") or feature.attributes.get("location")
            return f"{self.label(f'kind.{kind}')} {number}" + (f": {name}" if name else "")

        def _doubts(self) -> str:
            found = findings(self.polygons, self.country)
            if not found:
                return f"<p dir='auto'>{html.escape(self.label('no_findings'))}</p>"
            items = [f"<li>{html.escape(each.sentence(self.language))}</li>" for each in found]
            heading = html.escape(self.label("findings"))
            return f"<div dir='auto'><b>{heading}</b><ul>{''.join(items)}</ul></div>"

        def _lines(self, table: pd.DataFrame) -> str:
            rows = []
            for year, row in table.iterrows():
                numbers = {name: f"{row[f'{name}_km2']:,.1f}" for name in ("before", "after")}
                shares = {
                    f"{name}_percent": f"{row[f'{name}_percent']:.2f}"
                    for name in ("before", "after")
                }
                change = f"{row['difference_km2']:+,.1f}"
                text = self.label("live", year=year, difference=change, **numbers, **shares)
                rows.append(f"<li>{html.escape(text)}</li>")
            heading = html.escape(self.label("effect"))
            return f"<div dir='auto' role='status'><b>{heading}</b><ul>{''.join(rows)}</ul></div>"

    return Desk


def _png(sheet) -> bytes:
    import io

    made = io.BytesIO()
    sheet.savefig(made, format="png", dpi=90, bbox_inches="tight", facecolor="white")
    return made.getvalue()
