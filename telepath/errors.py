"""What can go wrong. Pure. Errors are codes with parameters; web/locale words them, web/errors.py gives them a status.

TelepathError
├── NotFound             absent, or the asker has no right to know: the same answer
│   └── Refused              it exists; the edge records the refusal and answers as for NotFound
├── Forbidden            known to the asker, but this act is not theirs
├── Unauthenticated      no living session
├── StepUpRequired       the act needs a recent authentication
├── Invalid              the input is wrong: code and parameters say what and why
│   ├── InvalidTransition    the state machine has no such step
│   ├── AttachmentUnreadable a file that cannot be shown as pages
│   └── TooLarge             a limit is passed
├── Conflict             another version came first
├── Unavailable          something outside (identity provider, storage, mail) does not answer
├── SlideUnreadable      a file that is not a slide we can show
│   ├── SlideIncomplete      the upload or copy is cut short: send it again
│   ├── SlideUnsupported     complete, but of a format that is not read
│   └── SlideForbidden       it reaches outside its folder, or passes a limit
├── UploadRefused        the upload protocol has a status of its own for it
├── SlideHeld            it may belong to another case: kept apart, for its sender alone
└── TileUnreadable       this tile of a good slide cannot be decoded
AuditMissing             a programming error: a change without its audit record
"""


class TelepathError(Exception):
    """A code (``error-…`` in web/locale) with the parameters of its sentence. Never carries a path or a patient."""

    code = "error-internal"

    def __init__(self, code: str | None = None, /, **params: str | int | float) -> None:
        self.code = code or type(self).code
        self.params = params
        super().__init__(self.code, params)


class NotFound(TelepathError):
    code = "error-not-found"


class Refused(NotFound):
    """``may`` said no. Looks exactly like NotFound from outside; the audit learns what was asked and why not.

    ``owner`` is the institution that owns the object: its auditor sees the refusal. ``code``: where more is said, alike of what
    is absent."""

    def __init__(
        self,
        action: str,
        object_kind: str,
        object_id: str,
        reason: str,
        owner: str = "",
        code: str | None = None,
        **params: int,
    ) -> None:
        super().__init__(code, **params)
        self.action, self.object_kind, self.object_id, self.reason = str(action), object_kind, object_id, reason
        self.owner = owner


class Forbidden(TelepathError):
    code = "error-forbidden"


class Unauthenticated(TelepathError):
    code = "error-unauthenticated"


class StepUpRequired(TelepathError):
    code = "error-step-up-required"


class Invalid(TelepathError):
    code = "error-invalid"


class InvalidTransition(Invalid):
    """``action`` is not possible in ``status``. Both are words of the state machine. ``code``: where more can be said."""

    code = "error-invalid-transition"

    def __init__(self, action: str, status: str, code: str | None = None) -> None:
        super().__init__(code, action=str(action), status=str(status))


class TooLarge(Invalid):
    code = "error-too-large"


class AttachmentUnreadable(Invalid):
    code = "error-attachment-unreadable"


class Conflict(TelepathError):
    code = "error-conflict"


class Unavailable(TelepathError):
    """``what`` does not answer: ``database``, ``storage``, ``mail``, ``decoder``; the sentence of the code names it."""

    code = "error-unavailable"

    def __init__(self, code: str | None = None, /, **params: str | int | float) -> None:
        if code is None:
            params.setdefault("what", "")
        super().__init__(code, **params)


class SlideUnreadable(TelepathError):
    code = "error-slide-unreadable"


class SlideIncomplete(SlideUnreadable):
    code = "error-slide-incomplete"


class SlideUnsupported(SlideUnreadable):
    code = "error-slide-unsupported"


class SlideForbidden(SlideUnreadable):
    code = "error-slide-forbidden"


class UploadRefused(TelepathError):
    """What was asked of an upload cannot be done; ``status``: what the protocol answers (telepath/uploads/tus.py)."""

    code = "error-upload-header"

    def __init__(self, status: int, code: str | None = None, /, **params: str | int | float) -> None:
        super().__init__(code, **params)
        self.status = status


class SlideHeld(TelepathError):
    """``slide``: its identifier; ``kind``, ``expected`` and ``found`` of the first thing that disagrees."""

    code = "error-slide-held"


class TileUnreadable(TelepathError):
    code = "error-tile-unreadable"


class AuditMissing(Exception):
    """A write transaction ended without an audit record."""
