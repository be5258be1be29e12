"""/slides/{id}/identity and /copy: what the slide's own label and files say of the patient, and a copy that does not say it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from telepath.cases import slide_identity
from telepath.slides import deidentified
from web.pages import path_id, render, services, signed_in

NO_STORE: Final = {"Cache-Control": "no-store"}


async def show(request: Request) -> Response:
    made = services(request)
    page = await slide_identity.view(made.db, made.storage, signed_in(request), path_id(request))
    answer = render(request, "slide_identity.html", page=page, slide=page.slide, case=page.case)
    answer.headers.update(NO_STORE)
    return answer


async def picture(request: Request) -> Response:
    """The label or the macro. Nothing keeps it: not the browser, not what stands between."""
    made = services(request)
    name = request.path_params["picture"]
    found = await slide_identity.picture(
        made.db, made.storage, made.decoders, signed_in(request), path_id(request), name
    )
    return Response(found, headers=NO_STORE, media_type="image/webp")


async def copy(request: Request) -> Response:
    """The slide without the patient: its one file, of which a part may be asked for again; or a ZIP of several."""
    made = services(request)
    slide, planned = await slide_identity.export(
        made.db, made.storage, made.decoders, signed_in(request), path_id(request)
    )
    name = deidentified.name_of(slide)
    if len(planned.files) > 1:
        headers = NO_STORE | {"Content-Disposition": f'attachment; filename="{name}.zip"'}
        if request.method == "HEAD":
            return Response(headers=headers, media_type="application/zip")
        body = deidentified.zipped(made.storage, slide, planned.files)
        return StreamingResponse(body, headers=headers, media_type="application/zip")
    (file,) = planned.files
    tag = f'"{await deidentified.tag(planned)}"'
    headers = NO_STORE | {
        "Content-Disposition": f'attachment; filename="{name}{planned.suffix}"',
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    # RFC 9110 13.1.5: the part of another copy would spoil what was received of this one.
    same = request.headers.get("if-range", tag) == tag
    start = _start(request.headers.get("range", ""), file.bytes) if same else 0
    headers["Content-Length"] = str(file.bytes - start)
    if start:
        headers["Content-Range"] = f"bytes {start}-{file.bytes - 1}/{file.bytes}"
    status = 206 if start else 200
    if request.method == "HEAD":  # whoever sends it discards a body, which would be read from the disk for nobody
        return Response(status_code=status, headers=headers, media_type="application/octet-stream")
    body = deidentified.read(made.storage, slide, file, start)
    return StreamingResponse(body, status, headers=headers, media_type="application/octet-stream")


def _start(asked: str, size: int) -> int:
    """Where a download that broke off goes on: ``bytes=1000-``. Any other range is answered with the whole, as RFC 9110 14.2
    lets one."""
    number = asked.removeprefix("bytes=").removesuffix("-")
    known = asked.startswith("bytes=") and asked.endswith("-") and number.isdecimal() and len(number) < 16
    return int(number) if known and int(number) < size else 0


routes: list[BaseRoute] = [
    Route("/slides/{id}/identity", show, methods=["GET"]),
    Route("/slides/{id}/identity/{picture}", picture, methods=["GET"]),
    Route("/slides/{id}/copy", copy, methods=["GET"]),
]
