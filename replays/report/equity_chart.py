"""Equity over time, against where it began."""

from perptape.replays.report.frame import Backdrop, chart, line_path
from perptape.replays.report.numbers import money, percent
from perptape.replays.report.scale import TimeScale, value_scale
from perptape.replays.report.series import Point
from perptape.replays.report.story import Story
from perptape.replays.report.svg import EMPTY, Markup, element, joined


def equity_chart(story: Story, time: TimeScale, backdrop: Backdrop) -> Markup:
    """Line of equity; a dashed line marks the equity at the start. Nothing before the account was known."""
    start = story.figures.start_equity
    if not story.equity or start is None:
        return EMPTY
    value = value_scale([start, *(point.value for point in story.equity)], decimals_max=2)
    description = (
        f"From {money(start)} to {money(story.figures.end_equity)} USD; the largest drop from a peak was "
        f"{money(story.figures.worst_drop)} USD, {percent(story.figures.worst_drawdown)}."
    )
    row = value.y(start)
    baseline = element("path", {"class": "baseline", "d": f"M0 {row}H{time.units}"})
    return chart(
        title="Equity",
        subtitle="USD, marked to the latest price; dashed line: equity at the start",
        description=description,
        time=time,
        value=value,
        backdrop=backdrop,
        plot=joined(baseline, line_path(story.equity, time, value, "equity", "")),
        marks=joined(*_transfers(story, time)),
        last=[Point(story.end_ns, story.figures.end_equity)],
        size="middle",
    )


def _transfers(story: Story, time: TimeScale) -> list[Markup]:
    """Names at the foot of the chart for the steps that are no profit."""
    return [
        element(
            "text",
            {
                "class": "behind-label",
                "x": time.percent(told.at_ns),
                "dx": 5,
                "y": "100%",
                "dy": -7,
                "data-x": time.x(told.at_ns),
            },
            told.title,
        )
        for told in story.moments
        if told.kind == "transfer"
    ]
