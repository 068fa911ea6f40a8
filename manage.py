#!/usr/bin/env python3
"""Runs the management commands of the register: ``./manage.py help`` lists them."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mou_tracker.settings")
    execute_from_command_line(sys.argv)
