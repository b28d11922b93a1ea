"""Keep a job's lease while the job is being done, however long it takes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.store import SqliteStore
from core.ports import Job


@contextmanager
def kept(store: SqliteStore, job: Job, *, lease_s: float) -> Iterator[None]:
    """Extend the lease three times in its length until the block is left."""
    done = threading.Event()

    def extend() -> None:
        try:
            while not done.wait(lease_s / 3) and store.extend_job(job, lease_s=lease_s):
                pass
        finally:
            store.close()

    thread = threading.Thread(target=extend, name=f"lease-{job.kind}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
