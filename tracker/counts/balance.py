"""The two equations of a tally sheet; pure.

printed = returned + unreturned + spare + spoilt, and returned = accepted + rejected. Per motion
for + against + abstain + invalid + follow = accepted. Papers only: online ballots stand beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from tracker.kernel.words import M_, Message


@dataclass(frozen=True)
class Balance:
    """Papers by what became of them. ``rejected`` holds every returned paper that is not counted.

    ``merged``: co-owners' second papers, counted with the first, and therefore among the rejected.
    ``online``: accepted ballots without a paper. ``motions``: ballots by mark, by position.
    """

    printed: int
    returned: int
    unreturned: int
    spare: int
    spoilt: int
    accepted: int
    rejected: int
    merged: int
    online: int
    motions: Mapping[int, Mapping[str, int]]

    @property
    def papers_balance(self) -> bool:
        """The first equation."""
        return self.printed == self.returned + self.unreturned + self.spare + self.spoilt

    @property
    def returns_balance(self) -> bool:
        """The second equation."""
        return self.returned == self.accepted + self.rejected

    @property
    def unbalanced_motions(self) -> list[int]:
        """Positions of motions whose ballots do not add up to the accepted ones."""
        all_accepted = self.accepted + self.online
        return [n for n, marks in self.motions.items() if sum(marks.values()) != all_accepted]

    @property
    def faults(self) -> list[Message]:
        """Every equation that does not hold, in words."""
        found = []
        if not self.papers_balance:
            found.append(
                M_(
                    "印制 %(printed)d ≠ 收回 %(returned)d + 未收回 %(unreturned)d"
                    " + 备用 %(spare)d + 作废 %(spoilt)d",
                    printed=self.printed,
                    returned=self.returned,
                    unreturned=self.unreturned,
                    spare=self.spare,
                    spoilt=self.spoilt,
                )
            )
        if not self.returns_balance:
            found.append(
                M_(
                    "收回 %(returned)d ≠ 有效收回 %(accepted)d + 不计票 %(rejected)d",
                    returned=self.returned,
                    accepted=self.accepted,
                    rejected=self.rejected,
                )
            )
        found += [
            M_("事项 %(n)d 的各项票数之和不等于有效收回的票数", n=position)
            for position in self.unbalanced_motions
        ]
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; motions by position as text."""
        plain = asdict(self)
        plain["motions"] = {str(n): dict(marks) for n, marks in self.motions.items()}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote; raises TypeError or KeyError for anything else."""
        motions = {int(n): dict(marks) for n, marks in plain["motions"].items()}
        return cls(**{**plain, "motions": motions})
