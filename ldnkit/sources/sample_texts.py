"""The texts of the training country: its country files and READMEs."""

from __future__ import annotations

SWITCHED_ON = "country_verified.yml has them switched on"
COUNTRY = """\
# Landia, the training country. Landia is fictional and all its data are synthetic.
# Paths are relative to this file.
schema: 1
iso3: XLD
name: Landia
party: affected
cycle: 2026
method: manual

boundary: {{file: boundary.gpkg, rule: centre}}
grid: {{from: productivity}}
# For an exercise with two regions, write instead of []:
#   - {{name: North, file: regions/north.gpkg, matrix: unccd}}
#   - {{name: South, file: regions/south.gpkg, matrix: unccd}}
regions: []
affected_area: {affected_area}

land_cover:
  source: default
  files:          # there is no map of 2023 yet: the closest year is used, and said
{land_cover}
  nesting: esa_cci
  legend: unccd
  matrix: unccd
  metadata:
    title: "Landia synthetic training data: land cover 2000-2022"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

productivity:
  source: default
  annual:
{ndvi}
  index: NDVI
  scale: 10000
  units: {{soil: soil/soil_units.tif, land_cover: true}}
  metadata:
    title: "Landia synthetic training data: NDVI 2000-2023"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

soil:
  source: default
  reference: soil/soc_2000.tif
  climate: soil/climate_zones.tif
  factors: unccd
  tier: 1
  metadata:
    title: "Landia synthetic training data: soil organic carbon 2000"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

population:
  source: default
  female: "population/female_{{year}}.tif"
  male: "population/male_{{year}}.tif"
  years: 2000-2023
  unit: counts            # density_2020.tif is there for an exercise
  national: population/national.csv
  # For the exercise with a census, write instead of female, male and years:
  # districts: {{file: population/districts.gpkg, key: code}}
  # table: population/census.csv
  metadata:
    title: "Landia synthetic training data: population by sex 2000-2023"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

drought:
  source: default
  precipitation: climate/precipitation.nc
  # For the exercise with evaporation (SPEI), write instead of precipitation and variable:
  # water_balance: climate/water_balance.nc
  # variable: water_balance
  variable: precipitation
  time_step: month
  metadata:
    title: "Landia synthetic training data: monthly precipitation 1981-2023"
    link: ""
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

vulnerability:
  source: national
  factors: vulnerability/factors.csv
  weights: vulnerability/weights.csv
  directions: unccd
  units: {{file: regions.gpkg, key: name}}
  metadata:
    title: "Landia synthetic training data: factors of drought vulnerability 2000-2023"
    link: "https://example.org/landia"
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

"""

FORMS = """\
statistics:
  poverty: {{file: statistics/poverty.json, format: sdg, release: 2026-09-15}}
  gini: {{file: statistics/gini.csv, format: world_bank}}
  water:
    file: statistics/water.xlsx
    format: table
    sheet: "Table 7.3"      # the workbook has other sheets
    header: 5               # titles stand above it
    columns: {{year: Year}}
    unit: percent
    release: 2026-05-02
    source: national
    metadata:
      title: "Landia synthetic training data: drinking water 2000-2023"
      link: "https://example.org/landia"
      author: "ldnkit (fictional country, synthetic data)"
      citation: "Landia synthetic training data"
  red_list: {{file: statistics/red_list.csv, format: sdg, release: 2026-09-15}}
  protected: {{file: statistics/protected.json, format: sdg, release: 2026-09-15}}

species:
  assessments: species/assessments.csv
  source: national
  metadata:
    title: "Landia synthetic training data: Red List assessments 2000-2023"
    link: "https://example.org/landia"
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

key_biodiversity_areas:
  sites: {{file: kba/sites.gpkg, key: site}}
  protected: {{file: kba/protected.gpkg, key: name, year: designation_year}}
  source: national
  metadata:
    title: "Landia synthetic training data: key biodiversity areas and protected areas"
    link: "https://example.org/landia"
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

targets:
  register: targets/targets.csv
  polygons: {{file: targets/targets.gpkg, key: target}}
  actions: targets/actions.csv
  previous: targets/previous_cycle.csv
  scenario: targets/anticipated.csv
  source: default

finance:
  activities: finance/activities.csv      # activities_raw.csv is there for an exercise
  creditor_reporting_system: finance/crs_extract.csv
  exchange_rates: finance/rates.csv
  needs: finance/needs.csv
  weighting: {{principal: 1.0, significant: 1.0}}     # whole amounts: the team's choice
  default_sheet: corrected
  trends:
    SO5-1: {{provided: stable, received: increasing}}
    SO5-2: {{spending: stable, funding: increasing}}
    SO5-3: {{received: increasing, domestic: declining}}
    SO5-4: {{received: increasing, domestic: declining}}
  source: national
  metadata:
    title: "Landia synthetic training data: finance for land 2020-2023"
    link: "https://example.org/landia"
    author: "ldnkit (fictional country, synthetic data)"
    citation: "Landia synthetic training data"

narrative: {{answers: narrative/answers.yml}}
additional_indicators: {{register: additional/indicators.csv}}

"""

LAST = """\
error_polygons: {error_polygons}
licence: CC BY 4.0
parameters: {{}}
"""

README = """\
LANDIA, THE TRAINING COUNTRY
Landia (code XLD) is fictional. All its data are synthetic: computed, not measured.
Do not use any number of this folder for anything but learning.

The country lies around 16.5 S, 179.8 E. Its island crosses the 180th meridian.
Rasters: {rows} rows x {columns} columns, EPSG:4326, longitudes from 179.2 to 180.45.
Boundaries have ordinary longitudes (-180 to 180), so the island is in two parts.

country.yml            the country file: start here
country_verified.yml   the same, with the team's error polygons and its affected area switched on
boundary.gpkg          the boundary
regions.gpkg           north and south; one file each in regions/
error_polygons.gpkg    a false positive (woody invader) and a false negative (invader cleared)
land_cover/            yearly land cover 2000-2022, ESA CCI class codes; 2023 is not out yet
                       the map of {gap} has a hole (0 = no data), the others declare no such value
productivity/          yearly NDVI 2000-2023, x 10 000; -32768 = no data (water, clouds)
soil/                  soil organic carbon 2000 (t/ha, 0-30 cm), climate zones, soil units
                       -32768 = no data; 0 under lakes and ice = no soil
climate/               yearly rain 2000-2023, mm, coarser cells
                       precipitation.nc: months of 1981-2023, mm; no data on the sea and one reef
                       temperature.nc: mean of the month, degrees Celsius
                       water_balance.nc: precipitation minus potential evapotranspiration, mm
population/            persons per cell by sex 2000-2023, in fractions of a person
                       density_2020.tif: persons per square kilometre, in cells twice as wide
                       coarse_2020_*.tif: the same people in cells that are three times as wide
                       districts.gpkg and census.csv: eight districts, 2000, 2010 and 2020
                       national.csv: official figures, in thousands
vulnerability/         factors of drought vulnerability 2000-2023 and their weights
statistics/            official series as they come: answers of an API, CSV files, a national table
species/               a national Red List: assessments of 60 species
kba/                   key biodiversity areas and protected areas
targets/               voluntary targets, their polygons, actions, the last cycle, a scenario
finance/               activities 2020-2023, exchange rates, an extract of the CRS, needs
                       activities_raw.csv has planted mistakes
                       donors and banks are fictional; the currency XTS is a code for tests
narrative/             answers to the forms SO1-IF to SO5-IF
additional/            two additional indicators and their images
affected_area.gpkg     the dry south-west and the overgrazed land (country_verified.yml names it)
truth/                 what was planted, to compare with what the method finds
landia.json            version, size and seed of this folder

Copy this folder before you change anything in it.
"""

TRUTH = """\
# What was planted in Landia

Landia is fictional. This is the truth that no real country has.

`truth_<period>.tif`: -1 degraded, 0 stable, 1 improved, -32768 no data (water, outside Landia).
`cause_<period>.tif`: a code of `causes.csv`, 0 where nothing was planted.
The periods are `baseline`, `report_1` and `report_2`.

A cause counts in a period in two cases.
It acts in the productivity window of the period, from the fourth year of the window.
The windows are 2000-2015, 2004-2019 and 2008-2023.
The truth knows 2023, though the last land cover map is of 2022.
Or it changes the land cover between the land cover years of the period.
Where two causes meet, the first in `causes.csv` has the ground.

## Where the method and the truth differ, and why
- The woody invader is degradation, but it is green: the method calls it improved.
- Where the invader is cleared the land gets better, but less green: the method calls it degraded.
- Dry years come one after the other at "drying": the land is not degraded, it only lacks rain.
  A correction for rain would show it, but the cells of the rain map are too large for the place.
- Bare rock under the old glacier and the bed of the shrinking lake turn green without any merit.
  They have no soil carbon of 2000, so the indicator has no data there.
- New irrigated fields are an improvement in the land cover matrix.
  Their soil loses carbon. The truth leaves the question open (0).
- After a change of land cover the soil gains or loses carbon for twenty years.
  So cleared forest stays degraded, and abandoned fields become improved, in later periods.
- The land cover map of 2011 has a hole: soil carbon is unknown there from 2011 on.
- A change in the first or last years of a window is hard to see for any trend.
- Slow changes are weaker at their edges.

## Droughts

`droughts.csv` names the droughts that were planted: the year, the place, and how bad it was there.
`drought_shares.csv` has the percent of the land of each place in each class, every year 1981-2023.
A class is that of the whole year's rain: the index of December over twelve months.
Both come from the planted rain before it was rounded to whole millimetres.
Every cell of 1/400 degree counts once; areas of cells differ by less than one percent.
The places are Landia, its regions North and South, Mainland and Island, and the districts.
"Drying" is the core of the place where rain gets less and less from 2004 on.
From 2020 to 2023 that place has the only severe drought.
The rain data leave out the reef in the north: there is no drought class (no data).
From the year 2000 on, the twelve months add up to the files climate/rain_<year>.tif.
Before 2000 there are no such files.
In the driest corner many months have no rain at all: short sums are zero there.

## People

`population.csv`: persons in the rasters, of these inside and outside the boundary, and by sex.
Outside are people abroad in the west, and the part of coastal cells that lies on the sea.
People are split by area over cells of 1/400 degree; a cell is inside when its centre is.
The official figures are 2.4 % above the people inside: the rasters miss some, as real ones do.
`census.csv` has the people of the rasters in each district, rounded to whole persons.
So the census has the total of the rasters, not the official one.
Dry land has less than half a person in a cell: whoever rounds cells loses these people.
Fishermen live on the middle of the shrinking lake: people in land cover water.
Miners came in 2018, most of them men. Many left the overgrazed land, more men than women.
`exposed.csv`: people on land that was planted as degraded, in the last year of each period.

## Drought vulnerability

`factors.csv` is made of straight lines; poverty, GDP and agriculture also answer to rain.
Poverty has no value in 2011. The share of refugees never changes.
"""

TRUTH_OF_FORMS = """\

## Official series

`statistics.csv` has every value of the files in `statistics/`, in percent or as an index.
Landia has no M49 code: XLD stands in its place. XTR is a second area, which is not Landia.
Poverty falls, but not in 2009, the year of the worst drought. The Gini index has no direction.
The national table of drinking water has titles above it, a header over several columns, a sheet
with another table, figures that are text, an estimate, and no row for 2003, 2004 and 2012.
Towns have no figure in 2008.

## Species and key biodiversity areas

`red_list.csv`: 1 minus the sum of the weights over five times the species; data-deficient ones
are left out. The Dune skink stands twice in 2016, with the same category: it counts once.
12 species decline and 2 recover. One is regionally extinct since 2016.
`coverage.csv`: percent of each site inside protected areas, by year, and the mean of the sites.
Sites count whole, also the part of the Delta that is sea. Overlaps count once.
The Delta Reserve cuts itself: two of its corners are exchanged. It was repaired with make_valid.
The Rested Range Community Reserve is a point of 60 km2: it became a circle of this area.
The Sacred Groves of the Valley have no year: the table is without them and with them always.
Date Line Ridge and Date Line Park lie on both sides of 180 degrees.

## Targets

`targets.csv`: the area of each target's place, and the area that two places share.
Against the last cycle T4 has another text, T10 is new, and T0 is gone.
Anticipated gains make up for anticipated losses in every land type but cropland (-55 km2).

## Finance

`finance.csv`: US dollars of `activities.csv`, and with what the CRS extract adds to them.
The extract has 30 rows. 20 of them are in the team's sheet too, four with another amount.
Three activities are only in the extract: 4 rows, one of them a loan with a repayment.
One has no disbursement, two have marker 0, one has no marker, two belong to another country.
Public spending grows in XTS, but not in US dollars: XTS loses value.
`finance_planted.csv`: what is wrong in `activities_raw.csv`, by line.
Its spending of 2020 in the wrong currency makes the declared trend (stable) look wrong.
The pair of a look-alike is either one activity or two: the list says which.

## Affected area

The dry south-west of the mainland, and the overgrazed land. Its definition is Landia's own.
"""
