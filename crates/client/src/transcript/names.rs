//! The names of members, as the specification has them: for the reader of a transcript.

use lab_protocol::ctap2::Command;

/// Names by key, in the order of the keys from 1 on.
type Names = &'static [&'static str];

const MAKE_CREDENTIAL: Names = &[
    "clientDataHash",
    "rp",
    "user",
    "pubKeyCredParams",
    "excludeList",
    "extensions",
    "options",
    "pinUvAuthParam",
    "pinUvAuthProtocol",
    "enterpriseAttestation",
    "attestationFormatsPreference",
];
const MADE: Names = &["fmt", "authData", "attStmt", "epAtt", "largeBlobKey", "unsignedExtensionOutputs"];
const GET_ASSERTION: Names =
    &["rpId", "clientDataHash", "allowList", "extensions", "options", "pinUvAuthParam", "pinUvAuthProtocol"];
const GOT: Names = &[
    "credential",
    "authData",
    "signature",
    "user",
    "numberOfCredentials",
    "userSelected",
    "largeBlobKey",
    "unsignedExtensionOutputs",
];
const INFO: Names = &[
    "versions",
    "extensions",
    "aaguid",
    "options",
    "maxMsgSize",
    "pinUvAuthProtocols",
    "maxCredentialCountInList",
    "maxCredentialIdLength",
    "transports",
    "algorithms",
    "maxSerializedLargeBlobArray",
    "forcePINChange",
    "minPINLength",
    "firmwareVersion",
    "maxCredBlobLength",
    "maxRPIDsForSetMinPINLength",
    "preferredPlatformUvAttempts",
    "uvModality",
    "certifications",
    "remainingDiscoverableCredentials",
    "vendorPrototypeConfigCommands",
    "attestationFormats",
    "uvCountSinceLastPinEntry",
    "longTouchForReset",
    "encIdentifier",
    "transportsForReset",
    "pinComplexityPolicy",
    "pinComplexityPolicyURL",
    "maxPINLength",
    "encCredStoreState",
    "authenticatorConfigCommands",
];
const CLIENT_PIN: Names = &[
    "pinUvAuthProtocol",
    "subCommand",
    "keyAgreement",
    "pinUvAuthParam",
    "newPinEnc",
    "pinHashEnc",
    "",
    "",
    "permissions",
    "rpId",
];
const OF_PIN: Names = &["keyAgreement", "pinUvAuthToken", "pinRetries", "powerCycleState", "uvRetries"];
const MANAGE: Names = &["subCommand", "subCommandParams", "pinUvAuthProtocol", "pinUvAuthParam"];
const MANAGED: Names = &[
    "existingResidentCredentialsCount",
    "maxPossibleRemainingResidentCredentialsCount",
    "rp",
    "rpIDHash",
    "totalRPs",
    "user",
    "credentialID",
    "publicKey",
    "totalCredentials",
    "credProtect",
    "largeBlobKey",
    "thirdPartyPayment",
];
const ENROLL: Names =
    &["modality", "subCommand", "subCommandParams", "pinUvAuthProtocol", "pinUvAuthParam", "getModality"];
const ENROLLED: Names = &[
    "modality",
    "fingerprintKind",
    "maxCaptureSamplesRequiredForEnroll",
    "templateId",
    "lastEnrollSampleStatus",
    "remainingSamples",
    "templateInfos",
    "maxTemplateFriendlyName",
];
const BLOBS: Names = &["get", "set", "offset", "length", "pinUvAuthParam", "pinUvAuthProtocol"];
const BLOB: Names = &["config"];

/// The name of a top-level member of a request or a reply.
pub(super) fn member(command: Command, reply: bool, key: i64) -> Option<&'static str> {
    let names: Names = match (command, reply) {
        (Command::MAKE_CREDENTIAL, false) => MAKE_CREDENTIAL,
        (Command::MAKE_CREDENTIAL, true) => MADE,
        (Command::GET_ASSERTION, false) => GET_ASSERTION,
        (Command::GET_ASSERTION | Command::GET_NEXT_ASSERTION, true) => GOT,
        (Command::GET_INFO, true) => INFO,
        (Command::CLIENT_PIN, false) => CLIENT_PIN,
        (Command::CLIENT_PIN, true) => OF_PIN,
        (Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW | Command::CONFIG, false) => MANAGE,
        (Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW, true) => MANAGED,
        (Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW, false) => ENROLL,
        (Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW, true) => ENROLLED,
        (Command::LARGE_BLOBS, false) => BLOBS,
        (Command::LARGE_BLOBS, true) => BLOB,
        _ => return None,
    };
    let place = usize::try_from(key).ok()?.checked_sub(1)?;
    names.get(place).copied().filter(|name| !name.is_empty())
}
