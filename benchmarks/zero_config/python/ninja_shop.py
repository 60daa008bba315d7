"""Django Ninja below /api: products with natural keys (the SKU); a NinjaAPI document at /api/openapi.json."""

import sys

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(DEBUG=False, SECRET_KEY="not secret", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
django.setup()

from django.urls import path
from ninja import NinjaAPI, Schema
from pydantic import Field

api = NinjaAPI(title="Shop")
products = {}


class Product(Schema):
    sku: str = Field(pattern="^[A-Z]{3}-[0-9]{4}$")
    name: str
    price: float = Field(gt=0)


class Change(Schema):
    name: str
    price: float = Field(gt=0)


class Problem(Schema):
    message: str


@api.get("/products", response=list[Product])
def list_products(request):
    return list(products.values())


@api.post("/products", response={201: Product, 409: Problem})
def create_product(request, product: Product):
    if product.sku in products:
        return 409, {"message": "this SKU is taken"}
    products[product.sku] = product
    return 201, product


@api.get("/products/{sku}", response={200: Product, 404: Problem})
def read_product(request, sku: str):
    return (200, products[sku]) if sku in products else (404, {"message": "no such product"})


@api.put("/products/{sku}", response={200: Product, 404: Problem})
def replace_product(request, sku: str, change: Change):
    if sku not in products:
        return 404, {"message": "no such product"}
    products[sku] = Product(sku=sku, **change.dict())
    return 200, products[sku]


@api.delete("/products/{sku}", response={204: None, 404: Problem})
def delete_product(request, sku: str):
    return (204, None) if products.pop(sku, None) else (404, {"message": "no such product"})


urlpatterns = [path("api/", api.urls)]
call_command("runserver", f"127.0.0.1:{sys.argv[1]}", use_reloader=False)
