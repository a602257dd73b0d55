"""What files are called on the way to Office Ally and back."""

import pytest

from include.claims.errors import NotAllowed
from include.claims.states import Usage
from include.officeally.names import (
    FileFormat,
    ResponseKind,
    ResponseName,
    check_upload_name,
    classify,
    upload_name,
    usage_of,
)

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("file_format", "usage", "name"),
    [
        (FileFormat.X12, Usage.LIVE, "CC000042.837P.txt"),
        (FileFormat.X12, Usage.TEST, "CC000042.OATEST.837P.txt"),
        (FileFormat.PRINT_IMAGE, Usage.LIVE, "CC000042.HCFA.txt"),
        (FileFormat.PRINT_IMAGE, Usage.TEST, "CC000042.OATEST.HCFA.txt"),
    ],
)
def test_an_upload_is_named_by_number_and_keywords(file_format, usage, name):
    """A batch's name is its number with the keywords its format and usage need, and passes its own check."""
    assert name == upload_name(number=42, usage=usage, keyword=file_format.keyword)
    assert usage is usage_of(name)
    check_upload_name(name, usage, file_format)


@pytest.mark.parametrize("number", [1, 999_999, 1_000_000, 123_456_789])
@pytest.mark.parametrize("usage", list(Usage))
@pytest.mark.parametrize("file_format", list(FileFormat))
def test_no_number_makes_a_name_of_the_other_usage(number, usage, file_format):
    """However high the number, a live name never says OATEST and a test name always does."""
    name = upload_name(number=number, usage=usage, keyword=file_format.keyword)

    check_upload_name(name, usage, file_format)


@pytest.mark.parametrize(
    ("name", "usage", "rule"),
    [
        ("CC000042.837P.txt", Usage.TEST, "must contain OATEST"),
        ("CC000042.OATEST.837P.txt", Usage.LIVE, "must never contain OATEST"),
        ("CC000042.oatest.837P.txt", Usage.LIVE, "must never contain OATEST"),
        ("CC000042.OA_TEST.837P.txt", Usage.TEST, "must contain OATEST"),
        ("CC000042.txt", Usage.LIVE, "must contain 837P"),
        ("000042_837P.txt", Usage.LIVE, "a letter first"),
        ("CC 42.837P.txt", Usage.LIVE, "only A-Z"),
        ("../CC000042.837P.txt", Usage.LIVE, "only A-Z"),
    ],
)
def test_a_wrong_name_may_not_leave(name, usage, rule):
    """A name that the clearinghouse would misread is refused before anything is sent."""
    with pytest.raises(NotAllowed, match=rule):
        check_upload_name(name, usage, FileFormat.X12)
    with pytest.raises(NotAllowed, match=rule.replace("837P", "HCFA")):
        check_upload_name(name.replace("837P", "HCFA"), usage, FileFormat.PRINT_IMAGE)


@pytest.mark.parametrize(
    ("file_format", "name"), [(FileFormat.X12, "CC42.837P.HCFA.txt"), (FileFormat.PRINT_IMAGE, "CC42.hcfa.837p.txt")]
)
def test_no_name_says_two_formats(file_format, name):
    """A name with the other format's keyword could be read as that format."""
    with pytest.raises(NotAllowed, match="must never contain"):
        check_upload_name(name, Usage.LIVE, file_format)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("FS_HCFA_443130028_IN_C.txt", ResponseName(kind=ResponseKind.FILE_SUMMARY, file_id="443130028")),
        ("fs_hcfa_1026347812_in_c.TXT", ResponseName(kind=ResponseKind.FILE_SUMMARY, file_id="1026347812")),
        ("FS_HCFA_1026347812_ErrorReport.txt", ResponseName(kind=ResponseKind.ERROR_REPORT, file_id="1026347812")),
        ("959057527_EDI_STATUS_20260306.txt", ResponseName(kind=ResponseKind.EDI_STATUS, file_id="959057527")),
        ("1026347812_EDI_STATUS_HCFA_20260306.277", ResponseName(kind=ResponseKind.STATUS_277, file_id="1026347812")),
        (
            "exampleuser_1026347812_HCFA_277ca_20260306.txt",
            ResponseName(kind=ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA, file_id="1026347812"),
        ),
        (
            "1026347812_CC000042.837P_277ca.277",
            ResponseName(kind=ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA, file_id="1026347812", our_stem="CC000042.837P"),
        ),
        (
            "1026347812_CC000042.837P_277(ca).txt",
            ResponseName(kind=ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA, file_id="1026347812", our_stem="CC000042.837P"),
        ),
        (
            "443130028_CC000042.OATEST.837P_999.999",
            ResponseName(
                kind=ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999,
                file_id="443130028",
                our_stem="CC000042.OATEST.837P",
            ),
        ),
        (
            "1026347812_ERA_STATUS_5010_20260306.zip",
            ResponseName(kind=ResponseKind.REMITTANCE_5010, file_id="1026347812"),
        ),
        (
            "443130028_ERA_STATUS_4010_20260306.zip",
            ResponseName(kind=ResponseKind.REMITTANCE_4010, file_id="443130028"),
        ),
        ("something_HCFA_FULL_1.txt", ResponseName(kind=ResponseKind.HCFA_FULL)),
        ("FS_HCFA_4431_IN_C.txt", ResponseName(kind=ResponseKind.UNKNOWN)),
        ("newsletter.pdf", ResponseName(kind=ResponseKind.UNKNOWN)),
        ("", ResponseName(kind=ResponseKind.UNKNOWN)),
    ],
)
def test_a_response_is_known_by_its_name(name, expected):
    """Every form seen is recognised with ids of nine and ten digits in any case; any other name is UNKNOWN."""
    assert expected == classify(name)
