"""How many examples a property is tried on that costs more than most: a request, or rows in the database."""

from hypothesis import HealthCheck, settings

_OF_THE_QUICK_PROFILE = settings.get_profile("quick").max_examples


def tried(examples: int) -> settings:
    """So many in `make test`; in the other profiles as many times more as they try of any property."""
    times = settings.default.max_examples / _OF_THE_QUICK_PROFILE
    return settings(
        max_examples=round(examples * times),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
