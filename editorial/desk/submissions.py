"""The list of submissions: by state, by what somebody chose, by what they keep as a filter of their own; the open ones with the next act."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms as fields
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from articles.models import ArticleType, Topic
from editorial.desk import chips, forms, morning
from editorial.desk.acts import desk, person
from editorial.desk.decisions import seen
from editorial.desk.rows import Button, Pages, Row, paged_rows
from editorial.desk.waiting import Board, submission_row
from editorial.models import SavedFilter
from records import clock
from records.models import User
from records.permits import may
from reviews.models import BoardMember, ReviewAssignment, Submission

OPEN = (Submission.State.SUBMITTED, Submission.State.UNDER_REVIEW)


class FilterForm(forms.DeskForm):
    """What to list. Every field may be left out."""

    state = fields.ChoiceField(required=False, choices=[("", "Open"), *Submission.State.choices], widget=fields.HiddenInput)
    waiting = fields.ChoiceField(label="Where it stands", required=False, choices=[("", "Anywhere"), *morning.GROUPS.items()])
    kind = fields.ChoiceField(label="Kind", required=False, choices=[("", "Any kind"), *Submission.Kind.choices])
    type = fields.ModelChoiceField(label="Type of article", required=False, queryset=ArticleType.objects.order_by("name"), empty_label="Any type")
    topic = fields.ModelChoiceField(label="Topic", required=False, queryset=Topic.objects.order_by("name"), empty_label="Any topic")
    reviewer = fields.ModelChoiceField(
        label="Waits for", required=False, queryset=BoardMember.objects.select_related("person"), empty_label="Anybody"
    )

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen, as an address has it."""
        return {name: str(getattr(value, "pk", value)) for name, value in self.cleaned_data.items() if value}

    def apply(self, found: QuerySet[Submission], today: date) -> QuerySet[Submission]:
        """Those of the submissions that were asked for; the open ones oldest first, the ended newest first."""
        data = self.cleaned_data
        if data["state"]:
            found = found.filter(state=data["state"]).order_by("-submitted_at", "pk")
        else:
            found = found.filter(state__in=OPEN).order_by("submitted_at", "pk")
        if data["waiting"]:
            found = found.filter(pk__in=morning.open_submissions(today).filter(morning.submission_rule(data["waiting"], today)).values("pk"))
        if data["reviewer"]:
            waiting = ReviewAssignment.objects.unsigned().filter(member=data["reviewer"])
            found = found.filter(pk__in=waiting.values("submission"))
        if data["topic"]:
            found = found.filter(article__topics=data["topic"])
        exact = {"kind": data["kind"], "article__article_type": data["type"]}
        return found.filter(**{name: value for name, value in exact.items() if value})


class NameForm(forms.DeskForm):
    """Under which name a filter is kept."""

    name = fields.CharField(label="Save this filter as", max_length=60)


def _filter(request: HttpRequest, given: Any) -> FilterForm:
    """The filter of an address; 404 for what is no filter."""
    form = FilterForm(given, request=request)
    if not form.is_valid():
        raise Http404
    return form


@desk("see_submission")
@require_safe
def submissions(request: HttpRequest) -> HttpResponse:
    """Submissions by state and by what was chosen, the open ones oldest first."""
    user = person(request)
    if not user.has_perm("reviews.view_submission"):
        raise Http404
    return listing(request, user, _filter(request, request.GET))


def listing(request: HttpRequest, user: User, form: FilterForm, name_form: NameForm | None = None, status: int = 200) -> HttpResponse:
    """The list, with the form that chooses from it and the filters that this person keeps."""
    today, may_assign = clock.today(), may("assign", user)
    found = form.apply(seen(user).select_related("submitted_by__person"), today)
    page, pages = paged_rows(request, found)
    chosen = {name: value for name, value in form.chosen.items() if name != "state"}
    context = {
        "tabs": _tabs(form),
        "form": form,
        "chosen": chosen,
        "name_form": name_form or NameForm(request=request),
        "kept": list(SavedFilter.objects.filter(owner=user)),
        "query": form.chosen,
        "filter": urlencode(form.chosen),
        "rows": _rows(list(page.object_list), user, today, may_assign=may_assign),
        "pages": _of_list(pages, form),
        "can_invite": may_assign,
    }
    return render(request, "admin/desk/submissions.html", context, status=status)


def _of_list(pages: Pages, form: FilterForm) -> Pages:
    """The pages by addresses of the list itself: those of a filter that was refused cannot be opened."""
    newer, older = (f"{reverse('desk:submissions')}?{urlencode({**form.chosen, 'page': number})}" for number in (pages.number - 1, pages.number + 1))
    return replace(pages, newer_url=newer if pages.newer_url else "", older_url=older if pages.older_url else "")


def _tabs(form: FilterForm) -> list[dict[str, Any]]:
    """The states, each with how many there are; what else was chosen stays chosen. Their addresses can be opened from a filter that was refused too."""
    counts = dict(Submission.objects.values_list("state").annotate(n=Count("*")).order_by())
    tabs = [("", "Open", sum(counts.get(each, 0) for each in OPEN))]
    tabs += [(value, label, counts.get(value, 0)) for value, label in Submission.State.choices]
    shown, list_of, rest = form.cleaned_data["state"], reverse("desk:submissions"), {name: value for name, value in form.chosen.items() if name != "state"}
    return [{"url": f"{list_of}?{urlencode({'state': key, **rest})}", "words": words, "count": number, "is_here": key == shown} for key, words, number in tabs]


def _rows(found: list[Submission], user: User, today: date, *, may_assign: bool) -> list[Row]:
    board = Board([each.pk for each in found], user)
    return [submission_row(each, board, today) if each.is_open and may_assign else _plain_row(each, today) for each in found]


def _plain_row(found: Submission, today: date) -> Row:
    url, since = reverse("desk:submission", args=[found.pk]), localdate(found.submitted_at)
    return Row(found.version.title, url, (chips.submission(found),),
               [f"Version {found.version.number}", found.get_kind_display().lower(), found.version.type_name],
               f"Submitted {chips.short_day(since, today)}", chips.distance(since, today), Button("Open", url))  # fmt: skip


# ---- Filters that somebody keeps


@desk("see_submission", page="desk:submissions")
@require_POST
def keep_filter(request: HttpRequest) -> HttpResponse:
    """Keep what is chosen under a name; the same name again replaces it."""
    user = person(request)
    if not user.has_perm("reviews.view_submission"):
        raise Http404
    form, name_form = _filter(request, QueryDict(request.POST.get("filter", ""))), NameForm(request.POST, request=request)
    if name_form.is_valid():
        name = name_form.cleaned_data["name"]
        is_new = not SavedFilter.objects.filter(owner=user, name=name).exists()
        if is_new and SavedFilter.objects.filter(owner=user).count() >= SavedFilter.MOST:
            name_form.add_error("name", f"You have {SavedFilter.MOST} filters already. Remove one first.")
        else:
            kept, _ = SavedFilter.objects.update_or_create(owner=user, name=name, defaults={"chosen": form.chosen, "saved_at": clock.now()})
            messages.success(request, f"Saved as “{name}”. It stands above this list and on your desk.")
            return redirect(f"{reverse('desk:submissions')}?{kept.query}")
    return listing(request, user, form, name_form, status=409)


@desk("see_submission", page="desk:submissions")
@require_POST
def remove_filter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a filter no longer; one's own only."""
    found = get_object_or_404(SavedFilter, pk=pk, owner=person(request))
    found.delete()
    messages.success(request, f"“{found.name}” is removed. Nothing else changed.")
    return redirect("desk:submissions")
