"""Telling what happens in a scenario besides the market and the bot."""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import asdict

from perptape.core.settings import TradingSettings
from perptape.replays.scenarios.describe.plain import differing, plain, shown
from perptape.replays.scenarios.language.script import (
    Act,
    LogRefuses,
    NewCredentials,
    Operator,
    Restart,
    TaskCrashes,
    TradeByHand,
    Transfer,
    VenueCancels,
    VenueRelists,
    VenueSays,
    VenueStatus,
    WallClockJump,
)


def act_in_words(act: Act, trading: TradingSettings) -> str:
    """An act as one would tell it; `trading` are the settings with which the scenario begins."""
    match act:
        case Transfer(amount):
            return f"{'deposit' if amount > 0 else 'withdrawal'} of {abs(amount):f} USD"
        case TradeByHand(symbol, side, size, limit_price):
            price = "at the market" if limit_price is None else f"with a limit of {limit_price:f}"
            return f"a person {side}s {size:f} {symbol} {price}"
        case VenueCancels(intent, reason):
            return f"the venue cancels order {intent}: {reason}"
        case VenueStatus(symbol, status, reason):
            return f"the venue says {symbol} is {status}: {reason}"
        case VenueRelists(instrument):
            return f"the venue describes {instrument.symbol} anew"
        case VenueSays(message):
            return f"the venue sends {_message(message)} without having done it"
        case Operator():
            return _command(act)
        case Restart():
            return _restart(act, trading)
        case NewCredentials(key_id):
            return f"new credentials: {key_id}"
        case WallClockJump(seconds):
            return f"the wall clock jumps {abs(seconds)} s {'ahead' if seconds > 0 else 'back'}"
        case TaskCrashes(task, error, times):
            return f"background task {task} raises {times} times: {error}"
        case LogRefuses(for_s):
            return f"the store takes nothing for {for_s} s"
        case _:
            assert_never(act)


def _restart(act: Restart, trading: TradingSettings) -> str:
    how = "killed" if act.kill else "stopped"
    back = f"started again after {act.away_s} s" if act.away_s else "started again at once"
    if act.trading is None:
        return f"the bot is {how} and {back}"
    others = [
        name if name == "strategies" else f"{name} = {shown(value)}"
        for name, value in differing(act.trading, trading, "", ())
    ]
    return f"the bot is {how} and {back} with other settings: {', '.join(others) or 'none that differ'}"


def _command(act: Operator) -> str:
    said = f"{act.actor} commands {act.command}"
    if act.flatten:
        said += " and flatten"
    if act.halt_id is not None:
        said += f" of halt {act.halt_id}"
    if act.expires_s is not None:
        said += f", which expires after {act.expires_s} s"
    if act.command_id:
        said += f" (command {act.command_id})"
    return f"{said}: {act.reason}"


def _message(message: Struct) -> str:
    told = ", ".join(f"{name} {shown(plain(value))}" for name, value in asdict(message).items() if name != "seq")
    return f"{type(message).__name__} ({told})"
