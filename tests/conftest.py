"""What all tests share: the training country, the real data, the golden tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

HOUSE = Path(__file__).resolve().parents[1]

# a busy machine is no failure: nothing here measures time
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden tables anew; then say why in CHANGELOG.md",
    )


@pytest.fixture(scope="session", autouse=True)
def progress_of_the_tests(tmp_path_factory):
    """Exercises checked in a test do not end up in the learner's own progress file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LDNKIT_PROGRESS", str(tmp_path_factory.mktemp("progress") / "progress.csv"))
        yield


@pytest.fixture(scope="session")
def house() -> Path:
    """The folder of the project."""
    return HOUSE


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data for tests, never shipped: the folder ``shared/data`` beside the project."""
    folder = HOUSE.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data are not here (expected in ../shared/data beside the project)")
    return folder


@pytest.fixture(scope="session")
def landia_outputs(tmp_path_factory) -> Path:
    """An outputs folder in which Landia's results are kept for the whole test run."""
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="session")
def landia(landia_outputs):
    """The training country, its files generated once."""
    import ldnkit

    return ldnkit.open_country("landia", outputs=landia_outputs)


@pytest.fixture(scope="session")
def landia_results(landia):
    """All results of Landia, computed once: a dictionary of indicator to ``Result``."""
    import ldnkit

    for indicator in ldnkit.indicators(landia):
        ldnkit.compute(landia, indicator)
    return ldnkit.results(landia)


@pytest.fixture
def golden(request):
    """Compare a table with the kept one: ``golden("SO1-1.T1", frame)``.

    Numbers may differ by one part in 10⁹, which is what another processor may do; text may not.
    ``--update-golden`` writes the kept tables anew.
    """
    import pandas as pd

    def compare(name, frame):
        path = HOUSE / "tests" / "golden" / f"{name}.csv"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
            return
        assert path.exists(), f"no golden table {path.name}: run pytest --update-golden once"
        kept = pd.read_csv(path, keep_default_na=False, na_values=[""])
        written = path.with_suffix(".now.csv")
        frame.to_csv(written, index=False, encoding="utf-8", lineterminator="\n")
        found = pd.read_csv(written, keep_default_na=False, na_values=[""])
        written.unlink()
        pd.testing.assert_frame_equal(found, kept, rtol=1e-9, atol=1e-12, obj=name)

    return compare
