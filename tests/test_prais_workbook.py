"""The workbook of tables as a file: equal reports are equal files."""

import hashlib
import time

import openpyxl
import pandas as pd
from paper_country import paper_country

from ldnkit import periods, prais, tables
from ldnkit.prais.report import Report, Table


def report(area=1.0, cycle=2026):
    known = tables.prais_tables().set_index("id").loc["CP-1.T1"]
    facts = {key: known[key] for key in ("form", "title_key", "unit", "notebook")}
    cells = {"total_land_area": area, "water_bodies": 1.0, "total_country_area": area + 1}
    frame = pd.DataFrame(cells, pd.Index(["2023"], name="year"))
    table = Table("CP-1.T1", **facts, decimals=2, frame=frame, printed=frame.copy())
    return Report(paper_country(cycle=periods.Cycle(cycle)), {"CP-1.T1": table})


def written(folder, **changes):
    return prais.write(report(**changes), folder, language="en")["xlsx"]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_equal_reports_are_equal_files_at_any_time(tmp_path):
    first = digest(written(tmp_path / "first"))
    time.sleep(2.1)  # zip files know two seconds
    assert digest(written(tmp_path / "second")) == first
    assert digest(written(tmp_path / "third", area=2.0)) != first


def test_the_date_is_that_of_the_cycle(tmp_path):
    for cycle in (2026, 2030):
        made = openpyxl.load_workbook(
            written(tmp_path / str(cycle), cycle=cycle)
        ).properties.created
        assert (made.year, made.month, made.day) == (cycle, 1, 1)
