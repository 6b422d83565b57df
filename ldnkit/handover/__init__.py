"""What is handed over at the end: the national report as a document, and the package of files.

A report is first a :class:`Document`, then HTML, DOCX and PDF that say the same.
"""

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
from ldnkit.handover.docx_writer import write_docx
from ldnkit.handover.html_writer import write_html
from ldnkit.handover.manifest import verify
from ldnkit.handover.national_report import national_report
from ldnkit.handover.package import Package, package
from ldnkit.handover.pdf import find_chromium, write_pdf
from ldnkit.handover.swap import recover

__all__ = [
    "Contents",
    "Document",
    "Figure",
    "Heading",
    "Listing",
    "Notice",
    "Package",
    "PageBreak",
    "Paragraph",
    "TableBlock",
    "find_chromium",
    "national_report",
    "package",
    "recover",
    "verify",
    "write_docx",
    "write_html",
    "write_pdf",
]
