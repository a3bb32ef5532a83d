"""`manage.py make_types`: the types of articles a site begins with."""

from typing import Any

from django.core.management.base import BaseCommand

from articles.models import ArticleType
from editorial import standards
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """What is there stays as it is: run again, it makes only what is missing."""

    help = "Make the standard types of articles that are missing, each with its first review policy."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and name what is new."""
        before = set(ArticleType.objects.values_list("key", flat=True))
        new = [kind.name for kind in standards.make_types() if kind.key not in before]
        self.stdout.write(f"Made: {', '.join(new)}." if new else "Every standard type is there already.")
