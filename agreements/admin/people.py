"""Who looks after an agreement, on its page: the responsible people, and the button by which one follows it.

`AgreementAdmin` mixes `People` in. What they are told, and when, is for `agreements.reminders` to say.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from agreements.desk.following import follow_of
from agreements.models import Agreement


class PeopleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        name = obj.get_full_name()
        known_as = f"{name} ({obj.get_username()})" if name else obj.get_username()
        if obj.is_active:
            return str(known_as)
        return _("%(person)s, no longer active") % {"person": known_as}


class People(admin.ModelAdmin):
    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the staff, a tick each; whoever was chosen stays in sight, lest saving take them off."""
        if db_field.name != "responsible":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        users = get_user_model()._default_manager
        chosen = Agreement.responsible.through.objects.values("user")
        staff = Q(is_staff=True, is_active=True) | Q(pk__in=chosen)
        return db_field.formfield(
            form_class=PeopleField,
            queryset=users.filter(staff).order_by("-is_active", "last_name", "username"),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown: Agreement | None = context["original"]
        context["can_follow"] = shown is not None
        context["follow"] = follow_of(request.user, shown) if shown else None
        return super().render_change_form(request, context, *args, **kwargs)
