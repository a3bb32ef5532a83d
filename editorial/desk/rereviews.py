"""What an editor makes of a re-review, and of the day of the next one: reaffirm, advise a retraction, bring forward."""

from typing import Any

from django.urls import reverse

from editorial import publishing, workflow
from editorial.desk import chips, evidence, facts, forms, reading
from editorial.desk.decisions import Decide, SubmissionAct, read_context, seen
from editorial.desk.publications import PublicationAct
from editorial.desk.publications import seen as seen_publications
from editorial.models import Publication
from records import clock
from records.models import User
from reviews.models import Submission


class Reaffirm(Decide):
    """Accepting, signed and with a rationale, that the public words still stand: one act."""

    step, heading, template_name = "decide", "Reaffirm", "admin/desk/reaffirm.html"
    form_class = forms.ReaffirmForm

    def rows(self, user: User) -> Any:
        """Re-reviews."""
        return seen(user).filter(kind=Submission.Kind.RE_REVIEW)

    def act(self, by: User, form: Any) -> str:
        """Reaffirm."""
        data = form.cleaned_data
        done = workflow.reaffirm(
            self.object, by=by, signing=form.signing, digest=data["digest"], note=data["note"], outcome=data["outcome"], due_on=data["due_on"]
        )
        due_on = Publication.objects.filter(last_review=done).values_list("review_due_on", flat=True).get()
        return f"Reaffirmed. Version {self.object.version.number} stays public; its next review is due on {chips.day(due_on)}."

    def text_context(self) -> dict[str, Any]:
        """The text with what changed in its evidence, and what each reviewer answered about each work."""
        found = self.object
        sources = reading.sources(found.version)
        since = evidence.since_last_review(found, sources)
        people = [] if self.blind else facts.reviewers(found, clock.today())
        return {**read_context(found.version, sources), "since": since, "answers": evidence.answers(sources, people)}


class AdviseRetraction(SubmissionAct):
    """Putting on record that the words must go; the retraction itself is proposed and signed next."""

    step, heading, button, is_danger = "decide", "Advise retraction", "Record and go on to the retraction", True
    done = "On record. Propose the retraction now; a second editor confirms it."
    form_class = forms.RationaleForm

    def rows(self, user: User) -> Any:
        """Re-reviews."""
        return seen(user).filter(kind=Submission.Kind.RE_REVIEW)

    def says(self) -> list[str]:
        """What it means."""
        return [
            "The outcome of this re-review is “to be retracted”, with your rationale.",
            "Nothing changes for readers before two editors have signed the retraction. Withhold the page if it could do harm.",
            "The re-review stays open until then, and can still come to another outcome.",
        ]

    def act(self, by: User, form: Any) -> str:
        """Record it."""
        workflow.advise_retraction(self.object, by=by, note=form.cleaned_data["note"])
        self.publication = Publication.objects.standing().filter(article=self.object.article_id).first()  # type: ignore[attr-defined]
        return ""

    def back(self) -> str:
        """The proposal of the retraction, once this is on record."""
        publication = getattr(self, "publication", None)
        return reverse("desk:propose_retraction", args=[publication.pk]) if publication else super().back()


class BringForward(PublicationAct):
    """Having the next review sooner; nothing here makes it later."""

    step, heading, button = "bring_forward", "Bring the next review forward", "Bring forward"
    done = "Brought forward. The authors and editors are told."
    form_class = forms.BringForwardForm

    def rows(self, user: User) -> Any:
        """What is public or withheld."""
        return seen_publications(user).standing()

    def says(self) -> list[str]:
        """What it means."""
        return [f"The review is due on {chips.day(self.object.review_due_on)}. Give an earlier day: only a review moves it later.",
                "Readers see the new day on the page."]  # fmt: skip

    def act(self, by: User, form: Any) -> str:
        """Bring it forward."""
        publishing.bring_forward(self.object, by=by, due_on=form.cleaned_data["due_on"], reason=form.cleaned_data["reason"])
        return ""
