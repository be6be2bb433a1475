"""What is looked at before the roll is frozen: files published with the vote, and objections."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm.attributes import flag_modified

from tracker.accounts.models import User
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, require
from tracker.kernel.storage import storage
from tracker.kernel.words import M_
from tracker.notices.rules import names_a_telephone
from tracker.votes import queries
from tracker.votes.models import RollObjection, VoteAttachment
from tracker.votes.services import drafted, tell
from tracker.votes.words import AttachmentKind

# ---- what is published with it ----


def attach(
    actor: User, now: datetime, vote_id: int, *, kind: AttachmentKind, name: str, data: bytes
) -> VoteAttachment:
    """Add a PDF to be published with the motions; its hash is frozen with the roll.

    Raises FieldRefusal for anything but a PDF.
    """
    vote = drafted(actor, vote_id)
    if not data.startswith(b"%PDF-"):
        raise FieldRefusal("file", M_("请上传 PDF 文件。"))
    path = storage().put(data, ".pdf")
    made = VoteAttachment(
        committee_id=vote.committee_id,
        kind=kind,
        name=name,
        path=path,
        size=len(data),
        sha256=path.removesuffix(".pdf"),
        added_by=actor.id,
        added_at=now,
    )
    vote.attachments.append(made)
    flag_modified(vote, "title")
    db.session.flush()
    tell(actor, now, vote, "vote.attached", M_("为表决添加附件「%(name)s」", name=name))
    return made


def detach(actor: User, now: datetime, vote_id: int, attachment_id: int) -> None:
    """Take a file off the vote before it is frozen; raises Refusal for an unknown one."""
    vote = drafted(actor, vote_id)
    found = next((file for file in vote.attachments if file.id == attachment_id), None)
    if found is None:
        raise Refusal(M_("附件已经移除。"))
    vote.attachments.remove(found)
    flag_modified(vote, "title")
    db.session.flush()
    tell(actor, now, vote, "vote.detached", M_("移除表决附件「%(name)s」", name=found.name))


# ---- objections to the roll ----


def object_to_roll(
    actor: User, now: datetime, vote_id: int, *, received_on: date, text: str
) -> RollObjection:
    """Record what somebody says is wrong on the roll; without who they are.

    Raises Refusal once the roll is frozen, FieldRefusal for a telephone number or a day to come.
    """
    vote = drafted(actor, vote_id)
    if names_a_telephone(text):
        raise FieldRefusal("text", M_("请不要写电话号码。"))
    if received_on > local_date(now):
        raise FieldRefusal("received_on", M_("这一天还没有到。"))
    number = len(queries.roll_objections(vote_id)) + 1
    made = RollObjection(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        number=number,
        received_on=received_on,
        text=text.strip(),
        recorded_by=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    tell(actor, now, vote, "roll.objected", M_("登记名册异议第 %(n)d 号", n=number))
    return made


def answer_roll_objection(
    actor: User, now: datetime, vote_id: int, number: int, *, upheld: bool, answer: str
) -> RollObjection:
    """Answer an objection; one that is upheld is mended on the roll itself before freezing.

    Raises Refusal once the roll is frozen or when it was answered before, FieldRefusal for an
    empty answer or a telephone number.
    """
    vote = drafted(actor, vote_id)
    found = queries.roll_objection(vote_id, number)
    require(found.answered_on is None, M_("这条异议已经答复过了。"))
    if not answer.strip():
        raise FieldRefusal("answer", M_("请写明答复。"))
    if names_a_telephone(answer):
        raise FieldRefusal("answer", M_("请不要写电话号码。"))
    found.upheld, found.answer = upheld, answer.strip()
    found.answered_on, found.answered_by = local_date(now), actor.id
    db.session.flush()
    tell(actor, now, vote, "roll.answered", M_("答复名册异议第 %(n)d 号", n=number))
    return found
