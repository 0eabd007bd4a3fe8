"""A market digest changes with everything that shapes the path, and with nothing else."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from perptape.core.edge.market import (
    MarketChangedError,
    MarketDigest,
    MarketFile,
    market_digest,
    open_market_file,
    require_same_market,
)
from perptape.core.edge.market.inspection import BarStamp
from tests.core.edge.market.samples import CANDLES, FUNDING, written


def candles(folder: Path, content: str = CANDLES, *, bar_stamp: BarStamp | None = None) -> MarketFile:
    return open_market_file(written(folder, "btc.csv", content), bar_stamp=bar_stamp)


def refused(recorded: MarketDigest, given: MarketDigest) -> Sequence[str]:
    assert recorded.sha256 != given.sha256
    with pytest.raises(MarketChangedError) as caught:
        require_same_market(recorded, given)
    return caught.value.differences


def test_the_same_files_are_the_same_market_wherever_they_lie(tmp_path: Path) -> None:
    here = market_digest({"X": [candles(tmp_path / "here")]}, {"seed": "1"})
    there = market_digest({"X": [candles(tmp_path / "there")]}, {"seed": "1"})
    require_same_market(here, there)
    assert here.sha256 == there.sha256


def test_the_order_in_which_files_of_a_symbol_are_named_does_not_count(tmp_path: Path) -> None:
    one, other = candles(tmp_path), open_market_file(written(tmp_path, "f.csv", FUNDING))
    assert market_digest({"X": [one, other]}) == market_digest({"X": [other, one]})


def test_another_byte_is_another_market(tmp_path: Path) -> None:
    before = market_digest({"X": [candles(tmp_path)]})
    after = market_digest({"X": [candles(tmp_path, CANDLES.replace("1.25", "1.26"))]})
    assert [difference.split(":")[0] for difference in refused(before, after)] == ["missing", "new"]


def test_another_stamp_is_another_market(tmp_path: Path) -> None:
    before = market_digest({"X": [candles(tmp_path)]})
    after = market_digest({"X": [candles(tmp_path, bar_stamp="end")]})
    assert "stamped at the end" in refused(before, after)[1]


def test_another_option_is_another_market(tmp_path: Path) -> None:
    file = candles(tmp_path)
    before, after = market_digest({"X": [file]}, {"seed": "1"}), market_digest({"X": [file]}, {"seed": "2"})
    assert refused(before, after) == ("seed was 1 and is 2",)
    assert refused(before, market_digest({"X": [file]})) == ("seed was 1 and is unset",)


def test_another_order_of_symbols_is_another_market(tmp_path: Path) -> None:
    file = candles(tmp_path)
    before, after = market_digest({"X": [file], "Y": [file]}), market_digest({"Y": [file], "X": [file]})
    assert refused(before, after) == ("the order of symbols or files",)


def test_another_way_of_making_paths_is_another_market(tmp_path: Path) -> None:
    before = market_digest({"X": [candles(tmp_path)]})
    after = msgspec.structs.replace(before, path_version=before.path_version + 1)
    assert "path version" in refused(before, after)[0]


def test_a_digest_survives_being_written_down(tmp_path: Path) -> None:
    digest = market_digest({"X": [candles(tmp_path)]}, {"seed": "1"})
    assert msgspec.json.decode(msgspec.json.encode(digest), type=MarketDigest) == digest
