"""The watch on the evidence at the desk: open cases, the decision about one, and everything that rests on a work."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from articles import screening, sentences
from articles.evidence import EVENTS, Status, lists_known
from articles.models import Citation, EvidenceEvent, Reference, VersionCitation, VersionReference
from editorial import evidence_watch
from editorial.desk import chips, forms
from editorial.desk.acts import ActPage, desk, person
from editorial.desk.chips import Chip
from editorial.desk.facts import public_path
from editorial.desk.rows import Button, Row, paged, paged_rows
from editorial.models import EvidenceCase, EvidenceOutcome, Publication
from records import clock
from records.admin_base import name_of
from records.models import User
from records.permits import may
from reviews.models import Submission

URGENT = Q(event__kind__in=sorted(EvidenceEvent.BLOCKING))
SUPERSEDED = Q(event__kind=EvidenceEvent.Kind.SUPERSEDED)
IS_OPEN = Q(outcome=None)
TABS: dict[str, tuple[str, Q]] = {
    "urgent": ("Retracted works", URGENT & IS_OPEN),
    "news": ("Corrections and concerns", ~URGENT & ~SUPERSEDED & IS_OPEN),
    "superseded": ("Superseded guidelines", SUPERSEDED & IS_OPEN),
    "decided": ("Decided", ~IS_OPEN),
}


def chip_of(status: Status) -> Chip:
    """Where a work stands, or what happened to it, as a chip."""
    return Chip(status.label, status.tone, status.icon)


def seen(user: User) -> "QuerySet[EvidenceCase]":
    """The cases that this person sees: all of them, or none."""
    title = Publication.objects.ever_public().filter(article=OuterRef("article")).order_by("-published_at")
    found = EvidenceCase.objects.select_related("event__reference", "article", "notice", "re_review", "outcome__by__person").annotate(
        title=Subquery(title.values("submission__version__title")[:1]), number=Subquery(title.values("submission__version__number")[:1])
    )
    return found if may("watch_evidence", user) else found.none()


# ---- The list


@desk("watch_evidence")
@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    """Open cases by how much hangs on them, those due first; then what was decided. Above them, of which day the lists are."""
    user, today = person(request), clock.today()
    kind = request.GET.get("show", "urgent")
    if not may("watch_evidence", user) or kind not in TABS:
        raise Http404
    found = seen(user)
    tabs = [{"key": key, "words": words, "count": EvidenceCase.objects.filter(rule).count()} for key, (words, rule) in TABS.items()]
    order = ["-outcome__at", "pk"] if kind == "decided" else [F("due_on").asc(nulls_last=True), "opened_at", "pk"]
    page, pages = paged_rows(request, found.filter(TABS[kind][1]).order_by(*order))
    context = {
        "heading": "Evidence", "tabs": tabs, "shown": kind, "param": "show", "pages": pages, "rows": [_row(each, today) for each in page.object_list],
        "empty": "Nothing was decided yet." if kind == "decided" else "Nothing is open.", "lists": (lists := lists_known()),
        "is_old": lists.is_old(today),
    }  # fmt: skip
    return render(request, "admin/desk/evidence.html", context)


def _row(case: Any, today: date) -> Row:
    url, decided = reverse("desk:evidence_case", args=[case.pk]), case.decided
    marks = [chip_of(EVENTS[case.event.kind])]
    if decided is not None:
        marks.append(Chip(decided.get_kind_display(), "ok", "ring-tick"))
        when, age = f"Decided {chips.short_day(localdate(decided.at), today)}", ""
    else:
        marks += [chips.due(case.due_on, today)] if case.due_on else []
        opened = localdate(case.opened_at)
        when = f"{'Was due' if case.due_on and case.due_on < today else 'Due'} {chips.short_day(case.due_on, today)}" if case.due_on else "No deadline"
        age = f"open since {chips.short_day(opened, today)}"
    work = case.event.reference
    return Row(case.title or case.article.title, url, marks, [f"Version {case.number}", str(work)[:160]], when, age,
               Button("Open" if decided is not None else "Decide", url))  # fmt: skip


# ---- One case


class DecideEvidenceForm(forms.DeskForm):
    """What became of a case, and why."""

    kind = forms.forms.ChoiceField(label="What it means for the article", widget=forms.forms.RadioSelect)
    rationale = forms.words("Why", help_text="Readers see it in the version history; kept with a note, also beside the reference.")


class DecideEvidence(ActPage):
    """What happened to the work, where the public text rests on it, and the decision that ends the note on the page."""

    step, heading, button, template_name = "watch_evidence", "Changed evidence", "Record the decision", "admin/desk/evidence_case.html"
    done = "Decided. The note on the page is history now."
    form_class = DecideEvidenceForm

    def rows(self, user: User) -> Any:
        """The cases that an editor sees."""
        return seen(user)

    def get_form(self, form_class: Any = None) -> Any:
        """The form offers what is true of the article as it stands."""
        form = super().get_form(form_class)
        possible = evidence_watch.possible(self.object)
        form.fields["kind"].choices = [(value, label) for value, label in EvidenceOutcome.Kind.choices if value in possible]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The case, the work, the sentences, and whether this person decides."""
        case = self.object
        shown = Publication.objects.public().filter(article=case.article_id).select_related("submission__version").first()  # type: ignore[attr-defined]
        rows = Reference.objects.of_works([case.event.reference_id])  # type: ignore[attr-defined]
        cited = VersionReference.objects.filter(reference__in=rows, version=shown.submission.version_id if shown else None)
        places = _places(list(cited))
        return super().get_context_data(
            case=case, event=case.event, work=case.event.reference, chip=chip_of(EVENTS[case.event.kind]), decided=case.decided,
            decided_by=name_of(case.decided.by) if case.decided else "", publication=shown, public_path=public_path(case.article_id) if shown else "", places=[place for each in places.values() for place in each],
            happened=EvidenceEvent.objects.filter(reference=case.event.reference_id).latest_first(),
            may_decide=case.decided is None and may("decide_evidence", self.by, case), **kwargs,
        )  # fmt: skip

    def back(self) -> str:
        """The list of cases."""
        return reverse("desk:evidence")

    def act(self, by: User, form: Any) -> str:
        """Decide it."""
        evidence_watch.decide_evidence(self.object, by=by, kind=form.cleaned_data["kind"], rationale=form.cleaned_data["rationale"])
        return ""


# ---- What rests on a work


@dataclass(frozen=True)
class CitedAt:
    """One sentence that cites a work: in which text, under which number."""

    audience: str
    number: int
    sentence: str


@dataclass
class Resting:
    """A version that cites the work, where it stands, and its sentences."""

    title: str
    number: int
    url: str
    chip: Chip
    note: str = ""
    places: list[CitedAt] = field(default_factory=list)


def _places(cited: list[VersionReference]) -> dict[int, list[CitedAt]]:
    """The sentences of each of these entries; one query."""
    found: dict[int, dict[CitedAt, None]] = defaultdict(dict)
    for place in VersionCitation.objects.filter(reference__in=cited).select_related("text").order_by("-text__audience", "number", "occurrence"):
        for block, words in sentences.citing(place.text.html, place.number):
            if block == place.block:
                found[place.reference_id][CitedAt(place.text.get_audience_display(), place.number, words)] = None
    return {key: list(each) for key, each in found.items()}


@desk("watch_evidence")
@require_safe
def impact(request: HttpRequest, pk: int) -> HttpResponse:
    """Every article, version and sentence that cites a work, what is public first; the same number of queries whatever cites it."""
    if not may("watch_evidence", person(request)):
        raise Http404
    work = get_object_or_404(Reference.objects.with_status(), pk=pk)  # type: ignore[attr-defined]
    [rows] = screening.families([work.pk])
    page, pages = paged(request, _resting(rows))
    cited = list(page.object_list)
    places = _places(cited)
    context = {
        "work": work,
        "chip": chip_of(work.status),
        "events": EvidenceEvent.objects.filter(reference__in=rows).latest_first(),  # type: ignore[attr-defined]
        "successor": Reference.objects.filter(supersedes__in=rows).first(),
        "resting": [_rest(each, places.get(each.pk, [])) for each in cited],
        "pages": pages,
        "drafts": Citation.objects.filter(reference__in=rows).values("article").distinct().count(),
    }
    return render(request, "admin/desk/impact.html", context)


def _resting(rows: Any) -> "QuerySet[VersionReference]":
    """The entries of versions that were before the board, those on show first, then those before the board now, the newest first."""
    of_version = Publication.objects.ever_public().filter(submission__version=OuterRef("version")).order_by("-published_at")  # type: ignore[attr-defined]
    before = Submission.objects.filter(version=OuterRef("version")).order_by("-submitted_at")
    shown = [Publication.State.LIVE, Publication.State.WITHHELD]
    found = VersionReference.objects.filter(Exists(before), reference__in=rows).select_related("version")
    found = found.annotate(
        publication=Subquery(of_version.values("pk")[:1]), publication_state=Subquery(of_version.values("state")[:1]),
        submission=Subquery(before.values("pk")[:1]), submission_state=Subquery(before.values("state")[:1]),
    )  # fmt: skip
    rank = Case(
        When(publication_state__in=shown, then=Value(0)),
        When(submission_state__in=[Submission.State.SUBMITTED, Submission.State.UNDER_REVIEW], then=Value(1)),
        default=Value(2), output_field=IntegerField(),
    )  # fmt: skip
    return found.annotate(rank=rank).order_by("rank", "-version__frozen_at", "pk")


def _rest(cited: Any, places: list[CitedAt]) -> Resting:
    note = "The text says that it was retracted." if cited.cited_as_retracted else ""
    if cited.publication:
        chip = chips.publication(Publication(state=cited.publication_state), clock.today())
        return Resting(cited.version.title, cited.version.number, reverse("desk:publication", args=[cited.publication]), chip, note, places)
    chip = chips.submission(Submission(state=cited.submission_state))
    return Resting(cited.version.title, cited.version.number, reverse("desk:submission", args=[cited.submission]), chip, note, places)
