"""Have a follow-up question? The passages of published articles that may answer it, and the way to the editors where none does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from editorial.finding import answering, urgent
from records.permits import ruled_by

MOST_CHARACTERS = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("anyone")
def ask(request: HttpRequest) -> HttpResponse:
    """The passages that may answer; nothing is written. The form posts, so that a reader's words stand in no address and no log."""
    given = request.POST if request.method == "POST" else request.GET
    question = given.get("q", "").replace("\0", " ").strip()[:MOST_CHARACTERS]
    context: dict[str, object] = {"question": question}
    if question:
        found = answering.answer(question)
        context |= {"answer": found, "urgent": [urgent.WORDS[kind] for kind in found.urgent]}
    return render(request, "public/ask.html", context)
