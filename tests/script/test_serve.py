"""The parent of web server and scheduler."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from script import serve


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment for a ledger of its own, on a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = os.environ["PATH"]
    return {"PATH": path, "INSTANCE": str(tmp_path), "PORT": str(port), "HOME": str(tmp_path)}


@pytest.fixture
def parent(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The server, once it has said where it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "script.serve"],
        env=environ,
        cwd=config.ROOT,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("(listening"):
            break
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate()


def children_of(process: subprocess.Popen[str]) -> list[int]:
    """The numbers of the processes that ``process`` started."""
    number = process.pid
    return [int(n) for n in Path(f"/proc/{number}/task/{number}/children").read_text().split()]


def running(number: int) -> bool:
    """Whether a process is alive, zombies not counted."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def status(environ: dict[str, str], path: str) -> int:
    """What the served ledger answers."""
    connection = http.client.HTTPConnection("127.0.0.1", int(environ["PORT"]), timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


def wait_until_gone(numbers: list[int]) -> list[int]:
    """The processes that are still there after a while; normally none."""
    for _ in range(100):
        numbers = [n for n in numbers if running(n)]
        if not numbers:
            break
        time.sleep(0.1)
    return numbers


def test_one_command_serves_and_one_signal_ends_it_all(environ, parent):
    assert status(environ, "/readyz") == 200
    assert status(environ, "/setup") == 200
    children = children_of(parent)
    assert len(children) == 2
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 0
    assert wait_until_gone(children) == []


def test_when_one_child_ends_the_other_is_stopped_and_it_is_an_error(parent):
    children = children_of(parent)
    os.kill(children[-1], signal.SIGKILL)
    assert parent.wait(30) == 1
    assert wait_until_gone(children) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "70000"),
        ("BASE_URL", "ledger.example"),
        ("BASE_URL", "http://[half"),
        ("MAIL_SECURITY", "some"),
        ("MAIL_FROM", "nobody"),
        ("DATABASE_URL", "mysql://root@localhost/ledger"),
        ("INSTANCE", "/proc/nowhere"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_starts(environ, name, value):
    ended = subprocess.run(
        [sys.executable, "-m", "script.serve"],
        env={
            **environ,
            "MAIL_HOST": "mail.example",
            "MAIL_FROM": "ledger@example.org",
            name: value,
        },
        cwd=config.ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"A setting is wrong. {name}")
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_said_with_a_way_out(environ):
    settings = config.load(environ)
    way_out = pytest.raises(serve.CannotServe, match=f"PORT={settings.port + 1} script/server")
    with socket.create_server(("127.0.0.1", settings.port)), way_out:
        serve.check_port(settings)
    serve.check_port(settings)


def test_a_database_that_does_not_answer_is_said_without_its_password(environ):
    address = "postgresql://ledger:secret@127.0.0.1:1/ledger"
    settings = config.load({**environ, "DATABASE_URL": address})
    with pytest.raises(serve.CannotServe, match="does not answer") as refused:
        serve.check_database(settings)
    assert "secret" not in str(refused.value)


def test_a_demonstration_never_touches_the_ledger_nor_sends_mail(environ):
    real = {**environ, "DATABASE_URL": "postgresql://real", "MAIL_HOST": "mail.example"}
    demo = config.load(serve.demo_environment(real))
    assert demo.instance == Path(environ["INSTANCE"]) / "demo"
    assert demo.database_url == f"sqlite:///{demo.instance / 'tracker.sqlite3'}"
    assert demo.mail_host == ""
