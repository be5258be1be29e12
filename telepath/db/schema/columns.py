"""The MetaData and the column types that both databases understand alike."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A point in time: aware in, UTC-aware out. SQLite keeps no zone, so we put it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


Serial = BigInteger().with_variant(Integer, "sqlite")
"""A growing number: SQLite only autoincrements INTEGER."""


def identifier() -> Column[str]:
    """The primary key: an identifier of telepath/ids.py."""
    return Column("id", String(26), primary_key=True)


def version() -> Column[int]:
    """Grows at each change; a writer who saw an older one gets Conflict."""
    return Column("version", Integer, nullable=False, default=1)
