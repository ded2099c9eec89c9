"""What differs between what was recorded of real orgs and what the local org answers, each with its reason.

The tests hold these lists exact: a difference that is new fails, and so does one that is gone.
"""

LEFT_OUT = {
    "no JSON": "the owner of the recording cut the body out",
    "ManualEdit": "the owner of the recording wrote the bodies by hand, partly",
    "/connect/": "Connect is not emulated",
}

_SETTINGS = "a setting of the recorded org's setup, of which the local org has nothing"
_SETTING_FIELDS = (
    *("ComplianceBccEmail", "DefaultAccountAccess", "DefaultCalendarAccess", "DefaultCampaignAccess"),
    *("DefaultCaseAccess", "DefaultContactAccess", "DefaultLeadAccess", "DefaultOpportunityAccess"),
    *("DefaultPricebookAccess", "DelegatedAuthenticationServiceUrl", "IsReadOnly", "MonthlyPageViewsEntitlement"),
    *("MonthlyPageViewsUsed", "NumKnowledgeService", "PreferencesAutoSelectIndividualOnMerge"),
    *("PreferencesConsentManagementEnabled", "PreferencesLightningLoginEnabled", "PreferencesOnlyLLPermUserAllowed"),
    *("PreferencesRequireOpportunityProducts", "PreferencesTerminateOldestSession"),
    *("PreferencesTransactionSecurityPolicy", "ReceivesAdminInfoEmails", "ReceivesInfoEmails"),
    *("SignupCountryIsoCode", "UiSkin", "UsesStartDateAsFiscalYearName", "WebToCaseDefaultOrigin"),
)
PAIR_DIFFERENCES = {
    f"TestSnowfakery.test_run_until_records_in_org__multiple_needed#1 $.{name}: only recorded": _SETTINGS
    for name in _SETTING_FIELDS
}

_OLDER = "recorded before this key was in the describe"
_URLS = "a resource that the local org does not have"
_ORG = "a field of the recorded org or of a package in it; a schema folder brings such fields here too"
_FEATURE = "a field of a feature that the local org does not have: partners, D&B, privacy, campaigns, forecasts"
_PERSONS = "the recorded org has person accounts, whose name is compound"
_SIZES = "a field without a like: what follows from a type elsewhere does not follow for it"
DESCRIBE_DIFFERENCES = {
    **{
        f"{name} {key}: only ours": _OLDER
        for name in ("Account", "Case")
        for key in ("associateEntityType", "associateParentEntity", "sobjectDescribeOption")
    },
    "Account $.urls.defaultValues: only recorded": _URLS,
    "Case $.urls.caseArticleSuggestions: only recorded": _URLS,
    "Case $.urls.caseRowArticleSuggestions: only recorded": _URLS,
    "Case $.urls.defaultValues: only recorded": _URLS,
    "Account field History__c: only recorded": _ORG,
    "Account field Primary_Contact__c: only recorded": _ORG,
    "Account field RecordTypeId: only recorded": "the recorded org has record types of accounts",
    "Account field ns__Description__c: only recorded": _ORG,
    "Account field ns__LinkedAccount__c: only recorded": _ORG,
    "Account field ChannelProgramLevelName: only recorded": _FEATURE,
    "Account field ChannelProgramName: only recorded": _FEATURE,
    "Account field DandbCompanyId: only recorded": _FEATURE,
    "Account field IsCustomerPortal: only recorded": _FEATURE,
    "Account field IsPartner: only recorded": _FEATURE,
    "Account field OperatingHoursId: only recorded": _FEATURE,
    "Contact field IndividualId: only recorded": _FEATURE,
    "Lead field DandbCompanyId: only recorded": _FEATURE,
    "Lead field IndividualId: only recorded": _FEATURE,
    "Opportunity field CampaignId: only recorded": _FEATURE,
    "Opportunity field HasOpenActivity: only recorded": _FEATURE,
    "Opportunity field HasOverdueTask: only recorded": _FEATURE,
    "Opportunity field LastAmountChangedHistoryId: only recorded": _FEATURE,
    "Opportunity field LastCloseDateChangedHistoryId: only recorded": _FEATURE,
    "Account field Name: compoundFieldName 'Name', ours None": _PERSONS,
    "Case field Comments: aggregatable True, ours False": _SIZES,
    "Case field Comments: byteLength 4000, ours 12000": _SIZES,
    "Case field Comments: sortable True, ours False": _SIZES,
    "Opportunity field Fiscal: byteLength 6, ours 18": _SIZES,
}

_CUT = "the owner of the recording took the prefix out: the same org's describe has it"
GLOBAL_DIFFERENCES = {
    "$.sobjects[].keyPrefix: null or text, ours text": _CUT,
    "Event.keyPrefix: None, ours '00U'": _CUT,
    "Lead.keyPrefix: None, ours '00Q'": _CUT,
    "Event.mergeable: True, ours False": "no call of the API merges events",
    "$.sobjects[].urls.caseArticleSuggestions: only recorded": _URLS,
    "$.sobjects[].urls.caseRowArticleSuggestions: only recorded": _URLS,
    "$.sobjects[].urls.namedLayouts: only recorded": _URLS,
    "$.sobjects[].urls.passwordUtilities: only recorded": _URLS,
}
