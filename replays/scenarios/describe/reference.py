"""The reference of the catalogue as one page: each row's story, script, chart, and the expectation behind each phrase.

Generated from the scripts and their recordings, so that it cannot say anything else than they do.
"""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from perptape.replays.report.exposure_chart import exposure_chart
from perptape.replays.report.frame import Backdrop
from perptape.replays.report.numbers import counted, moment
from perptape.replays.report.page import MARKS
from perptape.replays.report.price_chart import price_chart
from perptape.replays.report.scale import time_scale
from perptape.replays.report.story import Story, read_story
from perptape.replays.report.svg import EMPTY, Markup, element, joined
from perptape.replays.scenarios.catalogue import CatalogueRow
from perptape.replays.scenarios.describe.description import described, phrases
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.proving.discovery import recording_of

_TITLES = {
    "trading": "Trading lifecycle",
    "broker": "Broker edge cases",
    "state": "Orchestration and state",
    "extreme": "Extreme markets and failing infrastructure",
    "compliance": "Compliance",
    "depth": "What the rows leave open",
    "own": "Your own",
}
_STYLE = Markup("""
main { max-width: 960px; }
nav ol { list-style: none; columns: 3 240px; margin-top: 16px; font-size: 14px; }
nav h3, .row h3 { margin-top: 18px; font-size: 14px; }
a { color: var(--buy); text-decoration: none; } a:hover { text-decoration: underline; }
.section { margin-top: 64px; }
.row { margin-top: 48px; padding-top: 18px; border-top: 1px solid var(--rule); scroll-margin-top: 12px; }
.row .story { font-size: 17px; margin-top: 4px; }
.row ul { margin: 4px 0 0; padding: 0; list-style: none; font-size: 14px; color: var(--soft); overflow-wrap: anywhere; }
.row td { white-space: normal; } .row td:first-child { width: 44%; }
.canvas.tall { height: 130px; } .canvas.middle { height: 64px; }
.canvas { cursor: default; } .chart .readout { display: none; } .chart { margin-top: 14px; }
.canvas.middle .label-y:not(:first-of-type) { display: none; }
""")


def reference(rows: Iterable[CatalogueRow]) -> str:
    """The page. Raises NotARecordingError for a row without its recording."""
    chosen = list(rows)
    sections = list(dict.fromkeys(row.section for row in chosen))
    recorded = sum(isinstance(row, Scenario) for row in chosen)
    title = "The scenario catalogue"
    head = element(
        "head",
        None,
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("title", None, f"perptape: {title.lower()}"),
        element("style", None, _css(), _STYLE),
    )
    masthead = element(
        "header",
        {"class": "masthead"},
        element("p", {"class": "eyebrow"}, element("span", None, "perptape · scenario reference")),
        element("h1", None, f"{title}."),
        element(
            "p",
            {"class": "when"},
            f"{counted(recorded, 'recorded session')} and {counted(len(chosen) - recorded, 'drill')}. Generated from "
            "the scripts by perptape scenarios reference; each chart is drawn from the row's recording.",
        ),
    )
    body = element(
        "body",
        None,
        MARKS,
        element(
            "main",
            None,
            masthead,
            element("nav", None, *(_contents(section, chosen) for section in sections)),
            *(_section(section, chosen) for section in sections),
        ),
    )
    return f"<!DOCTYPE html>\n{element('html', {'lang': 'en'}, head, body)}\n"


def _css() -> Markup:
    return Markup(files("perptape.replays.report").joinpath("assets", "page.css").read_text("utf-8"))


def _contents(section: str, rows: list[CatalogueRow]) -> Markup:
    items = [
        element("li", None, element("a", {"href": f"#{row.id}"}, f"{row.id} {row.name.replace('_', ' ')}"))
        for row in rows
        if row.section == section
    ]
    return joined(element("h3", None, _TITLES[section]), element("ol", None, *items))


def _section(section: str, rows: list[CatalogueRow]) -> Markup:
    here = [row for row in rows if row.section == section]
    marker = here[0].marker
    return element(
        "section",
        {"class": "section"},
        element("h2", None, _TITLES[section]),
        element("p", {"class": "note"}, f"pytest -m {marker}"),
        *(_row(row) for row in here),
    )


def _row(row: CatalogueRow) -> Markup:
    parts = [
        element("h2", None, f"{row.id} {row.name.replace('_', ' ')}"),
        element("p", {"class": "story"}, row.story),
    ]
    if isinstance(row, Scenario):
        parts.append(_charts(recording_of(row)))
        for title, said in described(row):
            parts += [element("h3", None, title), element("ul", None, *(element("li", None, line) for line in said))]
    else:
        parts.append(element("p", {"class": "note"}, "A drill: real processes, real files, real kills."))
    return element("article", {"class": "row", "id": row.id}, *parts, _verifies(row))


def _verifies(row: CatalogueRow) -> Markup:
    lines = [
        element(
            "tr",
            None,
            element("td", None, phrase.phrase),
            element("td", None, element("ul", None, *(element("li", None, name) for name in phrase.expectations))),
        )
        for phrase in phrases(row.verifies)
    ]
    head = element("tr", None, element("th", None, "verifies"), element("th", None, "expectations behind it"))
    return joined(element("h3", None, "Verifies"), element("table", None, head, *lines))


def _charts(recording: Path) -> Markup:
    """Price with orders and fills, and the position, of the symbols in which something happened."""
    story = read_story(recording)
    time = time_scale(story.start_ns, story.end_ns)
    backdrop = Backdrop(story.modes, story.sessions)
    held = {symbol for symbol, points in story.exposures.items() if any(point.value for point in points)}
    touched = {order.symbol for order in story.orders} | {block.symbol for block in story.blocks} | held
    symbols = [symbol for symbol in story.prices if symbol in touched] or list(story.prices)[:1]
    return joined(
        *(price_chart(story, symbol, time, backdrop) for symbol in symbols),
        exposure_chart(story, time, backdrop) if held else EMPTY,
        _when(story),
    )


def _when(story: Story) -> Markup:
    crashes = sum(session.end == "killed" for session in story.sessions)
    said = f"{moment(story.start_ns)} to {moment(story.end_ns)[11:]} UTC, {counted(story.counts.events, 'event')}"
    return element("p", {"class": "note"}, said + (f", {counted(crashes, 'kill')}" if crashes else ""))
