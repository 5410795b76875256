"""What partner, FPM and SME see alike of the work on a request: kick-off, notes, what came of it, and the rating."""

from bot.cards.answers import NOTE_STATUSES, in_words
from bot.cards.inputs import choice_input, date_input, several_input, text_input
from bot.cards.kickoff import MODES, is_at_work, kickoff_box
from bot.cards.pieces import Button, Element, Runs, box, facts, own, rich, run, show_card, text_block
from bot.cards.pieces import execute as execute_button
from bot.cards.request_parts import data_of, press
from bot.cards.size import never_cut, shortened
from bot.cards.words import day_words
from bot.domain.engagement import BEST_RATING, Engagement, Note, NoteStatus
from bot.domain.lifecycle import Action, EngagementStatus, Relation, Status, Topic
from bot.domain.texts import PART_LONGEST, WORDS_LONGEST
from bot.domain.view import RequestView

_SHOWN, _CRITERION_SHOWN = 500, 100


def engagement_body(view: RequestView, topic: Topic) -> list[Element]:
    """Return the boxes about the work on a request, while an SME has it and after it is closed."""
    engagement = view.engagement
    is_over = view.request.status is Status.CLOSED
    if engagement is None or not engagement.accepted_at or not (view.request.status is Status.ASSIGNED or is_over):
        return []
    body = [*_result_box(view, engagement), *_rating_box(view, topic), *_last_day(view, engagement)]
    note = _note_box(engagement.note) if engagement.result is None else []
    kickoff = kickoff_box(view, topic)
    return [*body, *note, *kickoff] if engagement.kickoff and not engagement.to_agree else [*body, *kickoff, *note]


def _last_day(view: RequestView, engagement: Engagement) -> list[Element]:
    """Say when proactive help ends by itself."""
    if engagement.last_day is None or not is_at_work(view):
        return []
    return [rich(run("This help ends by itself after "), run(day_words(engagement.last_day), bold=True), run("."))]


def work_buttons(view: RequestView, topic: Topic) -> list[Button]:
    """Return the buttons of the SME at work."""
    shown = {
        Action.CONTACTED: press(view, topic, "contacted", "Contacted", style="positive"),
        Action.NOTE: _note_card(view, topic),
        Action.COMPLETE: _complete_card(view, topic),
    }
    return [button for action, button in shown.items() if action in view.allowed]


def _note_box(note: Note | None) -> list[Element]:
    if note is None:
        return []
    step = run(shortened(note.next_step, _SHOWN)) if note.next_step else []
    by = " by" if note.next_step else "By"
    when = run(f"{by} {day_words(note.next_date)}", bold=True) if note.next_date else []
    rows = [("Next step", step + when), ("Concerns", run(shortened(note.concerns, _SHOWN)))]
    status = run(NOTE_STATUSES[note.status], bold=True)
    head = rich(run("How it stands: ", bold=True), status)
    return [box([head, rich(run(shortened(note.summary, _SHOWN)), spacing="small"), *facts(rows)])]


def _note_card(view: RequestView, topic: Topic) -> Button:
    statuses = {status.value: NOTE_STATUSES[status] for status in NoteStatus}
    note = view.engagement.note if view.engagement else None
    value = note.status.value if note else NoteStatus.ON_TRACK.value
    missing = "Please say in a few words how the work stands."
    inputs = [
        choice_input("note_status", "How does it stand?", statuses, missing="Please choose.", value=value),
        text_input("note_summary", "In a few words", missing=missing, multiline=True, longest=PART_LONGEST),
        text_input("note_next", "Next step (optional)", longest=PART_LONGEST),
        date_input("note_next_date", "By when (optional)"),
        text_input("note_concerns", "Concerns (optional)", multiline=True, longest=PART_LONGEST),
    ]
    return show_card("Write a note", inputs, press(view, topic, "note", "Save the note", style="positive"))


def _complete_card(view: RequestView, topic: Topic) -> Button:
    kickoff = view.engagement.kickoff if view.engagement else None
    criteria = {str(place): text for place, text in enumerate(kickoff.exit_criteria, 1)} if kickoff else {}
    is_agreed = not (view.engagement and view.engagement.to_agree)
    waive = "If one is not met: why is it waived?" if is_agreed else "Not everybody has agreed: why is that waived?"
    needs = "" if is_agreed else "Please say why."
    # Clients read the titles of choices as Markdown: what the SME wrote stands above them.
    said = [
        rich(run(f"{place}  ", bold=True), run(shortened(text, _CRITERION_SHOWN)), spacing="none")
        for place, text in criteria.items()
    ]
    checked = [
        *said,
        several_input("met", "Which exit criteria are met?", {place: f"Number {place}" for place in criteria}),
        text_input("waive_reason", waive, missing=needs, multiline=True, longest=WORDS_LONGEST),
    ]
    missing = "Please write a summary for the FPM and the partner."
    inputs = [
        *(checked if criteria else []),
        text_input("summary", "Summary for FPM and partner", missing=missing, multiline=True, longest=WORDS_LONGEST),
        text_input("feedback", "Feedback, for the FPM only", multiline=True, longest=WORDS_LONGEST),
    ]
    return show_card("Complete", inputs, press(view, topic, "complete", "Complete the help", style="positive"))


def _result_box(view: RequestView, engagement: Engagement) -> list[Element]:
    result = engagement.result
    if result is None:
        return []
    is_partner = view.relations.isdisjoint({Relation.SME, Relation.FPM})
    waived = text_block(f"{_waived(engagement)}, because", shortened(result.waive_reason, _SHOWN))
    own_words = [] if is_partner else text_block("Feedback for the FPM", shortened(result.feedback, _SHOWN))
    fpm = run(view.name_of(view.request.fpm), bold=True)
    whom = rich(run("For anything new, talk to "), fpm, run(" first."), spacing="medium")
    text = [] if is_partner else never_cut(text_block("Text for FTOP", ftop_text(view, engagement)))
    said = [*text_block("Summary", result.summary), *waived, *own_words, *([whom] if is_partner else []), *text]
    return [box([own("What came of it", bold=True), *said], "good")]


def _waived(engagement: Engagement) -> str:
    """Return what was passed over at the end: that not all had agreed, or criteria."""
    return "Not agreed by all" if engagement.to_agree else "Waived"


def ftop_text(view: RequestView, engagement: Engagement) -> str:
    """Return what the SME reports in FTOP (R:283), to be copied from the card."""
    kickoff, result, request = engagement.kickoff, engagement.result, view.request
    criteria = kickoff.exit_criteria if kickoff else ()
    met = result.met if result else ()
    lines = [
        f"{request.number}, {request.customer}, {in_words('workload', request.answers['workload'], {})}",
        f"Partner: {view.partner.name}. SME: {view.name_of(engagement.sme)}. FPM: {view.name_of(request.fpm)}.",
        f"Worked: {MODES[kickoff.mode].lower()}." if kickoff else "",
        f"Learners: {', '.join(kickoff.learners)}." if kickoff and kickoff.learners else "",
        *(f"{'Met' if place in met else 'Waived'}: {text}" for place, text in enumerate(criteria, 1)),
        f"{_waived(engagement)} because: {result.waive_reason}" if result and result.waive_reason else "",
        f"Summary: {result.summary}" if result else "",
    ]
    return "\n".join(filter(None, lines))


def _rating_box(view: RequestView, topic: Topic) -> list[Element]:
    """Return the five buttons for the partner; the rating, once given, is the partner's and the FPM's to read."""
    if Action.RATE in view.allowed:
        comment = text_input("rating_comment", "A word about it (optional)", multiline=True, longest=WORDS_LONGEST)
        buttons = {"type": "ActionSet", "actions": [_star(view, topic, stars) for stars in range(1, BEST_RATING + 1)]}
        asked = own(f"How was the help? From 1 to {BEST_RATING}, the best.", bold=True)
        return [box([asked, comment, buttons], "accent")]
    return rating_shown(view)


def rating_shown(view: RequestView) -> list[Element]:
    """Return the rating for those who may read it: not the SME."""
    rating = view.engagement.rating if view.engagement else None
    if rating is None or not view.may_read_ratings:
        return []
    said: Runs = run(f"Rated {rating.stars} of {BEST_RATING}", bold=True)
    comment_shown = [rich(run(f"“{shortened(rating.comment, _SHOWN)}”"), spacing="small")] if rating.comment else []
    return [box([rich(said), *comment_shown], "warning" if rating.is_low else "emphasis")]


def _star(view: RequestView, topic: Topic, stars: int) -> Button:
    return execute_button(str(stars), {**data_of(view, "rate", topic), "rating": stars})


def standing_words(view: RequestView) -> Runs:
    """Return how the work stands in a sentence, for who has nothing to do about it now; nothing before it begins."""
    engagement = view.engagement
    if engagement is None or view.request.status is not Status.ASSIGNED:
        return []
    sme = run(view.name_of(view.request.sme))
    if engagement.status is EngagementStatus.COMPLETED:
        return sme + run(
            " has completed the help." if engagement.result else "'s time is over. The summary is to come."
        )
    if not is_at_work(view):
        return []
    if engagement.kickoff and not engagement.to_agree:
        return sme + run(" is at work, as agreed in the kick-off.")
    return []
