"""Web servers for the time of a measurement, all with the same settings."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import config

START_SECONDS = 60


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(application: str, environ: Mapping[str, str], *, workers: int = 1) -> Iterator[int]:
    """Serve a WSGI application by gunicorn, each worker with four threads; yields its port.

    ``environ`` is added to the environment. Raises RuntimeError when it does not answer.
    """
    port = free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", application),
        *("--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", "4"),
        # A visitor may think longer than gunicorn's two seconds before the next request.
        *("--keep-alive", "60", "--no-control-socket", "--log-level", "warning"),
    ]
    process = subprocess.Popen(command, env={**os.environ, **environ}, cwd=config.ROOT)
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    latest = time.monotonic() + START_SECONDS
    while time.monotonic() < latest and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("a web server of the benchmark did not start; see above")
