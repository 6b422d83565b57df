"""JupyterLab in a language: copies of the notebooks, the command, and a copy that runs."""

import json
import re
import sys

import nbformat
import pytest

from ldnkit import __main__, lab, prose
from ldnkit.labels import LANGUAGES, label
from ldnkit.prose import catalogues


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A place for copies that is not the project; what would be started is kept."""
    monkeypatch.setattr(lab, "HOUSE", tmp_path)
    return tmp_path


@pytest.fixture
def started(house, monkeypatch):
    commands = []
    monkeypatch.setattr(__main__, "_call", lambda command: commands.append(command) or 0)
    return commands


def test_without_a_language_the_workbook_itself_is_opened(started, house, capsys):
    assert __main__.main(["lab", "--no-browser"]) == 0
    (command,) = started
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert command[3:] == [
        "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb", "--no-browser",
    ]  # fmt: skip
    assert list(house.iterdir()) == [] and capsys.readouterr().out == ""


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_copies_are_written_and_opened(started, house, capsys, language):
    assert __main__.main(["lab", "--language", language]) == 0
    folder = house / "outputs" / f"workbook_{language}" / "notebooks"
    assert f"/lab/tree/outputs/workbook_{language}/notebooks/00_start" in started[0][3]
    assert len(list(folder.glob("*.ipynb"))) == len(
        list(catalogues.HOUSE.glob("notebooks/*.ipynb"))
    )
    cells = nbformat.read(folder / lab.FIRST, 4).cells
    parameters = next(cell.source for cell in cells if cell.id == "parameters")
    assert f'\nlanguage = "{language}"  # type' in parameters
    assert str(folder) in capsys.readouterr().out


def test_lines_that_are_still_english_are_said(house):
    assert label("prose.partial", "ru") in lab.prepare("ru")


def test_work_is_kept_and_said(house):
    lab.prepare("fr")
    mine = house / "outputs/workbook_fr/notebooks" / lab.FIRST
    other = mine.with_name("01_country_profile.ipynb")
    before = other.stat().st_mtime_ns
    node = nbformat.read(mine, 4)
    node.cells[-1].source += "\nMes notes"
    nbformat.write(node, mine)
    said = lab.prepare("fr")
    assert label("lab.kept", "fr").format(names=lab.FIRST) in said
    assert label("lab.renew", "fr") in said
    assert "Mes notes" in mine.read_text(encoding="utf-8")
    assert other.stat().st_mtime_ns == before, "an open file is not written again for nothing"
    mine.rename(mine.with_name("my_00.ipynb"))
    assert len(lab.prepare("fr")) == len(said) - 2
    assert "Mes notes" not in mine.read_text(encoding="utf-8")


def test_an_unknown_language_is_refused(started, capsys):
    with pytest.raises(SystemExit):
        __main__.main(["lab", "--language", "de"])
    assert not started and "invalid choice" in capsys.readouterr().err


def test_only_arabic_gets_a_style_of_its_own():
    (flag, place) = lab.command("ar")[4:]
    assert flag == "--LabApp.custom_css=True" and place.endswith(f"static_custom_path={lab.STYLE}")
    rules = (lab.STYLE / "custom.css").read_text(encoding="utf-8")
    assert '[dir="rtl"] p' in rules and rules.count("{") == rules.count("}")
    assert len(lab.command("fr")) == 4


def test_the_server_takes_the_style_from_there():
    from jupyter_server.serverapp import ServerApp
    from jupyterlab.labapp import LabApp

    flag, place = lab.command("ar")[4:]
    assert "custom_css" in LabApp.class_traits(config=True)
    name = re.match(r"--ServerApp\.(\w+)=", place)[1]
    assert name in ServerApp.class_traits(config=True) and flag
    server = ServerApp()
    server.parse_command_line([place])
    assert server.tornado_settings["static_custom_path"] == str(lab.STYLE)


# ------------------------------------------------------------------- paths in the copies
def test_paths_lead_to_the_same_files(tmp_path):
    made = prose.write("fr", tmp_path / "deep" / "workbook")
    house = catalogues.HOUSE.resolve()
    for path in [*made.notebooks, *made.lessons]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        for found in re.findall(r'(?<!=)"((?:\.\./)+[^"]*)"', text):
            assert (path.parent / found).resolve().is_relative_to(house), f"{path.name}: {found}"
    first = nbformat.read(made.notebooks[1], 4)
    (parameters,) = [cell.source for cell in first.cells if cell.id == "parameters"]
    (folder,) = re.findall(r'new_folder = "(.*?)"', parameters)
    assert (made.notebooks[1].parent / folder).resolve() == house / "my_country"
    (outputs,) = re.findall(r'outputs = "(.*?)"', parameters)
    assert (made.notebooks[1].parent / outputs).resolve() == house / "outputs"


@pytest.mark.slow
def test_a_copy_runs_where_it_lies(house, landia_outputs, landia_results, monkeypatch):
    """As a learner runs it: without parameters from outside, in the folder of the copy."""
    import papermill

    made = prose.write("fr", house / "outputs" / "workbook_fr", outputs=landia_outputs)
    monkeypatch.setenv("LDNKIT_PROGRESS", str(house / "progress.csv"))
    papermill.execute_notebook(
        made.notebooks[0], house / "executed.ipynb", cwd=made.notebooks[0].parent,
        kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    cells = nbformat.read(house / "executed.ipynb", 4).cells
    said = str([cell.get("outputs") for cell in cells])
    assert label("land_cover.grassland", "fr") in said


def test_no_news_in_the_own_environment_only(tmp_path, monkeypatch):
    (tmp_path / "binder").mkdir()
    (tmp_path / "binder" / "overrides.json").write_text("{}", encoding="utf-8")
    own, other = tmp_path / ".venv", tmp_path.parent / "other"
    monkeypatch.setattr(lab, "HOUSE", tmp_path)
    for prefix in (own, other):
        monkeypatch.setattr(lab.sys, "prefix", str(prefix))
        assert lab.prepare("en") == []
    settings = own / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert settings.read_text(encoding="utf-8") == "{}" and not other.exists()
    monkeypatch.setattr(lab.sys, "prefix", str(own))
    settings.write_text('{"of": "the user"}', encoding="utf-8")
    lab.prepare("en")
    assert "of" in settings.read_text(encoding="utf-8")
