"""B01: 429 three times, success on the fourth."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from perptape.core.durations import SECOND_NS
from perptape.core.events import OrderResubmitted, OrderSubmissionFailed, TimerFired, TimerSet
from perptape.replays.oracle import timers_fire_when_due, waits_are_as_set
from perptape.replays.proof.player import replay_file
from perptape.replays.scenarios import (
    BTC,
    Run,
    Scenario,
    canary,
    funded,
    market,
    play,
    prices,
    rate_limited,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("waits of 1, 2, 4 s (before any jitter) visible as recorded timers")
def each_refusal_sets_a_timer_twice_as_long_as_the_one_before(run: Run) -> None:
    timer_id = f"retry:{run.order(1).client_order_id}"
    timers, refused = run.lines(TimerSet, timer_id=timer_id), run.lines(OrderSubmissionFailed)
    waits = [line.event.due_at_ns - line.at_ns for line in timers]
    require_equal(waits, [1 * SECOND_NS, 2 * SECOND_NS, 4 * SECOND_NS], "waits")
    require_equal([line.cause for line in timers], [line.version for line in refused], "what set the timers")


@verifies("waits of 1, 2, 4 s (before any jitter) visible as recorded timers")
def it_is_sent_again_when_a_timer_fires_and_not_before(run: Run) -> None:
    fired = run.lines(TimerFired, timer_id=f"retry:{run.order(1).client_order_id}")
    require_equal([run.second(line.at_ns) for line in fired], [11, 13, 17], "when the timers fire")
    require_equal([line.cause for line in run.lines(OrderResubmitted)], [line.version for line in fired], "tries")
    require_equal([run.second(call.at_ns) for call in run.called("submit")], [10, 11, 13, 17], "calls")


@verifies("waits of 1, 2, 4 s (before any jitter) visible as recorded timers")
def the_fourth_try_is_the_order(run: Run) -> None:
    require_equal((run.order(1).status, run.order(1).attempts), ("filled", 4), "status and attempts")
    require_equal(run.at_venue(1), 1, "orders at the venue")
    run.agrees_with_venue()


@verifies("replay takes no wall time")
def an_hour_of_waiting_is_replayed_at_once(run: Run) -> None:
    lasted = (run.events[-1].at_ns - run.events[0].at_ns) // SECOND_NS
    require(lasted >= 3_600, f"the session lasted {lasted} s")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "b01.jsonl"
        play(SCENARIO).write(path)
        started = time.monotonic()
        replay = replay_file(path)
    require_equal(replay.divergence, None, "divergence")
    took = time.monotonic() - started
    require(took < 60, f"replaying {lasted} s took {took:.1f} s")


SCENARIO = Scenario(
    id="B01",
    name="exponential_backoff",
    section="broker",
    story="429 three times → success on the fourth",
    trading=canary(scripted("puppet", f"{BTC} 10 buy")),
    exchange=funded(faults=(rate_limited(times=3),)),
    market=market(prices(BTC, {0: 50_000, 60: 50_000}), prices(BTC, {80: 50_000, 3600: 50_000}, every_s=20)),
    verifies=(
        each_refusal_sets_a_timer_twice_as_long_as_the_one_before,
        it_is_sent_again_when_a_timer_fires_and_not_before,
        the_fourth_try_is_the_order,
        an_hour_of_waiting_is_replayed_at_once,
        waits_are_as_set("waits of 1, 2, 4 s (before any jitter) visible as recorded timers"),
        timers_fire_when_due("waits of 1, 2, 4 s (before any jitter) visible as recorded timers"),
    ),
)
