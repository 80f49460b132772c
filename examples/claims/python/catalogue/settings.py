"""The settings that this service needs; all others are Django's own."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# The text that the service in Go runs, too.
SCHEMA = BASE_DIR.parents[1] / "restapi" / "schema.sql"

ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["books"]
ROOT_URLCONF = "catalogue.urls"
WSGI_APPLICATION = "catalogue.wsgi.application"
USE_I18N = False

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("BOOKS_DB", BASE_DIR / "books.db"),
        "CONN_MAX_AGE": None,  # a thread opens its connection once
        "OPTIONS": {
            "init_command": (
                "PRAGMA journal_mode = WAL;"
                "PRAGMA synchronous = NORMAL;"
                "PRAGMA busy_timeout = 5000;"
                "PRAGMA foreign_keys = ON;"
                "PRAGMA cache_size = -8000"
            ),
            # Who will write asks for the lock at the start, where SQLite can
            # wait for it; a transaction that has read already cannot wait.
            "transaction_mode": "IMMEDIATE",
        },
    }
}

# Without DEBUG Django would mail its errors to the administrators.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}
