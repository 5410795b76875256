"""Checks a page of the form, and says which page, verdict or review comes next."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from bot.domain.errors import Mistake
from bot.domain.fields import PAGES, Answers, Checked, Field, FormContext, on_page
from bot.domain.form_context import all_fpms
from bot.domain.routing import Outcome, RoutingTable, Verdict
from bot.domain.texts import cleaned

REVIEW: Literal["review"] = "review"
SELF_DEPLOY: Literal["self_deploy"] = "self_deploy"
_VERDICT_KEYS = ("workload", "seat_count", "primary_language")
_DECIDING_PAGE = "need"


def verdict_of(table: RoutingTable, answers: Answers) -> Verdict | None:
    """Return the verdict as soon as workload, seats and language are answered."""
    if not all(answers.get(key) for key in _VERDICT_KEYS):
        return None
    try:
        return table.verdict(answers["workload"], int(answers["seat_count"]), answers["primary_language"])
    except (KeyError, ValueError):
        # Answers of an older catalogue: their page is asked again, and the verdict comes with it.
        return None


def _text_of(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw == raw // 1:
        return str(int(raw))
    raise Mistake("This answer could not be read. Please type or choose it again.")


def _parsed(field: Field, raw: object, context: FormContext) -> str:
    text = _text_of(raw)
    if not cleaned(text):
        if field.required(context):
            raise Mistake("Please fill this in.")
        return ""
    return field.kind.parse(text, field.options(context))


def _crossed(field: Field, answer: str, answers: Answers, context: FormContext) -> None:
    if field.key == "secondary_language" and answer and answer == answers.get("primary_language"):
        raise Mistake("The second language is the same as the first. Please choose another, or none.")
    if field.key == "fpm_other" and answer and answer not in all_fpms(context):
        raise Mistake("The directory has no FPM with this e-mail address.")


def check_page(page: str, raw: Mapping[str, object], context: FormContext) -> Checked:
    """Check what was given on a page; unknown keys are ignored, an optional answer left empty is stored as ''."""
    answers = dict(context.answers)
    taken: dict[str, str] = {}
    mistakes: dict[str, str] = {}
    so_far = replace(context, answers=answers)
    for field in on_page(page, context):
        try:
            answer = _parsed(field, raw.get(field.key), so_far)
            _crossed(field, answer, answers, context)
        except Mistake as mistake:
            mistakes[field.key] = mistake.sentence
            answers.pop(field.key, None)
        else:
            answers[field.key] = taken[field.key] = answer
    if taken.get("email_source", "other") != "other":
        taken["email_source_other"] = ""
        mistakes.pop("email_source_other", None)
    if taken.get("fpm_other"):
        taken["fpm"], taken["fpm_other"] = taken["fpm_other"], ""
        mistakes.pop("fpm", None)
    return Checked(taken, mistakes)


def page_is_done(page: str, context: FormContext) -> bool:
    """Say whether every answer of the page stands and would be taken again."""
    asked = on_page(page, context)
    known = all(f.key in context.answers for f in asked)
    return known and not check_page(page, context.answers, context).mistakes


def settled(context: FormContext) -> dict[str, str]:
    """Return the answers that still have a question: those of fields no longer asked are left out."""
    return {
        field.key: context.answers[field.key]
        for page in PAGES
        for field in on_page(page.key, context)
        if field.key in context.answers
    }


def next_stop(context: FormContext) -> str:
    """Return the first page that is not done, or SELF_DEPLOY when the verdict ends the form, or REVIEW."""
    for page in PAGES:
        if not page_is_done(page.key, context):
            return page.key
        if page.key == _DECIDING_PAGE and context.verdict and context.verdict.outcome is Outcome.SELF_DEPLOY:
            return SELF_DEPLOY
    return REVIEW


def page_before(page: str) -> str:
    """Return the page before this one; REVIEW's is the last page, SELF_DEPLOY's the page that decided."""
    if page == SELF_DEPLOY:
        return _DECIDING_PAGE
    keys = [p.key for p in PAGES]
    return keys[-1] if page == REVIEW else keys[max(0, keys.index(page) - 1)]
