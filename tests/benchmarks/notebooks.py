"""Time and largest memory of every notebook, run one after the other as a learner would.

    python tests/benchmarks/notebooks.py FOLDER

Landia is made anew in FOLDER; every notebook computes what is not there yet.
The memory is that of the notebook's kernel, the largest of its process and what it started.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ldnkit.execution import execute_each
from ldnkit.runner import notebooks_folder

LIMIT = 1e9  # bytes; a Binder gives two


def main(folder: str) -> int:
    outputs = Path(folder).resolve()
    parameters = {"country": "landia", "language": "en", "outputs": str(outputs)}
    files = sorted(notebooks_folder().glob("[0-9]*.ipynb"))
    print("| Notebook | Seconds | MB |\n|---|---|---|")
    wrong = []
    for file in files:
        for _, outcome in execute_each([file], outputs / "executed", parameters):
            print(
                f"| {file.stem} | {outcome.seconds:.0f} | {outcome.memory / 1e6:.0f} |", flush=True
            )
            if outcome.state != "done" or outcome.memory >= LIMIT:
                wrong.append(f"{file.stem}: {outcome.state} {outcome.cell} {outcome.message}")
    print("\n".join(wrong) or "All were run, each with less than 1 GB.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
