"""JSON for people: what fits on a line stands on one, what does not is broken, a member a line."""

import json
from typing import Any

WIDTH = 120


def laid_out(value: Any, indent: int = 0, taken: int = 0) -> str:
    """The JSON text of plain data. `taken` columns of its first line hold something else."""
    compact = json.dumps(value, ensure_ascii=False)
    if len(compact) + indent + taken <= WIDTH or not isinstance(value, (dict, list, tuple)) or not value:
        return compact
    inner = indent + 1
    if isinstance(value, dict):
        keys = [json.dumps(key, ensure_ascii=False) + ": " for key in value]
        members = [key + laid_out(item, inner, len(key) + 1) for key, item in zip(keys, value.values(), strict=True)]
        opening, closing = "{", "}"
    else:
        members = [laid_out(item, inner, 1) for item in value]
        opening, closing = "[", "]"
    pad = "\n" + " " * inner
    return opening + pad + ("," + pad).join(members) + "\n" + " " * indent + closing
