"""What a workflow of GitHub Actions may do, as rules that read one."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

ALLOWED_ACTIONS = frozenset({"actions/checkout", "actions/setup-python", "actions/upload-artifact"})
SAFE_TRIGGERS = frozenset({"pull_request", "push", "schedule", "workflow_dispatch"})
"""None of these hands a token that may write, or secrets, to the code of a stranger's pull request."""
MAY_FAIL = frozenset({"other-systems"})
_PIN = re.compile(r"(?P<action>[\w./-]+)@(?P<digest>[0-9a-f]{40}) # v\d+\.\d+\.\d+")


def parse(text: str) -> dict[str, Any]:
    """Read YAML 1.2, in which the key `on` is a word."""
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(StringIO(text))
    return data


def pins(text: str) -> set[str]:
    """The actions that a workflow uses, as they are written."""
    return set(re.findall(r"^[ -]*uses: (.*)$", text, re.MULTILINE))


def breaches(text: str) -> list[str]:
    """Everything in a workflow that breaks a rule, with what to do instead."""
    workflow = parse(text)
    return [*_of_actions(text), *_of_rights(text, workflow), *_of_jobs(workflow)]


def _of_actions(text: str) -> Iterator[str]:
    for used in sorted(pins(text)):
        found = _PIN.fullmatch(used)
        if found is None:
            yield f"{used}: pin it by digest with its version behind (owner/name@40 hex digits # v1.2.3)"
        elif found["action"] not in ALLOWED_ACTIONS:
            yield f"{found['action']}: only {', '.join(sorted(ALLOWED_ACTIONS))} may be used"


def _of_rights(text: str, workflow: dict[str, Any]) -> Iterator[str]:
    for trigger in sorted(set(workflow["on"]) - SAFE_TRIGGERS):
        yield f"{trigger}: only {', '.join(sorted(SAFE_TRIGGERS))} may start a workflow"
    if workflow.get("permissions") != {"contents": "read"}:
        yield "permissions: say `contents: read` and nothing else, at the top"
    if "secrets." in text:
        yield "secrets: no job needs one"


def _of_jobs(workflow: dict[str, Any]) -> Iterator[str]:
    shell = workflow.get("defaults", {}).get("run", {}).get("shell")
    for name, job in workflow["jobs"].items():
        if "permissions" in job:
            yield f"{name}: permissions are said once, at the top"
        if "timeout-minutes" not in job:
            yield f"{name}: say timeout-minutes"
        if "continue-on-error" in job and name not in MAY_FAIL:
            yield f"{name}: this job may not fail unnoticed"
        for step in job["steps"]:
            yield from (f"{name}: {what}" for what in _of_step(step, shell))


def _of_step(step: dict[str, Any], shell: str | None) -> Iterator[str]:
    command = step.get("run", "")
    if "${{" in command:
        yield "an expression inside `run` is text that a stranger may choose: hand it over by `env`"
    if re.search(r"[^|]\|[^|]", command) and shell != "bash":
        yield "a pipe hides a failure: set `defaults: run: shell: bash`"
    if "continue-on-error" in step:
        yield "this step may not fail unnoticed"
    if (
        step.get("uses", "").startswith("actions/checkout@")
        and step.get("with", {}).get("persist-credentials") is not False
    ):
        yield "checkout: say `persist-credentials: false`"
