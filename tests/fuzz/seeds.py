"""Sound files to begin from: our samples, what our writers write, and all that the sandbox answers in two months."""

import hashlib
import io
import zipfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from include.hcfa.print_image import FORM_FEED
from include.officeally.era_zip import open_era_zip
from include.officeally.names import ResponseKind, classify
from include.sandbox.fates import LIVES
from include.sandbox.reports import Report
from tests.outcomes import SAMPLES
from tests.sandbox.test_payers import Weeks, costing
from tests.sandbox.uploads import LIVE_NAME, an_upload, some_claims
from tests.x12.answers import interchange

FOUND = SAMPLES / "found"
"""What once broke a reader, `READER-DIGEST`; each is read again by the tests."""


def _files(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(SAMPLES.glob(pattern))]


@cache
def sandbox() -> list[Report]:
    """Return every report of a sandbox whose claims have every fate, and of files it refuses."""
    with TemporaryDirectory() as home:
        weeks = Weeks(Path(home))
        reports = weeks.upload(*[costing(life.cents or 0) for life in LIVES])
        reports += [report for life in LIVES for report in weeks.upload(costing(life.cents or 0, charge=300))]
        sound = an_upload(*some_claims(2), interchange_number=9)
        for damaged in (sound.replace(b"SE*", b"SE*9", 1), sound.replace(b"IEA*1*", b"IEA*2*")):
            path = weeks.home / LIVE_NAME
            path.write_bytes(damaged)
            reports += weeks.house.take("demo", path).reports
        return reports + weeks.pass_days(60)


def _sandbox(*kinds: ResponseKind) -> list[bytes]:
    """Return what the sandbox wrote of these kinds, each content once."""
    return list(dict.fromkeys(one.content for one in sandbox() if classify(one.name).kind in kinds))


def ta1() -> list[bytes]:
    """TA1 alone and before a 999."""
    answer = "TA1*000000042*260306*0915*R*025~"
    alone = [interchange(before=answer), interchange(before=answer, number=1) + interchange(before=answer, number=2)]
    return [one.encode() for one in alone] + acknowledgements()


def acknowledgements() -> list[bytes]:
    """999, accepted and refused."""
    return _files("acknowledgements/*.999") + _sandbox(ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)


def statuses() -> list[bytes]:
    """277CA and 277."""
    return _files("status/*.277") + _sandbox(ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA, ResponseKind.STATUS_277)


def remittances() -> list[bytes]:
    """835 of both versions."""
    return _files("remits/*.835") + _sandbox_remittances()


def _sandbox_remittances() -> list[bytes]:
    return [open_era_zip(one).remittance() for one in _sandbox(ResponseKind.REMITTANCE_5010)]


def sandbox_x12() -> list[bytes]:
    """Return all that the sandbox writes in X12."""
    kinds = ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999, ResponseKind.STATUS_277
    return _sandbox(*kinds, ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA) + _sandbox_remittances()


def archives() -> list[bytes]:
    """Pack 835s, and take those the sandbox packed with their print reports."""
    made = [zipped({"1_ERA_835_5010_20260312.835": one}) for one in _files("remits/*.835")]
    return made + _sandbox(ResponseKind.REMITTANCE_5010)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def claims() -> list[bytes]:
    """837P of every scenario."""
    return _files("*/claim.837p") + _files("*.837p")


def file_summaries() -> list[bytes]:
    """File Summaries, and the report of a file that failed."""
    return _files("acknowledgements/FS_*") + _sandbox(ResponseKind.FILE_SUMMARY, ResponseKind.ERROR_REPORT)


def edi_statuses() -> list[bytes]:
    """EDI Status reports."""
    return _files("edi_status/report.txt") + _sandbox(ResponseKind.EDI_STATUS)


def print_images() -> list[bytes]:
    """Forms as they are sent: the samples are kept with line feeds."""
    feed = FORM_FEED.encode()
    return [one.replace(feed + b"\n", feed).replace(b"\n", b"\r\n") for one in _files("*/claim.form.txt")]


def names() -> list[bytes]:
    """Names of answers and of uploads."""
    invented = ["FS_HCFA_1100000001_ErrorReport.txt", "1100000001_ERA_STATUS_4010_20260312.zip", "x_HCFA_FULL_1.txt"]
    return [name.encode() for name in dict.fromkeys([*(one.name for one in sandbox()), LIVE_NAME, *invented])]


def x12() -> list[bytes]:
    """Every file that is X12."""
    return [*ta1(), *statuses(), *remittances(), *claims()]


def everything() -> list[bytes]:
    """Every file that may come or go, of each kind a few."""
    kinds: Iterable[list[bytes]] = (
        ta1(), acknowledgements(), statuses(), remittances(), claims(), file_summaries(), edi_statuses(), archives(),
    )  # fmt: skip
    return [one for files in kinds for one in files[::3]]


def kept(reader: str, raw: bytes) -> Path:
    """Keep what broke a reader, and return where."""
    path = FOUND / f"{reader}-{hashlib.sha256(raw).hexdigest()[:12]}"
    path.write_bytes(raw)
    return path
