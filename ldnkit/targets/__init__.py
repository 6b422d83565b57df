"""Voluntary targets and neutrality (SO1-VT, SO1-IA, SO2-VT, SO3-VT, SO4-VT).

A register holds the targets of all strategic objectives, a second list the actions on the ground,
a third one the losses and gains that are anticipated. Where targets have polygons, the status of
the land in each of them is added up from the country's grid.
"""

from ldnkit.targets.carried import carry_over
from ldnkit.targets.columns import HIERARCHY, LINKS, choice_label, choices, columns
from ldnkit.targets.computed import compute_tables, no_overlay
from ldnkit.targets.files import links_of, read_actions, read_register
from ldnkit.targets.scenario import balance, counterbalance, messages, read_scenario
from ldnkit.targets.template import write_template

__all__ = [
    "HIERARCHY",
    "LINKS",
    "balance",
    "carry_over",
    "choice_label",
    "choices",
    "columns",
    "compute_tables",
    "counterbalance",
    "links_of",
    "messages",
    "no_overlay",
    "read_actions",
    "read_register",
    "read_scenario",
    "write_template",
]
