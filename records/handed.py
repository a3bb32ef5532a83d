"""What was handed to the mail server lately, written down outside the database: a restored backup knows less than this.

One small file a day in `VAR_DIR/mailed`, of the ids of deliveries. These ids follow from the occurrence and the person
(`post.occurrence`, `sending.delivery_id`), so that the calendar of a restored database makes the same ones again.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

DAYS = 100


def note(delivery: UUID) -> None:
    """Write down that this delivery went out. Of the days on which something did, the last hundred are kept."""
    folder = Path(settings.VAR_DIR) / "mailed"
    folder.mkdir(mode=0o700, exist_ok=True)
    today = folder / f"{timezone.now():%Y-%m-%d}"
    if not today.exists():
        for old in _files()[: -(DAYS - 1)]:
            old.unlink(missing_ok=True)
    with today.open("a", encoding="ascii") as file:
        file.write(f"{delivery}\n")


@dataclass(frozen=True)
class Handed:
    """What is written down: the ids, and the day before which all is forgotten, if anything is."""

    ids: frozenset[str]
    since: date | None

    def may_hold(self, delivery: UUID, posted_at: datetime) -> bool:
        """Whether this went out already as far as anybody can know: it is written down, or older than what is."""
        return str(delivery) in self.ids or (self.since is not None and posted_at.date() < self.since)


def read() -> Handed:
    """Everything that is written down now."""
    files = _files()
    ids = frozenset(line for file in files for line in file.read_text(encoding="ascii", errors="replace").split())
    return Handed(ids, date.fromisoformat(files[0].name) if len(files) >= DAYS else None)


def _files() -> list[Path]:
    """The files, oldest day first."""
    return sorted((Path(settings.VAR_DIR) / "mailed").glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"))
