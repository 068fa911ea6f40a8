"""The number of examples for slow properties, which make requests or rows in the database."""

from hypothesis import HealthCheck, settings

_OF_THE_QUICK_PROFILE = settings.get_profile("quick").max_examples


def tried(examples: int) -> settings:
    """Return the settings for this many examples in `make test`; other profiles multiply them like all others."""
    times = settings.default.max_examples / _OF_THE_QUICK_PROFILE
    return settings(
        max_examples=round(examples * times),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
