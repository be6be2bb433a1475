"""The floor: a bare Flask page of fifty rows, and a bare form with one durable commit.

Plain SQLAlchemy Core and Jinja; no session, no sign-in, no frame around the page. Every ledger
page is measured against the one, recording a ballot against the other.
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, redirect, render_template, request
from jinja2 import DictLoader
from werkzeug.wrappers import Response

from tracker.kernel.database import keep_sqlite_honest

ROWS = 50

CREATE = sa.text("CREATE TABLE IF NOT EXISTS floor_record (paper VARCHAR(40) NOT NULL)")
RECORD = sa.text("INSERT INTO floor_record (paper) VALUES (:paper)")

PAGE = """<!doctype html>
<html lang="zh-CN">
  <head><meta charset="utf-8"><title>Fifty rows</title></head>
  <body>
    <table>
      <thead><tr><th>Number</th><th>Title</th><th>State</th><th>Place</th><th>Begun</th></tr></thead>
      <tbody>
        {% for row in rows %}
          <tr>
            <td>{{ row.id }}</td>
            <td><a href="/{{ row.id }}">{{ row.title }}</a></td>
            <td>{{ row.state }}</td>
            <td>{{ row.place }}</td>
            <td>{{ row.started_on }}</td>
          </tr>
        {% endfor %}
      </tbody>
    </table>
  </body>
</html>
"""


def create_app() -> Flask:
    """The bare application on the database that ``DATABASE_URL`` names."""
    app = Flask("floor")
    app.jinja_loader = DictLoader({"rows.html": PAGE})
    engine = sa.create_engine(os.environ["DATABASE_URL"])
    # SQLite waits for the disk as the ledger has it wait; PostgreSQL does by itself.
    keep_sqlite_honest(engine)
    with engine.begin() as connection:
        connection.execute(CREATE)
    project = sa.table(
        "project",
        *(sa.column(name) for name in ("id", "title", "state", "place")),
        sa.column("started_on", sa.Date),
    )
    query = sa.select(project).order_by(project.c.id.desc()).limit(ROWS)

    @app.get("/")
    def rows() -> str:
        with engine.connect() as connection:
            return render_template("rows.html", rows=connection.execute(query).all())

    @app.post("/")
    def record() -> Response:
        with engine.begin() as connection:
            connection.execute(RECORD, {"paper": request.form["paper"]})
        return redirect("/", 303)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok\n"

    return app
