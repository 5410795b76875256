"""What one person sees of one request: everything a card needs, and nothing the person may not see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.domain.engagement import Engagement
from bot.domain.learning import Lesson
from bot.domain.lifecycle import Action, Relation
from bot.domain.matching import Ranking
from bot.domain.people import ERASED_AT, ERASED_NAME, Partner, Person, Role
from bot.domain.promises import Promise
from bot.domain.request import Event, SmeRequest
from bot.domain.rights import allowed_rows


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request for one reader.

    `names` gives the name for every e-mail address that stands in the request; `fpms` are the choices for a
    delegation, `ranking` those for an assignment, both filled only when the reader may do that now. `lessons` are what
    the partner has learned on the topic, while the reader decides. `assignment_address` is the mail address of the
    assignment team, or empty. `in_touch` is the e-mail of whoever is in touch for the partner after the requester has
    left, '' while that is the requester.
    """

    request: SmeRequest
    engagement: Engagement | None
    reader: Person
    relations: frozenset[Relation]
    partner: Partner
    names: Mapping[str, str]
    promises: tuple[Promise, ...]
    history: tuple[Event, ...] = ()
    fpms: tuple[Person, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    ranking: Ranking = field(default_factory=Ranking)
    parked: tuple[str, ...] = field(default=())
    assignment_address: str = ""
    in_touch: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.reader.time_zone)

    @property
    def allowed(self) -> frozenset[Action]:
        return allowed_actions(self.request, self.engagement, self.reader, self.relations)

    @property
    def may_read_ratings(self) -> bool:
        """Whether the reader may know how the help was rated: the partner, the FPM and the programme, never the SME."""
        of_them = {Relation.REQUESTER, Relation.FPM, Relation.PROGRAM}
        return not self.relations.isdisjoint(of_them) and Relation.SME not in self.relations

    def name_of(self, email: str) -> str:
        return ERASED_NAME if email.endswith(ERASED_AT) else self.names.get(email, email)


def backup_of(request: SmeRequest, partner: Partner) -> str:
    """Return who is asked beside the FPM of a request: the partner's backup, or for the backup the partner's FPM."""
    return partner.fpm if request.fpm == partner.backup_fpm else partner.backup_fpm


def relations_to(
    request: SmeRequest,
    person: Person,
    partner: Partner,
    *,
    acts_for: frozenset[str] = frozenset(),
    is_fpm_gone: bool = False,
) -> frozenset[Relation]:
    """Return what a person is to a request, from stored facts only (process.md section 1).

    `acts_for` are the FPMs whose cover the person is now; nobody is the cover on a request of their own, or as its
    SME. For an FPM who is in the directory no more, the partner's FPM and the backup act.
    """
    found = set()
    if person.is_a(Role.REQUESTER) and request.partner in person.partners:
        found.add(Relation.REQUESTER)
    is_asked_backup = request.backup_asked and person.email == backup_of(request, partner)
    stands_in = is_fpm_gone and person.email in {partner.fpm, partner.backup_fpm}
    is_cover = request.fpm in acts_for and person.email not in {request.requester, request.sme}
    if person.is_a(Role.FPM) and (person.email == request.fpm or is_asked_backup or stands_in or is_cover):
        found.add(Relation.FPM)
    if person.is_a(Role.ASSIGNER):
        found.add(Relation.ASSIGNER)
    if person.is_a(Role.SME) and person.email == request.sme:
        found.add(Relation.SME)
    if person.is_a(Role.PROGRAM):
        found.add(Relation.PROGRAM)
    return frozenset(found)


def allowed_actions(
    request: SmeRequest, engagement: Engagement | None, person: Person, relations: frozenset[Relation]
) -> frozenset[Action]:
    """Return what the person may do with the request now; resubmitting is offered as fixing."""
    own = person.email == request.requester
    return frozenset(row.action for row in allowed_rows(request, engagement, relations, is_own=own))
