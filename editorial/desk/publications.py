"""An editor's pages and acts on what is public: withhold, restore, retract, move, read again."""

import hashlib
import json
from typing import Any

from django import forms as fields
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.models import ArticleVersion
from editorial import publishing, workflow
from editorial.desk import chips, facts, forms
from editorial.desk.acts import ActPage, desk, person
from editorial.models import Address, PageNotice, Publication
from records import clock
from records.errors import StaleRecord
from records.models import User
from records.permits import may

STEPS = ("withhold", "restore", "propose_retraction", "confirm_retraction", "cancel_publication", "open_re_review", "bring_forward", "question_approval")


def seen(user: User) -> Any:
    """The publications that this person sees as an editor: all of them, or none."""
    found = Publication.objects.for_desk()  # type: ignore[attr-defined]
    return found if user.is_staff and user.has_perm("editorial.view_publication") else found.none()


@desk("see_desk")
@require_safe
def publication(request: HttpRequest, pk: Any) -> HttpResponse:
    """One publication: what the public gets, its dates and notices, and what can be done."""
    user = person(request)
    found: Publication = get_object_or_404(seen(user), pk=pk)
    state = Publication.State(found.state)
    context = {
        "publication": found,
        "version": found.submission.version,
        "chip": chips.publication(found, clock.today()),
        "is_overdue": state in {state.LIVE, state.WITHHELD} and found.is_overdue(clock.today()),
        "public_path": facts.public_path(found.article_id) if found.has_page else "",
        "addresses": Address.objects.filter(article=found.article_id).order_by("-is_current", "-since"),
        "notices": PageNotice.objects.filter(article=found.article_id, ends=None, ended_by=None),
        "signatures": facts.signatures(found.submission),
        "happened": facts.history(found),
        "others": facts.other_open(found),
        "steps": _open_steps(found),
        "allowed": {step for step in STEPS if may(step, user, found)} | _address_step(user, found),
    }
    return render(request, "admin/desk/publication.html", context)


def _address_step(user: User, found: Publication) -> set[str]:
    return {"change_address"} if may("change_address", user, found.article) else set()


def _open_steps(found: Publication) -> set[str]:
    """The steps that the state of a publication allows."""
    state = Publication.State(found.state)
    proposed = found.retraction_proposed_by_id is not None
    steps = {
        state.SCHEDULED: {"cancel_publication"},
        state.LIVE: {"withhold", "question_approval", "open_re_review", "bring_forward", "change_address", "propose_retraction"},
        state.WITHHELD: {"restore", "question_approval", "open_re_review", "bring_forward", "change_address", "propose_retraction"},
    }.get(state, set())
    if found.withheld_by_calendar:
        steps = steps | {"withhold"}
    return (steps - {"propose_retraction"}) | {"confirm_retraction"} if proposed and steps else steps


class PublicationAct(ActPage):
    """An editor's act on one publication."""

    def rows(self, user: User) -> Any:
        """The publications that an editor sees."""
        return seen(user)

    def version(self) -> ArticleVersion:
        """What is public."""
        found: ArticleVersion = self.object.submission.version
        return found

    def back(self) -> str:
        """The page of the publication."""
        return reverse("desk:publication", args=[self.object.pk])


class Withhold(PublicationAct):
    """Putting a notice in place of the text, at once."""

    step, heading, button, is_danger = "withhold", "Withhold this page", "Withhold page", True
    done = "Withheld. Readers get the notice instead of the text."
    form_class = forms.WithholdForm

    def says(self) -> list[str]:
        """What it means."""
        return ["At once, readers get a notice with your reason instead of the text. The address stays.", "You or another editor can restore it at any time.",
                "A version that is scheduled to replace it is called off; it stays approved."]  # fmt: skip

    def act(self, by: User, form: Any) -> str:
        """Withhold."""
        publishing.withhold(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class Restore(PublicationAct):
    """Showing a withheld text again."""

    step, heading, button, done = "restore", "Restore this page", "Restore page", "Restored. Readers get the text again."
    form_class = forms.NoteForm

    def says(self) -> list[str]:
        """What it means."""
        return [f"Readers get version {self.object.submission.version.number} again, in the same words and with the dates it has."]

    def act(self, by: User, form: Any) -> str:
        """Restore."""
        publishing.restore(self.object, by=by, note=form.cleaned_data["note"])
        return ""


class ProposeRetraction(PublicationAct):
    """Proposing, signed, to take a page back for good."""

    step, heading, button, is_danger = "propose_retraction", "Propose to retract this article", "Sign and propose", True
    done = "Proposed. Nothing changes for readers until a second editor confirms."
    form_class = forms.RetractForm

    def says(self) -> list[str]:
        """What it means."""
        return [
            "A second editor has to confirm. Until then nothing changes for readers; withhold the page if it could do harm.",
            "Confirmed, it is final: the address stays, with your notice above the marked text or in its place.",
        ]

    def act(self, by: User, form: Any) -> str:
        """Propose."""
        data = form.cleaned_data
        publishing.propose_retraction(
            self.object, by=by, signing=form.signing, notice=data["notice"], reason=data["reason"], keeps_text=data["keeps_text"],
            authors_say=data["authors_say"],
        )
        return ""


class ConfirmForm(forms.SignedForm):
    """A second editor's signature over the notice on the screen."""

    proposal = fields.CharField(widget=fields.HiddenInput, max_length=64)


def proposal_seen(found: Publication) -> str:
    """What tells one proposal from another: confirmed is only the one that was read."""
    parts = [found.retraction_notice, found.retraction_reason, found.retraction_keeps_text, found.retraction_authors, found.retraction_proposed_by_id]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class ConfirmRetraction(PublicationAct):
    """Confirming, signed, what another editor proposed. It is final."""

    step, heading, button, is_danger = "confirm_retraction", "Retract this article", "Sign and retract article", True
    template_name = "admin/desk/retract.html"
    done = "Retracted. The address stays, with the notice."
    form_class = ConfirmForm

    def rows(self, user: User) -> Any:
        """Publications with a proposal."""
        return seen(user).filter(retraction_proposed_by__isnull=False)

    def get_initial(self) -> dict[str, Any]:
        """The proposal that is on the screen."""
        return {**super().get_initial(), "proposal": proposal_seen(self.object)}

    def says(self) -> list[str]:
        """What it means."""
        kept = "The text stays below the notice, marked as retracted." if self.object.retraction_keeps_text else "The notice takes the place of the text."
        return [kept, "“RETRACTED” stands before the title. The article is never published again. This is final."]

    def act(self, by: User, form: Any) -> str:
        """Retract, if the proposal is the one that was read."""
        with transaction.atomic():
            current = publishing.hold(self.object)
            if proposal_seen(current) != form.cleaned_data["proposal"]:
                raise StaleRecord("The proposal was changed since you read it. Open it again.")
            publishing.confirm_retraction(current, by=by, signing=form.signing)
        return ""


class CancelPublication(PublicationAct):
    """Calling a scheduled publication off."""

    step, heading, button = "cancel_publication", "Call this publication off", "Call it off"
    done = "Called off. The version stays approved."

    def says(self) -> list[str]:
        """What it means."""
        return ["The version is not published at the set time. It stays approved and can be published later."]

    def act(self, by: User, form: Any) -> str:
        """Call it off."""
        publishing.cancel_publication(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class ChangeAddress(PublicationAct):
    """Giving the article another public address."""

    step, heading, button = "change_address", "Change the public address", "Change address"
    done = "Changed. The old address redirects to the new one."
    form_class = forms.AddressForm

    def rows(self, user: User) -> Any:
        """What is public or withheld."""
        return seen(user).standing()

    def subject(self) -> Any:
        """The article."""
        return self.object.article

    def says(self) -> list[str]:
        """What the address is now."""
        current = Address.objects.filter(article=self.object.article_id, is_current=True).first()
        return [f"The address is {current.path} now. It redirects to the new one for good."] if current else []

    def act(self, by: User, form: Any) -> str:
        """Move it."""
        publishing.change_address(self.object.article, by=by, slug=form.cleaned_data["slug"])
        return ""


class OpenReReview(PublicationAct):
    """Putting the public words before the board again."""

    step, heading, button = "open_re_review", "Open a re-review", "Open re-review"
    form_class = forms.NoteForm
    done = "Opened. Assign reviewers next."

    def says(self) -> list[str]:
        """What it means."""
        return [
            f"The board reads version {self.object.submission.version.number} again. The page stays as it is meanwhile.",
            "No date moves before the board has reaffirmed it.",
        ]

    def act(self, by: User, form: Any) -> str:
        """Open it."""
        self.opened = workflow.open_re_review(self.object, by=by, note=form.cleaned_data["note"])
        return ""

    def back(self) -> str:
        """The new submission, once there is one."""
        opened = getattr(self, "opened", None)
        return reverse("desk:assign", args=[opened.pk]) if opened else super().back()
