"""The sentences of web/locale, against each other and against all that uses them."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from consults.alarms import Cause
from consults.deadlines import Urgency
from consults.kinds import (
    Adoption,
    ConsultKind,
    DeclineCode,
    Dispute,
    Grade,
    IncidentKind,
    MaterialAnswer,
    MaterialKind,
    OutcomeKind,
    Policy,
    ReadingRole,
    Side,
    Trigger,
    Verdict,
)
from consults.networks import NETWORKS
from consults.routing import OVERRIDABLE
from consults.routing_rules import Effect
from telepath.actor import Role
from telepath.audit_catalogue import CATALOGUE
from telepath.cases.model import ORGANS
from web.audit_lines import CODES
from web.errors import WORDED
from web.pages import DONE
from web.words import LANGUAGES, LOCALE

ROOT = Path(__file__).parents[3]
RECORDED: Final[Mapping[str, Iterable[str]]] = {
    "adoption": Adoption,
    "adoption_before": Adoption,
    "alarm": Cause,
    "consult_kind": ConsultKind,
    "decline": DeclineCode,
    "dispute": (Dispute.THIRD, Dispute.COLLEGIAL),
    "follow_up": OutcomeKind,
    "grade": Grade,
    "incident": IncidentKind,
    "left_out": OVERRIDABLE,
    "material_answer": MaterialAnswer,
    "material_kind": MaterialKind,
    "organ": ORGANS,
    "policy": Policy,
    "proof": {proof for network in NETWORKS for proof in network.second_alone},
    "role": ReadingRole,
    "rule_effect": Effect,
    "rule_kind": ConsultKind,
    "side": Side,
    "trigger": Trigger,
    "urgency": Urgency,
    "verdict": Verdict,
}
"""Details of the records of a consult that are codes, and which there are."""

PUT_TOGETHER = (
    "activity-know-how-",
    "activity-mode-",
    "activity-profession-",
    "activity-sector-",
    "adicap-",
    "administration-",
    "adoption-",
    "asking-policy-",
    "asking-title-",
    "attachments-kind-",
    "audit-about-",
    "audit-action-",
    "audit-alarm-",
    "audit-because-",
    "audit-cause-",
    "audit-change-",
    "audit-clock-source-",
    "audit-column-",
    "audit-compared-",
    "audit-decision-",
    "audit-detail-",
    "audit-field-",
    "audit-gist-",
    "audit-holder-",
    "audit-kind-",
    "audit-left-out-",
    "audit-mine-",
    "audit-needs-",
    "audit-object-",
    "audit-outcome-",
    "audit-plain-",
    "audit-problem-",
    "audit-question-",
    "audit-reason-",
    "audit-right-",
    "audit-text-",
    "audit-verdict-",
    "audit-version-",
    "beside-",
    "break-glass-verdict-",
    "chain-state-",
    "check-",
    "circumstance-",
    "consults-report-",
    "consults-status-",
    "consults-unable-",
    "countersign-title-",
    "decline-",
    "direction-",
    "display-check-",
    "dispute-",
    "done-",
    "duty-swap-",
    "emergency-state-",
    "entity-",
    "entry-",
    "error-advice-",
    "error-anchor-",
    "error-login-",
    "error-title-",
    "exclusion-",
    "expected-basis-",
    "field-",
    "figures-",
    "gap-",
    "grade-",
    "grade-first-",
    "group-kind-",
    "group-number-",
    "guests-invite-",
    "guests-new-lead-",
    "guests-page-",
    "guests-right-",
    "guests-scope-",
    "guests-state-",
    "identity-",
    "incident-",
    "indication-",
    "kind-",
    "language-",
    "live-check-gamut-",
    "live-check-overall-",
    "login-advice-",
    "login-problem-",
    "material-",
    "moment-",
    "nav-",
    "need-",
    "non-opposition-",
    "notices-",
    "offer-role-",
    "operations-check-",
    "organ-",
    "outcome-",
    "patients-oid-",
    "patients-sex-",
    "patients-status-",
    "policy-",
    "preferences-by-",
    "preferences-group-",
    "proof-",
    "readers-hint-",
    "readers-invite-",
    "reading-",
    "reason-",
    "reread-",
    "role-",
    "rooms-cut-",
    "rooms-state-",
    "routing-",
    "rule-effect-",
    "rules-",
    "session-end-",
    "session-idle-",
    "session-over-",
    "sessions-mode-",
    "shares-may-",
    "shown-colours-",
    "shown-quality-",
    "side-",
    "signature-",
    "slide-label-",
    "soon-",
    "sort-",
    "switch-theme-",
    "transfer-otherwise-",
    "trigger-",
    "turnaround-",
    "uploads-state-",
    "urgency-",
    "verdict-",
    "version-",
    "view-",
    "viewer-colours-",
    "weekday-",
    "worklist-by-",
    "worklist-none-",
)
"""Messages whose name is put together at run time from a code."""


class Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


@cache
def messages(language: str) -> dict[str, frozenset[str]]:
    """Message → its variables, of all areas; fails on a message that is defined twice or cannot be read."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted((LOCALE / language).glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ast.Junk), f"{path.name}: {entry.content}"
            if isinstance(entry, ast.Message):
                assert entry.id.name not in found, f"{path.name}: {entry.id.name} is defined twice"
                variables = Variables()
                variables.visit(entry)
                found[entry.id.name] = frozenset(variables.names)
    return found


@cache
def sources() -> dict[Path, str]:
    """Everything that may use a message."""
    folders = {"telepath": "*.py", "auth": "*.py", "consults": "*.py", "realtime": "*.py", "web": "*.py"}
    paths = [path for folder, name in folders.items() for path in (ROOT / folder).rglob(name)]
    paths += (ROOT / "web" / "templates").rglob("*.html")
    paths += (ROOT / "web" / "client" / "src").rglob("*.ts")
    return {path: path.read_text(encoding="utf-8") for path in paths if "node_modules" not in path.parts}


def used() -> dict[str, Path]:
    """Messages that are asked for by their whole name, and who asks."""
    calls = re.compile(r"""(?<![\w.])(?:t|words)\(\s*["'`]([a-z][a-z0-9]*-[a-z0-9-]*)["'`]\s*[,)]""")
    errors = re.compile(r'"(error-[a-z0-9-]*[a-z0-9])"')
    return {
        name: path
        for path, text in sources().items()
        for name in {*calls.findall(text), *(errors.findall(text) if path.suffix == ".py" else ())}
    }


def test_both_languages_have_the_same_messages_with_the_same_variables() -> None:
    first, *others = (messages(language) for language in LANGUAGES)
    for other in others:
        assert first == other


def test_every_message_that_is_asked_for_exists() -> None:
    missing = {name: path.name for name, path in used().items() if name not in messages("fr")}
    assert not missing


def test_every_message_is_used() -> None:
    text = "\n".join(sources().values())
    words = set(re.findall(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", text))
    unused = [name for name in messages("fr") if name not in words and not name.startswith(PUT_TOGETHER)]
    assert not unused


@pytest.mark.parametrize(
    "names",
    [
        [f"audit-kind-{kind.replace('.', '-')}" for kind in CATALOGUE],
        [f"urgency-{urgency.value}" for urgency in Urgency],
        [f"role-{role.value}" for role in Role],
        [f"done-{code}" for code in DONE],
        [f"error-{part}-{status}" for part in ("title", "advice") for status in WORDED],
        [f"{CODES[name]}-{code}" for name, codes in RECORDED.items() for code in codes],
    ],
    ids=["kinds of audit", "urgencies", "roles", "what was done", "statuses", "details of records"],
)
def test_every_code_of_a_list_is_worded(names: list[str]) -> None:
    assert not [name for name in names if name not in messages("fr")]


def test_no_kind_of_audit_is_worded_that_does_not_exist() -> None:
    known = {f"audit-kind-{kind.replace('.', '-')}" for kind in CATALOGUE}
    assert {name for name in messages("fr") if name.startswith("audit-kind-")} == known


CENTRE = re.compile("centre coordonnateur|coordinating.centre", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_sent_to_a_coordinator_who_could_not_help(language: str) -> None:
    """A coordinator checks the credentials of experts without an RPPS number, and keeps the coordination; rights are an
    administrator's to give. Coordinating centres are institutions."""
    files = sorted((LOCALE / language).glob("*.ftl"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if "oordina" in CENTRE.sub("", line)]
    named = [line.partition(" = ")[0] for line in lines if not line.startswith(("#", "coordination-", "nav-"))]
    assert [name for name in named if "credential" not in name] == [
        "role-about-coordinator",
        "administration-by-other-hint",
        "role-coordinator",
        "audit-action-routing-manage",
    ]


def test_french_uses_its_own_quotes_and_apostrophes() -> None:
    wrong = []
    for path in sorted((LOCALE / "fr").glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            if isinstance(entry, ast.Message) and entry.value is not None:
                texts = [part.value for part in entry.value.elements if isinstance(part, ast.TextElement)]
                wrong += [entry.id.name for text in texts if re.search(r"[\w]'[\w]|\"", text)]
    assert not wrong


def test_english_has_one_word_for_what_is_on_an_agenda_and_one_for_what_is_drawn() -> None:
    text = "\n".join((LOCALE / "en" / name).read_text(encoding="utf-8") for name in ("rooms.ftl", "audit.ftl"))
    of_the_room = re.findall(
        r"^(?:rooms-agenda|error-room|field-item|audit-detail-(?:items?|drawn)).*", text, re.MULTILINE
    )
    assert len(of_the_room) > 40
    assert [
        line for line in of_the_room if re.search(r"\b(?:points?|drawings?)\b", line.partition("=")[2], re.IGNORECASE)
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_item_at_hand_is_not_announced_as_the_next_one(language: str) -> None:
    text = (LOCALE / language / "rooms.ftl").read_text(encoding="utf-8")
    announced, following = (
        re.findall(rf"^{name} = (.*)", text, re.MULTILINE) for name in ("rooms-agenda-at", "rooms-agenda-next")
    )
    assert following[0] not in announced[0]
    assert "passe" not in announced[0]
