"""The ticking: jobs by hand, a real process, and a wall clock that is set back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from tests.factories import people, places, projects
from tests.factories.mail import MailBox, free_port, smtp_server
from tracker import jobs
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.clock import at_local
from tracker.kernel.database import db
from tracker.notifications.models import Delivery, Heartbeat, InboxItem
from tracker.notifications.rules import DeliveryState
from tracker.projects.rules import StageState

ROOT = Path(__file__).resolve().parent.parent
SEVEN_DAYS_BEFORE = at_local(date(2026, 3, 4), clock_time(9, 30))


@pytest.fixture
def stage_id(app) -> int:
    """A stage that ends on 2026-03-13, led by somebody with an address."""
    with app.app_context():
        lead = people.user(email="wang@example.org")
        made = projects.project(lead, places.compound(lead.committee), at=StageKind.COLLECT)
        db.session.commit()
        return made.stages[0].id


def test_each_job_may_run_late_but_never_twice_at_once(app):
    scheduler = jobs.scheduler_for(app)
    for job in scheduler.get_jobs():
        assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    assert {job.id for job in scheduler.get_jobs()} == {"plan", "dispatch"}


def test_a_job_is_run_by_hand_and_leaves_its_heartbeat(app, stage_id):
    runner = app.test_cli_runner()
    with time_machine.travel(SEVEN_DAYS_BEFORE, tick=False):
        assert runner.invoke(args=["jobs", "once", "plan"]).output == "plan: 1\n"
        assert runner.invoke(args=["jobs", "once", "plan"]).output == "plan: 0\n"
        assert runner.invoke(args=["jobs", "once", "dispatch"]).exit_code == 0
    assert runner.invoke(args=["jobs", "once", "nonsense"]).exit_code == 2
    with app.app_context():
        beats = db.session.execute(sa.select(Heartbeat.job, Heartbeat.at)).all()
        assert {row.job: row.at for row in beats} == {
            "plan": SEVEN_DAYS_BEFORE,
            "dispatch": SEVEN_DAYS_BEFORE,
        }


def test_from_deadline_to_mailbox_with_the_server_down_at_first(app, stage_id):
    port = free_port()
    app.config.update(MAIL_HOST="127.0.0.1", MAIL_PORT=port, MAIL_FROM="ledger@example.org")
    plan, dispatch = jobs.JOBS
    with time_machine.travel(SEVEN_DAYS_BEFORE, tick=False) as clock:
        jobs.once(app, plan)
        assert jobs.once(app, dispatch).postponed == 1
        with smtp_server(MailBox(), port) as box:
            clock.shift(timedelta(minutes=1))
            assert jobs.once(app, dispatch).sent == 1
            assert jobs.once(app, dispatch).sent == 0
    assert [letter["To"] for letter in box.letters] == ["wang@example.org"]
    assert "还剩 7 个工作日" in box.letters[0]["Subject"]


def test_a_stage_completed_while_its_letter_waits_sends_nothing(app, stage_id):
    app.config.update(MAIL_HOST="127.0.0.1", MAIL_FROM="ledger@example.org")
    plan, dispatch = jobs.JOBS
    with time_machine.travel(SEVEN_DAYS_BEFORE, tick=False), smtp_server(MailBox()) as box:
        app.config["MAIL_PORT"] = box.port
        jobs.once(app, plan)
        with app.app_context():
            stage = db.session.scalars(
                sa.select(projects.Stage).where(projects.Stage.id == stage_id)
            ).one()
            stage.state, stage.actual_end = StageState.DONE, date(2026, 3, 4)
            db.session.commit()
        assert jobs.once(app, dispatch).dropped == 1
    assert box.letters == []
    with app.app_context():
        assert db.session.scalars(sa.select(Delivery.state)).one() is DeliveryState.DROPPED


def test_a_refused_letter_is_told_in_the_inbox(app, stage_id):
    box = MailBox()
    box.refuse_recipient["wang@example.org"] = "550 5.1.1 User unknown"
    plan, dispatch = jobs.JOBS
    with time_machine.travel(SEVEN_DAYS_BEFORE, tick=False), smtp_server(box):
        app.config.update(MAIL_HOST="127.0.0.1", MAIL_PORT=box.port, MAIL_FROM="l@example.org")
        jobs.once(app, plan)
        assert jobs.once(app, dispatch).dead == 1
    with app.app_context():
        item = db.session.scalars(sa.select(InboxItem).order_by(InboxItem.id.desc())).first()
        assert item.subject.startswith("邮件没有送达")
        assert "550 5.1.1 User unknown" in item.body


def test_ticks_go_on_when_the_wall_clock_is_set_back(app, monkeypatch):
    ticks: list[datetime] = []
    monkeypatch.setattr(jobs, "JOBS", (jobs.Job("tick", lambda: ticks.append(1), 1),))
    jobs.stopping.clear()
    with time_machine.travel(datetime(2026, 3, 4, 1, tzinfo=UTC)) as clock:
        scheduler = jobs.scheduler_for(app)
        watcher = threading.Thread(target=jobs.watch, args=(scheduler, 0.2))
        runner = threading.Thread(target=scheduler.start)
        runner.start()
        watcher.start()
        try:
            assert _until(lambda: len(ticks) >= 2)
            clock.shift(-3600)
            before = len(ticks)
            assert _until(lambda: len(ticks) >= before + 2)
        finally:
            jobs.stopping.set()
            watcher.join()
            runner.join()
            jobs.stopping.clear()


def _until(condition, seconds: float = 10) -> bool:
    give_up = time.monotonic() + seconds
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.05)
    return condition()


def test_the_process_ticks_at_once_and_ends_cleanly_when_asked(app, tmp_path):
    environment = {
        **os.environ,
        "INSTANCE": str(tmp_path),
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "SECRET_KEY": "for tests only" * 4,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)

    def has_ticked() -> bool:
        with app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).select_from(Heartbeat)) == 2

    try:
        assert _until(has_ticked, 30)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, errors.decode()
    assert b"Traceback" not in errors


# What every page says about it

STALE = "提醒服务没有在运行"


def test_a_stale_heartbeat_is_said_to_everyone(app, browse):
    with app.app_context():
        browser = browse(people.user(Role.PARTNER))
        db.session.commit()
    assert STALE in browser.get("/me")
    jobs.once(app, jobs.JOBS[0])
    assert STALE not in browser.get("/me")
    with app.app_context():
        db.session.execute(sa.update(Heartbeat).values(at=datetime.now(UTC) - timedelta(121)))
        db.session.commit()
    assert STALE in browser.get("/me")


def test_a_year_that_is_not_announced_is_said_to_whoever_keeps_the_calendar(app, browse):
    with app.app_context():
        director = people.user(Role.OFFICER)
        worker = people.user(of=people.committee("国年居委会"))
        made = projects.project(worker, places.compound(worker.committee), at=StageKind.COLLECT)
        made.stages[-1].planned_end = date(2041, 1, 15)
        db.session.commit()
    with time_machine.travel(datetime(2040, 11, 23, tzinfo=UTC)):
        with app.app_context():  # a session begun in 2026 would have ended long ago
            boss, other = browse(db.session.merge(director)), browse(db.session.merge(worker))
        assert "2040—2041 年的放假安排还没有导入" in boss.get("/me")
        assert "放假安排还没有导入" not in other.get("/me")
        boss.post("/workdays/import", lines="2040-12-31 放假 元旦\n2041-01-01 放假 元旦")
        assert "放假安排还没有导入" not in boss.get("/me")
