"""
An invented practice's database: something to bill on a machine where no patient ever was.

Tables as a small practice keeps them, and the view `pending_claim_lines` on top as an adopter writes it
(`practice.sql`). The same seed and moment make the same practice; a hundred thousand claims are made as a stream.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from include.claims.errors import BadSetting
from include.sandbox.fates import Fate, cents_to
from include.sandbox.practice_people import (
    EVERYBODY,
    EXAMPLE_HEALTH,
    FIRST_NAMES,
    LAST_NAMES,
    NOWHERE_BENEFITS,
    PAYERS,
    SAMPLE_BLUE,
    SPECIMEN_MUTUAL,
    TEST_MEDICAID,
    DemoClinic,
    DemoPayer,
    a_birth_date,
    a_service,
    invented_npi,
)

_PROVIDERS_A_CLINIC = 3
_BAD_PROVIDER = 999
"""The analyst whose NPI somebody mistyped."""

_PHYSICIAN = 998
"""The physician who refers some of the clients."""

_REFERRED_EVERY = 5
TOLD: Final = ("demo_harbor", 7)
"""The claim whose whole life the demo tells: by its clinic and its place in the clinic's list."""

_DAYS_OF_RELEASES = 5
_CLAIMS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What was made, in counts."""

    claims: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    id: int
    day: str
    code: str
    modifier: str
    cents: int
    units: int
    pointers: str
    started: str
    ended: str
    minutes: int
    technician: str
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A claim on its way into the practice's tables, open to what may be wrong with it."""

    number: int
    clinic: DemoClinic
    payer: DemoPayer
    member_id: str
    holder_birth_date: str
    is_child: bool
    provider: int
    status: str = "released"
    session_count: int
    released_at: datetime
    sessions: tuple[_Session, ...]


def make_practice(
    path: Path, now: datetime, *, claims_per_clinic: int = 14, with_faults: bool = True, seed: int = 2026
) -> Practice:
    """
    Write the practice's SQLite database and return what is in it; refuse to write over another.

    Claims were released over the five days before `now`. With faults, the first clinics hold claims that must not go
    (a mistyped NPI, no member id, a pointer past the diagnoses, half-written, a birth date in the wrong shape), one
    that was taken back, and claims the clearinghouse will reject (payer unknown, clinic not enrolled).
    """
    if path.exists():
        raise BadSetting(
            f"{path}: there is a practice already; remove it first, or its claims would change after sending"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    database = sqlite3.connect(partial)
    try:
        # Nothing to lose before it is whole: without a journal a large practice is made in seconds.
        database.executescript("pragma journal_mode = off; pragma synchronous = off")
        database.executescript(Path(__file__).with_name("practice.sql").read_text(encoding="utf-8"))
        _insert_fixed(database)
        claims = lines = 0
        for chunk in _chunks(_drafts(now, claims_per_clinic, with_faults, Random(seed))):  # noqa: S311 - invents, hides nothing
            _insert(database, chunk)
            claims, lines = claims + len(chunk), lines + sum(len(draft.sessions) for draft in chunk)
        database.commit()
    finally:
        database.close()
    partial.replace(path)
    return Practice(claims=claims, lines=lines)


def _drafts(now: datetime, claims_per_clinic: int, with_faults: bool, dice: Random) -> Iterator[_Draft]:
    number = session = 0
    for clinic in EVERYBODY:
        for place in range(claims_per_clinic if clinic.has_claims else 0):
            number += 1
            draft = _draft(number, session, clinic, now, dice)
            session += len(draft.sessions)
            yield _spoiled(draft, place) if with_faults else draft


def _draft(number: int, session: int, clinic: DemoClinic, now: datetime, dice: Random) -> _Draft:
    payers = (EXAMPLE_HEALTH, EXAMPLE_HEALTH, SPECIMEN_MUTUAL, SAMPLE_BLUE)
    # Spread by number and not by chance, so that every day of a backfill has claims of every clinic.
    released_at = now - timedelta(days=number % _DAYS_OF_RELEASES, minutes=dice.randint(60, 600))
    count = dice.choices(range(1, 9), (10, 15, 20, 20, 15, 10, 6, 4))[0]
    sessions = tuple(
        _session(session + place, released_at - timedelta(days=count - place + 1), dice)
        for place in range(1, count + 1)
    )
    return _Draft(
        number=number,
        clinic=clinic,
        payer=dice.choice(payers),
        member_id=f"TEST{number:08d}",
        holder_birth_date=a_birth_date(dice, 1975, 1995).isoformat(),
        is_child=dice.random() < 0.7,
        provider=clinic.number * 10 + dice.randrange(_PROVIDERS_A_CLINIC),
        session_count=count,
        released_at=released_at,
        sessions=sessions,
    )


def _session(number: int, moment: datetime, dice: Random) -> _Session:
    service = a_service(dice)
    units = dice.randint(*service.units)
    start = dice.randrange(8 * 60, 17 * 60, 15)
    end = start + 15 * units
    return _Session(
        id=number,
        day=moment.date().isoformat(),
        code=service.procedure,
        modifier=service.modifier,
        cents=units * service.cents_a_unit,
        units=units,
        pointers="1",
        started=f"{start // 60:02d}:{start % 60:02d}",
        ended=f"{end // 60:02d}:{end % 60:02d}",
        minutes=15 * units,
        technician=f"T-{dice.randint(1, 9)}",
        credential=service.credential,
    )


def _spoiled(draft: _Draft, place: int) -> _Draft:
    """Return the claim with what is wrong with it at this place of its clinic's list; most have nothing."""
    first, *others = draft.sessions
    last = draft.sessions[-1]
    told = replace(first, cents=first.cents + cents_to(Fate.LINE_REJECTED, sum(one.cents for one in draft.sessions)))
    spoiled = {
        ("sample_grove", 1): {"provider": _BAD_PROVIDER},
        ("sample_grove", 4): {"payer": NOWHERE_BENEFITS},
        ("sample_grove", 6): {"session_count": draft.session_count + 1},
        ("example_meadow", 2): {"member_id": ""},
        ("example_meadow", 5): {"payer": TEST_MEDICAID},
        ("example_meadow", 8): {"status": "cancelled"},
        ("demo_harbor", 3): {"sessions": (*draft.sessions[:-1], replace(last, pointers="1,4"))},
        ("demo_harbor", 5): {"payer": TEST_MEDICAID},
        TOLD: {"sessions": (told, *others)},
        ("testing_tree", 2): {"payer": NOWHERE_BENEFITS},
        ("mockup_valley", 0): {"holder_birth_date": "07/15/1988"},
    }
    return replace(draft, **spoiled.get((draft.clinic.key, place), {}))  # type: ignore[arg-type]


def _insert_fixed(database: sqlite3.Connection) -> None:
    database.executemany("insert into clinics values (?, ?, ?)", [(c.key, c.name, c.npi) for c in EVERYBODY])
    database.executemany("insert into payers values (?, ?, ?)", [(p.id, p.name, p.filing) for p in PAYERS])
    physician = (_PHYSICIAN, "REFERRALLY", "PROBA", invented_npi(_PHYSICIAN))
    database.execute("insert into physicians values (?, ?, ?, ?)", physician)
    providers = [
        (number, LAST_NAMES[number % len(LAST_NAMES)], FIRST_NAMES[number % len(FIRST_NAMES)], invented_npi(number))
        for number in (clinic.number * 10 + place for clinic in EVERYBODY for place in range(_PROVIDERS_A_CLINIC))
    ]
    right = invented_npi(_BAD_PROVIDER)
    providers.append((_BAD_PROVIDER, "MISTYPED", "NUMERA", f"{right[:-1]}{(int(right[-1]) + 1) % 10}"))
    database.executemany("insert into providers values (?, ?, ?, ?, '103K00000X')", providers)


def _insert(database: sqlite3.Connection, drafts: list[_Draft]) -> None:
    """Insert some claims with all that belongs to them; one client, policy and claim share a number."""
    database.executemany("insert into clients values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_client, drafts))
    database.executemany("insert into policies values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_policy, drafts))
    database.executemany("insert into claims values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_claim, drafts))
    database.executemany(
        "insert into sessions values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_row_of(session, draft.number) for draft in drafts for session in draft.sessions],
    )


def _row_of(session: _Session, claim: int) -> tuple[object, ...]:
    s = session
    what = (s.day, s.code, s.modifier, s.cents, s.units, s.pointers)
    return (s.id, claim, *what, s.started, s.ended, s.minutes, s.technician, s.credential)


def _client(draft: _Draft) -> tuple[object, ...]:
    n, clinic = draft.number, draft.clinic
    last, first = LAST_NAMES[n % len(LAST_NAMES)], FIRST_NAMES[n % len(FIRST_NAMES)]
    born = f"{2012 + n % 9}-{1 + n % 12:02d}-{1 + n % 28:02d}" if draft.is_child else draft.holder_birth_date
    sex = "FM"[n % 2] if draft.is_child else "MF"[n % 2]
    home = (f"{1 + n % 900} SAMPLE LANE", clinic.city, clinic.state, clinic.postal_code[:5])
    physician = _PHYSICIAN if n % _REFERRED_EVERY == 0 else None
    return (n, clinic.key, last, first, born, sex, *home, physician)


def _policy(draft: _Draft) -> tuple[object, ...]:
    n = draft.number
    last = LAST_NAMES[n % len(LAST_NAMES)]
    first = FIRST_NAMES[(n + 3 if draft.is_child else n) % len(FIRST_NAMES)]
    relationship = "19" if draft.is_child else "18"
    holder = (last, first, draft.holder_birth_date, "MF"[n % 2])
    return (n, n, draft.payer.id, draft.member_id, f"GRP{n % 40:03d}", relationship, *holder)


def _claim(draft: _Draft) -> tuple[object, ...]:
    n = draft.number
    total = sum(session.cents for session in draft.sessions)
    released = draft.released_at.astimezone(UTC).isoformat(timespec="seconds")
    place = ("11", "12")[n % 2]
    key = (n, f"{draft.clinic.key}-{n:07d}", draft.clinic.key, n, draft.provider, place)
    return (
        *key,
        "F84.0",
        ("", "F90.2")[n % 3 == 0],
        f"AUTH{n:07d}",
        total,
        draft.session_count,
        released,
        draft.status,
    )


def _chunks(drafts: Iterator[_Draft]) -> Iterator[list[_Draft]]:
    chunk: list[_Draft] = []
    for draft in drafts:
        chunk.append(draft)
        if len(chunk) == _CLAIMS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
