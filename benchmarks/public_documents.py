"""What the survey and the rules of URL and VERS take on real OpenAPI documents. Not run in CI.

A stub on a loopback address answers every GET alike; each document is given with `--openapi`, and as the baseline that
it is compared with. A run is one process; a crash is an error of the harness, or no report.

    python benchmarks/public_documents.py FILE ...

Goals: no crash, at most 30 s and 500 MB for each, up to 10 MB of document. On a machine that does other work, too, the
seconds of processor time count: the stub answers at once.
"""

from __future__ import annotations

import json
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

sys.path.insert(0, str(Path(__file__).parents[1]))

SECONDS, MEGABYTES = 30, 500
NOTHING = "no resource to test was found"
"""The one line of a run on a document without collections."""
SELECTED = "rule(suite='URL') or rule(suite='VERS')"


class Stub(BaseHTTPRequestHandler):
    """Every GET is answered with an empty list, everything else with 404."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = b"[]" if self.command == "GET" else b""
        self.send_response(200 if self.command in ("GET", "HEAD") else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def stub() -> Iterator[str]:
    """The stub's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def measure(url: str, file: Path) -> tuple[float, float, float, str]:
    """Seconds, seconds of processor time, megabytes and the outcome in words of a run with one document."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "conformance.toml").write_text(f"[versions]\nbaseline_schema = {json.dumps(str(file))}\n")
        command = [sys.executable, "-m", "pytest", "-q", "--target-url", url, "--openapi", str(file)]
        command += ["--effects", "read", "-m", SELECTED, "-p", "no:cacheprovider"]
        started = time.perf_counter()
        with Path(name, "log").open("w") as log:
            process = subprocess.Popen(command, cwd=name, stdout=log, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
        seconds, busy = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss / 1024
        report = Path(name, "reports", "conformance.json")
        if not report.is_file():
            last = Path(name, "log").read_text().strip().splitlines()
            code = os.waitstatus_to_exitcode(status)
            return seconds, busy, memory, f"exit code {code}: {last[-1][:120] if last else ''}"
        made = json.loads(report.read_text())
        counts = {verdict: count for verdict, count in made["summary"]["counts"].items() if count}
        broken = sorted({one["rule"] for one in made["findings"] if one["verdict"] in ("fail", "warn")})
        errors = [one["rule"] for one in made["findings"] if one["verdict"] == "error"]
        text = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        shown = f"{made['target']['requests']} requests; {text}"
        shown += f"; broken: {', '.join(broken)}" if broken else ""
        return seconds, busy, memory, f"{shown}; CRASHED: {errors}" if errors else shown


def main(files: list[str]) -> int:
    """Measure each file; 1 if a goal was missed."""
    missed = 0
    with stub() as url:
        for file in (Path(one).resolve() for one in files):
            seconds, busy, memory, outcome = measure(url, file)
            crashed = "CRASHED" in outcome or ("exit code" in outcome and NOTHING not in outcome)
            bad = busy > SECONDS or memory > MEGABYTES or crashed
            missed += bad
            size = file.stat().st_size / 1_000_000
            took = f"{seconds:.1f} s ({busy:.1f} s busy), {memory:.0f} MB"
            print(f"{'MISSED ' if bad else ''}{file.name}: {size:.2f} MB, {took}; {outcome}", flush=True)
    print(f"{len(files)} documents, {missed} missed a goal")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
