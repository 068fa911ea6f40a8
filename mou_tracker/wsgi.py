"""The entry for a WSGI server: ``gunicorn mou_tracker.wsgi``.

Management commands run the system checks by themselves; a server does not, so it is made to here. What a request may
ask of the database is limited here, too: commands take as long as they take.
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

from agreements.serving.preload import warm  # noqa: E402 - models are there from here on

warm()
