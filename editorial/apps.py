"""The editorial app: what becomes of it, and every web page."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EditorialConfig(AppConfig):
    """The last app in dependency order: guards are put in place once its tables exist."""

    name = "editorial"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect guards and roles to the end of a migration; composers of mails and the way to unsubscribe to the sender."""
        from editorial import roles, unsubscribing, wording  # noqa: F401  (wording enters its composers)
        from records import post
        from records.apps import connect_guards

        post.unsubscribe_address = unsubscribing.address
        connect_guards(self)
        post_migrate.connect(roles.make_groups, sender=self)
