"""Two-factor authentication: which codes are accepted, how often, for whom, and how long guessers have to wait."""

import threading
from base64 import b32encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.utils.crypto import salted_hmac
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from agreements.security import two_factor

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, 0, 15, tzinfo=UTC)
KEY = "31" * 20


def code_at(moment: datetime, key: str = KEY) -> str:
    """What a phone with this key shows now."""
    with time_machine.travel(moment, tick=False):
        return f"{totp(bytes.fromhex(key)):06d}"


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("clerk", password="the right one", is_staff=True)


@pytest.fixture
def codes(clerk: User) -> list[str]:
    """The clerk's recovery codes; two-factor has been on since an hour before noon."""
    an_hour_before = NOON - timedelta(hours=1)
    with time_machine.travel(an_hour_before, tick=False):
        return two_factor.turn_on(clerk, key=KEY, code=code_at(an_hour_before))


def accepted(user: User, code: str, at: datetime = NOON) -> bool:
    with time_machine.travel(at, tick=False):
        try:
            return bool(two_factor.accepting_device(user, code))
        except two_factor.TwoFactorError:
            return False


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        pytest.param(0, True, id="now"),
        pytest.param(-1, True, id="phone one step behind"),
        pytest.param(1, True, id="phone one step ahead"),
        pytest.param(-2, False, id="two steps behind"),
        pytest.param(2, False, id="two steps ahead"),
    ],
)
def test_code_counts_within_a_step_of_now(
    clerk: User, codes: list[str], steps: int, counts: bool
) -> None:
    assert accepted(clerk, code_at(NOON + timedelta(seconds=30 * steps))) is counts


@pytest.mark.parametrize(
    "written", ["{0}", " {0} ", "{1} {2}", "{1}-{2}"], ids=["plain", "spaces", "split", "dash"]
)
def test_code_may_be_typed_as_the_phone_shows_it(
    clerk: User, codes: list[str], written: str
) -> None:
    code = code_at(NOON)

    assert accepted(clerk, written.format(code, code[:3], code[3:]))


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 5000, "\0", "' or 1=1"]
)
def test_nonsense_is_no_code(clerk: User, codes: list[str], code: str) -> None:
    assert not accepted(clerk, code)


def test_code_counts_once(clerk: User, codes: list[str]) -> None:
    assert accepted(clerk, code_at(NOON))
    assert not accepted(clerk, code_at(NOON), at=NOON + timedelta(seconds=3))


def test_code_that_turned_it_on_opens_nothing(clerk: User) -> None:
    with time_machine.travel(NOON, tick=False):
        two_factor.turn_on(clerk, key=KEY, code=code_at(NOON))

    assert not accepted(clerk, code_at(NOON), at=NOON + timedelta(seconds=3))


def test_code_before_the_last_used_one_is_spent_too(clerk: User, codes: list[str]) -> None:
    assert accepted(clerk, code_at(NOON))
    assert not accepted(
        clerk, code_at(NOON - timedelta(seconds=30)), at=NOON + timedelta(seconds=5)
    )


def test_code_of_a_colleague_does_not_count(clerk: User, codes: list[str]) -> None:
    colleague = User.objects.create_user("colleague", is_staff=True)
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        other = code_at(NOON - timedelta(hours=1), key="32" * 20)
        theirs = two_factor.turn_on(colleague, key="32" * 20, code=other)

    assert not accepted(clerk, code_at(NOON, key="32" * 20))
    assert not accepted(clerk, theirs[0], at=NOON + timedelta(minutes=1))


def test_users_without_two_factor_have_no_code(clerk: User) -> None:
    assert not accepted(clerk, "123456")
    assert not accepted(clerk, "aaaaa-bbbbb")


def test_guesser_waits_twice_as_long_after_each_wrong_code(clerk: User, codes: list[str]) -> None:
    moment, waits = NOON, []
    for _guess in range(8):
        assert not accepted(clerk, "000000", at=moment)
        with (
            time_machine.travel(moment, tick=False),
            pytest.raises(two_factor.TooManyCodesError) as refusal,
        ):
            two_factor.accepting_device(clerk, code_at(moment))
        waits.append((refusal.value.until - moment).seconds)
        moment = refusal.value.until

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]
    assert accepted(clerk, code_at(moment), at=moment)


def test_wait_stops_growing_after_some_hours(clerk: User, codes: list[str]) -> None:
    moment = NOON
    for _guess in range(17):
        assert not accepted(clerk, "000000", at=moment)
        with (
            time_machine.travel(moment, tick=False),
            pytest.raises(two_factor.TooManyCodesError) as refusal,
        ):
            two_factor.accepting_device(clerk, code_at(moment))
        wait, moment = refusal.value.until - moment, refusal.value.until

    assert wait == timedelta(seconds=2**14)
    assert accepted(clerk, code_at(moment), at=moment)


def test_a_hundred_guesses_at_once_are_one_guess(clerk: User, codes: list[str]) -> None:
    for guess in range(100):
        accepted(clerk, f"{guess:06d}")

    assert TOTPDevice.objects.get().throttling_failure_count == 1


def test_wrong_recovery_code_does_not_delay_the_phone(clerk: User, codes: list[str]) -> None:
    for _slip in range(5):
        accepted(clerk, "aaaaa-bbbbb")

    assert accepted(clerk, code_at(NOON))


def test_each_recovery_code_counts_once(clerk: User, codes: list[str]) -> None:
    assert len(set(codes)) == 10
    assert all(accepted(clerk, code) for code in codes)
    assert two_factor.recovery_codes_left(clerk) == 0
    assert not accepted(clerk, codes[0])


@pytest.mark.parametrize("written", [str.upper, lambda code: code.replace("-", " ")])
def test_recovery_code_may_be_written_another_way(
    clerk: User, codes: list[str], written: Callable[[str], str]
) -> None:
    assert accepted(clerk, written(codes[0]))


def test_recovery_codes_are_not_stored_in_plain_text(clerk: User, codes: list[str]) -> None:
    kept = set(StaticToken.objects.values_list("token", flat=True))

    assert len(kept) == 10
    assert not kept & {code.replace("-", "") for code in codes}
    assert not any(accepted(clerk, token) for token in kept)


def test_recovery_codes_from_before_the_slow_digest_still_count(clerk: User) -> None:
    device = StaticDevice.objects.create(user=clerk, name=two_factor.NAME)
    made = salted_hmac(
        "agreements.security.two_factor", f"{clerk.pk}:abcde23456", algorithm="sha256"
    )
    former = b32encode(made.digest()[:10]).decode().lower()
    StaticToken.objects.create(device=device, token=former)

    assert accepted(clerk, "abcde-23456")
    assert not accepted(clerk, "abcde-23456")


def test_new_recovery_codes_end_the_old_ones(clerk: User, codes: list[str]) -> None:
    paper = StaticDevice.objects.get()

    new = two_factor.new_recovery_codes(clerk)

    assert StaticDevice.objects.get() == paper
    assert not accepted(clerk, codes[0])
    assert accepted(clerk, new[0], at=NOON + timedelta(seconds=5))


def test_wrong_first_code_turns_nothing_on(clerk: User) -> None:
    with pytest.raises(two_factor.WrongCodeError):
        two_factor.turn_on(clerk, key=KEY, code="000000")

    assert two_factor.phone_of(clerk) is None
    assert two_factor.recovery_codes_left(clerk) == 0


def test_it_is_turned_on_once(clerk: User, codes: list[str]) -> None:
    with (
        time_machine.travel(NOON, tick=False),
        pytest.raises(two_factor.AlreadyOnError),
    ):
        two_factor.turn_on(clerk, key=KEY, code=code_at(NOON))

    assert TOTPDevice.objects.count() == 1


def test_turning_it_off_deletes_everything(clerk: User, codes: list[str]) -> None:
    assert two_factor.turn_off(clerk)
    assert not two_factor.turn_off(clerk)
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()


def test_phone_reads_key_site_and_name(clerk: User) -> None:
    pairing = two_factor.pairing(clerk, KEY)

    assert pairing.url.startswith("otpauth://totp/MoU%20Tracker%3Aclerk?secret=")
    assert pairing.letters.replace(" ", "") in pairing.url
    assert "style=" not in pairing.picture
    assert "viewBox=" in pairing.picture
    assert not TOTPDevice.objects.exists()


def test_keys_differ() -> None:
    assert len({two_factor.new_key() for _n in range(20)}) == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("from_paper", [True, False], ids=["recovery code", "phone"])
def test_one_code_sent_many_times_at_once_counts_once(clerk: User, from_paper: bool) -> None:
    now = datetime.now(UTC)
    codes = two_factor.turn_on(clerk, key=KEY, code=code_at(now - timedelta(seconds=30)))
    code = codes[0] if from_paper else code_at(now)
    ready, outcomes = threading.Barrier(5), []

    def send() -> None:
        ready.wait()
        try:
            outcomes.append(bool(two_factor.accepting_device(clerk, code)))
        except two_factor.TwoFactorError:
            outcomes.append(False)
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _n in range(5)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert sorted(outcomes) == [False] * 4 + [True]
