"""The second factor: codes of an app (TOTP) and recovery codes, kept encrypted, and guessed as slowly as passwords."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode

from records.models import User


def is_set_up(user: Any) -> bool:
    """Whether this account signs with a second factor."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


class Adapter(DefaultMFAAdapter):
    """Secrets are kept encrypted with a key of SECRET_KEY; an app shows them under the name of the site."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": "This code is not right. Codes of the app change every 30 seconds."}

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


class _Slowed:
    """A wrong code counts like a wrong password, of this account from this address; too many make it wait (D6)."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """The code, where it is right, was not used before, and may be tried."""
        request, credentials = context.request, {"email": str(self.user.get_username())}
        if not AxesProxyHandler.is_allowed(request, credentials):
            raise ValidationError(f"Too many wrong codes. Try again in {settings.AXES_COOLOFF_TIME // timedelta(minutes=1)} minutes.", code="slowed")
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].split())
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            AxesProxyHandler.user_login_failed(sender=__name__, credentials=credentials, request=request)
            raise
        return code


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
