"""All routes: those of the service in Go, and no more."""

from django.urls import path

from books import views

urlpatterns = [
    path("healthz", views.Health.as_view()),
    path("pragmas", views.Pragmas.as_view()),
    path("import", views.Import.as_view()),
    path("books", views.Books.as_view()),
    path("books/<int:pk>", views.OneBook.as_view(), name="book"),
    path("books/<int:pk>/summary", views.Summary.as_view()),
]

handler400 = "books.problem.bad_request"
handler404 = "books.problem.not_found"
handler500 = "books.problem.server_error"
