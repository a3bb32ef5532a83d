"""How people sign in: by e-mail address and password, on an account that an administrator made."""

import logging
from ipaddress import IPv4Address, IPv6Network, ip_address
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.password_reset import get_reset_password_url
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Permission
from django.http import HttpRequest

from records.models import User

logger = logging.getLogger(__name__)


def account_of(address: str) -> User | None:
    """The account that has this address now, in any spelling; who had it before is not found by it."""
    return User.objects.filter(email=address.strip().lower()).first()


class RoleBackend(AuthenticationBackend):
    """Signs people in by the e-mail address that they have now and a password; what they may do comes from their roles alone."""

    def _authenticate_by_email(self, email: str, password: str) -> Any:
        return self._check_password(account_of(email), password)

    def _get_user_permissions(self, user_obj: Any) -> Any:
        return Permission.objects.none()


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed; links in mails lead to the configured site; nobody learns which accounts exist."""

    error_messages = {**DefaultAccountAdapter.error_messages, "email_password_mismatch": "The e-mail address or password is not right."}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by an administrator."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where somebody works: the desk for staff, the workspace for those who write, else the public home."""
        user = request.user
        if user.is_staff:
            return "/admin/"
        return "/workspace/" if user.has_perm("articles.add_article") else "/"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in a reset mail, at the site's configured address, whatever Host the request carried."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail about an account, as plain text in the house's name; where mail does not work, the answer to whoever asked is the same, and the log says so."""
        try:
            super().send_mail(template_prefix, email, {**context, **_house(self.request)})
        except (OSError, SMTPException):
            logger.exception("A mail about an account could not be sent.")

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this password is this user's; a failure counts like a failed sign-in."""
        credentials = {"email": str(user.get_username()), "password": password}
        AuthenticationBackend.unstash_authenticated_user()
        found = authenticate(self.request, **credentials)
        return found is not None and found.pk == user.pk

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom limits are counted for."""
        return client_network(request)


def _house(request: HttpRequest) -> dict[str, Any]:
    """What a mail about an account says of the house, whatever Host the request carried; `reset_days` is for how long a link to a new password works."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "reset_url": f"{settings.SITE_URL}{urlsplit(get_reset_password_url(request)).path}",
        "reset_days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }


def client_address(request: HttpRequest | None) -> str:
    """The address of the caller: what the outermost of our PROXIES saw; without proxies no header is believed."""
    if request is None:
        return "127.0.0.1"
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXIES and len(seen) >= settings.PROXIES and _is_address(seen[-settings.PROXIES]):
        return seen[-settings.PROXIES]
    near = str(request.META.get("REMOTE_ADDR", ""))
    return near if _is_address(near) else "127.0.0.1"


def client_network(request: HttpRequest | None) -> str:
    """Whom failures and uses are counted for: the caller's network."""
    return network_of(client_address(request))


def network_of(address: str) -> str:
    """Whom an IP address stands for: of IPv6 the first address of one customer's network (/64), who has as many of them as they like; of IPv4 itself."""
    ip = ip_address(address)
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((int(ip), 64), strict=False).network_address)


def _is_address(words: str) -> bool:
    try:
        ip_address(words)
    except ValueError:
        return False
    return True


def account_tried(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The account somebody tries to sign in to, in one spelling, so that each is slowed as one."""
    given = credentials or {}
    name = given.get("email") or given.get("username") or (request.POST.get("login", "") if request is not None else "")
    return str(name).strip().lower()[:254]
