"""Lanes: sessions, modes, guards and alerts as strips of time."""

from perptape.replays.report.frame import lane
from perptape.replays.report.numbers import counted, duration, listed
from perptape.replays.report.scale import TimeScale
from perptape.replays.report.story import Story
from perptape.replays.report.summary import SessionSummary
from perptape.replays.report.svg import EMPTY, Markup, element, joined


def lanes(story: Story, time: TimeScale) -> Markup:
    """All strips of the story, those without content left out."""
    return joined(_sessions(story, time), _modes(story, time), _trips(story, time), _alerts(story, time))


def _band(time: TimeScale, start_ns: int, end_ns: int, name: str, label: str) -> Markup:
    """A closed path rather than a rectangle: one without width still has a stroke that shows."""
    start, end = time.x(start_ns), time.x(end_ns)
    attributes: dict[str, object] = {
        "class": f"band {name}",
        "d": f"M{start} 0V1H{end}V0Z",
        "data-x": start,
        "data-end": end,
        "data-label": label,
    }
    return element("path", attributes)


def _label(time: TimeScale, start_ns: int, end_ns: int, text: str, shift: int = 6) -> Markup:
    """A text inside a band; the page hides it where the band is too narrow."""
    attributes: dict[str, object] = {
        "x": time.percent(start_ns),
        "dx": shift,
        "y": "50%",
        "dy": 4,
        "data-x": time.x(start_ns),
        "data-end": time.x(end_ns),
    }
    return element("text", attributes, text)


def _sessions(story: Story, time: TimeScale) -> Markup:
    sessions = story.sessions
    if not sessions:
        return EMPTY
    bands, labels, said = [], [], []
    for session in sessions:
        text = _session_text(session)
        said.append(text)
        bands.append(_band(time, session.started_ns, session.ended_ns, f"session {session.end}", text))
        labels.append(
            _label(
                time, session.started_ns, session.ended_ns, f"session {session.number}", 14 if session.recovery else 6
            )
        )
        if session.end == "killed":
            x = time.percent(session.ended_ns)
            labels.append(
                element(
                    "use", {"href": "#kill", "class": "kill", "x": x, "y": "50%", "data-x": time.x(session.ended_ns)}
                )
            )
    killed = sum(session.end == "killed" for session in sessions)
    subtitle = counted(len(sessions), "run") + " of the process"
    return lane(
        title="Sessions",
        subtitle=f"{subtitle}, {killed} killed" if killed else subtitle,
        description="; ".join(said) + ".",
        time=time,
        plot=joined(*bands),
        marks=joined(*labels),
    )


def _session_text(session: SessionSummary) -> str:
    ending = {
        "stopped": f"stopped at version {session.ended_version}: {session.reason}",
        "killed": f"killed after version {session.ended_version}",
        "open": f"still running at the end of the recording, version {session.ended_version}",
    }[session.end]
    recovery = ""
    if session.recovery and session.reconciled_ns is not None:
        recovery = f", recovered and reconciled with the venue at version {session.reconciled_version}"
    return f"session {session.number} from version {session.started_version}{recovery}, {ending}"


def _modes(story: Story, time: TimeScale) -> Markup:
    if not story.modes:
        return EMPTY
    bands, labels, spans = [], [], {"reduce_only": 0, "halted": 0}
    for band in story.modes:
        name = band.mode.replace("_", "-")
        text = f"{name} from version {band.version}" + (f" ({band.cause}: {band.reason})" if band.cause else "")
        bands.append(_band(time, band.start_ns, band.end_ns, f"mode {name}", text))
        labels.append(_label(time, band.start_ns, band.end_ns, name))
        if band.mode != "normal":
            spans[band.mode] += band.end_ns - band.start_ns
    said = [f"{name.replace('_', '-')} for {duration(span)}" for name, span in spans.items() if span]
    return lane(
        title="Mode",
        subtitle=listed(said) or "normal throughout",
        description=f"{counted(len(story.modes), 'period')}.",
        time=time,
        plot=joined(*bands),
        marks=joined(*labels),
    )


def _trips(story: Story, time: TimeScale) -> Markup:
    if not story.trips:
        return EMPTY
    bands, labels = [], []
    for trip in story.trips:
        name = f"{trip.guard} {trip.symbol}".strip()
        bands.append(
            _band(time, trip.start_ns, trip.end_ns, "trip", f"{name} from version {trip.version}: {trip.reason}")
        )
        labels.append(_label(time, trip.start_ns, trip.end_ns, name))
    names = list(dict.fromkeys(trip.guard for trip in story.trips))
    return lane(
        title="Guards",
        subtitle=f"{counted(story.counts.trips, 'trip')}: {listed(names)}",
        description="Periods in which a guard was tripped.",
        time=time,
        plot=joined(*bands),
        marks=joined(*labels),
    )


def _alerts(story: Story, time: TimeScale) -> Markup:
    alerts = [told for told in story.moments if told.kind == "alert"]
    if not alerts:
        return EMPTY
    bands = [
        _band(time, told.at_ns, told.at_ns, f"alert {told.tone}", f"{told.title} (version {told.version}): {told.text}")
        for told in alerts
    ]
    return lane(
        title="Alerts",
        subtitle=counted(story.counts.alerts, "alert"),
        description="Times at which the bot raised an alert.",
        time=time,
        plot=joined(*bands),
        marks=EMPTY,
    )
