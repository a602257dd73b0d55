"""Where Airflow finds the Claims page, without loading it: every process imports the plugins, tasks too."""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cached_property
from typing import Any, Final

PREFIX: Final = "/claims"
"""The path under Airflow's own; reserved by nobody."""


class ClaimsPage:
    """The page as an ASGI application that is made when the first request comes."""

    @cached_property
    def _page(self) -> Any:
        from include.orchestration.console import claims_page  # noqa: PLC0415  # that is the point of this module

        return claims_page()

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Answer a request; what was asked for is the page's alone to know."""
        asked = dict(scope)
        if "query_string" in scope:
            # Airflow's access log keeps it when the answer is out, and a person may have typed a patient's name.
            scope["query_string"] = b""
        await self._page(asked, receive, send)
