"""A server over real sockets that notes when each request was complete, and misbehaves as it is told.

Started as a process of its own: `server.py MODE [CERTIFICATE]`. Prints its port; then answers each line on standard
input: `log` with what was received, `pending` with the octets of each request that is not yet complete.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.settings

LOG: list[dict[str, object]] = []
PENDING: dict[str, int] = {}
LOCK = threading.Lock()
TWO = threading.Semaphore(2)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


def main(mode: str, certificate: str | None) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if mode.startswith("h2"):
            context.set_alpn_protocols(["h2", "http/1.1"])
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(listener, mode, context), daemon=True).start()
    for line in sys.stdin:
        with LOCK:
            print(json.dumps(LOG if line.strip() == "log" else PENDING), flush=True)


def accept(listener: socket.socket, mode: str, context: ssl.SSLContext | None) -> None:
    number = 0
    while True:
        if mode == "two":
            TWO.acquire()
        stream, _ = listener.accept()
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        threading.Thread(target=connection, args=(stream, number, mode, context), daemon=True).start()


def connection(stream: socket.socket, number: int, mode: str, context: ssl.SSLContext | None) -> None:
    try:
        if context is not None:
            stream = context.wrap_socket(stream, server_side=True)
            if stream.selected_alpn_protocol() == "h2":
                multiplexed(stream, number, mode)
                return
        if mode != "close at once":
            while one(stream, number, mode):
                pass
    except EOFError as last:
        stream.sendall(last.args[0])
    except OSError:
        pass
    finally:
        stream.close()
        if mode == "two":
            TWO.release()


def one(stream: socket.socket, number: int, mode: str) -> bool:
    """Read a request and answer it; whether the connection goes on."""
    stream.settimeout(None)
    octets, size, before, now = b"", None, None, None
    while size is None or len(octets) < size:
        try:
            part = stream.recv(65_536)
        except TimeoutError:
            stream.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            with LOCK:
                PENDING[str(number)] = -1
            return False
        if not part:
            return False
        before, now = now, time.monotonic()
        octets += part
        if size is None and b"\r\n\r\n" in octets:
            head = octets.partition(b"\r\n\r\n")[0].decode("latin-1")
            size = len(head) + 4 + length(head)
        method = octets.partition(b" ")[0]
        if mode == "close parked" and method == b"POST":
            return False
        if mode == "answer early" and method == b"POST" and size is not None:
            stream.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            return False
        if mode == "impatient":
            stream.settimeout(0.2)
        with LOCK:
            PENDING[str(number)] = len(octets)
    with LOCK:
        PENDING.pop(str(number), None)
        place = sum(entry["method"] == method.decode() for entry in LOG)
        LOG.append(
            {
                "connection": number,
                "method": method.decode(),
                "head": head,
                "body": octets[len(head) + 4 :].decode("latin-1"),
                "before": before,
                "complete": now,
            }
        )
    return answered(stream, mode, method, place, octets[len(head) + 4 :])


def length(head: str) -> int:
    lengths = [
        line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")
    ]
    return int(lengths[0]) if lengths else 0


def answered(stream: socket.socket, mode: str, method: bytes, place: int, body: bytes) -> bool:
    content = json.dumps({"place": place, "got": body.decode("latin-1")}).encode()
    whole = ANSWER % (len(content), b"" if method == b"HEAD" else content)
    if mode == "HTTP/1.0":
        stream.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + content)
        return False
    if mode == "close":
        stream.sendall(whole.replace(b"200 OK\r\n", b"200 OK\r\nConnection: close\r\n"))
        return False
    if method == b"POST":
        if mode == "never":
            stream.recv(1)
            return False
        if mode == "stall":
            stream.sendall(whole[:-3])
            stream.recv(1)
            return False
        if mode == "reset half" and place % 2:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if mode == "throttle" and place >= 3:
            whole = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
        if mode == "throttle all but one" and place >= 1:
            whole = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        if mode == "not HTTP":
            whole = b"\x00\x01 what is this\r\n\r\n"
        if mode == "interim":
            whole = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + whole
    stream.sendall(whole)
    return True


def multiplexed(stream: ssl.SSLSocket, number: int, mode: str) -> None:
    if mode == "h2 refused":
        stream.recv(24)
        return
    http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    if mode == "h2 few":
        few = {h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 4}
        http.local_settings = h2.settings.Settings(client=False, initial_values=few)
    http.initiate_connection()
    stream.sendall(http.data_to_send())
    begun: dict[int, dict[str, object]] = {}
    while octets := stream.recv(65_536):
        now = time.monotonic()
        for event in http.receive_data(octets):
            if isinstance(event, h2.events.RequestReceived):
                fields = {name.decode(): value.decode() for name, value in event.headers}
                begun[event.stream_id] = {
                    "connection": number,
                    "stream": event.stream_id,
                    "method": fields[":method"],
                    "fields": fields,
                    "body": "",
                    "ended_with_headers": event.stream_ended is not None,
                }
            elif isinstance(event, h2.events.DataReceived):
                request = begun[event.stream_id]
                request["body"] = str(request["body"]) + event.data.decode("latin-1")
                http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                finished(http, mode, begun.pop(event.stream_id), now)
        with LOCK:
            PENDING.clear()
            PENDING.update({str(stream): len(str(request["body"])) for stream, request in begun.items()})
        stream.sendall(http.data_to_send())
    with LOCK:
        PENDING.clear()


def finished(http: h2.connection.H2Connection, mode: str, request: dict[str, object], now: float) -> None:
    with LOCK:
        place = sum(entry["method"] == request["method"] for entry in LOG)
        LOG.append({**request, "complete": now})
    number = request["stream"]
    if request["method"] == "POST" and place % 2 and mode == "h2 reset half":
        http.reset_stream(number, error_code=2)
        return
    if request["method"] == "POST" and mode == "h2 goaway":
        if place == 1:
            http.close_connection(error_code=11, last_stream_id=0)
            raise EOFError(http.data_to_send())
        return
    if request["method"] == "POST" and mode == "h2 never":
        return
    content = json.dumps({"place": place, "got": str(request["body"])[:1000]}).encode()
    http.send_headers(number, [(":status", "200"), ("content-type", "application/json")])
    http.send_data(number, content, end_stream=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
