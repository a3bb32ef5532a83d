import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.clock


class Migration(migrations.Migration):

    dependencies = [
        ("reviews", "0003_minor_changes_and_exceptions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OutsideReviewer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("credentials", models.CharField(blank=True, max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("invited_at", models.DateTimeField(default=records.clock.now)),
                ("due_on", models.DateField(verbose_name="the day their link runs out")),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_reason", models.TextField(blank=True, verbose_name="why it ended without advice")),
                ("code_hash", models.CharField(blank=True, max_length=64, verbose_name="hash of the code that signs")),
                ("code_at", models.DateTimeField(null=True, verbose_name="when that code was made")),
                ("code_tries", models.PositiveSmallIntegerField(default=0, verbose_name="how often it was tried")),
                (
                    "invited_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outside_reviewers", to="reviews.submission"
                    ),
                ),
            ],
            options={
                "ordering": ["invited_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), models.Q(("email", ""), _negated=True)),
                        fields=("submission", "email"),
                        name="one_outside_review_per_address",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutsideInterest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("kinds", models.JSONField(default=list)),
                ("words", models.TextField(blank=True)),
                (
                    "conclusion",
                    models.CharField(
                        choices=[
                            ("no_conflict", "No conflict"),
                            ("conflict", "A conflict: I cannot review this"),
                            ("unsure", "Unsure: the editor decides"),
                        ],
                        max_length=12,
                    ),
                ),
                ("declared_at", models.DateTimeField(default=records.clock.now)),
                (
                    "reviewer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="interest", to="reviews.outsidereviewer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("conclusion__in", ["no_conflict", "conflict"])), name="outside_conclusion_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutsideReview",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "recommendation",
                    models.CharField(
                        choices=[
                            ("approve", "Approve"),
                            ("minor", "Approve with minor changes"),
                            ("changes", "Request changes"),
                            ("reject", "Reject"),
                        ],
                        max_length=8,
                    ),
                ),
                ("comment", models.TextField(blank=True)),
                ("digest", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField(default=records.clock.now)),
                ("proved_at", models.DateTimeField(verbose_name="when the code was typed")),
                ("salt", models.CharField(max_length=32)),
                ("commitment", models.CharField(max_length=64)),
                (
                    "reviewer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="review", to="reviews.outsidereviewer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("recommendation__in", ["approve", "minor", "changes", "reject"])),
                        name="outside_recommendation_known",
                    )
                ],
            },
        ),
    ]
