"""The profiles that staff keep for importing files: a list, each as a TOML file to download, and one to upload.

`agreements.exchange.importing.profiles` checks what is uploaded, and uses what is kept.
"""

from pathlib import PurePath
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.admin.saving import is_key
from agreements.admin.screens import Screen
from agreements.domain.permissions import IMPORT_AGREEMENTS
from agreements.exchange.importing import profiles
from agreements.exchange.importing.refusals import ProfileError
from agreements.models import ImportProfile
from agreements.security.people import logged_in

TOML = "application/toml"


class ProfileForm(forms.Form):
    """A TOML file, and the name under which it is kept."""

    file = forms.FileField(
        label=_("File"),
        widget=AdminFileWidget,
        help_text=_("A profile as a TOML file. The guide to importing explains what it can say."),
    )
    name = forms.SlugField(
        label=_("Name"),
        required=False,
        max_length=60,
        widget=AdminTextInputWidget(attrs={"autocomplete": "off", "autocapitalize": "off"}),
        help_text=_(
            "Letters, digits, hyphens and underscores. If left empty, the name of the file."
        ),
    )
    replaces = forms.BooleanField(label=_("Replace the profile of the same name"), required=False)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > profiles.LONGEST_TOML:
            sentence = gettext("The file is larger than %(most)d KB, so it is no profile.")
            said = sentence % {"most": profiles.LONGEST_TOML >> 10}
            raise forms.ValidationError(said, code="too_large")
        return file


@admin.register(ImportProfile)
class ImportProfileAdmin(Screen):
    pages: ClassVar = {"file": "<int:pk>/file/"}
    reads_files = True
    list_display = ("title", "name", "by", "saved_at", "as_file")
    list_select_related = ("by",)
    search_fields = ("title", "name")
    actions = None

    # Permissions: whoever imports files has use for them

    def has_view_permission(self, request: HttpRequest, obj: ImportProfile | None = None) -> bool:
        return bool(request.user.has_perm(IMPORT_AGREEMENTS))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: ImportProfile | None = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ImportProfile | None = None) -> bool:
        return self.has_view_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # The list

    @admin.display(description=_("file"))
    def as_file(self, profile: ImportProfile) -> SafeString:
        url = self.url_of("file", profile.pk)
        return format_html('<a href="{}">{}.toml</a>', url, profile.name)

    # Pages

    def add_view(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Take a TOML file and keep it as a profile."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ProfileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                profile = self._kept(request, form.cleaned_data)
            except ProfileError as error:
                form.add_error("file", str(error))
            else:
                told = gettext("The profile “%(name)s” was saved.") % {"name": profile.name}
                messages.success(request, told)
                return redirect(self.url_of("change", profile.pk))
        title = gettext("Upload an import profile")
        return self.page(request, "import/profile_upload", title=title, form=form)

    def _kept(self, request: HttpRequest, given: dict[str, Any]) -> ImportProfile:
        file = given["file"]
        name = given["name"] or PurePath(file.name).stem
        table = profiles.table_of(file.read(), file.name)
        by, at = logged_in(request), timezone.now()
        return profiles.keep(name, table, by=by, at=at, replaces=given["replaces"])

    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        """Show a profile as TOML, and what is wrong with it if this release cannot read it."""
        screen: Any = self
        try:
            profile = self._profile(request, object_id)
        except Http404:
            return screen._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # noqa: SLF001
        return self.page(
            request,
            "import/profile",
            title=profile.title,
            profile=profile,
            toml=profiles.as_toml(profile.table),
            problem=_problem(profile),
        )

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a profile as a TOML file."""
        profile = self._profile(request, pk)
        name = f'attachment; filename="{profile.name}.toml"'
        content = profiles.as_toml(profile.table)
        return HttpResponse(content, content_type=TOML, headers={"Content-Disposition": name})

    def _profile(self, request: HttpRequest, pk: int | str) -> ImportProfile:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = ImportProfile.objects.select_related("by")
        return get_object_or_404(found, pk=pk if is_key(str(pk)) else 0)


def _problem(profile: ImportProfile) -> str:
    """Return why this release cannot read a profile; empty if it can."""
    try:
        profiles.from_table(profile.name, profile.table)
    except ProfileError as error:
        return str(error)
    return ""
