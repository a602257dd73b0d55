"""The scraper's token is fetched as Airflow gives it, kept whole, and for its owner's eyes alone."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.deploy.conftest import DEPLOY


class Airflow(BaseHTTPRequestHandler):
    """Answers as /auth/token does: a token for the right password."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_right = (self.path, asked) == ("/auth/token", {"username": "scraper", "password": "example"})
        self.send_response(201 if is_right else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"access_token": "a.b.c"} if is_right else {}).encode())

    def log_message(self, *_):
        """Print nothing."""


def test_a_token_is_kept_and_a_refusal_leaves_the_last_one(tmp_path):
    """A wrong password ends red, and the token of before stays."""
    file, server = tmp_path / "token", HTTPServer(("127.0.0.1", 0), Airflow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [sys.executable, DEPLOY / "scrape_token.py", f"http://127.0.0.1:{server.server_port}", "scraper", file]
    try:
        ended = [
            subprocess.run(
                command, env={**os.environ, "SCRAPER_PASSWORD": one}, capture_output=True, check=False
            ).returncode
            for one in ("example", "wrong")
        ]
    finally:
        server.shutdown()
        server.server_close()

    assert [0, 1] == ended
    assert "a.b.c" == file.read_text()
    assert 0o600 == file.stat().st_mode & 0o777
