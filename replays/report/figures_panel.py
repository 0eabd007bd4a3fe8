"""The key figures, above the charts."""

from perptape.replays.report.numbers import count, counted, money, percent
from perptape.replays.report.story import Story
from perptape.replays.report.svg import Markup, element


def figures_panel(story: Story) -> Markup:
    """Result, risk and activity, each with a line that says what it is made of."""
    figures, counts = story.figures, story.counts
    cells = [
        _cell("Profit", f"{money(figures.profit, sign=True)} USD", _profit_note(story)),
        _cell("Equity at the end", f"{money(figures.end_equity)} USD", _equity_note(story)),
        _cell(
            "Worst drawdown",
            percent(figures.worst_drawdown),
            f"{money(figures.worst_drop)} USD below the peak",
        ),
        _cell("Highest leverage", f"{money(figures.leverage_max)} \N{MULTIPLICATION SIGN}", "gross notional / equity"),
        _cell("Orders", count(counts.orders), f"{counted(counts.fills, 'fill')}, {counted(counts.signals, 'signal')}"),
        _cell("Blocked by guards", count(counts.blocked), f"{counted(counts.trips, 'guard trip')}"),
        _cell("Fees", f"{money(figures.fees)} USD", f"funding {money(figures.funding, sign=True)} USD"),
        _cell("Events", count(counts.events), f"{counted(counts.decisions, 'decision')}"),
    ]
    return element("dl", {"class": "figures"}, *cells)


def _cell(name: str, value: str, note: str) -> Markup:
    return element(
        "div",
        None,
        element("dt", None, name),
        element("dd", {"class": "value"}, value),
        element("dd", {"class": "note"}, note),
    )


def _profit_note(story: Story) -> str:
    figures = story.figures
    realised, open_ = money(figures.realised, sign=True), money(figures.unrealised, sign=True)
    note = f"realised {realised}, unrealised {open_}, before fees and funding"
    if figures.adjustments:
        note += f"; adjustments {money(figures.adjustments, sign=True)}"
    return note


def _equity_note(story: Story) -> str:
    figures = story.figures
    if figures.start_equity is None:
        return "the venue never reported the account"
    note = f"{money(figures.start_equity)} at the start"
    return f"{note}, transfers {money(figures.transfers, sign=True)}" if figures.transfers else note
