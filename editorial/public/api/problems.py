"""What the API says when it cannot give what was asked for (RFC 9457): the same for everyone, and the same for what is not public as for what is not there."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from editorial.pages import document, shapes
from editorial.public.answers import OPEN

KIND = "application/problem+json"
WORDS = {
    400: "The request could not be understood.",
    403: "This API is read-only and asks nobody to sign in.",
    404: "There is nothing public at this address.",
    405: "This API is read-only: ask with GET or HEAD.",
    406: "This API answers in JSON alone: accept application/json.",
    422: "Some parameters cannot be used.",
    429: "Too many requests came from your address. Wait as long as Retry-After says.",
    500: "Something went wrong here, and was written down.",
    503: "The search does not answer at the moment. Articles and topics do.",
}
ALLOW = "GET, HEAD, OPTIONS"


class Refused(Exception):
    """A request that is answered with a problem; `headers` go along."""

    def __init__(self, status: int, errors: tuple[shapes.Wrong, ...] | None = None, **headers: str) -> None:
        self.status, self.errors, self.headers = status, errors, headers
        super().__init__(WORDS[status])


def problem(request: HttpRequest, status: int, errors: tuple[shapes.Wrong, ...] | None = None, **headers: str) -> HttpResponse:
    """The answer for a status of WORDS, as open to other sites as every answer; underscores in the names of headers stand for hyphens."""
    body = document.write(shapes.Problem("about:blank", HTTPStatus(status).phrase, status, WORDS[status], errors))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(
        b"" if request.method == "HEAD" else body, status=status, content_type=KIND, headers=OPEN | {"Content-Length": str(len(body))} | named
    )
