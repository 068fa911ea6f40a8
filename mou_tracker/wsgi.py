"""The entry for a WSGI server: ``gunicorn mou_tracker.wsgi``.

Management commands run the system checks by themselves; a server does not, so it is made to here.
"""

import os

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mou_tracker.settings")

application = get_wsgi_application()
BaseCommand().check(tags=["production"])
