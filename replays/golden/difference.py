"""Differences between a golden and what its recording comes to now: by meaning first, then by path."""

from collections.abc import Iterator
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from perptape.core.events.reason import Reason
from perptape.core.wording import objection
from perptape.replays.golden.form import ROWS, Golden

PlainRow = dict[str, Any]
ALIGN_MAX = 2000
"""More rows than this are paired by their place, which is quicker and only less exact."""
_IDENTITY = {
    "orders": ("strategy", "symbol", "side", "order_type", "purpose"),
    "fills": ("symbol", "side", "liquidity"),
    "guards": ("verdict", "guard", "strategy", "symbol", "side"),
    "modes": ("mode", "cause"),
    "alerts": ("severity", "topic", "subject"),
    "results": ("strategy", "symbol"),
}
"""By which fields a row is the same one in two goldens."""
_NOUNS = {
    "orders": "order", "fills": "fill", "guards": "verdict", "modes": "mode change", "alerts": "alert",
    "results": "result", "decisions": "decision",
}  # fmt: skip
_FOLLOWING = frozenset({"filled_size", "average_price", "fees", "status"})
"""Fields of an order that follow from its fills and reports: never where a difference begins."""
_SPOKEN = {"fee": "fees", "size": "sizes", "price": "prices"}


class Changed(Struct, frozen=True):
    """One path with both values; None where there is none."""

    path: str
    golden: Any
    now: Any


class Difference(Struct, frozen=True):
    """Changes that mean the same thing."""

    section: str
    text: str
    """What it means, in one sentence."""
    first_version: int
    """The first event that it concerns; 0 when it concerns the end."""
    changes: tuple[Changed, ...]
    because: str = ""
    follows: bool = False
    """Whether it can only be the consequence of another one."""

    @property
    def sentence(self) -> str:
        """The meaning with its place and reason."""
        first = f"; first at version {self.first_version:,}" if self.first_version else ""
        reason = f", because {self.because}" if self.because else ""
        return f"{self.text}{first}{reason}"


def counted(number: int, section: str) -> str:
    """A number of rows in words."""
    return f"{number:,} {_NOUNS[section]}{'s' * (number != 1)}"


def compare(golden: Golden, now: Golden) -> list[Difference]:
    """Every difference, the earliest first, those of the end last."""
    found = [difference for section in ROWS for difference in _of_rows(section, golden, now)]
    found.sort(key=lambda one: (not one.first_version, one.follows, one.first_version))
    found += _of_account(golden, now)
    if comparable_states(golden, now):
        found += _of_states(golden, now)
    found += _of_tape(golden, now)
    return _with_reasons(found, golden, now)


def comparable_states(golden: Golden, now: Golden) -> bool:
    """Whether states and their digests can be compared: both have the same schema."""
    return golden.state_schema == now.state_schema


def _of_rows(section: str, golden: Golden, now: Golden) -> Iterator[Difference]:
    old, new = getattr(golden, section), getattr(now, section)
    grown = not comparable_states(golden, now)
    changed: dict[str, list[tuple[int, Changed]]] = {}
    gone: list[tuple[int, Changed]] = []
    added: list[tuple[int, Changed]] = []
    for place, one, other in _paired(section, old, new):
        path = f"{section}[{place}]"
        if one is None or other is None:
            row = other if one is None else one
            (added if one is None else gone).append((row.get("version", 0) if row else 0, Changed(path, one, other)))
            continue
        for change in differing(_meaning(one), _meaning(other), path, grown=grown):
            field = change.path.removeprefix(path).lstrip(".").split(".")[0].split("[")[0]
            changed.setdefault(field, []).append((other.get("version", 0), change))
    for rows, said in ((gone, "gone"), (added, "new")):
        if rows:
            verb = "is" if len(rows) == 1 else "are"
            yield _grouped(section, f"{counted(len(rows), section)} {verb} {said}", rows)
    for field, rows in changed.items():
        follows = section == "results" or (section == "orders" and field in _FOLLOWING)
        yield _grouped(section, f"{_spoken(field)} changed on {counted(len(rows), section)}", rows, follows=follows)


def _grouped(section: str, text: str, rows: list[tuple[int, Changed]], *, follows: bool = False) -> Difference:
    first = min((version for version, _ in rows if version), default=0)
    return Difference(section, text, first, tuple(change for _, change in rows), follows=follows)


def _spoken(field: str) -> str:
    return _SPOKEN.get(field, field.replace("_", " "))


def _meaning(row: PlainRow) -> PlainRow:
    """A row without its place on the tape and the ids that are counted, which shift with everything before them."""
    return {key: value for key, value in row.items() if key not in ("version", "client_order_id", "fill_id")}


def _paired(
    section: str, old: list[PlainRow], new: list[PlainRow]
) -> Iterator[tuple[int, PlainRow | None, PlainRow | None]]:
    """Rows of both that are the same one, with the place in the newer list, or the older where it is gone."""
    names = _IDENTITY[section]
    olds, news = ([tuple(row.get(name) for name in names) for row in rows] for rows in (old, new))
    if olds == news or max(len(old), len(new)) > ALIGN_MAX:
        for place in range(max(len(old), len(new))):
            yield place, old[place] if place < len(old) else None, new[place] if place < len(new) else None
        return
    for tag, start, end, begin, stop in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from ((begin + n, old[start + n], new[begin + n]) for n in range(end - start))
            continue
        yield from ((place, old[place], None) for place in range(start, end))
        yield from ((place, None, new[place]) for place in range(begin, stop))


def differing(golden: Any, now: Any, path: str, *, grown: bool = False) -> Iterator[Changed]:
    """The paths at which two pieces of plain data differ, with both values.

    `grown`: fields that only one of the two has, since the types have changed between them, are no difference.
    """
    if isinstance(golden, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*golden, *now]):
            if not grown or (key in golden and key in now):
                place = f"{path}.{key}" if path else key
                yield from differing(golden.get(key), now.get(key), place, grown=grown)
    elif isinstance(golden, list) and isinstance(now, list) and len(golden) == len(now):
        for index, (one, other) in enumerate(zip(golden, now, strict=True)):
            yield from differing(one, other, f"{path}[{index}]", grown=grown)
    elif golden != now:
        yield Changed(path, golden, now)


def _of_account(golden: Golden, now: Golden) -> Iterator[Difference]:
    grown = not comparable_states(golden, now)
    changes = tuple(differing(golden.account, now.account, "account", grown=grown))
    if changes:
        names = ", ".join(dict.fromkeys(change.path.split(".")[1] for change in changes))
        yield Difference("account", f"the account at the end differs: {names}", 0, changes, follows=True)


def _of_states(golden: Golden, now: Golden) -> Iterator[Difference]:
    places = sorted(int(place) for place in golden.states if golden.states[place] != now.states.get(place))
    if places:
        digests = tuple(Changed(f"states.{at}", golden.states[str(at)], now.states.get(str(at))) for at in places)
        yield Difference("states", "the state differs during the session", places[0], digests, follows=True)
    changes = tuple(differing(golden.state, now.state, "state"))
    if changes:
        parts = dict.fromkeys(change.path.split(".")[1].partition("[")[0] for change in changes)
        yield Difference("state", f"the state at the end differs in {', '.join(parts)}", 0, changes, follows=True)


def _of_tape(golden: Golden, now: Golden) -> Iterator[Difference]:
    one, other = golden.tape, now.tape
    if (one.stream, one.last_version, one.last_hash) != (other.stream, other.last_version, other.last_hash):
        count = (
            "" if one.last_version == other.last_version else f", {one.last_version:,} → {other.last_version:,} events"
        )
        changes = tuple(
            Changed(f"tape.{name}", getattr(one, name), getattr(other, name))
            for name in ("stream", "last_version", "last_hash")
            if getattr(one, name) != getattr(other, name)
        )
        yield Difference("tape", f"not the recording that the golden was made from{count}", 0, changes)


def _with_reasons(found: list[Difference], golden: Golden, now: Golden) -> list[Difference]:
    """The first difference gets its reason; those that only follow name the first."""
    if not found:
        return found
    settings = _settings_changed(golden, now)
    first, *others = found
    explained = [replace(first, because=settings or _own_reason(first))]
    for difference in others:
        because = "" if difference.section == "tape" else first.text
        explained.append(replace(difference, because=because if difference.follows else _own_reason(difference)))
    return explained


def _settings_changed(golden: Golden, now: Golden) -> str:
    """Settings and instruments that are others now, since everything may follow from them."""
    grown = not comparable_states(golden, now)
    changes = list(differing(golden.state.get("settings"), now.state.get("settings"), "settings", grown=grown))
    for symbol, market in golden.state.get("markets", {}).items():
        other = now.state.get("markets", {}).get(symbol, {})
        changes += differing(market.get("instrument"), other.get("instrument"), symbol)
    shown = [f"{change.path} is {change.now} instead of {change.golden}" for change in changes[:3]]
    return " and ".join(shown) + (f" and {len(changes) - 3} more settings changed" if len(changes) > 3 else "")


def _objection(row: PlainRow) -> str:
    """What the guard of a verdict says; in a golden of an earlier release it is a sentence."""
    reason = row.get("reason")
    if not isinstance(reason, dict):
        return f"{row.get('guard')} says: {reason}"
    measured, limit = (Decimal(row.get(name) or 0) for name in ("measured", "limit"))
    return f"{row['guard']} says: {objection(row['guard'], measured, limit, msgspec.convert(reason, Reason))}"


def _own_reason(difference: Difference) -> str:
    """What the first row itself says of why it is another one."""
    first = difference.changes[0] if difference.changes else None
    if first is None or difference.section not in ("fills", "guards"):
        return ""
    row = first.golden if first.now is None else first.now
    if difference.section == "guards" and isinstance(row, dict):
        return _objection(row)
    if difference.section == "fills" and first.path.endswith(".price"):
        return f"the venue filled at {first.now} instead of {first.golden}"
    return ""
