"""One way through which every request to the API goes: the method, the pace, the format and the parameters are looked at, then its function answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from editorial.middleware import by_query, sessionless
from editorial.pages import document
from editorial.public.answers import OPEN, made_now
from editorial.public.api import limits, parameters
from editorial.public.api.parameters import Parameter
from editorial.public.api.problems import ALLOW, Refused, problem
from records.permits import ruled_by

JSON = "application/json"
PREFLIGHT = OPEN | {"Allow": ALLOW, "Access-Control-Allow-Methods": ALLOW, "Access-Control-Allow-Headers": "*", "Access-Control-Max-Age": "86400"}


@dataclass(frozen=True)
class Asked:
    """A request that can be answered: the values of its parameters, those that were left out by their defaults."""

    request: HttpRequest
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def next(self, cursor: object) -> str:
        """The address of the page that begins there, with all else as it was asked."""
        given = self.request.GET.dict() | {"cursor": str(cursor)}
        return f"{document.whole(self.request.path_info)}?{urlencode(given)}"


Function = Callable[..., object]


def opened(answer: HttpResponse) -> HttpResponse:
    """A finished answer, readable from every site: a redirect has to be as much as what it leads to."""
    for name, value in OPEN.items():
        answer.headers.setdefault(name, value)
    return answer


@dataclass(frozen=True)
class Endpoint:
    """An address of the API, below its root: what answers there, in which shape, and what may be asked."""

    route: str
    function: Function
    shape: Any
    parameters: tuple[Parameter, ...]
    more: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its name among the addresses, and in the OpenAPI document."""
        return self.function.__name__

    @property
    def pattern(self) -> URLPattern:
        """Its URL pattern."""

        @csrf_exempt
        @by_query
        @sessionless
        @ruled_by("anyone")
        def view(request: HttpRequest, **named: Any) -> HttpResponse:
            return self.answer(request, **named)

        return path(f"{document.ROOT[1:]}{self.route}", view, name=f"api_{self.name}")

    def answer(self, request: HttpRequest, **named: Any) -> HttpResponse:
        """The answer, or the problem."""
        try:
            if request.method == "OPTIONS":
                return HttpResponse(status=204, headers=PREFLIGHT)
            self._need_readable(request)
            found = self.function(Asked(request, parameters.read(request.GET, self.parameters)), **named)
        except Http404:
            return problem(request, 404)
        except Refused as refused:
            return problem(request, refused.status, refused.errors, **refused.headers)
        if isinstance(found, HttpResponse):
            return opened(found)
        return made_now(request, document.write(found), kind=JSON, is_open=True)

    def _need_readable(self, request: HttpRequest) -> None:
        if request.method not in {"GET", "HEAD"}:
            raise Refused(405, Allow=ALLOW)
        limits.need_room(request)
        if request.headers.get("Accept") and not request.accepts(JSON):
            raise Refused(406)


ENDPOINTS: list[Endpoint] = []


def endpoint(route: str, shape: Any, *takes: Parameter, more: tuple[int, ...] = ()) -> Callable[[Function], Function]:
    """Enter a function as what answers at this route; it gives the shape, or a finished answer. `more` are statuses that it may give besides."""

    def enter(function: Function) -> Function:
        ENDPOINTS.append(Endpoint(route, function, shape, takes, more))
        return function

    return enter
