"""The second factor: codes of an app (TOTP) and recovery codes, kept encrypted, and guessed as slowly as passwords."""

import base64
import hashlib
import time
from datetime import timedelta
from typing import Any

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axes.handlers.proxy import AxesProxyHandler
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode

from records.models import User


def is_set_up(user: Any) -> bool:
    """Whether this account signs with a second factor."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


class Adapter(DefaultMFAAdapter):
    """Secrets are kept encrypted with a key of SECRET_KEY; an app shows them under the name of the site."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": "This code is not right, or was used before. The app shows a new one every 30 seconds."}

    def encrypt(self, text: str) -> str:
        """What the database keeps of a secret."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; with an earlier SECRET_KEY too, while that is among the fallbacks."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """The name of the site."""
        return settings.SITE_NAME

    def build_totp_svg(self, url: str) -> str:
        """The secret as a picture for a camera, dark on white in every theme."""
        code = QRCode(image_factory=SvgPathFillImage)
        code.add_data(url)
        return code.make_image().to_string(encoding="unicode")


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor:{key}".encode()).digest())) for key in keys])


def _use(authenticator: Authenticator, code: str) -> bool:
    """Whether this code of the app was not used before, nor a later one, in whichever process; it is now (RFC 6238, section 5.2)."""
    secret, now = get_adapter().decrypt(authenticator.data["secret"]), int(time.time()) // app_settings.TOTP_PERIOD
    around = range(now - app_settings.TOTP_TOLERANCE - 1, now + app_settings.TOTP_TOLERANCE + 1)  # one more: time goes on since the code was looked at
    step = max((step for step in around if format_hotp_value(hotp_value(secret, step)) == code), default=0)
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        is_new = step > row.data.get("last_step", 0)
        if is_new:
            row.data["last_step"] = step
            row.save(update_fields=["data"])
    return is_new


def _count_try(user: Any) -> int:
    """Count one more code for this account, before it is looked at, so that two at the same moment are two; 0, else in how many minutes one may be tried.

    Counted beside the key, in the database, which all processes share, and from wherever they come: whoever gets this far knows the password.
    """
    now, span = time.time(), settings.WRONG_CODES_FOR.total_seconds()
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user=user).order_by("pk").first()
        if row is None:
            return 0
        lately = [at for at in row.data.get("tries", ()) if at > now - span]
        if len(lately) >= settings.WRONG_CODES:
            return int((lately[0] + span - now) // 60) + 1
        row.data["tries"] = [*lately, int(now)]
        row.save(update_fields=["data"])
    return 0


def _forget_tries(user: Any) -> None:
    """A right code was given: what was tried before counts no more."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user=user).order_by("pk").first()
        if row is not None and row.data.pop("tries", None) is not None:
            row.save(update_fields=["data"])


class _Slowed:
    """A code of the app works once; a wrong one counts like a wrong password, of this account from this network, and for the account from all; too many make it wait (D6)."""

    user: Any
    authenticator: Authenticator
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """The code, where it is right, was not used before, and may be tried."""
        request, credentials = context.request, {"email": str(self.user.get_username())}
        if not AxesProxyHandler.is_allowed(request, credentials):
            raise _slowed(settings.AXES_COOLOFF_TIME // timedelta(minutes=1))
        if minutes := _count_try(self.user):
            raise _slowed(minutes)
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].split())
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            if self.authenticator.type == Authenticator.Type.TOTP and not _use(self.authenticator, code):
                raise get_adapter().validation_error("incorrect_code")
        except ValidationError:
            AxesProxyHandler.user_login_failed(sender=__name__, credentials=credentials, request=request)
            raise
        _forget_tries(self.user)
        return code


def _slowed(minutes: int) -> ValidationError:
    return ValidationError(f"Too many wrong codes. Try again in {minutes} minute{'' if minutes == 1 else 's'}.", code="slowed")


class AuthenticateForm(_Slowed, forms.AuthenticateForm):
    """The code after the password, at sign-in."""


class ReauthenticateForm(_Slowed, forms.ReauthenticateForm):
    """The code again, to go on with something that asks for it; the session gets a new id (D4)."""

    def save(self) -> None:
        """Note the proof in a session of another name."""
        context.request.session.cycle_key()
        super().save()


def prove(request: HttpRequest, user: User, code: str) -> list[str]:
    """Take a code as proof of who this is and note it in the session; why it is not taken, else nothing."""
    with context.request_context(request):
        form = ReauthenticateForm(data={"code": code}, user=user)
        if not form.is_valid():
            return [str(error) for errors in form.errors.values() for error in errors]
        form.save()
    return []
