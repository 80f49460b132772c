"""A book, and when it is valid."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

# A lone half of a surrogate pair, which JSON can escape, is no character.
printable = RegexValidator(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]",
    "Control characters are not allowed.",
    inverse_match=True,
)


def valid_isbn(value):
    if not (len(value) == 13 and value.isascii() and value.isdigit()):
        raise ValidationError("Enter exactly 13 digits.")
    # The digits weigh 1 and 3 in turn; their sum is a multiple of ten.
    if (sum(map(int, value[::2])) + 3 * sum(map(int, value[1::2]))) % 10:
        raise ValidationError("The check digit is wrong.")


class Book(models.Model):
    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=200, validators=[printable])
    author = models.CharField(max_length=100, validators=[printable])
    isbn = models.CharField(max_length=13, unique=True, validators=[valid_isbn])
    year = models.IntegerField(validators=[MinValueValidator(0), MaxValueValidator(9999)])
    pages = models.IntegerField(validators=[MinValueValidator(1), MaxValueValidator(100_000)])
    genre = models.CharField(max_length=40, validators=[printable])

    class Meta:
        db_table = "books"
        managed = False  # Django cannot declare a STRICT table; see the migration

    def __str__(self):
        return f"{self.title}, by {self.author}"
