"""One calculation, several reports: which figures of the UNCCD report serve other frameworks."""

from __future__ import annotations

import pandas as pd

from ldnkit import tables

#: How a figure of the UNCCD report and an indicator of another framework belong together.
RELATIONS = {
    "same_number": "the same figure",
    "component": "one is a part of the other",
    "context": "background: compare, do not copy",
}


def indicators() -> pd.DataFrame:
    """UNCCD indicators and what they share with other frameworks.

    Returns
    -------
    DataFrame
        unccd, framework (SDG, GBF, FERM, DaRT, Rio marker, UNFCCC), code, title, relation
        (``same_number``, ``component`` or ``context``), tables (our table ids, with semicolons),
        reuse, caution, confirmed (``confirmed``: the source says it; ``read``: to be confirmed in
        the current edition of the framework), source.

    Examples
    --------
    >>> found = indicators()
    >>> found.loc[found["relation"] == "same_number", "code"].tolist()
    ['15.3.1', '1.1.1', '6.1.1', '15.5.1', 'A.3']
    """
    return tables.read("crosswalk")


def reuse(report) -> pd.DataFrame:
    """What the tables of a report can be used for elsewhere.

    Parameters
    ----------
    report : Report
        From :func:`ldnkit.prais.build`.

    Returns
    -------
    DataFrame
        unccd, tables (those that the report has, by their names on the platform), missing (those
        that it does not have), framework, code, title, relation in words, reuse, caution,
        confirmed. Rows none of whose tables is there are left out.

    Examples
    --------
    >>> from ldnkit import prais
    >>> reuse(prais.build(country, ldnkit.results(country)))  # doctest: +SKIP
    """
    found = indicators()
    wanted = [cell.split(";") for cell in found["tables"]]
    found["tables"] = [_names(report, ids, there=True) for ids in wanted]
    found.insert(2, "missing", [_names(report, ids, there=False) for ids in wanted])
    found["relation"] = found["relation"].map(RELATIONS)
    columns = ["unccd", "tables", "missing", "framework", "code", "title", "relation"]
    columns += ["reuse", "caution", "confirmed"]
    return found.loc[found["tables"] != "", columns].reset_index(drop=True)


def _names(report, ids: list[str], *, there: bool) -> str:
    return ", ".join(report.label(each) for each in ids if (each in report.tables) is there)


def tools() -> pd.DataFrame:
    """The tools that a reporting team meets.

    Returns
    -------
    DataFrame
        tool, forms (where it helps), gives (what it gives the team), file_in (which file of it
        comes into the workbook), file_out (which file of ours goes to it), confirmed, source. An
        empty file_in or file_out means that no file is exchanged.

    Examples
    --------
    >>> len(tools()) > 10
    True
    """
    return tables.read("tools")
