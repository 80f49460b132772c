"""The book catalogue as Django people write it: the twin of examples/restapi, which see for
what the routes do. In this directory,

    python3 -m venv DIR && DIR/bin/pip install -r requirements.txt
    BOOKS_DB=books.db DIR/bin/gunicorn --bind 127.0.0.1:8080

build it and start it. gunicorn reads this file, which says how it serves the project.
"""

import os


def cores():
    """How many cores this process may use, which can be fewer than there are."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells
        return os.cpu_count() or 1


wsgi_app = "catalogue.wsgi"

# An interpreter runs Python on one core at a time, so there is a process a core. Its threads
# wait for SQLite and for clients. gunicorn's sync workers, of which there would be two a core
# and one, close the connection after each answer, which costs more than the threads do.
worker_class = "gthread"
workers = cores()
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
