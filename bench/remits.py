"""
An 835 read into claims with every amount, and added up three times, beside readers of other people.

They do less: oxedi fills tables in Rust and adds up, its amounts stay there; pyx12 checks the guide's map and keeps
nothing; openx12 makes dictionaries with floats; the two of JavaScript cut segments. Claims have one to three lines of
different rates, units and shares, as a contract gives them: some thousand different amounts, over and over.
"""

import json
import random
import shutil
import subprocess
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import Case, Elsewhere
from include.claims.balances import of_claim, of_payment
from include.claims.remittance import ClaimPayment, Payment
from include.x12.read_835 import read_835

TITLE = "835 reading with all amounts and balances, one set, one thread"

_HERE = Path(__file__).parent
_OUT = _HERE / "out"
_SERVICES = ("97153:HM", "97155:HO", "97156:HO", "97154", "97151:HO", "H2019")
_RATES = (1500, 3000, 2750, 900, 3300, 1400)  # cents a unit
_PERCENT_ALLOWED = (62, 70, 75, 80, 85, 91)
_CHUNK = 1 << 16


def remittance(size: int) -> Iterator[str]:
    """Yield an 835 of so many claims, which adds up: first its head, then claim by claim, then its tail."""
    draw = random.Random(835)
    paid, segments = 0, 12
    for number in range(size):
        paid += _claim(number, draw)[1]
    yield (
        "ISA*00*          *00*          *ZZ*330897513      *ZZ*BRIGHTHARBOR   *260320*0930*^*00501*000000042*0*P*:~"
        "GS*HP*330897513*BRIGHTHARBOR*20260320*0930*42*X*005010X221A1~ST*835*0001~"
        f"BPR*I*{_money(paid)}*C*CHK************20260320~TRN*1*CHECK1*1512345678~DTM*405*20260319~"
        "N1*PR*EXAMPLE HEALTH PLAN*XV*12345~N3*1 EXAMPLE WAY~N4*PORTLAND*OR*972010001~PER*BL*DESK*TE*5035550100~"
        "N1*PE*BRIGHT HARBOR ABA LLC*XX*1003000126~REF*TJ*731234567~LX*1~"
    )
    draw = random.Random(835)
    for number in range(size):
        text, _ = _claim(number, draw)
        segments += text.count("~")
        yield text
    yield f"SE*{segments}*0001~GE*1*42~IEA*1*000000042~"


def _claim(number: int, draw: random.Random) -> tuple[str, int]:
    charged = paid = share = 0
    lines = []
    for line in range(draw.choice((1, 2, 2, 3))):
        service, units = draw.randrange(len(_SERVICES)), draw.randint(1, 32)
        charge = _RATES[service] * units
        allowed = charge * draw.choice(_PERCENT_ALLOWED) // 100
        owed = draw.choice((0, 0, 1, 2)) * allowed // 10
        lines.append(
            f"SVC*HC:{_SERVICES[service]}*{_money(charge)}*{_money(allowed - owed)}**{units}~"
            f"DTM*472*202603{draw.randint(1, 28):02d}~CAS*CO*45*{_money(charge - allowed)}~"
            f"{f'CAS*PR*2*{_money(owed)}~' if owed else ''}REF*6R*CN{number:012d}L{line:02d}~AMT*B6*{_money(allowed)}~"
        )
        charged, paid, share = charged + charge, paid + allowed - owed, share + owed
    head = (
        f"CLP*CN{number:012d}*1*{_money(charged)}*{_money(paid)}*{_money(share)}*12*ICN{number:011d}*12*1~"
        f"NM1*QC*1*EXAMPLE{number}*TESTINA****MI*XYZ{number:09d}~NM1*82*1*TESTO*RENDA****XX*1881000018~"
        "REF*1L*GROUP7~DTM*232*20260301~DTM*233*20260331~DTM*050*20260406~"
    )
    return head + "".join(lines), paid


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}" if cents % 100 else str(cents // 100)


def _file(size: int) -> Path:
    """Return the file of so many claims, written once."""
    path = _OUT / f"remittance_{size}.835"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as out:
            out.writelines(remittance(size))
    return path


def _chunks(path: Path) -> Iterator[str]:
    with path.open() as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _ours(size: int) -> Callable[[], object]:
    path = _file(size)

    def work() -> object:
        findings = 0
        payment: Payment | None = None
        for one in read_835(_chunks(path)):
            if isinstance(one, ClaimPayment):
                findings += len(of_claim(one))
            elif isinstance(one, Payment):
                payment = one
            elif payment is not None:
                findings += len(of_payment(payment, one))
        assert findings == 0
        return findings

    return work


def _oxedi(size: int) -> Callable[[], object]:
    import oxedi

    path = _file(size)

    def work() -> object:
        result = oxedi.parse(path.read_bytes())
        assert result.diagnostics == []
        return result.sum_payments()

    return work


def _pyx12(size: int) -> Callable[[], object]:
    import io

    import pyx12.params
    import pyx12.x12n_document

    path = _file(size)
    return lambda: pyx12.x12n_document.x12n_document(
        pyx12.params.params(), io.StringIO(path.read_text()), fd_997=None, fd_html=None
    )


_OPENX12 = """
import json, resource, sys, time
from openx12 import x835
text = open(sys.argv[1]).read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seconds = []
for _ in range(int(sys.argv[2])):
    started = time.process_time()
    x835.parse(text)
    seconds.append(time.process_time() - started)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": min(seconds), "peak": peak, "growth": peak - before}))
"""


def _openx12(size: int) -> Callable[[], object]:
    """Run it in an environment of its own: it is no dependency of ours."""
    path, home = _file(size), _OUT / "openx12"
    if not home.exists():
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", "openx12==0.2.1"], check=True)
    return lambda: _elsewhere(home / "bin" / "python", "-c", _OPENX12, path, "3" if size <= 10_000 else "1")


def _javascript(library: str) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        path, folder = _file(size), _OUT / "node"
        name, _version = library.split("@")
        if not (folder / "node_modules" / name).is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), library]
            subprocess.run(install, check=True)
        script = shutil.copy(_HERE / "read_835.cjs", folder)
        return lambda: _elsewhere("node", script, name, path, size)

    return prepare


def _elsewhere(*command: object) -> Elsewhere:
    done = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
    return Elsewhere(**json.loads(done.stdout))


_SIZES = (5_000, 100_000)
_THREE_HUNDRED_MB = 745_000
CASES = (
    Case(name="Claim Courier, added up", sizes=(*_SIZES, _THREE_HUNDRED_MB), prepare=_ours),
    Case(name="oxedi, added up, kept in tables", sizes=_SIZES, prepare=_oxedi),
    Case(name="pyx12, checked", sizes=_SIZES[:1], prepare=_pyx12),
    Case(name="openx12, as dictionaries", sizes=_SIZES, prepare=_openx12),
    *(
        (
            Case(name="x12-parser, segments", sizes=_SIZES, prepare=_javascript("x12-parser@1.3.0")),
            Case(name="node-x12, segments", sizes=_SIZES[:1], prepare=_javascript("node-x12@1.7.1")),
        )
        if shutil.which("npm")
        else ()
    ),
)
