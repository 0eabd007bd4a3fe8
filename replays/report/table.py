"""The table of orders, blocked orders and moments: its shell, and its rows as data for the page's script."""

import json

from perptape.core.money import ZERO
from perptape.replays.report.numbers import count, counted, moment, money, quantity
from perptape.replays.report.scale import TimeScale
from perptape.replays.report.story import Story
from perptape.replays.report.summary import Block, Moment, OrderSummary, Step
from perptape.replays.report.svg import Markup, element, joined

ORDER_COLUMNS = "Time (UTC)|Version|Symbol|Side|Type|Size|Limit|Status|Filled|Average|Fee|Realised|Purpose"
BLOCK_COLUMNS = "Time (UTC)|Version|Symbol|Side|Size|Price|Guard|Measured|Limit|Reason"
MOMENT_COLUMNS = "Time (UTC)|Version|What|Detail"


def tables(story: Story) -> Markup:
    """Tabs and an empty table, which the script fills with the rows of the time shown."""
    names = (
        ("orders", "Orders and fills", len(story.orders)),
        ("blocks", "Blocked orders", len(story.blocks)),
        ("moments", "Moments", len(story.moments)),
    )
    tabs = [
        element(
            "button",
            {"type": "button", "role": "tab", "data-table": key, "aria-selected": "false", "aria-controls": "rows"},
            joined(name, " ", element("span", {"class": "count"}, count(number))),
        )
        for key, name, number in names
    ]
    notes = [element("p", {"class": "note"}, note) for note in _notes(story)]
    return element(
        "section",
        {"class": "tables"},
        element("h2", None, "Orders, blocked orders and moments"),
        element(
            "p",
            {"class": "note"},
            "The rows cover the time range shown above. Select an order to see its chain of events.",
        ),
        *notes,
        element("div", {"class": "tabs", "role": "tablist"}, *tabs, _filter()),
        element("div", {"class": "scroll", "id": "rows", "tabindex": "0"}, element("table", None)),
        element("p", {"class": "note", "id": "more", "aria-live": "polite"}),
        element("noscript", None, element("p", {"class": "note"}, "The table needs JavaScript; the charts do not.")),
    )


def _filter() -> Markup:
    return element(
        "input", {"type": "search", "id": "filter", "placeholder": "Filter", "aria-label": "Filter the rows"}
    )


def _notes(story: Story) -> list[str]:
    notes = []
    if story.orders_every > 1:
        notes.append(
            f"About one in {story.orders_every} of {counted(story.counts.orders, 'order')} is listed and drawn, "
            f"with its fills. The figures above count all of them."
        )
    if story.blocks_every > 1:
        notes.append(
            f"About one in {story.blocks_every} of {counted(story.counts.blocked, 'blocked order')} is listed and "
            f"drawn."
        )
    if story.counts.moments > len(story.moments):
        notes.append(
            f"Only the first {count(len(story.moments))} of {counted(story.counts.moments, 'moment')} are listed."
        )
    return notes


def data(story: Story, time: TimeScale) -> Markup:
    """The rows as JSON in a script element; `<` is written so that nothing in it can end the element."""
    names: dict[str, int] = {}
    content: dict[str, object] = {
        "start": time.start_ns / 1e6,
        "unit": time.unit_ns / 1e6,
        "units": time.units,
        "columns": {
            "orders": ORDER_COLUMNS.split("|"),
            "blocks": BLOCK_COLUMNS.split("|"),
            "moments": MOMENT_COLUMNS.split("|"),
        },
        "orders": [_order_row(order, time, names) for order in story.orders],
        "blocks": [_block_row(block, time, names) for block in story.blocks],
        "moments": [_moment_row(told, time) for told in story.moments],
    }
    content["events"] = list(names)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return element("script", {"type": "application/json", "id": "story"}, Markup(text))


def _order_row(order: OrderSummary, time: TimeScale, names: dict[str, int]) -> dict[str, object]:
    filled = sum((fill.size for fill in order.fills), ZERO)
    worth = sum((fill.price * fill.size for fill in order.fills), ZERO)
    fee = sum((fill.fee for fill in order.fills), ZERO)
    average = round(worth / filled, 8) if filled else None
    cells = [
        moment(order.at_ns),
        str(order.version or "before"),
        order.symbol,
        order.side,
        order.order_type.replace("_", "-"),
        quantity(order.size),
        "" if order.limit_price is None else quantity(order.limit_price),
        order.status.replace("_", " "),
        quantity(filled) if filled else "",
        "" if average is None else quantity(average),
        money(fee) if filled else "",
        money(order.realised, sign=True) if order.realised else "",
        order.purpose.replace("_", " "),
    ]
    until = order.ended_ns if order.ended_ns is not None else order.at_ns
    title = f"{order.side} {quantity(order.size)} {order.symbol}" + (f", {order.strategy}" if order.strategy else "")
    return {
        "x": time.x(order.at_ns),
        "e": time.x(max(order.at_ns, until)),
        "c": cells,
        "t": title,
        "b": order.side,
        "s": _chain(order.steps, order.at_ns, names),
    }


def _block_row(block: Block, time: TimeScale, names: dict[str, int]) -> dict[str, object]:
    cells = [
        moment(block.at_ns),
        str(block.version),
        block.symbol,
        block.side,
        quantity(block.size),
        quantity(block.price),
        block.guard.replace("_", " "),
        quantity(round(block.measured, 6)),
        quantity(round(block.limit, 6)),
        block.reason,
    ]
    return {
        "x": time.x(block.at_ns),
        "c": cells,
        "t": f"blocked by {block.guard.replace('_', ' ')}: {block.side} {quantity(block.size)} {block.symbol}",
        "b": "block",
        "s": _chain(block.steps, block.at_ns, names),
    }


def _moment_row(told: Moment, time: TimeScale) -> dict[str, object]:
    return {
        "x": time.x(told.at_ns),
        "c": [moment(told.at_ns), str(told.version), told.title, told.text],
        "b": told.tone,
    }


def _chain(steps: list[Step] | tuple[Step, ...], at_ns: int, names: dict[str, int]) -> list[list[object]]:
    """The links: version, event by its place in `names`, text, and ms after (or before) the order."""
    return [
        [step.version, names.setdefault(step.event, len(names)), step.text, (step.at_ns - at_ns) // 1_000_000]
        for step in steps
    ]
