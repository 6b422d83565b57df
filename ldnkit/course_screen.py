"""Pieces that the forms of the course share on the screen."""

from __future__ import annotations

import contextlib
import html
import sys

from ldnkit.keyboard import KEEPS_KEYS
from ldnkit.labels import label

STYLE = """<style>
.ldnkit-course .widget-radio-box label {height: auto; white-space: normal; line-height: 1.4;}
.ldnkit-course .widget-radio, .ldnkit-course .widget-radio-box {width: 100%; max-width: 56em;}
.ldnkit-course .widget-html-content {line-height: 1.4; white-space: normal; max-width: 56em;}
.ldnkit-course.ldnkit-right-to-left {direction: rtl; text-align: right;}
.ldnkit-right-to-left .widget-radio-box label > input {float: right; margin: 3px 0 0 8px;}
</style>"""


def refuse_unless(found, known, language: str) -> None:
    if found not in known:
        expected = ", ".join(str(one) for one in known)
        said = label("course.unknown", language).format(found=repr(found), expected=expected)
        raise ValueError(said)


def shown(form, words: str):
    """The form in a notebook with widgets, else the words are printed."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if hasattr(shell, "kernel"):
        with contextlib.suppress(ImportError):
            return form()
    print(words)
    return None


def head(ipywidgets, title: str, help_: str, language: str) -> list:
    words = (html.escape(label(key, language)) for key in (title, help_))
    lines = "<h3>{}</h3><p>{}</p>".format(*words)
    style = ipywidgets.HTML(STYLE + KEEPS_KEYS, layout={"display": "none"})
    return [style, ipywidgets.HTML(lines)]


def button(ipywidgets, key: str, language: str):
    words = label(key, language)
    return ipywidgets.Button(
        description=words,
        layout={"width": "auto", "align_self": "flex-start"},
        button_style="primary",
    )


def box(ipywidgets, parts: list, language: str):
    whole = ipywidgets.VBox(parts, layout={"width": "100%"})
    whole.add_class("ldnkit-course")
    if language == "ar":
        whole.add_class("ldnkit-right-to-left")
    return whole
