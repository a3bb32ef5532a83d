"""The reviews app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """What the board makes of it."""

    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"
