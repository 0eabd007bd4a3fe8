"""S17: the machine's clock is set back, and then forward, while the bot waits for timers."""

from decimal import Decimal

from perptape.core.events import ClockJumped, OrderResubmitted, TimerFired, TimerSet
from perptape.replays.oracle import markets_are_as_heard, timers_fire_when_due
from perptape.replays.scenarios import (
    BTC,
    At,
    Run,
    Scenario,
    WallClockJump,
    canary,
    funded,
    market,
    prices,
    rate_limited,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("event order holds")
def versions_and_times_never_go_back_though_the_wall_clock_does(run: Run) -> None:
    jumps = [(run.second(line.at_ns), line.event.jump_ns) for line in run.lines(ClockJumped)]
    require_equal(jumps, [(12, -3_600_000_000_000), (14, 7_200_000_000_000)], "seconds and sizes of the jumps")
    times = [line.at_ns for line in run.events]
    require_equal(times, sorted(times), "times on the tape")
    require_equal([line.version for line in run.events], list(range(1, len(run.events) + 1)), "versions")
    require_equal(run.second(times[-1]), 130, "second of the last event")


@verifies("timers neither lost nor doubled")
def every_wait_that_began_before_a_jump_ends_once_at_its_time(run: Run) -> None:
    waits = [line for line in run.lines(TimerSet) if line.event.timer_id.startswith("retry:")]
    require_equal([run.second(line.event.due_at_ns) for line in waits], [11, 13, 17], "waits of 1, 2 and 4 s")
    fired = run.lines(TimerFired, timer_id=waits[0].event.timer_id)
    require_equal([run.second(line.at_ns) for line in fired], [11, 13, 17], "when they ended")
    require_equal([line.event.attempt for line in run.lines(OrderResubmitted)], [2, 3, 4], "attempts")
    require_equal(run.at_venue(1), 1, "orders at the venue")


@verifies("timers neither lost nor doubled")
def the_cycle_goes_on_once_a_minute(run: Run) -> None:
    cycles = [run.second(line.at_ns) for line in run.lines(TimerFired, timer_id="cycle")]
    require_equal(cycles, [Decimal(60), Decimal(120)], "seconds of the cycles")
    require(run.position(BTC) > 0, "the order that was waited for has not filled")


SCENARIO = Scenario(
    id="S17",
    name="clock_jump",
    section="state",
    story="clock goes backwards or leaps",
    trading=canary(scripted("puppet", f"{BTC} 10 buy")),
    exchange=funded(faults=(rate_limited(times=3),)),
    market=market(prices(BTC, {0: 50_000, 130: 50_000})),
    acts=(At(12, WallClockJump(-3_600)), At(14, WallClockJump(7_200))),
    verifies=(
        versions_and_times_never_go_back_though_the_wall_clock_does,
        every_wait_that_began_before_a_jump_ends_once_at_its_time,
        the_cycle_goes_on_once_a_minute,
        timers_fire_when_due("timers neither lost nor doubled"),
        markets_are_as_heard("event order holds"),
    ),
)
