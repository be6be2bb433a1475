"""The arithmetic of the benchmark, and its table; nothing here measures."""

from __future__ import annotations

import pytest

from script.benchmark import ratios, report
from script.benchmark.client import Reading


@pytest.mark.parametrize(
    ("waits", "p95"),
    [
        ([0.5], 0.5),
        (range(1, 20), 19),  # nineteen of nineteen: 18.05 rounded up
        (range(1, 21), 19),
        (range(1, 101), 95),
        (range(100, 0, -1), 95),
    ],
)
def test_p95_is_the_wait_that_nineteen_of_twenty_stay_within(waits, p95):
    assert Reading([float(w) for w in waits], 1.0).p95 == p95


def test_turns_of_the_same_page_add_up():
    reading = Reading([0.1, 0.2], 0.4)
    reading.add(Reading([0.3, 0.4], 0.6))
    assert reading.rate == pytest.approx(4)


@pytest.fixture
def run() -> report.Run:
    """A floor of a hundred requests a second, and a page of fifty and of forty."""
    floor, small, large = ([0.01] * 100, 1.0), ([0.02] * 50, 1.0), ([0.025] * 40, 1.0)
    readings = {
        report.FLOOR: {100: Reading(*floor), 10_000: Reading(*floor)},
        "desk": {100: Reading(*small), 10_000: Reading(*large)},
    }
    return report.Run("SQLite 3", (100, 10_000), readings)


def test_the_table_tells_rate_wait_floor_and_growth(run):
    assert report.table(run).splitlines()[-1] == (
        "| desk | 50 | 20.0 | 2.0 | 40 | 25.0 | 2.5 | +25% |"
    )


def test_figures_replace_those_of_the_run_before_and_nothing_else(run, tmp_path):
    document = tmp_path / "bench.md"
    kept_figures = f"{report.VOTES}\nfigures of votes\n"
    document.write_text(
        f"# Words\n\n{report.PAGES}\nold figures\n\n{kept_figures}", encoding="utf-8"
    )
    report.save(report.text("script/bench", 400, [run]), report.PAGES, document)
    kept = document.read_text(encoding="utf-8")
    assert kept.startswith(f"# Words\n\n{report.PAGES}\n`script/bench`: 400 requests")
    assert kept.endswith(f"\n\n{kept_figures}")
    assert "old figures" not in kept
    assert kept.count("| desk |") == 1


def test_a_document_without_a_place_for_figures_is_left_alone(tmp_path):
    document = tmp_path / "bench.md"
    document.write_text("# Words\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bench\.md"):
        report.save("figures", report.VOTES, document)
    assert document.read_text(encoding="utf-8") == "# Words\n"


def test_the_document_has_a_place_for_both_kinds_of_figures():
    words = report.DOCUMENT.read_text(encoding="utf-8")
    assert words.count(report.PAGES) == words.count(report.VOTES) == 1


def test_the_ratio_of_a_pair_is_that_of_the_medians():
    pair = ratios.Pair(bare=[1.0, 2.0, 9.0], ledger=[3.0, 50.0, 5.0])
    assert pair.ratio == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("duration", "words"),
    [(1.0, "1.00 s"), (0.9994, "999 ms"), (0.02, "20 ms"), (0.0199, "19.9 ms")],
)
def test_durations_are_written_as_they_are_read(duration, words):
    assert ratios.shown(duration) == words


def test_a_line_shows_the_ratio_beside_what_was_aimed_at():
    pair = ratios.Pair(bare=[0.1], ledger=[0.39])
    line = ratios.of_times("receiving a paper", "SQLite 3", pair, 4, "script/bench recording")
    assert ratios.table([line]).splitlines()[-1] == (
        "| receiving a paper | SQLite 3 | 100 ms | 390 ms | 3.9 | 4 | `script/bench recording` |"
    )
