"""PRAIS tables as blocks of a document: printed values, years, sources and notes."""

from __future__ import annotations

from collections.abc import Iterator

from ldnkit.handover.document import TableBlock
from ldnkit.messages import translate
from ldnkit.prais.report import wording
from ldnkit.tables import label

#: Tables with more rows or columns stand in the annex.
MOST_ROWS, MOST_COLUMNS = 12, 10
#: Matrices that stand in the annex whatever their size.
MATRICES = ("SO1-1.T3", "SO1-1.T5", "SO1-1.T6", "SO1-2.T1", "SO1-2.T2")
#: Texts of the team, which stand in their chapter however long they are.
TOLD = ("IF", "AI", "SO1-VT", "SO1-IA", "SO2-VT", "SO3-VT", "SO4-VT")


def long(table) -> bool:
    """Whether a table stands in the annex."""
    if table.form in TOLD:
        return False
    rows, columns = table.frame.shape
    return table.id in MATRICES or rows > MOST_ROWS or columns > MOST_COLUMNS


def title_of(table, report, language: str) -> str:
    """Number and title of a table, with its unit."""
    units = [wording(f"unit.{unit}", language) for unit in table.unit.split(";") if unit]
    unit = f" ({' / '.join(units)})" if units else ""
    return f"{report.label(table.id)}. {wording(table.title_key, language)}{unit}"


def blocks_of(table, report, language: str) -> Iterator[TableBlock]:
    """A table in as many parts as pages need."""
    frame = table.labelled(language)
    block = TableBlock(
        frame=frame,
        caption=title_of(table, report, language),
        notes=tuple(notes_of(table, language)),
        key=report.label(table.id),
        decimals=tuple(table.decimals_by_place(table.frame)),
        levels=table.frame.index.nlevels,
        anchor=anchor_of(table, report),
    )
    yield from block.parts(language, label("report.part", language))


def anchor_of(table, report) -> str:
    """The place of a table in the document."""
    return f"table-{report.label(table.id)}"


def notes_of(table, language: str) -> Iterator[str]:
    """What stands below a table: years, single answers, sources, notes."""
    if table.period:
        period = table.stated(table.period, language)
        yield f"{wording('report.period', language)}: {period}"
    if table.frame.empty:
        yield label("report.no_rows", language)
    for name, value in table.fields.items():
        shown = ", ".join(wording(part, language) for part in str(value).split(", "))
        yield f"{wording(name, language)}: {shown}"
    if table.sources:
        kinds: dict[str, list[str]] = {}
        for source in table.sources:
            layer = wording(f"indicator.{source['layer']}", language)
            kinds.setdefault(wording(f"data.{source['source']}", language), []).append(layer)
        said = "; ".join(f"{kind} ({', '.join(layers)})" for kind, layers in kinds.items())
        yield f"{wording('data_source', language)}: {said}"
    for note in table.notes:
        yield translate(note, language)
