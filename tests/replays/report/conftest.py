"""One small session with everything in it: orders, a block, a trip, a halt, a kill and a recovery."""

from decimal import Decimal
from pathlib import Path

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.events import OperatorCommandReceived, SessionStopped, TransferRecorded
from perptape.core.settings import GuardSettings, SizingSettings, StrategySettings, TradingSettings
from perptape.replays.report.story import Story, read_story
from tests.replays.report.tape import Tape

SYMBOL = "BTC-PERP"
SETTINGS = TradingSettings(
    symbols=(SYMBOL,),
    strategies=(
        StrategySettings(
            name="trend", kind="ma_crossover", trigger="quote", parameters={"fast": 2, "slow": 4, "confirm": 1}
        ),
    ),
    sizing=SizingSettings(notional=Decimal(500)),
    guards=GuardSettings(trade_value_max=Decimal(900), volatility=None, spread_max=None),
)
KILLED_FOR_S = 90


def record(path: Path) -> Tape:
    """Up (buy), down (the reversal is blocked as too large), killed, taken up, halted for an hour, resumed, stopped."""
    tape = Tape(path, SETTINGS)
    tape.start()
    for price in (1000, 1000, 1000, 1000, 990, 1010, 1030, 1050):
        tape.quote(SYMBOL, price)
    for price in (1000, 950, 930):
        tape.quote(SYMBOL, price)
    tape.at_ns += KILLED_FOR_S * SECOND_NS
    tape.start(session=2)
    tape.quote(SYMBOL, 940)
    tape.seq += 1
    tape.observe(TransferRecorded(tape.seq, "transfer-1", Decimal(250), tape.at_ns))
    tape.observe(OperatorCommandReceived("c1", "halt", "ann", "looks odd", None, 0, flatten=False, inbox_version=0))
    for _ in range(60):
        tape.quote(SYMBOL, 945, after_s=10)
    tape.observe(
        OperatorCommandReceived(
            "c2", "resume", "ann", "is fine", None, tape.state.halt_ordinal, flatten=False, inbox_version=0
        )
    )
    tape.quote(SYMBOL, 950)
    tape.observe(SessionStopped(2, "the files ended"))
    tape.close()
    return tape


@pytest.fixture(scope="session")
def tape(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tape]:
    """The recording and the recorder, whose state is the one the recording leads to."""
    path = tmp_path_factory.mktemp("report") / "small.jsonl"
    return path, record(path)


@pytest.fixture(scope="session")
def story(tape: tuple[Path, Tape]) -> Story:
    """The small session, told."""
    return read_story(tape[0])
