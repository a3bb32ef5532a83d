"""When somebody at this screen last proved who they are, and the proof that a signature needs (SIG-4).

The session keeps the record that signing in wrote. A signature takes one of the last five minutes, else the password again:
a wrong one counts like a failed sign-in, and a right one changes the session's id.
"""

from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.forms import ValidationError
from django.http import HttpRequest

from records import clock
from records.models import User
from reviews.signing import FRESH_FOR, Signing

PROVEN_BY = {"password", "mfa"}


def last(request: HttpRequest) -> Signing | None:
    """The last proof of this session, however old; None when it has none."""
    user = request.user
    if not isinstance(user, User):
        return None
    proofs = [entry for entry in get_authentication_records(request, user) if entry.get("method") in PROVEN_BY]
    if not proofs:
        return None
    newest = max(proofs, key=lambda entry: float(entry["at"]))
    return Signing(user, datetime.fromtimestamp(float(newest["at"]), tz=UTC), str(newest["method"]))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the last proof is one of the last five minutes."""
    found = last(request)
    return found is not None and clock.now() - found.proved_at < FRESH_FOR


def prove(request: HttpRequest, password: str) -> Signing:
    """The proof for one signature: the fresh one, else that of the password. ValidationError when it is missing or wrong."""
    found = last(request)
    if found is not None and is_fresh(request):
        return found
    if not password:
        raise ValidationError("Give your password: it was last given over five minutes ago.", code="required")
    user = request.user
    if not isinstance(user, User) or not get_adapter(request).reauthenticate(user, password):
        raise ValidationError("The password is not right. Everything else you entered is kept.", code="wrong")
    request.session.cycle_key()
    record_authentication(request, user, method="password", reauthenticated=True)
    proved = last(request)
    if proved is None:
        raise ValidationError("Sign in again: this session does not know you.", code="lost")
    return proved
