"""The frame of a chart: heading, read-out, grid and labels around a plot; and the forms a series is drawn in."""

from collections.abc import Sequence

from msgspec import Struct

from perptape.replays.report.numbers import quantity
from perptape.replays.report.scale import TimeScale, ValueScale
from perptape.replays.report.series import Point
from perptape.replays.report.summary import ModeBand, SessionSummary
from perptape.replays.report.svg import EMPTY, Markup, element, joined


class Backdrop(Struct, frozen=True):
    """What lies behind every chart: restricted and halted times, and kills."""

    modes: tuple[ModeBand, ...]
    sessions: tuple[SessionSummary, ...]

    def drawn(self, time: TimeScale, rows: int) -> Markup:
        """The bands, in units of a plot of so many rows."""
        bands = [
            _band(time, mode.start_ns, mode.end_ns, rows, f"behind {mode.mode.replace('_', '-')}")
            for mode in self.modes
            if mode.mode != "normal"
        ]
        for killed, after in zip(self.sessions, self.sessions[1:], strict=False):
            if killed.end == "killed":
                bands.append(_band(time, killed.ended_ns, after.started_ns, rows, "behind killed"))
        return joined(*bands)

    def labels(self, time: TimeScale) -> Markup:
        """The bands' names at the top of a plot; the page hides those for which there is no room."""
        labels = [
            _name(time, mode.start_ns, mode.mode.replace("_", "-"), mode.end_ns)
            for mode in self.modes
            if mode.mode != "normal"
        ]
        killed = [session for session in self.sessions if session.end == "killed"]
        return joined(*labels, *(_name(time, session.ended_ns, "killed", None) for session in killed))


def _name(time: TimeScale, start_ns: int, name: str, end_ns: int | None) -> Markup:
    end = None if end_ns is None else time.x(end_ns)
    attributes: dict[str, object] = {
        "class": f"behind-label {name}",
        "x": time.percent(start_ns),
        "dx": 6,
        "y": 14 if end_ns is not None else 29,
        "data-x": time.x(start_ns),
        "data-end": end,
    }
    return element("text", attributes, name)


def _band(time: TimeScale, start_ns: int, end_ns: int, rows: int, name: str) -> Markup:
    x = time.x(start_ns)
    return element("rect", {"class": name, "x": x, "y": 0, "width": time.x(end_ns) - x, "height": rows})


def line_path(points: Sequence[Point], time: TimeScale, value: ValueScale, name: str, label: str) -> Markup:
    """A line from point to point."""
    places = " ".join(f"{time.x(point.at_ns)} {value.y(point.value)}" for point in points)
    return element("path", {"class": f"series {name}", "d": f"M{places}", "data-label": label}) if points else EMPTY


def step_path(
    points: Sequence[Point], time: TimeScale, value: ValueScale, name: str, label: str, *, base: int
) -> Markup:
    """An area that holds each value until the next, down to the row `base`."""
    if not points:
        return EMPTY
    moves = "".join(f"H{time.x(point.at_ns)}V{value.y(point.value)}" for point in points)
    path = f"M{time.x(points[0].at_ns)} {base}{moves}H{time.units}V{base}"
    return element("path", {"class": f"series step {name}", "d": path, "data-label": label, "data-base": base})


def chart(
    *,
    title: str,
    subtitle: str | Markup,
    description: str,
    time: TimeScale,
    value: ValueScale,
    backdrop: Backdrop,
    plot: Markup,
    marks: Markup = EMPTY,
    last: Sequence[Point] = (),
    size: str = "tall",
) -> Markup:
    """A chart over time, its value axis on the right. `last` is labelled at the axis."""
    inside = element(
        "svg",
        {
            "class": "plot",
            "viewBox": f"0 0 {time.units} {value.rows}",
            "preserveAspectRatio": "none",
            "width": "100%",
            "height": "100%",
        },
        backdrop.drawn(time, value.rows),
        plot,
    )
    canvas = element(
        "svg",
        {"class": f"canvas {size}", "role": "img", "aria-label": f"{title}. {description}", "tabindex": "0"},
        element("title", None, title),
        element("desc", None, description),
        element("g", {"class": "grid", "aria-hidden": "true"}, *_grid(time, value)),
        inside,
        element("g", {"class": "marks"}, backdrop.labels(time) if size == "tall" else EMPTY, marks),
        element("g", {"class": "last", "aria-hidden": "true"}, *_labels(last, value)),
        element("line", {"class": "cross", "y1": "0", "y2": "100%"}),
        element("rect", {"class": "brush", "y": "0", "height": "100%"}),
    )
    attributes: dict[str, object] = {
        "class": "chart",
        "data-high": f"{value.high:f}",
        "data-step": f"{value.step:f}",
        "data-rows": value.rows,
        "data-decimals": min(value.decimals, 8),
    }
    return element("section", attributes, _heading(title, subtitle), canvas)


def lane(
    *, title: str, subtitle: str | Markup, description: str, time: TimeScale, plot: Markup, marks: Markup
) -> Markup:
    """A strip of bands over time."""
    inside = element(
        "svg",
        {
            "class": "plot",
            "viewBox": f"0 0 {time.units} 1",
            "preserveAspectRatio": "none",
            "width": "100%",
            "height": "100%",
        },
        plot,
    )
    canvas = element(
        "svg",
        {"class": "canvas strip", "role": "img", "aria-label": f"{title}. {description}"},
        element("title", None, title),
        element("desc", None, description),
        inside,
        element("g", {"class": "marks"}, marks),
        element("line", {"class": "cross", "y1": "0", "y2": "100%"}),
        element("rect", {"class": "brush", "y": "0", "height": "100%"}),
    )
    return element("section", {"class": "chart lane"}, _heading(title, subtitle), canvas)


def _heading(title: str, subtitle: str | Markup) -> Markup:
    return element(
        "header",
        None,
        element("h3", None, title),
        element("p", None, subtitle),
        element("output", {"class": "readout", "aria-live": "off"}),
    )


def _grid(time: TimeScale, value: ValueScale) -> list[Markup]:
    lines = []
    for at_ns, _label in time.ticks():
        x = time.percent(at_ns)
        lines.append(element("line", {"class": "tick-x", "x1": x, "x2": x, "y1": "0", "y2": "100%"}))
    for tick in value.ticks():
        y = value.percent(tick)
        lines.append(element("line", {"class": "tick-y", "x1": "0", "x2": "100%", "y1": y, "y2": y}))
        lines.append(element("text", {"class": "label-y", "x": "100%", "dx": "8", "dy": "4", "y": y}, quantity(tick)))
    return lines


def _labels(last: Sequence[Point], value: ValueScale) -> list[Markup]:
    return [
        element(
            "text",
            {"x": "100%", "dx": "8", "dy": "4", "y": value.percent(point.value), "data-y": value.y(point.value)},
            quantity(point.value.quantize(value.step)),
        )
        for point in last
    ]
