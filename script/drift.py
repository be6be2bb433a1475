"""Do the migrations lead from nothing to the models, on SQLite and on PostgreSQL?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.postgres import running_server


def check(database: str, url: str, instance: str) -> None:
    """Migrate the empty database at ``url``, then compare it with the models.

    Raises subprocess.CalledProcessError when a migration fails or something differs.
    """
    environ = {**os.environ, "FLASK_APP": "wsgi", "DATABASE_URL": url, "INSTANCE": instance}
    for command in ("upgrade", "check"):
        print(f"{database}: flask db {command}", flush=True)
        flask = [sys.executable, "-m", "flask", "db", command]
        subprocess.run(flask, check=True, env=environ)


def main() -> int:
    """Check both databases; returns the exit code."""
    with tempfile.TemporaryDirectory() as instance:
        try:
            check("SQLite", f"sqlite:///{instance}/drift.sqlite3", instance)
            with running_server() as url:
                check("PostgreSQL", url, instance)
        except subprocess.CalledProcessError as failure:
            return failure.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
