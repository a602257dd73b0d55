"""
A print image as the clearinghouse's map sees it: by row and column, and nothing else.

Written apart from the product's own reader and its table of fields on purpose: two readers that share their mistakes
prove nothing. Places are those of grid A, counted from 1; the NUCC grid is a shift but for the payer.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from include.claims.errors import BadFile
from include.sandbox.payers import PayerList
from include.sandbox.upload import Line, Party, Upload, UploadedClaim, UploadedSet, amount

_LINES: Final = 66

_SHIFTS: Final = {"A": (0, 0), "NUCC": (2, 3)}
_PAYERS: Final = {"A": (2, 41, 35), "NUCC": (4, 47, 35)}
"""Line, column and width of the payer's name in each grid."""

GRIDS: Final = tuple(_SHIFTS)

_MEMBER_ID: Final = (8, 50, 29)  # 1a
_PATIENT: Final = (10, 1, 28)  # 2
_PATIENT_BIRTH: Final = (10, 31, 10)  # 3
_INSURED: Final = (10, 50, 29)  # 4
_IS_SELF: Final = (12, 33, 1)  # 6
_INSURED_STREET: Final = (12, 50, 29)  # 7
_INSURED_CITY: Final = (14, 50, 23)  # 7
_INSURED_BIRTH: Final = (20, 53, 10)  # 11a
_DIAGNOSES: Final = tuple((38 + n // 4, 3 + 13 * (n % 4), 7) for n in range(12))  # 21
_FREQUENCY: Final = (38, 50, 11)  # 22
_TAX_ID: Final = (56, 1, 15)  # 25
_ACCOUNT: Final = (56, 23, 14)  # 26
_TOTAL: Final = (56, 51, 9)  # 28
_BILLING: Final = ((58, 50, 29), (59, 50, 29), (60, 50, 29))  # 33: name, street, city
_BILLING_NPI: Final = (61, 50, 10)  # 33a

_FIRST_SERVICE: Final = 44
_SERVICES: Final = 6

_AMOUNT = re.compile(r"(\d+) (\d\d)")

Place = tuple[int, int, int]


def is_whole(content: bytes) -> bool:
    """Tell whether every form has its 66 lines; a file that was cut between two forms looks whole too."""
    return all(map(_is_form, _sheets(content)))


def read_forms(content: bytes, grid: str, payers: PayerList) -> Upload:
    """
    Return the claims of the whole forms of a file, in one set that no X12 made.

    Raises BadFile with `code - words` where the file as a whole fails.
    """
    sheets = _sheets(content)
    whole = sheets if _is_form(sheets[-1]) else sheets[:-1]
    if not whole or not all(map(_is_form, whole)):
        raise BadFile(f"FF15 - NOT A PRINT IMAGE: A FORM HAS {_LINES} LINES THAT END IN CR LF")
    forms = [_Form(sheet, grid) for sheet in whole]
    for number, form in enumerate(forms, start=1):
        if not form.account:
            raise BadFile(f"FF16 - FORM {number} HAS NO PATIENT ACCOUNT NUMBER WHERE THE MAP HAS ITEM 26")
    claims = [_claim(list(same), payers) for _, same in groupby(forms, key=lambda form: form.account)]
    one_set = UploadedSet(control_number="", version="", closed=True, claims=claims)
    return Upload(sets=[one_set], complete=whole == sheets)


def _sheets(content: bytes) -> list[str]:
    return content.decode("ascii", errors="replace").split("\f")


def _is_form(sheet: str) -> bool:
    return sheet.count("\r\n") == _LINES and sheet.endswith("\r\n")


class _Form:
    """One sheet, asked by place."""

    def __init__(self, sheet: str, grid: str) -> None:
        self._rows = sheet.split("\r\n")
        self._down, self._right = _SHIFTS[grid]
        self.payer = self._cut(_PAYERS[grid])
        self.account = self.at(_ACCOUNT)

    def at(self, place: Place) -> str:
        """Return what stands at a place of grid A."""
        line, column, width = place
        return self._cut((line + self._down, column + self._right, width))

    def services(self) -> list[Line]:
        """Return the service lines."""
        return [line for n in range(_SERVICES) if (line := self._service(_FIRST_SERVICE + 2 * n)).procedure]

    def rendering_npi(self) -> str:
        """Return item 24J of the first line."""
        return self.at((_FIRST_SERVICE, 68, 10))

    def _service(self, row: int) -> Line:
        codes = [self.at((row, column, width)) for column, width in ((25, 6), (33, 2), (36, 2), (39, 2), (42, 2))]
        first, last = (_short_day(self.at((row, column, 8))) for column in (1, 10))
        return Line(
            procedure=":".join(filter(None, codes)),
            charge=_dollars(self.at((row, 50, 8))),
            units=self.at((row, 59, 3)),
            pointers=self.at((row, 45, 4)),
            day=first if first == last else f"{first}-{last}",
        )

    def _cut(self, place: Place) -> str:
        line, column, width = place
        row = self._rows[line - 1] if line <= len(self._rows) else ""
        return row[column - 1 : column - 1 + width].strip()


def _claim(forms: Sequence[_Form], payers: PayerList) -> UploadedClaim:
    first = forms[0]
    # Where the claim's total stands on its last form alone, the others hold a word there, which is no amount.
    total = sum(amount(_dollars(form.at(_TOTAL))) for form in forms)
    name, street, city = map(first.at, _BILLING)
    insured = _person(first.at(_INSURED))
    insured.id, insured.birth_date = first.at(_MEMBER_ID), _day(first.at(_INSURED_BIRTH))
    insured.street, insured.city = first.at(_INSURED_STREET), first.at(_INSURED_CITY)
    patient = _person(first.at(_PATIENT))
    patient.birth_date = _day(first.at(_PATIENT_BIRTH))
    return UploadedClaim(
        control_number=first.account,
        charge=str(total),
        frequency=first.at(_FREQUENCY) or "1",
        billing=Party(last=name, id=first.at(_BILLING_NPI), street=street, city=city),
        tax_id=first.at(_TAX_ID),
        subscriber=insured,
        payer=Party(last=first.payer, id=payers.id_of(first.payer)),
        patient=None if first.at(_IS_SELF) else patient,
        rendering_npi=first.rendering_npi(),
        diagnoses=[code for code in map(first.at, _DIAGNOSES) if code],
        lines=[line for form in forms for line in form.services()],
    )


def _person(text: str) -> Party:
    last, _, given = text.partition(", ")
    return Party(last=last, first=given.partition(", ")[0])


def _dollars(text: str) -> str:
    """Return `240 00` as 240.00; anything else as it is."""
    return _AMOUNT.sub(r"\1.\2", text) if _AMOUNT.fullmatch(text) else text


def _day(text: str) -> str:
    month, _, rest = text.partition(" ")
    day, _, year = rest.partition(" ")
    return f"{year}{month}{day}"


def _short_day(text: str) -> str:
    return f"20{_day(text)}" if text else ""
