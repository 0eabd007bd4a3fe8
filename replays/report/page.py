"""The page: everything in one file, in the order in which a reader asks."""

from importlib.resources import files

from perptape.replays.report.equity_chart import equity_chart
from perptape.replays.report.exposure_chart import exposure_chart, leverage_chart
from perptape.replays.report.figures_panel import figures_panel
from perptape.replays.report.frame import Backdrop
from perptape.replays.report.headline import headline
from perptape.replays.report.lanes import lanes
from perptape.replays.report.numbers import count, day, moment
from perptape.replays.report.price_chart import price_chart
from perptape.replays.report.proof import Proof
from perptape.replays.report.proof_panel import proof_panel
from perptape.replays.report.scale import TimeScale, time_scale
from perptape.replays.report.story import Story
from perptape.replays.report.svg import EMPTY, Markup, element, joined
from perptape.replays.report.table import data, tables

PRICE_CHARTS_MAX = 8
MARKS = Markup(
    '<svg class="defs" aria-hidden="true"><defs>'
    '<path id="buy" d="M0 1.5L4.5 9.5H-4.5Z"/>'
    '<path id="sell" d="M0 -1.5L4.5 -9.5H-4.5Z"/>'
    '<path id="block" d="M-2.5 -2.5L2.5 2.5M-2.5 2.5L2.5 -2.5"/>'
    '<path id="kill" d="M-5 -5L5 5M-5 5L5 -5"/>'
    "</defs></svg>"
)


def render(story: Story, proof: Proof | None) -> str:
    """The story as one HTML document that loads nothing from anywhere."""
    title = headline(story, proof)
    time = time_scale(story.start_ns, story.end_ns)
    head = element(
        "head",
        None,
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("title", None, f"{story.stream}: {title}"),
        element("style", None, _asset("page.css")),
    )
    body = element(
        "body",
        None,
        MARKS,
        element(
            "main",
            None,
            _masthead(story, title),
            figures_panel(story),
            _charts(story, time) if story.counts.events else EMPTY,
            proof_panel(story, proof),
            tables(story) if story.counts.events else EMPTY,
            _colophon(story),
        ),
        element("aside", {"id": "chain", "hidden": True, "aria-live": "polite", "aria-label": "Chain of events"}),
        data(story, time),
        element("script", None, _asset("page.js")),
    )
    return f"<!DOCTYPE html>\n{element('html', {'lang': 'en'}, head, body)}\n"


def _asset(name: str) -> Markup:
    return Markup(files("perptape.replays.report").joinpath("assets", name).read_text("utf-8"))


def _masthead(story: Story, title: str) -> Markup:
    when = f"{moment(story.start_ns)} to {moment(story.end_ns)} UTC" if story.counts.events else "no events"
    return element(
        "header",
        {"class": "masthead"},
        element(
            "p",
            {"class": "eyebrow"},
            element("span", None, f"Session report · {story.stream}"),
            element("button", {"type": "button", "id": "theme", "aria-label": "Switch between light and dark"}, "◐"),
        ),
        element("h1", None, f"{title}."),
        element("p", {"class": "when"}, when),
    )


def _charts(story: Story, time: TimeScale) -> Markup:
    backdrop = Backdrop(story.modes, story.sessions)
    symbols = list(story.prices)
    left_out = symbols[PRICE_CHARTS_MAX:]
    ticks = [
        element("text", {"x": time.percent(at_ns), "y": "16", "data-x": time.x(at_ns)}, label)
        for at_ns, label in time.ticks()
    ]
    axis = element(
        "div",
        {"class": "axis"},
        element("svg", {"class": "times", "aria-hidden": "true"}, *ticks),
        element("output", {"id": "now"}),
        element("button", {"type": "button", "id": "reset", "hidden": True}, "Whole session"),
    )
    return element(
        "section",
        {"class": "charts", "aria-label": "Charts over time"},
        element(
            "p",
            {"class": "note hint"},
            "Drag across a chart to zoom. Double-click to show the whole session. The arrow, plus and minus keys work "
            "too. Select a mark to see its chain of events. Times are UTC.",
        ),
        axis,
        *(price_chart(story, symbol, time, backdrop) for symbol in symbols[:PRICE_CHARTS_MAX]),
        element("p", {"class": "note"}, f"Not drawn: {', '.join(left_out)}.") if left_out else EMPTY,
        equity_chart(story, time, backdrop),
        exposure_chart(story, time, backdrop),
        leverage_chart(story, time, backdrop),
        lanes(story, time),
    )


def _colophon(story: Story) -> Markup:
    versions = f"versions {count(story.first_version)} to {count(story.last_version)}" if story.counts.events else ""
    parts = [story.file, versions, f"recorded by perptape {story.release}"]
    dated = day(story.end_ns) if story.counts.events else ""
    text = " · ".join(part for part in [*parts, dated] if part)
    return element("footer", None, joined(text))
