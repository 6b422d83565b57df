"""Pieces of a Word file that python-docx has no function for: styles, fields, bookmarks, pages."""

from __future__ import annotations

import hashlib
import re

from ldnkit.tables import label

NAMESPACE = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
PURPLE, WHITE, SOFT = "5B2150", "FFFFFF", "4D4D4D"
HEADING_FILL, NAME_FILL, NOTE_FILL, WARNING_FILL = PURPLE, "E6F0E4", "FFF4C2", "F8E6EE"
#: A4 and its margins, in cm.
PAPER, MARGIN = (21.0, 29.7), 2.3
#: Fonts for Latin and Cyrillic, Arabic, and Chinese letters.
LATIN, ARABIC, CHINESE = "Arial", "Arial", "Microsoft YaHei"
#: Language tags of Word: of the text, of East Asian and of right-to-left text.
TAGS = {
    **{"en": "en-GB", "fr": "fr-FR", "es": "es-ES", "ru": "ru-RU"},
    **{"ar": "ar-SA", "zh": "zh-CN"},
}
COLONS = {"zh": "：", "fr": "\N{NO-BREAK SPACE}: "}
#: Letters that XML does not allow.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Styles of our own: name -> (based on, size in points, bold, colour, fill, space after).
STYLES = {
    "Lead": ("Normal", 12.5, None, None, None, 6),
    "Small": ("Normal", 8.5, None, SOFT, None, 3),
    "Notice": ("Normal", 10.5, True, "5A4500", NOTE_FILL, 6),
    "Notice warning": ("Normal", 10.5, True, "7A1F5E", WARNING_FILL, 6),
    "Picture": ("Normal", 10.5, None, None, None, 2),
    "Contents heading": ("Normal", 16, True, PURPLE, None, 8),
    "Contents 1": ("Normal", 9.5, True, None, None, 1),
    "Contents 2": ("Normal", 9, None, None, None, 0),
    "Table text": ("Normal", 8, None, None, None, 0),
    "Table name": ("Normal", 8, True, None, None, 0),
    "Table heading": ("Normal", 8, True, WHITE, None, 0),
}
#: Later elements of paragraph properties: bidi stands before them.
AFTER_BIDI = tuple(
    f"w:{name}"
    for name in (
        *("adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing"),
        *("mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment"),
        *("textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange"),
    )
)


def printable(text: str) -> str:
    """A text without the control characters that a Word file cannot hold.

    Examples
    --------
    >>> printable("a" + chr(7) + "b")
    'ab'
    """
    return FORBIDDEN.sub("", str(text))


def style_id(name: str) -> str:
    """The identifier that python-docx gives to a style of this name."""
    return name.replace(" ", "")


def bookmark_name(anchor: str) -> str:
    """A name that Word takes: letters, figures and underscores, 40 at most.

    Examples
    --------
    >>> bookmark_name("SO1-4.T2")
    'b_SO1_4_T2'
    """
    name = "b_" + re.sub(r"\W", "_", anchor)
    if len(name) <= 40:
        return name
    return name[:31] + "_" + hashlib.sha256(anchor.encode()).hexdigest()[:8]


def prepare(word, document) -> None:
    """Properties, language, page and styles of a new file."""
    from docx.shared import Cm, Pt, RGBColor

    properties = word.core_properties
    properties.title, properties.author = printable(document.title), printable(document.author)
    properties.language, properties.comments = TAGS[document.language], ""
    properties.last_modified_by, properties.keywords = printable(document.author), ""
    section = word.sections[0]
    section.page_width, section.page_height = map(Cm, PAPER)
    _margins(section)
    styles = word.styles
    for name, (base, size, bold, colour, fill, after) in STYLES.items():
        style = styles.add_style(name, 1)  # a style of paragraphs
        style.base_style = styles[base]
        style.font.size, style.font.bold = Pt(size), bold
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
        style.paragraph_format.space_after = Pt(after)
        style.paragraph_format.space_before = Pt(0)
        if fill:
            _shade(style, fill)
    styles["Normal"].font.size = Pt(10.5)
    styles["Normal"].paragraph_format.space_after = Pt(5)
    styles["Picture"].paragraph_format.keep_with_next = True
    styles["Contents 2"].paragraph_format.left_indent = Cm(0.8)
    looks = {"Title": 24, "Heading 1": 18, "Heading 2": 14, "Heading 3": 11.5}
    for name, size in looks.items():
        styles[name].font.size = Pt(size)
        styles[name].font.color.rgb = RGBColor.from_string(PURPLE)
    styles["Heading 1"].paragraph_format.page_break_before = True
    caption = styles["Caption"]
    caption.font.size, caption.font.bold = Pt(9.5), True
    caption.font.color.rgb = RGBColor.from_string("222222")
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(6), Pt(3)
    for style in styles:
        if style.type == 1:
            _letters(style, document)
    _language(word, document)
    footer(section, document)


def _letters(style, document) -> None:
    """The same fonts in every style, and for Arabic letters size and weight of their own."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    chosen = {"ascii": LATIN, "hAnsi": LATIN, "cs": ARABIC, "eastAsia": CHINESE}
    for kind, name in chosen.items():
        fonts.set(qn(f"w:{kind}"), name)
    if document.right_to_left:
        font = style.font
        font.cs_bold = font.bold
        if font.size is not None:
            size = properties.find(qn("w:szCs"))
            if size is None:
                size = OxmlElement("w:szCs")
                properties.find(qn("w:sz")).addnext(size)
            size.set(qn("w:val"), str(round(font.size.pt * 2)))


def _shade(style, fill: str) -> None:
    from docx.oxml import parse_xml

    shade = parse_xml(f"<w:shd {NAMESPACE} w:val='clear' w:color='auto' w:fill='{fill}'/>")
    later = ("w:tabs", "w:suppressAutoHyphens", "w:bidi", "w:spacing", "w:ind", "w:jc")
    style.element.get_or_add_pPr().insert_element_before(shade, *later)


def _language(word, document) -> None:
    """The language of the document, for spelling and for reading aloud."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    tag, language = TAGS[document.language], document.language
    defaults = word.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
    mark = properties.find(qn("w:lang"))
    if mark is None:
        mark = OxmlElement("w:lang")
        properties.append(mark)
    # Latin letters among Arabic or Chinese ones are cut into lines as English ones are
    mark.set(qn("w:val"), TAGS["en"] if language in ("ar", "zh") else tag)
    mark.set(qn("w:eastAsia"), TAGS["zh"])
    mark.set(qn("w:bidi"), TAGS["ar"])


def _margins(section) -> None:
    from docx.shared import Cm

    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Cm(MARGIN))


def new_section(word, across: bool) -> None:
    """The next page and those after it stand upright or lie across."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section = word.add_section()
    short, long = map(Cm, PAPER)
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if across else (short, long)
    _margins(section)


def finish_section(section, rtl: bool) -> None:
    """Arabic pages run from right to left."""
    from docx.oxml import OxmlElement

    if rtl:
        later = ("w:rtlGutter", "w:docGrid", "w:printerSettings")
        section._sectPr.insert_element_before(OxmlElement("w:bidi"), *later)


def footer(section, document) -> None:
    """Title and page number at the foot of every page."""
    paragraph = section.footer.paragraphs[0]
    word = label("report.page", document.language)
    run = paragraph.add_run(f"{printable(document.title)} – {word} ")
    run.font.rtl = document.right_to_left or None
    _field(paragraph, "PAGE", "1", document.right_to_left)
    if document.right_to_left:
        right_to_left(paragraph)


def _field(paragraph, code: str, shown: str, rtl: bool) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    field.append(_run(shown, rtl))
    paragraph._p.append(field)


def _run(text: str, rtl: bool):
    from xml.sax.saxutils import escape

    from docx.oxml import parse_xml

    mark = "<w:rPr><w:rtl/></w:rPr>" if rtl else ""
    text = f"<w:t xml:space='preserve'>{escape(printable(text))}</w:t>"
    return parse_xml(f"<w:r {NAMESPACE}>{mark}{text}</w:r>")


def right_to_left(paragraph) -> None:
    """A paragraph that runs from right to left."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = paragraph._p.get_or_add_pPr()
    if properties.find(qn("w:bidi")) is None:
        properties.insert_element_before(OxmlElement("w:bidi"), *AFTER_BIDI)


def bookmark(paragraph, name: str, number: int) -> None:
    """A place that links lead to."""
    from docx.oxml import parse_xml

    start = f"<w:bookmarkStart {NAMESPACE} w:id='{number}' w:name='{name}'/>"
    place = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(place, parse_xml(start))
    paragraph._p.append(parse_xml(f"<w:bookmarkEnd {NAMESPACE} w:id='{number}'/>"))


def hyperlink(paragraph, text: str, anchor: str, rtl: bool) -> None:
    """A text that leads to a bookmark."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), anchor)
    link.set(qn("w:history"), "1")
    link.append(_run(text, rtl))
    paragraph._p.append(link)


def contents_field(first, last) -> None:
    """Makes entries a table of contents that Word can bring up to date, with page numbers."""
    from docx.oxml import parse_xml

    def mark(kind: str):
        return parse_xml(f"<w:r {NAMESPACE}><w:fldChar w:fldCharType='{kind}'/></w:r>")

    code = " TOC \\o &quot;1-2&quot; \\h \\z \\u "
    instruction = f"<w:r {NAMESPACE}><w:instrText xml:space='preserve'>{code}</w:instrText></w:r>"
    place = 1 if first._p.pPr is not None else 0
    for part in (mark("separate"), parse_xml(instruction), mark("begin")):
        first._p.insert(place, part)
    last._p.append(mark("end"))
