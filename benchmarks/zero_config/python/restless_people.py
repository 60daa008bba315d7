"""Flask-Restless-NG: JSON:API over SQLAlchemy below /api; nothing at /."""

import sys

from flask import Flask
from flask_restless import APIManager
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

app = Flask(__name__)
engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
session = scoped_session(sessionmaker(bind=engine))
Base = declarative_base()


class Person(Base):
    __tablename__ = "person"
    id = Column(Integer, primary_key=True)
    name = Column(String(60), nullable=False)
    city = Column(String(60))


Base.metadata.create_all(engine)
manager = APIManager(app, session=session)
manager.create_api(Person, methods=["GET", "POST", "PATCH", "DELETE"], page_size=10)
app.run(port=int(sys.argv[1]), threaded=False)
