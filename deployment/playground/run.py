"""Runs the bot in local mode with one Agents Playground per sample persona."""

import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from dotenv import dotenv_values

from deployment.playground.children import Child, ChildFailedError, Children, Interrupted

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATIONS = Path("deployment", "playground")
LOGS = Path("var", "log")
NODE = Path(sys.executable).with_name("node")
PLAYGROUND = Path("node_modules", "@microsoft", "m365agentsplayground", "cli.js")
BOT_PORT = 3978
FIRST_PLAYGROUND_PORT = 56150
HIGHEST_PORT = 65_531  # Five Playgrounds stand side by side from the first port on.
ANSWER_SECONDS = 2


@dataclass(frozen=True)
class Persona:
    """Whose chat is opened: `configuration` is the name of the file beside this one that says who it is."""

    configuration: str
    role: str
    partner: str


PERSONAS = (
    Persona("partner-contact", "Requester", "CONTOSO"),
    Persona("fpm", "FPM", "-"),
    Persona("assigner", "Assigner", "-"),
    Persona("sme", "SME", "-"),
    Persona("program", "Programme", "-"),
)


class WrongUseError(Exception):
    """Something that whoever typed the command can mend; the message says how."""


def main() -> int:
    os.chdir(ROOT)
    children = Children()
    try:
        start_everything(children)
        children.watch()
    except WrongUseError as fault:
        print(fault, file=sys.stderr)
        return 2
    except ChildFailedError as fault:
        print(f"{fault}\n{fault.last_lines()}", file=sys.stderr)
        return 1
    except Interrupted:
        print("\nStopping the bot and the Playgrounds.", flush=True)
    finally:
        children.stop()
    return 0


def start_everything(children: Children) -> None:
    """Start the bot, then the Playgrounds side by side, and return when every person is known to the bot."""
    environment = {name: value for name, value in dotenv_values(".env").items() if value} | os.environ
    bot_port = port_setting(environment, "SME_PORT", BOT_PORT)
    first_port = port_setting(environment, "SME_PLAYGROUND_PORT", FIRST_PLAYGROUND_PORT)
    places = dict(enumerate(PERSONAS, first_port))
    check_free(bot_port, "127.0.0.1", "the bot", "SME_PORT")
    for port, persona in places.items():
        check_free(port, "0.0.0.0", f"the Playground of the {persona.role}", "SME_PLAYGROUND_PORT")  # noqa: S104 - so does the Playground
    start_bot(children, environment, bot_port)
    started = {
        port: start_playground(children, persona, port, environment, bot_port) for port, persona in places.items()
    }
    for port, child in started.items():
        children.await_ready(child, partial(is_listening, child, port))
    print("\n".join([*directory_of(places), *how_to_go_on(bot_port)]), flush=True)


def port_setting(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise WrongUseError(f"{name} is {text!r}: set it to a port number such as {default}.")
    return int(text)


def check_free(port: int, address: str, wanted_for: str, setting: str) -> None:
    """Look before anything is started: a Playground whose port is taken silently takes another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as fault:
            raise WrongUseError(
                f"Port {port}, wanted for {wanted_for}, cannot be used ({fault.strerror}): "
                f"stop the program that has it, or set {setting} to another port."
            ) from fault


def start_bot(children: Children, environment: Mapping[str, str], port: int) -> None:
    print(f"Starting the bot on port {port}", flush=True)
    settings = {"SME_MODE": "local", "SME_HOST": "127.0.0.1", "SME_PORT": str(port)}
    bot = children.start("The bot", [sys.executable, "app.py"], {**environment, **settings}, [LOGS / "bot.log"])
    children.await_ready(bot, lambda: answer_of(port, "GET", "/health") is not None)


def start_playground(
    children: Children, persona: Persona, port: int, environment: Mapping[str, str], bot_port: int
) -> Child:
    """Start one Playground.

    It has no option for the address to listen on and listens on every one: whoever reaches this machine can write to
    the bot as its person, so it is for trials with the sample directory only.
    """
    print(f"Starting the Playground of the {persona.role} on port {port}", flush=True)
    details = LOGS / f"{persona.configuration}-details.log"
    settings = {
        "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(CONFIGURATIONS / f"{persona.configuration}.yml"),
        "M365_AGENTS_PLAYGROUND_LOGFILE": str(details),
        "TEAMSAPPTESTER_BROWSER": "none",
    }
    command: list[str | Path] = [NODE, PLAYGROUND, "--app-endpoint", f"http://127.0.0.1:{bot_port}/api/messages"]
    command += ["--channel-id", "msteams", "--port", str(port), "--disable-telemetry"]
    logs = [LOGS / f"{persona.configuration}.log", details]
    return children.start(f"The Playground of the {persona.role}", command, {**environment, **settings}, logs)


def is_listening(child: Child, port: int) -> bool:
    """Tell whether the Playground answers on the port it was given and not on one of its own choice."""
    said = [line for line in child.logs[0].read_text().splitlines() if line.startswith("Listening on ")]
    if said and said[0] != f"Listening on {port}":
        raise ChildFailedError(child, f"did not get port {port}: it says {said[0]!r}")
    return bool(said) and answer_of(port, "GET", "/_debug/ping") is not None


def directory_of(places: Mapping[int, Persona]) -> list[str]:
    """Install the bot for each person, as adding the app in Teams does, and say who is where."""
    lines = ["", f"{'Name':<16}{'Role':<12}{'Partner':<10}Address"]
    for port, persona in places.items():
        configuration = json.loads(answer_of(port, "GET", "/_internal/v1/testConfig") or b"{}")["config"]
        chat = quote(configuration["personalChat"]["id"], safe="")
        answer_of(port, "POST", f"/_debug/conversation/{chat}/installation")
        name = configuration["currentUser"]["name"]
        lines.append(f"{name:<16}{persona.role:<12}{persona.partner:<10}http://localhost:{port}/")
    return lines


def how_to_go_on(bot_port: int) -> list[str]:
    """Say how a day passes at once, so that promises come due, and how to end."""
    clock = f"http://127.0.0.1:{bot_port}/local/clock"
    day = f"curl -d '{{\"advance_seconds\": 86400}}' {clock}"
    return ["", "Let a day pass, with its reminders and briefs:", f"  {day}", "", "Press Ctrl-C to stop."]


def answer_of(port: int, method: str, path: str) -> bytes | None:
    """Fetch the body of a 200 from this machine; None as long as there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        body, headers = ("{}", {"Content-Type": "application/json"}) if method == "POST" else (None, {})
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.read() if response.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
