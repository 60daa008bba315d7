"""Memory of a run of the suite FILE with a large file, compared with a small one: python benchmarks/files.py [MIB]

Goal: a file of 100 MiB costs less than 50 MB. A file is downloaded whole, in ranges and in pieces, and one beyond the
maximum is uploaded to a server that reads all of it before it refuses it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = bytes(range(256)) * 256


class Store(BaseHTTPRequestHandler):
    """A large file with ranges, and small files by PUT."""

    protocol_version = "HTTP/1.1"
    size = 0
    most = 0
    files: dict[str, bytes] = {}

    def log_message(self, *given: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path in self.files:
            self.answer(200, self.files[self.path])
        elif self.path == "/large.bin":
            self.large()
        else:
            self.answer(404)

    def large(self) -> None:
        first, last, status = 0, self.size - 1, 200
        asked = self.headers.get("range", "")
        if asked.startswith("bytes=") and "," not in asked and self.headers.get("if-range", '"a"') == '"a"':
            begin, _, end = asked.removeprefix("bytes=").partition("-")
            status = 206
            first = int(begin) if begin else self.size - int(end)
            last = min(int(end), self.size - 1) if begin and end else self.size - 1
        if first >= self.size:
            self.answer(416, b"", {"Content-Range": f"bytes */{self.size}"})
            return
        self.send_response(status)
        self.send_header("ETag", '"a"')
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{last}/{self.size}")
        self.end_headers()
        while first <= last:
            start = first % len(BLOCK)
            piece = BLOCK[start : start + last - first + 1]
            try:
                self.wfile.write(piece)
            except OSError:
                self.close_connection = True
                return
            first += len(piece)

    def do_PUT(self) -> None:
        if "content-length" not in self.headers:
            self.close_connection = True
            self.answer(411)
            return
        left, kept = int(self.headers["content-length"]), b""
        size = left
        while left:
            piece = self.rfile.read(min(left, 65_536))
            left -= len(piece)
            kept = kept + piece if size <= self.most and size < 2_000_000 else b""
        if size > self.most:
            self.answer(413)
            return
        self.files[self.path] = kept
        self.answer(201)

    def do_DELETE(self) -> None:
        self.answer(204 if self.files.pop(self.path, None) is not None else 404)

    def answer(self, status: int, content: bytes = b"", fields: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(size: int) -> Iterator[str]:
    class Sized(Store):
        most = size
        files: dict[str, bytes] = {}

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            # Connections are cut on purpose.
            pass

    Sized.size = size
    server = Quiet(("127.0.0.1", 0), Sized)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def measured(size: int) -> tuple[float, float, str]:
    """Peak memory in MB, seconds and the last line of a run with a file of so many bytes."""
    with serving(size) as url, tempfile.TemporaryDirectory() as folder:
        Path(folder, "conformance.toml").write_text(
            "openapi = false\n[files]\nsamples = ['/large.bin']\nupload = 'PUT /{name}'\n"
            + f"max_bytes = {size}\n"
        )
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--target-url", url]
        started = time.monotonic()
        with open(Path(folder, "out"), "w") as out:
            run = subprocess.Popen(
                [*command, str(ROOT / "suites" / "files")],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=out,
                stderr=out,
            )
            _, _, usage = os.wait4(run.pid, 0)
        last = Path(folder, "out").read_text().strip().splitlines()[-1]
        return usage.ru_maxrss / 1024, time.monotonic() - started, last


def main() -> None:
    large = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    small = measured(1024 * 1024)
    big = measured(large * 1024 * 1024)
    for size, (memory, seconds, last) in ((1, small), (large, big)):
        print(f"{size:5} MiB: {memory:6.1f} MB at most, {seconds:5.1f} s; {last}")
    print(f"a file of {large} MiB costs {big[0] - small[0]:.1f} MB")


if __name__ == "__main__":
    main()
