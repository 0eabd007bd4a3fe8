"""Goldens: what a recording came to, committed beside it, so that nothing about it changes unnoticed."""

from replays.golden.accept import accept
from replays.golden.check import Checked, check, found_in
from replays.golden.errors import GoldenError
from replays.golden.form import Golden
from replays.golden.take import take
from replays.golden_names import golden_of

__all__ = ["Checked", "Golden", "GoldenError", "accept", "check", "found_in", "golden_of", "take"]
