"""The second step of a login: a code from one's telephone, or one of the recovery codes kept on paper.

The login and the page about one's own account call this; django-otp keeps the keys, refuses a code that was used, and
makes whoever guesses wait longer after every wrong one (RFC 6238, RFC 4226 section 7.3).
"""

import re
from base64 import b32encode
from binascii import unhexlify
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from agreements.security.local_secrets import UNMISTAKABLE

RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 10
NAME = "second step"


class SecondStepError(Exception):
    """Why the second step was not taken, in a sentence for the person; `why` is a word for the log."""

    why = ""


class WrongCodeError(SecondStepError):
    why = "wrong code"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This code is wrong, or has been used already. Wait for the next one on your telephone, "
                "or take another recovery code."
            )
        )


class TooManyCodesError(SecondStepError):
    """Codes are not looked at before `until`, for too many were wrong."""

    why = "too many wrong codes"

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(_("Too many wrong codes, so this one was not looked at."))


class AlreadyOnError(SecondStepError):
    why = "already on"

    def __init__(self) -> None:
        super().__init__(_("The second step is on already."))


@dataclass(frozen=True)
class Pairing:
    """What a telephone needs to know, as an address, as a picture of that, and as letters to type."""

    address: str
    picture: SafeString
    letters: str


# Turning it on and off


def telephone_of(user: Any) -> TOTPDevice | None:
    """Return the telephone that the person's codes come from; None without a second step."""
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).first()


def new_key() -> str:
    """Return a key that nobody has yet, 160 bits in hexadecimal."""
    return default_key()


def pairing(user: Any, key: str) -> Pairing:
    """Return what the telephone reads; nothing is stored by that."""
    address = TOTPDevice(user=user, key=key).config_url
    picture = segno.make(address, error="m", micro=False)
    letters = b32encode(unhexlify(key)).decode()
    return Pairing(
        address=address,
        picture=mark_safe(picture.svg_inline(omitsize=True, dark="#000", light="#fff")),  # noqa: S308
        letters=" ".join(re.findall(".{1,4}", letters)),
    )


def turn_on(user: Any, *, key: str, code: str) -> list[str]:
    """Ask for a code at each login from now on; return the recovery codes, which are readable this once.

    `code` proves that the telephone knows the key. Raises WrongCodeError or AlreadyOnError, and then changes nothing.
    """
    with transaction.atomic():
        _lock(user)
        if telephone_of(user):
            raise AlreadyOnError
        telephone = TOTPDevice.objects.create(user=user, name=NAME, key=key)
        if not telephone.verify_token(_typed(code)):
            raise WrongCodeError
        return new_recovery_codes(user)


def turn_off(user: Any) -> bool:
    """Ask for no code any more; return whether one had been asked for."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        return TOTPDevice.objects.filter(user=user).delete()[0] > 0


def _lock(user: Any) -> None:
    """Make whoever else turns this person's second step on or off wait until the transaction ends."""
    get_user_model().objects.select_for_update().get(pk=user.pk)


# Codes


def accepting_device(user: Any, code: str) -> Device:
    """Use the code up, and return what it came from: the telephone, or the paper with the recovery codes.

    Raises WrongCodeError, or TooManyCodesError when it was not even looked at. Of two requests with one code at the
    same time the second is refused, for the first has locked the row.
    """
    typed = _typed(code)
    with transaction.atomic():
        device = _device_for(user, typed)
        _allowed, hindrance = device.verify_is_allowed() if device else (False, None)
        accepted = device is not None and device.verify_token(_as_kept(user, typed))
    if hindrance:
        raise TooManyCodesError(until=hindrance["locked_until"])
    if device is None or not accepted:
        raise WrongCodeError
    return device


def _device_for(user: Any, typed: str) -> Any:
    """Return what the code would come from by its shape, so that a slip in one does not slow down the other."""
    model = TOTPDevice if _is_from_telephone(typed) else StaticDevice
    return model.objects.select_for_update().filter(user=user, confirmed=True).first()


def _typed(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _is_from_telephone(typed: str) -> bool:
    return re.fullmatch(r"[0-9]{6}", typed) is not None


def _as_kept(user: Any, typed: str) -> str:
    return typed if _is_from_telephone(typed) else _digest(user, typed)


# Recovery codes


def new_recovery_codes(user: Any) -> list[str]:
    """Replace the person's recovery codes by ten new ones and return these; they cannot be read again."""
    codes = [get_random_string(RECOVERY_CODE_LENGTH, UNMISTAKABLE) for _n in range(RECOVERY_CODES)]
    with transaction.atomic():
        _lock(user)
        # the row stays: a session that was opened with one of the old codes names it
        paper, _made = StaticDevice.objects.get_or_create(user=user, name=NAME)
        paper.token_set.all().delete()
        StaticToken.objects.bulk_create(
            StaticToken(device=paper, token=_digest(user, code)) for code in codes
        )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user: Any) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def _digest(user: Any, code: str) -> str:
    """Return what is kept of a recovery code: 80 bits that only this site's SECRET_KEY makes of it.

    The store of django-otp compares texts of up to 16 letters, and so compares these as well as the codes themselves.
    """
    made = salted_hmac(
        "agreements.security.two_factor", f"{user.pk}:{code}", algorithm="sha256"
    ).digest()
    return b32encode(made[:10]).decode().lower()
