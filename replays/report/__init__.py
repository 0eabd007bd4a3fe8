"""The report: a recorded session as one page that stands by itself.

`read_story` folds a recording into a `Story`, plain data in bounded memory. `render` draws the story, and what was
proved about it, as HTML that needs no network and no other file.
"""

from perptape.replays.report.page import render
from perptape.replays.report.proof import Proof, ReplayProof, VerifyProof, WarmStart
from perptape.replays.report.story import Story, read_story

__all__ = ["Proof", "ReplayProof", "Story", "VerifyProof", "WarmStart", "read_story", "render"]
