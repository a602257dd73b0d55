"""The door between Airflow and the Claims page: what is asked for comes through whole, and stays out of the log."""

from airflow.api_fastapi.common import http_access_log
from airflow.api_fastapi.common.http_access_log import HttpAccessLogMiddleware
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from include.orchestration.console_door import PREFIX, ClaimsPage


def test_what_a_person_types_is_in_no_access_log(monkeypatch):
    """A patient's name in a filter reaches the page, and Airflow's access log has the request without it."""
    logged: list[dict[str, object]] = []
    monkeypatch.setattr(http_access_log.logger, "info", lambda _, **fields: logged.append(fields), raising=False)
    airflow, door = FastAPI(), ClaimsPage()
    door._page = echo()  # as if the first request had come
    airflow.mount(PREFIX, door)
    airflow.add_middleware(HttpAccessLogMiddleware)

    with TestClient(airflow) as browser:
        answer = browser.get(f"{PREFIX}/queues/denied?q=Quillmark")

    assert {"q": "Quillmark"} == answer.json()
    [line] = logged
    assert (f"{PREFIX}/queues/denied", "") == (line["path"], line["query"])


def echo() -> FastAPI:
    """Return a page that says what it was asked."""
    page = FastAPI()

    @page.get("/queues/denied")
    def asked(request: Request) -> dict[str, str]:
        return dict(request.query_params)

    return page
