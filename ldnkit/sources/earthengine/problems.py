"""What goes wrong with Earth Engine, told in three parts and without secrets."""

from __future__ import annotations

import re

from ldnkit.labels import label

#: Kind of problem, and what its message looks like; the first that fits counts.
PATTERNS = (
    ("too_heavy", r"memory limit|memory capacity|computation timed out|total request size"),
    ("not_registered", r"not registered|not signed up|has not been used in project|is disabled"),
    ("no_project", r"no project found|project .*(not found|deleted)|quota project"),
    (
        "no_account",
        r"please authorize access|authenticate|credentials|invalid_grant|unauthorized|\b401\b",
    ),
    ("busy", r"too many requests|\b429\b|rate ?limit|concurrent|quota|\b50[0234]\b|internal error"),
    ("busy", r"backend error|service unavailable|bad gateway|try again"),
    ("no_access", r"permission|forbidden|\b403\b|does not have access|does not exist"),
    (
        "offline",
        r"unable to find the server|name or service|temporary failure|connection|unreachable|"
        r"timed out|ssl|transport|proxy",
    ),
)
#: Kinds that may pass when one waits.
PASSING = ("busy", "offline", "broken")

#: What may be a token, a code or a key.
SECRETS = re.compile(
    r"ya29\.[\w.-]+|1//[\w-]{10,}|4/[\w-]{10,}|AIza[\w-]{10,}|Bearer\s+\S+|GOCSPX-\S+|"
    r"((access|refresh|id)_token|client_secret|code|private_key)[\"']?\s*[=:]\s*[\"']?[^\s\"',&}]+|"
    r"eyJ[\w-]{10,}(\.[\w-]+)*|-----BEGIN[\s\S]*?-----END[^-]*-----",
    re.IGNORECASE,
)


class EarthEngineError(RuntimeError):
    """Earth Engine could not do what was asked; ``kind`` says why.

    Kinds: not_installed, no_project, bad_project, no_account, not_registered, no_access, quota,
    offline, too_heavy, other.
    """

    def __init__(self, kind: str, found: str = "", language: str = "en"):
        self.kind, self.found, self.language = kind, clean(found), language
        super().__init__(message(kind, found, language))

    def __reduce__(self):
        return (type(self), (self.kind, self.found, self.language))


def kind_of(error: BaseException) -> str:
    """What kind of problem an exception is.

    Examples
    --------
    >>> kind_of(Exception("Too Many Requests: quota exceeded"))
    'busy'
    """
    if isinstance(error, EarthEngineError):
        return error.kind
    if isinstance(error, (TimeoutError, ConnectionError)):
        return "offline"
    text = f"{type(error).__name__} {error}".lower()
    for kind, pattern in PATTERNS:
        if re.search(pattern, text):
            return kind
    # a half answer cannot be unpacked
    broken = ("EOFError", "IncompleteRead", "BadZipFile", "ValueError", "UnpicklingError")
    return "broken" if type(error).__name__ in broken else "other"


def explained(error: BaseException, language: str = "en") -> EarthEngineError:
    """The exception as a message in three parts, without secrets."""
    if isinstance(error, EarthEngineError):
        return error
    kind = kind_of(error)
    kind = {"busy": "quota", "broken": "other"}.get(kind, kind)
    return EarthEngineError(kind, first_line(error), language)


def message(kind: str, found: str = "", language: str = "en") -> str:
    """The text of a kind of problem: what is wrong, what was found, what to do."""
    text = label(f"source.earthengine.{kind}", language).format(found=clean(found))
    return " ".join(text.split())


def first_line(error: BaseException) -> str:
    """First line of a message, short and without secrets."""
    lines = clean(str(error)).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]


def clean(text: str) -> str:
    """The text without anything that looks like a token, a code or a key.

    Examples
    --------
    >>> clean("refresh_token=1//0abcdefghijkl expired")
    '*** expired'
    """
    return SECRETS.sub("***", str(text))
