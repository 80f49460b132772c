"""The import of many books: JSON, one a line."""

from itertools import islice

from django.core.exceptions import ValidationError
from django.db import transaction

from .bookjson import parse
from .models import Book

MAX_LINE = 64 * 1024
BATCH = 1000
MAX_ERRORS = 100


def numbered_lines(stream):
    """Yield the number and the bytes of each line that is not blank; None for one that is too long."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE)
            yield number, None
        elif line.strip():
            yield number, line


def insert(books):
    """Store those of the numbered books whose ISBN is new; return the numbers of the others."""
    new, refused = {}, []
    with transaction.atomic():
        known = set(Book.objects.filter(isbn__in=[book.isbn for _, book in books]).values_list("isbn", flat=True))
        for number, book in books:
            if book.isbn in known or book.isbn in new:
                refused.append(number)
            else:
                new[book.isbn] = book
        Book.objects.bulk_create(new.values())
    return refused


def run(stream):
    """Import the lines, BATCH of them a transaction; return what came of it."""
    imported = failed = 0
    errors = []
    lines = numbered_lines(stream)
    while batch := list(islice(lines, BATCH)):
        books, bad = [], []
        for number, line in batch:
            try:
                if line is None:
                    raise ValueError(f"longer than {MAX_LINE} bytes")
                books.append((number, parse(line)))
            except ValidationError as error:
                bad.append((number, "; ".join(f"{k}: {v[0]}" for k, v in error.message_dict.items())))
            except ValueError as error:
                bad.append((number, str(error)))
        bad += [(number, "the ISBN is known already") for number in insert(books)]
        imported += len(batch) - len(bad)
        failed += len(bad)
        errors += sorted(bad)[: MAX_ERRORS - len(errors)]
    return {
        "imported": imported,
        "failed": failed,
        "errors": [{"line": number, "error": error} for number, error in errors],
    }
