"""The values of a series looked at: fill values, negative amounts, empty months, units."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ldnkit import tables
from ldnkit.findings import Finding
from ldnkit.periods import time_spans
from ldnkit.sources.timeseries.units import factor_of, factor_text, guesses

#: Rows and columns of the thinned-out picture that is looked at.
SAMPLE = 200
#: Values that may be unpacked for the look; of longer series some years are looked at.
_UNPACKED = 200_000_000
#: Steps that are read at once.
_STEPS = 400
#: Values that products use for "no data" without declaring it, as stored.
_SUSPECTS = (
    -9999.0, -999.0, -99.0, -9999.9, -999.9, -99.9, -9.99, -32768.0, -32767.0, -128.0,
    32767.0, 65534.0, 65535.0, 9999.0, 99999.0, 999999.0,
)  # fmt: skip
#: No amount, sum or index is that large.
_IMPOSSIBLE = 1e5
#: Negative amounts (mm) closer to zero than this are rounding.
_ROUNDING = 0.01


@dataclass
class Tally:
    """What a look at values finds, without keeping them; suspects are not part of the range."""

    suspects: dict[float, float]
    count: int = 0
    negative: int = 0
    low: float = np.inf
    high: float = -np.inf
    strange: Counter = field(default_factory=Counter)

    @classmethod
    def of(cls, part) -> Tally:
        return cls({stored: stored * part.scale + part.offset for stored in _SUSPECTS})

    def add(self, values, part) -> np.ndarray:
        """Count values; the array comes back without those that may be fill values."""
        self.count += int(np.isfinite(values).sum())
        odd = np.abs(values) >= _IMPOSSIBLE
        for number, times in zip(*np.unique(values[odd], return_counts=True)):
            self.strange[(float(number) - part.offset) / part.scale] += int(times)
        for stored, value in self.suspects.items():
            here = (np.abs(values - np.float32(value)) <= 1e-6 * abs(value)) & ~odd
            if here.any():
                self.strange[stored] += int(here.sum())
                odd |= here
        values = np.where(odd, np.nan, values)
        if np.isfinite(values).any():
            self.low = min(self.low, float(np.nanmin(values)))
            self.high = max(self.high, float(np.nanmax(values)))
        self.negative += int((values < 0).sum())
        return values

    def fills(self, *, negative_too: bool) -> list[float]:
        """Stored values that lie far from all others: further than their whole range."""
        width = max(self.high - self.low, 0)
        return [
            stored
            for stored in sorted(self.strange)
            if (value := self.suspects.get(stored, np.inf)) < self.low - width
            or value > self.high + width
            or (negative_too and value < 0)
        ]


def fill_finding(country, where, tally, fills) -> list[Finding]:
    """An error about values that look like fill values, with the line to write."""
    if not fills:
        return []
    listed = ", ".join(f"{fill:.7g}" for fill in fills)
    share = sum(tally.strange[fill] for fill in fills) / max(tally.count, 1)
    return [
        Finding(
            "error",
            where,
            f"{listed} in {percent(share)} of the values looked at, far from all others and not "
            "declared as no data",
            "values of the layer only",
            f"If this is a fill value, write drought: nodata: [{listed}] in {country.path.name}.",
            "10",
        )
    ]


def values(country, series, what, where, window, inside, covered) -> list[Finding]:
    """Fill values, negative amounts, empty months and cells, units: from a sample of the values."""
    rain = what == "precipitation"
    every = max(1, *(-(-size // SAMPLE) for size in window.shape))
    thin, tally = inside[::every, ::every], Tally.of(series.parts[0])
    thin = thin if thin.any() else np.ones_like(thin)
    total, known, empty = np.zeros(thin.shape), np.zeros(thin.shape, int), []
    for steps, places in _sampled(series, window):
        found = series.at(window, places, every=every)
        values = tally.add(found, series.parts[places[0][0]])
        usable = np.isfinite(values) & ((values >= 0) | (not rain))
        total += np.where(usable, values, 0).sum(axis=0)
        known += usable.sum(axis=0)
        blank = ~np.isfinite(found).any(axis=(1, 2))
        empty += [step[: len(series.found[0])] for step, none in zip(steps, blank) if none]
    with_values = thin & (known > 0)
    fills = tally.fills(negative_too=rain)
    findings = fill_finding(country, where, tally, fills)
    if not with_values.any() and not findings:
        remedy = "Check that this is the right file."
        text = "no valid value in the country"
        return [Finding("error", where, text, "values", remedy, "10")]
    findings += _negative(where, tally, rain)
    if empty:
        text = f"no value anywhere in {time_spans(empty, sorted(set(series.found)))}"
        remedy = "Check these files: a sum over a missing month is no data."
        findings.append(Finding("warning", where, text, "values", remedy, "10"))
    within = thin & covered[::every, ::every]
    if (share := 1 - with_values.sum() / max(within.sum(), 1)) > 0 and with_values.any():
        text = f"no value at all in {percent(share)} of the country's cells"
        remedy = "These cells have no drought index; at a coast this is usual."
        findings.append(Finding("warning", where, text, "values", remedy, "10"))
    if with_values.any():
        per_year = 12 if series.time_step == "month" else 365.25
        yearly = float(np.mean(total[with_values] * per_year / known[with_values]))
        findings += _units(series, where, yearly, rain)
    return findings


def _sampled(series, window):
    """Steps and their places in the files, some at a time; of very long series of some years."""
    years: dict[int, list[tuple]] = {}
    for number, part in enumerate(series.parts):
        for place, step in enumerate(part.steps):
            years.setdefault(step[0], []).append((step, (number, place)))
    steps = max(len(year) for year in years.values())
    count = int(np.clip(_UNPACKED // (unpacked(series, window) * steps), 2, len(years)))
    chosen = np.linspace(0, len(years) - 1, count).round().astype(int)
    spans = [sorted(years[int(year)]) for year in np.array(sorted(years))[np.unique(chosen)]]
    if count == len(years):
        spans = [[step for span in spans for step in span]]
    for span in spans:
        for start in range(0, len(span), _STEPS):
            yield tuple(zip(*span[start : start + _STEPS]))


def unpacked(series, window) -> int:
    """Cells that are unpacked to read one step of a window: files are stored in pieces."""
    rows, columns = (np.flatnonzero(each >= 0).size for each in series.cells(window))
    height, width = series.parts[0].pieces
    return max(-(-rows // height) * height * -(-columns // width) * width, 1)


def _negative(where, tally, rain) -> list[Finding]:
    if not rain:
        if tally.low < 0:
            return []
        text = f"no negative value; the lowest is {tally.low:g}"
        remedy = "Precipitation alone belongs under drought: precipitation."
        expected = "precipitation minus potential evapotranspiration"
        return [Finding("warning", where, text, expected, remedy, "10")]
    if not tally.negative:
        return []
    text = f"negative precipitation in {percent(tally.negative / tally.count)} of the values"
    text += f" looked at, down to {tally.low:g}"
    remedy = (
        "A value that comes again and again is a fill value: write it as drought: nodata. "
        "Precipitation minus evapotranspiration belongs under drought: water_balance."
    )
    if tally.low > -_ROUNDING:
        remedy = "These are roundings: set them to 0 before you use the file."
    return [Finding("error", where, text, "0 or more", remedy, "10")]


def _units(series, where, yearly, rain) -> list[Finding]:
    """Whether the declared unit and the yearly totals speak for mm of the time step."""
    step, declared = series.time_step, series.units
    low, high = (tables.constant(f"rain_plausible_{end}") for end in ("minimum", "maximum"))
    factor = factor_of(declared, step) if declared else None
    expected = f"mm per {step}"
    if factor is not None and abs(factor - 1) > 1e-9:
        text = f"the unit '{declared}'; the {step}s of a year add up to {_amount(yearly)}"
        converted = f"multiply the values by {factor_text(factor)[2:]}"
        remedy = f"Nothing is converted. If the unit is right, {converted} before you use them."
        if rain and low <= yearly <= high:
            remedy = (
                f"Nothing is converted. As mm per {step} the total is plausible, so the unit may "
                f"be wrong; if it is right, {converted}."
            )
        return [Finding("warning", where, text, expected, remedy, "10")]
    if not rain or low <= yearly <= high:
        return []
    options = [
        f"{name} ({factor_text(factor)}, which gives {_amount(yearly * factor)} mm a year)"
        for name, factor in guesses(yearly, step, (low, high))
    ]
    text = f"a mean yearly total of {_amount(yearly)} mm in the country"
    remedy = "Nothing is converted. Check the unit"
    remedy += f"; the values look like {', or '.join(options)}." if options else " and the file."
    if yearly < low:
        remedy += " A desert may be as dry: then there is nothing to do."
    return [Finding("warning", where, text, f"{low:,.0f} to {high:,.0f} mm", remedy, "10")]


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "less than 0.1 %"
