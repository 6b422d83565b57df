"""Problems, told the same way everywhere: what is wrong, what was found, what to do."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

SEVERITIES = ("error", "warning", "info")
#: Items that one finding lists.
SHOWN = 8


@dataclass(frozen=True)
class Finding:
    """One problem or remark.

    Parameters
    ----------
    severity : {"error", "warning", "info"}
        An error stops the work, a warning travels into the report, an info is only said.
    where : str
        The place: a line of the country file, a raster, a table and cell.
    found, expected, remedy : str
        What was found there, what was expected, what to do about it.
    notebook : str, optional
        The notebook that helps, for example ``"02"``.
    rule : str, optional
        Name of the rule in ``prais_rules.csv``; ``""`` outside the rules of the report.

    Examples
    --------
    >>> print(Finding("warning", "country.yml line 4: cycle", "2025", "2026", "Write cycle: 2026."))
    Warning, country.yml line 4: cycle: found 2025; expected 2026. Write cycle: 2026.
    """

    severity: str
    where: str
    found: str
    expected: str = ""
    remedy: str = ""
    notebook: str = ""
    rule: str = ""

    def __post_init__(self):
        if self.severity not in SEVERITIES:
            raise ValueError(
                f"Unknown severity: found {self.severity!r}; use one of {', '.join(SEVERITIES)}."
            )

    def __str__(self):
        text = f"{self.severity.capitalize()}, {self.where}: found {self.found}"
        if self.expected:
            text += f"; expected {self.expected}"
        text = text.rstrip(".") + "."
        if self.remedy:
            text += f" {self.remedy}"
        if self.notebook:
            text += f" (notebook {self.notebook})"
        return text

    def as_dict(self) -> dict[str, str]:
        """The finding as a plain dictionary, for JSON."""
        return asdict(self)

    def in_language(self, language: str) -> Finding:
        """The finding with place, found, expected and remedy in another language.

        Examples
        --------
        >>> Finding("error", "boundary", "no file", "a polygon file").in_language("fr").expected
        'un fichier de polygones'
        """
        from ldnkit import messages

        if language == "en":
            return self
        said = {
            name: messages.translate(getattr(self, name), language)
            for name in ("found", "expected", "remedy")
        }
        return replace(self, where=messages.place(self.where, language), **said)

    def sentence(self, language: str = "en") -> str:
        """The whole finding in one line, as ``print`` shows it, in another language.

        Examples
        --------
        >>> Finding("error", "country.yml line 4: cycle", "2025", "2026").sentence("fr")
        'Erreur, country.yml ligne 4: cycle : constaté : 2025 ; attendu : 2026.'
        """
        from ldnkit.labels import label

        if language == "en":
            return str(self)
        said = self.in_language(language)
        frame = label(f"message.found{'_expected' if said.expected else ''}", language)
        parts = {"where": said.where, "found": said.found, "expected": said.expected}
        severity = label(f"finding.{self.severity}", language)
        text = frame.format(severity=severity, **{k: v.rstrip(".") for k, v in parts.items()})
        if said.remedy:
            text += f" {said.remedy}"
        if self.notebook:
            text += " " + label("message.notebook", language).format(number=self.notebook)
        return text


class InputError(ValueError):
    """Input that must be mended before work starts; carries every problem at once.

    Examples
    --------
    >>> error = InputError([Finding("error", "boundary", "no file", "a polygon", "Add one.")])
    >>> len(error.findings)
    1
    """

    def __init__(self, findings: Iterable[Finding]):
        self.findings = list(findings)
        count = len(self.findings)
        lines = [f"{count} problem{'s' if count != 1 else ''} to mend before the work can start:"]
        lines += [f"  {number}. {finding}" for number, finding in enumerate(self.findings, 1)]
        super().__init__("\n".join(lines))

    def __reduce__(self):
        return (type(self), (self.findings,))

    def in_language(self, language: str) -> str:
        """The text of the error in another language.

        Examples
        --------
        >>> error = InputError([Finding("error", "boundary", "no file", "a polygon file")])
        >>> print(error.in_language("fr").splitlines()[0])
        1 problème à corriger avant que le travail puisse commencer :
        """
        from ldnkit.labels import label

        if language == "en":
            return str(self)
        count = len(self.findings)
        first = label("message.to_mend_one" if count == 1 else "message.to_mend", language)
        lines = [first.format(count=count)]
        lines += [f"  {n}. {one.sentence(language)}" for n, one in enumerate(self.findings, 1)]
        return "\n".join(lines)


def stop_on_errors(findings: Iterable[Finding]) -> list[Finding]:
    """Raise :class:`InputError` with every error; warn about the rest and return it."""
    findings = list(findings)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    for finding in findings:
        if finding.severity == "warning":
            warnings.warn(str(finding), UserWarning, stacklevel=3)
    return findings


def listed(items: Iterable) -> str:
    """Items in one line; of many only the first, with their number.

    Examples
    --------
    >>> listed(range(2000, 2012))
    '2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007 … (12 in all)'
    """
    items = [f"{item:g}" if isinstance(item, float) else str(item) for item in items]
    if len(items) <= SHOWN:
        return ", ".join(items)
    return f"{', '.join(items[:SHOWN])} … ({len(items)} in all)"


def closest(word, known: Iterable) -> str:
    """The remedy for a word that is not among the known ones.

    Examples
    --------
    >>> closest("Baselin", ["baseline", "report_1"]), closest("x", ["up", "down"])
    ('Did you mean baseline?', 'Use one of up, down.')
    """
    known = [str(item) for item in known if item != ""]
    close = difflib.get_close_matches(str(word).lower().replace(" ", "_"), known, 1, 0.6)
    return f"Did you mean {close[0]}?" if close else f"Use one of {', '.join(known)}."
