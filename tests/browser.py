"""A person in front of a Playground page, and the local run that serves such pages."""

import asyncio
import contextlib
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from deployment.gallery.chromium import ARGUMENTS

ROOT = Path(__file__).resolve().parents[1]
PERSONAS = 5
SECONDS_AT_REST = 1
PATIENCE_SECONDS = 30
AT_REST = """milliseconds => new Promise(done => {
    const end = () => { changes.disconnect(); done(); };
    let timer = setTimeout(end, milliseconds);
    const changes = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, milliseconds); });
    changes.observe(document.body, {subtree: true, childList: true, characterData: true});
})"""


class Person:
    """Sees and presses only what the page shows; every step waits for what it needs, so that no test has to."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @classmethod
    async def at(cls, browser: Browser, address: str) -> Self:
        """Open the page in a window of its own and wait until the chat takes messages."""
        context = await browser.new_context(viewport={"width": 1280, "height": 1000})
        page = await context.new_page()
        await page.goto(address, wait_until="domcontentloaded")
        await page.get_by_text("Connected.").first.wait_for()
        # The button that closes the log has no name; it stands last in the row of the log's title.
        await page.get_by_text("Log Panel", exact=True).locator("..").get_by_role("button").last.click()
        return cls(page)

    async def write(self, text: str) -> None:
        box = self._page.locator('[contenteditable="true"]').first
        await box.click()
        await self._page.keyboard.type(text)
        await self._page.keyboard.press("Enter")

    def card(self, showing: str = "") -> Locator:
        """Find the newest card, or the newest that shows the text."""
        return self._page.locator(".ac-preview-panel > .ac-adaptiveCard").filter(has_text=showing).last

    async def fill(self, label: str, text: str, *, showing: str = "") -> None:
        await self.card(showing).get_by_role("textbox", name=starting_with(label)).fill(text)

    async def pick_day(self, label: str, day: str, *, showing: str = "") -> None:
        """Give a day, like 2026-12-01."""
        await self.card(showing).get_by_label(starting_with(label)).fill(day)

    async def choose(self, label: str, *options: str, showing: str = "") -> None:
        """Choose in a drop-down list, among radio buttons or among boxes to tick, whichever bears the label."""
        card, name = self.card(showing), starting_with(label)
        combobox, group = card.get_by_role("combobox", name=name), card.get_by_role("radiogroup", name=name)
        boxes = card.get_by_role("checkbox", name=name)
        await combobox.or_(group).or_(boxes).first.wait_for()
        for option in options:
            if await combobox.count():
                await combobox.click()
                await self._page.get_by_role("option", name=option, exact=True).click()
            elif await group.count():
                await group.get_by_role("radio", name=option, exact=True).check()
            else:
                await card.get_by_role("checkbox", name=f"{label} {option}", exact=True).check()

    async def press(self, title: str, *, showing: str = "") -> None:
        await self.card(showing).get_by_role("button", name=title, exact=True).last.click()

    async def open(self, title: str, *, showing: str = "") -> None:
        """Press a button that opens a form on its card, once nothing moves any more: an update would close the form."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._page.evaluate(AT_REST, SECONDS_AT_REST * 1000)
        await self.press(title, showing=showing)

    async def sees(self, text: str) -> None:
        """Wait until the newest card shows the text."""
        await expect(self.card()).to_contain_text(text, timeout=PATIENCE_SECONDS * 1000)

    async def is_told(self, text: str) -> None:
        """Wait until the chat shows the text, in a card or beside."""
        await self._page.get_by_text(text).last.wait_for()

    async def reads(self) -> str:
        return await self.card().inner_text()

    async def take_picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        await self._page.screenshot(path=path)


def starting_with(label: str) -> re.Pattern[str]:
    """Match a field's name, which goes on with its message once there was a mistake."""
    return re.compile(rf"^{re.escape(label)}(\s|$)")


@contextlib.asynccontextmanager
async def open_browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def local_run(**settings: str) -> AsyncIterator[dict[str, str]]:
    """Do what `make run` does after the set-up, on free ports; yields the address of each persona by name."""
    ports = {"SME_PORT": str(free_ports(1)), "SME_PLAYGROUND_PORT": str(free_ports(PERSONAS))}
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deployment.playground.run"),
        cwd=ROOT,
        env={**os.environ, **ports, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield await addresses_printed_by(run)
    finally:
        with contextlib.suppress(ProcessLookupError):
            run.terminate()
        await run.communicate()


async def addresses_printed_by(run: asyncio.subprocess.Process) -> dict[str, str]:
    said, addresses = "", {}
    while "Press Ctrl-C" not in said:
        line = (await run.stdout.readline()).decode()
        if not line:
            raise AssertionError(f"the local run ended by itself:\n{said}")
        said += line
        if found := re.match(r"(?P<name>\w+ \w+)  .*(?P<address>http://\S+)", line):
            addresses[found["name"]] = found["address"]
    return addresses


def free_ports(count: int) -> int:
    """Find the first of so many free ports in a row."""
    while True:
        with contextlib.ExitStack() as held:
            first = held.enter_context(socket.create_server(("", 0))).getsockname()[1]
            try:
                for port in range(first + 1, first + count):
                    held.enter_context(socket.create_server(("", port)))
            except (OSError, OverflowError):
                continue
            return first
