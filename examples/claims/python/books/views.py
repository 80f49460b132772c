"""The handlers."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import Avg, Count
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views import View

from . import bookjson, bulk
from .models import Book
from .problem import Problem, respond

MAX_BODY = 64 * 1024
MAX_INTEGER = 2**63 - 1  # SQLite's


class Resource(View):
    """A view whose errors are problem+json."""

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except Problem as problem:
            return problem.response()

    def http_method_not_allowed(self, request, *args, **kwargs):
        response = respond(405, f"no {request.method} here")
        response["Allow"] = ", ".join(self._allowed_methods())
        return response


class Health(Resource):
    def get(self, request):
        return JsonResponse({"status": "ok"})


class Pragmas(Resource):
    NAMES = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "cache_size")

    def get(self, request):
        values = {}
        with connection.cursor() as cursor:
            for name in self.NAMES:
                (values[name],) = cursor.execute(f"PRAGMA {name}").fetchone()
        return JsonResponse(values)


class Books(Resource):
    def get(self, request):
        limit = number(request, "limit", default=20)
        after = number(request, "after", default=0)
        if not 1 <= limit <= 100:
            raise Problem(400, "limit must be 1 to 100")
        page = all_books().filter(pk__gt=after).order_by("pk")
        for name in ("author", "genre"):
            if value := parameter(request, name):
                page = page.filter(**{name: value})
        books = list(page[: limit + 1])  # one more than asked for: is there a next page?
        answer = {"books": books[:limit]}
        if len(books) > limit:
            answer["next"] = books[limit - 1]["id"]
        return JsonResponse(answer)

    def post(self, request):
        book = written_book(request)
        try:
            book.save(force_insert=True)
        except IntegrityError:
            raise isbn_known(book) from None
        location = reverse("book", args=[book.pk])
        return JsonResponse(bookjson.as_dict(book), status=201, headers={"Location": location})


class OneBook(Resource):
    def get(self, request, pk):
        return JsonResponse(find(pk))

    def put(self, request, pk):
        book = written_book(request)
        book.pk = pk
        values = bookjson.as_dict(book)
        del values["id"]
        try:
            if not Book.objects.filter(pk=pk).update(**values):
                raise no_book(pk)
        except IntegrityError:
            raise isbn_known(book) from None
        return JsonResponse(bookjson.as_dict(book))

    def delete(self, request, pk):
        deleted, _ = Book.objects.filter(pk=pk).delete()
        if not deleted:
            raise no_book(pk)
        return HttpResponse(status=204)


class Summary(Resource):
    def get(self, request, pk):
        book = find(pk)
        genre = Book.objects.filter(genre=book["genre"]).aggregate(books=Count("pk"), pages=Avg("pages"))
        return JsonResponse(
            {
                "book": book,
                "by_author": Book.objects.filter(author=book["author"]).count(),
                "in_genre": genre["books"],
                "average_pages_in_genre": genre["pages"],
                "same_year": Book.objects.filter(year=book["year"]).count(),
            }
        )


class Import(Resource):
    def post(self, request):
        require_type(request, "application/x-ndjson")
        return JsonResponse(bulk.run(request.environ["wsgi.input"]))


def all_books():
    return Book.objects.values(*bookjson.FIELDS)


def find(pk):
    try:
        return all_books().get(pk=pk)
    except Book.DoesNotExist:
        raise no_book(pk) from None


def no_book(pk):
    return Problem(404, f"no book {pk}")


def isbn_known(book):
    return Problem(409, f"a book with the ISBN {book.isbn} is there already")


def require_type(request, wanted):
    if request.content_type != wanted:
        raise Problem(415, f"Content-Type must be {wanted}")


def written_book(request):
    """Return the book in the request's body."""
    require_type(request, "application/json")
    # Not request.body, which takes a body in chunks for an empty one.
    body = request.environ["wsgi.input"].read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise Problem(413, f"the body is larger than {MAX_BODY} bytes")
    try:
        return bookjson.parse(body)
    except ValidationError as error:
        errors = [
            {"field": field, "message": message}
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        raise Problem(422, "some values are not valid", errors=errors) from None
    except ValueError as error:
        raise Problem(400, f"the body is not a book: {error}") from None


def parameter(request, name):
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise Problem(400, f"{name} is given twice")
    return values[0] if values else ""


def number(request, name, default):
    text = parameter(request, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_INTEGER):
        raise Problem(400, f"{name} must be a number from 0 to {MAX_INTEGER}")
    return int(text)
