"""What is said about an article beside its texts: title, summary, type, topics, funding, sponsor, and everyone's interests."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from editorial.kept import WAS_KEPT, forget_text, kept_text
from editorial.workspace import drafts, previews, saves, saving, submissions
from editorial.workspace.editor import saved_words
from editorial.workspace.forms import DetailsForm, InterestsForm, TopicsForm
from editorial.workspace.frame import Problem, header, keeps_typed_text, problems_of, show, signed_in
from records.errors import NotReady
from records.models import Person
from records.permits import may, ruled_by

FOUND = 12


class Forms:
    """The forms of the page, bound together: the article's fields, its topics, one for each person's interests."""

    def __init__(self, article: Any, data: Any = None) -> None:
        self.fields = DetailsForm(data, instance=article)
        self.topics = TopicsForm(data, initial={"topics": list(article.topics.all())})
        self.people = [InterestsForm(authorship, data) for authorship in article.authorships.select_related("person")]

    @property
    def topics_at_first(self) -> str:
        """The hidden copy of the topics as the page was opened with."""
        return self.topics["topics"].as_hidden(only_initial=True)

    def are_valid(self) -> bool:
        """Whether each is; all are asked, so that all errors show."""
        valid = [form.is_valid() for form in (self.fields, self.topics, *self.people)]
        return all(valid)

    def problems(self) -> list[Problem]:
        """What is wrong with what was typed, each at its field; of interests it is said whose they are."""
        people = [problem for form in self.people for problem in problems_of(form, form.authorship.person.name)]
        return [*problems_of(self.fields), *problems_of(self.topics), *people]

    def edit(self) -> saving.Edit:
        """What was changed, compared with what the page showed when it was opened."""
        fields = self.fields.changed()
        before, after = set(self._topics_at_first()), set(self.topics.cleaned_data["topics"])
        return saving.Edit(
            fields=fields,
            initial={name: self._initial(self.fields, name) for name in fields},
            topics_added=after - before,
            topics_removed=before - after,
            interests={
                form.authorship.person_id: (self._initial(form, "words"), form.cleaned_data["words"].strip())
                for form in self.people
                if form.has_changed()
            },
        )

    def _topics_at_first(self) -> Any:
        return self._initial(self.topics, "topics")

    @staticmethod
    def _initial(form: Any, name: str) -> Any:
        """What a field was when the page was opened, as the form's hidden copy says."""
        field = form.fields[name]
        raw = field.hidden_widget().value_from_datadict(form.data, form.files, form.add_initial_prefix(name))
        return field.clean(raw) if raw or not field.required else ""


@keeps_typed_text("details")
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft")
def details(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of details. Of what two people changed at once nothing is overwritten unseen."""
    article = drafts.find(signed_in(request), pk)
    if request.method != "POST":
        kept = kept_text(request)
        return _page(request, article, Forms(article, kept), notice=WAS_KEPT if kept else "")
    forms = Forms(article, request.POST)
    if not forms.are_valid():
        return _page(request, article, forms, status=422)
    try:
        return _save(request, article, forms)
    except (NotReady, PermissionDenied) as error:
        problems = list(error.reasons) if isinstance(error, NotReady) else [str(error)]
        return _page(request, article, forms, problems=problems, status=403 if isinstance(error, PermissionDenied) else 409)


def _save(request: HttpRequest, article: Any, forms: Forms) -> HttpResponse:
    edit = forms.edit()
    done = saving.save_details(article, edit, by=signed_in(request)) if edit else article
    if isinstance(done, list):
        return _clash(request, article, forms, done)
    forget_text(request)
    if request.POST.get("do") == "submit":
        return submissions.submit_draft(request, article, done.draft_number)
    messages.success(request, saved_words(article))
    return redirect("workspace:details", article.pk)


def _clash(request: HttpRequest, article: Any, forms: Forms, clashes: list[saving.FieldClash]) -> HttpResponse:
    """The page again with everything typed, and beside each clashing field what somebody else saved there."""
    data = request.POST.copy()
    for clash in clashes:
        data[f"initial-{clash.field}-words" if clash.field.startswith("interests-") else f"initial-{clash.field}"] = clash.theirs
    again = Forms(article, data)
    again.are_valid()
    for clash in clashes:
        words = f"Somebody saved another text here after you opened it: “{clash.theirs or 'blank'}”. What stands below replaces it when you save again."
        person = next((form for form in again.people if f"interests-{form.authorship.pk}" == clash.field), None)
        (person or again.fields).add_error("words" if person else clash.field, words)
    return _page(request, article, again, problems=["Your text is safe and not saved yet: somebody else saved this draft after you opened it."], status=409)


def _page(request: HttpRequest, article: Any, forms: Forms, problems: list[str] | None = None, status: int = 200, notice: str = "") -> HttpResponse:
    context = {**header(article, "details"), "forms": forms, "problems": [*(problems or []), *forms.problems()], "saved": saves.last(article), "notice": notice}
    beside = {"may_edit": may("edit_draft", signed_in(request), article), "previews": previews.rows(article)}
    return show(request, "details.html", {**context, **beside}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft")
def authors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Find a person by name and put them on the byline."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    if request.method == "POST":
        person = get_object_or_404(Person, pk=_uuid(request.POST.get("person", "")))
        try:
            saving.add_author(article, person, by=user)
        except NotReady as refusal:
            messages.error(request, " ".join(refusal.reasons))
            return redirect("workspace:authors", pk)
        messages.success(request, f"{person.name} is an author of this article now. Their interests are still to be stated.")
        return redirect("workspace:details", pk)
    q = " ".join(request.GET.get("q", "").split())[:100]
    bylined = list(article.authorships.select_related("person"))
    context = {**header(article, "details"), "q": q, "bylined": bylined, "found": _people(q, {each.person_id for each in bylined})}
    return show(request, "authors.html", context)


def _people(q: str, without: set[UUID]) -> list[Person]:
    """People whose name holds every word; none for fewer than two letters."""
    if len(q) < 2:
        return []
    people = Person.objects.exclude(pk__in=without)
    for word in q.split()[:6]:
        people = people.filter(name__icontains=word)
    return list(people.order_by("name")[:FOUND])


def _uuid(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError:
        return UUID(int=0)
