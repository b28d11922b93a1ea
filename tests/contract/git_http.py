"""Git over HTTP on loopback, with a password, by Git's own server (git http-backend)."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from remediation.git_store import GitStore


def answer(
    store: GitStore,
    request: BaseHTTPRequestHandler,
    body: bytes,
    *,
    user: str,
    secret: str,
    root: str,
) -> tuple[int, str, bytes]:
    """Answer one call about the bare repository that is served under `root`/name.git."""
    expected = base64.b64encode(f"{user}:{secret}".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {expected}":
        return 401, "text/plain", b"no"
    parts = urlsplit(request.path)
    env = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(store.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": parts.path.removeprefix(root),
        "QUERY_STRING": parts.query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "HTTP_GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": user,
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=env, capture_output=True, check=False
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.get("Status", "200").split(" ")[0])
    return status, headers.get("Content-Type", "text/plain"), content


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port of loopback; give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
