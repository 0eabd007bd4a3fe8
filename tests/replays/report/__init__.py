"""Tests of the report: the story's figures, and the page that is drawn from them."""
