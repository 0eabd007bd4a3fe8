"""The price of a symbol, with orders and fills on it."""

from perptape.replays.report.frame import Backdrop, chart, line_path
from perptape.replays.report.numbers import counted, quantity
from perptape.replays.report.scale import TimeScale, ValueScale, value_scale
from perptape.replays.report.story import Story
from perptape.replays.report.summary import OrderSummary
from perptape.replays.report.svg import EMPTY, Markup, element, joined


def price_chart(story: Story, symbol: str, time: TimeScale, backdrop: Backdrop) -> Markup:
    """A line of prices; triangles for fills (up is a buy), strokes for resting limits, crosses for blocked orders."""
    points = story.prices[symbol]
    orders = [(index, order) for index, order in enumerate(story.orders) if order.symbol == symbol]
    fills = [fill.price for _index, order in orders for fill in order.fills]
    value = value_scale([*(point.value for point in points), *fills])
    low = min(point.value for point in points)
    high = max(point.value for point in points)
    shown = sum(len(order.fills) for _index, order in orders)
    description = (
        f"From {quantity(points[0].value)} to {quantity(points[-1].value)}, lowest {quantity(low)}, highest "
        f"{quantity(high)}, with {counted(shown, 'fill')} drawn."
    )
    key = joined(
        "price, USD ",
        element("span", {"class": "key buy"}, "▲ buy"),
        element("span", {"class": "key sell"}, "▼ sell"),
        element("span", {"class": "key block"}, "\N{MULTIPLICATION SIGN} blocked"),
        element("span", {"class": "key limit"}, "— resting limit"),
    )
    return chart(
        title=symbol,
        subtitle=key,
        description=description,
        time=time,
        value=value,
        backdrop=backdrop,
        plot=joined(
            line_path(points, time, value, "price", ""),
            _limits([order for _index, order in orders], "buy", time, value, story.end_ns),
            _limits([order for _index, order in orders], "sell", time, value, story.end_ns),
        ),
        marks=joined(*_blocks(story, symbol, time, value), *_fills(orders, time, value)),
        last=points[-1:],
    )


def _limits(orders: list[OrderSummary], side: str, time: TimeScale, value: ValueScale, end_ns: int) -> Markup:
    """Where and how long limit orders rested, as one path."""
    strokes = [
        f"M{time.x(order.at_ns)} {value.y(order.limit_price)}H{time.x(order.ended_ns or end_ns)}"
        for order in orders
        if order.limit_price is not None and order.side == side and value.low <= order.limit_price <= value.high
    ]
    return element("path", {"class": f"limit {side}", "d": "".join(strokes)}) if strokes else EMPTY


def _fills(orders: list[tuple[int, OrderSummary]], time: TimeScale, value: ValueScale) -> list[Markup]:
    return [
        element(
            "use",
            {
                "href": f"#{order.side}",
                "class": order.side,
                "x": time.percent(fill.at_ns),
                "y": value.percent(fill.price),
                "data-x": time.x(fill.at_ns),
                "data-y": value.y(fill.price),
                "data-order": index,
            },
        )
        for index, order in orders
        for fill in order.fills
    ]


def _blocks(story: Story, symbol: str, time: TimeScale, value: ValueScale) -> list[Markup]:
    return [
        element(
            "use",
            {
                "href": "#block",
                "class": "block",
                "x": time.percent(block.at_ns),
                "y": value.percent(block.price),
                "data-x": time.x(block.at_ns),
                "data-y": value.y(block.price),
                "data-block": index,
            },
        )
        for index, block in enumerate(story.blocks)
        if block.symbol == symbol and value.low <= block.price <= value.high
    ]
