"""What can go wrong on the way to open data, told once and in three parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class Unreachable(ConnectionError):
    """An address did not give what it should, after every attempt.

    ``reason`` says what was found; ``kind`` is ``connection``, ``answer`` (a status such as 404),
    ``content`` (broken, changed or with a wrong checksum) or ``room`` (the disk is full).
    """

    def __init__(self, address: str, reason: str, *, kind: str = "answer", remedy: str = ""):
        self.address, self.reason, self.kind = address, reason, kind
        remedy = remedy or REMEDIES[kind]
        super().__init__(f"{plain(address)} could not be read: found {reason}; {remedy}")

    def __reduce__(self):
        return (_again, (self.address, self.reason, self.kind))


def _again(address, reason, kind):
    return Unreachable(address, reason, kind=kind)


#: What to do, by kind of problem.
REMEDIES = {
    "connection": "look at your connection and run it again: what is complete is kept.",
    "answer": "try again later, choose another way with route=, or fetch it by hand.",
    "content": "run it again: the broken part was thrown away; if it stays so, choose another way.",
    "room": "free some space, or name a folder on another disk in LDNKIT_CACHE.",
}


class Offline(ConnectionError):
    """No network is wanted, or there is none, and files are missing; lists them all."""

    def __init__(self, missing: Sequence[tuple[str, str]], folder: Path, reason: str = ""):
        self.missing, self.folder, self.reason = list(missing), Path(folder), reason
        count = len(self.missing)
        lines = [
            f"{count} file{'s are' if count != 1 else ' is'} missing and there is no network: "
            f"found {reason or 'that work without network was asked for'}; bring them on a USB "
            "stick.",
            *(f"  {number}. {name}  from  {plain(address)}" for number, (name, address) in
              enumerate(self.missing, 1)),
            f"On a computer with internet download them and copy them into {self.folder}, then run "
            "this again. Where an address is a service and not a file, run the same step there "
            "with LDNKIT_CACHE=<folder on the stick>, and copy that folder here.",
        ]  # fmt: skip
        super().__init__("\n".join(lines))

    def __reduce__(self):
        return (type(self), (self.missing, self.folder, self.reason))


class Again(Exception):
    """An attempt failed, the next one may not. ``after`` is what the server asks to wait."""

    def __init__(self, reason: str, *, after: float | None = None, kind: str = "answer"):
        super().__init__(reason)
        self.reason, self.after, self.kind = reason, after, kind


def plain(address: str) -> str:
    """An address without its signature.

    Examples
    --------
    >>> plain("https://example.org/a.tif?sig=secret")
    'https://example.org/a.tif'
    """
    return str(address).partition("?")[0] if "sig=" in str(address) else str(address)
