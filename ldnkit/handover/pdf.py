"""HTML printed as PDF by a browser, where this computer has one; no document depends on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: The browser to use, before all others.
VARIABLE = "LDNKIT_CHROMIUM"
#: Names under which browsers of the Chromium family are found.
NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("msedge", "microsoft-edge", "microsoft-edge-stable"),
)
#: Where they lie on Windows (below the program folders) and on macOS.
WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
MACOS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
    *("--no-pdf-header-footer", "--generate-pdf-document-outline"),
)
#: Seconds after which a browser is given up.
PATIENCE = 180


def find_chromium() -> Path | None:
    """The browser that prints PDF files: Chromium, Chrome or Edge; None without one.

    The environment variable LDNKIT_CHROMIUM names one; when it is set, no other is used.

    Examples
    --------
    >>> find_chromium()  # doctest: +SKIP
    PosixPath('/usr/bin/chromium')
    """
    chosen = os.environ.get(VARIABLE)
    if chosen is not None:
        found = shutil.which(chosen) if chosen else None
        return Path(found) if found else None
    return next((path for path in _places() if path.is_file()), None)


def _places() -> Iterator[Path]:
    yield from (Path(found) for found in map(shutil.which, NAMES) if found)
    if sys.platform == "win32":
        variables = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        folders = [os.environ[name] for name in variables if name in os.environ]
        yield from (Path(folder) / part for folder in folders for part in WINDOWS)
    if sys.platform == "darwin":
        folders = (Path("/Applications"), Path.home() / "Applications")
        yield from (folder / part for folder in folders for part in MACOS)


def write_pdf(html: str | Path, path: str | Path, *, seconds: float = PATIENCE) -> bool:
    """Print an HTML file as PDF, when this computer has Chromium, Chrome or Edge.

    Parameters
    ----------
    html, path : str or Path
        The file to print, and the PDF file. An earlier PDF is replaced once the new one is
        complete; without a new one it is removed, because it would speak of an earlier report.
    seconds : float
        The browser is given up after this time.

    Returns
    -------
    bool
        Whether the PDF was written. A browser that is not there, fails or hangs is no error:
        the HTML file can be printed from any browser.

    Examples
    --------
    >>> write_pdf("report.html", "report.pdf")  # doctest: +SKIP
    True
    """
    html, path = Path(html).resolve(), Path(path)
    browser = find_chromium()
    made = browser is not None and html.is_file() and _printed(browser, html, path, seconds)
    if not made:
        path.unlink(missing_ok=True)
    return made


def _printed(browser: Path, html: Path, path: Path, seconds: float) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ldnkit-pdf-", ignore_cleanup_errors=True) as folder:
        # beside the target, so that it can be renamed
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".pdf-", suffix=".part")
        os.close(handle)
        made = Path(name)
        command = [str(browser), *FLAGS, f"--user-data-dir={folder}"]
        command += [f"--print-to-pdf={made.resolve()}", html.as_uri()]
        try:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run(command, timeout=seconds, check=True, stdin=subprocess.DEVNULL, **quiet)
            if not _is_pdf(made):
                return False
            made.chmod(0o644)
            made.replace(path)
        except (OSError, subprocess.SubprocessError):
            return False
        finally:
            made.unlink(missing_ok=True)
    return True


def _is_pdf(path: Path) -> bool:
    """Whether a file begins and ends as a PDF does."""
    with path.open("rb") as file:
        begins = file.read(5) == b"%PDF-"
        file.seek(max(path.stat().st_size - 1024, 0))
        return begins and b"%%EOF" in file.read()
