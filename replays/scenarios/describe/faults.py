"""Telling what goes wrong in a scenario: faults of calls, outages, frames and jitter."""

from perptape.core.edge.simulation.exchange import FaultRule
from perptape.core.edge.simulation.network import ChannelOutage, FrameFault, NetworkSettings
from perptape.replays.scenarios.language.scenario import Scenario

_EFFECTS: dict[str, str] = {
    "refuse_rate_limit": "is refused by the rate limit",
    "refuse": "is refused",
    "reject": "is rejected",
    "accept_then_reject": "is accepted, and rejected later",
    "lose_request": "is lost on the way there",
    "lose_answer": "is acted upon, and the answer is lost",
    "answer_late": "is acted upon, and answered late",
    "answer_twice": "is answered twice",
    "mangle_answer": "is acted upon, and the answer is damaged",
}
_CALLS: dict[str, str] = {
    "submit": "submission",
    "cancel": "cancel",
    "look_up": "lookup",
    "report_account": "account report",
}


def goes_wrong(row: Scenario) -> list[str]:
    """Faults of calls, outages, frames and jitter."""
    usual = NetworkSettings()
    said = [fault_in_words(fault) for fault in row.exchange.faults]
    said += [outage_in_words(outage) for outage in row.network.outages]
    said += [frame_in_words(frame) for frame in row.network.frames]
    if row.network.jitter_ms != usual.jitter_ms:
        said.append(f"frames are up to {row.network.jitter_ms} ms late and overtake each other")
    if row.network.hold_ms != usual.hold_ms:
        said.append(f"missing frames are waited for {row.network.hold_ms} ms")
    return said


def fault_in_words(rule: FaultRule) -> str:
    """Which calls go wrong, and how."""
    call = _CALLS[rule.call]
    if rule.times == 1:
        which = f"{call} {rule.nth}"
    elif rule.times:
        which = f"{call}s {rule.nth} to {rule.nth + rule.times - 1}: each"
    else:
        which = f"{call}s from {rule.nth} on: each"
    effect = _EFFECTS[rule.effect]
    more = []
    if rule.effect in ("refuse", "reject", "accept_then_reject"):
        more.append(rule.code)
    if rule.retry_after_ms is not None:
        more.append(f"retry after {rule.retry_after_ms} ms")
    if rule.delay_ms:
        more.append(f"{rule.delay_ms} ms")
    if rule.mangle:
        more.append(rule.mangle)
    if rule.probability != 1:
        more.append(f"with probability {rule.probability:f}")
    if rule.from_s or rule.until_s is not None:
        more.append(f"from {rule.from_s} s" + ("" if rule.until_s is None else f" until {rule.until_s} s"))
    return f"{which} {effect}" + (f" ({', '.join(more)})" if more else "")


def outage_in_words(outage: ChannelOutage) -> str:
    """Which channels are down, and when."""
    return f"{', '.join(outage.channels)} down from {outage.from_s} s until {outage.until_s} s ({outage.reason})"


def frame_in_words(frame: FrameFault) -> str:
    """Which frames do not arrive as they were sent."""
    which = f"frame {frame.nth}" if frame.times == 1 else f"frames {frame.nth} to {frame.nth + frame.times - 1}: each"
    effect = {"drop": "is lost", "twice": "comes twice", "late": "comes late"}[frame.effect]
    return f"{frame.channel} {which} {effect}" + (f" ({frame.delay_ms} ms)" if frame.delay_ms else "")
