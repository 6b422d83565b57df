#!/usr/bin/env python3
"""The one command of the workbook; it needs nothing but Python 3.11, 3.12, 3.13 or 3.14.

    python workbook.py report                the report of the training country, Landia
    python workbook.py report COUNTRY.yml    the report of your country
                                             [--language fr] [--outputs DIR] [--only 02,05]
                                             [--force] [--no-documents]
    python workbook.py verify PATH           check that a report package is whole
    python workbook.py lab                   open the notebooks in JupyterLab
                                             [--language fr] copies in another language,
                                             in outputs/workbook_fr; work in them is kept
    python workbook.py new ISO3 [FOLDER]     start a country file [--package FILE]
    python workbook.py fetch COUNTRY.yml [LAYER=DATASET ...]
                                             bring open data, and name it in the country file
    python workbook.py doctor [--online]     look whether everything works here
    python workbook.py site                  lessons and notebooks as web pages
                                             [--language fr] [--outputs DIR] [--as-is]
    python workbook.py kit [FOLDER]          everything on a USB stick, to start without internet
                                             [--platforms windows,macos,linux]
    python workbook.py test [--all]          check the workbook itself

The first start makes a folder .venv with the exact packages of uv.lock, which needs the internet.
Later starts need no internet. With a folder wheels beside it (see kit) the first needs none, too.
"""
# Old Pythons (3.6) must be able to read this file: it tells them that they are too old.

import hashlib
import os
import platform
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "ready.txt")
BEGUN = os.path.join(VENV, "unfinished.txt")
EARLIER = os.path.join(ROOT, ".venv.earlier")  # kept until the new packages are complete
LOCK = os.path.join(ROOT, "uv.lock")
WHEELS = os.path.join(ROOT, "wheels")  # the packages of an offline kit
WINDOWS = os.name == "nt"
OLDEST, NEWEST = (3, 11), (3, 14)
ROOM = 2.5e9  # bytes: the packages, their compiled form and the results of a training country
VERBS = ("report", "verify", "lab", "new", "fetch", "doctor", "site", "kit", "test", "warm")
EXTRAS = {"site": ("site", "myst_nb")}  # verb: what it needs besides, and a sign that it is here


EXTRA_LISTS = {"site": "lessons"}  # the folders with their requirements.txt, for pip
# Makes the package importable without building it, which would need tools from the internet.
LINK = """import os, sys, sysconfig
path = os.path.join(sysconfig.get_paths()["purelib"], "ldnkit-workbook.pth")
with open(path, "w", encoding="utf-8") as file:
    file.write(sys.argv[1] + "\\n")
"""


class SetUpError(Exception):
    """The environment could not be made; the text says what, what was found and what to do."""


def main(arguments):
    """Make the environment when it is missing or old, then hand the verb to it."""
    refuse_python(sys.version_info)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if arguments[0] not in VERBS:
        say(f"There is no '{arguments[0]}' here. Use one of: {', '.join(VERBS[:-1])}.")
        say("For example: python workbook.py report")
        return 2
    try:
        if not ready():
            if set(arguments) & {"-h", "--help"}:
                print(__doc__.strip())  # a question is no reason to set up
                return 0
            set_up()
        if arguments[0] in EXTRAS and not set(arguments) & {"-h", "--help"}:
            add_extra(*EXTRAS[arguments[0]])
    except SetUpError as problem:
        say(str(problem))
        return 3
    except KeyboardInterrupt:
        say("\nStopped. Set-up begins again at the next start.")
        return 130
    return hand_over([venv_python(), "-m", "ldnkit"] + arguments)


def refuse_python(version):
    """Stop kindly when this Python is too old or too new for the lock."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return
    found = ".".join(str(part) for part in version[:3])
    sys.exit(
        "This workbook cannot run with this Python.\n"
        f"Found: Python {found} ({sys.executable}).\n"
        "What to do: install Python 3.12 from https://www.python.org/downloads/ "
        "(3.11 to 3.14 work),\nthen start again with it: "
        + ("py -3.12 workbook.py report" if WINDOWS else "python3.12 workbook.py report")
    )


def say(text):
    print(text, file=sys.stderr)
    sys.stderr.flush()


def venv_python():
    return os.path.join(VENV, *(("Scripts", "python.exe") if WINDOWS else ("bin", "python")))


def stamp():
    """What a finished environment was made from: the lock, and the place it stands in."""
    with open(LOCK, "rb") as file:
        lock = hashlib.sha256(file.read()).hexdigest()
    return f"lock {lock}\nfolder {ROOT}\n"


def ready():
    """True when set-up was finished with this lock, in this folder, and its Python is there."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            made_from = file.read()
    except OSError:
        return False
    return made_from.startswith(stamp()) and os.path.exists(venv_python())


def set_up():
    """Make ``.venv`` from the lock; the stamp is written last, so a broken try is seen."""
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        raise SetUpError(
            "The packages cannot be renewed by the Python that uses them.\n"
            f"Found: {sys.executable}.\n"
            "What to do: start again with the Python of this computer: "
            + ("py workbook.py" if WINDOWS else "python3 workbook.py")
        )
    free = shutil.disk_usage(ROOT).free
    if free < ROOM:
        raise SetUpError(
            "There is too little room on this disk for the packages.\n"
            f"Found: {free / 1e9:.1f} GB free in {ROOT}.\n"
            f"What to do: free at least {ROOM / 1e9:.1f} GB, or move the folder to another disk."
        )
    say("Setting up the workbook (once; about one minute, longer on a slow connection) ...")
    if os.path.exists(EARLIER):  # cut off between the old packages and the new: the old are whole
        shutil.rmtree(VENV, ignore_errors=True)
        put_aside(EARLIER, VENV)
    elif os.path.exists(BEGUN):
        say("An earlier set-up was interrupted; it is done again from the start.")
        shutil.rmtree(VENV, ignore_errors=True)
    elif os.path.exists(VENV) and not os.path.exists(venv_python()):
        shutil.rmtree(VENV, ignore_errors=True)  # its Python was removed or upgraded
    if os.path.exists(STAMP):
        os.remove(STAMP)
    if wheels_fit():
        install_from_wheels()
    else:
        uv = find_uv() or fetch_uv()
        if not (uv and sync_with_uv(uv)):
            say("Going on with pip, which is slower.")
            install_with_pip()
    say("Compiling the fast parts ...")
    if subprocess.call([venv_python(), "-m", "ldnkit", "warm"], env=environment(), cwd=ROOT):
        say("That did not work, see above; the workbook goes on without it.")
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(stamp() + f"python {sys.version.split()[0]}\n")
    if os.path.exists(BEGUN):
        os.remove(BEGUN)
    say("Set-up is done.")


def mark_begun():
    with open(BEGUN, "w", encoding="utf-8") as file:
        file.write("Set-up is not finished. It is done again at the next start.\n")


def find_uv():
    """A uv that is here already: our own, or a recent one of this machine."""
    name = "uv.exe" if WINDOWS else "uv"
    ours = [os.path.join(ROOT, ".uv", folder, name) for folder in ("bin", "Scripts")]
    for candidate in ours + [shutil.which("uv")]:
        if candidate and os.path.exists(candidate):
            try:
                shown = subprocess.check_output([candidate, "--version"]).decode("ascii", "replace")
                if tuple(int(part) for part in shown.split()[1].split(".")[:2]) >= (0, 9):
                    return candidate
            except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
                continue
    return None


def fetch_uv():
    """Get uv with pip into ``.uv``; allowed also where the system's Python is managed."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "uv>=0.9"]
    command += ["--disable-pip-version-check", "--target", os.path.join(ROOT, ".uv")]
    if subprocess.call(command, env=environment()):
        return None
    return find_uv()


def sync_with_uv(uv, extras=("dev",), more=()):
    """Install what the lock says; False when uv could not do it."""
    settings = environment()
    settings.update(UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=VENV)
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    place = ["--project", ROOT, "--python", sys.executable]
    if not os.path.exists(VENV):
        if subprocess.call([uv, "venv", "--quiet", VENV] + place, env=settings, cwd=ROOT):
            return False
    if not more:
        mark_begun()
    command = [uv, "sync", "--frozen", "--compile-bytecode"] + place + quiet + list(more)
    for extra in extras:
        command += ["--extra", extra]
    done = subprocess.call(command, env=settings, cwd=ROOT) == 0
    if not (done or more):
        os.remove(BEGUN)  # uv gets everything before it changes anything
    return done


def listed(*folders):
    """What pip has to install: the lists that are exported from the lock."""
    found = []
    for folder in folders:
        found += ["-r", os.path.join(ROOT, folder, "requirements.txt")]
    return found


def install_with_pip():
    """The same versions with pip alone, from the lists exported from the lock."""
    pip = [venv_python(), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    install_anew(
        [
            [sys.executable, "-m", "venv", VENV],
            pip + ["--no-deps"] + listed("binder", "tests"),
            pip + ["--no-deps", "-e", ROOT],
        ],
        "The packages could not be installed.",
        "What to do: check the internet connection (and the proxy: HTTPS_PROXY) and start "
        "again.\nOn Debian and Ubuntu first: sudo apt install python3-pip python3-venv",
    )


def install_anew(commands, problem, remedy):
    """Make ``.venv`` by some commands; the earlier one comes back when one of them fails."""
    if os.path.exists(VENV):
        put_aside(VENV, EARLIER)
    try:
        for command in commands:
            if subprocess.call(command, env=environment()):
                found = f"Found: this command failed, see above: {' '.join(command)}"
                raise SetUpError(f"{problem}\n{found}\n{remedy}")
            mark_begun()
    except BaseException:
        if os.path.exists(EARLIER):
            shutil.rmtree(VENV, ignore_errors=True)
            os.rename(EARLIER, VENV)
        raise
    shutil.rmtree(EARLIER, ignore_errors=True)


def put_aside(folder, place):
    """Give a folder another name; a program that still uses it is no crash."""
    try:
        os.rename(folder, place)
    except OSError as problem:
        raise SetUpError(
            "The packages that are here cannot be put aside.\n"
            f"Found: {problem}.\n"
            "What to do: close JupyterLab and other programs of the workbook, and start again."
        ) from None


def add_extra(extra, sign):
    """Install what one verb needs besides; the packages that are there stay."""
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('%s') is None)" % sign
    if subprocess.call([venv_python(), "-c", probe], env=environment()) == 0:
        return
    say(f"Getting the packages that only '{extra}' needs (once) ...")
    uv = find_uv() or fetch_uv()
    if uv and sync_with_uv(uv, extras=("dev", extra), more=("--inexact",)):
        return
    pip = [venv_python(), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.call(pip + ["--no-deps"] + listed(EXTRA_LISTS[extra]), env=environment()):
        raise SetUpError(
            f"The packages for '{extra}' could not be installed.\n"
            "Found: uv and pip both failed, see above.\n"
            "What to do: connect to the internet (check the proxy: HTTPS_PROXY) and start again. "
            "Everything else works without them."
        )


def wheels_fit():
    """True when a folder of packages lies beside this file that serves this computer."""
    try:
        with open(os.path.join(WHEELS, "contents.txt"), encoding="utf-8") as file:
            lines = [line.split() for line in file if line.strip() and line[0] != "#"]
    except OSError:
        return False
    ours = [sys.platform, platform.machine(), "%d.%d" % sys.version_info[:2]]
    if ours in lines:
        return True
    pythons = sorted({line[2] for line in lines if line[:2] == ours[:2]})
    say(
        "The packages in the folder wheels do not fit.\n"
        f"Found: Python {ours[2]} on {ours[0]}, {ours[1]}.\n"
        + (
            f"What to do: start with Python {' or '.join(pythons)}. "
            if pythons
            else "What to do: make a kit for this kind of computer (workbook.py kit --platforms). "
        )
        + "Now the internet is tried."
    )
    return False


def install_from_wheels():
    """Install from the folder of packages beside this file; nothing is asked from a network."""
    say("Installing from the folder wheels; the internet is not needed.")
    pip = [venv_python(), "-m", "pip", "--isolated", "--disable-pip-version-check", "install"]
    pip += ["--quiet", "--no-index", "--no-deps", "--find-links", WHEELS]
    install_anew(
        [
            [sys.executable, "-m", "venv", VENV],
            pip + ["-r", os.path.join(WHEELS, "requirements.txt")],
            [venv_python(), "-c", LINK, ROOT],
        ],
        "The packages could not be installed from the folder wheels.",
        "What to do: compare the copy with the stick (start script, word check), copy it "
        "again, and start again.\nOn Debian and Ubuntu also: sudo apt install python3-venv",
    )


def environment():
    """The settings every program of the workbook is started with.

    Paths of other GIS programs (QGIS, PostGIS, ArcGIS) are taken out:
    they make the packages of the workbook read foreign files.
    Limits keep GDAL and the numeric libraries small; what the user has set stays.
    """
    settings = dict(os.environ)
    for foreign in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "GDAL_DATA", "GDAL_DRIVER_PATH"):
        settings.pop(foreign, None)
    for foreign in ("PROJ_LIB", "PROJ_DATA", "CONDA_PREFIX"):
        settings.pop(foreign, None)
    limits = {
        "GDAL_CACHEMAX": "256",  # MB
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONUTF8": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    for name, value in limits.items():
        settings.setdefault(name, value)
    return settings


def hand_over(command):
    """Run the verb inside the environment and give back its exit code."""
    if not WINDOWS:
        os.execve(command[0], command, environment())  # it takes the place of this process
    process = subprocess.Popen(command, env=environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the verb has got it too and ends by itself


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
