"""An editor's acts on outside reviewers of a submission, and on links that let others read its version."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from articles.models import ArticleVersion
from editorial import previews
from editorial.desk import chips
from editorial.desk import forms as desk_forms
from editorial.desk.chips import Chip
from editorial.desk.decisions import SubmissionAct, seen
from records import canonical, clock
from records.models import AccessLink, User
from reviews import outside
from reviews.models import OutsideReviewer, Submission


class InviteOutsideForm(desk_forms.DeskForm):
    """Somebody without an account."""

    name = forms.CharField(label="Name", max_length=200)
    email = forms.EmailField(label="E-mail address", max_length=254, help_text="The link goes there. It is kept with this review alone, and you can erase it.")


class PreviewForm(desk_forms.DeskForm):
    """For how long a preview link is open."""

    days = forms.TypedChoiceField(
        label="Open for", coerce=int, initial=previews.DAYS[1], choices=[(days, f"{days} day{'s' if days > 1 else ''}") for days in previews.DAYS]
    )


@dataclass(frozen=True)
class OutsideRow:
    """An outside reviewer as an editor sees them; what they advise only where the editor may see advice of others."""

    reviewer: OutsideReviewer
    chip: Chip
    link: AccessLink | None
    advises: Chip | None = None
    is_blind: bool = False

    @property
    def can_be_erased(self) -> bool:
        """Whether a name or an address is left."""
        return bool(self.reviewer.name or self.reviewer.email)

    @property
    def is_as_signed(self) -> bool:
        """Whether name and credentials are those that were signed; an erased name cannot be compared."""
        signed = self.reviewer.signed
        return signed is None or not self.reviewer.name or canonical.commitment(self.reviewer.words(), signed.salt) == signed.commitment


def rows(found: Submission, *, blind: bool = False) -> list[OutsideRow]:
    """Everybody who was asked from outside, in two queries."""
    people = list(OutsideReviewer.objects.with_all().filter(submission=found))
    links: dict[Any, AccessLink] = {}
    for link in AccessLink.objects.to(*people) if people else ():
        links.setdefault(link.object_id, link)
    return [_row(each, links.get(each.pk), blind) for each in people]


def _row(each: OutsideReviewer, link: AccessLink | None, blind: bool) -> OutsideRow:
    advises = Chip(f"Advice: {each.signed.get_recommendation_display()}", "quiet", "info") if each.signed is not None and not blind else None
    return OutsideRow(each, _chip(each, link), link, advises, blind)


def _chip(each: OutsideReviewer, link: AccessLink | None) -> Chip:
    if each.signed is not None:
        return Chip("Signed", "ok", "ring-tick")
    if each.ended_at is not None:
        return Chip("Ended", "quiet", "slashed")
    if link is None or not link.is_unspent:
        return Chip("Link has run out", "due", "clock")
    if each.declared is not None:
        return Chip("Reading", "info", "half")
    return Chip("Link opened", "info", "half") if link.exchanged_at is not None else Chip("Invited", "quiet", "ring")


class InviteOutside(SubmissionAct):
    """Asking somebody without an account for advice."""

    step, heading, button = "assign", "Ask an outside reviewer", "Send invitation"
    form_class = InviteOutsideForm

    def says(self) -> list[str]:
        """What it means."""
        until = chips.day(clock.today() + outside.good_for(self.object))
        return [
            f"They get one link by mail. It opens this version once, and nothing else, until {until}.",
            "They declare their interests, read, and sign with a code that is mailed to them.",
            "Their advice is read by editors alone. It counts towards no approval, and the public page does not name them.",
            "Nobody with a hand in the text can be asked.",
        ]

    def act(self, by: User, form: Any) -> str:
        """Ask."""
        outside.invite(self.object, by=by, **form.cleaned_data)
        return "Asked. The link is on its way to them."


class OutsideAct(SubmissionAct):
    """An editor's act on one outside reviewer, of the submission that the address names."""

    step = "assign"

    def find(self) -> Any:
        """The outside reviewer, of that submission."""
        submission = get_object_or_404(seen(self.by), pk=self.kwargs["pk"])
        return get_object_or_404(OutsideReviewer.objects.with_all().filter(submission=submission), pk=self.kwargs["outside"])

    def subject(self) -> Any:
        """The submission."""
        return self.object.submission

    def version(self) -> ArticleVersion:
        """What they are asked about."""
        found: ArticleVersion = self.object.submission.version
        return found

    def back(self) -> str:
        """The page of the submission."""
        return reverse("desk:submission", args=[self.object.submission_id])


class NewOutsideLink(OutsideAct):
    """Sending another link, where the first was lost or has run out."""

    heading, button, done = "Send a new link", "Send new link", "Sent. The earlier link opens nothing any more."
    form_class = desk_forms.NothingForm

    def says(self) -> list[str]:
        """What it means."""
        until = chips.day(clock.today() + outside.good_for(self.object.submission))
        return [f"{self.object} gets a new link, good until {until}.", "The earlier link is closed, and so is the page that it opened. Nothing that was declared is lost."]

    def act(self, by: User, form: Any) -> str:
        """Send it."""
        outside.send_new_link(self.object, by=by)
        return ""


class EndOutside(OutsideAct):
    """Taking an invitation back."""

    heading, button, done = "Take this invitation back", "Take back", "Taken back. The link opens nothing any more."

    def says(self) -> list[str]:
        """What it means."""
        return [f"{self.object} can no longer read this version, from this moment on.", "They are not told. Write to them if they should know."]

    def act(self, by: User, form: Any) -> str:
        """Take it back."""
        outside.end(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class EraseOutside(OutsideAct):
    """Erasing a name and an address for good."""

    heading, button, is_danger = "Erase name and address", "Erase for good", True
    done = "Erased. What was declared and signed stays, without a name."
    form_class = desk_forms.NothingForm

    def says(self) -> list[str]:
        """What goes and what stays."""
        return [
            f"The name, credentials and address of {self.object} are erased. Nobody can bring them back.",
            "What they declared and signed stays on the record, with the time and the digest. An invitation that still waits ends.",
        ]

    def act(self, by: User, form: Any) -> str:
        """Erase."""
        outside.erase(self.object, by=by)
        return ""


# ---- Links that let others read the version


def preview_rows(found: Submission) -> list[previews.Row]:
    """The links to the version of a submission."""
    names = {found.version: f"version {found.version.number}"}
    return previews.rows(names, lambda link: reverse("desk:revoke_preview", args=[found.pk, link.pk]))


class MakePreview(SubmissionAct):
    """A link that lets one other person read this version; its address is shown once."""

    step, heading, button = "preview", "Make a preview link", "Make link"
    form_class = PreviewForm

    def subject(self) -> Any:
        """The version."""
        return self.object.version

    def says(self) -> list[str]:
        """What it means."""
        return ["One person can read this version, and nothing else, in the browser that they open the link with.", "Opening it is on record. You can close it at any time."]

    def form_valid(self, form: Any) -> HttpResponse:
        """Make it, and show its address this once."""
        link = previews.make(self.object.version, by=self.by, days=form.cleaned_data["days"])
        return self.render_to_response(self.get_context_data(form=form, made=previews.address(link), link=link))

    def get_template_names(self) -> list[str]:
        """The page of the act; after it, that of the address."""
        return ["admin/desk/preview_made.html" if self.request.method == "POST" and self.get_form().is_valid() else "admin/desk/act.html"]


class RevokePreview(SubmissionAct):
    """Closing a link that lets somebody read the version."""

    step, heading, button, done = "preview", "Close this preview link", "Close link", "Closed. The link opens nothing any more."
    form_class = desk_forms.NothingForm

    def find(self) -> Any:
        """The link, to the version of that submission."""
        self.submission = get_object_or_404(seen(self.by), pk=self.kwargs["pk"])
        return get_object_or_404(AccessLink.objects.to(self.submission.version), pk=self.kwargs["link"])

    def subject(self) -> Any:
        """The version."""
        return self.submission.version

    def version(self) -> ArticleVersion:
        """What it opens."""
        found: ArticleVersion = self.submission.version
        return found

    def says(self) -> list[str]:
        """What it means."""
        return ["Whoever opened it can no longer read this version, from this moment on."]

    def back(self) -> str:
        """The page of the submission."""
        return reverse("desk:submission", args=[self.submission.pk])

    def act(self, by: User, form: Any) -> str:
        """Close it."""
        previews.revoke(self.object, by=by)
        return ""
