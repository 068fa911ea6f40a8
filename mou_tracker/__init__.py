"""The project around the register: settings, outermost URLs, WSGI entry point."""
