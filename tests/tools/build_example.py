"""Write ``ldnkit/data/country.example.yml`` again after a change of its keys or comments.

Run: ``python tests/tools/build_example.py``.
"""

from pathlib import Path

from ldnkit.country_file import example_text

if __name__ == "__main__":
    path = Path(__file__).parents[2] / "ldnkit" / "data" / "country.example.yml"
    path.write_text(example_text(), encoding="utf-8", newline="\n")
