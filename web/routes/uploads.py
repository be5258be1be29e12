"""/uploads: a slide on its way in. Its sender says what comes, sends the files by tus 1.0.0, and says that all is there.

POST    /cases/{case}/uploads        {"files": [{"path", "size", "sha256"}], "label", "stain", "block", "section", "specimen"} →
                                     201 upload; sha256 may be left out
GET     /cases/{case}/uploads        {"uploads": [upload]}: one's own, the latest first
POST    /uploads/{id}/files          tus creation (with upload): Upload-Metadata ``path`` names one of the files → 201, Location
HEAD, PATCH, DELETE /uploads/{id}/files/{number}, OPTIONS /uploads/{id}/files   tus
POST    /uploads/{id}/commit         202 upload: all is there, it is taken in beside; again changes nothing
GET     /uploads/{id}                upload: how far it is, and what became of it
POST    /uploads/{id}/discard        204: give it up, or be told of it no longer

upload: {"id", "status", "name", "bytes", "received", "label", "message", "twice", "slide", "expires_at", "files":
[{"number", "path", "bytes", "received", "sha256", "address"}]}; status: telepath/uploads/manifest.py. Another's is not
there: 404.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import grants
from telepath.access import Action
from telepath.cases import repository as cases
from telepath.errors import NotFound, TelepathError, UploadRefused
from telepath.uploads import rows, store, tus
from telepath.uploads.manifest import SLIDE_LIMIT, Status
from telepath.uploads.rows import Upload
from telepath.uploads.store import Wanted
from web import errors
from web.json_body import read_json
from web.pages import path_id, reader, services, signed_in
from web.words import Wording

TWICE: Final = "error-slide-twice"
MANIFEST_LIMIT: Final = 900_000
"""Bytes: two thousand files with their paths."""


class ShownFile(msgspec.Struct, frozen=True):
    number: int
    path: str
    bytes: int
    received: int
    sha256: str
    address: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An upload as its sender has it."""

    id: str
    status: str
    name: str
    bytes: int
    received: int
    label: str
    message: str
    """What became of it and why, in the reader's language; empty: nothing is to be said."""
    twice: bool
    """It is refused, because the case has the very same slide already."""
    slide: str
    """The address of the slide, once it is registered."""
    expires_at: datetime
    files: list[ShownFile]


def shown(t: Wording, one: Upload) -> Shown:
    return Shown(
        id=one.id,
        status=one.status,
        name=one.name,
        bytes=one.bytes,
        received=one.received,
        label=one.label,
        message=t(one.reason, **one.params) if one.reason else "",
        twice=one.reason == TWICE,
        slide=f"/slides/{one.slide_id}" if one.status == Status.REGISTERED else "",
        expires_at=one.expires_at,
        files=[
            ShownFile(file.number, file.path, file.bytes, file.received, file.digest, _address(one.id, file.number))
            for file in one.files
        ],
    )


async def begin(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.read() as read:  # before a body of any size is read
        case = await cases.get(read, path_id(request))
        await grants.require(read, actor, Action.CASE_EDIT, case.ref)
    wanted = await read_json(request, Wanted, MANIFEST_LIMIT)
    begun = await store.begin(made.db, made.uploads.parts, actor, case, wanted)
    response = _json(shown(reader(request).words, begun), 201)
    response.headers["Location"] = f"/uploads/{begun.id}"
    return response


async def of_case(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        case = await cases.get(read, path_id(request))
        await grants.require(read, actor, Action.CASE_EDIT, case.ref)
        found = await rows.of_case(read, actor, case.id)
    t = reader(request).words
    return _json({"uploads": [shown(t, one) for one in found]})


async def state(request: Request) -> Response:
    return _json(shown(reader(request).words, await _mine(request)))


async def commit(request: Request) -> Response:
    made = services(request)
    committed = await store.commit(made.db, signed_in(request), path_id(request))
    made.uploads.wake()
    return _json(shown(reader(request).words, committed), 202)


async def discard(request: Request) -> Response:
    made = services(request)
    await store.discard(made.db, made.uploads.parts, signed_in(request), path_id(request))
    return Response(status_code=204)


async def create(request: Request) -> Response:
    """The manifest made the file already: here it gets its address, and perhaps its first bytes."""
    upload, made = await _mine(request), services(request)
    asked = tus.creation(request.headers)
    path = asked.metadata.get("path") or asked.metadata.get("filename", "")
    file = next((one for one in upload.files if one.path == path), None)
    if file is None or file.bytes != asked.length:
        raise UploadRefused(400, "error-upload-unnamed")
    there = (await store.received(made.uploads.parts, upload, file.number))[1]
    if asked.piece is not None:
        piece = asked.piece

        def first(received: int, _length: int) -> tus.Piece:
            if received:
                raise UploadRefused(409, "error-upload-offset", offset=0, received=received)
            return piece

        upload, there = await _append(request, file.number, first)
    headers = tus.written(there, upload.expires_at) | {"Location": _address(upload.id, file.number)}
    return Response(status_code=201, headers=headers)


async def head(request: Request) -> Response:
    upload = await _mine(request)
    tus.check_version(request.headers)
    file, there = await store.received(services(request).uploads.parts, upload, _number(request))
    return Response(headers=tus.state(there, file.bytes))


async def patch(request: Request) -> Response:
    upload, there = await _append(request, _number(request), partial(tus.append, request.headers))
    return Response(status_code=204, headers=tus.written(there, upload.expires_at))


async def terminate(request: Request) -> Response:
    await _mine(request)
    tus.check_version(request.headers)
    made = services(request)
    await store.take_back(made.db, made.uploads.parts, signed_in(request), path_id(request), _number(request))
    return Response(status_code=204)


async def options(request: Request) -> Response:
    await _mine(request)
    return Response(status_code=204, headers=tus.options(SLIDE_LIMIT))


async def _mine(request: Request) -> Upload:
    async with services(request).db.read() as read:
        return await rows.mine(read, signed_in(request), path_id(request))


async def _append(request: Request, number: int, asked: store.Asked) -> tuple[Upload, int]:
    made = services(request)
    return await store.append(
        made.db, made.uploads.parts, signed_in(request), path_id(request), number, asked, _body(request)
    )


async def _body(request: Request) -> AsyncIterator[bytes]:
    """Never held whole. Raises ConnectionError: the line was cut."""
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise ConnectionResetError from None


def _number(request: Request) -> int:
    text = str(request.path_params["number"])
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        raise NotFound
    return int(text)


def _address(upload_id: str, number: int) -> str:
    return f"/uploads/{upload_id}/files/{number}"


def _json(body: object, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


Handler = Callable[[Request], Awaitable[Response]]


def _by_tus(handler: Handler) -> Handler:
    """Each answer says which protocol it speaks; a body that is refused is read to its end, or many clients would never see the
    answer."""

    async def answered(request: Request) -> Response:
        try:
            response = await handler(request)
        except ConnectionError:
            raise ClientDisconnect from None
        except TelepathError as error:
            with suppress(TelepathError, ClientDisconnect, RuntimeError):
                async for _chunk in request.stream():
                    pass
            response = await errors.of_request(request, error)
        response.headers["Tus-Resumable"] = tus.VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = tus.VERSION
        return response

    return answered


def _tus(path: str, handler: Handler, method: str) -> Route:
    return Route(path, _by_tus(handler), methods=[method])


routes: list[BaseRoute] = [
    Route("/cases/{id}/uploads", of_case, methods=["GET"]),
    Route("/cases/{id}/uploads", begin, methods=["POST"]),
    Route("/uploads/{id}", state, methods=["GET"]),
    Route("/uploads/{id}/commit", commit, methods=["POST"]),
    Route("/uploads/{id}/discard", discard, methods=["POST"]),
    _tus("/uploads/{id}/files", options, "OPTIONS"),
    _tus("/uploads/{id}/files", create, "POST"),
    _tus("/uploads/{id}/files/{number}", head, "HEAD"),
    _tus("/uploads/{id}/files/{number}", patch, "PATCH"),
    _tus("/uploads/{id}/files/{number}", terminate, "DELETE"),
]
