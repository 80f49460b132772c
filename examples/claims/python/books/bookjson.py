"""Books as JSON: what a client may send, and what it gets."""

import json

from .models import Book

FIELDS = ("id", "title", "author", "isbn", "year", "pages", "genre")

TYPES = {"id": int, "title": str, "author": str, "isbn": str, "year": int, "pages": int, "genre": str}
NAMES = {int: "an integer", str: "a string"}


def members(pairs):
    """Make a JSON object a dict; unlike dict, refuse a name given twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is given twice")
    return found


def parse(text):
    """Return the book that text, as bytes, describes.

    Raise ValueError where it describes none, and ValidationError where a value is out
    of its range.
    """
    try:
        value = json.loads(text.decode(), object_pairs_hook=members)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if type(value) is not dict:
        raise ValueError("not a JSON object")
    for name, member in value.items():
        if name not in TYPES:
            raise ValueError(f"unknown member {name!r}")
        if type(member) is not TYPES[name]:  # isinstance would take true for an integer
            raise ValueError(f"{name} must be {NAMES[TYPES[name]]}")
    value.pop("id", None)  # the service gives it
    book = Book(**value)
    book.clean_fields()
    return book


def as_dict(book):
    return {name: getattr(book, name) for name in FIELDS}
