"""The closed lists hold the codes of the process and no others; typed by hand."""

import pytest

from bot.domain import catalogues
from bot.domain.fields import BY_KEY, FIELDS, PAGES


@pytest.mark.parametrize(
    ("catalogue", "codes"),
    [
        (
            catalogues.WORKLOADS,
            """AADP_P1 AADP_P2 OATP_P1 OATP_P2 MDATP AIP_P1 AIP_P2 MIG_P1 MIG_P2 MCAS AATP
            EXCHANGE SHAREPOINT ONEDRIVE TEAMS AUDIO_CONFERENCING INTUNE M365_APPS YAMMER WINDOWS""",
        ),
        (catalogues.LANGUAGES, "en fr de it ja ko pt-BR es th vi zh-Hans zh-Hant"),
        (catalogues.REGIONS, "AMER APJ EMEA"),
        (catalogues.SEGMENTS, "SMC Enterprise"),
        (catalogues.SME_ROLES, "engineer migration"),
        (catalogues.TOPICS, "escalation coaching adoption unblocking development best_practice migration"),
        (catalogues.EMAIL_SOURCES, "exchange hosted_exchange google lotus_notes groupwise imap other"),
        (
            catalogues.DENY_REASONS,
            "insufficient_information repeated_topic out_of_scope self_deploy not_eligible duplicate other",
        ),
    ],
)
def test_a_catalogue_has_the_codes_of_the_process_in_their_order(catalogue, codes):
    assert list(catalogue) == codes.split()
    assert all(catalogue.values())


def test_the_delivery_team_is_the_one_choice():
    assert list(catalogues.DELIVERY_TEAMS) == ["FTP Partner"]


def test_the_field_catalogue_has_every_field_of_the_process_once():
    assert {
        field.id: field.key
        for field in FIELDS
        if field.key not in {"email_source_other", "exception_reason", "fpm_other"}
    } == {
        "F1": "tenant_id",
        "F2": "tenant_name",
        "F3": "tenant_segment",
        "F4": "seat_count",
        "F5": "delivery_team",
        "F6": "partner_name",
        "F7": "region",
        "F8": "contact_email",
        "F9": "role",
        "F10": "workload",
        "F11": "primary_language",
        "F12": "secondary_language",
        "F13": "fpm",
        "F14": "justification",
        "F15": "notes",
        "F16": "email_source",
        "F17": "topic",
    }
    assert len(BY_KEY) == len(FIELDS) == 20
    assert {field.page for field in FIELDS} == {page.key for page in PAGES}
    assert all(field.label and field.rule for field in FIELDS)


def test_migration_information_governance_is_never_called_migration():
    for code in ("MIG_P1", "MIG_P2"):
        assert "igration" not in catalogues.WORKLOADS[code]
