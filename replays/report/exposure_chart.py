"""Exposure: the notional of each position, and the leverage of all together."""

from decimal import Decimal

from perptape.core.money import ZERO
from perptape.replays.report.frame import Backdrop, chart, step_path
from perptape.replays.report.numbers import money, quantity
from perptape.replays.report.scale import TimeScale, value_scale
from perptape.replays.report.story import Story
from perptape.replays.report.svg import EMPTY, Markup, element, joined

HUES = 4
"""Positions are told apart by so many hues, and by their names."""


def exposure_chart(story: Story, time: TimeScale, backdrop: Backdrop) -> Markup:
    """Long above zero, short below, one area per symbol."""
    if not story.exposures:
        return EMPTY
    values = [point.value for points in story.exposures.values() for point in points]
    value = value_scale([ZERO, *values], decimals_max=2)
    zero = value.y(ZERO)
    areas = [
        step_path(points, time, value, f"hue-{index % HUES}", symbol, base=zero)
        for index, (symbol, points) in enumerate(story.exposures.items())
    ]
    keys = [
        element("span", {"class": f"key hue-{index % HUES}"}, f"■ {symbol}")
        for index, symbol in enumerate(story.exposures)
    ]
    return chart(
        title="Exposure",
        subtitle=joined("notional, USD; long above zero, short below ", *keys),
        description=f"Between {money(min(values))} and {money(max(values))} USD per symbol.",
        time=time,
        value=value,
        backdrop=backdrop,
        plot=joined(*areas, element("path", {"class": "zero", "d": f"M0 {zero}H{time.units}"})),
        size="middle",
    )


def leverage_chart(story: Story, time: TimeScale, backdrop: Backdrop) -> Markup:
    """Gross notional over equity."""
    if not any(point.value for point in story.leverage):
        return EMPTY
    points = [point._replace(value=point.value.quantize(Decimal("0.0001"))) for point in story.leverage]
    value = value_scale([ZERO, *(point.value for point in points)])
    return chart(
        title="Leverage",
        subtitle="gross notional / equity",
        description=f"Maximum {quantity(story.figures.leverage_max.quantize(Decimal('0.001')))}.",
        time=time,
        value=value,
        backdrop=backdrop,
        plot=step_path(points, time, value, "leverage", "", base=value.y(ZERO)),
        size="low",
    )
