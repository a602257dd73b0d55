"""
Write the token with which Prometheus reads /claims/metrics: run it every few hours, by cron or beside Prometheus.

    SCRAPER_PASSWORD=... python deploy/scrape_token.py AIRFLOW_URL USER FILE

It needs nothing but Python. The password comes by the environment, because arguments can be read by all on a machine.
"""

import json
import os
import sys
from pathlib import Path
from urllib.request import Request, urlopen


def main(url: str, user: str, file: str) -> None:
    """Sign in as the scraper and keep its token."""
    asked = json.dumps({"username": user, "password": os.environ["SCRAPER_PASSWORD"]}).encode()
    # Whoever runs this names the address.
    request = Request(f"{url.rstrip('/')}/auth/token", asked, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        token = json.load(answer)["access_token"]
    new = Path(f"{file}.new")
    new.touch(mode=0o600)
    new.write_text(token, encoding="utf-8")
    new.replace(file)  # whole, whenever it is read


if __name__ == "__main__":
    main(*sys.argv[1:])
