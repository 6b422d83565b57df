"""The implementation framework in words (SO1-IF to SO5-IF), and additional indicators (AI).

The questions are data (``narrative_forms.csv``). A team answers them in a YAML file. Sentences with
figures of its own tables help it to write; they are never invented and never pasted by themselves.
"""

from ldnkit.narrative.additional import read_additional
from ldnkit.narrative.answers import read_answers
from ldnkit.narrative.computed import compute_tables, look
from ldnkit.narrative.documents import markdown, write_docx
from ldnkit.narrative.facts import facts
from ldnkit.narrative.forms import questions, template

__all__ = [
    "compute_tables",
    "facts",
    "look",
    "markdown",
    "questions",
    "read_additional",
    "read_answers",
    "template",
    "write_docx",
]
