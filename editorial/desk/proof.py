"""When somebody at this screen last proved who they are, and the proof that a signature needs (SIG-4).

The session keeps the record that signing in wrote. A signature takes one of the last five minutes, else the password again, or
where a second factor is set up a code of that: a wrong one counts like a failed sign-in, and a right one changes the session's id.
"""

from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.forms import ValidationError
from django.http import HttpRequest

from records import clock, second_factor
from records.models import User
from reviews.signing import FRESH_FOR, Signing


def asks_for_code(request: HttpRequest) -> bool:
    """Whether whoever is signed in proves themselves by a second factor: then a password alone proves nothing."""
    known: bool | None = getattr(request, "asks_for_code", None)
    if known is None:
        known = isinstance(request.user, User) and second_factor.is_set_up(request.user)
        request.asks_for_code = known  # type: ignore[attr-defined]
    return known


def last(request: HttpRequest) -> Signing | None:
    """The last proof of this session that a signature can rest on, however old; None when it has none."""
    user = request.user
    if not isinstance(user, User):
        return None
    taken = {"mfa"} if asks_for_code(request) else {"password", "mfa"}
    proofs = [entry for entry in get_authentication_records(request, user) if entry.get("method") in taken]
    if not proofs:
        return None
    newest = max(proofs, key=lambda entry: float(entry["at"]))
    return Signing(user, datetime.fromtimestamp(float(newest["at"]), tz=UTC), str(newest["method"]))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the last proof is one of the last five minutes."""
    found = last(request)
    return found is not None and clock.now() - found.proved_at < FRESH_FOR


def prove(request: HttpRequest, given: str) -> Signing:
    """The proof for one signature: the fresh one, else that of the password or code given. ValidationError when it is missing or wrong."""
    found = last(request)
    if found is not None and is_fresh(request):
        return found
    by_code = asks_for_code(request)
    if not given:
        what = "a code of your app" if by_code else "your password"
        raise ValidationError(f"Give {what}: the last proof of who you are is over five minutes old.", code="required")
    if not isinstance(request.user, User):
        raise ValidationError("Sign in again: this session does not know you.", code="lost")
    if by_code:
        _take_code(request, request.user, given)
    else:
        _take_password(request, request.user, given)
    proved = last(request)
    if proved is None:
        raise ValidationError("Sign in again: this session does not know you.", code="lost")
    return proved


def _take_code(request: HttpRequest, user: User, code: str) -> None:
    if wrong := second_factor.prove(request, user, code):
        raise ValidationError([*wrong, "Everything else you entered is kept."], code="wrong")


def _take_password(request: HttpRequest, user: User, password: str) -> None:
    if not get_adapter(request).reauthenticate(user, password):
        raise ValidationError("The password is not right. Everything else you entered is kept.", code="wrong")
    request.session.cycle_key()
    record_authentication(request, user, method="password", reauthenticated=True)
