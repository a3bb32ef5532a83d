"""`manage.py forget_second_factor`: let somebody whose phone and recovery codes are lost sign in by their password again."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from records.models import User, record, system_user
from records.permits import ruled_by


@ruled_by("system")
class Command(BaseCommand):
    """Run it once you are sure who asks, by a way that a stolen mailbox does not open; the reason stays on the record."""

    help = "Take the second factor of one account away, with a reason; they sign in by password and set up another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and why."""
        parser.add_argument("email")
        parser.add_argument("--reason", required=True)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Forget it, or say that there is none."""
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None or not options["reason"].strip():
            raise CommandError("Give the address of an account, and a reason.")
        gone, _ = Authenticator.objects.filter(user=user).delete()
        if not gone:
            raise CommandError("This account has no second factor.")
        record(user, "forget_second_factor", by=system_user(), after="", note=options["reason"].strip())
        self.stdout.write("Forgotten. They sign in by their password now.")
