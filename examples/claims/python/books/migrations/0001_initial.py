"""Creates the table from the text that all three services share."""

from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    atomic = False  # the text has pragmas, which no transaction takes
    operations = [migrations.RunSQL(settings.SCHEMA.read_text())]
