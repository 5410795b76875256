"""Why there is no token for the app, and what a token says that is not for it."""

import pytest
from aiohttp import web

from bot.examination.sign_in import advice_for
from bot.settings import read_settings
from tests.channel.local_framework import APP_ID

OTHER = "0e4d6e0e-2f3c-4a55-8a7c-6e1d0b4f9a10"


async def test_what_entra_refuses_is_explained(installation):
    installation.entra.refusal = 700027
    said = await installation.advice("MEND  sign-in: no token: invalid_client AADSTS700027")
    assert said.startswith("The certificate is not registered")


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (700016, "MICROSOFT_APP_ID is no app of the tenant"),
        (7000215, "MICROSOFT_APP_PASSWORD is not the secret"),
        (7000222, "The secret has expired"),
        (1000502, "The certificate has ended"),
        (70021, "No federated credential"),
        (70025, "No federated credential"),
        (700213, "No federated credential"),
        (7002138, "No federated credential"),
        (700236, "Entra does not take the managed identity of another tenant"),
        (700024, "What the bot signed is not valid at this time"),
        (50034, "Microsoft explains it at https://login.microsoftonline.com/error?code=50034"),
    ],
)
def test_each_number_of_entra_has_its_sentence(number, advice):
    assert advice_for(read_settings({}), f"invalid_client AADSTS{number}").startswith(advice)


async def test_what_entra_says_besides_is_not_passed_on(installation):
    installation.entra.refusal = 7000215
    _, lines = await installation.examined()
    assert not [line for line in lines if "hush" in line or "Trace" in line]


async def test_a_tenant_that_is_none_is_named(installation):
    async def unknown(_request):
        return installation.entra.refused(400)

    installation.entra.refusal = 90002
    installation.entra.sign_in.instead["configuration"] = unknown
    advice = await installation.advice("MEND  sign-in: no token: ValueError AADSTS90002")
    assert advice.startswith("MICROSOFT_APP_TENANT_ID is no tenant")


@pytest.mark.parametrize(
    ("claims", "line", "advice"),
    [
        ({"appid": OTHER}, f"MEND  sign-in: the token's app is {OTHER}", f"It should be MICROSOFT_APP_ID, {APP_ID}."),
        ({"appid": None}, "MEND  sign-in: the token's app is missing", f"It should be MICROSOFT_APP_ID, {APP_ID}."),
        ({"tid": OTHER}, f"MEND  sign-in: the token's tenant is {OTHER}", "It should be MICROSOFT_APP_TENANT_ID"),
        ({"aud": "api://else"}, "MEND  sign-in: the token's audience is api://else", "It should be the Bot Framework"),
    ],
)
async def test_a_token_of_another_is_found(installation, claims, line, advice):
    installation.entra.claims |= claims
    assert (await installation.advice(line)).startswith(advice)


async def test_a_token_of_the_second_version_names_the_app_otherwise(installation):
    installation.entra.claims |= {"azp": installation.entra.claims.pop("appid")}
    assert "ok    sign-in: a token for the app was issued by its own tenant" in (await installation.examined())[1]


async def test_a_token_that_cannot_be_read_is_only_noted(installation):
    del installation.entra.sign_in.instead["token"]
    advice = await installation.advice("note  sign-in: a token was issued, of which nothing can be read")
    assert advice == "Look whether a message to the bot is answered."


async def test_entra_that_is_not_reached_is_named(installation):
    async def down(_request):
        raise web.HTTPServiceUnavailable

    installation.entra.sign_in.instead["configuration"] = down
    assert (await installation.advice("MEND  sign-in: no token: MsalServiceError")).startswith("Is https://127.0.0.1:")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"MICROSOFT_APP_TYPE": "UserAssignedMSI"}, "MICROSOFT_APP_ID"),
        ({"MICROSOFT_APP_FEDERATED_CLIENT_ID": "identity"}, "MICROSOFT_APP_FEDERATED_CLIENT_ID"),
    ],
)
async def test_a_managed_identity_that_is_not_reached_is_named(installation, monkeypatch, free_port, settings, named):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{free_port}/identity")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    installation.settings |= {"MICROSOFT_APP_CERTIFICATE": None} | settings
    advice = await installation.advice("MEND  sign-in: no token: ")
    assert advice.startswith(f"Is the managed identity {named} assigned to this host")
