"""Draws cards with the official renderer, as `python -m deployment.gallery.render FOLDER` or by `lint` in a test."""

import html
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from deployment.gallery.chromium import ARGUMENTS, find_chromium

HERE = Path(__file__).resolve().parent
MODULES = HERE.parent.parent / "node_modules"
SCRIPTS = (
    # The renderer looks for markdown-it on the page and then treats texts as Teams does.
    MODULES / "markdown-it" / "dist" / "browser" / "markdown-it.umd.min.js",
    MODULES / "adaptivecards" / "dist" / "adaptivecards.min.js",
    HERE / "card.js",
)
NO_CHROMIUM = "There is no Chromium: install chromium, then try again."
STYLES = MODULES / "adaptivecards" / "dist" / "adaptivecards.css"


@dataclass(frozen=True)
class View:
    """One way to look at a card: a theme of Teams and a width in pixels."""

    name: str
    theme: str
    width: int


VIEWS = (View("light", "light", 600), View("dark", "dark", 600), View("phone", "light", 360))

Card = dict[str, Any]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Use: python -m deployment.gallery.render FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    for picture in folder.glob("*.png"):
        picture.unlink()
    cards = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    if not cards or find_chromium() is None:
        fault = f"There are no cards in {folder}." if not cards else NO_CHROMIUM
        print(fault, file=sys.stderr)
        return 2
    findings = draw(cards, folder)
    (folder / "index.html").write_text(contact_sheet(folder, list(cards)), encoding="utf-8")
    print("\n".join(findings), file=sys.stderr, end="\n" if findings else "")
    print(f"{len(cards)} cards drawn, {len(findings)} findings: {folder / 'index.html'}")
    return 1 if findings else 0


def lint(cards: Mapping[str, Card]) -> list[str]:
    """Say what the official renderer and its validation find wrong, as `card: finding`; nothing when all is well."""
    with renderer() as page:
        return [f"{name}: {finding}" for name, card in cards.items() for finding in show(page, card, VIEWS[0])]


def draw(cards: Mapping[str, Card], folder: Path) -> list[str]:
    """Write a picture of every card in every view beside its JSON; the answer is that of `lint`."""
    findings = []
    with renderer() as page:
        for name, card in cards.items():
            found: dict[str, None] = {}
            for view in VIEWS:
                found |= dict.fromkeys(show(page, card, view))
                page.locator("body").screenshot(path=folder / f"{name}-{view.name}.png")
            draw_opened(page, card, name, folder)
            findings += [f"{name}: {finding}" for finding in found]
    return findings


def draw_opened(page: Page, card: Card, name: str, folder: Path) -> None:
    """Write a picture for each button that opens a card within the card."""
    show(page, card, VIEWS[0])
    for number, button in enumerate(page.locator("button.expandable").all(), 1):
        button.click()
        page.locator("body").screenshot(path=folder / f"{name}-opened-{number}.png")


@contextmanager
def renderer() -> Iterator[Page]:
    """Open one browser page that can draw cards; RuntimeError when there is no Chromium."""
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 700, "height": 900}, device_scale_factor=2)
        page.set_content((HERE / "page.html").read_text(encoding="utf-8"))
        page.add_style_tag(path=STYLES)
        for script in SCRIPTS:
            page.add_script_tag(path=script)
        yield page
        browser.close()


def show(page: Page, card: Card, view: View) -> list[str]:
    """Draw one card on the page and list what is wrong with it."""
    host = json.loads((HERE / f"microsoft-teams-{view.theme}.json").read_text(encoding="utf-8"))
    page.evaluate("theme => { document.body.className = theme; }", view.theme)
    page.locator("#card").evaluate("(element, width) => { element.style.width = `${width}px`; }", view.width)
    findings: list[str] = page.evaluate("([card, host]) => showCard(card, host)", [card, host])
    return findings


def contact_sheet(folder: Path, names: list[str]) -> str:
    """Put all pictures on one page, one row per card."""
    rows = []
    for name in names:
        views = [view.name for view in VIEWS]
        views += [path.stem.removeprefix(f"{name}-") for path in sorted(folder.glob(f"{name}-opened-?.png"))]
        title = html.escape(name)
        pictures = "".join(f'<td><img src="{title}-{view}.png" alt="{title}, {view}">' for view in views)
        rows.append(f'<tr><th colspan="{len(views)}"><a href="{title}.json">{title}</a><tr>{pictures}')
    style = "body{font:14px sans-serif}th{text-align:left;padding-top:24px}td{vertical-align:top}img{zoom:.5}"
    head = f'<!doctype html><meta charset="utf-8"><title>Cards</title><style>{style}</style>'
    return f"{head}<table>{''.join(rows)}</table>\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
