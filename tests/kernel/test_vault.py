"""Texts that the database keeps and does not reveal."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.vault import Altered, CannotOpen, Vault, WrongKey, vault

SECRET = "a secret of this ledger, long enough"
HELD = Vault(SECRET)


@given(st.text(max_size=200), st.text(max_size=20), st.integers(0, 50))
def test_what_was_sealed_is_opened_as_it_was(text, place, more):
    size = len(text.encode()) + more
    assert HELD.open("note", HELD.seal("note", text, bound_to=place), bound_to=place) == text
    padded = HELD.seal("note", text, bound_to=place, size=size)
    assert HELD.open("note", padded, bound_to=place) == text


def test_another_process_with_the_same_secret_opens_it():
    assert Vault(SECRET).open("note", HELD.seal("note", "机器人的密钥")) == "机器人的密钥"


def test_neither_text_nor_secret_can_be_seen():
    sealed = HELD.seal("note", "against")
    raw = base64.urlsafe_b64decode(sealed.rsplit(".", 1)[1])
    assert b"against" not in raw
    assert "against" not in sealed
    assert SECRET not in sealed


def test_the_same_text_never_looks_the_same():
    assert len({HELD.seal("note", "for") for _ in range(50)}) == 50


def test_padding_hides_the_length_up_to_the_very_size():
    lengths = {len(HELD.seal("note", "x" * n, size=40)) for n in range(41)}
    assert len(lengths) == 1
    assert len(HELD.seal("note", "同意" * 3, size=40)) == lengths.pop()
    with pytest.raises(ValueError, match="41 bytes"):
        HELD.seal("note", "x" * 41, size=40)


def test_another_secret_opens_nothing_and_says_so():
    with pytest.raises(WrongKey, match="SECRET_KEY"):
        Vault("another secret").open("note", HELD.seal("note", "for"))


def test_one_purpose_cannot_open_what_another_sealed():
    with pytest.raises(WrongKey, match="purpose"):
        HELD.open("robot", HELD.seal("ballot", "for"))


def test_what_was_moved_to_another_place_does_not_open():
    with pytest.raises(Altered, match="moved"):
        HELD.open("note", HELD.seal("note", "for", bound_to="ballot 1"), bound_to="ballot 2")


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_single_changed_byte_is_noticed(place, change):
    head, body = HELD.seal("note", "for", size=20).rsplit(".", 1)
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[place % len(raw)] ^= change
    with pytest.raises(Altered):
        HELD.open("note", f"{head}.{base64.urlsafe_b64encode(bytes(raw)).decode()}")


@pytest.mark.parametrize("junk", ["", "for", "1.", "1..", "2.00000000.AAAA", "1.zz.!!", "1.é.é"])
def test_what_was_never_sealed_is_refused_clearly(junk):
    with pytest.raises(CannotOpen):
        HELD.open("note", junk)


@pytest.mark.parametrize("body", ["", "A", "AAAA", "!!!!", "é"])
def test_a_torn_text_is_refused_clearly(body):
    head = HELD.seal("note", "for").rsplit(".", 1)[0]
    with pytest.raises(Altered):
        HELD.open("note", f"{head}.{body}")


def test_the_vault_of_the_ledger_has_the_ledgers_secret(app, arrange):
    sealed = vault().seal("note", "for")
    assert Vault(app.config["SECRET_KEY"]).open("note", sealed) == "for"
