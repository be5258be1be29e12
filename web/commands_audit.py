"""``telepath audit key`` and ``telepath audit retire``."""

import argparse
import asyncio

from telepath.db import audit_log, audit_retire, roles
from telepath.db.database import Database
from telepath.errors import Invalid
from web import keys
from web.operator import OPERATOR
from web.settings import Settings
from web.words import Wording


def declare_retire(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--delete", action="store_true", help="delete them; without it they are only told")


async def key(settings: Settings) -> str:
    """The verifier key of the audit: what outsiders check with, and TELEPATH_AUDIT_OLD_KEYS holds when there is another."""
    return str(await asyncio.to_thread(keys.public_key, settings))


async def retire(wanted: argparse.Namespace, settings: Settings, t: Wording) -> list[str]:
    """Retire the trees that are older than the retention, as the role that owns the tables; what was done, or would be.

    Raises Unavailable: the database does not answer, a tree was damaged; Invalid: this role may delete nothing."""
    years = settings.audit_retention_years
    role, rights = await roles.excess(settings.migrations_url)
    if role and "DELETE audit_log" not in rights:
        raise Invalid("error-audit-retire-role", role=role)
    db = Database(settings.migrations_url, await asyncio.to_thread(keys.vault_key, settings))
    try:
        async with db.read() as reader:
            due = await audit_retire.due(reader, years)
        if not due:
            return [t("command-audit-nothing-to-retire", years=years)]
        if not wanted.delete:
            told = [t("command-audit-due", tree=shard.name, records=shard.size) for shard in due]
            return [*told, t("command-audit-to-delete")]
        signing = await asyncio.to_thread(keys.audit_key, settings)

        async def signed() -> None:
            await audit_log.seal_all(db, settings.log_name)
            await audit_log.checkpoint(db, settings.log_name, signing)

        return [
            t(
                "command-audit-retired",
                tree=shard.name,
                records=await audit_retire.retire(db, OPERATOR, shard, signed),
            )
            for shard in due
        ]
    finally:
        await db.close()
