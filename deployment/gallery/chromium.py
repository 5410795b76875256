"""Finds the system's Chromium and says how it is started here."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")

# No sandbox, because it needs rights that containers withhold; the rest keeps the browser from calling its maker.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)
