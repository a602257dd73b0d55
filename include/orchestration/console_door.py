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
        """Answer a request."""
        await self._page(scope, receive, send)
