"""Access as values: codes, what they open, what changes make of an admission, and who is told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import access
from bot.domain.access import Admission, AdmissionState, id_of_asker, id_of_invited, is_admission
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.numbers import parse_number
from bot.domain.people import Identity, Role
from tests.domain.cast import BEA, CONTOSO, FRANK, MONDAY, NOW, THEIRS

MAYA = Identity(THEIRS, "77777777-1111-4111-8111-777777777777")
THEA = Identity(THEIRS, "77777777-3333-4111-8111-777777777777")
CODE = "7K3QXDPM42"
HASH = access.hash_of("CONTOSO", CODE)
SECOND = timedelta(seconds=1)


def asked(**changes):
    made = Admission(
        id=id_of_asker("CONTOSO", MAYA),
        partner="CONTOSO",
        email="maya@contoso.example",
        name="Maya Roth",
        asked_at=MONDAY,
        changed_at=MONDAY,
        state=AdmissionState.ASKED,
        tenant_id=MAYA.tenant_id,
        object_id=MAYA.object_id,
        teams_name="Maya R.",
    )
    return replace(made, **changes)


def admitted(**changes):
    return replace(access.with_code(access.changed(asked(), AdmissionState.INVITED, FRANK, NOW), CODE, NOW), **changes)


def invited(**changes):
    nameless = {"id": id_of_invited("CONTOSO", "maya@contoso.example"), "name": "", "tenant_id": "", "object_id": ""}
    known = replace(asked(**nameless), teams_name="")
    return replace(access.with_code(access.changed(known, AdmissionState.INVITED, FRANK, NOW), CODE, NOW), **changes)


def told(admission):
    return [(n.topic, n.recipient, n.revision) for n in access.notices_for(admission, CONTOSO, [CONTOSO.fpm], NOW)]


def test_a_code_has_ten_characters_that_are_not_mistaken_for_each_other():
    codes = {access.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_a_code_is_understood_however_it_is_typed():
    assert access.code_as_typed(" 7k3qx-dpm42 ") == CODE
    assert access.code_as_typed("oil 00") == "01100"
    assert all(access.code_as_typed(code) == code for code in (access.new_code() for _ in range(100)))


def test_a_code_is_kept_as_a_hash_that_another_partner_does_not_share():
    assert CODE not in repr(admitted())
    assert admitted().code_hash == HASH != access.hash_of("FABRIKAM", CODE)
    assert len(HASH) == 64


def test_a_code_opens_its_admission_to_who_asked_and_an_invitation_to_whoever_has_it():
    assert access.opens(admitted(), HASH, MAYA, NOW)
    assert not access.opens(admitted(), HASH, THEA, NOW)
    assert access.opens(invited(), HASH, MAYA, NOW)
    assert access.opens(invited(), HASH, THEA, NOW)
    assert not access.opens(admitted(), HASH, Identity("22222222-2222-4222-8222-222222222222", MAYA.object_id), NOW)


@pytest.mark.parametrize("code", ["", CODE[:-1], CODE + "0", "0000000000", "7K3QXDPM4\u0662", "\U0001f600" * 10])
def test_another_code_opens_nothing(code):
    assert not access.opens(admitted(), access.hash_of("CONTOSO", code), MAYA, NOW)


@pytest.mark.parametrize("state", [AdmissionState.ASKED, AdmissionState.REFUSED, AdmissionState.REVOKED])
def test_a_code_opens_nothing_in_another_state(state):
    assert not access.opens(admitted(state=state), HASH, MAYA, NOW)
    assert not access.opens(access.changed(admitted(), state, FRANK, NOW), HASH, MAYA, NOW)


def test_a_code_ends_after_seven_days_to_the_second():
    ends = NOW + timedelta(days=7)
    assert access.opens(admitted(), HASH, MAYA, ends - SECOND)
    assert not access.opens(admitted(), HASH, MAYA, ends)
    assert admitted().is_expired(ends)
    assert not admitted(state=AdmissionState.REVOKED).is_expired(ends)
    assert not admitted(expires_at=None).is_expired(ends)


def test_an_admission_without_a_code_out_opens_to_no_empty_one():
    fresh = access.changed(asked(), AdmissionState.INVITED, FRANK, NOW)
    assert not access.opens(fresh, "", MAYA, NOW)
    assert fresh.expires_at == NOW + timedelta(days=7)


def test_a_new_code_ends_the_one_before():
    second = access.with_code(admitted(), "0123456789", NOW + SECOND)
    assert not access.opens(second, HASH, MAYA, NOW)
    assert (second.codes, second.revision, second.expires_at) == (2, 2, NOW + SECOND + timedelta(days=7))


def test_who_comes_in_by_a_code_may_use_it_again_and_nobody_else():
    person = access.person_of(invited(), MAYA, "Maya R.", CONTOSO)
    taken = access.taken_by(invited(), person, NOW)
    assert (taken.state, taken.expires_at, taken.name) == (AdmissionState.REGISTERED, None, "Maya R.")
    assert access.opens(taken, HASH, MAYA, NOW)
    assert not access.opens(taken, HASH, THEA, NOW)
    assert not access.opens(replace(taken, code_hash=""), "", MAYA, NOW)


def test_ids_are_the_same_for_the_same_account_and_no_request_numbers():
    ids = {id_of_asker("CONTOSO", MAYA), id_of_asker("CONTOSO", THEA), id_of_asker("FABRIKAM", MAYA)}
    ids |= {id_of_invited("CONTOSO", "a@b.example"), id_of_invited("CONTOSO", "b@b.example")}
    assert len(ids) == 5
    assert all(is_admission(each) and parse_number(each) is None for each in ids)
    assert id_of_asker("CONTOSO", MAYA) == id_of_asker("CONTOSO", MAYA)


@pytest.mark.parametrize(
    "text",
    ["", "CONTOSO-7K3QXD", "CONTOSO-access-", "contoso-access-0123456789abcdef", "CONTOSO-ACCESS-0123456789ABCDEF",
     "CONTOSO-access-0123456789abcdef\n", "CONTOSO-access-0123456789abcdef0", "A-access-0123456789abcdef", "x" * 9_999],
)  # fmt: skip
def test_other_texts_are_no_admissions(text):
    assert not is_admission(text)


def test_somebody_registered_is_a_requester_of_the_partner_in_its_days():
    person = access.person_of(admitted(contact_email="maya@home.example"), MAYA, "Maya R.", CONTOSO)
    assert (person.name, person.email, person.contact_email) == (
        "Maya Roth",
        "maya@contoso.example",
        "maya@home.example",
    )
    assert (person.roles, person.partners) == (frozenset({Role.REQUESTER}), ("CONTOSO",))
    assert (person.tenant_id, person.object_id, person.time_zone) == (*(MAYA.tenant_id, MAYA.object_id), "UTC")
    assert access.person_of(invited(), MAYA, "", CONTOSO).name == "maya@contoso.example"
    assert len(access.person_of(invited(), MAYA, "\U0001f600" * 500, CONTOSO).name) == 120


def test_the_fpm_is_told_of_the_asking_and_the_person_of_the_answer():
    home = admitted(contact_email="maya@home.example")
    assert told(asked()) == [(Topic.ACCESS, FRANK.email, 1)]
    assert told(home) == [(Topic.INVITATION, "maya@home.example", 2)]
    assert told(access.changed(asked(), AdmissionState.REFUSED, FRANK, NOW)) == [
        (Topic.NOT_ADMITTED, "maya@contoso.example", 2)
    ]
    assert told(access.changed(home, AdmissionState.REVOKED, FRANK, NOW)) == []
    assert told(access.changed(home, AdmissionState.REGISTERED, FRANK, NOW)) == []


def deputies(admission, topic, recipient, partner=CONTOSO, revision=None):
    notice = Notice(admission.id, revision or admission.revision, topic, recipient, "Somebody asks", NOW, NOW)
    return [(n.topic, n.recipient, n.sentence) for n in access.deputies_for(notice, admission, partner, NOW)]


def test_for_an_fpm_who_cannot_be_told_the_backup_is_and_for_a_mail_the_fpm():
    assert deputies(asked(), Topic.ACCESS, FRANK.email) == [(Topic.ACCESS, BEA.email, "Somebody asks")]
    ((topic, recipient, sentence),) = deputies(admitted(), Topic.INVITATION, "maya@contoso.example")
    assert (topic, recipient) == (Topic.ACCESS, FRANK.email)
    assert "maya@contoso.example" in sentence


def test_nobody_is_told_instead_of_the_backup_or_of_what_has_changed_since():
    assert deputies(asked(), Topic.ACCESS, BEA.email) == []
    assert deputies(asked(), Topic.ACCESS, FRANK.email, replace(CONTOSO, backup_fpm="")) == []
    assert deputies(admitted(), Topic.ACCESS, FRANK.email, revision=1) == []


def test_when_the_fpm_has_changed_the_new_one_is_told_in_place_of_the_old():
    now_another = replace(CONTOSO, fpm="olga@home.example", backup_fpm="")
    assert [recipient for _, recipient, _ in deputies(asked(), Topic.ACCESS, FRANK.email, now_another)] == [
        "olga@home.example"
    ]
