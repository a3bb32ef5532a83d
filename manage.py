#!/usr/bin/env python
"""The command line of Imprimatur."""

import os
import sys


def main() -> None:
    """Run one management command; settings that cannot be used end it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Imprimatur cannot start: {error}")


if __name__ == "__main__":
    main()
