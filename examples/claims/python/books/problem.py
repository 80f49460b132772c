"""Errors, as application/problem+json (RFC 9457)."""

from http import HTTPStatus

from django.http import JsonResponse


class Problem(Exception):
    """An error that a view raises for the client to see."""

    def __init__(self, status, detail, **members):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.members = members

    def response(self):
        return respond(self.status, self.detail, **self.members)


def respond(status, detail, **members):
    status = HTTPStatus(status)
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(body | members, status=status, content_type="application/problem+json")


def bad_request(request, exception):
    return respond(400, str(exception))


def not_found(request, exception):
    # Where no route matches, the argument is the list of those that were tried.
    detail = exception.args[0] if exception.args else None
    return respond(404, detail if isinstance(detail, str) else f"no such path: {request.path}")


def server_error(request):
    return respond(500, "the service failed; its log says why")
