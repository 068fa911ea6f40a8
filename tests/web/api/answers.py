"""Checks responses of the API against their description."""

from typing import Any

from rest_framework import serializers

from agreements.web.api.serializers import AgreementSerializer


def slugs(body: Any) -> list[str]:
    return [record["slug"] for record in body["results"]]


def assert_described(value: Any, field: serializers.Field, where: str = "") -> None:
    """Fail unless the response has the described fields and no others, with null only where it is allowed."""
    if value is None:
        assert field.allow_null, where
    elif isinstance(field, serializers.ListSerializer):
        for item in value:
            assert_described(item, field.child, where)
    elif isinstance(field, serializers.Serializer):
        # an agreement lacks fields only if asked for some of them
        is_whole = isinstance(field, AgreementSerializer)
        needed = {name for name, part in field.fields.items() if part.required or is_whole}
        assert needed <= value.keys() <= field.fields.keys(), where
        for name, part in value.items():
            assert_described(part, field.fields[name], f"{where}.{name}")
    else:
        field.run_validation(value)
