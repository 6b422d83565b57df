"""Both tables of the narrative from a team's files, and a look at the files before."""

from __future__ import annotations

import pandas as pd

from ldnkit.findings import Finding, InputError
from ldnkit.narrative.additional import examine_additional
from ldnkit.narrative.answers import examine_answers


def compute_tables(
    narrative=None, additional=None
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Everything that SO1-IF to SO5-IF and AI need, as plain tables.

    Parameters
    ----------
    narrative : Narrative, str or Path, optional
        The section of a country, or the answers file itself.
    additional : AdditionalIndicators, str or Path, optional
        The section of a country, or the register itself.

    Returns
    -------
    tables : dict of DataFrame
        narrative: form, section, question, kind, answer, details. additional_indicators: name,
        objective, direction, image, title, link, author, citation, comments. Only those whose
        file is given.
    findings : list of Finding
        Warnings.

    Raises
    ------
    InputError
        Every problem of both files at once.

    Examples
    --------
    >>> compute_tables()
    ({}, [])
    """
    tables, findings = _gathered(narrative, additional)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    return tables, findings


def look(country) -> list[Finding]:
    """Every problem of a country's answers and register, before the work starts.

    Parameters
    ----------
    country : Country

    Returns
    -------
    list of Finding
        Empty when the country file has neither section.
    """
    return _gathered(country.narrative, country.additional_indicators)[1]


def _gathered(narrative, additional) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    tables, findings = {}, []
    if narrative is not None:
        path = getattr(narrative, "answers", narrative)
        tables["narrative"], found = examine_answers(path)
        findings += found
    if additional is not None:
        path = getattr(additional, "register", additional)
        tables["additional_indicators"], found = examine_additional(path)
        findings += found
    return tables, findings
