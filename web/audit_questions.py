"""The twelve questions of an auditor, and what each looks for in the log. Pure.

Three have a screen of their own (a slide, an opinion, the integrity of the log); the others differ only in this table."""

from typing import Final

import msgspec

from telepath.audit_catalogue import CATALOGUE, family

SEEN: Final = frozenset(
    kind for kind, action in CATALOGUE.items() if action == "R" and family(kind) not in {"access", "audit", "link"}
)
"""What lets a person see something of a patient."""


def _of(*families: str) -> frozenset[str]:
    return frozenset(kind for kind in CATALOGUE if family(kind) in families)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """``code``: the last part of its address, and of its words ``audit-question-<code>`` and ``audit-about-<code>``."""

    code: str
    kinds: frozenset[str] | None = None
    outcome: str = ""
    privileged: bool = False
    service: bool = False
    """Also what the service did of itself, for no institution in particular."""
    fields: tuple[str, ...] = ("person", "case")
    needs: str = ""
    """The field without which nothing is looked up."""
    days: int = 0
    """The period that is proposed, back from today; 0: any."""


SLIDE: Final = "slide"
OPINION: Final = "opinion"
INTEGRITY: Final = "integrity"

QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        code=SLIDE, kinds=frozenset(kind for kind in SEEN if family(kind) == "slide"), fields=("case",), needs="case"
    ),
    Question(code="person", kinds=SEEN, fields=("person", "acts"), needs="person", days=30),
    Question(code="refusals", outcome="refused", fields=("person", "case")),
    Question(code=OPINION),
    Question(
        code="rights",
        kinds=_of("right", "delegation", "credential") | {"directory.changed", "case.shared", "case.unshared"},
    ),
    Question(code="break-glass", kinds=_of("break-glass", "emergency")),
    Question(code="links", kinds=_of("link")),
    Question(
        code="exports",
        kinds=frozenset(
            {
                "audit.exported",
                "audit.extract-made",
                "backup.made",
                "case.exported",
                "report.printed",
                "report.sent",
                "slide.downloaded",
                "statistics.exported",
            }
        ),
        service=True,
    ),
    Question(code="privileged", privileged=True, service=True, fields=("person", "kind")),
    Question(code=INTEGRITY),
    Question(
        code="erasures",
        kinds=frozenset({"attachment.deleted", "audit.retired", "recording.deleted", "subject.erased"}),
        service=True,
        fields=("person",),
    ),
    Question(code="clock", kinds=frozenset({"clock.measured"}), service=True, fields=()),
)

LISTED: Final = {one.code: one for one in QUESTIONS if one.code not in {SLIDE, OPINION, INTEGRITY}}
"""Those that are answered by a list of records."""

EVERYTHING: Final = Question(code="records", service=True, fields=("person", "case", "kind", "outcome"))
"""The whole log, as far as the institution may know it."""
