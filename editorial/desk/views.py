"""The reading pages of the desk: the morning, one's own reviews, the lists, a submission, the records."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from articles.evidence import lists_known
from editorial import health, waiving
from editorial.desk import chips, earlier, facts, morning, outside, own, questions
from editorial.desk.acts import desk, person
from editorial.desk.decisions import one, read_context
from editorial.desk.publications import seen as seen_publications
from editorial.desk.review import mine
from editorial.desk.rows import Button, Row, paged, paged_rows
from editorial.desk.waiting import pages_due
from editorial.models import EvidenceCase, Publication, SavedFilter
from editorial.people import is_editor
from records import clock
from records.models import Outbox, User
from records.permits import may
from reviews import workload
from reviews.models import ReviewAssignment, ReviewPolicy
from reviews.policies import has_yet_to_sign

SHOWN, MOST = 10, 100


@require_safe
def index(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The desk of whoever signs in: an editor's morning, a reviewer's reviews, an administrator's office."""
    user = person(request)
    if is_editor(user):
        return _morning(request, user)
    if user.has_perm("reviews.review"):
        return _own(request, user)
    return _office(request, user)


# ---- The editor's morning


def _morning(request: HttpRequest, user: User) -> HttpResponse:
    today = clock.today()
    counts, groups = morning.counts(today), list[dict[str, Any]]()
    for name, words in morning.GROUPS.items():
        number = counts[name]
        shown = list(morning.keys(name, today)[:SHOWN]) if name != "open" and number else []
        groups.append({"name": name, "words": words, "empty": morning.EMPTY[name], "count": number, "keys": shown, "has_more": number > SHOWN})
    made = morning.rows([key for group in groups for key in group["keys"]], user, today)
    for group in groups:
        group["rows"] = [made[key] for key, *_ in group["keys"] if key in made]
    context = {
        "today": today,
        "heartbeat": health.sweep_of_late(),
        "groups": groups,
        "lists": groups[:3],
        "is_quiet": not groups[0]["count"],
        "next": _next(today) if not groups[0]["count"] else None,
        "alerts": EvidenceCase.objects.open().count(),
        "oldest": (oldest := morning.oldest()),
        "oldest_days": (today - localdate(oldest.submitted_at)).days if oldest else 0,
        "kept": list(SavedFilter.objects.filter(owner=user)),
        "load": workload.busiest(today, SHOWN),
        "unchecked": morning.unchecked_references(),
        "watched": (watched := lists_known()),
        "is_old": watched.is_old(today),
        "asked": waiving.open_questions().count() if may("see_waivers", user) else 0,
        "readers": questions.counted(user),
        "own": mine(user).exclude(state=ReviewAssignment.State.COMPLETED).count() if user.has_perm("reviews.review") else 0,
    }
    return render(request, "admin/desk/morning.html", context)


def _next(today: Any) -> dict[str, Any] | None:
    """What comes due next, where nothing needs an editor now."""
    found = morning.standing_publications().for_desk().filter(review_due_on__gte=today).order_by("review_due_on").first()  # type: ignore[attr-defined]
    return {"day": found.review_due_on, "title": found.submission.version.title} if found else None


@desk("see_submission")
@require_safe
def queue(request: HttpRequest, name: str) -> HttpResponse:
    """One list of the morning, whole, 25 rows a page."""
    user = person(request)
    if name not in morning.GROUPS or not is_editor(user):
        raise Http404
    today = clock.today()
    page, pages = paged(request, morning.keys(name, today))
    made = morning.rows(list(page.object_list), user, today)
    rows = [made[key] for key, *_ in page.object_list if key in made]
    return render(request, "admin/desk/list.html", {"heading": morning.GROUPS[name], "rows": rows, "pages": pages, "empty": morning.EMPTY[name]})


# ---- The reviewer's own


def _own(request: HttpRequest, user: User) -> HttpResponse:
    today, states = clock.today(), ReviewAssignment.State
    found = mine(user)
    sent, pages = paged_rows(request, found.filter(state=states.COMPLETED).order_by("-completed_at"))
    asked = list(found.filter(state=states.ASSIGNED).order_by("answer_by", "pk")[:MOST])
    to_review = list(found.filter(state=states.ACCEPTED).order_by("due_on", "pk")[:MOST])
    rows = own.rows([*asked, *to_review], today)
    context = {
        "today": today,
        "asked": rows[: len(asked)],
        "to_review": rows[len(asked) :],
        "late": sum(bool(chips.days_late(each, today)) for each in [*asked, *to_review]),
        "sent": own.rows(list(sent), today),
        "pages": pages,
    }
    return render(request, "admin/desk/own.html", context)


@desk("review")
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """One's own reviews, for those who have another desk besides."""
    user = person(request)
    if not user.has_perm("reviews.review"):
        raise Http404
    return _own(request, user)


# ---- The administrator's office


def _office(request: HttpRequest, user: User) -> HttpResponse:
    if not user.has_perm("records.view_user"):
        return render(request, "admin/desk/nothing.html")
    failed = Outbox.objects.filter(state=Outbox.State.FAILED).count()
    waiting = Outbox.objects.filter(state=Outbox.State.WAITING).count()
    checks = {name: check() for name, check in health.CHECKS.items()}
    context = {
        "today": clock.today(),
        "heartbeat": checks["sweeps"],
        "checks": [(name, state, state in {"ok", "timer"}) for name, state in checks.items()],
        "warnings": [(name, state, state in {"ok", "off"}) for name, state in ((name, check()) for name, check in health.WARNINGS.items())],
        "failed": failed,
        "waiting": waiting,
        "people": User.objects.filter(is_active=True).exclude(email=User.SYSTEM).count(),
        "inactive": User.objects.filter(is_active=False).exclude(email=User.SYSTEM).count(),
        "roles": User.groups.through.objects.filter(user__is_active=True).values("group__name").annotate(n=Count("pk")).order_by("group__name"),
        "policies": ReviewPolicy.objects.in_force(),  # type: ignore[attr-defined]
    }
    return render(request, "admin/desk/office.html", context)


@desk("see_desk")
@require_safe
def office(request: HttpRequest) -> HttpResponse:
    """People, roles, policies and health, for those who look after them."""
    user = person(request)
    if not user.has_perm("records.view_user"):
        raise Http404
    return _office(request, user)


# ---- Lists


@desk("see_desk")
@require_safe
def publications(request: HttpRequest) -> HttpResponse:
    """Publications by state; first what is public."""
    user = person(request)
    state = request.GET.get("state", Publication.State.LIVE.value)
    if not user.has_perm("editorial.view_publication") or state not in Publication.State.values:
        raise Http404
    counts = dict(Publication.objects.values_list("state").annotate(n=Count("*")).order_by())
    page, pages = paged_rows(request, seen_publications(user).filter(state=state).order_by("-published_at", "-pk"))
    today = clock.today()
    tabs = [{"key": value, "words": label, "count": counts.get(value, 0)} for value, label in Publication.State.choices]
    context = {"heading": "Published", "tabs": tabs, "shown": state, "param": "state", "pages": pages,
               "rows": [_publication_row(each, today) for each in page.object_list], "empty": "There are none."}  # fmt: skip
    return render(request, "admin/desk/list.html", context)


def _publication_row(found: Publication, today: Any) -> Row:
    url = reverse("desk:publication", args=[found.pk])
    when = f"Public since {chips.short_day(localdate(found.published_at), today)}" if found.published_at else "Not public yet"
    return Row(found.submission.version.title, url, (chips.publication(found, today),), [f"Version {found.submission.version.number}"],
               when, f"next review due {chips.day(found.review_due_on)}", Button("Open", url))  # fmt: skip


# ---- One submission


@desk("see_submission")
@require_safe
def submission(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where a submission stands, who reviews it, what they said, and the next step."""
    found, user, today = one(request, pk), person(request), clock.today()
    blind = has_yet_to_sign(user, found)
    people, guests = facts.reviewers(found, today, blind=blind), outside.rows(found, blind=blind)
    published = Publication.objects.filter(submission=found).exclude(state=Publication.State.CANCELLED).first()
    blockers = found.approval_blockers() if found.is_open else []
    allowed = {step for step in ("assign", "decide", "decline_submission", "override_policy", "pass_minor", "publish", "waive") if may(step, user, found)}
    context = {
        "submission": found,
        "version": found.version,
        "chip": chips.submission(found),
        "page_late": chips.page_late(due, today) if (due := pages_due([found.pk]).get(found.pk)) and due < today else None,
        "authors": facts.authors(found.version, today),
        "steps": facts.track(found),
        "reviewers": people,
        "outside": guests,
        "previews": outside.preview_rows(found),
        "standing": sum(each.assignment.is_standing for each in people),
        "awaited": any(each.until for each in people),
        "commented": any(each.comments for each in people),
        "points": [] if blind else facts.policy_points(found),
        "blockers": blockers if not blind else [],
        "blind": blind,
        "overrides": found.overrides.select_related("by__person"),
        "findings": facts.findings(found),
        "signatures": facts.signatures(found, blind=blind),
        "happened": facts.history(found, *(each.assignment for each in people), *(each.reviewer for each in guests)),
        "others": facts.other_open(found),
        "standing_publication": Publication.objects.standing().filter(article=found.article_id).first() if found.outcome else None,  # type: ignore[attr-defined]
        "published": published,
        "public_path": facts.public_path(found.article_id) if published and published.has_page else "",
        "allowed": allowed,
        "may_close": "decide" in allowed,
        "earlier": [] if blind else earlier.of_submission(found),
        "today": today,
    }
    return render(request, "admin/desk/submission.html", context)


@desk("see_submission")
@require_safe
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The version that is before the board, read only."""
    found = one(request, pk)
    return render(request, "admin/desk/read.html", {"submission": found, "chip": chips.submission(found), **read_context(found.version)})


# ---- The records


@desk("staff")
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """Every kind of record that this person may look at, in Django's own lists."""
    apps = admin.site.get_app_list(request)
    if not apps:
        raise PermissionDenied
    return render(request, "admin/desk/records.html", {"apps": apps})

