"""Every address of Imprimatur."""

from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from editorial import health, metrics, own_account, second_factor

# One way to sign in: the admin sends people to our own page.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# And one way to change a password: that of the account, which slows guessing (D6).
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")  # type: ignore[assignment, method-assign]


def room(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    """The addresses of one part of the site, under `prefix`; none while it has no urls.py."""
    return [path(prefix, include(module))] if find_spec(module) else []


handler400, handler403, handler404, handler500 = (f"editorial.public.errors.{name}" for name in ("bad_request", "forbidden", "not_found", "broken"))

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because they are asked for most: each request tries the patterns in this order.
    *room("", "editorial.public.urls"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", metrics.metrics, name="metrics"),
    # Before allauth's own: an address is shown here and changed by an administrator, and who has a second factor proves themselves by that.
    path("accounts/email/", own_account.address, name="account_email"),
    path("accounts/reauthenticate/", second_factor.reauthenticate, name="account_reauthenticate"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/second-factor/picture.svg", second_factor.picture, name="second_factor_picture"),
    *room("workspace/", "editorial.workspace.urls"),
    *room("inbox/", "editorial.inbox.urls"),
    *room("guest/", "editorial.guest.urls"),
    *room("admin/desk/", "editorial.desk.urls"),
    path("admin/", admin.site.urls),
]
