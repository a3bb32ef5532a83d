"""Have a follow-up question? The passages of published articles that may answer it, and the way to the editors where none does."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from editorial import signed_forms
from editorial.finding import answering, urgent
from editorial.middleware import by_query, sessionless
from editorial.public import origin
from records.permits import ruled_by


def asked(given: QueryDict) -> str:
    """The question of a form or an address, as it is read."""
    return given.get("q", "").replace("\0", " ").strip()[: signed_forms.MOST_CHARACTERS]


@by_query
@sessionless
@require_http_methods(["GET", "HEAD", "POST"])
@signed_forms.signed
@ruled_by("anyone")
def ask(request: HttpRequest) -> HttpResponse:
    """The passages that may answer; nothing is written. The form posts, so that a reader's words stand in no address and no log."""
    given = request.POST if request.method == "POST" else request.GET
    question = asked(given)
    context: dict[str, object] = {"question": question, "origin": origin.of(given), "token": signed_forms.new_token()}
    if question:
        found = answering.answer(question)
        context |= {"answer": found, "urgent": [urgent.WORDS[kind] for kind in found.urgent]}
    return render(request, "public/ask.html", context)
