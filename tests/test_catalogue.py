"""What the code records, emits and tells, against the three lists of it: audit catalogue, outbox handlers, words."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from realtime.bus_memory import MemoryBus
from telepath import errors
from telepath.audit_catalogue import CATALOGUE, LATER
from telepath.db.database import Database
from telepath.notices.channels import mailer
from telepath.notices.model import KINDS
from tests.builders import MASTER_KEY
from web.relay import Relay
from web.words import LANGUAGES, LOCALE, Words

ROOT = Path(__file__).parent.parent
PACKAGES = ("telepath", "realtime", "consults", "auth", "web")
UNAUDITED = {
    "auth.actions.begin_login",
    "auth.break_glass.end_expired",
    "auth.break_glass.open_case",
    "auth.actions.finish_login",
    "auth.actions.log_out",
    "auth.actions.recognise",
    "auth.decoupled._ask_again",
    "auth.decoupled._consume",
    "auth.decoupled._may_ask",
    "auth.decoupled.ask",
    "auth.emergency.end_expired",
    "auth.guests.ask_code",
    "auth.guests.enter",
    "auth.guests.leave",
    "auth.links.expire",
    "auth.links.withdraw",
    "auth.opening._end_swapped",
    "auth.upkeep.Upkeep._ask",
    "auth.upkeep.Upkeep._claim",
    "auth.upkeep.Upkeep._doubt",
    "auth.upkeep.Upkeep._end",
    "auth.upkeep.Upkeep._later",
    "consults.preferred_experts.forget",
    "consults.preferred_experts.prefer",
    "consults.saved_filters.remove",
    "consults.saved_filters.save",
    "realtime.opening.open_room",
    "realtime.roll.note",
    "realtime.visits.join_together",
    "telepath.anchors.comparison.found",
    "telepath.anchors.pusher.Pusher._failed",
    "telepath.anchors.pusher.Pusher._held",
    "telepath.anchors.pusher.Pusher._taken",
    "telepath.anchors.pusher.Pusher.enrol",
    "telepath.cases.erasure.erase_case",
    "telepath.db.audit_log.checkpoint",
    "telepath.db.audit_log.seal",
    "telepath.db.audit_retire.retire",
    "telepath.db.outbox.claim",
    "telepath.db.outbox.done",
    "telepath.db.outbox.later",
    "telepath.db.timers._fired",
    "telepath.db.timers._later",
    "telepath.notices.preferences.choose",
    "telepath.notices.store.claim_letters",
    "telepath.notices.store.mailed",
    "telepath.notices.store.mark_read",
    "telepath.notices.store.mark_shown",
    "telepath.notices.store.not_mailed",
    "telepath.notices.store.store",
    "telepath.slides.pyramid_builder.PyramidBuilder._claim",
    "telepath.slides.pyramid_builder.PyramidBuilder._clear",
    "telepath.slides.pyramid_builder.PyramidBuilder._failed",
    "telepath.slides.pyramid_builder.PyramidBuilder._note",
    "telepath.slides.pyramid_builder.PyramidBuilder.build_one",
    "telepath.uploads.intake.Intake._decided",
    "telepath.uploads.store._forget",
    "telepath.uploads.store._note",
    "telepath.uploads.store.begin",
    "telepath.uploads.store.commit",
    "telepath.uploads.decisions.sweep",
    "telepath.uploads.decisions.taken",
    "web.backup._compared",
    "web.commands_directory.institutions_suspend",
    "web.commands_directory.people_suspend",
    "web.backup._put_vault",
    "web.checks._can_write",
    "web.erasures._destroy_keys",
    "web.routes.annotations.draw",
    "web.routes.emergency.end",
    "auth.groups.admit",
    "web.routes.slides._renewed",
    "web.routes.warming.begin",
    "web.startup_record.record",
    "web.demo.past.write",  # what is told of the past of a demonstration happened nowhere
}
"""The functions that write without an audit record. A new one is a decision: the reason stands at the call."""


class Calls(ast.NodeVisitor):
    """Every call of a method or function with this name, with the function that it stands in."""

    def __init__(self, module: str, method: str) -> None:
        self.module = module
        self.method = method
        self.within: list[str] = []
        self.found: list[tuple[str, ast.Call]] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._inside(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node)

    def _inside(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.within.append(node.name)
        self.generic_visit(node)
        self.within.pop()

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == self.method:
            self.found.append((".".join([self.module, *self.within]), node))
        self.generic_visit(node)


@cache
def modules() -> dict[str, ast.Module]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text()) for path in paths}


@cache
def words() -> Words:
    """Reading them takes a second: once is enough."""
    return Words()


def calls(method: str) -> Iterator[tuple[str, ast.Module, ast.Call]]:
    """(dotted name of the function, its module, the call)."""
    for name, tree in modules().items():
        visitor = Calls(name, method)
        visitor.visit(tree)
        for where, call in visitor.found:
            yield where, tree, call


def texts(value: ast.expr, tree: ast.Module) -> set[str]:
    """Every text that this expression may be: a literal, one of two, an entry of a table of the module, or a name that was
    given such a value. Empty: it cannot be told by reading."""
    if isinstance(value, ast.Constant):
        return {value.value} if isinstance(value.value, str) else set()
    if isinstance(value, ast.IfExp):
        return texts(value.body, tree) | texts(value.orelse, tree)
    if isinstance(value, ast.Subscript):
        return texts(value.value, tree)
    if isinstance(value, ast.Dict):
        return set().union(*(texts(entry, tree) for entry in value.values))
    if isinstance(value, ast.Name):
        given = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and any(isinstance(target, ast.Name) and target.id == value.id for target in _targets(node))
        ]
        return set().union(*(texts(one, tree) for one in given))
    return set()


def keys(value: ast.expr, tree: ast.Module) -> set[str]:
    """The keys of this literal dictionary, or of all that the module gives that name to."""
    if isinstance(value, ast.Dict):
        return set().union(*(texts(key, tree) for key in value.keys if key is not None))
    if isinstance(value, ast.IfExp):
        return keys(value.body, tree) | keys(value.orelse, tree)
    if isinstance(value, ast.Name):
        given = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Dict)
            and any(isinstance(target, ast.Name) and target.id == value.id for target in _targets(node))
        ]
        return set().union(*(keys(one, tree) for one in given))
    return set()


def kinds_of(method: str, besides: frozenset[str] = frozenset()) -> dict[str, set[str]]:
    """Kind → the functions that give it as the first argument of ``method``; ``besides``: functions that only pass it on."""
    found: dict[str, set[str]] = {}
    for where, tree, call in calls(method):
        if where in besides or not call.args:
            continue
        kinds = {kind for kind in texts(call.args[0], tree) if "." in kind}
        assert kinds, f"{where}:{call.lineno}: which kind this is cannot be told by reading it"
        for kind in kinds:
            found.setdefault(kind, set()).add(where)
    return found


def recorded() -> set[str]:
    """Every kind that the code records: by ``tx.audit``, for rights, for a refusal, and in the first record of a tree."""
    passed_on = frozenset({"telepath.db.database.Database._record"})
    first_of_a_tree = {
        text
        for _, tree, call in calls("AuditRecord")
        for keyword in call.keywords
        if keyword.arg == "kind"
        for text in texts(keyword.value, tree)
    }
    alone = {kind for _, tree, call in alone_recorded() for kind in texts(call.args[1], tree)}
    return set(kinds_of("audit", passed_on)) | set(kinds_of("_record_rights")) | first_of_a_tree | alone


def alone_recorded() -> Iterator[tuple[str, ast.Module, ast.Call]]:
    """The calls of ``Database.record`` and ``Refusals.record``, which give who acted first, and then the kind."""
    for where, tree, call in calls("record"):
        if len(call.args) > 1 and any("." in text for text in texts(call.args[1], tree)):
            yield where, tree, call


def test_every_kind_of_audit_record_that_is_written_is_declared() -> None:
    assert sorted(recorded() - set(CATALOGUE)) == [], "written, but not in telepath/audit_catalogue.py"


def test_every_kind_that_is_declared_is_written_or_is_of_a_later_feature() -> None:
    assert sorted(set(CATALOGUE) - recorded() - LATER) == [], "declared, but never written"
    assert sorted(LATER & recorded()) == [], "written by now: take it out of LATER"
    assert sorted(LATER - set(CATALOGUE)) == []


def test_what_later_features_will_record_is_declared_today() -> None:
    families = {kind.partition(".")[0] for kind in LATER}
    assert families >= {"board", "gateway", "recording", "upload"}
    assert {"case.imported", "case.exported"} <= LATER


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_audit_record_has_words_and_no_others_have(language: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((LOCALE / language).glob("*.ftl")))
    worded = re.findall(r"^audit-kind-([a-z-]+) =", text, re.MULTILINE)
    assert sorted(worded) == sorted(kind.replace(".", "-") for kind in CATALOGUE)


def test_every_kind_in_the_catalogue_has_an_action_of_fhir() -> None:
    assert set(CATALOGUE.values()) <= set("CRUDE")


async def test_every_event_that_is_emitted_has_somebody_who_handles_it(tmp_path: Path) -> None:
    emitted = set(kinds_of("emit"))
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/none.db", MASTER_KEY)
    relay = Relay(
        db,
        MemoryBus(),
        mailer(tmp_path.as_uri()),
        words(),
        origin="http://localhost",
        sender="telepath@localhost",
        log_name="telepath.example/audit",
        audit_key=Ed25519PrivateKey.generate(),
    )
    await db.close()
    assert sorted(emitted ^ set(relay._handlers)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_that_a_person_is_told_of_has_words(language: str) -> None:
    t = words()(language)
    assert [kind for kind in KINDS if not t.has(f"notices-{kind.replace('.', '-')}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_a_right_has_words_for_the_auditor(language: str) -> None:
    t = words()(language)
    reasons = {
        text
        for _, tree, call in calls("grant")
        for keyword in call.keywords
        if keyword.arg == "because"
        for text in texts(keyword.value, tree)
    }
    assert reasons >= {"consult", "offer", "room"}
    assert [reason for reason in sorted(reasons) if not t.has(f"audit-because-{reason}")] == []


FIXED = {"because", "case_id", "outcome", "private"}
"""What ``tx.audit`` is given besides the details of a kind."""
PASSED_ON = {
    "auth.actions.choose": {"profession", "know-how", "mode", "sector", "finess"},  # of auth.activities.codes
    "auth.emergency.activate": {"asked-by"},
    "auth.emergency.make_code": {"asked-by"},
    "auth.opening._sign_in": {"profession", "know-how", "mode", "sector", "finess", "emergency"},
    "auth.upkeep.Upkeep._end": {"failed"},
    "consults.request.request": {
        *("consult-kind", "policy", "blind", "network", "trigger", "proof", "pool"),  # of consults.request._said
        *("offer", "expert", "follows", "shows-earlier"),
    },
    "consults.transfer.transfer": {"expert"},
    # of realtime.operations._said
    "realtime.operations._write": {"presenter", "slide", "drawn", "points", "digest", "items", "item", "onward"},
    "telepath.db.database.Database._record": {"times", "from", "to"},  # of Refusals
    "telepath.cases.erasure.erase_case": set(),
    "web.audit_export._record": {"tree", "since", "until", "person", "opened"},
    "web.sent_regions._recorded": {
        "action",
        "reason",
        "times",
        "from",
        "to",
        "tiles",
        "kept",
        "levels",
        "box",
        "boxes",
    },
    "web.routes.statistics._recorded": {"format"},
    "web.startup_record._record": {"name", "before", "after", "verifier"},
    "web.timekeeping.Timekeeping.record": {
        "source",
        "synchronised",
        "error-ms",
        "database-ms",
        "provider-ms",
        "back-ms",
    },
}
"""The functions that pass on details with ``**``, and which."""
OF_EVERY_RECORD = {"acr", "session", "address", "device", "because", "object", "sequence", "leaf", "part"} | {
    "subject-name-id"
}
"""What web/audit_lines.py shows of every record, and how it joins what has parts."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_detail_of_a_record_has_words_for_the_auditor_and_no_others_have(language: str) -> None:
    details = {"on-behalf-of"}  # of Transaction._recorded
    details |= {"basis", "basis-id", "rights", "subject", "subject-kind", "until"}  # of Transaction._record_rights
    for where, tree, call in (*calls("audit"), *alone_recorded()):
        names = {keyword.arg for keyword in call.keywords}
        details |= PASSED_ON[where] if None in names else set()
        details |= {name.replace("_", "-") for name in names - FIXED if name is not None}
        for keyword in call.keywords:
            if keyword.arg == "private":
                details |= {name.replace("_", "-") for name in keys(keyword.value, tree)}
    assert details >= {"auth-mode", "bytes", "change", "reading"}
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((LOCALE / language).glob("*.ftl")))
    worded = set(re.findall(r"^audit-detail-([a-z-]+) =", text, re.MULTILINE))
    assert worded - OF_EVERY_RECORD == details


def test_only_the_functions_that_are_listed_write_without_an_audit_record() -> None:
    found = {where for where, _, call in calls("write") if any(keyword.arg == "unaudited" for keyword in call.keywords)}
    assert found == UNAUDITED


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


ANSWERS_IN_A_ROOM = (
    "realtime.admission",
    "realtime.connection",
    "realtime.drawings",
    "realtime.hub",
    "realtime.ledger",
    "realtime.operations",
    "realtime.room",
    "realtime.visits",
    "telepath.cases.repository.get",
    "telepath.cases.threads",
    "telepath.cases.wording",
    "telepath.db.database",
    "telepath.db.transaction",
    "telepath.grants",
    "telepath.guests",
)
"""Modules, or a function of one, whose errors realtime.operations.record may answer."""


def raised_in(name: str) -> tuple[set[str], set[str]]:
    """The codes of errors, and the fields that they name, of a module or of a function of it."""
    module, _, function = ("", "", "") if name in modules() else name.rpartition(".")
    tree: ast.AST = modules()[module or name]
    if function:
        tree = next(node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == function)
    texts_in = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    codes = {text for text in texts_in if re.fullmatch(r"error(-[a-z]+)+", text)}
    fields = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "field" and isinstance(node.value, ast.Constant):
            fields.add(str(node.value.value))
        if isinstance(node, ast.Raise) and node.exc is not None:
            call = node.exc if isinstance(node.exc, ast.Call) else None
            kind = getattr(errors, ast.unparse(call.func if call else node.exc), None)
            given = call.args[:1] if call and not issubclass(kind or Exception, errors.Refused) else []
            if kind is not None and issubclass(kind, errors.TelepathError) and not given:
                codes.add(kind.code)
    return codes, fields


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_a_room_may_refuse_has_words_in_its_script(language: str) -> None:
    script = (ROOT / "web" / "client" / "src" / "room.ts").read_text(encoding="utf-8")
    files = re.findall(rf'"\.\./\.\./locale/{language}/([a-z_]+\.ftl)"', script)
    worded = set(re.findall(r"^([a-z-]+) =", "\n".join((LOCALE / language / name).read_text() for name in files), re.M))
    found = [raised_in(name) for name in ANSWERS_IN_A_ROOM]
    codes = {code for some, _ in found for code in some}
    fields = {field for _, some in found for field in some}
    assert codes >= {
        "error-text-patient",
        "error-not-found",
        "error-forbidden",
        "error-unavailable",
        "error-room-epoch",
    }
    assert fields == {"line", "item"}
    # Said as of a page elsewhere (web/client/src/refusal.ts).
    codes = codes - {"error-not-found"} | {"error-room-gone"}
    assert sorted(codes - worded) == []
    assert sorted({f"field-{field}" for field in fields} - worded) == []
