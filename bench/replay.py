"""The floor under a scan: its own requests sent again by a client that does nothing else.

What a scan waits for is mostly the endpoint. This records every request of one scan as bytes, then
sends the same bytes over plain sockets, a few at a time, and throws the answers away. No client of
the same endpoint can be faster with the same questions.
"""

import queue
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit


def record(session: Any, requests: list[bytes]) -> None:
    """Keep the bytes of every request that clients of this boto3 session send from now on."""

    def keep(request: Any, **_: Any) -> None:
        requests.append(_wire_bytes(request))

    session.events.register("before-send", keep)


def _wire_bytes(request: Any) -> bytes:
    url = urlsplit(request.url)
    path = url.path + (f"?{url.query}" if url.query else "")
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    lines = [f"{request.method} {path} HTTP/1.1", f"Host: {url.netloc}"]
    for name, value in request.headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        lines.append(f"{name}: {text}")
    if body and "Content-Length" not in request.headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body


def replay(endpoint: str, requests: Sequence[bytes], *, senders: int) -> float:
    """Send the requests again, `senders` at a time, and return the seconds it took."""
    todo: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for each in requests:
        todo.put(each)
    address = urlsplit(endpoint)
    threads = [
        threading.Thread(
            target=_send_all, args=(todo, (address.hostname or "", address.port or 80))
        )
        for _ in range(senders)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def _send_all(todo: "queue.SimpleQueue[bytes]", address: tuple[str, int]) -> None:
    while True:
        try:
            request = todo.get_nowait()
        except queue.Empty:
            return
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(request)
            _read_answer(connection)


def _read_answer(connection: socket.socket) -> None:
    """Read one answer and no further: moto waits 10 ms for a client that waits for its close."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    sizes = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    left = (sizes[0] if sizes else 0) - len(body)
    while left > 0:
        left -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(1 << 16)
    if not chunk:
        raise ConnectionError("the endpoint closed the connection in the middle of an answer")
    return chunk
