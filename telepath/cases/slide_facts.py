"""What a laboratory says of a slide: stain, block, level. Its label, its specimen and its case stay as they came."""

from typing import Final

from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.slides import slide as slides
from telepath.errors import NotFound
from telepath.slides import catalogue

LIMITS: Final = {"stain": 40, "block": 40, "section": 20}


async def describe(db: Database, actor: Actor, case_id: str, slide_id: str, said: dict[str, str]) -> None:
    """Say anew what is known of a slide; ``said``: texts of LIMITS, one that is not there becomes empty.

    Raises NotFound: no such slide of this case; Refused: the actor may not change the case; Invalid; TooLarge."""
    told = {name: plain(said.get(name, ""), field=name, limit=limit) for name, limit in LIMITS.items()}
    async with db.write(actor) as tx:
        slide = await catalogue.get(tx, slide_id)
        if slide.case_id != case_id:
            raise NotFound
        case = await repository.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.CASE_EDIT, case.ref)
        before = {name: str(getattr(slide, name)) for name in LIMITS}
        changed = sorted(name for name in LIMITS if before[name] != told[name])
        await tx.update(slides, slide.id, slide.version, **told)
        await repository.touch(tx, case_id)
        private = {
            "before": {name: before[name] for name in changed},
            "after": {name: told[name] for name in changed},
        }
        await tx.audit("slide.changed", slide.ref, because=allowed, case_id=case_id, private=private, changed=changed)
