"""Markers and options only: what makes a test slow, and how hypothesis searches."""

import os
import shutil

import hypothesis
import pytest
import structlog

TURNS = {"envoy": 120, "browser": 90}
"""Marks whose tests take turns, and the seconds that each may take: real programs start in them."""

# A failure that a test provokes is logged with a plain traceback: rich takes a second to draw one.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# The same examples in every run, so that a red build is never a matter of luck;
# HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the program does."""
    return "asyncio"


def pytest_configure(config: pytest.Config) -> None:
    """Declare what only some machines can run."""
    marker = "prometheus: asks a real Prometheus; left out where the program is not installed"
    config.addinivalue_line("markers", marker)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that start real programs take turns, and give them time."""
    lacking = shutil.which("prometheus") is None
    away = pytest.mark.skip(reason="there is no prometheus here: apt-get install prometheus")
    for item in items:
        if lacking and item.get_closest_marker("prometheus") is not None:
            item.add_marker(away)
        for name, timeout_s in TURNS.items():
            if item.get_closest_marker(name) is None:
                continue
            item.add_marker(pytest.mark.xdist_group(name))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(timeout_s))
