"""The national report: one document, and the HTML, DOCX and PDF files made of it.

Landia is drawn once, in English. Other languages are made from the same tables without maps.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import sys
import zipfile
from datetime import date
from string import Formatter
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ldnkit import handover, prais, tables
from ldnkit.findings import Finding
from ldnkit.handover import chapters, differences, document, docx_parts, pdf, table_blocks
from ldnkit.handover import method_notes as notes
from ldnkit.handover.document import (
    Contents,
    Document,
    Figure,
    Heading,
    Listing,
    Notice,
    PageBreak,
    Paragraph,
    TableBlock,
)

LANGUAGES = tables.LANGUAGES
DAY = date(2026, 11, 30)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: The maps that go with the tables, by key; hotspots and brightspots need polygons.
MAPS = {
    *("SO1-1.land_cover", "SO1-1.change", "SO1-1.degradation"),
    *("SO1-2.dynamics", "SO1-2.degradation"),
    *("SO1-3.stock", "SO1-3.change", "SO1-3.degradation"),
    *("SO1-4.sdg", "SO1-4.condition", "SO2-3.exposed", "SO3-1.windows", "SO3-2.windows"),
    "SO3-3.units",
}
CHARTS = {
    *("summary.status", "CP.population", "SO1-2.bars", "SO1-VT.areas", "SO2-1.series"),
    *("SO2-2.series", "SO2-3.years", "SO3-1.years", "SO3-2.years", "SO3-3.years"),
    *("SO4-2.series", "SO4-3.series", "SO4-3.sites", "SO5.amounts"),
}


@pytest.fixture(scope="module")
def report(landia, landia_results):
    return prais.build(landia, landia_results)


@pytest.fixture(scope="module")
def findings(report):
    return prais.check(report)


@pytest.fixture(scope="module")
def whole(landia, landia_results, report, findings):
    """The report of Landia with every figure."""
    return handover.national_report(landia, landia_results, report, findings, day=DAY)


@pytest.fixture(scope="module")
def plain(landia, report, findings):
    """The report without maps, in a language: made when first asked for."""
    made = {}

    def make(language):
        if language not in made:
            made[language] = handover.national_report(
                landia, {}, report, findings, language=language, day=DAY
            )
        return made[language]

    return make


@pytest.fixture(scope="module")
def page(whole, tmp_path_factory):
    """The HTML of the whole report, parsed."""
    from lxml import html

    path = handover.write_html(whole, tmp_path_factory.mktemp("html") / "report.html")
    return html.fromstring(path.read_bytes())


@pytest.fixture(scope="module")
def word(whole, tmp_path_factory):
    """The DOCX of the whole report, read back."""
    import docx

    return docx.Document(
        str(handover.write_docx(whole, tmp_path_factory.mktemp("docx") / "report.docx"))
    )


def text_of(made: Document) -> str:
    """All words of a document."""
    parts = [made.title]
    for block in made.blocks:
        parts.append(getattr(block, "text", ""))
        parts += [str(part) for part in getattr(block, "items", ())]
        parts += [getattr(block, "caption", ""), *getattr(block, "sentences", ())]
        parts += list(getattr(block, "notes", ()))
    return "\n".join(parts)


def first_page(made: Document) -> list:
    place = next(i for i, block in enumerate(made.blocks) if isinstance(block, Contents))
    return list(made.blocks[:place])


def small(*blocks, language="en", title="A title") -> Document:
    return Document(title, language, blocks)


def block_of(frame, **options) -> TableBlock:
    options = {"caption": "T. A table", "key": "T", "anchor": "table-T"} | options
    return TableBlock(pd.DataFrame(frame), **options)


# ---- the document ------------------------------------------------------------------------------


def test_every_table_is_in_the_report_with_its_printed_values(whole, report):
    blocks = whole.of(TableBlock)
    for table in report.tables.values():
        parts = [block for block in blocks if block.key == table.id]
        assert parts, table.id
        levels = parts[0].levels
        found = pd.concat(
            [parts[0].frame, *(part.frame.iloc[:, levels:] for part in parts[1:])], axis=1
        )
        pd.testing.assert_frame_equal(found, table.labelled("en"))


def test_every_map_of_the_manual_is_drawn(whole):
    keys = {figure.key for figure in whole.of(Figure)}
    assert keys >= MAPS
    assert keys >= CHARTS


def test_every_figure_has_words_and_a_small_file(whole):
    from PIL import Image

    for number, figure in enumerate(whole.of(Figure), 1):
        assert figure.caption.startswith(f"Figure {number}. "), figure.key
        assert figure.sentences and all(figure.sentences), figure.key
        if figure.key.startswith("AI."):
            continue  # the picture of the team
        assert figure.alt.startswith(("Map, Landia: ", "Chart, Landia: ")), figure.key
        assert figure.sentences[0] in figure.alt
        assert len(figure.image) <= 200_000, figure.key
        with Image.open(io.BytesIO(figure.image)) as image:
            assert image.format == "PNG" and image.width > 600
            assert len(set(np.asarray(image.convert("L")).ravel().tolist())) > 5, "a blank picture"


def test_figures_leave_nothing_behind(whole):
    import matplotlib.pyplot as plt

    assert whole.of(Figure) and plt.get_fignums() == []


def test_sentences_of_a_map_are_those_of_the_results(whole, landia_results):
    """Degraded land 2000–2015 of the sentence is that of the cross-table."""
    frame = landia_results["degradation"].tables["sub_indicators"]
    part = frame[(frame["period"] == "baseline") & (frame["land_cover"] != 7)]
    share = part.loc[part["sdg"] == -1, "area_km2"].sum() / part["area_km2"].sum()
    figure = next(each for each in whole.of(Figure) if each.key == "SO1-4.sdg")
    assert f"Degraded {100 * share:.1f} %" in figure.sentences[0]


def test_headline_is_the_printed_table(whole, report):
    frame = report["SO1-4.T2"].printed
    items = whole.of(Listing)[1].items
    assert len(items) == len(frame) == 3
    for year, said in zip(frame.index, items, strict=True):
        assert said.startswith(f"{year}: {frame.loc[year, 'degraded_share']:.2f} % of the land")
    assert f"{frame.loc['2023', 'change_share']:+.2f} percentage points" in items[2]
    assert "Change" not in items[0]


def test_every_form_has_a_sentence_in_the_summary(whole, report):
    names = [item[0].partition(".")[0] for item in whole.of(Listing)[2].items]
    expected = {"SO1-1", "SO1-2", "SO1-3", "SO1-4", "SO2-1", "SO2-2", "SO2-3", "SO3-1", "SO3-2"}
    assert expected | {"SO3-3", "SO4-2", "SO4-3", "SO5-1", "SO5-2"} <= set(names)
    assert len(names) == len(set(names))


def test_first_page(whole, findings, report):
    front = first_page(whole)
    words = [block.text for block in front]
    assert "Reporting cycle: 2026" in words
    assert "Type of country Party: Affected country" in words
    assert "Written on November 30, 2026" in words
    assert Notice(tables.label("notice.synthetic")) in front
    known = dict.fromkeys([*report.findings, *findings])
    errors = sum(found.severity == "error" for found in known)
    warnings = sum(found.severity == "warning" for found in known)
    assert warnings > 0
    said = f"Written with open findings: {errors + warnings} "
    assert f"{said}(errors: {errors}, warnings: {warnings})." in words


def test_first_page_without_findings(landia):
    empty = prais.Report(landia)
    made = handover.national_report(landia, {}, empty, [])
    words = [block.text for block in first_page(made)]
    assert tables.label("report.no_findings") in words
    assert not any("open findings:" in text for text in words)
    remark = Finding("info", "somewhere", "a remark", "", "")
    made = handover.national_report(landia, {}, empty, [remark])
    assert not any("open findings:" in block.text for block in first_page(made))


def test_findings_are_all_listed_the_worst_first(landia):
    given_findings = [
        Finding("info", "here", "one", "", ""),
        Finding("warning", "there", "two", "less", "Do this.", "05"),
        Finding("error", "SO1-4.T2", "three", "more", "Do that."),
        Finding("error", "SO1-4.T2", "three", "more", "Do that."),
    ]
    made = handover.national_report(landia, {}, prais.Report(landia), given_findings)
    (table,) = [block for block in made.of(TableBlock) if block.key == "findings"]
    assert table.frame["Kind"].tolist() == ["Error", "Warning", "Note"]
    assert table.rows("en")[1] == ["Warning", "there", "two", "less", "Do this.", "05"]
    said = [block.text for block in first_page(made)]
    assert "Written with open findings: 2 (errors: 1, warnings: 1)." in said


def test_disclaimer_once_in_text_and_sources_with_metadata(whole, report):
    assert text_of(whole).count(tables.label("report.boundaries")) == 2  # how to read, sources
    (table,) = [block for block in whole.of(TableBlock) if block.key == "sources"]
    layers = {source["layer"] for each in report.tables.values() for source in each.sources}
    assert len(table.frame) == len(layers)
    assert list(table.frame.columns[-4:]) == [
        tables.label(f"metadata.{name}") for name in ("title", "link", "author", "citation")
    ]
    assert tables.label("report.licence_note") in text_of(whole)


def test_nothing_is_left_without_a_reason(landia, report):
    """Tables that are not there are listed with what to do."""
    some = prais.Report(landia, {"CP-1.T1": report["CP-1.T1"]}, left_out={"SO2-1.T1": "Give it."})
    made = handover.national_report(landia, {}, some, [])
    (table,) = [block for block in made.of(TableBlock) if block.key == "not_reported"]
    reasons = table.frame.set_index("Table")["Reason"]
    assert set(reasons.index) == set(tables.prais_tables()["id"]) - {"CP-1.T1"}
    assert reasons["SO2-1.T1"] == "Give it."
    assert "Notebook 05" in reasons["SO1-4.T2"]
    said = [block.text for block in made.of(Paragraph)]
    assert any(text.startswith("This form has no results.") for text in said)
    assert not made.of(Figure) or all(f.key == "CP.population" for f in made.of(Figure))


def test_developed_country_party(landia, report, findings):
    developed = dataclasses.replace(landia, party="developed")
    made = handover.national_report(developed, {}, report, findings)
    chapter = [heading.text for heading in made.of(Heading)]
    assert tables.label("report.so5") in chapter and tables.label("form.CP") in chapter
    assert not any(tables.label(f"report.so{number}") in chapter for number in (1, 2, 3, 4))
    assert tables.label("report.developed_lead") in text_of(made)
    keys = {block.key for block in made.of(TableBlock)}
    assert {"CP-1.T1", "SO5-1.T2", "SO5-IF.T1"} <= keys and "SO1-4.T2" not in keys
    (table,) = [block for block in made.of(TableBlock) if block.key == "not_reported"]
    reasons = table.frame.set_index("Table")["Reason"]
    assert reasons["SO1-4.T2"] == tables.label("report.reason_not_here")


def test_affected_area_is_an_annex(landia, report, findings):
    affected = prais.Report(landia, {"CP-1.T1": report["CP-1.T1"]}, area="affected")
    made = handover.national_report(landia, {}, report, findings, affected=affected)
    assert made.of(Heading)[-1].text == tables.label("report.annex_affected")
    assert made.blocks[-1].key == "AA-CP-1.T1"
    assert made.blocks[-1].caption.startswith("AA-CP-1.T1. ")


def test_hotspots_are_drawn_when_there_are_polygons(landia, landia_results, report):
    from ldnkit.handover.land_figures import degraded
    from ldnkit.handover.studio import Studio

    west, south, east, north = landia.boundary.total_bounds
    box = shapely.box(west + 0.2, south + 0.2, west + 0.4, south + 0.4)
    spots = {"hotspots": geopandas.GeoDataFrame(geometry=[box], crs=4326), "brightspots": None}
    needed = {name: landia_results[name] for name in ("land_cover", "degradation")}
    figures = list(degraded(Studio(landia, needed, report, "en"), spots))
    assert [each.key for each in figures] == ["SO1-4.sdg", "SO1-4.condition", "SO1-4.hotspots"]
    assert figures[-1].sentences == ("Hotspots, areas named by the team: 1.",)


def test_unknown_language(landia):
    with pytest.raises(KeyError, match="Unknown language: found 'de'; use one of en"):
        handover.national_report(landia, {}, prais.Report(landia), [], language="de")


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_the_frame_speaks_every_language(plain, language):
    english, other = plain("en"), plain(language)
    pairs = list(zip(english.of(Heading), other.of(Heading), strict=True))
    assert len(pairs) > 30
    for ours, theirs in pairs:
        assert ours.anchor == theirs.anchor and ours.text != theirs.text, ours.text
    for ours, theirs in zip(english.of(Listing), other.of(Listing), strict=True):
        assert not set(map(str, ours.items)) & set(map(str, theirs.items))
    assert tables.label("report.machine_translation", language) in text_of(other)
    assert (
        english.title != other.title
        and tables.label("report.method", "en")
        not in [heading.text for heading in other.of(Heading)]
        or language == "fr"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_and_figures_follow_the_language(plain, language):
    words = {
        **{"en": "November 30, 2026", "fr": "30 novembre 2026", "es": "30 de noviembre de 2026"},
        **{"ru": "30 ноября 2026", "ar": "30 نوفمبر 2026", "zh": "2026年11月30日"},
    }
    assert any(words[language] in block.text for block in first_page(plain(language)))
    first = plain(language).of(Listing)[1].items[0]
    assert ("," in first.split("%")[0]) == (language in ("fr", "es", "ru"))


def test_long_tables_stand_in_the_annex(whole, report):
    order = [block.key for block in whole.of(TableBlock)]
    headings = [(place, block) for place, block in enumerate(whole.blocks)]
    annex = next(p for p, b in headings if isinstance(b, Heading) and b.anchor == "annex")
    after = {block.key for block in whole.blocks[annex:] if isinstance(block, TableBlock)}
    assert {"SO1-1.T5", "SO1-2.T1", "SO3-1.T1", "CP-1.T2", "SO5-1.T3"} <= after
    assert not after & {"SO1-4.T2", "SO1-VT.T1", "SO1-IF.T1", "CP-1.T1"}
    assert len(set(order)) >= len(report.tables)
    links = {block.link for block in whole.of(Paragraph) if block.link}
    assert links == {f"table-{key}" for key in after}


# ---- pieces ------------------------------------------------------------------------------------


words_of_cells = st.text("abc 土地", max_size=60)


@given(
    st.lists(
        st.lists(st.one_of(words_of_cells, st.floats(-1e9, 1e9)), min_size=14, max_size=14),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["en", "zh", "ru"]),
)
def test_parts_of_a_table_lose_nothing(rows, language):
    frame = pd.DataFrame(rows, columns=[f"Heading {number}" for number in range(14)], dtype=object)
    block = block_of(frame, levels=2, notes=("a note",))
    parts = list(block.parts(language, "({number}/{count})"))
    columns = [name for part in parts for name in part.frame.columns[2:]]
    assert columns == list(frame.columns[2:])
    assert all(list(part.frame.columns[:2]) == ["Heading 0", "Heading 1"] for part in parts)
    assert parts[-1].notes == ("a note",) and not any(part.notes for part in parts[:-1])
    for part in parts:
        room = document.ACROSS if part.wide(language) else document.UPRIGHT
        widths = part.widths(language, room)
        assert sum(widths) <= room + 1e-6 and min(widths) > 0


def test_widths_of_a_table():
    narrow = block_of({"Class": ["a"], "Area": [1.0]})
    assert not narrow.wide("en")
    assert narrow.widths("en", 16) == narrow.needs("en")[1]
    wide = block_of({f"Name {i}": ["internationally recognised"] for i in range(12)})
    assert wide.wide("en")
    assert sum(wide.widths("en", document.ACROSS)) == pytest.approx(document.ACROSS)


def test_headings_lie_across_with_their_table():
    wide = block_of({f"Name {i}": ["internationally recognised"] for i in range(6)}, across=True)
    upright = block_of({"Class": ["a"]})
    blocks = (Heading("1"), Heading("2", 2), Paragraph("p"), wide, Heading("M", 3), upright)
    across = [lying for _, lying in document.laid_out(small(*blocks))]
    #        heading heading text  table method-note upright
    assert across == [True, True, True, True, True, False]
    blocks = (Heading("1"), upright, Paragraph("p"), wide, Heading("2", 2))
    assert [a for _, a in document.laid_out(small(*blocks))] == [False, False, False, True, False]


def test_a_table_without_rows_has_dashes():
    block = block_of({"a": [], "b": []})
    assert block.rows("en") == [["–", "–"]]


def grid_layer(values, dtype):
    from odc.geo.geobox import GeoBox
    from odc.geo.xr import wrap_xr

    box = GeoBox.from_bbox((30, 0, 32, 2), "EPSG:4326", shape=(2, 2))
    nodata = tables.NODATA if dtype == "int16" else float("nan")
    return wrap_xr(np.array(values, dtype), box, nodata=nodata)


def test_land_cover_change_by_hand():
    #  2000      2015      change (8: none)
    #  1 2       1 3       8 3
    #  3 nodata  1 2       1 nodata
    first = grid_layer([[1, 2], [3, tables.NODATA]], "int16")
    last = grid_layer([[1, 3], [1, 2]], "int16")
    classes = tables.palette("land_cover")
    layer, palette = differences.land_cover_change(first, last, classes, unchanged="Same")
    assert layer.values.tolist() == [[8, 3], [1, tables.NODATA]]
    assert palette.iloc[0].tolist() == [8, "Same", differences.UNCHANGED_COLOUR]
    assert tables.NODATA not in palette["code"].tolist()


def test_percent_change_by_hand():
    first = grid_layer([[100, 50], [0, np.nan]], "float64")
    last = grid_layer([[90, 60], [5, 5]], "float64")
    change = differences.percent_change(first, last)
    np.testing.assert_allclose(change.values, [[-10, 20], [np.nan, np.nan]])
    with pytest.raises(ValueError, match="lies on another grid"):
        differences.percent_change(first, last[:1])


def test_large_pictures_become_smaller(monkeypatch):
    from matplotlib.figure import Figure as Sheet

    from ldnkit.handover import studio

    noise = np.random.default_rng(1).random((200, 200))

    def drawn():
        sheet = Sheet((2, 2))
        sheet.add_subplot().imshow(noise)
        return sheet

    sharp = studio.png(drawn())
    monkeypatch.setattr(studio, "MOST_BYTES", len(sharp) // 2)
    sheet = drawn()
    assert 0 < len(studio.png(sheet)) < len(sharp)
    assert sheet.axes == []  # emptied: nothing is kept in memory


# ---- method notes ------------------------------------------------------------------------------


def test_method_notes_are_complete():
    table = tables.read("method_notes")
    assert (table["source"] != "").all() and table["label_key"].is_unique is False
    forms = {form for group in chapters.CHAPTERS.values() for form in group}
    assert set(table["form"]) <= forms
    without = forms - set(table["form"])
    # one note for a group stands in its first form; AI is described by the team
    assert without == {
        *("SO1-IA", "SO2-VT", "SO3-VT", "SO4-VT", "SO4-1"),
        *("SO5-2", "SO5-3", "SO5-4", "SO5-5", "SO5", "AI"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", ["manual", "trends.earth"])
def test_method_notes_name_the_parameters(landia, landia_results, method, language):
    country = dataclasses.replace(landia, method=method, parameters=tables.method(method))
    for form in dict.fromkeys(tables.read("method_notes")["form"]):
        said = list(notes.method_notes(country, landia_results, form, language))
        assert said, form
        assert not any("{" in text for text, _ in said)
    text = " ".join(text for text, _ in notes.method_notes(country, {}, "SO1-2", language))
    assert "2008–2023" in text and "2000–2012" in text
    assert ("0,05" if language in ("fr", "es", "ru") else "0.05") in text


def test_method_notes_follow_the_method(landia):
    def said(form, **changes):
        country = dataclasses.replace(landia, parameters=landia.parameters | changes)
        return [text for text, _ in notes.method_notes(country, {}, form, "en")]

    manual, other = said("SO1-4", missing="manual"), said("SO1-4", missing="trends.earth")
    assert manual[-1] == tables.label("report.method.missing_manual")
    assert other[-1] == tables.label("report.method.missing_trends_earth")
    period = said("SO2-3", population_exposed_by="period")
    assert tables.label("report.method.by_period") in period
    assert "more than 12.5 %" in said("SO1-3", soil_threshold=12.5)[-1]


def test_changed_parameters_are_said(landia, report):
    own = dataclasses.replace(landia, parameters=landia.parameters | {"alpha": 0.1})
    made = handover.national_report(own, {}, report, [])
    assert "Parameters that the team changed: alpha = 0.1." in text_of(made)
    assert "the team changed" not in text_of(handover.national_report(landia, {}, report, []))


def test_labels_of_the_report_keep_their_fields():
    table = tables.read("labels")
    mine = table[table["key"].str.startswith("report.")]
    for row in mine.to_dict("records"):
        fields = [{n for _, n, _, _ in Formatter().parse(row[lang]) if n} for lang in LANGUAGES]
        assert all(each == fields[0] for each in fields), row["key"]


# ---- HTML --------------------------------------------------------------------------------------


def test_html_needs_nothing_else(page):
    for name in ("src", "href", "data", "poster", "action", "srcset"):
        for value in page.xpath(f"//@{name}"):
            assert value.startswith(("data:image/", "#")), value[:60]
    assert not page.xpath("//script | //link | //iframe | //object")
    style = page.xpath("string(//style)")
    assert "url(" not in style and "@import" not in style


def test_html_headings_and_anchors(page, whole):
    assert len(page.xpath("//h1")) == 1
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3", "h4", "h5")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    anchors = page.xpath("//@id")
    assert len(anchors) == len(set(anchors))
    links = [link[1:] for link in page.xpath("//a/@href")]
    assert set(links) <= set(anchors)
    contents = [link[1:] for link in page.xpath("//nav//a/@href")]
    assert contents == [heading.anchor for heading in whole.headings()]
    assert page.xpath("//a[@class='skip']/@href") == ["#content"]


def test_html_tables_and_figures_can_be_listened_to(page, whole):
    for table in page.xpath("//table"):
        assert table.xpath("string(caption)")
        assert set(table.xpath("thead//th/@scope")) == {"col"}
        assert all(row.xpath("th/@scope") for row in table.xpath("tbody/tr"))
        assert not table.xpath("thead//td")
    images = page.xpath("//img")
    assert len(images) == len(whole.of(Figure))
    for image, figure in zip(images, whole.of(Figure), strict=True):
        assert image.get("alt") == figure.alt
        said = page.get_element_by_id(image.get("aria-describedby")).text_content()
        assert all(sentence in said for sentence in figure.sentences)
    first = images[0].get("src").partition(",")[2]
    assert base64.b64decode(first) == whole.of(Figure)[0].image
    for region in page.xpath("//*[@role='region']"):
        assert region.get("tabindex") == "0" and region.get("aria-labelledby")


def test_html_first_page(page):
    header = page.xpath("string(//header)")
    assert "Written with open findings" in header
    assert tables.label("notice.synthetic") in header


@pytest.mark.parametrize(
    ("language", "tag", "direction"), [("ar", "ar", "rtl"), ("zh", "zh-Hans", "ltr")]
)
def test_html_language_and_direction(plain, tmp_path, language, tag, direction):
    from lxml import html

    path = handover.write_html(plain(language), tmp_path / "report.html")
    page = html.fromstring(path.read_bytes())
    assert (page.get("lang"), page.get("dir")) == (tag, direction)
    assert {each.get("dir") for each in page.xpath("//td[@class='n']/bdi")} == {"ltr"}
    assert [part.name for part in tmp_path.iterdir()] == ["report.html"]


def test_html_is_escaped(tmp_path):
    from lxml import html

    evil = "<script>alert('1')</script> & \"x\""
    figure = Figure(b"\x89PNG", evil, (evil,), evil)
    table = block_of({evil: [evil], "n": [1.0]}, caption=evil, notes=(evil,), anchor='a"b')
    blocks = (Paragraph(evil), Contents(evil), Heading(evil, 1, "x"), Notice(evil), figure, table)
    made = small(*blocks, Listing((evil, (evil, evil))), PageBreak(), title=evil)
    path = handover.write_html(made, tmp_path / "evil.html")
    page = html.fromstring(path.read_bytes())
    assert not page.xpath("//script")
    assert page.xpath("string(//h1)") == evil
    assert page.xpath("//img/@alt") == [evil]
    assert page.xpath("string(//td)") != "" and evil in page.xpath("string(//tbody)")


def test_a_name_with_a_script_is_only_a_name(landia, report, tmp_path):
    named = dataclasses.replace(landia, names={"en": "<script>alert(1)</script>"})
    made = handover.national_report(named, {}, report, [])
    path = handover.write_html(made, tmp_path / "report.html")
    assert "<script" not in path.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in path.read_text(encoding="utf-8")
    handover.write_docx(made, tmp_path / "report.docx")


def contrast(first: str, second: str) -> float:
    """Contrast of two colours after WCAG 2.2."""

    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_read():
    from ldnkit.handover.html_writer import STYLE

    known = dict(re.findall(r"--(\w+): (#\w{6})", STYLE))
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for ink in (known["ink"], known["soft"], known["purple"], "#1f4e9c"):
        assert contrast(ink, "#ffffff") >= 4.5
    assert contrast("#ffffff", known["purple"]) >= 4.5
    for paper in (known["pale"], "#fff4c2", "#f8e6ee"):
        assert contrast(known["ink"], paper) >= 4.5
    for ink, paper in (("#5A4500", "#FFF4C2"), ("#7A1F5E", "#F8E6EE"), ("#4D4D4D", "#FFFFFF")):
        assert contrast(ink, paper) >= 4.5


# ---- DOCX --------------------------------------------------------------------------------------


def rows_of(table) -> list[list[str]]:
    """Cells of a Word table, read from its XML."""
    return [
        ["".join(t.text or "" for t in cell.iter(f"{WORD}t")) for cell in row.iter(f"{WORD}tc")]
        for row in table._tbl.iter(f"{WORD}tr")
    ]


def test_docx_holds_the_printed_values(word, whole):
    blocks = whole.of(TableBlock)
    assert len(word.tables) == len(blocks)
    for table, block in zip(word.tables, blocks, strict=True):
        headings, *rows = rows_of(table)
        assert headings == [str(name) for name in block.frame.columns], block.key
        written = [[cell.replace("\n", "") for cell in row] for row in block.rows("en")]
        assert rows == written, block.key


def test_docx_numbers_are_those_of_the_report(word, whole, report):
    """Read back as figures: degraded land by year, in km² and percent."""
    place = [block.key for block in whole.of(TableBlock)].index("SO1-4.T2")
    rows = rows_of(word.tables[place])[1:]
    frame = report["SO1-4.T2"].printed
    for row, (year, values) in zip(rows, frame.iterrows(), strict=True):
        assert row[0] == str(year)
        assert float(row[1].replace(",", "")) == values["degraded_area"]
        assert float(row[2]) == values["degraded_share"]


def test_docx_is_built_for_reading(word, whole):
    for table in word.tables:
        rows = list(table._tbl.iter(f"{WORD}tr"))
        assert rows[0].find(f"{WORD}trPr/{WORD}tblHeader") is not None
        assert rows[1].find(f"{WORD}trPr/{WORD}cantSplit") is not None or len(rows_of(table)[1]) < 9
        assert table._tbl.find(f"{WORD}tblPr/{WORD}tblCaption").get(f"{WORD}val")
    drawn = [part for part in word.element.body.iter() if part.tag.endswith("}docPr")]
    assert [part.get("descr") for part in drawn] == [each.alt for each in whole.of(Figure)]
    styles = [(p.style.name, p.text) for p in word.paragraphs if p.style.name.startswith("Head")]
    assert styles == [(f"Heading {each.level}", each.text) for each in whole.of(Heading)]
    assert sum(p.style.name == "Caption" for p in word.paragraphs) == len(word.tables) + len(drawn)
    marks = {mark.get(f"{WORD}name") for mark in word.element.body.iter(f"{WORD}bookmarkStart")}
    links = {link.get(f"{WORD}anchor") for link in word.element.body.iter(f"{WORD}hyperlink")}
    assert links <= marks and len(links) > 30
    instructions = [part.text for part in word.element.body.iter(f"{WORD}instrText")]
    assert len(instructions) == 1 and "TOC" in instructions[0]


def test_docx_pages_and_properties(word, whole):
    from docx.enum.section import WD_ORIENT

    assert {section.orientation for section in word.sections} == {
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    }
    for section in word.sections:
        across = section.orientation == WD_ORIENT.LANDSCAPE
        assert (section.page_width > section.page_height) == across
    fields = word.sections[0].footer._element.iter(f"{WORD}fldSimple")
    assert [field.get(f"{WORD}instr") for field in fields] == ["PAGE"]
    properties = word.core_properties
    assert (properties.title, properties.author) == (whole.title, "")
    assert properties.comments == "" and properties.language == "en-GB"


def test_docx_in_arabic(plain, tmp_path):
    import docx

    made = plain("ar")
    word = docx.Document(str(handover.write_docx(made, tmp_path / "report.docx")))
    for paragraph in word.element.body.iter(f"{WORD}p"):
        texts = [part.text for part in paragraph.iter(f"{WORD}t") if part.text]
        if texts:
            assert paragraph.find(f"{WORD}pPr/{WORD}bidi") is not None, texts
    for table in word.tables:
        assert table._tbl.find(f"{WORD}tblPr/{WORD}bidiVisual") is not None
    assert all(s._sectPr.find(f"{WORD}bidi") is not None for s in word.sections)
    heading = next(p for p in word.paragraphs if p.style.name == "Heading 1")
    assert heading.runs[0].font.rtl is True
    numbers = [block.key for block in made.of(TableBlock)].index("SO1-4.T2")
    cell = list(word.tables[numbers]._tbl.iter(f"{WORD}tc"))[8 + 1]
    assert cell.find(f".//{WORD}rtl") is None
    assert cell.find(f".//{WORD}t").text.startswith("\u200e")  # its sign stays in front
    defaults = word.styles.element.find(f"{WORD}docDefaults/{WORD}rPrDefault/{WORD}rPr/{WORD}lang")
    assert defaults.get(f"{WORD}bidi") == "ar-SA"
    assert word.core_properties.language == "ar-SA"


def test_docx_in_chinese(plain, tmp_path):
    import docx

    word = docx.Document(str(handover.write_docx(plain("zh"), tmp_path / "report.docx")))
    fonts = word.styles["Normal"].element.find(f"{WORD}rPr/{WORD}rFonts")
    assert fonts.get(f"{WORD}eastAsia") == docx_parts.CHINESE
    defaults = word.styles.element.find(f"{WORD}docDefaults/{WORD}rPrDefault/{WORD}rPr/{WORD}lang")
    assert defaults.get(f"{WORD}eastAsia") == "zh-CN"
    assert word.element.body.find(f".//{WORD}bidi") is None


def test_docx_takes_strange_letters_and_replaces_the_earlier_file(tmp_path):
    import docx

    strange = "a\x07b\x0b <&> \ud800"
    made = small(Heading(strange, 1, "x"), block_of({strange: [strange]}), title=strange)
    path = tmp_path / "report.docx"
    path.write_bytes(b"earlier")
    handover.write_docx(made, path)
    word = docx.Document(str(path))
    assert rows_of(word.tables[0]) == [["ab <&> "], ["ab <&> "]]
    assert [part.name for part in tmp_path.iterdir()] == ["report.docx"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_bookmarks_stay_apart():
    names = {docx_parts.bookmark_name(f"table-{'x' * 40}-{number}") for number in range(50)}
    assert len(names) == 50 and all(len(name) <= 40 for name in names)


# ---- PDF ---------------------------------------------------------------------------------------


def test_pdf(tmp_path):
    if pdf.find_chromium() is None:
        pytest.skip("no Chromium, Chrome or Edge on this computer")
    made = small(Contents("Contents"), Heading("One", 1, "one"), Paragraph("Words."))
    html = handover.write_html(made, tmp_path / "a report.html")
    path = tmp_path / "a report.pdf"
    assert handover.write_pdf(html, path)
    assert path.read_bytes().startswith(b"%PDF-")
    assert sorted(part.name for part in tmp_path.iterdir()) == ["a report.html", "a report.pdf"]


def test_no_pdf_without_a_browser(tmp_path, monkeypatch):
    html = handover.write_html(small(Paragraph("a")), tmp_path / "report.html")
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF- of an earlier report")
    monkeypatch.setenv(pdf.VARIABLE, str(tmp_path / "nothing"))
    assert pdf.find_chromium() is None
    assert not handover.write_pdf(html, path)
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the browser of this test is a shell script")
@pytest.mark.parametrize("body", ["exit 1", "exit 0", "exec sleep 30"])
def test_a_browser_that_fails_or_hangs(tmp_path, monkeypatch, body):
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv(pdf.VARIABLE, str(browser))
    html = handover.write_html(small(Paragraph("a")), tmp_path / "report.html")
    assert not handover.write_pdf(html, tmp_path / "report.pdf", seconds=0.5)
    assert sorted(part.name for part in tmp_path.iterdir()) == ["browser", "report.html"]


def test_where_browsers_are_sought(tmp_path, monkeypatch):
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    chrome = tmp_path / "Google" / "Chrome" / "Application" / "chrome.exe"
    chrome.parent.mkdir(parents=True)
    chrome.touch()
    monkeypatch.setattr(pdf, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    monkeypatch.setattr(pdf, "WINDOWS", ("Google/Chrome/Application/chrome.exe",))
    assert pdf.find_chromium() == chrome


# ---- words of others ---------------------------------------------------------------------------


def test_notes_go_through_the_messages(monkeypatch, report):
    monkeypatch.setattr(table_blocks, "translate", lambda text, language: f"[{language}] {text}")
    table = next(each for each in report.tables.values() if each.notes)
    said = list(table_blocks.notes_of(table, "fr"))
    assert said[-1] == f"[fr] {table.notes[-1]}"
