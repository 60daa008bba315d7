"""Flask-AppBuilder: ModelRestApi, tokens by POST /api/v1/security/login, its document at /api/v1/_openapi.

Run with --header "Authorization: Bearer ..."; the token is printed to standard error.
"""

import logging
import sys

from flask import Flask
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.api import ModelRestApi
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_jwt_extended import create_access_token
from sqlalchemy import Column, Integer, String

logging.disable(logging.WARNING)
app = Flask(__name__)
app.config.update(
    SECRET_KEY="not-a-secret-not-a-secret-not-a-secret",
    SQLALCHEMY_DATABASE_URI="sqlite://",
    FAB_API_SWAGGER_UI=True,
    WTF_CSRF_ENABLED=False,
    JWT_ACCESS_TOKEN_EXPIRES=False,
)


class Contact(Model):
    id = Column(Integer, primary_key=True)
    name = Column(String(40), unique=True, nullable=False)
    email = Column(String(80))
    age = Column(Integer)


class ContactApi(ModelRestApi):
    resource_name = "contact"
    datamodel = SQLAInterface(Contact)


with app.app_context():
    db = get_sqla_class()(app)
    builder = AppBuilder(app, db.session)
    db.create_all()
    builder.add_api(ContactApi)
    admin = builder.sm.add_user(
        "alice", "Alice", "A", "alice@example.com", builder.sm.find_role("Admin"), "pw-1"
    )
    print("Bearer", create_access_token(str(admin.id), fresh=True), file=sys.stderr, flush=True)
app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
