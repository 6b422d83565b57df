"""One file to be made for a country: by which way, from which addresses, under which name."""

from __future__ import annotations

import calendar
import contextlib
import gzip
import hashlib
import math
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ldnkit.sources import catalogue
from ldnkit.sources.open_data import web
from ldnkit.sources.open_data.problems import Again, Unreachable

MONTHS = range(1, 13)
#: Steps of composites: they become yearly values.
COMPOSITES = ("16 days", "2 months")


@dataclass(frozen=True)
class Job:
    """A file of a dataset for a country and some years (one, but for series in a Zarr store)."""

    entry: catalogue.Entry
    route: catalogue.Route
    place: object
    years: tuple[int, ...]
    sex: str | None
    folder: Path
    tag: str
    margin: int
    cache: object
    options: dict

    @property
    def plain_name(self) -> str:
        """The name in a folder of the country, without the mark of the window."""
        if self._whole:
            return Path(urlsplit(self.address()).path).name
        years = f"{self.years[0]}" if len(self.years) == 1 else f"{self.years[0]}_{self.years[-1]}"
        parts = [self.entry.dataset, self.sex, None if self.entry.step == "once" else years]
        suffix = "nc" if self.route.kind == "zarr" else "tif"
        return f"{'_'.join(part for part in parts if part)}.{suffix}"

    @property
    def target(self) -> Path:
        """The file in the cache."""
        name = self.plain_name
        if not self._whole:
            stem, _, suffix = name.rpartition(".")
            name = f"{stem}_{self.tag}.{suffix}"
        return self.folder / name

    @property
    def _whole(self) -> bool:
        """Whether the file stays as it is: a package, a zip of polygons."""
        return self.route.kind == "package" or self.route.unpack == "keep"

    def parts(self) -> list[dict]:
        """What stands in the braces of the address, for each file that is needed."""
        year = self.years[0]
        known = {"iso3": self.place.iso3, "iso3_lower": self.place.iso3.lower(), "year": year}
        known |= {"sex": (self.sex or "")[:1], "from": f"{year}0101", "to": f"{year}1231"}
        template, found = self.route.address, [known]
        if "{month}" in template:
            found = [{**one, "month": month} for one in found for month in MONTHS]
        if "{age}" in template:
            ages = self.route.variable.split("|")
            found = [{**one, "age": age} for one in found for age in ages]
        if self.entry.step == "2 months":
            found = [
                {**one, "from": f"{year}{month:02d}01", "to": f"{year}{month + 1:02d}{last}"}
                for one in found
                for month in range(1, 12, 2)
                for last in [calendar.monthrange(year, month + 1)[1]]
            ]
        if "{tile}" in template:
            found = [{**one, "tile": tile} for one in found for tile in tiles(self.place)]
        return found

    def addresses(self) -> list[str]:
        """The addresses of all files that are needed; of a service its own."""
        address = self.route.address.replace("{collection}", self.route.collection)
        if self.route.kind in ("stac", "stac_static", "zarr"):
            return [address]
        return [catalogue.fill_in(address, **parts) for parts in self.parts()]

    def address(self) -> str:
        """The first address, for the notes of the report."""
        return self.addresses()[0]

    def missing(self) -> list[tuple[str, str]]:
        """(name, address) of the files that have to be brought when there is no network."""
        if self.route.kind in ("stac", "stac_static", "zarr"):
            service = f"{self.address()} (a service, collection {self.route.collection or 'none'})"
            return [(self.target.name, service)]
        return [
            (_name(address), address) for address in self.addresses() if not self._brought(address)
        ]

    def make(self, drafts: Path, progress: bool) -> tuple[Path, dict]:
        """The file in a folder of drafts, and what is to be noted of it."""
        more = {"years": list(self.years)}
        draft = drafts / self.target.name
        if self._whole:
            return self._again(lambda: self._package(drafts, progress)), more
        if self.route.kind == "zarr":
            from ldnkit.sources.open_data import zarr_stores

            years = zarr_stores.series(
                self.address(), self.place, draft, variable=self.route.variable,
                years=self.years, margin=self.margin,
            )  # fmt: skip
            absent = sorted(set(self.years) - set(years))
            return draft, {**more, "years": years, "absent": absent}
        if self.entry.step in COMPOSITES:
            return self._composites(progress), more
        return self._again(lambda: self._raster(draft, drafts, progress)), more

    def _again(self, action: Callable[[], Path]) -> Path:
        """A raster made from the beginning when its source changed meanwhile."""

        def attempt(_):
            try:
                return action()
            except Unreachable as problem:
                if "changed" in problem.reason:
                    raise Again(problem.reason, kind="content") from None
                raise

        return web.with_patience(attempt, self.address())

    def _raster(self, draft: Path, drafts: Path, progress: bool) -> Path:
        from ldnkit.sources.open_data import population, windows

        groups = self._sources(drafts, progress)
        remotes = [remote for group in groups for remote in group]
        cuts = []
        try:
            for group in groups:
                cuts.append(
                    windows.plan(group, self.place, margin=self.margin, fill=self.route.fill)
                )

            def check():
                for remote in remotes:
                    remote.check()

            if "{age}" in self.route.address or self.sex:
                population.add_up(cuts, draft)
                check()
                return draft
            names = (
                [f"{self.years[0]}-{month:02d}" for month in MONTHS] if len(cuts) == 12 else None
            )
            bands = [1] if len(cuts) > 1 else None
            return windows.write_stack(cuts, draft, bands=bands, names=names, after=check)
        except Exception:
            draft.unlink(missing_ok=True)
            raise
        finally:
            for remote in remotes:
                remote.close()

    def _sources(self, drafts: Path, progress: bool) -> list[list]:
        """Rasters to cut from: groups that lie side by side, one group for each band."""
        from ldnkit.sources.open_data import stac
        from ldnkit.sources.open_data.remote import Remote

        if self.route.kind in ("stac", "stac_static"):
            year = None if self.entry.step == "once" else self.years[0]
            found = stac.frames(self.route, self.place, year)
            sign = stac.signer_of(self.route)
            values = [href for frame in found for href in frame.values]
            return [[Remote(href, sign=sign) for href in values]]
        if self.route.kind == "http":
            files = [self._downloaded(one, drafts, progress) for one in self.addresses()]
        else:
            files = [self._brought(one) or one for one in self.addresses()]
        remotes = [Remote(file) for file in files]
        return [remotes] if "{tile}" in self.route.address else [[one] for one in remotes]

    def _composites(self, progress: bool) -> Path:
        """Yearly productivity; its blocks lie beside the target, so that work can go on."""
        from ldnkit.sources.open_data import composites, stac

        year = self.years[0]
        season = self.options.get("season")
        across = [year + 1] if season and season[0] > season[1] else []
        sign = None
        if self.route.kind == "cog":
            found = [frame for one in [year, *across] for frame in self._frames(one)]
        else:
            sign = stac.signer_of(self.route)
            found = [
                frame
                for one in [year, *across]
                for frame in stac.frames(self.route, self.place, one)
            ]
        reader = composites.FrameReader(
            found, self.place, keep=self.route.keep, fill=self.route.fill, sign=sign,
            margin=self.margin,
        )  # fmt: skip
        work = self.cache.path(".composites", self.target.name)
        work.parent.mkdir(parents=True, exist_ok=True)
        try:
            return composites.annual(reader, year, work, progress=progress, **self.options)
        finally:
            reader.close()

    def _frames(self, year: int) -> list:
        """Composites that have an address each."""
        from datetime import date

        from ldnkit.sources.open_data.stac import Frame

        job = Job(**{**vars(self), "years": (year,)})
        return [
            Frame(date(year, int(parts["from"][4:6]), int(parts["from"][6:])), (address,))
            for parts, address in zip(job.parts(), job.addresses(), strict=True)
        ]

    def _package(self, drafts: Path, progress: bool) -> Path:
        """A file that is kept as it is, read through once so that a broken one is not kept."""
        file = self._downloaded(self.address(), drafts, progress)
        try:
            if file.suffix == ".zip":
                with zipfile.ZipFile(file) as packed:
                    packed.testzip()
            elif file.suffix == ".gz":
                with gzip.open(file) as packed:
                    while packed.read(2**20):
                        pass
        except (EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
            raise Again(f"a package that is broken ({error})", kind="content") from None
        return file

    def _brought(self, address: str) -> Path | None:
        """The file of an address that was brought by hand, if it is there."""
        file = self.cache.incoming / _name(address)
        return file if file.is_file() else None

    def _downloaded(self, address: str, drafts: Path, progress: bool) -> Path:
        """The whole file, unpacked when it is a gz file."""
        from ldnkit.sources.open_data.download import download

        drafts.mkdir(parents=True, exist_ok=True)
        name = _name(address)
        file = self._brought(address)
        if file is None:
            # outside the drafts: what an interrupted run has fetched is continued
            mark = hashlib.sha256(address.encode()).hexdigest()[:8]
            kept = self.cache.path("downloads", mark, name)
            download(address, kept, progress=progress)
            file = drafts / name
            kept.replace(file)
            with contextlib.suppress(OSError):
                kept.parent.rmdir()
        elif self._whole:
            file = Path(shutil.copy2(file, drafts / name))
        return self._unpacked(file, drafts) if self.route.unpack == "gz" else file

    def _unpacked(self, file: Path, drafts: Path) -> Path:
        target = drafts / file.name.removesuffix(".gz")
        try:
            with gzip.open(file) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (EOFError, OSError, zlib.error) as error:
            raise Again(f"a gz file that is broken ({error})", kind="content") from None
        file.unlink() if file.parent == drafts else None
        return target


def _name(address: str) -> str:
    return Path(urlsplit(address).path).name


def tiles(place) -> list[str]:
    """Names of the 10-degree tiles that a country touches, by their north-west corner.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> tiles(SimpleNamespace(boxes=lambda: [(89.5, 21, 91, 31)]))
    ['40N_080E', '40N_090E', '30N_080E', '30N_090E']
    """
    found = []
    for west, south, east, north in place.boxes():
        for top in range(math.ceil(north / 10) * 10, math.floor(south / 10) * 10, -10):
            for left in range(math.floor(west / 10) * 10, math.ceil(east / 10) * 10, 10):
                latitude = f"{abs(top):02d}{'N' if top >= 0 else 'S'}"
                longitude = f"{abs(left):03d}{'E' if left >= 0 else 'W'}"
                found.append(f"{latitude}_{longitude}")
    return list(dict.fromkeys(found))
