"""What the frame around every page says of the house: its name, how to reach it, under which licence its words stand."""

from django.conf import settings
from django.http import HttpRequest


def frame() -> dict[str, str]:
    """The words of the frame, the same for everyone."""
    return {"site_name": settings.SITE_NAME, "contact_email": settings.CONTACT_EMAIL, "licence": settings.LICENCE}


def in_templates(request: HttpRequest) -> dict[str, str]:
    """The same as a context processor, for pages that are rendered for a request."""
    return frame()
