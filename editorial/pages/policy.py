"""The editorial policy as it is run: made of the review rules in force, the checks and the settings of this site, so that it says what is done and no more."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.conf import settings

from articles import lookup
from articles.checks import CHECKS, MUST_FIX
from articles.clinical import KINDS, MAY_BE_MINOR
from articles.evidence import Lists, lists_known
from articles.models import CheckSeverity, ListImport
from editorial import ladder
from editorial.pages import today
from editorial.pages.matters import say
from editorial.rereview import GUIDELINE_YEARS
from reviews.matching import TIE_MONTHS
from reviews.models import ReviewPolicy
from reviews.signing import FRESH_FOR


def page() -> dict[str, Any]:
    """All that the page says beside its fixed words; five queries."""
    policies = list(ReviewPolicy.objects.public().prefetch_related("specialties"))
    day = today()
    return {
        "version": sum(policy.number for policy in policies),
        "since": max((policy.adopted_at for policy in policies), default=None),
        "rules": [rule(policy) for policy in policies],
        "refusals": list(_refusals(policies)),
        "watch": list(watch(day)),
        "reminders": [-days for days in sorted(ladder.of_page(day, 0, day).steps) if days < 0],
        "never_minor": [kind.label for key, kind in KINDS.items() if kind.is_critical and key not in MAY_BE_MINOR],
        "tie_months": TIE_MONTHS,
        "fresh_minutes": int(FRESH_FOR.total_seconds() // 60),
        "guideline_years": GUIDELINE_YEARS,
        "second_factor": settings.SECOND_FACTOR_REQUIRED,
    }


def rule(policy: ReviewPolicy) -> dict[str, Any]:
    """The review rules of one type of article."""
    return {
        "type": policy.article_type.name,
        "approvals": policy.approvals,
        "medical": policy.medical_approvals,
        "specialties": [specialty.name for specialty in policy.specialties.all()],
        "invitation": policy.invitation_days,
        "review": policy.review_days,
        "interval": policy.interval_months,
        "ahead": policy.ahead_days,
        "grace": policy.grace_days,
        "after_grace": policy.get_after_grace_display().lower(),
        "evidence": policy.evidence_days,
        "names_reviewers": policy.names_reviewers_to_authors,
        "questions": policy.questions,
        "number": policy.number,
        "on": policy.adopted_at,
    }


def _refusals(policies: Sequence[ReviewPolicy]) -> Iterator[dict[str, Any]]:
    """What refuses a submission: each check in words, the types of article for which it does where not for all, and whether an editor may let it stand."""
    set_here: dict[tuple[str, str], str] = {}
    for kind, name, level in CheckSeverity.objects.order_by().values_list("article_type__key", "check_id", "level"):
        set_here[kind, name] = level
    found: dict[str, list[str]] = defaultdict(list)
    for check in CHECKS.values():
        for policy in policies:
            if set_here.get((policy.article_type.key, check.id), check.level_for(policy.article_type.key)) == MUST_FIX:
                found[check.id].append(policy.article_type.name)
    for key, types in found.items():
        yield {"words": CHECKS[key].title, "types": [] if len(types) == len(policies) else types, "can_be_waived": CHECKS[key].can_be_waived}


# ---- How the evidence is watched


def watch(day: date) -> Iterator[str]:
    """How this site learns what happened to cited works, in sentences: what is switched on, and how fresh what is known is."""
    yield " ".join(_of_the_list(lists_known(), day))
    yield _of_the_services()


def _of_the_list(lists: Lists, day: date) -> Iterator[str]:
    name = f"The list of retractions kept by {ListImport.RETRACTION_WATCH}"
    if settings.RETRACTIONS_FROM:
        yield f"{name} is taken in every day and compared with every work that a public article cites."
    elif lists.as_of or lists.failed_on:
        yield f"{name} is taken in by hand, not every day; every work that a public article cites is compared with it."
    else:
        yield "No list of retractions is taken in here, so cited works are not compared with one."
        return
    if lists.failed_on:
        yield f"It could not be taken in on {say(lists.failed_on)}."
    if lists.as_of is None:
        yield "Nothing of it is known here yet: no work was compared with it."
    else:
        yield f"What is known here is of {say(lists.as_of)}{': more than a week old' if lists.is_old(day) else ''}."


def _of_the_services() -> str:
    """Which registries are asked about single works; none unless the settings name one."""
    on = {service.label: service.about for service in lookup.SERVICES.values() if service.is_on and not service.is_search}
    if not on:
        return "No registry is asked about single works."
    days = settings.LOOK_UP_DAYS
    again = "every day" if days == 1 else f"again after {days} days"
    asked = " and ".join(f"{label} is asked about each that has a {about}" for label, about in on.items())
    return f"Of the works that public articles cite, {asked}, {again}."
