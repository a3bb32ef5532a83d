"""The articles app."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    """What is written, and on what evidence."""

    name = "articles"
    default_auto_field = "django.db.models.BigAutoField"
