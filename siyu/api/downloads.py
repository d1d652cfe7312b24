"""GET /downloads/{secret}: a file, once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from siyu.domain import files
from siyu.privacy.actor import Actor


async def download(request: Request) -> Response:
    """Send the file that the link opens, as an attachment that no browser runs and no cache keeps."""
    visitor = Actor.worker("download", request=request.state.correlation)
    claimed = await files.claim(visitor, request.path_params["secret"])
    headers = {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; sandbox",
        "referrer-policy": "no-referrer",
    }
    if claimed.opened is not None:
        headers |= {"content-length": str(claimed.opened.size_bytes), "content-disposition": f'attachment; filename="{claimed.filename}"'}
        return StreamingResponse(claimed.opened.blocks, media_type="application/octet-stream", headers=headers)
    return FileResponse(claimed.path, media_type="application/octet-stream", filename=claimed.filename, headers=headers)
