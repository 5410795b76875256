"""The figures that the design promises, each typed once more by hand."""

import pytest

from bot import courier, floods, listening, web, worker
from bot.channel import body, connector, credentials, gate, keys, lanes, outbox
from bot.domain import delivery
from state import views, work

PROMISED = {
    "the connector is reached within 3 s": (connector.CONNECT_TIMEOUT, 3),
    "a call of the connector ends within 10 s": (connector.TOTAL_TIMEOUT, 10),
    "signing keys are fetched within 5 s": (keys.FETCH_TIMEOUT, 5),
    "a new signing key is taken within 60 s": (keys._BETWEEN_UNKNOWN.total_seconds() + keys.FETCH_TIMEOUT, 60),
    "a token is fetched within 5 s": (credentials.FETCH_TIMEOUT, 5),
    "a token is renewed 10 minutes ahead": (credentials._RENEW_AHEAD, 600),
    "a token may be 5 minutes off": (gate._SKEW_SECONDS, 300),
    "a body has 256 KB at most": (body.LARGEST_BODY, 262_144),
    "JSON is 20 levels deep at most": (body.DEEPEST_NESTING, 20),
    "a body is read within 10 s": (web.READ_SECONDS, 10),
    "a request is asked within 10 s": (listening.ASK_SECONDS, 10),
    "an answer is waited for 1.5 s": (outbox.PATIENCE, 1.5),
    "a person sends 20 activities a minute": (floods.MOST_OF_A_PERSON, 20),
    "a partner's tenant sends 300": (floods.MOST_OF_A_TENANT, 300),
    "a person searches 60 times a minute": (floods.MOST_SEARCHES_OF_A_PERSON, 60),
    "a partner's tenant searches 600 times": (floods.MOST_SEARCHES_OF_A_TENANT, 600),
    "a chat gets a message a second": (lanes.CHAT_RATE, 1),
    "a tenant gets 20 a second": (lanes.TENANT_RATE, 20),
    "a card is posted twice at most after an ambiguous failure": (delivery.MOST_AMBIGUOUS_POSTS, 2),
    "the second time after 30 s": (delivery.AMBIGUOUS_PAUSE.total_seconds(), 30),
    "a mail follows after 5 minutes": (delivery.MAIL_AFTER.total_seconds(), 300),
    "a notice is given up after a day": (delivery.GIVEN_UP_AFTER.total_seconds(), 86_400),
    "a lease lasts 60 s": (work.LEASE.total_seconds(), 60),
    "and is renewed in time": (worker.RENEW_SECONDS, 20),
    "a look that failed is made again within a minute": (courier.LOOK_AGAIN.total_seconds(), 60),
    "a tombstone is kept for 7 days": (views.KEPT.days, 7),
}


@pytest.mark.parametrize("promise", PROMISED)
def test_the_figures_are_those_of_the_design(promise):
    stands, promised = PROMISED[promise]
    assert stands == promised
