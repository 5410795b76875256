"""The search from anywhere in Teams: the query of the message extension, parsed, and the answer to it."""

from collections.abc import Mapping

from bot.cards.found import found_card, preview_of
from bot.channel.answers import Answer, Hit, found_answer, told_answer
from bot.domain.people import Person
from bot.domain.search import Search

QUERY = "composeExtension/query"
COMMAND = "search"
PARAMETER = "query"
"""As the app's manifest names them."""
NOTHING_FOUND = "Nothing found. Type a request number, the beginning of a customer's name, or a workload."


def parse_query(value: object) -> str | None:
    """Return the text that is searched for, '' while there is none; None for what has no answer.

    That is the query of another command, or one for what follows the hits, of which there is one page only.
    """
    if not isinstance(value, Mapping) or value.get("commandId") != COMMAND:
        return None
    options = value.get("queryOptions")
    skipped = options.get("skip") if isinstance(options, Mapping) else None
    if isinstance(skipped, int) and skipped > 0:
        return None
    parameters = value.get("parameters")
    for each in parameters if isinstance(parameters, list) else ():
        if isinstance(each, Mapping) and each.get("name") == PARAMETER and isinstance(each.get("value"), str):
            return str(each["value"])
    return ""


async def answer_query(search: Search, person: Person, value: object, bot_id: str) -> Answer:
    """Answer the query of somebody known; what it finds says to others no more than a number and a status."""
    text = parse_query(value)
    if text is None:
        return found_answer([])
    found = await search.found(person, text)
    hits = [Hit(found_card(request, bot_id), *preview_of(request)) for request in found]
    return found_answer(hits) if hits else told_answer(NOTHING_FOUND)
