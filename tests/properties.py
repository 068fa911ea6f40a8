"""The number of examples for properties that cost more than most: a request, or rows in the database."""

from hypothesis import HealthCheck, settings

_OF_THE_QUICK_PROFILE = settings.get_profile("quick").max_examples


def tried(examples: int) -> settings:
    """This many in `make test`; other profiles multiply it as they multiply the examples of any property."""
    times = settings.default.max_examples / _OF_THE_QUICK_PROFILE
    return settings(
        max_examples=round(examples * times),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
