"""The roles may edit people and memberships, and signatories who are certainly one person become one.

A person is made of all signatories with exactly the same name who signed for the same party, if nobody of that name
signed for another party or for an unknown one. Staff link the others. The time grows with the number of signatories.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import migrations
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.text import slugify

from agreements.domain.permissions import grant_roles
from agreements.search import fold

_CHUNK = 1_000


def grant(apps: Any, schema_editor: Any) -> None:
    grant_roles(apps, schema_editor.connection.alias)


def make_people(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    people = apps.get_model("agreements", "Person").objects.using(alias)
    signatories = apps.get_model("agreements", "Signatory").objects.using(alias)
    groups = signatories.order_by("name").values("name")
    of_one_party = groups.annotate(
        parties=Count("party", distinct=True), unknown=Count("pk", filter=Q(party=None))
    ).filter(parties=1, unknown=0, name__contains=" ")
    names = of_one_party.values_list("name", flat=True).iterator(chunk_size=_CHUNK)
    while chunk := list(islice(names, _CHUNK)):
        bases = [slugify(fold(name))[:100].strip("-") or "person" for name in chunk]
        taken = set(people.filter(slug__in=bases).values_list("slug", flat=True))
        people.bulk_create(
            people.model(name=name, slug=_free(base, taken, people))
            for name, base in zip(chunk, bases, strict=True)
        )
    same_name = people.filter(name=OuterRef("name")).values("pk")[:1]
    signatories.filter(name__in=people.values("name")).update(person=Subquery(same_name))


def _free(base: str, taken: set[str], people: Any) -> str:
    slug = next(
        slug for slug in _numbered(base) if slug not in taken and _is_free(slug, base, people)
    )
    taken.add(slug)
    return slug


def _is_free(slug: str, base: str, people: Any) -> bool:
    # the plain slugs of the chunk have been looked up together
    return slug == base or not people.filter(slug=slug).exists()


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def forget_people(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    apps.get_model("agreements", "Signatory").objects.using(alias).update(person=None)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0028_parties")]

    operations = [
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(make_people, forget_people),
    ]
