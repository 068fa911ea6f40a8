"""Two-factor authentication: a code from an authenticator app, or a recovery code, after the password.

The login and the account page call this. django-otp stores the keys, refuses used codes, and makes people who guess
wait longer after each wrong code (RFC 6238, RFC 4226 section 7.3).
"""

import re
from base64 import b32encode
from binascii import unhexlify
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from argon2.low_level import Type, hash_secret_raw
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from agreements.security.local_secrets import UNMISTAKABLE

RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 10
# The fifteenth wrong code in a row, and each further one, makes users wait 2**14 seconds.
MOST_DOUBLINGS = 15
# In KiB. This and two passes are OWASP's minimum; with other values, the stored codes would no longer work.
DIGEST_MEMORY = 19 * 1024
# The name of the devices in the database.
NAME = "second step"


class TwoFactorError(Exception):
    """A code was refused: `says` tells the user why, `why` the log."""

    why = ""
    says: str | Promise = ""

    def __str__(self) -> str:
        return str(self.says)


class WrongCodeError(TwoFactorError):
    why = "wrong code"
    says = _(
        "This code is wrong or has already been used. Wait for the next one on your phone, "
        "or use another recovery code."
    )


class TooManyCodesError(TwoFactorError):
    """No code is checked before `until`, because too many were wrong."""

    why = "too many wrong codes"
    says = _("Too many wrong codes, so this one was not checked.")

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class AlreadyOnError(TwoFactorError):
    why = "already on"
    says = _("Two-factor authentication is already on.")


@dataclass(frozen=True)
class Pairing:
    """The key for an authenticator app: as a URL, as a QR code of that URL, and as letters to type."""

    url: str
    picture: SafeString
    letters: str


# Turning it on and off


def phone_of(user: User) -> TOTPDevice | None:
    """Return the phone that the user's codes come from; None while two-factor is off."""
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).first()


def new_key() -> str:
    """Return a new random key, 160 bits in hexadecimal."""
    return default_key()


def pairing(user: User, key: str) -> Pairing:
    """Return what the phone reads; store nothing."""
    url = TOTPDevice(user=user, key=key).config_url
    picture = segno.make(url, error="m", micro=False)
    letters = b32encode(unhexlify(key)).decode()
    return Pairing(
        url=url,
        picture=mark_safe(picture.svg_inline(omitsize=True, dark="#000", light="#fff")),  # noqa: S308
        letters=" ".join(re.findall(".{1,4}", letters)),
    )


def turn_on(user: User, *, key: str, code: str) -> list[str]:
    """Ask for a code at each login from now on; return the recovery codes, which cannot be read again.

    `code` proves that the phone knows the key. Raises WrongCodeError or AlreadyOnError, and then changes nothing.
    """
    with transaction.atomic():
        _lock(user)
        if phone_of(user):
            raise AlreadyOnError
        phone = TOTPDevice.objects.create(user=user, name=NAME, key=key)
        if not phone.verify_token(_typed(code)):
            raise WrongCodeError
        return new_recovery_codes(user)


def turn_off(user: User) -> bool:
    """Stop asking for codes; return whether two-factor had been on."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        return TOTPDevice.objects.filter(user=user).delete()[0] > 0


def _lock(user: User) -> None:
    """Make parallel requests that turn two-factor on or off for this user wait until the transaction ends."""
    User.objects.select_for_update().get(pk=user.pk)


# Codes


def accepting_device(user: User, code: str) -> Device:
    """Use the code up and return the device it came from: the phone, or the list of recovery codes.

    Raises WrongCodeError, or TooManyCodesError when the code was not even checked. When two requests send the same code
    at once the second is refused, because the first has locked the row.
    """
    typed = _typed(code)
    with transaction.atomic():
        device = _device_for(user, typed)
        _allowed, lock = device.verify_is_allowed() if device else (False, None)
        stored = typed if _is_from_phone(typed) else _stored_digest(user, typed)
        accepted = device is not None and device.verify_token(stored)
        _limit_the_wait(device)
    if lock:
        raise TooManyCodesError(until=lock["locked_until"])
    if device is None or not accepted:
        raise WrongCodeError
    return device


def _limit_the_wait(device: Any) -> None:
    """Stop doubling the wait at four and a half hours: nobody can lock an owner out for days."""
    if device is not None and device.throttling_failure_count > MOST_DOUBLINGS:
        device.throttling_failure_count = MOST_DOUBLINGS
        device.save(update_fields=["throttling_failure_count"])


def _device_for(user: User, typed: str) -> Device | None:
    """Return the device that codes of this shape come from, so that a typo in one does not delay the other."""
    model = TOTPDevice if _is_from_phone(typed) else StaticDevice
    return model.objects.select_for_update().filter(user=user, confirmed=True).first()


def _typed(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _is_from_phone(typed: str) -> bool:
    return re.fullmatch(r"[0-9]{6}", typed) is not None


# Recovery codes


def new_recovery_codes(user: User) -> list[str]:
    """Replace the user's recovery codes with ten new ones and return these; they cannot be read again."""
    codes = [get_random_string(RECOVERY_CODE_LENGTH, UNMISTAKABLE) for _n in range(RECOVERY_CODES)]
    with transaction.atomic():
        _lock(user)
        # the row stays: a session that was opened with an old code refers to it
        device, _made = StaticDevice.objects.get_or_create(user=user, name=NAME)
        device.token_set.all().delete()
        StaticToken.objects.bulk_create(
            StaticToken(device=device, token=_digest(user, code)) for code in codes
        )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def _digest(user: User, code: str) -> str:
    """Return what is stored of a recovery code: 80 bits of Argon2id, with a salt that depends on SECRET_KEY.

    django-otp looks up a code by the whole stored text, of up to 16 letters, so all codes of a user share a salt.
    """
    made = hash_secret_raw(
        code.encode(),
        _hmac(str(user.pk)),
        time_cost=2,
        memory_cost=DIGEST_MEMORY,
        parallelism=1,
        hash_len=10,
        type=Type.ID,
    )
    return b32encode(made).decode().lower()


def _stored_digest(user: User, code: str) -> str:
    """Return the digest under which this code is stored, if it is; until 2026-11-30 it was a fast one."""
    former = b32encode(_hmac(f"{user.pk}:{code}")[:10]).decode().lower()
    is_former = StaticToken.objects.filter(device__user=user, token=former).exists()
    return former if is_former else _digest(user, code)


def _hmac(text: str) -> bytes:
    return salted_hmac("agreements.security.two_factor", text, algorithm="sha256").digest()
