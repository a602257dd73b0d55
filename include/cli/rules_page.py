"""The page of the rule book, printed from the rules themselves: what is asked, what to do, and who says so."""

from itertools import groupby

from include.claims.code_list_files import COLUMNS
from include.claims.scrub import RULES
from include.claims.scrutiny import INFERRED, PROFILE, Rule

_CHAPTERS = {
    "rules_insured": "Who is insured, who is treated, who pays",
    "rules_coordination": "Other payers",
    "rules_claim": "The claim as a whole",
    "rules_lines": "The service lines",
    "rules_billing": "Who bills, who gave the service, where",
    "rules_payer": "What one payer wants",
    "rules_sessions": "Beside other claims",
    "rules_enrollment": "What the payer has consented to",
}


def rules_page() -> str:
    """Return the page."""
    chapters = [
        part for module, rules in groupby(RULES, key=_module_of) for part in _chapter(_CHAPTERS[module], list(rules))
    ]
    return "\n".join(
        [*_HEAD, *chapters, *_LISTS, *[f"| `{name}` | {', '.join(c)} |" for name, c in COLUMNS.items()], ""]
    )


def _module_of(rule: Rule) -> str:
    return rule.check.__module__.rpartition(".")[2]


def _chapter(title: str, rules: list[Rule]) -> list[str]:
    return [
        f"## {title}",
        "",
        "| rule | by itself | asks | where | remedy | source |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{rule.name}` | {'blocks' if rule.blocks else 'warns'} | {_asks(rule)} | {rule.place} | {rule.remedy} |"
            f" {rule.source} |"
            for rule in rules
        ),
        "",
    ]


def _asks(rule: Rule) -> str:
    return (rule.check.__doc__ or "").partition("\n")[0].removeprefix("Check: ").rstrip(".")


_HEAD = [
    "# The rule book",
    "",
    f"Printed from `include/claims/rules_*.py` by `make docs`: {len(RULES)} rules, asked in one pass, all faults of a",
    "claim said at once.",
    "",
    f"A rule with a published source blocks: the claim is HELD until the source mends it. One we *{INFERRED}* warns,",
    f"and so does a limit a claim may pass with good reason. One of *{PROFILE}* asks only what the profile says",
    "([payer-profiles.md](payer-profiles.md)), whose table `severity` raises a rule (`block`), lowers it (`warn`) or",
    "silences it (`off`), by name. A rule that lacks facts is listed under `not_checked`; it never passes silently.",
    "",
]
_LISTS = [
    "## Code lists you mount",
    "",
    "Licensed, long or changing lists are yours: CSV files with a header, in the folder behind the Airflow connection",
    '`claims_rules` (type `fs`, extra `{"path": "rules"}`), or in the folder of `--lists`. A list that is not there is',
    "not asked; one that is wrong stops everything, with its row named. Beside them lies `payers.toml`.",
    "Diagnoses are looked up where the extra `simple-icd-10-cm` is installed and the connection's extra says",
    '`"icd": true` (`--icd` in a shell); the list takes 180 MB of memory once it is asked.',
    "",
    "| file | columns |",
    "| --- | --- |",
]
