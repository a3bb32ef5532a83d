"""`manage.py seed_demo`: people and sample articles for a demo, with a past of more than a year."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from articles.models import Article
from editorial import standards
from editorial.demo.people import make_cast
from editorial.demo.shelf import make_references
from editorial.demo.steps import Stage, ago, play
from editorial.demo.stories import all_stories
from records import clock
from records.models import Outbox
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Fills an empty demo, all or nothing, through the same acts that people use."""

    help = "Fill an empty demo with people and sample articles in every state. Refuses outside DEMO and where articles exist."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the demo in one transaction, saying what each article has become."""
        if not settings.DEMO:
            raise CommandError("The sample articles are for a demo alone: set DEMO=1 on a machine of your own.")
        if Article.objects.exists():
            raise CommandError("There are articles here already, so the sample articles are not written.")
        begun = time.monotonic()
        with transaction.atomic():
            self._write()
        self._say(f"Wrote the demo in {time.monotonic() - begun:.1f} seconds. `manage.py serve` says who can sign in.")

    def _write(self) -> None:
        with clock.as_of(ago(500)):
            cast = make_cast()
            types = {kind.key: kind for kind in standards.make_types(cast.priya)}
            stage = Stage(cast, make_references(by=cast.miriam), types)
        self._say(f"  {len(cast.users)} people, {len(stage.works)} references")
        play(all_stories(stage), lambda line: self._say(f"  {line}"))
        # Nobody is mailed about a past that did not happen.
        Outbox.objects.filter(state=Outbox.State.WAITING).update(state=Outbox.State.SENT)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
