"""Every card of the gallery is well made, and the official renderer finds nothing wrong."""

import json

import pytest

from deployment.gallery.render import lint
from tests import gallery
from tests.cards.lint import actions_of, faults_of

CARDS = gallery.cards()
EXTREME = {name: card for kind in gallery.EXTREMES for name, card in gallery.extreme_cards(kind).items()}


@pytest.mark.parametrize("name", CARDS)
def test_every_card_is_well_made(name):
    assert faults_of(CARDS[name]) == []


@pytest.mark.parametrize("name", EXTREME)
def test_every_card_is_well_made_whatever_stands_on_it(name):
    assert faults_of(EXTREME[name]) == []


@pytest.mark.usefixtures("chromium_path")
def test_the_official_renderer_finds_nothing_wrong():
    assert lint(CARDS) == []


@pytest.mark.parametrize("name", [n for n in CARDS if n.split("-")[0] in {"requester", "decision", "ping", "status"}])
def test_every_card_about_a_request_shows_its_number(name):
    assert "CONTOSO-7K3QXD" in json.dumps(CARDS[name]["body"])


@pytest.mark.parametrize("name", CARDS)
def test_a_card_has_at_most_one_positive_button_below_it(name):
    buttons = [a for a in CARDS[name].get("actions", []) if a.get("style") == "positive"]
    assert len(buttons) <= 1


@pytest.mark.parametrize("name", CARDS)
def test_a_link_leads_only_to_the_published_guidance(name):
    links = [a["url"] for a in actions_of(CARDS[name]) if a["type"] == "Action.OpenUrl"]
    assert all(link.startswith("https://learn.microsoft.com/") for link in links)
    asks_for_exception = "page-reason" in name and '"exception_reason"' in json.dumps(CARDS[name])
    assert bool(links) == (name == "self-deploy" or asks_for_exception)


def test_the_gallery_writes_each_card_as_json(tmp_path):
    (tmp_path / "of-an-earlier-run.json").write_text("{}")
    assert gallery.main([str(tmp_path)]) == 0
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.json")}
    assert written == CARDS


def test_the_gallery_says_how_it_is_used(capsys):
    assert gallery.main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
