"""The Django project: settings, root URLs and WSGI entry point."""
