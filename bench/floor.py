"""The framework's floor: one view without middleware, query or template, which answers with the bytes of a file."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PAGE = Path(os.environ["FLOOR_PAGE"]).read_bytes()


def page(request: HttpRequest) -> HttpResponse:
    """The bytes, with their length."""
    return HttpResponse(PAGE, headers={"ETag": '"floor"', "Content-Length": str(len(PAGE))})


urlpatterns = [path("page/", page)]
settings.configure(SECRET_KEY="floor", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[])
application = get_wsgi_application()
