"""The site for a server of the bench kit."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kit_settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
