"""Markers and options only: what makes a test slow, and how hypothesis searches."""

import os

import hypothesis
import pytest

ENVOY_TIMEOUT_S = 120

# The same examples in every run, so that a red build is never a matter of luck;
# HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the program does."""
    return "asyncio"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that start a real Envoy take turns, and give them time."""
    for item in items:
        if item.get_closest_marker("envoy") is None:
            continue
        item.add_marker(pytest.mark.xdist_group("envoy"))
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(ENVOY_TIMEOUT_S))
