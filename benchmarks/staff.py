"""Runs next to a server, in the application's own environment, and does for the benchmark what staff do.

It reads one command per line from its input and answers each with a line of JSON: `about` returns what to search for,
`session` the cookie of a staff login, `touch` makes one change to a published record, `write` makes a change every 100
ms for some seconds, `inside` returns how long a path takes within the process.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import cycle
from statistics import median
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402

from agreements.domain.choices import Stage  # noqa: E402
from agreements.models import Agreement, Area, Party  # noqa: E402

NAME = "benchmark"
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_EVERY = 0.1


def about() -> dict[str, Any]:
    """Return search words and values of this register: a busy state and area, a record, a word that few titles
    contain.
    """
    published = Agreement.objects.published()
    states = Party.objects.filter(kind="state", participations__agreement__pk__lt=2000)
    state = states.annotate(parts=Count("participations")).order_by("-parts", "pk").first()
    area = Area.objects.get(slug="energy")
    record = published.filter(stage=Stage.CONCLUDED).order_by("pk")[50]
    return {
        "published": published.count(),
        "country": str(state.country),
        "party": state.pk,
        "area": area.slug,
        "area_key": area.pk,
        "ref": record.ref,
        "key": record.pk,
        "rare": _rare_word(),
    }


def _rare_word() -> str:
    """Return a word of a programme's name that between one and ten published records contain."""
    titles = Agreement.objects.published().filter(title__contains=" programme)").order_by("-pk")
    for title in titles.values_list("title", flat=True)[:200]:
        word = title.rpartition("(")[2].removesuffix(" programme)")
        if 1 <= Agreement.objects.published().containing(f'"{word}"').count() <= 10:
            return word
    raise LookupError("every programme's name is common")


def session() -> str:
    """Return the cookie of a staff login, as a browser would send it."""
    users = get_user_model().objects
    user = users.filter(username=NAME).first() or users.create_superuser(NAME)
    client = Client()
    client.force_login(user, backend=_BACKEND)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


_places = cycle(("Baku", "Tashkent", "Geneva"))


def touch() -> bool:
    """Save one published record with a different place, as staff would."""
    record = Agreement.objects.published().order_by("pk")[0]
    record.place = next(place for place in _places if place != record.place)
    record.save()
    return True


def write(seconds: float) -> dict[str, int]:
    """Save every 100 ms for this many seconds; return how many saves succeeded and how many failed."""
    until, saved, failed = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until:
        try:
            touch()
            saved += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is counted
            failed += 1
        time.sleep(_EVERY)
    return {"saved": saved, "failed": failed}


def inside(path: str) -> dict[str, object]:
    """Return the median seconds of fifty conditional requests within this process, and the status of the last."""
    client = Client(headers={"host": "127.0.0.1"})
    etag = client.get(path).headers.get("ETag", "")
    taken, status = list[float](), 0
    for _ in range(55):
        began = time.perf_counter()
        status = client.get(path, headers={"if-none-match": etag}).status_code
        taken.append(time.perf_counter() - began)
    return {"median": round(median(taken[5:]), 6), "times": 50, "status": status}


ORDERS: dict[str, Callable[..., Any]] = {
    "about": about,
    "session": session,
    "touch": touch,
    "write": write,
    "inside": inside,
}


def main() -> None:
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(ORDERS[order](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
