"""What the doctor says of an installation in production that is well, and of one that is bare."""

from bot.channel.graph import PERMISSIONS
from tests.channel.graph_stand_in import TEAMS_APP_ID
from tests.doctor.installation import SENDER
from tests.state.conftest import connection_string


async def test_a_well_installation_has_nothing_to_mend(installation, azurite):
    installation.settings |= {
        "SME_STORAGE": "azure",
        "AZURE_STORAGE_CONNECTION_STRING": connection_string(azurite),
        "SME_MAIL": f"graph:{SENDER}",
        "SME_TEAMS_APP_ID": TEAMS_APP_ID,
    }
    await installation.load()
    installation.entra.roles = [*PERMISSIONS]
    code, lines = await installation.examined()
    said = [line for line in lines if not line.startswith(" ")]
    assert code == 0, said
    assert {line[:4] for line in said} == {"ok  ", "note"}
    assert "ok    settings: production mode, storage azure, mail graph" in said
    assert any(line.startswith("ok    credential: a certificate, until ") for line in said)
    assert "ok    sign-in: a token for the app was issued by its own tenant" in said
    assert "ok    signing keys: 1 published, 1 of them for Teams" in said
    assert "ok    clock: agrees with the Bot Framework's to the minute" in said
    assert "ok    Graph: the Teams app is in the organisation's catalogue" in said
    assert "ok    reach: home tenant: 4 of 15 people reached" in said


async def test_an_empty_directory_is_to_be_loaded(bare):
    assert await bare.advice("MEND  directory: empty") == "Run load-directory."


async def test_nothing_is_left_behind(installation):
    before = sorted(installation.folder.rglob("*"))
    (installation.folder / "mail").mkdir()
    await installation.examined()
    after = [path for path in sorted(installation.folder.rglob("*")) if path.name != "mail"]
    assert [path.name for path in after] == [path.name for path in before]
