"""GET /downloads/{secret}: a file, once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response

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
    return FileResponse(claimed.path, media_type="application/octet-stream", filename=claimed.filename, headers=headers)
