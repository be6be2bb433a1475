"""Serve the ledger: bring the database up to date, then run web server and scheduler.

One parent keeps both: it stops them together on SIGTERM, SIGINT or SIGHUP, and when one
of them ends by itself it stops the other and exits with an error, so that whatever
supervises this process can start it anew.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

import config

PREPARATIONS = (
    ("db", "upgrade"),
    ("cases", "load"),
    ("workdays", "load"),
)
"""The flask commands that run before the ledger is served, in this order."""

LOOK_SECONDS = 0.2
"""How often the parent looks at its children."""

STOP_SECONDS = 35
"""How long a child may take to finish what it is doing; gunicorn gives a request 30."""


class CannotServe(Exception):  # noqa: N818 - said to the person at the terminal
    """Something stands in the way; the message says what to do about it."""


class Stop(Exception):  # noqa: N818
    """A signal asked this process to end."""


def flask(*command: str) -> list[str]:
    """The command line of a flask command."""
    return [sys.executable, "-m", "flask", *command]


def gunicorn(settings: config.Settings) -> list[str]:
    """The command line of the web server."""
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app"),
        *("--bind", address(settings)),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        # gunicorn 27 would otherwise write a socket under the home folder.
        "--no-control-socket",
        *("--log-level", "warning"),
    ]


def address(settings: config.Settings) -> str:
    """Host and port as gunicorn and browsers write them."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def demo_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a demonstration: its own folder and database, and no mail."""
    instance = Path(environ.get("INSTANCE", config.ROOT / "instance")) / "demo"
    kept = {k: v for k, v in environ.items() if k not in ("DATABASE_URL", "MAIL_HOST")}
    return {**kept, "INSTANCE": str(instance)}


def check_port(settings: config.Settings) -> None:
    """Raise CannotServe when the address cannot be listened on."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As gunicorn does: connections of a server that just ended do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        raise CannotServe(
            f"Cannot listen on {address(settings)}: {error.strerror}.\n"
            "HOST and PORT choose another address, for example: "
            f"PORT={settings.port % 65535 + 1} script/server"
        ) from error


def check_database(settings: config.Settings) -> None:
    """Raise CannotServe when the database does not answer."""
    url = sa.make_url(settings.database_url)
    engine = sa.create_engine(url)
    try:
        engine.connect().close()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip()
        raise CannotServe(f"DATABASE_URL={url}: the database does not answer.\n{reason}") from error
    finally:
        engine.dispose()


def run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run a command to its end; raises CannotServe when it fails."""
    ended = subprocess.run(command, env=environ, cwd=config.ROOT)
    if ended.returncode != 0:
        shown = " ".join(command[2:])
        raise CannotServe(f"'{shown}' failed (exit code {ended.returncode}); see above.")


def start(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child in a group of its own, so that Ctrl-C reaches only the parent."""
    return subprocess.Popen(command, env=environ, cwd=config.ROOT, process_group=0)


def answers(settings: config.Settings) -> bool:
    """Whether the web server answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(children: Mapping[str, subprocess.Popen[bytes]], settings: config.Settings) -> None:
    """Say when the server is there, and look after the children.

    Raises CannotServe when one ends by itself, and Stop when a signal asks for the end.
    """
    announced = False
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                raise CannotServe(f"The {name} ended by itself (exit code {child.returncode}).")
        if not announced and answers(settings):
            announced = True
            print(f"The ledger is at {settings.base_url}/", flush=True)
            print(f"(listening on {address(settings)}; Ctrl-C stops it)", flush=True)
        time.sleep(LOOK_SECONDS)


def stop(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """End all children, politely first."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    latest = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.0, latest - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def end_on_signals() -> None:
    """Turn the signals that end a process into the exception Stop, once."""

    def asked(_number: int, _frame: object) -> None:
        ignore_signals()
        raise Stop

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, asked)


def ignore_signals() -> None:
    """A second signal must not interrupt the ending of the children."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def serve(environ: Mapping[str, str], *, demo: bool) -> None:
    """Prepare the database and serve until a signal or a child's end.

    Raises config.SettingsError, CannotServe or Stop.
    """
    environ = {**(demo_environment(environ) if demo else environ), "FLASK_APP": "wsgi"}
    settings = config.load(environ)
    check_port(settings)
    check_database(settings)
    for command in PREPARATIONS:
        run(flask(*command), environ)
    if demo:
        run(flask("demo"), environ)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        children["web server"] = start(gunicorn(settings), environ)
        children["scheduler"] = start(flask("jobs", "run"), environ)
        watch(children, settings)
    finally:
        ignore_signals()
        stop(children)


def main() -> int:
    """Serve, and return the exit code: 0 when asked to end, 1 for a failure, 2 for a setting."""
    parser = argparse.ArgumentParser(prog="script/server", description="Serve the ledger.")
    parser.add_argument("--demo", action="store_true", help="serve a demonstration, kept apart")
    demo = parser.parse_args().demo
    end_on_signals()
    try:
        serve(os.environ, demo=demo)
    except Stop:
        print("Stopped.")
        return 0
    except config.SettingsError as error:
        print(f"A setting is wrong. {error}", file=sys.stderr)
        return 2
    except CannotServe as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
