//! Which properties decide and stay, and what the others hold.

/// What is done with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It decides, or is the same in every tenant.
    Keep,
    /// An object id or a user principal name.
    Identity,
    /// Graph's id of a passkey, made from its credential id.
    Method,
    /// A thumbprint in hexadecimal.
    Thumbprint,
    /// An rpId or an origin.
    Domain,
    /// An OData annotation, which may quote an id.
    Context,
    /// A name that somebody chose: what it names.
    Name(&'static str),
    /// Nobody knows.
    Unknown,
}

/// Properties whose texts Graph or the lab defines.
const VOCABULARY: &[&str] = &[
    "@odata.type",
    // the passkey policy
    "state",
    "targetType",
    "passkeyTypes",
    "attestationEnforcement",
    "enforcementType",
    "aaGuids",
    // users and groups
    "userType",
    "roles",
    "roleTemplateId",
    "creationType",
    "externalUserState",
    "groupTypes",
    "visibility",
    // passkeys
    "aaGuid",
    "model",
    "attestationLevel",
    "passkeyType",
    // strengths and Conditional Access
    "policyType",
    "requirementsSatisfied",
    "allowedCombinations",
    "appliesToCombinations",
    "allowedAAGUIDs",
    "clientAppTypes",
    "builtInControls",
    "operator",
    "includeRoles",
    "excludeRoles",
    "includePlatforms",
    "excludePlatforms",
    "userRiskLevels",
    "signInRiskLevels",
    "includeUserActions",
    "mode",
    "type",
    "frequencyInterval",
    "authenticationType",
    "guestOrExternalUserTypes",
    "membershipKind",
    // the whole policy of methods
    "policyVersion",
    "policyMigrationState",
    "targetedAuthenticationMethod",
    "includeUnits",
    // the lab's own
    "inAppAttestation",
    "clock",
];

/// Properties that name an object by its id, or a user by the principal name.
const IDENTITIES: &[&str] = &[
    "id",
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "otherMails",
    "onPremisesUserPrincipalName",
    "members",
    "memberOf",
    "allowedPasskeyProfiles",
    "defaultPasskeyProfile",
    "tenantId",
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeApplications",
    "excludeApplications",
    "includeLocations",
    "excludeLocations",
    "includeServicePrincipals",
    "excludeServicePrincipals",
    "authenticationStrength",
];

/// What is done with the text of the property `key` in an object that stands in `parent`.
pub(super) fn treatment(resource: &str, parent: &str, key: &str) -> Treatment {
    let switch = resource == "lab" && parent == "switches";
    let date = key.ends_with("DateTime");
    match key {
        _ if switch || date || VOCABULARY.contains(&key) => Treatment::Keep,
        // An opaque token, which may hold anything.
        _ if key.ends_with("Link") => Treatment::Unknown,
        _ if key.starts_with('@') || key.contains("@odata.") => Treatment::Context,
        "id" if resource == "passkeys" => Treatment::Method,
        "attestationCertificates" => Treatment::Thumbprint,
        "rpId" | "origins" | "relatedOrigins" if resource == "lab" => Treatment::Domain,
        "name" if parent == "passkeyProfiles" => Treatment::Name("profile"),
        "displayName" => Treatment::Name(named(resource, parent)),
        "" if resource == "groups" || resource == "users" => Treatment::Identity,
        _ if IDENTITIES.contains(&key) => Treatment::Identity,
        _ => Treatment::Unknown,
    }
}

/// What a displayName names.
fn named(resource: &str, parent: &str) -> &'static str {
    match (resource, parent) {
        (_, "memberOf") | ("groups", "" | "value") => "group",
        (_, "members") | ("users", "" | "value") => "user",
        ("passkeys", _) => "passkey",
        ("authenticationStrengths", _) => "strength",
        ("conditionalAccess", _) => "policy",
        _ => "name",
    }
}
