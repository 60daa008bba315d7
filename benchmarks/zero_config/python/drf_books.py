"""Django REST framework: authors, and books that refer to them; the router's root, no OpenAPI document."""

import sys
import tempfile

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    DEBUG=False,
    SECRET_KEY="not secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{tempfile.mkdtemp()}/db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    REST_FRAMEWORK={
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
        "PAGE_SIZE": 10,
        "DEFAULT_AUTHENTICATION_CLASSES": [],
    },
)
django.setup()

from django.db import connection, models
from django.urls import include, path
from rest_framework import routers, serializers, viewsets


class Author(models.Model):
    name = models.CharField(max_length=60)

    class Meta:
        app_label = "contenttypes"


class Book(models.Model):
    title = models.CharField(max_length=60)
    isbn = models.CharField(max_length=17, unique=True)
    pages = models.PositiveIntegerField()
    author = models.ForeignKey(Author, models.CASCADE)

    class Meta:
        app_label = "contenttypes"


def view(of):
    meta = type("Meta", (), {"model": of, "fields": "__all__"})
    serializer = type(f"{of.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta})
    queryset = of.objects.order_by("id")
    return type(
        f"{of.__name__}View", (viewsets.ModelViewSet,), {"queryset": queryset, "serializer_class": serializer}
    )


router = routers.DefaultRouter()
router.register("authors", view(Author))
router.register("books", view(Book))
urlpatterns = [path("", include(router.urls))]

with connection.schema_editor() as editor:
    editor.create_model(Author)
    editor.create_model(Book)
call_command("runserver", f"127.0.0.1:{sys.argv[1]}", use_reloader=False)
