"""What the directory files leave out and the store keeps: where it could not stand beside what they say."""

from collections.abc import Iterator

from bot.domain.directory import PARTNERS_FILE, PEOPLE_FILE
from bot.domain.directory_cells import Complaint
from bot.domain.people import Directory, Partner, Person, Role


def contradictions(stored: Directory, files: Directory, wanted: Directory) -> list[Complaint]:
    """Return what would be wrong with `wanted`, which is the files and whatever of the stored is kept.

    Without this a load could leave a directory whose export could not be loaded again.
    """
    if stored.people and not wanted.people:
        return [Complaint(PEOPLE_FILE, 0, "", "lists nobody, and everybody would be removed")]
    found = []
    owners = {tenant_id: code for code, partner in files.partners.items() for tenant_id in partner.tenant_ids}
    for code in wanted.partners.keys() - files.partners.keys():
        for column, sentence in _of_partner(wanted.partners[code], owners, files):
            found.append(Complaint(PARTNERS_FILE, 0, column, _kept(code, sentence)))
    for email in wanted.people.keys() - files.people.keys():
        person = wanted.people[email]
        if _is_in_a_tenant_of_theirs(person, stored) and not _is_in_a_tenant_of_theirs(person, wanted):
            sentence = f"{person.tenant_id} is a tenant of {' or '.join(person.partners)} no more"
            found.append(Complaint(PEOPLE_FILE, 0, "tenant_id", _kept(email, sentence)))
    return found


def _of_partner(partner: Partner, owners: dict[str, str], files: Directory) -> Iterator[tuple[str, str]]:
    for tenant_id in partner.tenant_ids:
        if tenant_id in owners:
            yield "tenant_ids", f"{tenant_id} is a tenant of {owners[tenant_id]} now"
    for column, email in (("fpm", partner.fpm), ("backup_fpm", partner.backup_fpm)):
        if email in files.people and not files.people[email].is_a(Role.FPM):
            yield column, f"{email} has no role fpm in {PEOPLE_FILE} any more"


def _is_in_a_tenant_of_theirs(person: Person, directory: Directory) -> bool:
    own = [directory.partners[code] for code in person.partners if code in directory.partners]
    return person.is_a(Role.REQUESTER) and any(person.tenant_id in partner.tenant_ids for partner in own)


def _kept(what: str, sentence: str) -> str:
    return f"{what} is not in the file but kept, and {sentence}; list it there, or remove what is missing"
