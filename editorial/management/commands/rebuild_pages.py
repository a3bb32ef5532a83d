"""`manage.py rebuild_pages`: make every public page anew; a page whose state has not moved comes out as the same bytes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from editorial import pages
from editorial.finding import index
from editorial.models import Publication
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Run it after a release, which may change the frame or the names of static files, and whenever a page is in doubt."""

    help = "Make every public page anew from what is frozen and the state around it, and say how many came out different."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One choice: whether pages are written or only compared."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a page would come out different")

    def handle(self, *args: Any, **options: Any) -> None:
        """One article a transaction, under its lock, so that readers see the old page or the new one."""
        keys = list(Publication.objects.ever_public().order_by("article").values_list("article", flat=True).distinct())
        step = pages.differing if options["check"] else pages.rebuild
        silent = options["verbosity"] == 0
        changed = sum(step(key) for key in tqdm(keys, unit="article", disable=silent or None, leave=False))
        if not options["check"]:
            index.learn()
        words = "would change" if options["check"] else "changed"
        self.stdout.write(f"{len(keys)} articles, {changed} pages {words}.")
        if options["check"] and changed:
            raise SystemExit(1)
