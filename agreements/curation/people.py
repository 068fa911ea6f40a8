"""Says which signatories are one person, and merges people who were entered twice."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.curation.history.recording import recorded
from agreements.curation.merging.rows import CHUNK, written_in_bulk
from agreements.domain import permissions
from agreements.domain.chunks import in_chunks
from agreements.models import Agreement, FormerPersonSlug, Person, PersonName, Signatory
from agreements.search import fold

MOST_AT_ONCE = 500


class PeopleError(Exception):
    """Why signatories or people were not joined; the text says what to do."""


def link(signatories: QuerySet[Signatory], *, by: Any) -> Person:
    """Make these signatories one person and return it: the one entered first, or a new one.

    If they were several people, those are merged. Raises `PeopleError`, with nothing written.
    """
    keys = list(signatories.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        raise PeopleError(_("Choose at most %(n)d signatories at a time.") % {"n": MOST_AT_ONCE})
    with recorded(by=by, why=_("These signatories are one person.")):
        agreements = Agreement.objects.filter(signatories__in=keys).order_by("pk").distinct()
        locked = Agreement.objects.select_for_update().filter(
            pk__in=list(agreements.values_list("pk", flat=True))
        )
        for agreement in locked.order_by("pk"):
            if not permissions.may_change(by, agreement):
                raise PeopleError(
                    _("%(ref)s is closed to you. Leave it out, or ask a publisher.")
                    % {"ref": agreement.ref}
                )
        rows = list(Signatory.objects.filter(pk__in=keys).order_by("pk"))
        if not rows:
            raise PeopleError(_("These signatories are no longer in the register."))
        people = Person.objects.filter(signatures__in=rows).order_by("pk").distinct()
        person = merge(people, by=by) if people else _entered(rows[0].name)
        for row in rows:
            row.refresh_from_db(fields=["person"])
            if row.person_id != person.pk:
                row.person = person
                row.save(update_fields=["person"])
    return person


def merge(people: Iterable[Person], *, by: Any) -> Person:
    """Merge these people into the one entered first and return it; one person stays as it is.

    The names of the others become spellings of it, and their URLs redirect to it. Raises `PeopleError`.
    """
    with recorded(by=by, why=_("These people are one person.")):
        wanted = [person.pk for person in people]
        kept, *others = Person.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
        if others and not by.has_perm(permissions.MERGE_PERSON):
            names = ", ".join(str(person) for person in (kept, *others))
            raise PeopleError(
                _(
                    "These are different people in the register: %(names)s. Ask an administrator to merge them."
                )
                % {"names": names[:500]}
            )
        for other in others:
            _merge(kept, other)
    return kept


def _merge(kept: Person, other: Person) -> None:
    signed = Signatory.objects.filter(person=other)
    owners = sorted(set(signed.values_list("agreement", flat=True)))
    for chunk in in_chunks(owners, CHUNK):
        with written_in_bulk(Agreement, chunk):
            signed.filter(agreement__in=chunk).update(person=kept)
            Agreement.objects.filter(pk__in=chunk).refresh_search()
    known = {kept.name, *kept.names.values_list("name", flat=True)}
    for name in other.names.exclude(name__in=known):
        PersonName.objects.create(
            person=kept, name=name.name, language=name.language, note=name.note
        )
        known.add(name.name)
    if other.name not in known:
        PersonName.objects.create(person=kept, name=other.name)
    FormerPersonSlug.objects.filter(row=other).update(row=kept)
    slug = other.slug
    other.delete()
    FormerPersonSlug.objects.update_or_create(slug=slug, defaults={"row": kept})


def _entered(name: str) -> Person:
    person = Person(name=name, slug=free_slug(name))
    person.full_clean()
    person.save()
    return person


def free_slug(name: str, own: int | None = None) -> str:
    """Return the name as a slug, with a number if another person has or had it; letters of any script are romanised."""
    plain = slugify(fold(name))[:100].strip("-") or "person"
    others = Person.objects.exclude(pk=own or 0), FormerPersonSlug.objects.exclude(row=own)
    taken = {
        slug
        for some in others
        for slug in some.filter(slug__startswith=plain).values_list("slug", flat=True)
    }
    numbered = (f"{plain}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (plain, *numbered) if slug not in taken)
