"""Discussions as pages show them: who said what, with a way to the field it is about, for whoever may see that slide."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET

from telepath import directory, grants
from telepath.access import Action, may
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.threads import Line
from telepath.db.transaction import Reader
from telepath.errors import Invalid
from telepath.geometry import Look, View


class Said(msgspec.Struct, frozen=True):
    """One line, ready to show. ``path`` leads to the field it is about; empty: none, or not for this reader."""

    id: str
    author: str
    """"": it has no name yet for this reader."""
    at: datetime
    text: str
    mine: bool
    slide: str
    """The label of the slide."""
    path: str
    place: str
    """What the line was said about, where that is not what the page is about."""
    place_path: str


async def said(
    reader: Reader,
    actor: Actor,
    case_id: str,
    lines: Iterable[Line],
    places: Mapping[str, tuple[str, str]],
    *,
    consult: str = "",
    unnamed: Collection[str] = (),
) -> list[Said]:
    """``lines`` of one case, for this actor. ``places``: what to call a consult, or with "" the case, and its address.
    ``consult``: whose page shows them; ``unnamed``: persons who have no name yet for this actor."""
    lines = list(lines)
    names = await directory.people(reader, (line.author_id for line in lines))
    held = await grants.held_by(reader, actor)
    visible = {
        slide.id: slide.label
        for slide in await repository.slides(reader, case_id)
        if may(actor, Action.SLIDE_VIEW, slide.ref, held, reader.now)
    }
    return [
        Said(
            id=line.id,
            author="" if line.author_id in unnamed else names[line.author_id].name,
            at=line.written_at,
            text=line.text,
            mine=line.author_id == actor.person_id,
            slide=visible.get(line.slide_id, ""),
            path=slide_path(line.slide_id, line.view, consult) if line.slide_id in visible else "",
            place=places.get(line.consult_id, _HERE)[0],
            place_path=places.get(line.consult_id, _HERE)[1],
        )
        for line in lines
    ]


_HERE: Final = ("", "")


def slide_path(slide_id: str, view: View | None = None, consult: str = "") -> str:
    """The viewer's page, at this view. ``consult``: the one that it is opened from, and leads back to; "": the case."""
    return (
        f"/slides/{slide_id}"
        + (f"?consult={consult}" if consult else "")
        + (f"#view={view_text(view)}" if view else "")
    )


def view_text(view: View) -> str:
    """As in links: ``x,y,width,height,rotation,flip``, to 1/256 px and 1/100 degree, and where they are said ``&z=``,
    ``&channels=``, ``&colours=`` (web/client/src/link.ts)."""
    sides = (round(side * 256) / 256 for side in (view.x, view.y, view.width, view.height))
    numbers = (*sides, round(view.rotation * 100) / 100, int(view.flip))
    field = ",".join(f"{number:.8f}".rstrip("0").rstrip(".") if number else "0" for number in numbers)
    look = {} if view.look is UNSET else msgspec.to_builtins(view.look)
    return field + "".join(f"&{name}={said}" for name, said in look.items())


def read_view(text: str) -> View:
    """The other way. Raises Invalid."""
    field, _, rest = text.partition("&")
    parts = field.split(",") if len(field) <= 200 else []
    try:
        x, y, width, height, rotation, flip = (float(part) for part in parts)
        said = dict(parse_qsl(rest[:2500], strict_parsing=True)) if rest else {}
        look = msgspec.convert(said, Look, strict=False) if rest else UNSET
    except ValueError:
        raise Invalid("error-thread-view") from None
    view = View(x, y, width, height, rotation, flip == 1, look)
    if flip not in {0, 1} or not view.valid():
        raise Invalid("error-thread-view")
    return view
