"""Loading case files: each is whole and consistent, or refused with file, key and reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import yaml
from pydantic import ValidationError

from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import Case
from tracker.kernel.database import db

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Problem:
    """Why a file was refused; ``key`` is the path inside it, such as ``stages.2.gate.0``."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}"


@dataclass
class LoadReport:
    """What became of the files of a folder."""

    loaded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_case(path: Path) -> Case | list[Problem]:
    """A case from its file, or everything that is wrong with it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f"line {line + 1}" if line is not None else "file"
        return [Problem(path.name, where, f"not readable as YAML: {_first_line(error)}")]
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        return [
            Problem(path.name, ".".join(map(str, e["loc"])) or "file", e["msg"])
            for e in error.errors()
        ]


def _first_line(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0]


def load_folder(folder: Path, now: datetime) -> LoadReport:
    """Bring the library up to the files of ``folder``; broken files leave the rest alone."""
    report = LoadReport()
    numbers: dict[int, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        case = read_case(path)
        if isinstance(case, list):
            report.problems += case
        elif case.number in numbers:
            taken = f"number {case.number} is taken by {numbers[case.number]}"
            report.problems.append(Problem(path.name, "number", taken))
        else:
            numbers[case.number] = path.name
            changed = _store(case, path, now)
            (report.loaded if changed else report.unchanged).append(path.name)
    return report


def _store(case: Case, path: Path, now: datetime) -> bool:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    row = db.session.scalar(sa.select(CaseTemplate).where(CaseTemplate.number == case.number))
    if row is not None and row.digest == digest:
        return False
    if row is None:
        row = CaseTemplate(number=case.number)
        db.session.add(row)
    row.slug, row.digest, row.loaded_at = case.slug, digest, now
    row.data = case.model_dump(mode="json")
    db.session.flush()
    return True
