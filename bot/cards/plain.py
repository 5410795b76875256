"""The plain words of a card, for a mail body and for the line that a notification shows."""

from bot.cards.pieces import Card, Element


def as_text(card: Card) -> str:
    """Return what the card says, one line for each paragraph or fact; inputs and buttons are left out."""
    lines = (line for element in card["body"] for line in _lines(element))
    return "\n".join(line for line in lines if line.strip())


def _lines(element: Element) -> list[str]:
    match element["type"]:
        case "TextBlock":
            return [element["text"]]
        case "RichTextBlock":
            return ["".join(run["text"] for run in element["inlines"])]
        case "FactSet":
            return [f"{fact['title']}: {fact['value']}" for fact in element["facts"]]
        case "Container":
            return [line for item in element["items"] for line in _lines(item)]
        case "ColumnSet":
            cells = [
                " ".join(line for item in column["items"] for line in _lines(item)) for column in element["columns"]
            ]
            return [": ".join(cell for cell in cells if cell)]
    return []
