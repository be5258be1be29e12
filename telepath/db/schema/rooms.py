"""Live rooms: who presents is a fact with an epoch; facts are numbered per room."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from telepath.db.schema.columns import Instant, identifier, metadata

room = Table(
    "room",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("consult_id", String(26), nullable=False),
    Column("slide_id", ForeignKey("slide.id"), nullable=False),
    Column("opened_by", ForeignKey("person.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("presenter_id", ForeignKey("person.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("agenda", JSON, nullable=False, server_default="[]"),
    Column("agenda_item", String(40), nullable=False, server_default=""),
    Column("agenda_item_at", Instant),
    Column("drawings", Integer, nullable=False, server_default="0"),
)
"""``epoch`` is the presenter's: it grows by compare-and-set at each hand-over or change of slide. ``seq`` is the last fact.
``agenda``: realtime/messages.py Item, of which the room of another case is an identifier that may outlive that room;
``agenda_item`` is the one at hand, since ``agenda_item_at``. ``drawings``: how many stand."""

room_fact = Table(
    "room_fact",
    metadata,
    identifier(),
    Column("room_id", ForeignKey("room.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("body", JSON, nullable=False),
    Column("actor_id", String(26), nullable=False),
    Column("operation_id", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("room_id", "seq"),
    UniqueConstraint("room_id", "operation_id"),
)
"""The ledger of the room. ``operation_id`` is made by the client: the same one twice is one fact."""

room_visit = Table(
    "room_visit",
    metadata,
    identifier(),
    Column("room_id", ForeignKey("room.id"), nullable=False),
    Column("stream", Integer, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("colour", Integer, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("institution_id", String(26), nullable=False, server_default=""),
    Column("seen_at", Instant),
    UniqueConstraint("room_id", "stream"),
)
"""The roll: one row per connection. ``stream`` is its number in every frame, unique in the room over all nodes; a person keeps
their colour. ``institution_id``: for which they acted. ``seen_at``: the last time that the node said that the connection
stands; who dies with the node is given an end there (realtime/roll.py)."""
