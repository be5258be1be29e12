"""How an opinion agrees with the first diagnosis: who grades, what follows, and who sees whose grade. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from consults.kinds import ConsultKind, Dispute, Grade, Side
from consults.model import Consult
from telepath.cases.wording import plain
from telepath.errors import Invalid

COMMENT_LIMIT: Final = 1_000


class Graded(msgspec.Struct, frozen=True):
    """What somebody chose. ``settle``: how a major discordance is settled before anything is answered; None: it is not."""

    grade: Grade
    comment: str = ""
    settle: Dispute | None = None

    def checked(self) -> "Graded":
        """The same, trimmed. Raises Invalid, TooLarge; Invalid: a major discordance that nobody explains."""
        comment = plain(self.comment, field="grade-comment", limit=COMMENT_LIMIT, lines=True)
        if self.grade is Grade.MAJOR and not comment:
            raise Invalid("error-text-missing", field="grade-comment")
        return msgspec.structs.replace(self, comment=comment)


class Concordance(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    consult_id: str
    reading_id: str
    side: Side
    grade: Grade
    comment: str
    graded_by: str
    graded_at: datetime
    version: int = 1


def needed(consult: Consult) -> bool:
    """Whether the expert must grade with the signature: a network acts upon it."""
    return consult.kind is ConsultKind.NETWORK and bool(consult.first_diagnosis)


def disputed(consult: Consult, graded: Graded | None) -> Consult:
    """The consult after the expert's own grade. In a network a major discordance is settled before the answer; elsewhere if the
    expert wants so."""
    if graded is None or graded.grade is not Grade.MAJOR:
        return consult
    usual = Dispute.THIRD if consult.kind is ConsultKind.NETWORK else None
    settle = graded.settle if graded.settle in (Dispute.THIRD, Dispute.COLLEGIAL) else usual
    return msgspec.structs.replace(consult, dispute=settle)


def seen_from(side: Side, grades: Sequence[Concordance]) -> list[Concordance]:
    """Each side sees the other's grade after giving its own."""
    own = [one for one in grades if one.side is side]
    return list(grades) if own else []
