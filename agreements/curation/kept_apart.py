"""Two papers of one day: pairs of agreements that look like one entered twice, and that staff have found to be two.

Each of the two records names the other in `kept_apart`, so the pair goes where the records go: it is compared, restored
and backed up with them. `duplicate_agreements` and the work queue leave such pairs out. The admin's note of likely
duplicates calls this.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from agreements.curation.history.recording import note_about_to_change, note_written, recorded
from agreements.models import Agreement
from agreements.models.agreements import MOST_KEPT_APART

_Refs = list[str]


class KeptApartError(Exception):
    """A pair that was refused; the text says why and what to do."""


def keep_apart(one: Agreement, other: Agreement, *, by: Any) -> None:
    """Stop taking these two for one agreement, and say so in the history of both; `by` is the user.

    Raises `KeptApartError`, with nothing written, if one of them is gone or keeps too many others apart.
    """
    _write(one, other, _named_too, by=by, why=_("These are two agreements: %(one)s and %(other)s."))


def join_again(one: Agreement, other: Agreement, *, by: Any) -> None:
    """Let these two count as likely duplicates again; raises `KeptApartError` if one of them is gone."""
    _write(one, other, _no_longer_named, by=by, why=_("These may be one: %(one)s and %(other)s."))


def _named_too(refs: _Refs, ref: str) -> _Refs:
    return [*refs, ref] if ref not in refs else refs


def _no_longer_named(refs: _Refs, ref: str) -> _Refs:
    return [each for each in refs if each != ref]


def _write(
    one: Agreement, other: Agreement, changed: Callable[[_Refs, str], _Refs], *, by: Any, why: str
) -> None:
    """Write both records. Their forms hold nothing of this, so those that are open stay up to date."""
    keys = {one.pk, other.pk}
    with recorded(by=by, why=why % {"one": one.ref, "other": other.ref}):
        # locked in the order in which everyone else locks them
        found = list(Agreement.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        if len(found) < 2:
            raise KeptApartError(_("One of the two has since been deleted."))
        note_about_to_change(Agreement, keys)
        for own, far in (found, reversed(found)):
            own.kept_apart = " ".join(changed(own.kept_apart.split(), far.ref))
            if len(own.kept_apart) > MOST_KEPT_APART:
                raise KeptApartError(_too_many(own))
            Agreement.objects.filter(pk=own.pk).update(kept_apart=own.kept_apart)
        note_written(Agreement, keys)


def _too_many(agreement: Agreement) -> str:
    sentence = _("%(ref)s is kept apart from too many others. Let some of them count again first.")
    return sentence % {"ref": agreement.ref}
