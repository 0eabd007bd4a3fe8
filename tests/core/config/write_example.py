"""Writes docs/bot.toml anew: `python -m tests.core.config.write_example`."""

from perptape.core.config import example_toml
from tests.core.config.test_show import EXAMPLE, SIMULATION

if __name__ == "__main__":
    EXAMPLE.write_text(example_toml(SIMULATION), "utf-8")
