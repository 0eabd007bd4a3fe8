"""The wire: a venue's answer as text, the damage a script does to it, and what an adapter makes of the result.

The simulated exchange answers with events. Only for answers that a script mangles the text in between exists: the
event's fields as JSON. Fields that nobody knows are passed over, as adapters do; everything else has to be there and
of its type, or else the answer is not understood and is kept verbatim.
"""

import re
from typing import Any, assert_never

import msgspec

from perptape.core.codec import decode_data, encode_data
from perptape.core.edge.simulation.exchange.requests import BotCall, Cancel, LookUp, ReportAccount, Submit
from perptape.core.errors import CodecError, SimulationError
from perptape.core.events import SCHEMA_VERSIONS, CallKind, Observation, ReplyNotUnderstood

VERBATIM_MAX = 2_000
HTML = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"

_CALLS: dict[type[BotCall], CallKind] = {
    Submit: "submit",
    Cancel: "cancel",
    LookUp: "look_up",
    ReportAccount: "report_account",
}
_MISSING = re.compile(r"missing required field `([^`]+)`")
_PATH = re.compile(r"at `\$\.?([^`]*)`")


def mangled(answer: Observation, request: BotCall, how: str) -> Observation:
    """What the adapter tells the bot after the answer's text was damaged: the answer, or ReplyNotUnderstood.

    `how` is one of `cut` (half the text), `html` (an error page instead), `empty`, `drop:FIELD`, `rename:FIELD=NAME`,
    `set:FIELD=VALUE` and `add:FIELD=VALUE`. Raises SimulationError for anything else.
    """
    text = _damaged(encode_data(answer).decode(), how)
    try:
        fields = msgspec.json.decode(text)
        if not isinstance(fields, dict):
            raise _not_understood(request, "", "the reply is no JSON object", text)
        known = {name: fields[name] for name in type(answer).__struct_fields__ if name in fields}
        kind = type(answer).__name__
        understood: Observation = decode_data(kind, SCHEMA_VERSIONS[kind], msgspec.json.encode(known))
    except _NotUnderstoodError as fault:
        return fault.reply
    except (msgspec.DecodeError, CodecError) as error:
        return _not_understood(request, _field_of(str(error)), str(error), text).reply
    return understood


class _NotUnderstoodError(Exception):
    def __init__(self, reply: ReplyNotUnderstood) -> None:
        super().__init__(reply.problem)
        self.reply = reply


def _not_understood(request: BotCall, field: str, problem: str, text: str) -> _NotUnderstoodError:
    return _NotUnderstoodError(
        ReplyNotUnderstood(
            call=_CALLS[type(request)],
            key=_key(request),
            field=field,
            problem=problem,
            verbatim=text[:VERBATIM_MAX],
        )
    )


def _key(request: BotCall) -> str:
    match request:
        case Submit(order):
            return order.client_order_id
        case Cancel(asked) | LookUp(asked):
            return asked.client_order_id
        case ReportAccount(asked):
            return asked.request_id
        case _:
            assert_never(request)


def _field_of(problem: str) -> str:
    """The field that a decoder complains of; empty when it is the whole text."""
    found = _MISSING.search(problem)
    path = _PATH.search(problem)
    outer = path[1] if path else ""
    if found is None:
        return outer
    return f"{outer}.{found[1]}" if outer else found[1]


def _damaged(text: str, how: str) -> str:
    verb, _, rest = how.partition(":")
    if verb in ("cut", "html", "empty") and not rest:
        return {"cut": text[: len(text) // 2], "html": HTML, "empty": ""}[verb]
    field, _, value = rest.partition("=")
    fields: dict[str, Any] = msgspec.json.decode(text)
    if not field or (verb != "add" and field not in fields):
        raise SimulationError(
            f"{how!r} is not a kind of damage to {text}: use cut, html, empty, drop|rename|set|add:FIELD[=VALUE]"
        )
    match verb:
        case "drop":
            del fields[field]
        case "rename":
            fields[value] = fields.pop(field)
        case "set" | "add":
            fields[field] = value
        case _:
            raise SimulationError(f"{verb!r} is not a kind of damage: use cut, html, empty, drop, rename, set or add")
    return msgspec.json.encode(fields).decode()
