"""Slides and their audited views."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, ForeignKey, Integer, String, Table, Text, false

from telepath.db.schema.columns import Instant, identifier, metadata, version

slide = Table(
    "slide",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("specimen_id", ForeignKey("specimen.id")),
    Column("label", String(80), nullable=False),
    Column("stain", String(40), nullable=False),
    Column("block", String(40), nullable=False),
    Column("folder", String(200), nullable=False),
    Column("entry", String(300), nullable=False),
    Column("format", String(40), nullable=False),
    Column("source", String(12), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("mpp", Float),
    Column("objective", Float),
    Column("levels", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("added_by", String(26), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("section", String(20), nullable=False, default="", server_default=""),
    Column("label_check", String(12), nullable=False, default="", server_default=""),
    Column("channels", Text, nullable=False, default="[]", server_default="[]"),
    Column("planes", Integer, nullable=False, default=1, server_default="1"),
    Column("plane_spacing", Float),
    Column("background", String(7), nullable=False, default="#ffffff", server_default="#ffffff"),
    Column("profile", Text, nullable=False, default="{}", server_default="{}"),
    Column("mpp_source", String(8), nullable=False, default="file", server_default="file"),
    Column("mpp_by", String(26), nullable=False, default="", server_default=""),
    Column("mpp_read", Float),
    Column("mpp_offered", Float),
    version(),
)
"""``folder`` is the storage key of the slide's own folder, ``entry`` the file in it that opens the slide; ``source`` says
how tiles are had: ``passthrough`` or ``decoded``; ``levels`` is the pyramid as JSON (telepath/slides/pyramid.py); ``mpp``
in µm/px, null when the file says nothing believable; ``bytes`` of all files of the slide; ``section``: which level of the block
was cut, as the laboratory writes it; ``label_check``: ``verified`` when the slide's own label names the case, ``unverified``
when nothing was understood on it, empty for slides of before. ``channels`` as JSON (telepath/slides/pyramid.py), ``planes``
of focus ``plane_spacing`` µm apart, and the colour of empty ``background``. ``profile`` of its colours, as JSON
(telepath/slides/profile.py). ``mpp_source``: ``file``, or ``entered`` by the person ``mpp_by``; ``mpp_read``: what the file
says, ``mpp_offered``: what it says in a way that is not believed."""

slide_view = Table(
    "slide_view",
    metadata,
    identifier(),
    Column("slide_id", ForeignKey("slide.id"), nullable=False, index=True),
    Column("person_id", String(26), nullable=False, index=True),
    Column("session_id", String(64), nullable=False, index=True),
    Column("because", String(20), nullable=False),
    Column("because_id", String(26), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("revoked_at", Instant),
    Column("colour", String(40), nullable=False, default="", server_default=""),
    Column("quality", String(20), nullable=False, default="", server_default=""),
    Column("warming", Boolean, nullable=False, default=False, server_default=false()),
)
"""One opening of one slide by one person: audited before its first byte, revoked when its right ends. ``colour`` and
``quality``: in which ways the viewer said that it showed the slide, words of telepath/slides/shown.py; empty: not said.
``warming``: tiles were sent ahead to a browser, and nobody looked (telepath/slides/warming.py)."""

display_check = Table(
    "display_check",
    metadata,
    identifier(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("device", String(26), nullable=False),
    Column("done_at", Instant, nullable=False),
    Column("trials", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("faintest", Float),
    Column("screen", JSON, nullable=False),
)
"""A reader looked for letters that hardly differ from their ground, at one screen (``device``: what its browser is called here,
by chance): how many they read, and the smallest difference (ΔE00) that they read. ``screen``: what the browser said of it
(telepath/slides/display_check.py)."""

pyramid_work = Table(
    "pyramid_work",
    metadata,
    Column("slide_id", ForeignKey("slide.id"), primary_key=True),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
)
"""Slides whose coarse levels are still to be made (telepath/slides/built_levels.py): ``done`` of ``total`` tiles. A node that
is at it puts ``due_at`` ahead, again and again: when it dies another one takes over."""
