"""The entry point for a WSGI server: `gunicorn mou_tracker.wsgi`.

Management commands run the system checks, but a server does not, so this module runs them. It also sets the limits on
database queries, because they apply to requests only: commands may take as long as they need.
"""

import os

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

from agreements.serving.statement_timeout import limit_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mou_tracker.settings")

application = get_wsgi_application()
BaseCommand().check(tags=["production"])
limit_requests(settings.STATEMENT_TIMEOUT)

from agreements.serving.preload import preload  # noqa: E402 - needs the models, which are loaded by now

preload()
