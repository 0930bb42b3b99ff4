//! The metadata statement of an emulated model: what its file says, in FIDO's words.

use lab_authenticator::{Model, Named as _};
use lab_metadata::member::Pairs;
use lab_metadata::statement::{AuthenticatorGetInfo, MetadataStatement, Parameters, VerificationMethod, Version};
use lab_metadata::vocabulary::{
    AttachmentHint, AttestationType, AuthenticationAlgorithm, KeyProtection, MatcherProtection, ProtocolFamily,
    PublicKeyEncoding, UserVerificationMethod,
};
use lab_protocol::cose::Algorithm;

/// The statement, without roots.
pub(super) fn of(model: &Model) -> MetadataStatement {
    let family = model.metadata.as_ref().map_or("fido2", |metadata| metadata.protocol_family.value.as_str());
    let hardware = model.identity.kind.value.name() != "provider";
    let info = get_info(model);
    MetadataStatement {
        aaguid: Some(model.aaguid().to_string()),
        description: Some(format!("{} (emulated by Passkey Lab)", model.name)),
        authenticator_version: Some(info.firmware_version.unwrap_or(1)),
        protocol_family: Some(ProtocolFamily::from(family)),
        schema: Some(3),
        upv: Some(upv(&info)),
        authentication_algorithms: Some(
            model.passkeys.algorithms.value.iter().filter_map(|alg| algorithm(*alg)).collect(),
        ),
        public_key_alg_and_encodings: Some(vec![PublicKeyEncoding::Cose]),
        attestation_types: Some(vec![attestation_type(model.attestation.chain.value.name())]),
        user_verification_details: Some(methods(model)),
        key_protection: Some(vec![if hardware { KeyProtection::Hardware } else { KeyProtection::Software }]),
        matcher_protection: Some(vec![if hardware { MatcherProtection::OnChip } else { MatcherProtection::Software }]),
        crypto_strength: Some(128),
        attachment_hint: Some(attachment(model)),
        tc_display: Some(Vec::new()),
        authenticator_get_info: Some(info),
        ..MetadataStatement::default()
    }
}

fn upv(info: &AuthenticatorGetInfo) -> Vec<Version> {
    let spoken = |version: &str| info.versions.iter().flatten().any(|name| name == version);
    let version = |minor| Version { major: Some(1), minor: Some(minor), ..Version::default() };
    let minors = [(0, spoken("FIDO_2_0")), (1, spoken("FIDO_2_1"))];
    minors.into_iter().filter(|(_, spoken)| *spoken).map(|(minor, _)| version(minor)).collect()
}

fn attestation_type(chain: &str) -> AttestationType {
    match chain {
        "none" => AttestationType::None,
        "self" => AttestationType::BasicSurrogate,
        "attestation-ca" => AttestationType::AttCa,
        "anonymization-ca" | "anonymizing-ca" | "anonymous-ca" => AttestationType::AnonCa,
        _ => AttestationType::BasicFull,
    }
}

/// Whether metadata says something of the model's features, that goes before what the model says itself.
fn says(model: &Model, of: impl Fn(&lab_authenticator::Metadata) -> bool) -> Option<bool> {
    model.metadata.as_ref().map(of)
}

fn methods(model: &Model) -> Vec<Vec<VerificationMethod>> {
    let verifies = says(model, |metadata| metadata.user_verification.value) != Some(false);
    let method = |name: &str| {
        let user_verification_method = Some(UserVerificationMethod::from(name));
        vec![VerificationMethod { user_verification_method, ..VerificationMethod::default() }]
    };
    if !verifies {
        return vec![method("presence_internal")];
    }
    model.user_verification.methods.value.iter().map(|known| method(known.name())).collect()
}

fn attachment(model: &Model) -> Vec<AttachmentHint> {
    let mut hints: Vec<AttachmentHint> = Vec::new();
    for transport in &model.identity.transports.value {
        let more: &[AttachmentHint] = match transport.name() {
            "usb" => &[AttachmentHint::External, AttachmentHint::Wired],
            "nfc" => &[AttachmentHint::External, AttachmentHint::Wireless, AttachmentHint::Nfc],
            "ble" => &[AttachmentHint::External, AttachmentHint::Wireless, AttachmentHint::Bluetooth],
            "hybrid" => &[AttachmentHint::External, AttachmentHint::Wireless, AttachmentHint::Network],
            "smart-card" => &[AttachmentHint::External, AttachmentHint::Wired, AttachmentHint::SmartCard],
            _ => &[AttachmentHint::Internal],
        };
        for hint in more {
            if !hints.contains(hint) {
                hints.push(hint.clone());
            }
        }
    }
    hints
}

/// authenticatorGetInfo as the model's file has it; what metadata says of its features goes first.
fn get_info(model: &Model) -> AuthenticatorGetInfo {
    let said = model.get_info.as_ref();
    let mut extensions = model.passkeys.extensions.value.clone();
    set(&mut extensions, "hmac-secret", says(model, |metadata| metadata.hmac_secret.value));
    let mut options: Vec<(String, bool)> = said.map(|info| info.options.value.0.clone()).unwrap_or_default();
    option(&mut options, "rk", says(model, |metadata| metadata.resident_keys.value).or(Some(true)));
    if says(model, |metadata| metadata.user_verification.value) == Some(false) {
        options.retain(|(name, _)| name != "uv" && name != "clientPin");
    } else if !options.iter().any(|(name, _)| name == "uv" || name == "clientPin") {
        options.push(("uv".to_owned(), true));
    }
    let algorithms = model.passkeys.algorithms.value.iter();
    let algorithms = algorithms.map(|alg| Parameters {
        kind: Some("public-key".to_owned()),
        alg: Some(alg.0),
        ..Parameters::default()
    });
    AuthenticatorGetInfo {
        versions: Some(said.map_or_else(|| vec!["FIDO_2_0".to_owned()], |info| info.versions.value.clone())),
        extensions: Some(extensions),
        aaguid: Some(model.aaguid().to_string().replace('-', "")),
        options: Some(Pairs(options)),
        max_msg_size: said.and_then(|info| info.max_msg_size.as_ref()).map(|size| size.value.into()),
        transports: Some(model.transports().map(str::to_owned).collect()),
        algorithms: Some(algorithms.collect()),
        firmware_version: said.and_then(|info| info.firmware_version.as_ref()).map(|version| version.value.into()),
        ..AuthenticatorGetInfo::default()
    }
}

fn set(names: &mut Vec<String>, name: &str, there: Option<bool>) {
    let known = names.iter().any(|known| known == name);
    match there {
        Some(true) if !known => names.push(name.to_owned()),
        Some(false) => names.retain(|known| known != name),
        _ => {}
    }
}

fn option(options: &mut Vec<(String, bool)>, name: &str, value: Option<bool>) {
    let Some(value) = value else { return };
    match options.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => options.push((name.to_owned(), value)),
    }
}

/// What metadata calls an algorithm.
fn algorithm(alg: Algorithm) -> Option<AuthenticationAlgorithm> {
    use AuthenticationAlgorithm as Named;
    Some(match alg.0 {
        -7 | -9 => Named::Secp256r1EcdsaSha256Raw,
        -47 => Named::Secp256k1EcdsaSha256Raw,
        -35 | -51 => Named::Secp384r1EcdsaSha384Raw,
        -36 | -52 => Named::Secp521r1EcdsaSha512Raw,
        -8 | -19 => Named::Ed25519EddsaSha512Raw,
        -53 => Named::Ed448EddsaSha512Raw,
        -257 => Named::RsassaPkcs15Sha256Raw,
        -258 => Named::RsassaPkcs15Sha384Raw,
        -259 => Named::RsassaPkcs15Sha512Raw,
        -37 => Named::RsassaPssSha256Raw,
        -38 => Named::RsassaPssSha384Raw,
        -39 => Named::RsassaPssSha512Raw,
        -65535 => Named::RsassaPkcs15Sha1Raw,
        _ => return None,
    })
}
