"""How gunicorn serves this project; gunicorn reads this file from the current directory."""

import multiprocessing
import os

wsgi_app = "catalogue.wsgi"

# One interpreter runs Python on one core, so there is a process a core. Its threads wait
# for SQLite and for clients, and keep connections open between requests, which gunicorn's
# sync workers cannot.
worker_class = "gthread"
workers = multiprocessing.cpu_count()
threads = 4

loglevel = "warning"
control_socket_disable = True  # it would be a file in the home directory


def on_starting(server):
    """Bring the database up to date, once, before any worker is there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalogue.settings")
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    connections.close_all()  # SQLite's connections do not survive a fork
