"""Findings of the checks that authors ask editors to let stand. An editor sees the finding and the reason, and nothing else of the draft."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from editorial import waiving
from editorial.desk import chips, forms
from editorial.desk.acts import ActPage, desk, person
from editorial.desk.rows import Button, Row, paged_rows
from editorial.desk.waiting import waiting
from editorial.models import WaiverQuestion
from records import clock
from records.admin_base import name_of
from records.models import User
from records.permits import may


@desk("see_waivers")
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """What authors ask about, longest waiting first."""
    if not may("see_waivers", person(request)):
        raise Http404
    page, pages = paged_rows(request, waiving.open_questions().with_words().select_related("article"))
    rows = [_row(each) for each in page.object_list]
    return render(request, "admin/desk/list.html", {"heading": "Findings that authors ask about", "rows": rows, "pages": pages, "empty": "Nobody asks about a finding."})


def _row(each: WaiverQuestion) -> Row:
    since, today = localdate(each.asked.at), clock.today()
    url = reverse("desk:waive_finding", args=[each.pk])
    facts = [f"{name_of(each.asked.by)} asks", each.check_id]
    return Row(each.article.title, url, (), facts, f"Asked {chips.short_day(since, today)}", waiting(since, today), Button("Answer", url), waits=each.asked.note)


class AnswerForm(forms.DeskForm):
    """Why it stands, or why it does not."""

    reason = forms.words("Why", help_text="The author and the reviewers read it. It stays on the record under your name.")


class Answer(ActPage):
    """Answering one question of an author."""

    step, form_class = "waive_finding", AnswerForm

    def rows(self, user: User) -> Any:
        """The open questions, for those who answer such."""
        if not may("see_waivers", user):
            raise Http404
        return waiving.open_questions().with_words().select_related("article__article_type")

    def subject(self) -> Any:
        """The article."""
        return self.object.article

    def says(self) -> list[str]:
        """What is asked, and what the answer means."""
        asked: WaiverQuestion = self.object
        finding = waiving.found_on(asked.article, asked.check_id, asked.place)
        said = finding.sentence if finding else "The checks do not find this any more: the draft has changed, or it was repaired."
        return [asked.article.title, said, f"{name_of(asked.asked.by)} asks: “{asked.asked.note}”", self.meaning]

    meaning = ""

    def back(self) -> str:
        """The list of what is asked."""
        return reverse("desk:asked_findings")


class Waive(Answer):
    """Letting a finding stand."""

    heading, button, done = "Let this finding stand", "Let it stand", "It stands. Your name and reason are on the record."
    template_name = "admin/desk/waive.html"
    meaning = "It no longer stops the author from submitting, as long as the passage stays the same. The reviewers see it with your reason."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way to the other answer."""
        return super().get_context_data(other=reverse("desk:refuse_waiver", args=[self.object.pk]), **kwargs)

    def act(self, by: User, form: Any) -> str:
        """Let it stand."""
        waiving.waive_finding(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class Refuse(Answer):
    """Answering that a finding has to be repaired."""

    heading, button, done = "This has to be repaired", "Answer the author", "Answered. The author reads your reason beside the finding."
    meaning = "The author repairs it, or asks again with another reason."

    def act(self, by: User, form: Any) -> str:
        """Answer."""
        waiving.refuse_waiver(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""
