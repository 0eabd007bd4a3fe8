"""What differs from a golden is told by its meaning first, with where it begins and why, then by path."""

from decimal import Decimal

from msgspec.structs import replace

from perptape.replays.golden.check import Checked, check
from perptape.replays.golden.difference import ALIGN_MAX, Changed, compare
from perptape.replays.golden.take import take
from perptape.replays.golden.text import checked_text, difference_lines
from perptape.replays.scenarios import BTC, canary, scripted
from tests.replays.golden.folder import PLAN, Folder, rising


def sentences(checked: Checked) -> list[str]:
    return [difference.sentence for difference in checked.differences]


def test_nothing_differs_from_a_recording_that_is_as_it_was(folder: Folder) -> None:
    assert check(folder.accepted()).ok


def test_another_market_is_told_by_the_prices_of_the_fills(folder: Folder) -> None:
    folder.accepted()
    told = sentences(check(folder.record(rising(52_000))))
    assert told[0] == (
        "prices changed on 3 fills; first at version 16, because the venue filled at 50171.7 instead of 50088.4"
    )
    assert "fees changed on 3 orders; first at version 14, because prices changed on 3 fills" in told
    assert "realised changed on 2 results, because prices changed on 3 fills" in told


def test_another_setting_is_the_reason_for_what_follows_from_it(folder: Folder) -> None:
    folder.accepted()
    fewer = PLAN.rpartition(";")[0]
    told = sentences(check(folder.record(rising(plan=fewer))))
    assert told[0] == (
        "1 order is gone; first at version 35, because "
        f"settings.strategies[0].parameters.plan is {fewer} instead of {PLAN}"
    )
    assert told[1] == "1 fill is gone; first at version 37"
    assert told[-1] == "not the recording that the golden was made from, 50 → 46 events"


def test_another_fee_is_the_reason_for_fees(folder: Folder) -> None:
    path = folder.accepted()
    text = folder.golden().read_text()
    cheaper = text.replace('"taker_fee_rate": "0.0005"', '"taker_fee_rate": "0.0004"')
    folder.golden().write_text(cheaper.replace('"fee": "0.24793758"', '"fee": "0.19835006"'))
    first = check(path).differences[0]
    assert first.sentence == (
        "fees changed on 1 fill; first at version 16, because BTC-PERP.taker_fee_rate is 0.0005 instead of 0.0004 and "
        "ETH-PERP.taker_fee_rate is 0.0005 instead of 0.0004"
    )
    assert first.changes == (Changed("fills[0].fee", "0.19835006", "0.24793758"),)


def test_a_guards_verdict_is_told_with_its_reason(folder: Folder) -> None:
    folder.accepted()
    tight = canary(scripted("puppet", PLAN), guards={"trade_value_max": Decimal(100)})
    told = sentences(check(folder.record(replace(rising(), trading=tight))))
    assert told[1].startswith("2 verdicts are new; first at version 14, because trade_value says: ")


def test_rows_are_paired_by_what_they_are_so_that_one_more_does_not_change_the_rest(folder: Folder) -> None:
    folder.accepted(rising(plan=f"{BTC} 40 sell; {BTC} 70 close"))
    more = check(folder.record(rising(plan=f"{BTC} 10 buy; {BTC} 20 close; {BTC} 40 sell; {BTC} 70 close")))
    texts = [difference.text for difference in more.differences]
    assert "2 orders are new" in texts
    assert not [text for text in texts if text.endswith("orders") and "changed" in text]


def test_very_many_rows_are_paired_by_their_place(folder: Folder) -> None:
    golden = take(folder.record(rising()))
    many = [{"version": at, "severity": "info", "title": f"{at}", "message": ""} for at in range(ALIGN_MAX + 1)]
    one, other = (replace(golden, alerts=rows) for rows in (many, many[1:]))
    assert [difference.text for difference in compare(one, other)] == [
        f"title changed on {ALIGN_MAX:,} alerts",
        "1 alert is gone",
    ]


def test_a_state_that_alone_is_another_one_is_found(folder: Folder) -> None:
    path = folder.accepted()
    text = folder.golden().read_text()
    folder.golden().write_text(text.replace('"intents": 3', '"intents": 4'))
    [difference] = check(path).differences
    assert difference.sentence == "the state at the end differs in intents"
    assert difference.changes == (Changed("state.intents", 4, 3),)


def test_few_paths_are_shown_and_the_others_counted(folder: Folder) -> None:
    folder.accepted()
    checked = check(folder.record(rising(52_000)))
    lines = difference_lines(checked.differences[0], "1. ", 2)
    assert lines[1:] == [
        '   fills[0].price  "50088.4" → "50171.7"',
        '   fills[1].price  "50328.2" → "50661.6"',
        "   and 1 more",
    ]
    assert (
        checked_text(checked)
        .splitlines()[0]
        .endswith(f"differs from its golden, {len(checked.differences)} differences")
    )
