"""``telepath``: start the service or the demonstration, enter people, add slides, verify the audit, save and restore, check."""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop
from sqlalchemy.exc import DBAPIError

from consults import offers
from telepath.cases.wording import plain
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.errors import Invalid, TelepathError, Unavailable
from telepath.slides import ingest
from telepath.slides.label_check import Verdict
from telepath.storage import Storage
from web import (
    audit_chain,
    backup,
    checks,
    commands_audit,
    commands_consults,
    commands_directory,
    commands_emergency,
    commands_erase,
    commands_export,
    commands_slides,
    commands_watch,
    findings,
    keys,
    outside,
    server,
    technical_log,
)
from web.app import Application
from web.bootstrap import choose_decoders, choose_storage, migrate, prepare_database
from web.operator import OPERATOR
from web.settings import Settings, read
from web.words import LANGUAGES, Wording, Words

if TYPE_CHECKING:
    from web.demo import Told


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, 1 when it found something wrong, 2 when it could not be understood."""
    wanted = _parser().parse_args(arguments)
    t = Words()(_language())
    try:
        settings = read()
        technical_log.to_terminal(settings.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code: int = runner.run(wanted.run(wanted, settings, t))
            return code
    except TelepathError as error:
        advice = f" {t('command-unavailable')}" if error.code == Unavailable.code else ""
        print(f"telepath: {t(error.code, **error.params)}{advice}", file=sys.stderr)
        return 1
    except OSError as error:
        # Of our own files: those of a slide have errors of their own. The reason only; a path may name a patient.
        print(f"telepath: {t('error-command-system', reason=error.strerror or '')}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
        return 130
    finally:
        technical_log.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="telepath", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, run: object, text: str, into: "argparse._SubParsersAction[argparse.ArgumentParser]" = commands
    ) -> argparse.ArgumentParser:
        made = into.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    command("serve", _serve, "Start the service, as the settings say.")
    showing = command("demo", _demo, "Start the service with invented people and slides, and the identity simulator.")
    showing.add_argument(
        "--slides", type=Path, nargs="*", default=[], help="real slides to show instead of generated ones"
    )
    showing.add_argument("--seed-only", action="store_true", help="make the data, then stop")
    showing.add_argument(
        "--bare", action="store_true", help="only the first people, their cases and two opinions, and no past"
    )
    command("migrate", _migrate, "Bring the database to the newest schema.")
    slides = commands.add_parser("slides", help="Slides.").add_subparsers(required=True, metavar="command")
    adding = command("add", _slides_add, "Register a slide (file, or folder of a multi-file slide) in a case.", slides)
    adding.add_argument("path", type=Path)
    commands_slides.declare_place(adding)
    adding.add_argument(
        "--label",
        default="",
        help="as shown in the list, 'A1 HES'; without it, block and stain. The file's own name is not kept",
    )
    adding.add_argument("--stain", default="HES")
    adding.add_argument("--block", default="")
    adding.add_argument("--section", default="", help="which level of the block was cut, as the laboratory writes it")
    command("held", _slides_held, "Show the slides whose label names another case, and what it says.", slides)
    text = "Let a held slide into the case where it belongs; its label is checked again."
    commands_slides.declare_held(command("let-in", _slides_let_in, text, slides), corrects=True)
    commands_slides.declare_held(command("discard", _slides_discard, "Remove a held slide, with its files.", slides))
    text = "Take the slides that scanners drop into a folder, until it is stopped."
    commands_watch.declare(command("watch", _slides_watch, text, slides))
    text = "Write a copy of a slide without the patient: no label, no names, no dates; the same pixels."
    commands_slides.declare_export(command("export", _slides_export, text, slides))
    text = "Read a registered slide again, or all of them: facts, colour table, small picture, index. What is the same stays."
    commands_slides.declare_reread(command("reread", _slides_reread, text, slides))
    consults = commands.add_parser("consults", help="Consults.").add_subparsers(required=True, metavar="command")
    text = (
        "Write a consult that is over, with its original slides and its audit, into one signed archive: for its owner."
    )
    commands_consults.declare_export(command("export", _consults_export, text, consults))
    text = "Put a consult here that left another instance, or this one, as an archive."
    commands_consults.declare_import(command("import", _consults_import, text, consults))
    commands_directory.declare(commands, _directory)
    commands_emergency.declare(commands, _directory)
    audit = commands.add_parser("audit", help="The audit trail.").add_subparsers(required=True, metavar="command")
    command("verify", _audit_verify, "Prove that no sealed record was altered.", audit)
    command("key", _audit_key, "Print the key with which others check what the audit signs.", audit)
    text = "Tell which yearly trees are older than the retention, or delete them."
    commands_audit.declare_retire(command("retire", _audit_retire, text, audit))
    text = "Write records, signed heads and proofs into a folder that an outsider can check."
    commands_export.declare(command("export", _audit_export, text, audit))
    text = "Erase a patient's case, or a person who left, for good."
    commands_erase.declare(command("erase", _erase, text))
    command("erase-again", _erase_again, "Do again the erasures of the list that this database does not know.")
    saving = command("backup", _backup, "Save database, slides and audit checkpoints into a new folder.")
    saving.add_argument("target", type=Path)
    saving.add_argument(
        "--with-keys", action="store_true", help="the keys too: then keep the copy as secret as they are"
    )
    restoring = command("restore", _restore, "Bring a saved folder back, into an empty place.")
    restoring.add_argument("source", type=Path)
    command("check", _check, "Check clock, database, storage, identity provider, mail, proxy.")
    command("keys", _keys, "Print new values for the keys of the settings.")
    return parser


def _language() -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return spoken[:2] if spoken[:2] in LANGUAGES else "en"


async def _serve(_wanted: argparse.Namespace, settings: Settings, _t: Wording) -> int:
    technical_log.to_files(settings)
    application = Application(settings)
    await _run(application, server.server_of(application, settings))
    return 0


async def _run(application: Application, *servers: server.Server) -> None:
    """Until one of the servers ends, which ends the others.

    Raises what kept the services from opening; Unavailable: a server did not start, and the log says why."""

    async def started(one: server.Server) -> bool:
        try:
            await one.serve()
        except SystemExit:
            return False
        finally:
            for other in servers:
                other.should_exit = True
        return True

    all_started = all(await asyncio.gather(*map(started, servers)))
    if application.refusal is not None:
        raise application.refusal
    if not all_started:
        raise Unavailable("error-command-not-started")


async def _demo(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    if settings.production:
        raise Invalid("error-demo-in-production")
    from web import demo  # it draws slides: a service that runs does without numpy and PIL

    print(t("demo-starting", folder=str(settings.data)), flush=True)
    await prepare_database(settings)
    work = settings.data / "work"
    work.mkdir(parents=True, exist_ok=True)
    async with _storage(settings) as storage, _database(settings) as db, choose_decoders(settings, storage) as decoders:
        await demo.seed(db, storage, decoders, work, _progress(t), wanted.slides, bare=wanted.bare)
    if wanted.seed_only:
        return 0
    print(t("demo-ready", address=settings.origin), flush=True)
    technical_log.to_files(settings)
    application = Application(settings)
    await _run(
        application,
        server.server_of(demo.simulator(settings), settings, settings.simulator_port),
        server.server_of(application, settings),
    )
    return 0


async def _migrate(_wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await migrate(settings)
    print(t("command-migrated"))
    return 0


async def _slides_add(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    stain, block = plain(wanted.stain, field="--stain", limit=40), plain(wanted.block, field="--block", limit=40)
    section = plain(wanted.section, field="--section", limit=20)
    label = plain(wanted.label, field="--label", limit=80) or " ".join(part for part in (block, stain) if part)
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db, choose_decoders(settings, storage) as decoders:
        async with db.read() as reader:
            said = await commands_slides.said_of(reader, wanted, block)
        slide = await ingest.add(
            db,
            storage,
            decoders,
            OPERATOR,
            wanted.path,
            case_id=said.case_id,
            institution_id=said.institution_id,
            specimen_id=said.specimen_id,
            label=label,
            stain=stain,
            block=block,
            section=section,
            share=offers.give_slide,
        )
    print(
        t(
            "command-slide-added",
            number=wanted.case,
            width=slide.pyramid.width,
            height=slide.pyramid.height,
            format=slide.format,
        )
    )
    if slide.label_check != Verdict.VERIFIED:
        print(t("command-slide-unverified"))
    return 0


async def _slides_held(_wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _database(settings) as db:
        print("\n".join(await commands_slides.listed(db, OPERATOR, t)))
    return 0


async def _slides_let_in(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _database(settings) as db:
        print(await commands_slides.let_in(db, OPERATOR, wanted, t))
    return 0


async def _slides_discard(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db:
        print(await commands_slides.discard(db, storage, OPERATOR, wanted, t))
    return 0


async def _slides_watch(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db, choose_decoders(settings, storage) as decoders:
        return await commands_watch.run(db, storage, decoders, OPERATOR, wanted, t)


async def _slides_export(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db, choose_decoders(settings, storage) as decoders:
        print(await commands_slides.export(db, storage, decoders, OPERATOR, wanted, t))
    return 0


async def _slides_reread(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db, choose_decoders(settings, storage) as decoders:
        return 1 if await commands_slides.read_again(db, storage, decoders, OPERATOR, wanted, t, print) else 0


async def _consults_export(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db:
        print("\n".join(await commands_consults.export(db, settings, storage, OPERATOR, wanted, t)))
    return 0


async def _consults_import(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _storage(settings) as storage, _database(settings) as db, choose_decoders(settings, storage) as decoders:
        print("\n".join(await commands_consults.bring(db, settings, storage, decoders, OPERATOR, wanted, t)))
    return 0


async def _directory(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    """One of the commands of web/commands_directory.py or web/commands_emergency.py."""
    await prepare_database(settings)
    wanted.strict = settings.production
    async with _database(settings) as db:
        print(await wanted.act(db, OPERATOR, wanted, t))
    return 0


async def _audit_verify(_wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _database(settings) as db:
        with suppress(Unavailable, DBAPIError):  # a damaged tree: the verdict tells
            await audit_log.seal_all(db, settings.log_name)
        verdict = await audit_chain.verify(settings, outside.ALL)
        async with db.write(OPERATOR) as tx:
            await audit_chain.record(tx, verdict)
    for problem in verdict.problems:
        print(t(f"audit-problem-{problem.code}", **problem.params))
    for tree in verdict.retired:
        print(t("command-audit-of-retired", tree=tree))
    counts = {"records": verdict.records, "checkpoints": verdict.checkpoints, "anchored": verdict.anchored}
    print(t("command-audit-altered" if verdict.problems else "command-audit-unaltered", **counts))
    return 1 if verdict.problems else 0


async def _audit_key(_wanted: argparse.Namespace, settings: Settings, _t: Wording) -> int:
    print(await commands_audit.key(settings))
    return 0


async def _audit_retire(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    print("\n".join(await commands_audit.retire(wanted, settings, t)))
    return 0


async def _audit_export(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    await prepare_database(settings)
    async with _database(settings) as db:
        accepted, lines = await commands_export.run(db, settings, OPERATOR, wanted, t)
    print("\n".join(lines))
    return 0 if accepted else 1


async def _erase(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    async with _storage(settings) as storage:
        complete, lines = await commands_erase.erase(settings, storage, OPERATOR, wanted, t)
    print("\n".join(lines))
    return 0 if complete else 1


async def _erase_again(_wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    async with _storage(settings) as storage:
        complete, lines = await commands_erase.again(settings, storage, OPERATOR, t)
    print("\n".join(lines))
    return 0 if complete else 1


async def _backup(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    async with _storage(settings) as storage:
        made = await backup.backup(settings, storage, wanted.target, with_keys=wanted.with_keys)
    print("\n".join(backup.made_lines(made, t)))
    return 0 if made.complete else 1


async def _restore(wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    async with _storage(settings) as storage:
        restored = await backup.restore(settings, storage, wanted.source)
    print("\n".join(backup.restored_lines(restored, t)))
    return 0 if restored.complete else 1


async def _check(_wanted: argparse.Namespace, settings: Settings, t: Wording) -> int:
    results = await checks.run(settings)
    print("\n".join(findings.lines(results, t)))
    return 1 if any(result.failed for result in results) else 0


async def _keys(_wanted: argparse.Namespace, _settings: Settings, _t: Wording) -> int:
    for name in keys.NAMES:
        print(f"TELEPATH_{name.upper()}={secrets.token_hex(32)}")
    return 0


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    db = keys.database(settings)
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def _storage(settings: Settings) -> AsyncIterator[Storage]:
    storage = choose_storage(settings)
    try:
        yield storage
    finally:
        await storage.close()


def _progress(t: Wording) -> "Told":
    """A bar on a terminal; in a log a line at the beginning, at each quarter and at the end."""
    terminal = sys.stdout.isatty()
    told: dict[str, int] = {}

    def tell(name: str, share: float) -> None:
        quarter = int(share * 4)
        if terminal:
            bar = "█" * round(share * 30)
            print(
                f"\r  {t('demo-slide', name=name)} {bar:<30} {share:4.0%}", end="\n" if share >= 1 else "", flush=True
            )
        elif told.get(name) != quarter:
            print(f"  {t('demo-slide', name=name)} {quarter / 4:.0%}", flush=True)
        told[name] = quarter

    return tell
