"""Asking the editors to let a finding of the checks stand, and what they answered."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from editorial import waiving
from editorial.workspace import drafts
from editorial.workspace.frame import header, show, signed_in
from records.errors import NotReady
from records.permits import may, ruled_by


class AskForm(forms.Form):
    """Why a finding should stand."""

    reason = forms.CharField(
        label="Why it should stand", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "Say why this should stand."},
        help_text="The editors read it, and it stays on the record.",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "ask_waiver")
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One finding on the draft as it is saved: what was asked about it before, what was answered, and the form to ask."""
    article = drafts.find(signed_in(request), pk)
    if not may("ask_waiver", signed_in(request), article):
        raise PermissionDenied("Only an author of this article asks.")
    check, place = request.GET.get("check", "")[:60], request.GET.get("place", "")[:200]
    finding, before = waiving.found_on(article, check, place), waiving.last_question(article, check, place)
    if finding is None and before is None:
        raise Http404("The checks find no such thing on the draft as it is saved.")
    form = AskForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            waiving.ask_waiver(article, by=signed_in(request), check=check, place=place, reason=form.cleaned_data["reason"])
        except NotReady as refusal:
            return _page(request, article, finding, before, form, list(refusal.reasons), 409)
        messages.success(request, "Asked. The editors see this finding and your reason. Their answer is shown here and beside the finding.")
        return redirect("workspace:article", pk)
    return _page(request, article, finding, before, form, [], 422 if form.is_bound else 200)


def _page(request: HttpRequest, article: Any, finding: Any, before: Any, form: AskForm, problems: list[str], status: int) -> HttpResponse:
    context = {**header(article, "professional"), "finding": finding, "form": form, "before": before, "problems": problems}
    return show(request, "ask_waiver.html", context, status)
