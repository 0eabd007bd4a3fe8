"""Which event store a command means, decided in one order for every command.

The option `--store`, then the environment variable `PERPTAPE_STORE`, then `store` in `[runtime]` of bot.toml (the file
that `-c` names, else `bot.toml` in the working folder), then `perptape.sqlite` in the working folder.
"""

import os
import tomllib
from pathlib import Path
from typing import Final

from perptape.core.errors import ConfigurationError

VARIABLE: Final = "PERPTAPE_STORE"
DEFAULT_STORE: Final = "sqlite:///perptape.sqlite"
_BOT_FILE = Path("bot.toml")
_SQLITE = "sqlite:///"


def store_url(option: str | None, config: Path | None = None) -> str:
    """The store's URL. Raises ConfigurationError for a bot.toml that cannot be read."""
    if option is not None:
        return option
    return os.environ.get(VARIABLE) or _configured(config) or DEFAULT_STORE


def _configured(config: Path | None) -> str | None:
    """What bot.toml says, and nothing else of it is checked; a relative SQLite path is relative to its folder."""
    if config is None and not _BOT_FILE.is_file():
        return None
    file = config or _BOT_FILE
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: not TOML: {error}") from error
    runtime = data.get("runtime", {})
    url = runtime.get("store") if isinstance(runtime, dict) else None
    if url is None:
        return None
    if not isinstance(url, str):
        raise ConfigurationError(f"{file}: runtime.store: given {url!r}; allowed: a database URL")
    path = url.removeprefix(_SQLITE)
    if path == url or path.startswith("/") or config is None:
        return url
    return f"{_SQLITE}{file.parent / path}"
