"""The codes of a second opinion, one enumeration each. Pure. All are worded in web/locale, as ``<name of the list>-<code>``."""

from enum import StrEnum


class ConsultKind(StrEnum):
    """What is asked for. Worded as ``kind-<code>``."""

    EXPERT = "expert"
    """A second opinion of an expert."""
    NETWORK = "network"
    """A second reading by a national network."""
    FROZEN = "frozen"
    """Extemporané: the patient is on the table."""
    TEACHING = "teaching"
    BOARD = "board"
    """To prepare a tumour board."""


class Trigger(StrEnum):
    """What called for a second reading of a network. Worded as ``trigger-<code>``. Source: RRePS (USCAP 2012, abstract 30)."""

    SYSTEMATIC = "systematic"
    PATHOLOGIST = "pathologist"
    CLINICIAN = "clinician"
    BOARD = "board"
    TRIAL = "trial"


class Policy(StrEnum):
    """Who is asked, and what follows a refusal or a silence. Worded as ``policy-<code>``."""

    NAMED = "named"
    """This expert alone: the requester chooses again."""
    CHAIN = "chain"
    """One after another, best first."""
    POOL = "pool"
    """Everyone of a pool at once: the first who accepts reads."""
    RING = "ring"
    """Everyone who is available now, wherever it is day: for a frozen section."""


class ReadingRole(StrEnum):
    """As what somebody reads. Worded as ``reading-<code>``."""

    EXPERT = "expert"
    CO_READER = "co-reader"
    """Writes and signs with the expert: a joint opinion."""
    COUNTERSIGNER = "countersigner"
    """Gives the second signature that the network asks for."""
    THIRD = "third"
    """Reads after a discordance (L3)."""


class HeldBecause(StrEnum):
    """Why a consult is on hold. Worded as ``held-<code>``."""

    DECLINED = "declined"
    """Nobody is left who was asked: it waits for its requester."""
    MATERIAL = "material"
    """The expert asked for more, and the clock stands still."""


class Dispute(StrEnum):
    """What follows a major discordance. Worded as ``dispute-<code>``."""

    THIRD = "third"
    COLLEGIAL = "collegial"
    """Several read it together, in a session."""
    SETTLED = "settled"


class Adoption(StrEnum):
    """What the requester makes of the answer. Worded as ``adoption-<code>``."""

    ADOPTED = "adopted"
    REFUSED = "refused"
    CONTESTED = "contested"


class Grade(StrEnum):
    """How an opinion agrees with the first diagnosis. Worded as ``grade-<code>``."""

    CONCORDANT = "concordant"
    MINOR = "minor"
    MAJOR = "major"
    """With an impact on the treatment."""


class Side(StrEnum):
    """Who graded. Worded as ``side-<code>``."""

    EXPERT = "expert"
    REQUESTER = "requester"


class MaterialKind(StrEnum):
    """What an expert may need before answering. Worded as ``material-<code>``."""

    RECUT = "recut"
    IHC = "ihc"
    MOLECULAR = "molecular"
    SLIDES = "slides"
    CLINICAL = "clinical"


class MaterialAnswer(StrEnum):
    """Worded as ``material-answer-<code>``."""

    PROVIDED = "provided"
    IMPOSSIBLE = "impossible"
    WITHDRAWN = "withdrawn"


class DeclineCode(StrEnum):
    """Why an expert says no. Worded as ``decline-<code>``."""

    ABSENT = "absent"
    OVERLOADED = "overloaded"
    OTHER_FIELD = "other-field"
    CONFLICT = "conflict"
    """Conflict of interest: this expert is not proposed again for this requester's cases of the same kind."""
    QUALITY = "quality"
    """The slides cannot be read."""
    OTHER = "other"


class IncidentKind(StrEnum):
    """A technical incident of a consult. Worded as ``incident-<code>``. Source: Code de la santé publique, R6316-4."""

    IMAGE = "image"
    NETWORK = "network"
    SCANNER = "scanner"
    SERVICE = "service"
    OTHER = "other"


class OutcomeKind(StrEnum):
    """What became known later. Worded as ``outcome-<code>``."""

    EXCISION = "excision"
    MOLECULAR = "molecular"
    FOLLOW_UP = "follow-up"
    OTHER = "other"


class Verdict(StrEnum):
    """What an outcome says of the opinion. Worded as ``verdict-<code>``."""

    CONFIRMS = "confirms"
    CHANGES = "changes"
    OPEN = "open"
