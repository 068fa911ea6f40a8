"""Who looks after an agreement, on its page: the responsible people, and the button to follow it.

`AgreementAdmin` mixes `People` in. `agreements.notifications.reminders` decides which reminders they get, and when.
"""

from typing import Any, ClassVar

from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from agreements.admin.entry import ChoicesView, KeysOnly, RowsChoiceField
from agreements.admin.screens import Context, Screen
from agreements.domain import permissions
from agreements.models import Agreement
from agreements.staff.home.following import follow_of


def known_as(person: User) -> str:
    """Return a colleague's name and user name, and whether they can be reached by e-mail."""
    name = person.get_full_name()
    known = f"{name} ({person.get_username()})" if name else str(person.get_username())
    if not person.is_active:
        return _("%(person)s, no longer active") % {"person": known}
    return known if person.email else _("%(person)s, no e-mail address") % {"person": known}


class PeopleSelect(KeysOnly, AutocompleteSelectMultiple):
    url_name = "%s:agreements_agreement_people"


class PeopleField(RowsChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return known_as(obj)


class PeopleChoicesView(ChoicesView):
    """The staff suggested in the field of the responsible people, by name and e-mail address.

    Open to everyone who edits agreements, even if they cannot see the accounts themselves.
    """

    of = User

    def has_perm(self, request: HttpRequest, obj: object = None) -> bool:
        return permissions.may_edit(request.user)

    def get_queryset(self) -> QuerySet[User]:
        staff = super().get_queryset().filter(is_staff=True, is_active=True)
        return staff.order_by("last_name", "username")

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {**super().serialize_result(obj, to_field_name), "text": known_as(obj)}


class People(Screen):
    pages: ClassVar = {"people": "people/"}

    def people_view(self, request: HttpRequest) -> HttpResponseBase:
        return PeopleChoicesView.as_view(admin_site=self.admin_site)(request)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Suggest staff while typing; those already chosen stay, so that saving does not remove them."""
        if db_field.name != "responsible":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        chosen = Agreement.responsible.through.objects.values("user")
        staff = Q(is_staff=True, is_active=True) | Q(pk__in=chosen)
        return db_field.formfield(
            form_class=PeopleField,
            queryset=User.objects.filter(staff).order_by("-is_active", "last_name", "username"),
            widget=PeopleSelect(db_field, self.admin_site),
        )

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        context["can_follow"] = shown is not None
        context["follow"] = follow_of(request.user, shown) if shown else None
        super().add_context(request, context, shown)
