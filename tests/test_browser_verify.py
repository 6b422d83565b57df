"""The verification workshop in a real browser: a polygon is drawn, undone, typed and saved."""

import re

import pytest
from test_browser import (  # noqa: F401  (fixtures)
    ERRORS,
    GO_TO,
    REPOSITORY,
    WAITING,
    browser,
    lab,
    opened,
    pictures,
)

pytestmark = pytest.mark.browser

NOTEBOOK = REPOSITORY / "notebooks" / "06_verify.ipynb"
LEAVE = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"


@pytest.fixture
def page(browser, lab):  # noqa: F811
    page, _ = opened(browser, lab, NOTEBOOK, "1440x900")
    page.set_default_timeout(30_000)
    yield page
    page.evaluate(LEAVE)
    page.close()


def desk(page):
    """The cell of the workshop, in view."""
    place = page.evaluate(GO_TO, "workshop")
    box = page.locator(f'.jp-Cell[data-windowed-list-index="{place}"]')
    box.locator(".leaflet-overlay-pane img.leaflet-image-layer").first.wait_for(state="visible")
    box.locator(".ldnkit-map").first.evaluate("map => map.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(1500)
    return box


def button(box, name):
    return box.locator("button", has_text=re.compile(rf"^\s*{name}\s*$"))


def press(box, name):
    button(box, name).click()


def polygons_in_list(box):
    texts = box.locator(".widget-select select option").all_text_contents()
    return [text.replace("\xa0", " ") for text in texts]


def effect(box):
    return box.locator("div[role=status]").last.inner_text()


def until(page, ready, *, seconds=30):
    """Wait until something shown by the kernel is there."""
    for _ in range(4 * seconds):
        if ready():
            return
        page.wait_for_timeout(250)
    raise AssertionError("the workshop did not answer")


def test_draw_undo_type_and_save(page, pictures):  # noqa: F811
    assert page.evaluate(ERRORS) == [] and page.evaluate(WAITING) == []
    box = desk(page)
    page.screenshot(path=pictures / "06-workshop.png")
    first, before = polygons_in_list(box), effect(box)
    assert len(first) == 4 and "1,228.6 km² before" in before

    # draw a triangle over the purple belt in the middle of the large island
    image = box.locator(".leaflet-overlay-pane img.leaflet-image-layer").first.bounding_box()
    box.locator(".leaflet-draw-draw-polygon").click()
    points = [(0.45, 0.30), (0.60, 0.30), (0.52, 0.50)]
    for across, down in [*points, points[0]]:
        x, y = image["x"] + across * image["width"], image["y"] + down * image["height"]
        page.mouse.click(x, y)
        page.wait_for_timeout(400)
    outline = box.get_by_label("Outline", exact=True)
    until(page, lambda: outline.input_value().startswith("POLYGON"))
    box.get_by_label("Type", exact=True).select_option(label="False negative")
    until(page, lambda: box.get_by_label("Degraded becomes").input_value() != "– (leave as it is)")
    press(box, "Add")
    until(page, lambda: len(polygons_in_list(box)) == 5)
    until(page, lambda: effect(box) != before)
    page.screenshot(path=pictures / "06-workshop-drawn.png")
    until(page, lambda: "Polygon 3 is added." in box.locator("p[role=status]").inner_text())

    press(box, "Undo")
    until(page, lambda: polygons_in_list(box) == first)
    until(page, lambda: effect(box) == before)

    # without the map: four numbers, all with the keyboard
    press(box, "New polygon")
    until(page, lambda: outline.input_value() == "")
    outline.fill("179.4, -16.5, 179.5, -16.4")
    location = box.get_by_label("Location", exact=True).first
    location.fill("Typed place")
    location.press("Tab")
    box.get_by_label("Type", exact=True).select_option(label="False negative")
    page.wait_for_timeout(1000)
    button(box, "Add").press("Space")  # Enter belongs to JupyterLab
    until(page, lambda: "Polygon 3 is added." in box.locator("p[role=status]").inner_text())
    page.screenshot(path=pictures / "06-workshop-typed.png")
    until(page, lambda: any("Typed place" in line for line in polygons_in_list(box)))
    press(box, "Write the files")
    until(page, lambda: "Written:" in box.locator("p[role=status]").inner_text())
    page.screenshot(path=pictures / "06-workshop-saved.png")


def test_the_draft_is_found_again(page):
    box = desk(page)
    text = box.locator("p[role=status]")
    until(page, lambda: text.count() > 0)
    assert "your last sitting" in text.inner_text()
    assert any("Typed place" in line for line in polygons_in_list(box))
    press(box, "Begin again")
    until(page, lambda: len(polygons_in_list(box)) == 4)
