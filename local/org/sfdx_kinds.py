"""The kinds of metadata files: which change what a save does and are not enforced, and which change no record."""

PART_BY_SUFFIX = {
    ".sharingReason": "sharing reason",
    ".index": "custom index",
}
"""Parts of an object that are not enforced, by the ending of their files in source format."""
PART_BY_TAG = {
    "sharingReasons": "sharing reason",
}
"""The same parts inside of an object's file, as metadata format has them."""
NOT_ENFORCED = {
    ".trigger": "Apex trigger",
    ".cls": "Apex class",
    ".flow": "flow",
    ".flowDefinition": "flow definition",
    ".workflow": "workflow",
    ".approvalProcess": "approval process",
    ".assignmentRules": "assignment rule file",
    ".autoResponseRules": "auto-response rule file",
    ".escalationRules": "escalation rule file",
    ".sharingRules": "sharing rule file",
    ".restrictionRule": "restriction rule",
    ".profile": "profile",
    ".permissionsetgroup": "permission set group",
    ".mutingpermissionset": "muting permission set",
    ".transactionSecurityPolicy": "transaction security policy",
    ".entitlementProcess": "entitlement process",
    ".platformEventSubscriberConfig": "platform event subscriber",
    ".platformEventChannelMember": "channel member",
    ".namedCredential": "named credential",
}
"""Metadata that would change what a save does or who may do it."""
WITHOUT_EFFECT = frozenset(
    {
        *(".layout", ".listView", ".compactLayout", ".webLink", ".fieldSet", ".quickAction", ".flexipage", ".app"),
        *(".tab", ".page", ".component", ".cmp", ".evt", ".design", ".auradoc", ".intf", ".tokens", ".js", ".css"),
        *(".html", ".svg", ".resource", ".report", ".reportType", ".reportFolder", ".dashboard", ".dashboardFolder"),
        *(".translation", ".objectTranslation", ".fieldTranslation", ".globalValueSetTranslation", ".letter"),
        *(".standardValueSetTranslation", ".email", ".emailFolder", ".document", ".documentFolder", ".homePageLayout"),
        *(".homePageComponent", ".pathAssistant", ".appMenu", ".site", ".network", ".community", ".experience"),
        *(".businessProcess", ".cspTrustedSite", ".remoteSite", ".corsWhitelistOrigin", ".connectedApp", ".prompt"),
        *(".staticresource", ".messageChannel", ".notiftype", ".brandingSet", ".theme", ".role", ".group", ".queue"),
        *(".navigationMenu", ".siteDotCom", ".digitalExperience", ".digitalExperienceConfig", ".settings"),
        *(".externalServiceRegistration", ".lightningExperienceTheme", ".managedTopics", ".profilePasswordPolicy"),
    }
)
"""Metadata of pages, labels, and what else no saved record depends on; passed over in silence."""
