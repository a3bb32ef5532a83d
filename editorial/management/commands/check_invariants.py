"""`manage.py check_invariants`: whether the whole database is as the rules say, in sentences where it is not."""

from typing import Any

from django.core.management.base import BaseCommand

from editorial import invariants
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Run it nightly, and after a crash or a restore; it reads everything and writes nothing."""

    help = "Check that digests, signatures, states, publications and pages agree, and that every guard is in place."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is broken, one sentence a line; exit code 1 when there is any."""
        found = invariants.broken()
        for sentence in found:
            self.stdout.write(sentence)
        self.stdout.write(f"{len(invariants.CHECKS)} checks, {len(found)} broken.")
        if found:
            raise SystemExit(1)
