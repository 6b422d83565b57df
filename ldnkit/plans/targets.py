"""The plan of the voluntary targets: their lists, and the status of the land in their polygons."""

from __future__ import annotations

from functools import partial

from ldnkit import kernels, remarks
from ldnkit.findings import InputError
from ldnkit.plans.shared import Plan, frame
from ldnkit.sources.rasters import Raster


def targets(country, results) -> Plan:
    """Lists alone without polygons; with them one pass over the grid."""
    from ldnkit import targets as indicator
    from ldnkit.targets import computed
    from ldnkit.targets.polygons import Masks

    section, last = country.targets, country.cycle.last
    legend = country.land_cover.legend
    balance = indicator.balance(
        results["degradation"].tables["status"],
        period=last.name,
        year=last.status_year,
        water=legend.loc[legend["unccd"] == remarks.WATER, "code"],
    )
    found = computed.gather(section, legend=legend, balance=balance)
    errors = [finding for finding in found.findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    parameters = {"balance": f"assessment of {last}", "overlay": f"status of {last.status_year}"}
    if found.polygons is None or found.polygons.empty:
        lists = found.tables | {"overlay": indicator.no_overlay()}
        return Plan(tables=lists, findings=found.findings, parameters=parameters)
    layers = results["degradation"].layers, results["land_cover"].layers
    polygons = found.polygons
    masks = Masks(tuple(polygons.geometry), polygons.crs.to_wkt())
    return Plan(
        inputs=frame(country)
        | {
            "status": Raster(layers[0][f"status_{last.name}"]),
            "cover": Raster(layers[1][f"land_cover_{last.status_year}"]),
            "polygons": masks,
        },
        kernel=kernels.target_areas,
        findings=found.findings,
        parameters=parameters,
        check=partial(_finish, found),
    )


def _finish(gathered, found):
    """The lists beside the overlay, and what is said about the polygons."""
    from ldnkit.targets import computed

    found["overlay"], findings = computed.overlaid(found["overlay"], gathered.polygons)
    found |= gathered.tables
    return findings
