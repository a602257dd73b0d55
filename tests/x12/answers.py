"""Answers of an invented receiver, written segment by segment with right counts."""

ISA = "ISA*00*          *00*          *ZZ*330897513      *ZZ*731234567      *260306*0930*^*00501*{number:09d}*0*P*:"


def interchange(*groups: str, number: int = 42, before: str = "") -> str:
    """Return an interchange around groups, with what stands in front of them."""
    return f"{ISA.format(number=number)}~{before}{''.join(groups)}IEA*{len(groups)}*{number:09d}~"


def group(*sets: str, number: int = 184911116, kind: str = "FA", guide: str = "005010X231A1") -> str:
    """Return a group around sets."""
    head = f"GS*{kind}*330897513*731234567*20260306*0930*{number}*X*{guide}~"
    return f"{head}{''.join(sets)}GE*{len(sets)}*{number}~"


def a_set(*segments: str, number: str = "0001", kind: str = "999", guide: str = "005010X231A1") -> str:
    """Return a set around segments, counted."""
    body = "".join(f"{segment}~" for segment in segments)
    return f"ST*{kind}*{number}*{guide}~{body}SE*{len(segments) + 2}*{number}~"


def an_answer(*segments: str, ta1: str = "") -> str:
    """Return a 999 of one group and set."""
    return interchange(group(a_set(*segments)), before=ta1)
