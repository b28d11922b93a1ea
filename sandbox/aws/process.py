"""The child process that serves moto: one loopback port, and a life no longer than its parent's.

Run as `python -m sandbox.aws.process`; the port is printed on the first line of standard output.
"""

import os
import sys
import threading


def _die_with_parent() -> None:
    # The parent holds the other end of our standard input: when it is gone, however it went,
    # reading returns and no orphan keeps the port.
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Serve moto on a free loopback port until standard input closes."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from sandbox.aws import completion

    completion.install()
    server = make_server(
        "127.0.0.1",
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
    os.environ["MOTO_PORT"] = str(server.port)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
