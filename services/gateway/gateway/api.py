"""`python -m gateway.api`: serves the public API."""

from cchc_shared.service.app import serve
from cchc_shared.service.http_settings import read
from gateway.bootstrap import build_app
from gateway.settings import GatewaySettings


def main() -> None:
    """Serve until told to stop."""
    settings = read(GatewaySettings)
    serve(build_app(settings), settings, trusted_peers=settings.trusted_peers)


if __name__ == "__main__":
    main()
