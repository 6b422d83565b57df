"""Questions to servers, asked again with growing pauses when an answer does not come."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ldnkit import tables
from ldnkit.sources.open_data.problems import Again, Unreachable

#: Answers after which the same question may be asked again.
FOR_A_WHILE = (408, 425, 429, 500, 502, 503, 504)
CLIENT = "ldnkit (UNCCD reporting workbook)"

_local = threading.local()


@dataclass(frozen=True)
class Patience:
    """How often and how long one waits; seconds."""

    tries: int
    wait: float
    most: float
    timeout: float


def patience() -> Patience:
    """The patience that ``constants.csv`` sets.

    Examples
    --------
    >>> patience().tries
    6
    """
    names = ("fetch_wait", "fetch_wait_most", "fetch_timeout")
    return Patience(int(tables.constant("fetch_tries")), *map(tables.constant, names))


def with_patience(action: Callable[[int], object], address: str):
    """The result of ``action(attempt)``, called again after each :class:`Again`.

    Raises
    ------
    Unreachable
        The last attempt failed, too.
    """
    rules, last = patience(), None
    for attempt in range(rules.tries):
        try:
            return action(attempt)
        except Again as problem:
            last = problem
            if problem.kind == "connection" and problem.after is None and attempt >= 2:
                break  # nobody there: waiting longer does not help
            if attempt + 1 < rules.tries:
                time.sleep(pause(attempt, rules, problem.after))
    times = f" (asked {attempt + 1} times)"
    raise Unreachable(address, last.reason + times, kind=last.kind)


def pause(attempt: int, rules: Patience, after: float | None = None) -> float:
    """Seconds to wait: what the server asks for, else doubled each time, with some chance."""
    if after is not None:
        return min(max(after, 0.0), 10 * rules.most)
    return min(rules.wait * 2**attempt, rules.most) * random.uniform(0.5, 1.5)


def session():
    """The connection of this thread; kept open between questions."""
    if getattr(_local, "session", None) is None:
        import requests

        _local.session = requests.Session()
        _local.session.headers["User-Agent"] = CLIENT
    return _local.session


@contextlib.contextmanager
def asked(address: str, headers=None, *, method: str = "GET"):
    """One question; the open answer. Problems that may pass are :class:`Again`.

    The content is left as the server keeps it: a gz file is not unpacked on the way.
    """
    import requests

    given = {"Accept-Encoding": "identity", **(headers or {})}
    try:
        answer = session().request(
            method, address, headers=given, stream=True, timeout=patience().timeout
        )
    except (requests.Timeout, TimeoutError):
        raise Again(f"no answer within {patience().timeout:g} seconds") from None
    except (
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
    ) as error:
        raise Unreachable(address, f"no web address ({error})") from None  # fmt: skip
    except requests.RequestException as error:
        raise Again(f"no connection ({_short(error)})", kind=_kind(error)) from None
    with answer:
        _judge(address, answer)
        yield answer


def _judge(address: str, answer) -> None:
    if answer.ok or answer.status_code == 416:
        return
    said = f"the answer {answer.status_code} {answer.reason or ''}".strip()
    if answer.status_code in FOR_A_WHILE:
        raise Again(said, after=retry_after(answer.headers.get("Retry-After")))
    problem = Unreachable(address, said)
    problem.status = answer.status_code
    raise problem


def retry_after(text: str | None) -> float | None:
    """Seconds of a header ``Retry-After``: a number or a date.

    Examples
    --------
    >>> retry_after("3"), retry_after(None), retry_after("soon")
    (3.0, None, None)
    """
    if not text:
        return None
    with contextlib.suppress(ValueError):
        return float(text)
    with contextlib.suppress(ValueError, TypeError):
        return (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    return None


def json_of(address: str):
    """The JSON that an address answers, after some attempts if need be."""
    import requests

    def ask(_):
        with asked(address, {"Accept": "application/json"}) as answer:
            try:
                return answer.json()
            except ValueError:
                raise Again("an answer that is no JSON", kind="content") from None
            except requests.RequestException as error:
                raise Again(f"a cut connection ({_short(error)})") from None

    return with_patience(ask, address)


@dataclass(frozen=True)
class Version:
    """What a server says of a file: its mark (ETag or date) and its size in bytes."""

    mark: str
    size: int | None


def version(address: str) -> Version:
    """Ask for the first byte of a file and read from the answer which version it is."""

    def ask(_):
        with asked(address, {"Range": "bytes=0-0"}) as answer:
            return version_of(answer)

    return with_patience(ask, address)


def version_of(answer) -> Version:
    """The version that an answer speaks of; a part of a file says the size of the whole."""
    mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    whole = (answer.headers.get("Content-Range") or "").rpartition("/")[2]
    if answer.status_code != 206:
        whole = answer.headers.get("Content-Length") or ""
    return Version(mark, int(whole) if whole.isdigit() else None)


def _kind(error) -> str:
    text = str(error)
    nobody = ("NameResolution", "NewConnection", "Name or service", "getaddrinfo", "unreachable")
    return "connection" if any(word in text for word in nobody) else "answer"


def _short(error) -> str:
    text = str(error)
    for sign in ("Caused by ", ": "):
        text = text.rpartition(sign)[2] or text
    return text.strip("()'\" ")[:120]
