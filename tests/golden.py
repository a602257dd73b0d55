"""
Every scenario in all its shapes, side by side: the claim as JSON, its 837P a segment a line, its form.

`make samples` writes them under `tests/samples/`; what changed is for a person to read before it is committed.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from include.claims.documents import to_document
from include.claims.identifiers import patient_control_number
from include.claims.model import Claim
from include.claims.states import Usage
from include.hcfa.faults import form_faults
from include.hcfa.layout import GRID_A
from include.hcfa.print_image import FORM_FEED, write_print_image
from include.officeally import profile
from include.officeally.names import upload_name
from include.x12.write_837p import write_837p
from tests.scenarios import SCENARIOS

SAMPLES = Path(__file__).parent / "samples"


def control_number_of(claim: Claim) -> str:
    """Return the number the claim's first submission would have."""
    return patient_control_number(claim.source, claim.key, 1)


def as_837p(claim: Claim) -> str:
    """Return the file that bills this claim alone, as Office Ally wants it."""
    envelope = profile.envelope(
        profile.settings_for(
            submitter_id="731234567",
            submitter_name="EXAMPLE SOFTWARE INC",
            contact_name="BILLING DEPT",
            contact_phone="5035550100",
        ),
        interchange_number=42,
        group_number=42,
        reference="000000042",
        created_at=datetime(2026, 3, 6, 17, 15, tzinfo=UTC),
    )
    return write_837p(envelope, [(1, control_number_of(claim), claim)]).content.decode()


def as_form(claim: Claim) -> dict[str, str]:
    """Return the print image on grid A by file name and what it leaves out, or why there is none."""
    control_number = control_number_of(claim)
    told: dict[bool, str] = {True: "", False: ""}
    for fault in form_faults(claim, control_number, GRID_A):
        told[fault.blocks] += f"{fault.place}: {fault.message}; {fault.remedy}\n"
    if told[True]:
        return {"claim.form-refused.txt": told[True]}
    content = write_print_image([(1, control_number, claim)], GRID_A).content.decode()
    files = {"claim.form.txt": content.replace("\r\n", "\n").replace(FORM_FEED, f"{FORM_FEED}\n")}
    return files | ({"claim.form-leaves-out.txt": told[False]} if told[False] else {})


def shapes(scenario: str) -> dict[str, str]:
    """Return a scenario's files by name; a test differs from a bill in its name alone."""
    claim = SCENARIOS[scenario]()
    x12 = upload_name(number=42, usage=Usage.TEST) if scenario == "test_mode" else "claim.837p"
    document = json.dumps(json.loads(to_document(claim)), indent=2)
    return {"claim.json": f"{document}\n", x12: as_837p(claim).replace("~", "~\n"), **as_form(claim)}


def main() -> None:
    """Write every scenario anew."""
    for name in SCENARIOS:
        folder = SAMPLES / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in shapes(name).items():
            (folder / file).write_bytes(text.encode())


if __name__ == "__main__":
    main()
