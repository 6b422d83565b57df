"""The box around a form: keys that stay with the form, long labels, the direction of the text."""

from __future__ import annotations

from ldnkit.keyboard import KEEPS_KEYS

#: Paths, numbers and lines of a file run from left to right in every language.
STYLE = """<style>
.ldnkit-form .widget-label {height: auto; white-space: normal; line-height: 1.3;}
.ldnkit-form .widget-html-content {white-space: normal; line-height: 1.4;}
.ldnkit-form .dataframe th, .ldnkit-form .dataframe td {padding: 1px 8px;}
.ldnkit-form.ldnkit-right-to-left {direction: rtl; text-align: right;}
.ldnkit-right-to-left .widget-inline-hbox > .widget-label {text-align: left;
  margin: 0 0 0 8px;}
.ldnkit-right-to-left th, .ldnkit-right-to-left td {text-align: right;}
.ldnkit-right-to-left input, .ldnkit-right-to-left select {unicode-bidi: plaintext;
  text-align: start;}
.ldnkit-right-to-left textarea, .ldnkit-right-to-left pre {direction: ltr; text-align: left;}
</style>"""


def hidden(ipywidgets, style: str = ""):
    """What a form shows nothing of: how it looks, and that it keeps its keys."""
    return ipywidgets.HTML(STYLE + style + KEEPS_KEYS, layout={"display": "none"})


def dressed(box, language: str):
    """A box that begins with :func:`hidden`, in the direction of its language."""
    box.add_class("ldnkit-form")
    if language == "ar":
        box.add_class("ldnkit-right-to-left")
    return box
