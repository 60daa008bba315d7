"""django-tastypie: an index at /api/v1/ with list_endpoint and schema, `meta` and `objects`, items by resource_uri."""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="not secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["tastypie"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "file:entries?mode=memory&cache=shared",
            "OPTIONS": {"uri": True},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    API_LIMIT_PER_PAGE=10,
    TASTYPIE_DEFAULT_FORMATS=["json"],
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.urls import include, path
from tastypie.api import Api
from tastypie.authorization import Authorization
from tastypie.resources import ModelResource


class Entry(models.Model):
    title = models.CharField(max_length=80)
    stars = models.IntegerField(default=0)

    class Meta:
        app_label = "tastypie"


class EntryResource(ModelResource):
    class Meta:
        queryset = Entry.objects.order_by("id")
        resource_name = "entry"
        authorization = Authorization()
        always_return_data = True


with connection.schema_editor() as editor:
    editor.create_model(Entry)
api = Api(api_name="v1")
api.register(EntryResource())
urlpatterns = [path("api/", include(api.urls))]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


kept = connection.cursor()
make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), server_class=Server).serve_forever()
