"""How far a long run is: a bar on a terminal, plain lines elsewhere, with the time that is left."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ldnkit.messages import translate

#: Seconds that a step takes when no earlier run has said.
GUESSES = {"indicator": 3.0, "notebook": 12.0, "report": 6.0}
BAR = "{percentage:3.0f} % |{bar:24}| {desc}"


def say(text) -> None:
    """Print a line at once, also when the output goes into a file."""
    print(text, flush=True)


class Progress:
    """The steps of a run, how long each took the last time, and how long the rest will take.

    Parameters
    ----------
    folder : Path
        Times of an earlier run are kept here, in ``.times.json``.
    terminal : bool, optional
        Show a bar; by default when the output goes to a terminal.
    language : str
        Language of the lines.

    Examples
    --------
    >>> import tempfile
    >>> progress = Progress(Path(tempfile.mkdtemp()), terminal=False)
    >>> progress.expect("indicator", ["soil"])
    >>> progress.done("indicator", "soil", "soil computed", seconds=1.0)
      [1/1] soil computed
    """

    def __init__(self, folder: Path, *, terminal: bool | None = None, language: str = "en"):
        self.language = language
        self.file = Path(folder) / ".times.json"
        self.times: dict[str, float] = _read(self.file)
        self.past = 0.0  # seconds of the steps that are done, as they were expected
        self.waiting: dict[str, float] = {}
        self.count = self.finished = 0
        self.spent = self.expected = 0.0
        self.began = time.perf_counter()
        self.terminal = sys.stdout.isatty() if terminal is None else terminal
        self.bar = None
        if self.terminal:
            from tqdm import tqdm

            self.bar = tqdm(total=0.0, bar_format=BAR, leave=False, file=sys.stdout)

    def expect(self, kind: str, names) -> None:
        """Steps that are still to come."""
        for name in names:
            key = f"{kind} {name}"
            self.count += key not in self.waiting
            self.waiting[key] = float(self.times.get(key, GUESSES[kind]))
        self._show("")

    def begin(self, name: str) -> None:
        """Say on the bar what is being done."""
        self._show(name)

    def done(self, kind: str, name: str, text: str = "", *, seconds: float | None = None) -> None:
        """A step is done; ``seconds`` is the time it took, None when it was there already."""
        key = f"{kind} {name}"
        guess = self.waiting.pop(key, 0.0)
        self.finished += 1
        self.past += guess
        if seconds is not None:
            self.times[key] = round(seconds, 2)
            self.expected += guess
            self.spent += seconds
        left = "" if self.terminal else translate(self.left(), self.language)
        if text:
            text = translate(str(text), self.language)
            self.say(f"  [{self.finished}/{self.count}] {text}{left and f', {left}'}")
        self._show("")

    def left(self) -> str:
        """The time that is left, in words; nothing when it is short."""
        pace = min(max(self.spent / self.expected, 0.2), 5) if self.expected else 1.0
        seconds = sum(self.waiting.values()) * pace
        if seconds < 20:
            return ""
        if seconds < 90:
            return "about 1 minute left"
        return f"about {seconds / 60:.0f} minutes left"

    def say(self, text) -> None:
        """Print a line above the bar, in the reader's language."""
        text = translate(str(text), self.language)
        if self.bar is None:
            say(text)
        else:
            self.bar.write(text, file=sys.stdout)

    def close(self, keep: bool = True) -> None:
        """Take the bar away and keep the times for the next run."""
        if self.bar is not None:
            self.bar.close()
        if keep and self.file.parent.is_dir():
            text = json.dumps(self.times, indent=1, sort_keys=True)
            self.file.write_text(text + "\n", encoding="utf-8")

    def _show(self, name: str) -> None:
        if self.bar is None:
            return
        rest = sum(self.waiting.values())
        self.bar.total, self.bar.n = self.past + rest or 1.0, self.past
        words = [f"{self.finished}/{self.count}", name, self.left()]
        self.bar.set_description_str(", ".join(word for word in words if word))


def _read(file: Path) -> dict:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
