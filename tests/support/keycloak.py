"""A Keycloak of the tests' own with the example realm, and what a browser and an administrator do with it."""

import base64
import contextlib
import hashlib
import html
import re
import secrets
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil

from cchc_embedded.keycloak import ADMIN, KeycloakServer
from cchc_embedded.ports import free_port
from cchc_embedded.processes import spawn
from cchc_shared.identity.issuers import EXAMPLE_REALM
from tests.support.waiting import Watch

CALLBACK: Final = "http://127.0.0.1:9999/callback"
"""Where the portal would take the code. Nobody listens there: the test reads the redirect itself."""
PASSWORD: Final = "example"
SECRET: Final = "example-secret-of-one-stop"
"""As the example realm has them."""
_ACTION: Final = re.compile(r'action="([^"]+)"')
REPLY_SECONDS: Final = 120.0


class Keycloak:
    """The server on `folder`; it answers when it is entered."""

    def __init__(self, folder: Path) -> None:
        self._server = KeycloakServer(folder, free_port(), secrets.token_urlsafe(16))
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.issuer = self._server.issuer
        self._http = httpx.Client(timeout=REPLY_SECONDS)

    def __enter__(self) -> Self:
        self._server.prepare()
        with self._log.open("wb") as output:
            command, environment = self._server.command(), self._server.environment()
            self._process = spawn(command, environment=environment, output=output)
        watch = Watch()
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text(errors="replace")
            worked = int(sum(psutil.Process(self._process.pid).cpu_times()[:2]))
            watch.look((self._log.stat().st_size, worked), lambda: self._log.read_text(errors="replace"))
            time.sleep(0.2)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._http.close()
        if self._process is not None:
            self._process.kill()  # its data are thrown away
            self._process.wait()

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return self._http.get(f"{self.issuer}/.well-known/openid-configuration").status_code == 200
        return False

    def of_system(self) -> str:
        """An access token of software, by its client credentials."""
        asked = {"grant_type": "client_credentials", "client_id": "one-stop-example", "client_secret": SECRET}
        return str(self._token(asked).raise_for_status().json()["access_token"])

    def of_person(self, name: str) -> str:
        """An access token of somebody who logs in at the portal, by a code and PKCE."""
        verifier = secrets.token_urlsafe(48)
        code = self.code(name, verifier)
        return str(self.exchange(code, verifier).raise_for_status().json()["access_token"])

    def code(self, name: str, verifier: str) -> str:
        """What the browser is sent back with, once its user has logged in."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        page = self.begin_login(code_challenge=challenge, code_challenge_method="S256")
        action = _ACTION.search(page.text)
        assert action is not None, page.text
        # Its cookies are `Secure`, and a client that is strict sends none of them over plain HTTP.
        cookies = "; ".join(each.partition(";")[0] for each in page.headers.get_list("set-cookie"))
        given = {"username": name, "password": PASSWORD}
        back = self._http.post(html.unescape(action[1]), data=given, headers={"Cookie": cookies})
        assert back.status_code == 302, back.text
        return parse_qs(urlsplit(back.headers["location"]).query)["code"][0]

    def begin_login(self, **more: str) -> httpx.Response:
        """The page on which the portal's user logs in, or where the browser is sent instead."""
        asked = {"client_id": "cchc-portal", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
        return self._http.get(f"{self.issuer}/protocol/openid-connect/auth", params=asked | more)

    def exchange(self, code: str, verifier: str) -> httpx.Response:
        """The answer to the portal, which brings a code."""
        asked = {"grant_type": "authorization_code", "client_id": "cchc-portal", "redirect_uri": CALLBACK}
        return self._token(asked | {"code": code, "code_verifier": verifier})

    def rotate(self, priority: int) -> None:
        """The realm signs with a new key from now on, and goes on publishing the old one."""
        realm = self._admin("GET", "").json()["id"]
        config = {"priority": [str(priority)], "keySize": ["2048"], "algorithm": ["RS256"]}
        provider = {"name": f"rsa-{priority}", "providerId": "rsa-generated", "parentId": realm, "config": config}
        self._admin("POST", "/components", provider | {"providerType": "org.keycloak.keys.KeyProvider"})

    def _admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        who = {"username": ADMIN, "password": self._server.password}
        asked = {"grant_type": "password", "client_id": "admin-cli", **who}
        reply = self._http.post(f"{self._server.url}/realms/master/protocol/openid-connect/token", data=asked)
        bearer = {"Authorization": f"Bearer {reply.raise_for_status().json()['access_token']}"}
        address = f"{self._server.url}/admin/realms/{EXAMPLE_REALM}{path}"
        return self._http.request(method, address, json=body, headers=bearer).raise_for_status()

    def _token(self, asked: dict[str, str]) -> httpx.Response:
        return self._http.post(f"{self.issuer}/protocol/openid-connect/token", data=asked)
