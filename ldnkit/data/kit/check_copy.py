"""Compare every file of the kit with SHA256SUMS.txt: was it copied whole?"""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    lines = (HERE / "SHA256SUMS.txt").read_text(encoding="utf-8").splitlines()
    wrong = []
    for line in lines:
        expected, name = line.split("  ", 1)
        if digest(HERE / name) != expected:
            wrong.append(name)
    for name in wrong:
        print(f"missing or damaged: {name}")
    if wrong:
        print("What to do: copy the folder again from the stick.")
        return 1
    print(f"All {len(lines)} files are whole.")
    return 0


def digest(path):
    """The check sum of a file; None when it cannot be read."""
    total = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                total.update(block)
    except OSError:
        return None
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
