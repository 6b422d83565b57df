"""What Landia says in words, and its additional indicators: fictional and synthetic."""

from __future__ import annotations

import textwrap

import numpy as np

from ldnkit.sources.sample_files import write_csv

SYNTHETIC = "Landia is a fictional country: these answers are synthetic, for training only."
YES, NO = "yes", "no"
# form -> section -> question: yes, no or nothing (a question for a text), and the details.
ANSWERS = {
    "SO1-IF": {
        "action_programmes": {
            "programmes": (YES, "The national action programme runs from 2018 to 2030. Two of its "
                           "seven targets are behind their time: the salt land and the range."),
            "participation": ("", "Herders' council, farmers' union and women's groups of all "
                              "eight districts took part in four meetings."),
        },
        "policies": {
            "policies_land": (YES, "The land use law of 2014 protects good soil from the city. "
                              "Payments for years of rest began in 2019."),
            "support_to_others": (YES, "Landia teaches herders of Farland about years of rest."),
        },
        "mainstreaming": {
            "mainstreaming": (YES, "The plans for agriculture, water and tourism name the targets "
                              "of land degradation neutrality."),
        },
        "slm_practices": {
            "slm_practices": (YES, "Stone lines and sown grass in the Dry Plain, years of rest on "
                              "the range, native trees in the River Valley."),
            "documented_practices": ("", "https://example.org/landia/stone-lines"),
        },
        "knowledge_sharing": {
            "knowledge_sharing": (YES, "A land information system with yearly maps, in two "
                                  "languages. The districts use it for their plans."),
            "networks": ("", "Island soil network, regional, https://example.org/landia/network"),
        },
        "comments": {"comments": ("", SYNTHETIC)},
    },
    "SO2-IF": {
        "policies": {
            "policies_inclusion": (YES, "Women hold half of the seats in the range committees."),
        },
        "alternative_livelihoods": {
            "alternative_livelihoods": (YES, "Bee-keeping and shade coffee on old pasture: 1 400 "
                                        "families by 2023. Transport is the bottleneck."),
            "forced_migration": (NO, "No action yet. People leave the overgrazed land, more men "
                                 "than women."),
        },
        "comments": {"comments": ("", SYNTHETIC)},
    },
    "SO3-IF": {
        "policies": {
            "policies_drought": (YES, "A fund for fodder pays when the December index is below "
                                 "-1.5 in a district."),
            "support_to_others": (YES, "Landia shows Farland how the fund for fodder works."),
        },
        "mainstreaming": {
            "mainstreaming": (YES, "The water plan has a chapter on dry years."),
        },
        "drought_plan": {
            "drought_plan": (YES, "The plan of 2021 covers five of eight districts. "
                             "https://example.org/landia/drought-plan"),
            "participation": ("", "The five districts, the weather service, the Red Sand Relief."),
        },
        "drought_risk": {
            "drought_risk": (YES, "Twelve stations and a bulletin every month since 2021. "
                             "Eastmark paid for stations and training."),
            "learning_community": ("", "A yearly meeting of the districts after the dry season."),
            "drought_support": (NO, ""),
        },
        "knowledge_sharing": {
            "knowledge_sharing": (YES, "The bulletin is read on the radio in two languages."),
            "networks": ("", "Ocean drought centre, regional, https://example.org/landia/centre"),
        },
        "comments": {"comments": ("", SYNTHETIC)},
    },
    "SO4-IF": {
        "synergies": {
            "synergies": (YES, "The targets for forest and key biodiversity areas are those of the "
                          "biodiversity plan. New trees count in the climate plan."),
        },
        "comments": {"comments": ("", SYNTHETIC)},
    },
    "SO5-IF": {
        "resource_strategy": {
            "resource_strategy": (YES, "Levy on groundwater, share of the tax on land sales, green "
                                  "bond of 2020. International grants for native trees."),
            "strategy_in_preparation": (NO, ""),
            "other_measures": ("", "A table of all activities is kept by the Ministry of Finance."),
        },
        "synergies": {
            "joint_resources": (YES, "One project office serves the three Rio conventions."),
            "joint_plans": (NO, "Planned for the next cycle."),
        },
        "reporting_process": {
            "reporting_entities": ("", "Ministry of the Environment, statistical office, weather "
                                   "service, University of Landia, farmers' union."),
        },
        "comments": {"comments": ("", SYNTHETIC)},
    },
}  # fmt: skip
INDICATORS = ("name", "objective", "direction", "image", "title", "link", "author", "citation",
              "comments")  # fmt: skip
# name, objective, direction, image, title; then the heights of the bars in the image
ADDITIONAL = (
    ("Depth to groundwater in wells of the Dry Plain", "SO1", "increase", "wells.png",
     "Landia synthetic training data: depth of wells", (31, 33, 36, 38, 43, 47, 49, 55)),
    ("Districts with a monthly drought bulletin", "SO3", "increase", "bulletins.png",
     "Landia synthetic training data: drought bulletins", (0, 0, 0, 1, 2, 2, 5, 5)),
)  # fmt: skip
BAR, HIGH = 24, 120  # width of a bar and height of an image, in pixels


def answers() -> str:
    """The text of narrative/answers.yml.

    Examples
    --------
    >>> answers().splitlines()[0]
    '# Answers of Landia to the forms SO1-IF to SO5-IF.'
    """
    lines = ["# Answers of Landia to the forms SO1-IF to SO5-IF.", f"# {SYNTHETIC}"]
    for form, sections in ANSWERS.items():
        lines += ["", f"{form}:"]
        for section, questions in sections.items():
            lines.append(f"  {section}:")
            for question, (answer, details) in questions.items():
                lines.append(f"    {question}:")
                lines += [f"      answer: {answer}"] if answer else []
                lines += _details(details) if details else []
    return "\n".join(lines) + "\n"


def _details(text) -> list[str]:
    """A text as a block of YAML, in lines of ordinary length."""
    parts = textwrap.wrap(text, 80, break_on_hyphens=False)
    return ["      details: >-", *(f"        {part}" for part in parts)]


def write(folder) -> None:
    """Write narrative/ and additional/.

    Parameters
    ----------
    folder : Path
        A folder with subfolders ``narrative`` and ``additional``.
    """
    path = folder / "narrative" / "answers.yml"
    path.write_text(answers(), encoding="utf-8", newline="\n")
    rows = []
    for *row, heights in ADDITIONAL:
        link, author = "https://example.org/landia", "ldnkit (fictional country, synthetic data)"
        cited = "Landia synthetic training data"
        rows.append((*row, link, author, cited, "Landia is fictional; the figures are synthetic"))
        _bars(folder / "additional" / row[3], heights)
    write_csv(folder / "additional" / "indicators.csv", INDICATORS, rows)


def _bars(path, heights) -> None:
    """A chart without words: one bar a year, the last one on the right."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    picture = np.full((HIGH, 2 * BAR * len(heights) + BAR, 3), 255, np.uint8)
    for place, height in enumerate(heights):
        left = BAR + 2 * BAR * place
        top = HIGH - 4 - (HIGH - 10) * height // max(heights)
        picture[top : HIGH - 4, left : left + BAR] = (91, 33, 80)
    picture[HIGH - 4 : HIGH - 2, BAR // 2 : -BAR // 2] = (102, 102, 102)
    said = PngInfo()
    said.add_text("Description", "Landia is fictional; synthetic training data")
    Image.fromarray(picture).save(path, pnginfo=said)
