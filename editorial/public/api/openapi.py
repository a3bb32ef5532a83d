"""The OpenAPI document, written from the endpoints and the shapes of their answers."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from django.conf import settings
from django.http import HttpResponse

from editorial.pages import document, shapes
from editorial.public.answers import made_now
from editorial.public.api import problems
from editorial.public.api.endpoints import ENDPOINTS, JSON, Asked, Endpoint, endpoint
from editorial.public.api.parameters import Parameter

ABOUT = (
    "What readers of this site can read, for programs: only what the advisory board approved and an editor published, with its review status, "
    "dates, notices and references. Read-only; nobody signs in; the same for everyone."
)
# What every endpoint may answer besides 200.
ALWAYS = (304, 400, 405, 406, 422, 429, 500)
_NAMED = re.compile(r"<(\w+):(\w+)>")
PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
}
PATH = {
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "int": {"type": "integer", "minimum": 0},
}
HEADERS = {
    "ETag": {"description": "The tag of exactly these bytes.", "required": True, "schema": {"type": "string"}},
    "Cache-Control": {"description": "Ask each time whether it still is so.", "required": True, "schema": {"const": "public, max-age=0, must-revalidate"}},
}


# ---- Shapes as schemas


def schema(shape: Any) -> dict[str, Any]:
    """A shape in the words of JSON Schema; classes of ours by reference."""
    origin, inner = get_origin(shape), get_args(shape)
    if origin is Annotated:
        return _annotated(inner[0], inner[1:])
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple:
        return {"type": "array", "items": schema(inner[0])}
    if isinstance(shape, UnionType) or (origin is not None and NoneType in inner):
        return {"anyOf": [schema(one) for one in inner]}
    if is_dataclass(shape):
        return {"$ref": f"#/components/schemas/{shape.__name__}"}  # type: ignore[union-attr]
    return dict(PLAIN[shape])


def _annotated(shape: Any, notes: tuple[Any, ...]) -> dict[str, Any]:
    """A shape with what is said about it: its format, and a description."""
    made = schema(shape)
    for note in notes:
        made |= {"format": note.name} if isinstance(note, shapes.Format) else {"description": note}
    return made


def component(shape: Any) -> dict[str, Any]:
    """The schema of a class: every field is always there."""
    hints = get_type_hints(shape, include_extras=True)
    names = [field.name for field in fields(shape)]
    return {
        "type": "object",
        "description": cleandoc(shape.__doc__),
        "properties": {name: schema(hints[name]) for name in names},
        "required": names,
    }


def components() -> dict[str, Any]:
    """Every class of shapes."""
    found = [one for one in vars(shapes).values() if is_dataclass(one) and one is not shapes.Format]
    return {one.__name__: component(one) for one in found}  # type: ignore[union-attr]


# ---- Endpoints as operations


def _path(one: Endpoint) -> str:
    return document.ROOT + _NAMED.sub(r"{\2}", one.route)


def _operation(one: Endpoint) -> dict[str, Any]:
    first, _, rest = cleandoc(one.function.__doc__ or "").partition("\n\n")
    named = [_named(kind, name) for kind, name in _NAMED.findall(one.route)]
    return {
        "operationId": one.name,
        "summary": " ".join(first.split()),
        **({"description": " ".join(rest.split())} if rest else {}),
        "parameters": [*named, *map(_parameter, one.parameters)],
        "responses": {str(status): answer for status, answer in sorted(_answers(one))},
    }


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": PATH[kind]}


def _parameter(one: Parameter) -> dict[str, Any]:
    return {"name": one.name, "in": "query", "required": one.is_required, "description": one.words, "schema": dict(one.schema)}


def _answers(one: Endpoint) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each status that an endpoint may give, with its answer."""
    shape = schema(one.shape) if is_dataclass(one.shape) else one.shape
    yield 200, {"description": "OK", "headers": HEADERS, "content": {JSON: {"schema": shape}}}
    missing = (404,) if "<" in one.route else ()
    for status in {*ALWAYS, *one.more, *missing}:
        told = problems.WORDS.get(status)
        content = {"content": {problems.KIND: {"schema": schema(shapes.Problem)}}} if told else {}
        yield status, {"description": told or HTTPStatus(status).phrase, **content}


@cache
def written(site: str, name: str, licence: str) -> bytes:
    """The whole document of a site."""
    return document.write(
        {
            "openapi": "3.1.0",
            "info": {"title": f"{name}: what is published", "version": "1", "description": ABOUT, "license": {"name": licence}},
            "servers": [{"url": site}],
            "paths": {_path(one): {"get": _operation(one)} for one in ENDPOINTS},
            "components": {"schemas": components()},
        }
    )


@endpoint("openapi.json", {"type": "object"})
def openapi(asked: Asked) -> HttpResponse:
    """This document."""
    return made_now(asked.request, written(settings.SITE_URL, settings.SITE_NAME, settings.LICENCE), kind=JSON, is_open=True)
