"""One operation of somebody in a room: done in the ledger, and answered."""

from realtime import ledger, messages
from realtime.messages import Operation, ServerMessage
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import Refused, TelepathError


async def record(db: Database, actor: Actor, room_id: str, operation: Operation) -> ServerMessage:
    """Do an operation in the ledger: acknowledged only after the commit, refused with the reason."""
    try:
        done = await ledger.perform(db, actor, room_id, operation.id, operation.act)
    except Refused as refused:
        # Of the room they know; of another slide not even that it is there.
        code = "error-forbidden" if refused.object_kind == "room" else refused.code
        return messages.RefusedOperation(operation.id, code)
    except TelepathError as error:
        return messages.RefusedOperation(operation.id, error.code, dict(error.params))
    return messages.Acknowledged(operation.id, done.fact.seq)
