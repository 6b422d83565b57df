"""Real servers on the loopback: files with ranges, STAC with pages and signatures, with faults.

``serve(folder)`` gives a server of the files of a folder. Faults are planted per path and used up
one by one, so that the second or third request succeeds. Nothing here is imitated inside the
program under test: it asks real sockets.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np


@dataclass
class Server:
    """A server of a folder; ``faults[path]`` is a list of faults, one for each request.

    Faults: ``slow`` (0.4 s late), ``cut`` (half the body), ``429``, ``500``, ``503`` (a status;
    429 with Retry-After), ``changed`` (the file is another one from now on), ``whole`` (no range).
    """

    folder: Path
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    items: list[dict] = field(default_factory=list)
    page: int = 100
    signed: bool = False
    token_requests: int = 0
    base: str = ""
    versions: dict[str, int] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    marks: bool = True
    token_life: float = 3600.0
    encoding: str = ""
    valid: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(each[1] == path for each in self.asked)

    def fault(self, path: str) -> str | None:
        with self.lock:
            if path in self.always:
                return self.always[path]
            planted = self.faults.get(path) or self.faults.get("*")
            return planted.pop(0) if planted else None

    def mark(self, path: str) -> str:
        content = (self.folder / path.lstrip("/")).read_bytes()
        version = self.versions.get(path, 0)
        return f'"{hashlib.sha256(content).hexdigest()[:16]}-{version}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Server

    def do_GET(self):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._answer(b"")

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._answer(body)

    def _answer(self, body):
        own, parts = self.server_of, urlsplit(self.path)
        own.asked.append((self.command, parts.path, self.headers.get("Range") or ""))
        fault = own.fault(parts.path)
        if fault == "slow":
            time.sleep(0.4)
        if fault in ("429", "500", "503", "404"):
            return self._send(int(fault), b"no", {"Retry-After": "0.05"} if fault == "429" else {})
        if parts.path.startswith("/stac"):
            return self._stac(parts, body)
        if parts.path.startswith("/token/"):
            return self._token()
        if own.signed and parse_qs(parts.query).get("sig", [""])[0] not in own.valid:
            return self._send(403, b"signature expired")
        self._file(parts.path, fault)

    def _file(self, path, fault):
        own, file = self.server_of, self.server_of.folder / path.lstrip("/")
        if not file.is_file():
            return self._send(404, b"not found")
        if fault == "changed":
            own.versions[path] = own.versions.get(path, 0) + 1
        content, mark = file.read_bytes(), own.mark(path)
        headers = {"Accept-Ranges": "bytes"} | ({"ETag": mark} if own.marks else {})
        if own.encoding and path.endswith(".gz"):
            headers["Content-Encoding"] = own.encoding
        wanted, condition = self.headers.get("Range"), self.headers.get("If-Range")
        if wanted and fault != "whole" and condition in (None, mark):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            if int(first) >= len(content):
                return self._send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            last = min(int(last or len(content) - 1), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            return self._send(206, content[int(first) : last + 1], headers, cut=fault == "cut")
        self._send(200, content, headers, cut=fault == "cut")

    def _token(self):
        own = self.server_of
        own.token_requests += 1
        name = f"token{own.token_requests}"
        own.valid.add(name)
        ends = datetime.now(UTC) + timedelta(seconds=own.token_life)
        self._json({"token": f"sig={name}", "msft:expiry": ends.isoformat()})

    def _stac(self, parts, body):
        own = self.server_of
        if parts.path.rstrip("/") == "/stac":
            return self._json(_landing(own.base))
        asked = json.loads(body) if body else {}
        asked |= {name: value[0] for name, value in parse_qs(parts.query).items()}
        found = [item for item in own.items if _fits(item, asked)]
        start = int(asked.get("token") or 0)
        shown = found[start : start + own.page]
        links = []
        if start + own.page < len(found):
            following = {**asked, "token": str(start + own.page)}
            links = [{"rel": "next", "href": f"{own.base}/stac/search", "method": "POST",
                      "type": "application/geo+json", "body": following}]  # fmt: skip
        self._json({"type": "FeatureCollection", "features": shown, "links": links})

    def _json(self, content):
        self._send(200, json.dumps(content).encode(), {"Content-Type": "application/geo+json"})

    def _send(self, status, content, headers=(), *, cut=False):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut:
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        """A client that hangs up is no news."""


def _fits(item: dict, asked: dict) -> bool:
    collections = asked.get("collections") or []
    collections = collections.split(",") if isinstance(collections, str) else collections
    if collections and item["collection"] not in collections:
        return False
    when = asked.get("datetime")
    if when:
        first, _, last = when.partition("/")
        properties = item["properties"]
        if properties["end_datetime"] < first or properties["start_datetime"] > (last or first):
            return False
    box = asked.get("bbox")
    if box:
        box = [float(value) for value in (box.split(",") if isinstance(box, str) else box)]
        west, south, east, north = item["bbox"]
        return not (east < box[0] or west > box[2] or north < box[1] or south > box[3])
    return True


def _landing(base: str) -> dict:
    core = "https://api.stacspec.org/v1.0.0/"
    return {
        "type": "Catalog", "id": "loopback", "stac_version": "1.0.0", "description": "Landia",
        "conformsTo": [f"{core}core", f"{core}item-search"],
        "links": [
            {"rel": "self", "href": f"{base}/stac", "type": "application/json"},
            {"rel": "root", "href": f"{base}/stac", "type": "application/json"},
            {"rel": "search", "href": f"{base}/stac/search", "type": "application/geo+json",
             "method": "POST"},
            {"rel": "search", "href": f"{base}/stac/search", "type": "application/geo+json",
             "method": "GET"},
        ],
    }  # fmt: skip


@contextlib.contextmanager
def serve(folder):
    """A running server of a folder, stopped at the end."""
    own = Server(Path(folder))
    handler = type("Handler", (_Handler,), {"server_of": own})
    made = _Quiet(("127.0.0.1", 0), handler)
    own.base = f"http://127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield own
    finally:
        made.shutdown()
        made.server_close()


def item(server: Server, name: str, collection: str, start, end, box, **assets) -> dict:
    """Add an item to the catalogue of a server; assets are paths of files it serves."""
    west, south, east, north = box
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    made = {
        "type": "Feature", "stac_version": "1.0.0", "stac_extensions": [], "id": name,
        "collection": collection, "bbox": list(box), "links": [],
        "geometry": {"type": "Polygon", "coordinates": [corners]},
        "properties": {"datetime": None, "start_datetime": f"{start}T00:00:00Z",
                       "end_datetime": f"{end}T23:59:59Z"},
        "assets": {key: {"href": f"{server.base}/{path}", "type": "image/tiff; application=geotiff"}
                   for key, path in assets.items()},
    }  # fmt: skip
    server.items.append(made)
    return made


def write_cog(path, values, transform, *, crs="EPSG:4326", nodata=None, size=None) -> Path:
    """A cloud-optimised GeoTIFF (tiles, overviews first) of one or several bands."""
    import rasterio
    from rasterio.shutil import copy

    values = np.asarray(values)
    values = values[None] if values.ndim == 2 else values
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_suffix(".plain.tif")
    profile = {"driver": "GTiff", "count": len(values), "dtype": values.dtype, "crs": crs,
               "height": values.shape[1], "width": values.shape[2], "transform": transform,
               "nodata": nodata}  # fmt: skip
    with rasterio.open(plain, "w", **profile) as file:
        file.write(values)
    copy(plain, path, driver="COG", blocksize=size or 128, compress="deflate")
    plain.unlink()
    return path


def catalogue_rows(folder, datasets, routes) -> Path:
    """The two tables of a team's own catalogue; missing columns are empty."""
    import csv

    from ldnkit import csvfiles

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("catalogue", datasets), ("catalogue_routes", routes)):
        columns = list(csvfiles.packaged(name).columns)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder
