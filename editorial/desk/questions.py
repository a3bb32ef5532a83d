"""What readers ask and report: the box of the desk, one question, and what an editor makes of it."""

from datetime import date
from typing import Any, ClassVar

from django import forms as fields
from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from articles.models import Article, ArticleType
from editorial import people, triage
from editorial.desk import chips, facts, forms
from editorial.desk.acts import ActPage, desk, person
from editorial.desk.chips import Chip
from editorial.desk.rows import Button, Row, paged_rows
from editorial.desk.waiting import waiting
from editorial.finding import ranking, urgent
from editorial.models import Publication, ReaderQuestion
from records import clock
from records.admin_base import name_of
from records.models import Person, User
from records.permits import may

State, Kind = ReaderQuestion.State, ReaderQuestion.Kind
TABS: dict[str, tuple[str, Q]] = {
    "waiting": ("Waiting", Q(state=State.WAITING)),
    "commissioned": ("Draft commissioned", Q(state=State.COMMISSIONED)),
    "closed": ("Closed", Q(closed_at__isnull=False)),
}
_KIND = {Kind.QUESTION: ("quiet", "info"), Kind.REPORT: ("due", "triangle")}
_STATE = {
    State.WAITING: ("quiet", "ring"), State.ANSWERED: ("ok", "ring-tick"), State.RE_REVIEW: ("info", "half"), State.COMMISSIONED: ("info", "half"),
    State.DECLINED: ("quiet", "slashed"),
}  # fmt: skip
MOST_FOUND = 8
SHORT = 160


def seen(user: User) -> "QuerySet[ReaderQuestion]":
    """What this person reads of what readers wrote: all of it, or nothing."""
    found = ReaderQuestion.objects.for_desk()
    return found if may("see_questions", user) else found.none()


def counted(user: User) -> dict[str, int]:
    """How much waits, and how much of it reports an error, in one query; nothing for whoever reads none of it."""
    if not may("see_questions", user):
        return {}
    return ReaderQuestion.objects.waiting().aggregate(waiting=Count("pk"), reports=Count("pk", filter=Q(kind=Kind.REPORT)))


def marks(found: ReaderQuestion) -> list[Chip]:
    """What it is, where it stands, and whether it names a sign of an emergency."""
    state = [] if found.state == State.WAITING else [Chip(found.get_state_display(), *_STATE[State(found.state)])]
    emergency = [Chip("Names a sign of an emergency", "stop", "octagon")] if urgent.kinds(found.text) else []
    return [Chip(found.get_kind_display(), *_KIND[Kind(found.kind)]), *state, *emergency]


def named(found: ReaderQuestion) -> str:
    """Its first words; once they were erased, what it was."""
    words = " ".join(found.text.split())
    if not words:
        return f"Erased: {found.get_kind_display().lower()} of {chips.day(localdate(found.asked_at))}"
    return words if len(words) <= SHORT else f"{words[:SHORT].rsplit(' ', 1)[0]} …"


# ---- The box


@desk("see_questions")
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """What waits, reports of errors first and then the longest waiting; what is being written for readers; what is closed, newest first."""
    user, today, show = person(request), clock.today(), request.GET.get("show", "waiting")
    if not may("see_questions", user) or show not in TABS:
        raise Http404
    numbers = ReaderQuestion.objects.aggregate(**{key: Count("pk", filter=rule) for key, (_, rule) in TABS.items()})
    tabs = [{"key": key, "words": words, "count": numbers[key]} for key, (words, _) in TABS.items()]
    order = ["-closed_at", "pk"] if show == "closed" else ["-kind", "asked_at", "pk"]
    page, pages = paged_rows(request, seen(user).filter(TABS[show][1]).order_by(*order))
    context = {"heading": "From readers", "tabs": tabs, "shown": show, "param": "show", "pages": pages, "rows": [_row(each, today) for each in page.object_list],
               "empty": "Nothing waits." if show == "waiting" else "There is nothing here."}  # fmt: skip
    return render(request, "admin/desk/list.html", context)


def _row(found: ReaderQuestion, today: date) -> Row:
    url, sent = reverse("desk:question", args=[found.pk]), localdate(found.asked_at)
    when, age = f"Sent {chips.short_day(sent, today)}", waiting(sent, today) if found.is_open else ""
    if found.closed_at:
        when = f"Closed {chips.short_day(localdate(found.closed_at), today)}"
    return Row(named(found), url, marks(found), [_origin(found)], when, age, Button("Open", url))


def _origin(found: ReaderQuestion) -> str:
    return f"from “{found.version.title}”, version {found.version.number}" if found.version else "from no article"


# ---- One of them


@desk("see_questions")
@require_safe
def question(request: HttpRequest, pk: Any) -> HttpResponse:
    """What a reader wrote, where they were, what became of it, and what can be done."""
    user = person(request)
    found: ReaderQuestion = get_object_or_404(seen(user).select_related("re_review"), pk=pk)
    standing = triage.standing_of(found)
    answered = Publication.objects.standing().filter(article=found.answer_id).first() if found.answer_id else None
    context = {
        "question": found,
        "heading": named(found),
        "marks": marks(found),
        "waits": found.state == State.WAITING,
        "standing": standing,
        "public_path": facts.public_path(found.article_id) if standing else "",
        "answered": answered,
        "answer_path": facts.public_path(found.answer_id) if answered else "",
        "closed_by": name_of(found.closed_by) if found.closed_by else "",
        "happened": facts.history(found),
        "allowed": {step for step in ("answer_question", "commission_draft", "open_re_review") if may(step, user, found)}
        | {step for step in ("withhold",) if standing and standing.state == Publication.State.LIVE and may(step, user, standing)},
        "days": settings.READER_QUESTION_DAYS,
    }
    return render(request, "admin/desk/question.html", context)


class QuestionAct(ActPage):
    """An editor's act on one question or report."""

    step: ClassVar[str] = "answer_question"

    def rows(self, user: User) -> Any:
        """Those that an editor reads."""
        return seen(user)

    def back(self) -> str:
        """Its page."""
        return reverse("desk:question", args=[self.object.pk])

    @property
    def tells(self) -> str:
        """Who hears of it."""
        return "The reader is told by mail." if self.object.can_be_written_to else "The reader left no address that is confirmed, and is not told."


class ArticleForm(forms.DeskForm):
    """Which public article answers."""

    article = fields.ChoiceField(label="Article", widget=fields.RadioSelect, error_messages={"required": "Choose an article.", "invalid_choice": "Choose one of the articles found."})


class AnswerQuestion(QuestionAct):
    """Answering with a public article, found as readers find it."""

    heading, button, template_name = "Answer with an article", "Answer with this article", "admin/desk/answer_question.html"
    done, form_class = "Answered.", ArticleForm

    def says(self) -> list[str]:
        """What it means."""
        return [f"“{named(self.object)}”", f"It is closed. {self.tells}", "Only articles that are public now are found."]

    @property
    def asked_for(self) -> str:
        """What is looked for: what the editor typed, else the question itself."""
        return self.request.GET.get("q", self.object.text).replace("\0", " ").strip()[:SHORT * 2]

    def get_form(self, form_class: Any = None) -> Any:
        """The form offers the articles found, best first."""
        form = super().get_form(form_class)
        found = ranking.find(self.asked_for, most=MOST_FOUND)[1] if self.asked_for else []
        form.fields["article"].choices = [(str(match.entry.article_id), match.entry.title) for match in found]
        return form

    def act(self, by: User, form: Any) -> str:
        """Answer."""
        triage.answer_question(self.object, by=by, article=Article.objects.get(pk=form.cleaned_data["article"]))
        return ""


class ReReviewForm(forms.DeskForm):
    """What the board is to look at."""

    note = forms.words("Note for the board", required=False, help_text="In words of your own: it stays on the record, and what the reader wrote is erased one day.")


class ReReviewQuestion(QuestionAct):
    """Having the board read the article again because of what a reader wrote."""

    heading, button, done, form_class = "Open a re-review", "Open re-review", "The board reads this article again.", ReReviewForm

    def says(self) -> list[str]:
        """What it means."""
        return [f"“{named(self.object)}”", "The board reads the same words again. Where a re-review is open already, this is taken into it. The page stays meanwhile.", f"It is closed. {self.tells}"]

    def act(self, by: User, form: Any) -> str:
        """Open it."""
        triage.re_review_question(self.object, by=by, note=form.cleaned_data["note"])
        return ""


class CommissionForm(forms.DeskForm):
    """The title of a draft, and who writes it."""

    title = fields.CharField(label="Question or title", max_length=300, widget=fields.Textarea(attrs={"rows": 2}), help_text="It stays in the history of the article for good. Take out every word about a person.")
    article_type = fields.ModelChoiceField(ArticleType.objects.order_by("name"), label="Type", empty_label="Choose")
    author = fields.ModelChoiceField(Person.objects.none(), label="Who writes it", empty_label="Choose")
    is_impersonal = fields.MultipleChoiceField(
        label="Before it is kept", choices=[("yes", "I have read the title: it says nothing about a person")], widget=fields.CheckboxSelectMultiple,
        error_messages={"required": "Read the title, and say that it is about no person."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author"].queryset = people.writers()  # type: ignore[attr-defined]


class CommissionDraft(QuestionAct):
    """Having an article written that answers."""

    step, heading, button, form_class = "commission_draft", "Commission a draft", "Commission draft", CommissionForm

    def get_initial(self) -> dict[str, Any]:
        """The question, as a title to begin with."""
        return {**super().get_initial(), "title": " ".join(self.object.text.split())[:300]}

    def says(self) -> list[str]:
        """What it means."""
        told = "The reader hears once that article is public." if self.object.can_be_written_to else self.tells
        return ["A draft with this title and nothing else is begun in the workspace of its author, who is told by mail.", told,
                "You give the title, so you have a hand in its first version: another editor decides on that."]  # fmt: skip

    def act(self, by: User, form: Any) -> str:
        """Commission it."""
        data = form.cleaned_data
        triage.commission_draft(self.object, by=by, title=data["title"], article_type=data["article_type"], author=data["author"])
        return f"Commissioned. {data['author'].name} is told."


class DeclineForm(forms.DeskForm):
    """Why it is closed without an article."""

    reason = fields.ChoiceField(label="Why", widget=fields.RadioSelect, error_messages={"required": "Choose why."})


class DeclineQuestion(QuestionAct):
    """Closing it without an article."""

    heading, button, done, form_class = "Decline", "Decline", "Closed.", DeclineForm

    def get_form(self, form_class: Any = None) -> Any:
        """The reasons that there are for its kind."""
        form = super().get_form(form_class)
        form.fields["reason"].choices = [(reason.value, reason.label) for reason in triage.REASONS[Kind(self.object.kind)]]
        return form

    def says(self) -> list[str]:
        """What it means."""
        return [f"“{named(self.object)}”", f"It is closed. {self.tells} They read the reason in a sentence of ours; where there is no question or report in it, nobody is told."]

    def act(self, by: User, form: Any) -> str:
        """Decline."""
        triage.decline_question(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class EraseQuestion(QuestionAct):
    """Erasing what a reader wrote, and their address."""

    heading, button, is_danger, form_class = "Erase what the reader wrote", "Erase for good", True, forms.NothingForm
    done = "Erased. State, dates and articles stay."

    def says(self) -> list[str]:
        """What goes and what stays."""
        waits = ["It has not been dealt with, and is closed. The reader is not told."] if self.object.state == State.WAITING else []
        return ["The words and the address of the reader are erased. Nobody can bring them back.", "What stays is what became of it, its dates, and the articles.", *waits]

    def act(self, by: User, form: Any) -> str:
        """Erase."""
        triage.erase_question(self.object, by=by)
        return ""
