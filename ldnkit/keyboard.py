"""Widgets that can be used without a mouse in JupyterLab.

JupyterLab takes arrows and letters for its own commands while a list, a button or a slider in an
output has the focus: the arrow down goes to the next cell in place of the next choice, and ``X``
cuts the cell. An element that says so keeps its keys; :data:`KEEPS_KEYS` lets every element of an
output say it as soon as it gets the focus.
"""

#: HTML to put into a widget ``HTML`` that is shown together with lists and buttons.
KEEPS_KEYS = (
    '<img alt="" aria-hidden="true" style="display: none" '
    'src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" '
    "onload=\"(this.closest('.jp-OutputArea-output') || this.parentElement).addEventListener("
    "'focusin', event => event.target.setAttribute('data-lm-suppress-shortcuts', 'true'))\">"
)
