"""`manage.py export_site DIR`: the whole public site as files, byte for byte what the site answers."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from editorial.edition.door import NotForEveryone, Spoilt
from editorial.edition.exporting import Different, Done, Export
from editorial.edition.folder import SITE, Folder, NotOurs
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Run it after each change, or by the clock: only what changed is asked and written. Exit code 1 when a link leads nowhere."""

    help = "Write the public site as files for any web server, and what nginx needs to answer with the same headers; say what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and how much is looked at."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder of its own; made when it is not there")
        parser.add_argument("--all", action="store_true", help="ask for every address anew, also where nothing has changed")
        parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when the folder is not what the site answers now")
        parser.add_argument("--changed", type=Path, metavar="FILE", help="write the addresses that changed to this file, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export, and say what came of it; CommandError when nothing could be written."""
        is_check, is_quiet = options["check"], options["verbosity"] == 0
        is_watched = not is_quiet and sys.stderr.isatty()
        try:
            with Folder(options["folder"], writes=not is_check).held() as folder, tqdm(unit=" addresses", disable=not is_watched, leave=False) as bar:
                done = Export(folder, everything=is_check or options["all"], asked=bar.update).run()
            if options["changed"]:
                options["changed"].write_text("".join(f"{address}\n" for address in done.changed), encoding="utf-8")
        except (Different, NotForEveryone, NotOurs, Spoilt) as error:
            raise CommandError(str(error)) from None
        except (OSError, RuntimeError) as error:
            raise CommandError(f"The folder or file cannot be written: {error}") from None
        self._tell(done, options, is_quiet)
        if done.broken or (is_check and not done.is_as_it_was):
            raise SystemExit(1)

    def _tell(self, done: Done, options: dict[str, Any], is_quiet: bool) -> None:
        """What is wrong always, what was done unless quiet."""
        for file, link in done.broken:
            self.stdout.write(self.style.ERROR(f"broken: {SITE}/{file} leads to {link}, where nothing is."))
        for file in done.spoilt:
            self.stdout.write(self.style.ERROR(f"spoilt: {file} is not what its name tells."))
        if options["verbosity"] > 1 or (options["check"] and not is_quiet):
            for address in done.changed:
                self.stdout.write(f"{'differs' if options['check'] else 'gone' if address in done.gone else 'written'}: {address}")
        if is_quiet:
            return
        said = "would be written" if options["check"] else "written"
        self.stdout.write(
            f"{done.total} addresses: {len(done.written)} {said}, {len(done.gone)} gone, {done.asked} asked; {len(done.broken)} broken links."
        )
        if done.configured and not options["check"]:
            self.stdout.write(f"Changed for nginx: {', '.join(done.configured)}. Have it read them again (nginx -s reload).")
