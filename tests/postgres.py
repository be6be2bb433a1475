"""A PostgreSQL server for the time of a test run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is missing: install PostgreSQL (script/test does it)")
    return found


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[str]:
    """Start a server in a temporary folder; yields its address, stops it afterwards.

    It forgets everything anyway, so it does not wait for the disk unless it is ``durable``.
    """
    root = Path(tempfile.mkdtemp(prefix="tracker-pg-"))
    prefix: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        users = {p.pw_name for p in pwd.getpwall()}
        user = "postgres" if "postgres" in users else "nobody"
        shutil.chown(root, user)
        # It stands in /usr/sbin, which a narrow PATH may leave out.
        runuser = shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        prefix = [runuser or "runuser", "-u", user, "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, cwd="/", stdout=subprocess.DEVNULL)

    data = str(root / "data")
    run(
        _program("initdb"), "-D", data, "-U", "tracker", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8", "-N",
    )  # fmt: skip
    options = f"-p {port} -k {root} -c listen_addresses=127.0.0.1"
    if not durable:
        options += " -c fsync=off"
    run(_program("pg_ctl"), "-D", data, "-w", "-l", str(root / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://tracker@127.0.0.1:{port}/postgres"
    finally:
        run(_program("pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)
