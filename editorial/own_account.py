"""What people see of their own account; an administrator changes it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from records.permits import ruled_by


@require_safe
@login_required
@ruled_by("signed_in")
def address(request: HttpRequest) -> HttpResponse:
    """The address that this account signs in with, to read; looking at it writes nothing."""
    return render(request, "account/email.html")
