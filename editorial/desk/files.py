"""An approved version as a file to take away. What is not approved leaves the desk in no such way."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles import exporting
from editorial import article_files
from editorial.desk.acts import desk
from editorial.desk.decisions import one
from reviews.models import Submission


@desk("see_submission")
@require_safe
def export(request: HttpRequest, pk: UUID, format: str) -> HttpResponse:
    """The version of an approved submission; any other is as if it were not there."""
    found = one(request, pk)
    if found.state != Submission.State.APPROVED:
        raise Http404("This version is not approved.")
    return article_files.download(exporting.of_version(found.version), format)
