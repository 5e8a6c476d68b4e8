"""An HTTP client is opened in no time: httpx reads the certificates of the world for each, 40 ms of a processor.

No test speaks https with it, and there are thousands of clients: whoever waits for an answer opens one for every look.
"""

from functools import cache

from httpx._transports import default


def pytest_configure() -> None:
    """They are read once, when somebody first wants them."""
    default.create_ssl_context = cache(default.create_ssl_context)  # type: ignore[attr-defined]
