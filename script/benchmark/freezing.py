"""``script/bench freezing``: a roll of ten thousand units beside the bare copy of the same rows."""

from __future__ import annotations

import gc
from datetime import timedelta

import sqlalchemy as sa

import config
from script.benchmark import ratios, votes
from script.benchmark.databases import Database
from script.benchmark.ratios import Line, Pair, seconds
from tests.factories.people import NOW
from tracker import create_app
from tracker.kernel.database import db
from tracker.votes import course_services
from tracker.votes.models import Vote

UNITS = 10_000

ENTRIES = sa.text(
    """
    INSERT INTO roll_entry
        (committee_id, vote_id, serial, person_code, name, area, building_id, delivered)
    SELECT min(unit.committee_id), :vote,
           row_number() OVER (ORDER BY min(building.position), min(unit.id)),
           'p' || unit.voting_person_id, min(person.name),
           CASE WHEN count(unit.area) = count(*) THEN sum(unit.area) END,
           min(unit.building_id), 1 = 0
    FROM unit
    JOIN building ON building.id = unit.building_id
    JOIN voting_person AS person ON person.id = unit.voting_person_id
    WHERE unit.compound_id = :compound
    GROUP BY unit.voting_person_id
    """
)
ROOMS = sa.text(
    """
    INSERT INTO roll_unit
        (committee_id, vote_id, roll_entry_id, unit_id, label, area, area_source)
    SELECT unit.committee_id, :vote, entry.id, unit.id,
           building.number || '号楼' || unit.room || '室', unit.area, unit.area_source
    FROM unit
    JOIN building ON building.id = unit.building_id
    JOIN roll_entry AS entry
        ON entry.vote_id = :vote AND entry.person_code = 'p' || unit.voting_person_id
    WHERE unit.compound_id = :compound
    """
)
"""The bare copy: the same rows from the same tables into the same tables, in SQL alone."""


def speed(database: Database, rounds: int, command: str) -> Line:
    """The second person's approval, and the copy into a draft beside it, each with its commit."""
    pair = Pair()
    with database.empty("freezing") as (url, folder):
        environ = {"DATABASE_URL": url, "INSTANCE": str(folder), "SECRET_KEY": config.ROOT.name * 9}
        with create_app(config.load(environ)).app_context():
            db.create_all()
            print(f"{database.name}: writing {UNITS:,} units", flush=True)
            place = votes.place(UNITS, 2)
            for turn in range(rounds + 1):
                bare, ledger = _turn(place)
                if turn:
                    pair.bare.append(bare)
                    pair.ledger.append(ledger)
            db.session.remove()
            db.engine.dispose()
    return ratios.of_times(f"freezing a roll of {UNITS:,} units", database.name, pair, 5, command)


def _turn(place: votes.Place) -> tuple[float, float]:
    """Seconds of the copy and of the freezing, of two drafts of one round."""
    scene, times = place.scene, (NOW + timedelta(hours=1), NOW + timedelta(days=3))
    copied = place.draft(*times).id
    _cancel(copied)
    drafted = place.draft(*times)
    place.propose(drafted)
    vote_id, compound = drafted.id, scene.project.compound_id
    votes.settled()
    director = scene.director
    assert director.id
    # As the web server does before it serves (wsgi.py): what was loaded is not looked at again.
    gc.collect()
    gc.freeze()

    def freeze() -> None:
        course_services.approve_freeze(director, NOW, vote_id)
        db.session.commit()

    def copy() -> None:
        with db.engine.begin() as connection:
            connection.execute(ENTRIES, {"vote": copied, "compound": compound})
            connection.execute(ROOMS, {"vote": copied, "compound": compound})

    ledger = seconds(freeze)
    db.session.rollback()
    bare = seconds(copy)
    _cancel(vote_id)
    return bare, ledger


def _cancel(vote_id: int) -> None:
    """Make room for the next draft of the round."""
    db.session.execute(
        sa.update(Vote).where(Vote.id == vote_id).values(state="cancelled", cancel_reason="测速")
    )
    db.session.commit()
