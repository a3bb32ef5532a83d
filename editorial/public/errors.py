"""What is said when an address cannot be answered: a page to people, a problem document to programs that ask the API."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from editorial.public.api.problems import problem

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400: the request breaks a rule of the transport."""
    return problem(request, 400) if request.path_info.startswith(API) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403: this person may not."""
    return problem(request, 403) if request.path_info.startswith(API) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: nothing is there, or nothing public."""
    return problem(request, 404) if request.path_info.startswith(API) else defaults.page_not_found(request, exception)


def broken(request: HttpRequest, *anything: Any) -> HttpResponseBase:
    """500: an error of ours."""
    return problem(request, 500) if request.path_info.startswith(API) else defaults.server_error(request)
