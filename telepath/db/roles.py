"""What the service's own role may do in PostgreSQL: less than the role that owns the tables, and to the sealed audit only add.

Two roles: the *owner* makes and changes tables (``telepath migrate``), restores, and retires old trees of the audit; the
*service* runs the nodes. Whoever takes over a node, or reads its settings, can then neither change nor delete what was sealed.
SQLite knows no roles: there only the checkpoints held outside show what was altered."""

from typing import Final

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from telepath.db.database import available
from telepath.db.migrations import LOCK, revision
from telepath.errors import Invalid

READ: Final = frozenset({"SELECT"})
ADD: Final = READ | {"INSERT"}
CHANGE: Final = ADD | {"UPDATE"}
"""Also what SELECT … FOR UPDATE asks for."""
PASS_ON: Final = ADD | {"DELETE"}
"""Rows that come and go, and are never changed."""
ALL: Final = CHANGE | {"DELETE"}

RIGHTS: Final[dict[str, frozenset[str]]] = {
    "absence": CHANGE,
    "alembic_version": READ,
    "annotation": CHANGE,
    "attachment": CHANGE,
    "audit_anchor": ALL,
    "audit_checkpoint": ADD,
    "audit_log": ADD,
    "audit_node": ADD,
    "audit_pending": PASS_ON,
    "audit_shard": CHANGE,
    "break_glass": CHANGE,
    "care_group": CHANGE,
    "care_group_member": PASS_ON,
    "case": CHANGE,
    "case_view": ALL,
    "concordance": CHANGE,
    "consult": CHANGE,
    "consult_import": ADD,
    "consult_view": ALL,
    "credential": CHANGE,
    "decoupled_login": ALL,
    "delegation": CHANGE,
    "department": ALL,
    "display_check": ADD,
    "duty": CHANGE,
    "duty_swap": CHANGE,
    "emergency": CHANGE,
    "emergency_code": CHANGE,
    "expertise": PASS_ON,
    "grants": CHANGE,
    "held_slide": CHANGE,
    "incident": ADD,
    "institution": CHANGE,
    "invitation": CHANGE,
    "key_region": CHANGE,
    "login": PASS_ON,
    "logout_token": PASS_ON,
    "material_request": CHANGE,
    "membership": PASS_ON,
    "notice": CHANGE,
    "notice_preference": ALL,
    "offer": CHANGE,
    "opinion": ADD,
    "opinion_signature": ADD,
    "outbox": ALL,
    "outcome": ADD,
    "patient": CHANGE,
    "person": CHANGE,
    "pool": CHANGE,
    "pool_member": PASS_ON,
    "preferred_expert": ALL,
    "pyramid_work": ALL,
    "reading": CHANGE,
    "room": CHANGE,
    "room_fact": ADD,
    "room_visit": CHANGE,
    "routing_rule": CHANGE,
    "saved_filter": ALL,
    "session": CHANGE,
    "setting_seen": CHANGE,
    "share_link": CHANGE,
    "slide": CHANGE,
    "slide_view": CHANGE,
    "specimen": ADD,
    "subject_key": CHANGE,
    "thread_line": ADD,
    "timer": ALL,
    "turnaround": ALL,
    "upload": ALL,
    "upload_file": ALL,
}
"""Table → what the service may. Nothing else: no TRUNCATE, no TRIGGER, no REFERENCES, no table of its own."""
SEALED: Final = ("audit_log", "audit_checkpoint", "audit_node")
"""What nobody but the owner may change or delete."""


async def give(owner_url: str, service_url: str) -> None:
    """Let the role of ``service_url`` do what ``RIGHTS`` says, and no more. Does nothing for SQLite, nor for one role alone.

    Raises Invalid: they are not the same database; Unavailable: it does not answer."""
    if make_url(owner_url).get_backend_name() != "postgresql" or owner_url == service_url:
        return
    service = await _asked(service_url, "SELECT current_user")
    if service == await _asked(owner_url, "SELECT current_user"):
        return
    engine = create_async_engine(owner_url, poolclass=NullPool)
    try:
        async with available(), engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            await _give(connection, service)
    finally:
        await engine.dispose()
    if (await revision(service_url))[0] != (await revision(owner_url))[0]:
        raise Invalid("error-database-other")


async def excess(url: str) -> tuple[str, list[str]]:
    """The role of ``url``, and by what it could change or delete what is sealed, as ``UPDATE audit_log``. SQLite: nothing.

    Raises Unavailable: the database does not answer."""
    if make_url(url).get_backend_name() != "postgresql":
        return "", []
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with available(), engine.connect() as connection:
            rows = (await connection.execute(text(_EXCESS), {"sealed": list(SEALED)})).all()
            return await connection.scalar(text("SELECT current_user")) or "", [row[0] for row in rows]
    finally:
        await engine.dispose()


# PostgreSQL, GRANT: "The right to drop an object, or to alter its definition in any way, is not treated as a grantable
# privilege; it is inherent in the owner". A schema's owner may drop what is in it; TRIGGER may change rows before they are
# inserted; before PostgreSQL 16 CREATEROLE may join any role.
_EXCESS: Final = """
WITH sealed AS (
    SELECT c.oid, c.relname, c.relowner, n.nspname, n.nspowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname = ANY(:sealed)
)
SELECT right_ || ' ' || relname FROM sealed, unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) right_
    WHERE has_table_privilege(oid, right_)
UNION SELECT 'UPDATE ' || relname FROM sealed WHERE has_any_column_privilege(oid, 'UPDATE')
UNION SELECT 'OWNER ' || relname FROM sealed WHERE pg_has_role(relowner, 'MEMBER')
UNION SELECT 'OWNER ' || nspname FROM sealed WHERE pg_has_role(nspowner, 'MEMBER')
UNION SELECT 'SUPERUSER' FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION SELECT 'CREATEROLE' FROM pg_roles WHERE rolname = current_user AND rolcreaterole
ORDER BY 1
"""


async def _asked(url: str, question: str) -> str:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with available(), engine.connect() as connection:
            return str(await connection.scalar(text(question)))
    finally:
        await engine.dispose()


async def _give(connection: AsyncConnection, service: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    schema = quote(str(await connection.scalar(text("SELECT current_schema()"))))
    there = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
    role = quote(service)
    statements = [
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        # What a later migration makes is given here, table by table, or not at all.
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON TABLES FROM PUBLIC, {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    ]
    statements += [
        f"GRANT {', '.join(sorted(RIGHTS[name]))} ON {schema}.{quote(name)} TO {role}"
        for name in there
        if name in RIGHTS
    ]
    for statement in statements:
        await connection.exec_driver_sql(statement)
