"""What a check of ``telepath check`` found."""

from enum import StrEnum
from typing import Any

import msgspec

from web.words import Wording


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Result(msgspec.Struct, frozen=True):
    """What one check found. ``code`` is worded in web/locale: what is, and what to do. A parameter ``reason`` is a code too."""

    check: str
    state: State
    code: str
    params: dict[str, Any] = {}

    @property
    def failed(self) -> bool:
        return self.state is State.FAILED


def lines(results: list[Result], t: Wording) -> list[str]:
    """What the command line says: a line for each finding, and one that sums up."""
    marks = {State.OK: "✓", State.WARNING: "!", State.FAILED: "✗"}
    said = [f"{marks[r.state]} {t(f'operations-check-{r.check}')}: {_sentence(r, t)}" for r in results]
    counts = {state.value: sum(r.state is state for r in results) for state in State}
    return [*said, t("operations-check-sum", **counts)]


def _sentence(result: Result, t: Wording) -> str:
    reason = {"reason": t(result.params["reason"])} if "reason" in result.params else {}
    return t(result.code, **result.params | reason)
