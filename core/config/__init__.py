"""The border that reads configuration: `bot.toml`, profiles and command line in, checked settings out.

- the types of perptape.core.settings and `runtime`: what there is, with its words and defaults
- `profiles`, `rules`: named values; limits beyond a type
- `toml_file`, `lines`, `numbers`, `origins`: what a file says, exactly, and where each value comes from
- `shape`, `schema`: the types read as descriptions, as pydantic models, as JSON Schema
- `load`, `problems`, `secrets`: the layers put together and checked; what is wrong, in one line
- `show`: written out again, commented
- `strategy_files`: the user's own strategies
"""

from perptape.core.config.load import Configuration, load, load_configuration, problems
from perptape.core.config.origins import Origin
from perptape.core.config.profiles import PROFILES
from perptape.core.config.runtime import RuntimeSettings, SnapshotSettings
from perptape.core.config.schema import configuration_schema
from perptape.core.config.show import as_json, example_toml, render_toml
from perptape.core.config.strategy_files import load_strategy, register_strategies, strategy_sources

__all__ = [
    "PROFILES",
    "Configuration",
    "Origin",
    "RuntimeSettings",
    "SnapshotSettings",
    "as_json",
    "configuration_schema",
    "example_toml",
    "load",
    "load_configuration",
    "load_strategy",
    "problems",
    "register_strategies",
    "render_toml",
    "strategy_sources",
]
