"""An editor's acts that go beside the usual way, each with its reason, and the report of what went beside it: minor changes that an
editor passes alone, review policies and known ties that were overridden, approvals that are in question."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as fields
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from editorial import minor_changes, publishing, rereviewing, workflow
from editorial.desk import changes, chips, forms
from editorial.desk.acts import desk, person
from editorial.desk.chips import Chip
from editorial.desk.decisions import SetAside, SubmissionAct
from editorial.desk.publications import PublicationAct
from editorial.desk.rows import Button, Row, paged_rows
from editorial.endings import SIGN_FIRST
from editorial.models import Publication
from records import clock
from records.admin_base import name_of
from records.models import Person, User
from records.permits import may
from reviews import quorum
from reviews.models import KnownConflict, PolicyOverride, ReviewAssignment, Submission
from reviews.policies import has_yet_to_sign

# ---- The minor-change track


class MinorForm(forms.SignedForm):
    """An editor's approval of a minor change, signed; it is public at once."""

    note = fields.CharField(
        label="What changed, for readers", max_length=minor_changes.NOTE_LENGTH, widget=fields.TextInput(),
        help_text="One sentence in the version history. It is kept with your signature.",
    )  # fmt: skip


class PassMinor(SubmissionAct):
    """Passing a minor change alone, on the approval of the board that stands; or why it goes to the board."""

    step, template_name = "pass_minor", "admin/desk/minor.html"
    heading, button = "Pass a minor change", "Pass and publish"
    form_class = MinorForm

    def rows(self, user: User) -> Any:
        """What nobody has been asked to review yet."""
        return super().rows(user).filter(state=Submission.State.SUBMITTED, kind=Submission.Kind.REVISION)

    def act(self, by: User, form: Any) -> str:
        """Pass it."""
        workflow.pass_minor(self.object, by=by, signing=form.signing, digest=form.cleaned_data["digest"], note=form.cleaned_data["note"])
        return f"Passed. Version {self.object.version.number} is public, and its page says that an editor alone passed it."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Every change since the words that the board approved, and what stands against passing them as minor."""
        version, found = self.object.version, minor_changes.standing(self.object.version)
        approved = found.approval.version if found.approval else None
        return super().get_context_data(
            submission=self.object, version=version, approved=approved, approval=found.approval, reasons=found.reasons,
            found=changes.between(approved, version) if approved else None, **kwargs,
        )  # fmt: skip


# ---- Less than the policy asks for


class OverrideForm(forms.SeenForm):
    """Why less than the policy asks for is enough."""

    reason = forms.words("Why this is enough", help_text="Readers see it in the version history, for good. It stands in the report of overrides too.")


class OverridePolicy(SubmissionAct):
    """Letting one version be approved with less than its policy asks for."""

    step, heading, button, is_danger = "override_policy", "Override the review policy", "Override the policy for this version", True
    done = "Overridden, for this version and for what was missing today. An editor can decide now if nothing else stands against it."
    form_class = OverrideForm

    def on_screen(self) -> str:
        """What is missing, as the screen says it."""
        return "\n".join(self._missing())

    def _missing(self) -> list[str]:
        return [] if has_yet_to_sign(self.by, self.object) else quorum.missing(self.object, quorum.votes(self.object))

    def rows(self, user: User) -> Any:
        """What is under review."""
        return super().rows(user).filter(state=Submission.State.UNDER_REVIEW)

    def says(self) -> list[str]:
        """What is missing, and what the override means."""
        if has_yet_to_sign(self.by, self.object):
            return [SIGN_FIRST]
        return [*self._missing(), "Only this is let go. Recommendations against approval, open must-fix comments and retracted references are not.",
                "Your name and reason stay on the record; readers are told."]  # fmt: skip

    def act(self, by: User, form: Any) -> str:
        """Override it."""
        workflow.override_policy(self.object, by=by, reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"].splitlines())
        return ""


# ---- A conflict that became known later


class QuestionForm(forms.DeskForm):
    """Whose conflict became known, and what it is."""

    person = fields.ModelChoiceField(Person.objects.none(), label="Whose interest it is", widget=fields.RadioSelect, empty_label=None)
    words = forms.words("What became known", help_text="For the editors’ record. Readers see the day alone, not this and not the name.")


class QuestionApproval(PublicationAct):
    """Putting the approval of a public page in question (COI-6)."""

    step, heading, button, is_danger = "question_approval", "Put the approval in question", "Put in question", True
    done = "In question. The page says so, and a re-review is open."
    form_class = QuestionForm

    def rows(self, user: User) -> Any:
        """What is public or withheld."""
        return super().rows(user).standing()

    def get_initial(self) -> dict[str, Any]:
        """The person about whom it is, where another page led here."""
        return {**super().get_initial(), "person": self.request.GET.get("person", "")}

    def get_form(self, form_class: Any = None) -> Any:
        """The form offers its authors and whoever signed for it."""
        form = super().get_form(form_class)
        form.fields["person"].queryset = Person.objects.filter(pk__in=[each.pk for each in rereviewing.had_part_in(self.object)]).order_by("name")
        return form

    def says(self) -> list[str]:
        """What it means."""
        return [f"At once, the page says that its approval is in question: “A conflict of interest became known on {clock.today():%-d %B %Y}.”",
                "The board reads it again, without that person: they neither review nor decide on this article any more, and what they signed counts no longer.",
                "The text stays on show. Withhold the page as well if it could do harm. A new approval ends the notice."]  # fmt: skip

    def act(self, by: User, form: Any) -> str:
        """Put it in question."""
        publishing.question_approval(self.object, by=by, person=form.cleaned_data["person"], words=form.cleaned_data["words"])
        return ""


class ConflictForm(forms.SeenForm):
    """What became known of a reviewer's interests."""

    reason = forms.words("What became known", help_text="For the record of editors and administrators. Reviewers, authors and readers are not shown it.")


class RecordConflict(SetAside):
    """Setting a reviewer aside for good, whose conflict of interest became known before their words are public (COI-6)."""

    heading, button, is_danger = "Record a conflict of this reviewer", "Record the conflict", True
    done = "On record. That person neither reviews nor decides on this article any more."
    form_class = ConflictForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; where what is public rests on this person, the one that puts its approval in question."""
        reviewer = self.object.member.person
        if shown := rereviewing.rests_on(reviewer, self.object.submission.article):
            return HttpResponseRedirect(f"{reverse('desk:question_approval', args=[shown.pk])}?person={reviewer.pk}")
        return super().get(request, *args, **kwargs)

    def says(self) -> list[str]:
        """What it means."""
        means = f"{self.object.member.person} neither reviews nor decides on this article any more, in any version. This cannot be taken back."
        if not self.object.submission.is_open:
            return [means, "This version is not published on that approval any more, and what is scheduled is called off. Its authors are asked to submit it again."]
        if self.object.is_unsigned:
            return [means, "This review ends. They are told that it is no longer needed, and no more."]
        return [means, "What they signed is set aside: it counts neither for approval nor against it. Points that they insisted on in an earlier version stay open until you close them."]

    def act(self, by: User, form: Any) -> str:
        """Record it."""
        workflow.record_conflict(self.object, by=by, words=form.cleaned_data["reason"], seen=form.cleaned_data["seen"])
        return ""


# ---- The report

KINDS = {"policy": "Review policies", "tie": "Known ties", "conflict": "Conflicts known later", "minor": "Minor changes"}


@desk("see_overrides")
@require_safe
def overrides(request: HttpRequest) -> HttpResponse:
    """Everything that went beside the usual way, newest first: nothing ever leaves this list."""
    kind = request.GET.get("kind", "policy")
    if kind not in KINDS or not may("see_overrides", person(request)):
        raise Http404
    found = {name: query() for name, query in QUERIES.items()}
    tabs = [{"key": name, "words": words, "count": found[name].count()} for name, words in KINDS.items()]
    page, pages = paged_rows(request, found[kind])
    rows = [ROWS[kind](each) for each in page.object_list]
    context = {"heading": "Overrides", "tabs": tabs, "shown": kind, "param": "kind", "pages": pages, "rows": rows, "empty": "There are none."}
    return render(request, "admin/desk/overrides.html", context)


# What was published, not the draft beside it, which is its author's.
_NEWEST = Publication.objects.filter(article=OuterRef("article")).order_by(F("published_at").desc(nulls_last=True))
_BEFORE_THE_BOARD = Submission.objects.filter(article=OuterRef("article")).order_by("-submitted_at")
QUERIES: dict[str, Callable[[], QuerySet[Any]]] = {
    "policy": lambda: PolicyOverride.objects.select_related("submission__version", "by__person").order_by("-made_at"),
    "tie": lambda: ReviewAssignment.objects.exclude(tie_override="")
    .select_related("submission__version", "member__person", "assigned_by__person")
    .order_by("-assigned_at"),
    "conflict": lambda: KnownConflict.objects.select_related("person", "by__person")
    .annotate(
        publication=Subquery(_NEWEST.values("pk")[:1]),
        submission=Subquery(_BEFORE_THE_BOARD.values("pk")[:1]),
        title=Coalesce(Subquery(_NEWEST.values("submission__version__title")[:1]), Subquery(_BEFORE_THE_BOARD.values("version__title")[:1])),
    )
    .order_by("-known_at"),
    "minor": lambda: Submission.objects.filter(minor_of__isnull=False)
    .select_related("version", "minor_of__version", "decided_by__person")
    .order_by("-decided_at"),
}  # fmt: skip


def _row(title: str, url: str, chip: Chip, said: list[str], moment: datetime, by: User) -> Row:
    return Row(title, url, (chip,), said, chips.short_day(localdate(moment), clock.today()), f"by {name_of(by)}", Button("Open", url))


def _submission(key: UUID) -> str:
    return reverse("desk:submission", args=[key])


def _policy_row(found: PolicyOverride) -> Row:
    said = [f"Version {found.submission.version.number}", *found.missing, found.reason]
    return _row(found.submission.version.title, _submission(found.submission_id), Chip("Policy overridden", "due", "triangle"), said, found.made_at, found.by)


def _tie_row(found: ReviewAssignment) -> Row:
    said = [f"Version {found.submission.version.number}", str(found.member.person), found.tie_override]
    return _row(found.submission.version.title, _submission(found.submission_id), Chip("Tie overridden", "due", "triangle"), said, found.assigned_at, found.assigned_by)


def _conflict_row(found: KnownConflict) -> Row:
    url = reverse("desk:publication", args=[found.publication]) if found.publication else _submission(found.submission)  # type: ignore[attr-defined]
    return _row(found.title, url, Chip("Conflict known later", "stop", "triangle"), [str(found.person), found.words], found.known_at, found.by)  # type: ignore[attr-defined]


def _minor_row(found: Submission) -> Row:
    if found.minor_of is None or found.decided_by is None or found.decided_at is None:
        raise ValueError("This was passed by nobody as a minor change.")
    said = [f"Version {found.version.number}, a minor change to version {found.minor_of.version.number}", found.note]
    return _row(found.version.title, _submission(found.pk), Chip("Minor change", "info", "info"), said, found.decided_at, found.decided_by)


ROWS: dict[str, Callable[[Any], Row]] = {"policy": _policy_row, "tie": _tie_row, "conflict": _conflict_row, "minor": _minor_row}
