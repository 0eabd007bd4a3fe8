"""Printing a result in the form that was asked for."""

import json
from typing import Any

import typer


def show(as_json: bool, data: Any, text: str) -> None:
    """Print `data` as JSON, or `text`."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)
