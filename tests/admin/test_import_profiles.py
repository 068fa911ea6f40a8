"""The profiles that staff keep: uploaded, shown, downloaded, deleted, and used by imports."""

import tomllib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import profiles
from agreements.exchange.importing.refusals import ProfileError
from agreements.models import Agreement, ImportProfile
from tests.colleagues import colleague
from tests.exchange.importing.files import csv_file, looked_at

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_importprofile_add")
LIST = reverse("admin:agreements_importprofile_changelist")
TOML = """
title = "Labour <register>"
recognised_by = ["No", "Subject line"]

[identifier]
scheme = "labour"
column = "No"

[fields]
title = "Subject line"
kind = { column = "Type", values = { "Müqavilə" = "treaty", "a \\" b" = "mou" } }

[[parties]]
always = "Azerbaijan"

[[parties]]
column = "Partner"
"""


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


def upload(
    client: Client, toml: str | bytes, file: str = "labour.toml", **more: str
) -> HttpResponse:
    content = toml.encode() if isinstance(toml, str) else toml
    return client.post(ADD, {"file": SimpleUploadedFile(file, content), **more}, follow=True)


def address(profile: ImportProfile, page: str) -> str:
    return reverse(f"admin:agreements_importprofile_{page}", args=[profile.pk])


def kept(name: str = "labour", toml: str = TOML) -> ImportProfile:
    return profiles.keep(name, tomllib.loads(toml), by=None, at=timezone.now())


def test_uploaded_profile_is_shown_and_downloads_as_it_was(editor: Client) -> None:
    page = upload(editor, TOML).content.decode()

    profile = ImportProfile.objects.get()
    assert (profile.name, profile.title) == ("labour", "Labour <register>")
    assert "The profile “labour” was saved." in page
    assert "Labour &lt;register&gt;" in page
    assert "Müqavilə" in page
    response = editor.get(address(profile, "file"))
    assert response["Content-Disposition"] == 'attachment; filename="labour.toml"'
    assert tomllib.loads(response.content.decode()) == tomllib.loads(TOML)
    listed = editor.get(LIST).content.decode()
    assert "labour.toml" in listed
    assert address(profile, "file") in listed


@pytest.mark.parametrize(
    ("toml", "more", "why"),
    [
        ("title = ", {}, "The profile labour.toml is not valid TOML"),
        (b"\xff\xfe", {}, "The profile labour.toml is not valid TOML"),
        ("a = " + "[" * 20_000, {}, "The profile labour.toml is not valid TOML"),
        ("[fields]\ntitel = 'x'", {}, "Profile labour: fields.titel is not known here"),
        (TOML, {"name": "uk-treaties"}, "“uk-treaties” is the name of a profile that comes with"),
        (TOML, {"name": "register"}, "“register” is the name of a profile that comes with"),
        (TOML, {"file": "two words.toml"}, "“two words” cannot be the name of a profile"),
        (TOML, {"name": "two words"}, "Enter a valid “slug”"),
        (TOML + 'known = { "\\u0000" = "x" }', {}, "contains a NUL character"),
        ("#" * 300_000, {}, "The file is larger than 256 KB"),
    ],
    ids=range(10),
)
def test_what_is_no_profile_is_refused_with_the_reason(
    editor: Client, toml: str | bytes, more: dict[str, str], why: str
) -> None:
    page = upload(editor, toml, **more).content.decode()

    assert "The profile was not saved." in page
    assert why in page.replace("&#x27;", "'")
    assert not ImportProfile.objects.exists()


def test_profile_of_the_same_name_is_replaced_only_if_asked_for(editor: Client) -> None:
    kept()
    other = TOML.replace("Labour <register>", "Newer")

    assert "There is a profile “labour” already" in upload(editor, other).content.decode()
    assert ImportProfile.objects.get().title == "Labour <register>"
    upload(editor, other, replaces="on")

    assert ImportProfile.objects.get().title == "Newer"


def test_no_more_profiles_are_kept_than_a_file_can_be_compared_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(profiles, "MOST_KEPT", 1)
    kept()

    with pytest.raises(ProfileError, match="keeps at most 1 profiles"):
        kept("other")


def test_deleted_profile_is_gone(editor: Client) -> None:
    profile = kept()

    assert editor.get(address(profile, "delete")).status_code == 200
    editor.post(address(profile, "delete"), {"post": "yes"})

    assert not ImportProfile.objects.exists()


def test_profile_that_this_release_cannot_read_says_why_and_does_no_harm(editor: Client) -> None:
    profile = kept()
    ImportProfile.objects.update(table={"fields": {"titel": "x"}})

    assert (
        "fields.titel is not known here" in editor.get(address(profile, "change")).content.decode()
    )
    assert profiles.recognised(["No", "Subject line"]) is None
    with pytest.raises(ProfileError, match=r"fields\.titel"):
        profiles.find("labour")


def test_kept_profile_is_found_by_its_name_and_recognised_by_its_columns(tmp_path: Path) -> None:
    kept()
    path = csv_file(tmp_path, "No,Subject line,Type,Partner", "1,A,Müqavilə,Peru")

    assert looked_at(path, profile="labour", creates_parties=True)[0].profile == "labour"
    call_command("import_agreements", path, create_parties=True)

    agreement = Agreement.objects.get()
    assert agreement.kind == "treaty"
    assert [str(row) for row in agreement.participations.all()] == ["Azerbaijan", "Peru"]
    with pytest.raises(ProfileError, match="uk-treaties"):
        profiles.find("nobody")


@pytest.mark.parametrize("name", sorted(profiles.shipped()))
def test_table_written_as_toml_is_read_back_the_same(name: str) -> None:
    table = tomllib.loads((profiles.SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))

    assert tomllib.loads(profiles.as_toml(table)) == table


def test_checking_a_table_leaves_it_as_it_is() -> None:
    table = tomllib.loads(TOML + '[[events]]\nkind = "ratified"\ndate = "No"\n')
    before = profiles.as_toml(table)

    profiles.from_table("labour", table)

    assert profiles.as_toml(table) == before
