"""The image in production: two replicas, one of them rolled while people are served; nothing is lost or doubled."""

import asyncio
import json
import shutil
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.channel.sign_in import write_pem
from tests.faults.checker import Acknowledged
from tests.faults.processes_lives import DECISIONS, Decision, Lives, Submission
from tests.faults.processes_pace import paced
from tests.faults.processes_people import Crowd, crowd_of, write_directory
from tests.faults.processes_story import OVERTAKEN, Story, requests_of
from tests.production.replicas import IDENTITY, SENDER, installation
from tests.teams import PATIENCE, SAMPLE

SUBMISSIONS, PER_SECOND = 24, 5
"""It takes longer than to roll a replica."""
GRACE = 40
"""Seconds that the Dockerfile asks a host to wait."""
KICKOFF = {
    "mode": "with_partner",
    "expectations": "The partner leads every call; the SME coaches.",
    "outcomes": "Calling plans run for the first 500 users.",
    "exit_criteria": "500 users call out\nThe partner has led one cutover",
    "start": datetime.now(UTC).date().isoformat(),
    "end": (datetime.now(UTC) + timedelta(days=14)).date().isoformat(),
}


@dataclass
class Journey:
    """One request from the form to the kick-off that all have agreed on."""

    story: Story
    number: str = ""

    async def begin(self) -> None:
        """Bring it to the SME, who does not have the app yet and is told by mail."""
        dana, _, _ = await self.story.bot.people("Dana Reyes", "Lee Park", "Ana Souza")
        token = await self.story.submitted(dana)
        self.number = requests_of(self.story)[token]["number"]
        await self.press("Lee Park", "approve")
        kofi = self.story.front.person("Kofi Mensah")
        await self.press("Ana Souza", "assign", sme_other=kofi.email)
        async with asyncio.timeout(PATIENCE):
            await self.story.bot.mailbox.until_told(kofi.email)

    async def end(self) -> None:
        await self.story.bot.people("Kofi Mensah")
        await self.press("Kofi Mensah", "accept")
        await self.press("Kofi Mensah", "contacted")
        await self.press("Kofi Mensah", "kickoff", **KICKOFF)
        await self.press("Lee Park", "agree")
        await self.press("Dana Reyes", "agree", learners="Piotr Zieliński")
        await self.story.front.person("Kofi Mensah").sees("SME agreed · FPM agreed · Partner agreed")

    async def press(self, name: str, verb: str, **inputs: str) -> None:
        person = self.story.front.person(name)
        said = await person.press(verb, showing=self.number, **inputs)
        assert OVERTAKEN not in said, f"{name} pressed {verb}, and read: {said}"
        self.story.decided.append(Acknowledged(self.number, verb, person.email))


async def test_two_replicas_serve_on_while_one_is_rolled(container, azurite, tmp_path):
    pem = given_to_read(container)
    before = files_of(container)
    async with installation(container, azurite, pem) as bot:
        first, second = await started(bot)
        story = Story(bot)
        journey, crowd = Journey(story), await crowd_of(bot.teams, 1)
        await journey.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(submitted_and_decided(story, crowd))
            await rolled(bot, second)
            await journey.end()

        found = await story.violations()
        assert not found, "\n".join(found)
        for replica in (first, second):
            assert (await bot.teams.call("GET", "/health", at=replica.url))[1]["status"] == "ok"
            assert await replica.is_healthy()
            assert not confinement_faults(container, replica)
        both_ways_of_signing_in_were_used(bot)
        logs_are_lines_of_json_without_tokens(bot)
        await bot.run("export", "/tmp/export" if container.is_confined else str(tmp_path))  # noqa: S108 - its own
        first.end(signal.SIGTERM)
        assert await first.ended() == 0
        assert not await first.is_healthy()
    assert files_of(container) == before


def given_to_read(container):
    """Lay down what a host mounts: a certificate, and two folders of the directory; return the certificate's place."""
    shutil.copytree(SAMPLE, container.volumes / "sample")
    write_directory(container.volumes / "crowd", 1)
    pem = write_pem(container.volumes / "loopback.pem")
    # The image's user is not ours. The key is of this test alone.
    pem.chmod(0o644)
    return pem


async def started(bot):
    """Load the directory by the image's own command, and start both replicas."""
    for folder in ("sample", "crowd"):
        await bot.run("load-directory", bot.container.place(folder))
    await asyncio.gather(*(replica.start() for replica in bot.teams.instances))
    return bot.teams.instances


async def submitted_and_decided(story: Story, crowd: Crowd) -> None:
    decisions = [Decision(number, number % len(DECISIONS)) for number in range(SUBMISSIONS)]
    await paced(PER_SECOND, Lives(story, crowd).works([*map(Submission, range(SUBMISSIONS)), *decisions]))


async def rolled(bot, replica):
    """End a replica as its host does, and begin it again; until it has ended, activities still come to it."""
    front, dana = bot.teams, bot.teams.person("Dana Reyes")
    replica.leave()
    async with asyncio.timeout(GRACE):
        while (report := await front.call("GET", "/health", at=replica.url))[0] == 200:
            pass
        assert (report[0], report[1]["status"]) == (503, "draining")
        assert (await front.call("POST", "/api/messages", dana.activity(text="help"), at=replica.url))[0] == 200
        assert not await replica.is_healthy()
        assert await replica.ended() == 0
    replica.is_up = False
    await replica.start()
    async with front.changed:
        front.changed.notify_all()


def files_of(container):
    """Return the time and the size of every file of the image, and of what it was given to read."""
    found = [place for place in container.image.root.rglob("*") if not place.is_symlink()]
    return {place: (place.stat().st_mtime_ns, place.stat().st_size) for place in found}


def confinement_faults(container, replica):
    """Return what the process may do, or has done, that it should not."""
    if not container.is_confined:
        return []
    user, group = container.image.stage.user
    wanted = {
        "Uid": " ".join([str(user)] * 4), "Gid": " ".join([str(group)] * 4), "Groups": "",
        "CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1",
    }  # fmt: skip
    status = replica.status
    return [f"{name} is {status[name]}" for name in wanted if status[name] != wanted[name]] + replica.written


def both_ways_of_signing_in_were_used(bot):
    forms = bot.sign_in.forms
    assert any(form["client_assertion"].startswith("identity-") for form in forms)
    assert any(form["client_assertion"].startswith("eyJ") for form in forms)
    assert {query["client_id"] for query in bot.sign_in.identity_queries} == {IDENTITY}
    assert bot.teams.authorizations
    assert {sender for sender, _ in bot.mailbox.mails} == {SENDER}
    assert [one for one in bot.teams.authorizations if not one.startswith("Bearer token-")] == []


def logs_are_lines_of_json_without_tokens(bot):
    lines = bot.teams.logs.splitlines()
    assert {json.loads(line)["level"] for line in lines} <= {"INFO", "WARNING"}
    assert not [line for line in lines if "token-" in line or "identity-" in line]
