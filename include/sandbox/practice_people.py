"""
Everybody and everything in the invented practice: clinics, payers, names and codes, visibly made up.

Numbers are made here and nowhere else in the demo; NPIs pass their check digit and belong to nobody we know of.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from include.claims.identifiers import is_valid_npi


def invented_npi(number: int) -> str:
    """Return an NPI for an invented provider: its check digit is right."""
    stem = f"1999{number:05d}"
    return next(npi for npi in (f"{stem}{digit}" for digit in range(10)) if is_valid_npi(npi))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClinic:
    """An invented clinic and who bills for it."""

    key: str
    name: str
    mailbox: str
    number: int  # its identifiers come from it
    city: str
    state: str
    postal_code: str
    timezone: str
    delivery_cron: str
    has_claims: bool = True

    @property
    def npi(self) -> str:
        """The NPI it bills under."""
        return invented_npi(self.number)

    @property
    def tax_id(self) -> str:
        """Nine digits; the Internal Revenue Service gives out none that begin with 00."""
        return f"0088{self.number:05d}"


CLINICS = (
    DemoClinic(
        key="sample_grove",
        name="SAMPLE GROVE ABA LLC",
        mailbox="sample_grove",
        number=101,
        city="SAMPLETON",
        state="OR",
        postal_code="972990001",
        timezone="America/Los_Angeles",
        delivery_cron="0 20 * * *",
    ),
    DemoClinic(
        key="example_meadow",
        name="EXAMPLE MEADOW THERAPY INC",
        mailbox="example_meadow",
        number=102,
        city="EXAMPLE FALLS",
        state="CO",
        postal_code="802990002",
        timezone="America/Denver",
        delivery_cron="30 20 * * *",
    ),
    DemoClinic(
        key="demo_harbor",
        name="DEMO HARBOR BEHAVIOR LLC",
        mailbox="demo_harbor",
        number=103,
        city="DEMO HARBOR",
        state="ME",
        postal_code="041990003",
        timezone="America/New_York",
        delivery_cron="0 21 * * *",
    ),
    DemoClinic(
        key="testing_tree",
        name="TESTING TREE KIDS LLC",
        mailbox="demo_harbor",
        number=104,
        city="DEMO HARBOR",
        state="ME",
        postal_code="041990004",
        timezone="America/New_York",
        delivery_cron="15 21 * * *",
    ),
    DemoClinic(
        key="mockup_valley",
        name="MOCKUP VALLEY AUTISM CENTER",
        mailbox="mockup_valley",
        number=105,
        city="MOCKUP VALLEY",
        state="AZ",
        postal_code="850990005",
        timezone="America/Phoenix",
        delivery_cron="0 22 * * 1-5",
    ),
    DemoClinic(
        key="placeholder_pines",
        name="PLACEHOLDER PINES ABA LLC",
        mailbox="placeholder_pines",
        number=106,
        city="PLACEHOLDER",
        state="MN",
        postal_code="554990006",
        timezone="America/Chicago",
        delivery_cron="0 20 * * *",
        has_claims=False,
    ),
)

NEWCOMER = DemoClinic(
    key="specimen_springs",
    name="SPECIMEN SPRINGS ABA LLC",
    mailbox="specimen_springs",
    number=107,
    city="SPECIMEN SPRINGS",
    state="WA",
    postal_code="984990007",
    timezone="America/Los_Angeles",
    delivery_cron="45 20 * * *",
)
"""Has an account and claims, and no row in the clinic table: for whoever tries docs/adding-a-clinic.md on the demo."""

EVERYBODY = (*CLINICS, NEWCOMER)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPayer:
    """An invented payer."""

    id: str
    name: str
    filing: str = "CI"
    is_known: bool = True  # to the clearinghouse
    enrolled: tuple[str, ...] | None = None  # clinics enrolled, where it wants enrollment


EXAMPLE_HEALTH = DemoPayer(id="99001", name="EXAMPLE HEALTH PLAN")
SPECIMEN_MUTUAL = DemoPayer(id="99002", name="SPECIMEN MUTUAL", filing="12")
SAMPLE_BLUE = DemoPayer(id="SMPL1", name="SAMPLE BLUE", filing="BL")
TEST_MEDICAID = DemoPayer(id="TSTMD", name="TEST STATE MEDICAID", filing="MC", enrolled=("demo_harbor", "testing_tree"))
NOWHERE_BENEFITS = DemoPayer(id="99404", name="NOWHERE BENEFITS", is_known=False)
PAYERS = (EXAMPLE_HEALTH, SPECIMEN_MUTUAL, SAMPLE_BLUE, TEST_MEDICAID, NOWHERE_BENEFITS)

FIRST_NAMES = ("TESTINA", "TESTO", "SAMPLA", "DEMETRIO", "EXAMPLIA", "MOCKARD", "PROBA", "SPECIMA", "DUMMIE", "FIXTURA")
LAST_NAMES = ("EXAMPLE", "SAMPLE", "PLACEHOLDER", "SPECIMEN", "MOCKUP", "TESTERLY", "DEMOSON", "O'SAMPLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoService:
    """What an ABA clinic bills, in units of 15 minutes."""

    procedure: str
    modifier: str
    cents_a_unit: int
    units: tuple[int, int]  # from, to
    credential: str  # of who gives it


SERVICES = (
    DemoService(procedure="97153", modifier="HM", cents_a_unit=1500, units=(8, 24), credential="RBT"),
    DemoService(procedure="97155", modifier="HO", cents_a_unit=3025, units=(4, 8), credential="BCBA"),
    DemoService(procedure="97156", modifier="HO", cents_a_unit=2850, units=(4, 6), credential="BCBA"),
    DemoService(procedure="97151", modifier="HO", cents_a_unit=3333, units=(8, 8), credential="BCBA"),
)
_WEIGHTS = (70, 16, 9, 5)


def a_service(dice: Random) -> DemoService:
    """Return a service as a clinic's week has them: most are one-to-one treatment."""
    return dice.choices(SERVICES, _WEIGHTS)[0]


def a_birth_date(dice: Random, first_year: int, last_year: int) -> date:
    """Return an invented birth date within these years."""
    return date(dice.randint(first_year, last_year), dice.randint(1, 12), dice.randint(1, 28))
