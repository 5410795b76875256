"""A good start in production: words typed by a known person are answered, with a token of the home tenant."""

import pytest

from tests.authentication.production_bot import HOME_TENANT

NO_SECRET = {"MICROSOFT_APP_PASSWORD": ""}


async def test_help_is_answered_with_a_token_that_the_secret_bought(bot, sign_in):
    (dana,) = await bot.people("Dana Reyes")
    assert "new request" in await dana.say("help")

    assert set(bot.teams.authorizations) == {"Bearer token-1"}
    [form] = sign_in.forms
    assert form["client_secret"] == "hush"
    assert form["scope"] == "https://api.botframework.com/.default"
    assert sign_in.tenants == {HOME_TENANT}


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        ({**NO_SECRET, "MICROSOFT_APP_CERTIFICATE": "{pem}"}, ("token-1", {HOME_TENANT})),
        ({**NO_SECRET, "MICROSOFT_APP_FEDERATED_CLIENT_ID": "vouching"}, ("token-1", {HOME_TENANT})),
        ({**NO_SECRET, "MICROSOFT_APP_TYPE": "UserAssignedMSI"}, ("identity-1", set())),
    ],
    ids=["certificate", "federated", "managed identity"],
)
async def test_help_is_answered_without_a_secret(in_production, pem, sign_in, credential, expected):
    settings = {name: value.format(pem=pem) for name, value in credential.items()}
    async with in_production(**settings) as bot:
        (dana,) = await bot.people("Dana Reyes")
        assert "new request" in await dana.say("help")

    token, tenants = expected
    assert set(bot.teams.authorizations) == {f"Bearer {token}"}
    assert sign_in.tenants == tenants
    assert all("client_secret" not in form and "client_assertion" in form for form in sign_in.forms)


async def test_people_of_every_tenant_are_answered_with_the_same_token(bot, sign_in):
    dana, joshua, lee = await bot.people("Dana Reyes", "Joshua Whitfield", "Lee Park")
    for person in (dana, joshua, lee):
        assert await person.say("help")

    assert len({dana.tenant_id, joshua.tenant_id, lee.tenant_id, HOME_TENANT}) == 4
    assert set(bot.teams.authorizations) == {"Bearer token-1"}
    assert sign_in.tenants == {HOME_TENANT}


async def test_a_sign_in_that_fails_shows_in_health_although_nobody_has_written_yet(in_production, sign_in):
    sign_in.fault = 500
    async with in_production() as bot:
        while (await bot.health())["status"] == "ok":
            assert len(sign_in.forms) < 3
        assert (await bot.health())["status"] == "degraded"
        sign_in.fault = 0
        while (await bot.health())["status"] == "degraded":
            assert len(sign_in.forms) < 20
        assert (await bot.health())["status"] == "ok"


async def test_production_moves_no_clock_and_says_that_all_is_well(bot):
    await bot.people("Dana Reyes")
    assert (await bot.health())["status"] == "ok"
    async with bot.teams._session.post(bot.teams.bot_url + "/local/clock", json={"advance_seconds": 1}) as answer:
        assert answer.status == 404
