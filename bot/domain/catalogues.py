"""The closed lists of the process: workloads, languages, regions and the other codes with their labels."""

from collections.abc import Mapping

WORKLOADS: Mapping[str, str] = {
    "AADP_P1": "Entra ID P1 (AADP P1)",
    "AADP_P2": "Entra ID P2 (AADP P2)",
    "OATP_P1": "Defender for Office 365 P1 (OATP P1)",
    "OATP_P2": "Defender for Office 365 P2 (OATP P2)",
    "MDATP": "Defender for Endpoint (MDATP)",
    "AIP_P1": "Purview Information Protection P1 (AIP P1)",
    "AIP_P2": "Purview Information Protection P2 (AIP P2)",
    "MIG_P1": "Purview Data Lifecycle Management P1 (MIG P1)",
    "MIG_P2": "Purview Data Lifecycle Management P2 (MIG P2)",
    "MCAS": "Defender for Cloud Apps (MCAS)",
    "AATP": "Defender for Identity (AATP)",
    "EXCHANGE": "Exchange Online",
    "SHAREPOINT": "SharePoint Online",
    "ONEDRIVE": "OneDrive",
    "TEAMS": "Teams",
    "AUDIO_CONFERENCING": "Audio Conferencing",
    "INTUNE": "Intune",
    "M365_APPS": "Microsoft 365 Apps",
    "YAMMER": "Viva Engage (Yammer)",
    "WINDOWS": "Windows",
}

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt-BR": "Portuguese (Brazil)",
    "es": "Spanish",
    "th": "Thai",
    "vi": "Vietnamese",
    "zh-Hans": "Chinese (Simplified)",
    "zh-Hant": "Chinese (Traditional)",
}

REGIONS: Mapping[str, str] = {
    "AMER": "Americas",
    "APJ": "Asia Pacific and Japan",
    "EMEA": "Europe, Middle East and Africa",
}

SEGMENTS: Mapping[str, str] = {"SMC": "Small, medium and corporate (SMC)", "Enterprise": "Enterprise"}

DELIVERY_TEAMS: Mapping[str, str] = {"FTP Partner": "FTP Partner"}

SME_ROLES: Mapping[str, str] = {
    "engineer": "FastTrack Engineer SME",
    "migration": "FastTrack Migration Resource",
}

TOPICS: Mapping[str, str] = {
    "escalation": "Complex issue or escalation",
    "coaching": "Delivery coaching for a workload",
    "adoption": "Business value and adoption conversations",
    "unblocking": "Unblocking a workload",
    "development": "Partner development for a new workload",
    "best_practice": "Best practice guidance",
    "migration": "FastTrack migration benefit",
}

EMAIL_SOURCES: Mapping[str, str] = {
    "exchange": "Exchange on premises",
    "hosted_exchange": "Hosted Exchange",
    "google": "Google Workspace",
    "lotus_notes": "Lotus (HCL) Notes",
    "groupwise": "GroupWise",
    "imap": "IMAP server",
    "other": "Another source",
}

DENY_REASONS: Mapping[str, str] = {
    "insufficient_information": "Not enough information",
    "repeated_topic": "Repeated topic",
    "out_of_scope": "Out of scope",
    "self_deploy": "Self-deployment guidance covers it",
    "not_eligible": "Not eligible",
    "duplicate": "Duplicate of another request",
    "other": "Another reason",
}
