"""Keys and checkpoints on the command line."""

import sys
from pathlib import Path

import pytest

from tests.replays.command import perptape

pytestmark = pytest.mark.usefixtures("folder")


def test_a_key_signs_checkpoints_that_verify_asks_for(short_file: Path, folder: Path) -> None:
    made = perptape("store", "key", "-o", "key", "--json")
    secret = (folder / "key").read_text().splitlines()[1]
    public = made.data["public_key"]
    assert (made.status, (folder / "key").stat().st_mode & 0o777) == (0, 0o600)
    answers = [
        made,
        perptape("store", "checkpoint", short_file, "--key", "key", "-o", "c"),
        perptape("store", "checkpoint", short_file, "--key", "key"),
        perptape("store", "checkpoint", short_file, "--key", "key", "--json"),
        perptape("verify", short_file, "--checkpoints", "c", "--public-key", public),
        perptape("verify", short_file, "--checkpoints", "c", "--json"),
    ]
    assert [answer.status for answer in answers] == [0] * 6
    assert "1 checkpoint up to version 80 match, all signed with the given key" in answers[4].out
    assert answers[5].data["checkpoints"] == {
        "file": "c", "checkpoints": 1, "last_version": 80, "unsigned": 0, "signed_by": [public], "trusted": False,
    }  # fmt: skip
    assert not [answer for answer in answers if secret in answer.said]


def test_a_checkpoint_on_standard_output_is_its_line(short_file: Path, folder: Path) -> None:
    (folder / "c").write_text(perptape("store", "checkpoint", short_file).out)
    assert perptape("verify", short_file, "--checkpoints", "c").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["verify", "{}", "--public-key", "0" * 64],
        ["verify", "{}", "--checkpoints", "none"],
        ["verify", "{}", "--checkpoints", "{}"],
        ["store", "checkpoint", "{}", "--key", "none"],
        ["store", "checkpoint", "{}", "-o", "no/such/folder"],
        ["store", "checkpoint", "{}", "-o", "{}"],
        ["store", "checkpoint", "none.jsonl"],
        ["store", "checkpoint", "nobody"],
        ["store", "key"],
        ["store", "key", "-o", "no/such/folder"],
        ["store", "key", "-o", "."],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], short_file: Path, folder: Path) -> None:
    before = short_file.read_bytes()
    assert perptape(*[argument.replace("{}", str(short_file)) for argument in arguments]).complaint
    assert list(folder.iterdir()) == []
    assert short_file.read_bytes() == before


def test_without_the_package_for_signatures_its_extra_is_named(
    short_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert "install perptape[sign]" in perptape("store", "key", "-o", "key").complaint
    assert perptape("store", "checkpoint", short_file, "-o", "c").status == 0
    assert perptape("verify", short_file, "--checkpoints", "c").status == 0
