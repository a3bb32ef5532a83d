"""Findings of the checks that authors ask editors to let stand. An editor sees the finding and the reason, and nothing else of the draft."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from articles.models import Article
from editorial import waiving
from editorial.desk import chips, forms
from editorial.desk.acts import ActPage, desk, person
from editorial.desk.rows import Button, Row, paged
from editorial.desk.waiting import waiting
from editorial.waiving import Asked
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
    page, pages = paged(request, waiving.open_questions())
    titles = dict(Article.objects.filter(pk__in=[each.event.object_id for each in page.object_list]).values_list("pk", "title"))
    rows = [_row(each, titles[each.event.object_id]) for each in page.object_list]
    return render(request, "admin/desk/list.html", {"heading": "Findings that authors ask about", "rows": rows, "pages": pages, "empty": "Nobody asks about a finding."})


def _row(each: Asked, title: str) -> Row:
    since, today = localdate(each.event.at), clock.today()
    url = _address("waive_finding", each)
    return Row(title, url, (), [f"{name_of(each.event.by)} asks", each.check], f"Asked {chips.short_day(since, today)}", waiting(since, today), Button("Answer", url), waits=each.event.note)


def _address(name: str, each: Asked) -> str:
    return f"{reverse(f'desk:{name}', args=[each.event.object_id])}?{urlencode({'check': each.check, 'place': each.place})}"


class AnswerForm(forms.DeskForm):
    """Why it stands, or why it does not."""

    reason = forms.words("Why", help_text="The author and the reviewers read it. It stays on the record under your name.")


class Answer(ActPage):
    """Answering one question of an author."""

    step, form_class = "waive_finding", AnswerForm

    def find(self) -> Asked:
        """The question, where it is open and this person answers such."""
        if not may("see_waivers", self.by):
            raise Http404
        self.article = get_object_or_404(Article.objects.select_related("article_type"), pk=self.kwargs["pk"])
        mark = (self.request.GET.get("check", ""), self.request.GET.get("place", ""))
        found = next((each for each in waiving.asked(self.article) if (each.check, each.place) == mark and each.answer is None), None)
        if found is None:
            raise Http404("Nobody asks about this any more.")
        return found

    def subject(self) -> Any:
        """The article."""
        return self.article

    def says(self) -> list[str]:
        """What is asked, and what the answer means."""
        finding = waiving.found_on(self.article, self.object.check, self.object.place)
        said = finding.sentence if finding else "The checks do not find this any more: the draft has changed, or it was repaired."
        return [self.article.title, said, f"{name_of(self.object.event.by)} asks: “{self.object.event.note}”", self.meaning]

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
        return super().get_context_data(other=_address("refuse_waiver", self.object), **kwargs)

    def act(self, by: User, form: Any) -> str:
        """Let it stand."""
        waiving.waive_finding(self.article, by=by, check=self.object.check, place=self.object.place, reason=form.cleaned_data["reason"])
        return ""


class Refuse(Answer):
    """Answering that a finding has to be repaired."""

    heading, button, done = "This has to be repaired", "Answer the author", "Answered. The author reads your reason beside the finding."
    meaning = "The author repairs it, or asks again with another reason."

    def act(self, by: User, form: Any) -> str:
        """Answer."""
        waiving.refuse_waiver(self.article, by=by, check=self.object.check, place=self.object.place, reason=form.cleaned_data["reason"])
        return ""
