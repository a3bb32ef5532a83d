"""`manage.py propose_duplicates`: look through the whole registry for rows that may be one work."""

from typing import Any

from django.core.management.base import BaseCommand

from articles import registry
from articles.models import LikelyDuplicate
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Run it at will: a pair that was proposed once, whatever an editor said of it, is not proposed again."""

    help = "Propose every two references that may be one work to the editors, such as those entered before duplicates were looked for."

    def handle(self, *args: Any, **options: Any) -> None:
        """Propose, and say how much is new and how much waits for the editors."""
        new = registry.propose_everywhere()
        self.stdout.write(f"{new:,} new pairs; {LikelyDuplicate.objects.open().count():,} wait for an editor.")
