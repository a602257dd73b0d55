"""What the pages of enrollments and clinics ask of the ledger, and lists in pages, on every ledger."""

from include.claims.enrollment import State
from include.claims.states import Event
from include.delivery.records import BatchAsk, BoardAsk, ClaimAsk, OnboardingNote, Place, Step, Table
from tests.builders import BILLING_NPI
from tests.contract.night import CLINIC_ROW, NOW, Night, an_answer, claims
from tests.contract.test_clinics import IDENTITY_ROW
from tests.enrollment_rows import an_enrollment_row

NOTE = OnboardingNote(step=Step.CHANGED, at=NOW, who="casey", note="clinic harbor: mode")
RENDERER = "1000000012"


def row_of(night: Night) -> dict[str, str]:
    """Return the clinic's row as it stands."""
    [row] = night.ledger.clinics.rows(Table.CLINIC)
    return {name: str(cell) for name, cell in row.items()}


def test_a_row_that_stands_as_shown_is_changed(night: Night):
    """The change and who made it are kept together."""
    shown = row_of(night)

    done = night.ledger.clinics.change(Table.CLINIC, shown, {**shown, "mode": "paused"}, "harbor", NOTE)

    assert done
    assert "paused" == row_of(night)["mode"]
    assert [NOTE] == night.ledger.onboarding.notes("harbor")


def test_a_row_that_somebody_changed_meanwhile_stays(night: Night):
    """Of two people who saw the same row the second changes nothing, and no word of theirs is kept."""
    shown = row_of(night)
    night.set_clinic(contact="new@example.org")

    done = night.ledger.clinics.change(Table.CLINIC, shown, {**shown, "mode": "paused"}, "harbor", NOTE)

    assert not done
    assert ("live", "new@example.org") == (row_of(night)["mode"], row_of(night)["contact"])
    assert [] == night.ledger.onboarding.notes("harbor")


def test_a_row_is_added_once(night: Night):
    """Who adds a key that is there by now is told, and the row stays the first one's."""
    first, second = ({**CLINIC_ROW, "key": "aspen", "name": name} for name in ("First", "Second"))

    done = [night.ledger.clinics.change(Table.CLINIC, {}, row, "aspen", NOTE) for row in (first, second)]

    assert [True, False] == done
    assert "First" == night.ledger.clinics.clinic("aspen").name


def test_one_row_is_read_as_it_stands(night: Night):
    """Unchecked, and nothing where there is none."""
    night.set_clinic(delivery_cron="at night")

    assert row_of(night) == night.ledger.clinics.row(Table.CLINIC, "harbor")
    assert night.ledger.clinics.row(Table.CLINIC, "nothing") is None


def enrolled(night: Night) -> None:
    """Enter a clinic that bills, its enrollments, a renderer's by tax id, and one of nobody."""
    put = night.ledger.clinics.put
    put(Table.BILLING_IDENTITY, [IDENTITY_ROW])
    put(Table.PAYER, [{"key": "99999", "name": "EXAMPLE PAYER"}])
    rows = [
        an_enrollment_row(),
        an_enrollment_row(key="harbor_remits", what="remittances", state="needed"),
        an_enrollment_row(key="harbor_other", payer_id="88888", state=""),
        an_enrollment_row(key="renders", npi=RENDERER, tax_id="731234567", what="credentialing"),
        an_enrollment_row(key="nobodys", npi="1999999984"),
        an_enrollment_row(key="another_tax_id", payer_id="77777", tax_id="111111111"),
        an_enrollment_row(key="rented", npi="1999999984", what="credentialing"),
    ]
    put(Table.ENROLLMENT, rows)


def test_the_board_has_a_place_for_each_provider_and_payer(night: Night):
    """Who bills is joined by NPI, who renders by tax id; what is nobody's comes only where it is asked for."""
    enrolled(night)
    own = [Place("harbor", BILLING_NPI, "88888"), Place("harbor", BILLING_NPI, "99999")]
    hers = [Place("harbor", RENDERER, "99999")]
    console = night.ledger.console

    assert sorted(own + hers) == console.enrollment_places(BoardAsk(clinic_keys=["harbor"]))
    everything = BoardAsk(clinic_keys=["harbor"], with_nobodys=True)
    nobodys = [Place("", BILLING_NPI, "77777"), Place("", "1999999984", "99999")]
    assert sorted(nobodys + own + hers) == console.enrollment_places(everything)
    assert 5 == console.enrollment_total(everything)
    assert [] == console.enrollment_places(BoardAsk(clinic_keys=[]))


def test_the_board_is_filtered_and_paged(night: Night):
    """A page begins after the last place of the one before; a blank state is unknown."""
    enrolled(night)
    console = night.ledger.console
    first = console.enrollment_places(BoardAsk(clinic_keys=["harbor"], limit=1))

    rest = console.enrollment_places(BoardAsk(clinic_keys=["harbor"], after=first[-1]))
    unknown = console.enrollment_places(BoardAsk(clinic_keys=["harbor"], states=[State.UNKNOWN]))
    with_payer = console.enrollment_places(BoardAsk(clinic_keys=["harbor"], payer_id="88888"))

    assert 3 == len({*first, *rest}) == 1 + len(rest)
    assert ["88888"] == [place.payer_id for place in unknown] == [place.payer_id for place in with_payer]


def test_records_come_with_their_places(night: Night):
    """Every record of a provider with a payer is read, of whatever kind, and the payer's name."""
    enrolled(night)
    console = night.ledger.console

    rows = console.enrollments_at([Place("harbor", BILLING_NPI, "99999")])

    assert ["harbor_claims", "harbor_remits"] == [row["key"] for row in rows]
    assert {"99999": "EXAMPLE PAYER"} == console.payer_names(["99999", "88888"])


def test_the_last_word_on_a_setting_up_is_told(night: Night):
    """Of each clinic the newest note of a step; what was changed or tried is no step."""
    say = night.ledger.onboarding.say
    last = OnboardingNote(step=Step.HISTORY, at=NOW, who="casey", note="none")
    for note in (OnboardingNote(step=Step.REQUEST, at=NOW, who="robin"), last, NOTE):
        say("harbor", note)
    say("aspen", last)

    assert {"harbor": last} == night.ledger.console.setup_notes(["harbor"])


def test_claims_come_in_pages(night: Night):
    """Each page goes on after the last id; test copies are no claims; a state filters."""
    batch_id = night.sent(*claims(3))
    number = night.numbers(batch_id)[0]
    night.respond(batch_id, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE)])
    page = night.ledger.console.claim_page

    first = page(ClaimAsk(clinic_keys=["harbor"], limit=2))
    rest = page(ClaimAsk(clinic_keys=["harbor"], after=first[-1][0]))
    rejected = page(ClaimAsk(clinic_keys=["harbor"], work="source must correct"))

    assert ["C-001", "C-002", "C-003"] == [line.claim_key for _, line in [*first, *rest]]
    assert [night.line("C-001")] == [line for _, line in rejected]
    assert [] == page(ClaimAsk(clinic_keys=["another"]))
    many = [f"c_{number}" for number in range(50)]
    assert 3 == len(page(ClaimAsk(clinic_keys=["harbor", *many])))


def test_batches_come_newest_first(night: Night):
    """A page goes on before the last id."""
    ids = [night.sent(claim, run_id=f"run-{claim.key}") for claim in claims(3)]
    page = night.ledger.console.batch_page

    assert ids[::-1] == [one.id for one in page(BatchAsk(clinic_keys=["harbor"]))]
    assert ids[:1] == [one.id for one in page(BatchAsk(clinic_keys=["harbor"], before=ids[1]))]
    assert [] == page(BatchAsk(clinic_keys=["harbor"], status="sealed"))
    assert [] == page(BatchAsk(clinic_keys=[]))
