"""The ways to wait that `bench.idle_visits` compares, as DAGs: every one visits each clinic once a minute."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from airflow.sdk import DAG, Asset, AssetWatcher, CronTriggerTimetable
from airflow.triggers.base import BaseEventTrigger, StartTriggerArgs, TaskSkippedEvent, TaskSuccessEvent, TriggerEvent

from include.delivery.take import clinic_has_news
from include.orchestration.clinics import clinics_to_build
from include.orchestration.house import DEFAULTS, SFTP_POOL, START
from include.orchestration.operators import ReceiveResponses
from include.orchestration.triggers import VisitTrigger, _aside
from include.orchestration.wiring import ports_for_task

MINUTE: Final = 60.0


class GreenVisit(VisitTrigger):
    """A visit that ends as success where nothing is new."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the triggerer builds the same visit from."""
        return ("bench.idle_visits_dags.GreenVisit", super().serialize()[1])

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, and fire once."""
        ended = await self.visit(ports_for_task)
        yield TaskSuccessEvent() if isinstance(ended, TaskSkippedEvent) else ended


class Watcher(BaseEventTrigger):
    """A look every minute, for ever; an asset event where something is new."""

    def __init__(self, *, clinic_key: str) -> None:
        super().__init__()
        self.clinic_key = clinic_key

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the triggerer builds the same watch from."""
        return ("bench.idle_visits_dags.Watcher", {"clinic_key": self.clinic_key})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, and fire where something is new."""
        while True:
            await asyncio.sleep(MINUTE)
            if await _aside(lambda: clinic_has_news(self.clinic_key, ports_for_task())):
                yield TriggerEvent(self.clinic_key)


def build(way: str) -> None:
    """Make a DAG a clinic that waits in one of the ways."""
    for clinic in clinics_to_build(way):
        every_minute = CronTriggerTimetable("* * * * *", timezone="UTC")
        watcher = AssetWatcher(name=f"news_{clinic.key}", trigger=Watcher(clinic_key=clinic.key))
        news = [Asset(f"news_{clinic.key}", watchers=[watcher])]
        schedule = news if way == "watcher" else every_minute
        with DAG(
            f"{way}__{clinic.key}",
            schedule=schedule,
            start_date=START,
            catchup=False,
            max_active_runs=1,
            default_args=DEFAULTS,
        ):
            task = ReceiveResponses(task_id="take_and_apply", clinic_key=clinic.key, pool=SFTP_POOL)
        if way in {"worker", "watcher"}:
            task.start_from_trigger = False
        if way == "green":
            path, arguments = GreenVisit(clinic_key=clinic.key, every=MINUTE).serialize()
            task.start_trigger_args = StartTriggerArgs(path, "take", arguments)
