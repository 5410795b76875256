"""The answers to presses and searches, as Teams documents them."""

import json

from bot.channel.answers import Hit, card_answer, error_answer, found_answer, message_answer, told_answer

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}


def on_the_wire(answer):
    status, body = answer
    return status, json.loads(json.dumps(body))


def test_a_card_replaces_the_pressed_one():
    assert on_the_wire(card_answer(CARD)) == (
        200,
        {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": CARD},
    )


def test_a_sentence_is_shown():
    assert on_the_wire(message_answer("Done.")) == (
        200,
        {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done."},
    )


def test_an_error_is_told_inside_an_http_answer_that_went_well():
    assert on_the_wire(error_answer(400, "BadRequest", "There is no such button.")) == (
        200,
        {
            "statusCode": 400,
            "type": "application/vnd.microsoft.error",
            "value": {"code": "BadRequest", "message": "There is no such button."},
        },
    )


def test_what_a_search_finds_has_a_card_for_the_chat_and_lines_for_who_searches():
    assert on_the_wire(found_answer([Hit(CARD, "Tailspin Toys", "Teams")])) == (
        200,
        {
            "composeExtension": {
                "type": "result",
                "attachmentLayout": "list",
                "attachments": [
                    {
                        "contentType": "application/vnd.microsoft.card.adaptive",
                        "content": CARD,
                        "preview": {
                            "contentType": "application/vnd.microsoft.card.thumbnail",
                            "content": {"title": "Tailspin Toys", "text": "Teams"},
                        },
                    }
                ],
            }
        },
    )


def test_a_search_can_be_answered_with_a_sentence():
    body = {"composeExtension": {"type": "message", "text": "Nothing found."}}
    assert on_the_wire(told_answer("Nothing found.")) == (200, body)
