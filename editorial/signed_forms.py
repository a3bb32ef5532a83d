"""Forms that anybody may send, without a cookie: the site's signature in the form stands in for one, beside the browser's own word on where the form was.

What is signed is drawn anew for each form, and becomes the id of what the form makes: sent twice, it is made once.
"""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

FIELD = "form"
# As much as anybody may write into one of them.
MOST_CHARACTERS = 2_000
_SIGNER = signing.Signer(salt="editorial.signed_forms", sep=".")

View = Callable[..., HttpResponseBase]


def new_token() -> str:
    """What one form carries."""
    return _SIGNER.sign(uuid4().hex)


def key_of(request: HttpRequest) -> UUID:
    """The id that was drawn for the form of a request; a new one where we did not sign it, which only the tests' own client comes past `signed` with."""
    return _key(request) or uuid4()


def _key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(_SIGNER.unsign(request.POST.get(FIELD, "")))
    except (signing.BadSignature, ValueError):
        return None


class _Signed(CsrfViewMiddleware):
    """Django's own check of where a form comes from, with our signature in place of its cookie."""

    def process_request(self, request: HttpRequest) -> None:
        """No cookie is looked for."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """No cookie is set."""
        return response

    def _check_token(self, request: HttpRequest) -> None:
        if _key(request) is None:
            raise RejectRequest("The form is not one of this site.")


def signed(view: View) -> View:
    """A view whose forms carry a token of `new_token` in the field `form`; whoever posts without one gets 403."""
    return csrf_exempt(decorator_from_middleware(_Signed)(view))
