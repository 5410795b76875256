"""Graph's permissions and catalogue, and mail that can be handed over."""

import pytest

from bot.channel.graph import MAIL, PERMISSIONS
from tests.channel.graph_stand_in import CATALOGUE, SEND_MAIL, TEAMS_APP_ID, USERS
from tests.doctor.installation import SENDER
from tests.domain.office import DANA

INSTALL = "TeamsAppInstallation.ReadWriteSelfForUser.All"
NO_MAILBOX = "note  mail: the sender's mailbox is not examined"


@pytest.fixture
def by_graph(installation):
    installation.settings |= {"SME_MAIL": f"graph:{SENDER}", "SME_TEAMS_APP_ID": TEAMS_APP_ID}
    installation.entra.roles = [*PERMISSIONS]
    return installation


async def test_a_permission_that_is_missing_is_named_with_its_reason(by_graph):
    by_graph.entra.roles.remove(INSTALL)
    advice = await by_graph.advice(f"MEND  Graph: {INSTALL} is missing, to install this app")
    assert advice.startswith("Grant it to the app's service principal")


async def test_mail_that_exchange_grants_is_not_in_the_token_and_that_is_right(by_graph):
    by_graph.entra.roles.remove(MAIL)
    assert "doctor --mail ADDRESS" in await by_graph.advice(f"note  Graph: {MAIL} is not in the token")
    assert (await by_graph.examined())[0] == 0


async def test_mail_from_every_mailbox_is_more_than_is_needed(by_graph):
    assert "for the one mailbox" in await by_graph.advice(f"note  Graph: {MAIL} opens every mailbox of the tenant")


async def test_with_mail_alone_that_is_all_that_is_said_of_permissions(by_graph):
    del by_graph.settings["SME_TEAMS_APP_ID"]
    by_graph.entra.roles = []
    _, lines = await by_graph.examined()
    assert [line for line in lines if "Graph:" in line] == [f"note  Graph: {MAIL} is not in the token"]


async def test_a_wider_permission_does_as_well(by_graph):
    by_graph.entra.roles[by_graph.entra.roles.index("User.ReadBasic.All")] = "User.Read.All"
    code, lines = await by_graph.examined()
    assert (code, [line for line in lines if "more than needed" in line]) == (0, [])


async def test_permissions_beyond_those_needed_are_noted(by_graph):
    by_graph.entra.roles += ["Mail.ReadWrite", "Directory.Read.All"]
    advice = await by_graph.advice("note  Graph: more than needed: Directory.Read.All, Mail.ReadWrite")
    assert advice.startswith("Take them")


async def test_a_graph_token_that_cannot_be_read_is_only_noted(by_graph):
    del by_graph.entra.sign_in.instead["token"]
    _, lines = await by_graph.examined()
    assert "note  Graph: a token was issued, of which nothing can be read" in lines
    assert "ok    Graph: the Teams app is in the organisation's catalogue" in lines


async def test_a_token_without_permissions_lacks_them_all(by_graph):
    by_graph.entra.roles = None
    _, lines = await by_graph.examined()
    assert len([line for line in lines if line.startswith("MEND  Graph: ")]) == 3


async def test_graph_without_a_token_is_to_mend(by_graph):
    by_graph.entra.refusal = 7000222
    assert (await by_graph.advice("MEND  Graph: no token: ")).startswith("The secret has expired")


async def test_an_app_that_is_not_in_the_catalogue_is_to_be_uploaded(by_graph):
    by_graph.graph.apps.clear()
    assert (await by_graph.advice("MEND  Graph: the Teams app is not in")).startswith("Upload the package")


async def test_a_catalogue_that_is_not_shown_is_named(by_graph, free_port):
    by_graph.settings["SME_GRAPH_URL"] = f"http://127.0.0.1:{free_port}"
    assert await by_graph.advice("MEND  Graph: the catalogue was not read") == "Is SME_GRAPH_URL reached from here?"


async def test_a_catalogue_that_is_refused_may_be_granted_and_not_yet_in_force(by_graph):
    by_graph.graph.answer_next(CATALOGUE, (403, {}, {}))
    assert "not in force yet" in await by_graph.advice("MEND  Graph: the catalogue was not read: 403")


@pytest.mark.parametrize(("status", "advice"), [(403, "grant User.Read.All as well"), (500, "SME_GRAPH_URL")])
async def test_a_look_up_that_graph_refuses_in_spite_of_the_permission_is_named(by_graph, status, advice):
    by_graph.graph.answer_next(USERS, (status, {}, {}))
    assert advice in await by_graph.advice(f"MEND  Graph: nobody can be looked up: {status}")


async def test_without_graph_in_the_settings_nobody_asks_it(installation):
    assert "ok    Graph: not needed by these settings" in (await installation.examined())[1]
    assert len(installation.entra.sign_in.forms) == 1


async def test_a_mailbox_is_tried_on_demand_only(by_graph):
    assert await by_graph.advice(NO_MAILBOX) == "Send a mail to see it: doctor --mail ADDRESS."
    assert by_graph.graph.mails == []
    code, lines = await by_graph.examined(mail=DANA)
    assert code == 0
    assert f"ok    mail: the test to {DANA} was taken" in lines
    ((sender, message),) = by_graph.graph.mails
    assert sender == SENDER
    assert message["toRecipients"] == [{"emailAddress": {"address": DANA}}]


@pytest.mark.parametrize(
    ("status", "advice"),
    [(403, "The app may not send as this mailbox"), (404, "There is no mailbox"), (500, "See the")],
)
async def test_a_test_mail_that_graph_refuses_is_explained(by_graph, status, advice):
    by_graph.graph.answer_next(SEND_MAIL, (status, {}, {}))
    line = f"MEND  mail: the test was not taken: Graph answered {status}"
    assert (await by_graph.advice(line, mail=DANA)).startswith(advice)


async def test_a_test_mail_needs_mail(installation):
    installation.settings["SME_MAIL"] = None
    code, lines = await installation.examined(mail=DANA)
    assert code == 1
    assert "MEND  mail: the test was not taken: mail is not set up" in lines


async def test_a_folder_is_tried_and_left_as_it_was(installation):
    assert "ok    mail: the folder is made by the first mail" in (await installation.examined())[1]
    folder = installation.folder / "mail"
    folder.mkdir()
    assert "ok    mail: the folder can be written" in (await installation.examined())[1]
    assert list(folder.iterdir()) == []
    code, _ = await installation.examined(mail=DANA)
    assert (code, len(list(folder.glob("*.eml")))) == (0, 1)


@pytest.mark.parametrize("below", ["", "/deeper"])
async def test_a_folder_that_cannot_be_written_is_to_mend(installation, below):
    (installation.folder / "mail").write_text("a file")
    installation.settings["SME_MAIL"] = f"folder:{installation.folder / 'mail'}{below}"
    assert (await installation.advice("MEND  mail: the folder cannot be written")).startswith("Give the bot's user")
