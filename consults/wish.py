"""What somebody looks for on the worklist, as the query of its address says it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

import msgspec

from consults.deadlines import Urgency
from consults.kinds import ConsultKind, ReadingRole
from consults.networks import NETWORKS
from telepath.cases.model import ORGANS
from telepath.ids import is_id

WORDS_LIMIT: Final = 100
"""Characters of what is searched for."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class View(StrEnum):
    """A tab of the list. Worded as ``view-<code>``."""

    MINE = "mine"
    TO_ANSWER = "to-answer"
    WAITING = "waiting"
    LATE = "late"
    SIGNED = "signed"
    INSTITUTION = "institution"
    """Under way, asked by this institution: for its staff."""
    ALL = "all"
    """All that this institution ever asked: for its coordinators."""


WHOLE: Final = frozenset({View.INSTITUTION, View.ALL})
"""What others of the institution asked, too."""


class Sort(StrEnum):
    """Worded as ``sort-<code>``."""

    DUE = "due"
    ASKED = "asked"
    """The newest request first."""
    ENDED = "ended"
    """The latest answer first."""
    NUMBER = "number"


USUAL: Final = {View.SIGNED: Sort.ENDED, View.ALL: Sort.ASKED}
"""Where it is not by deadline."""
SORTS: Final = {
    View.SIGNED: (Sort.ENDED, Sort.ASKED, Sort.NUMBER),
    View.INSTITUTION: (Sort.DUE, Sort.ASKED, Sort.NUMBER),
    View.ALL: (Sort.ASKED, Sort.ENDED),
}
"""How a tab may be sorted, where not by all but the end. That of all there ever was: by what has an index alone."""
DESCENDING: Final = frozenset({Sort.ASKED, Sort.ENDED})


class Place(msgspec.Struct, frozen=True):
    """The last line of a page: the next one begins after it."""

    key: datetime | str
    """What the list is sorted by."""
    consult_id: str

    @property
    def text(self) -> str:
        """As it stands in an address."""
        if isinstance(self.key, datetime):
            return f"{(self.key - _EPOCH) // timedelta(microseconds=1)}_{self.consult_id}"
        return f"{self.key}_{self.consult_id}"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Empty: anything."""

    view: View = View.MINE
    sort: Sort = Sort.DUE
    words: str = ""
    """A piece of a number, a title or a name, or an organ."""
    urgency: str = ""
    kind: str = ""
    network: str = ""
    organ: str = ""
    role: str = ""
    """As what one was asked, or reads."""
    after: Place | None = None

    @property
    def narrowed(self) -> bool:
        return any((self.words, self.urgency, self.kind, self.network, self.organ, self.role))

    @property
    def query(self) -> str:
        """The query of its address, in one way for each wish; the place in the list is no part of it."""
        said = {
            "view": "" if self.view is View.MINE else str(self.view),
            "q": self.words,
            "urgency": self.urgency,
            "kind": self.kind,
            "network": self.network,
            "organ": self.organ,
            "role": self.role,
            "sort": "" if self.sort is USUAL.get(self.view, Sort.DUE) else str(self.sort),
        }
        return urlencode({name: value for name, value in said.items() if value})

    def seen_as(self, view: View) -> "Wish":
        """The same on another tab, in its usual order and from the top."""
        return msgspec.structs.replace(self, view=view, sort=USUAL.get(view, Sort.DUE), after=None)


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "urgency": tuple(Urgency),
    "kind": tuple(ConsultKind),
    "network": tuple(one.code for one in NETWORKS),
    "organ": tuple(ORGANS),
    "role": tuple(ReadingRole),
}
"""What each filter may be."""


def sorts_of(view: View) -> tuple[Sort, ...]:
    """How this tab may be sorted."""
    return SORTS.get(view, (Sort.DUE, Sort.ASKED, Sort.NUMBER))


def wish_of(params: Mapping[str, str]) -> Wish:
    """Out of an address; what it cannot be is left out."""
    view = View(params["view"]) if params.get("view") in set(View) else View.MINE
    sort = Sort(params["sort"]) if params.get("sort") in sorts_of(view) else USUAL.get(view, Sort.DUE)
    chosen = {name: params[name] for name, codes in CHOICES.items() if params.get(name) in set(codes)}
    words = " ".join(params.get("q", "")[:WORDS_LIMIT].split())
    return Wish(view=view, sort=sort, words=words, after=_place(params.get("after", ""), sort), **chosen)


def _place(text: str, sort: Sort) -> Place | None:
    key, _, consult_id = text.rpartition("_")
    if not is_id(consult_id) or len(key) > WORDS_LIMIT:
        return None
    if sort is Sort.NUMBER:
        return Place(key, consult_id)
    if not key.isascii() or not key.isdecimal() or len(key) > 16:
        return None
    return Place(_EPOCH + timedelta(microseconds=int(key)), consult_id)
