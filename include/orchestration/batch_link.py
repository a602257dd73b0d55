"""A button on every task of a batch that shows the batch on the Claims page, while it waits or has failed too."""

from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

from include.orchestration.console_door import PREFIX


class BatchLink(BaseOperatorLink):
    """The file a task is about; the worker leaves the address, without a patient in it, in XCom."""

    name = "The file on the Claims page"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002  # Airflow's signature
        """Return the batch's page in Airflow's frame, below the path under which Airflow is served."""
        batch_id = operator.batch_id if hasattr(operator, "batch_id") else operator.op_args[0]
        served_at = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
        return f"{served_at}/plugin{PREFIX}#batch/{int(batch_id)}"
