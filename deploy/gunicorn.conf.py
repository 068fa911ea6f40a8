"""gunicorn behind nginx, which keeps slow clients away: `gunicorn --config deploy/gunicorn.conf.py`.

A thread answers one request at a time. Without nginx in front, as many slow clients as there are threads would stop it.
"""

import os

wsgi_app = "mou_tracker.wsgi"
bind = "127.0.0.1:8000"

# Read once: the processes share the code and the column store.
preload_app = True
worker_class = "gthread"
# PostgreSQL's max_connections must allow for workers × threads.
workers = (os.cpu_count() or 1) + 1
# More than `agreements.serving.export_slots` gives to whole files; at most 10, the size of a process's connection pool.
threads = 6

# Seconds until a process that does not even accept connections is replaced. This does not end a request.
timeout = 60
# Seconds that requests get to finish when the server stops.
graceful_timeout = 60
# nginx opens a new connection for each request.
keepalive = 0
# in memory: a busy disk must not look like a process that hangs
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn makes files of its own there

# nginx logs requests; the application logs logins and errors.
accesslog = None
errorlog = "-"

# systemd and Compose stop and start the server; nothing else needs to speak to it
control_socket_disable = True
