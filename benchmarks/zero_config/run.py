"""What is found of small servers of many frameworks, given nothing but their base URL. Not run in CI.

Each script in `python/` and `node/` is one server: a few items in memory, by the usual means of its framework, written
without regard to the harness. Each takes its port as its only argument.

    python -m venv /tmp/zero && /tmp/zero/bin/pip install -r benchmarks/zero_config/python/requirements.txt
    npm install --prefix benchmarks/zero_config/node
    python benchmarks/zero_config/run.py [--python /tmp/zero/bin/python] [--port 44100] [--survey-only] [NAME ...]

Prints a row for each server: resources found, rules verified, failed and warned, possible leftovers, tracebacks.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
OPTIONS = {"restify_stock": ["--resource", "PUT /stock/{warehouse}/{article}"]}
"""Options for servers that nothing describes."""


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(script: Path, command: list[str], port: int, *, survey_only: bool) -> str:
    """The row of one server."""
    server = subprocess.Popen(
        [*command, str(script), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while not listening(port):
            if server.poll() is not None or time.monotonic() > deadline:
                return f"| {script.stem} | did not start |"
            time.sleep(0.1)
        with tempfile.TemporaryDirectory() as folder:
            url = f"http://127.0.0.1:{port}"
            if survey_only:
                return surveyed(script.stem, url)
            arguments = ["--target-url", url, *OPTIONS.get(script.stem, []), "--report-dir", folder]
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", *arguments],
                capture_output=True,
                text=True,
                check=False,
            )
            return row(script.stem, done, Path(folder, "conformance.json"))
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            # Some frameworks handle only an interrupt from a terminal.
            server.kill()
            server.wait()


def surveyed(name: str, url: str) -> str:
    """What `--survey-only` prints, below the name of the server."""
    options = ["--survey-only", "--target-url", url, *OPTIONS.get(name, [])]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options], capture_output=True, text=True, check=False
    )
    return f"## {name}: exit {done.returncode}\n{done.stdout}{done.stderr}"


def row(name: str, done: subprocess.CompletedProcess[str], file: Path) -> str:
    trouble = "yes" if "Traceback" in done.stdout + done.stderr or "INTERNALERROR" in done.stdout else "no"
    if not file.exists():
        lines = (done.stderr + done.stdout).strip().splitlines()
        return f"| {name} | exit {done.returncode}: {lines[-1] if lines else ''} |"
    report = json.loads(file.read_text())
    resources = report["profile"]["resources"]
    shown = "; ".join(f"{one['collection']} ({' '.join(able(one))})" for one in resources)
    counts = ", ".join(
        f"{count} {verdict}" for verdict, count in report["summary"]["counts"].items() if count
    )
    codes = sorted({f"{one['rule']}" for one in report["findings"] if one["verdict"] == "fail"})
    left = len(report["leftovers"])
    verified = report["summary"]["verified"]
    return f"| {name} | {shown} | {verified} | {' '.join(codes)} | {counts} | {left} | {trouble} |"


def able(resource: dict) -> list[str]:
    """What a resource was found to do, of what a reader looks for first."""
    seen = {"declared", "detected"}
    names = ("list", "create", "read", "replace", "update", "delete", "pages", "etag", "unique")
    return [name for name in names if resource["capabilities"].get(name, {}).get("state") in seen]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--python", default=sys.executable)
    options.add_argument("--port", type=int, default=44100)
    options.add_argument("--survey-only", action="store_true")
    options.add_argument("names", nargs="*")
    given = options.parse_args()
    scripts = [*sorted(HERE.glob("python/*.py")), *sorted(HERE.glob("node/*.mjs"))]
    for number, script in enumerate(one for one in scripts if not given.names or one.stem in given.names):
        command = ["node"] if script.suffix == ".mjs" else [given.python]
        port = given.port + number
        print(run(script, command, port, survey_only=given.survey_only), flush=True)


if __name__ == "__main__":
    main()
