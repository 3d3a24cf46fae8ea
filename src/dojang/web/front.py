"""The built front end, read into memory once and served with what keeps a browser strict."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Response, get

from dojang.kernel.problem import NotFound
from dojang.web.core import BankRequest

FOLDER: Final = Path(__file__).parent / "site"
_PAGES: Final = {"/handset": "handset.html", "/rp": "rp.html"}
_MACHINE_PATHS: Final = ("/v1/", "/pki/", "/_demo/", "/_handset/", "/problems/", "/assets/")
_PACKED_FROM_BYTES: Final = 512
_KINDS: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_SMALL_ALREADY: Final = (".png", ".woff2")

SECURITY_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types dojang"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}


@dataclass(frozen=True)
class File:
    """A file ready to send."""

    body: bytes
    media_type: str
    packs: bool
    """Whether gzip makes it smaller."""
    etag: str
    lasting: bool

    @cached_property
    def packed(self) -> bytes:
        """Gzipped; made for whoever asks first."""
        return gzip.compress(self.body, 9, mtime=0)


class Front:
    """Every built file by its path."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            "/" + path.relative_to(folder).as_posix(): _read(path, folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def built(self) -> bool:
        return "/index.html" in self._files

    def find(self, path: str) -> File | None:
        """The file at a path; for an address of the app itself, the app."""
        if path in self._files:
            return self._files[path]
        if path in _PAGES:
            return self._files.get("/" + _PAGES[path])
        if path.startswith(_MACHINE_PATHS) or "." in path.rsplit("/", 1)[-1]:
            return None
        return self._files.get("/index.html")


def _read(path: Path, folder: Path) -> File:
    body = path.read_bytes()
    kind = _KINDS.get(path.suffix)
    return File(
        body=body,
        media_type=kind or "application/octet-stream",
        packs=kind is not None
        and path.suffix not in _SMALL_ALREADY
        and len(body) > _PACKED_FROM_BYTES,
        etag='"' + hashlib.sha256(body).hexdigest()[:32] + '"',
        lasting=path.parent == folder / "assets",
    )


@get(["/", "/{path:path}"], include_in_schema=False, sync_to_thread=False)
def page(request: BankRequest) -> Response[bytes]:
    """A built file. Names under /assets carry their hash and may be kept for ever."""
    front: Front = request.app.state.front
    found = front.find(request.scope["path"])
    if found is None:
        raise NotFound
    headers = {
        "etag": found.etag,
        "vary": "accept-encoding",
        "cache-control": "public, max-age=31536000, immutable" if found.lasting else "no-cache",
    }
    if request.headers.get("if-none-match") == found.etag:
        return Response(b"", status_code=304, headers=headers, media_type=MediaType.TEXT)
    body = found.body
    if found.packs and "gzip" in request.headers.get("accept-encoding", ""):
        body = found.packed
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=found.media_type)


ROUTES: Final[list[Any]] = [page]
