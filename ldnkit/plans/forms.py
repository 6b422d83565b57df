"""Plans of the indicators that come from tables and polygons of the team: SO2-1, SO2-2, SO4, SO5.

They have no rasters: the tables are made when the plan is.
"""

from __future__ import annotations

from ldnkit.plans.shared import Plan


def statistics(country, results) -> Plan:
    """Official series: poverty, Gini, water, Red List Index, protected areas."""
    from ldnkit import statistics as module

    found, findings = module.compute_tables(country.statistics, country)
    return Plan(tables=found, findings=findings)


def red_list(country, results) -> Plan:
    """The Red List Index from the team's own assessments."""
    from ldnkit import biodiversity

    found, findings = biodiversity.compute_red_list(country.species)
    return Plan(tables=found, findings=findings)


def protected_areas(country, results) -> Plan:
    """Mean coverage of key biodiversity areas from the team's own polygons."""
    from ldnkit import biodiversity

    found, findings = biodiversity.compute_coverage(country.key_biodiversity_areas, country)
    return Plan(tables=found, findings=findings)


def finance(country, results) -> Plan:
    """Activities, sums by year, look-alikes and needs."""
    from ldnkit import finance as module

    found, findings = module.compute_tables(country.finance, country=country.iso3)
    return Plan(tables=found, findings=findings)


def narrative(country, results) -> Plan:
    """Answers to the questions of the implementation framework, and additional indicators."""
    from ldnkit import narrative as module

    found, findings = module.compute_tables(country.narrative, country.additional_indicators)
    return Plan(tables=found, findings=findings)
