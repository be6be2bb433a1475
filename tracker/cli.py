"""Commands of the ledger: ``flask …``."""

from __future__ import annotations

import secrets
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from tracker import jobs as background
from tracker.anthology import services as anthology
from tracker.demo import services as demo
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.workdays import services as workday_services

workdays = AppGroup("workdays", help="The working-day calendar.")


@workdays.command("load")
def load_workdays() -> None:
    """Bring in the packaged holidays and make-up workdays; may be run again at any time."""
    changed = workday_services.load_packaged(clock.now())
    db.session.commit()
    click.echo(f"calendar: {changed} days changed")


cases = AppGroup("cases", help="The library of cases.")


@cases.command("load")
def load_cases() -> None:
    """Bring the library up to the case files; broken ones are named and the rest loads."""
    report = anthology.load_folder(anthology.CASES, clock.now())
    db.session.commit()
    click.echo(f"cases: {len(report.loaded)} loaded, {len(report.unchanged)} unchanged")
    for problem in report.problems:
        click.echo(f"  refused: {problem}", err=True)
    if report.problems:
        raise SystemExit(1)


jobs = AppGroup("jobs", help="Background jobs: planning and sending reminders.")


@jobs.command("run")
def run_jobs() -> None:
    """Run all jobs at their intervals until the process is asked to end."""
    background.run(current_app._get_current_object())  # type: ignore[attr-defined]


@jobs.command("once")
@click.argument("name", type=click.Choice([job.name for job in background.JOBS]))
def run_job(name: str) -> None:
    """Run one job by hand."""
    job = background.named(name)
    assert job is not None
    result = background.once(current_app._get_current_object(), job)  # type: ignore[attr-defined]
    click.echo(f"{name}: {result}")


@click.command("demo")
def demo_command() -> None:
    """Fill an empty ledger with the demonstration and print one sign-in per role."""
    keep = Path(current_app.config["INSTANCE"]) / "demo_password"
    if not keep.exists():
        keep.touch(mode=0o600)
        keep.write_text(secrets.token_urlsafe(9), encoding="ascii")
    password = keep.read_text(encoding="ascii")
    made = demo.make(clock.now(), password)
    db.session.commit()
    click.echo("demonstration: made" if made else "demonstration: already there")
    for one in demo.sign_ins():
        click.echo(f"  {one.role.label:<12} {one.login:<12} {password}")


def register(app: Flask) -> None:
    """Attach the commands."""
    app.cli.add_command(workdays)
    app.cli.add_command(jobs)
    app.cli.add_command(cases)
    app.cli.add_command(demo_command)
