//! The generic model that a row makes: what the row says, and the lab's assumptions for the rest.

use lab_protocol::cose::Algorithm;

use super::{AaguidList, Row};
use crate::model::{
    Attachment, Attestation, BackupState, Chain, Confidence, CounterBehaviour, Flow, GetInfo, Identity, Kind,
    ListedType, Metadata, Model, Pairs, PasskeyType, Passkeys, Platform, Sourced, Transport, UserVerification,
    UvMethod, UvOption, UvPolicy, Vendor, WhenNone,
};

/// The key of the list among the sources.
const LIST: &str = "list";
/// The key of the lab's assumptions among the sources.
const ASSUMED: &str = "assumed";
const ASSUMPTION: &str = "The lab's assumption for a model of which only a row of a list is known";
const NOTE: &str = "A generic model, made from a row of a list: what the row does not say is assumed, and marked so.";
const ROAMING: &[Platform] =
    &[Platform::Windows, Platform::Macos, Platform::Linux, Platform::Chromeos, Platform::Ios, Platform::Android];
const PROVIDING: &[Platform] = &[Platform::Windows, Platform::Macos, Platform::Ios, Platform::Android];

/// What a row is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A security key of a vendor's table.
    Hardware,
    /// A passkey provider.
    Provider,
    /// A name and nothing else: a security key that attests nothing.
    Bare,
}

/// Something the row says, or that follows from its being in the list.
fn said<T>(value: T, confidence: Confidence) -> Sourced<T> {
    Sourced { value, source: LIST.to_owned(), confidence, note: None }
}

fn assumed<T>(value: T) -> Sourced<T> {
    Sourced { value, source: ASSUMED.to_owned(), confidence: Confidence::Unverified, note: None }
}

fn noted<T>(mut fact: Sourced<T>, note: &str) -> Sourced<T> {
    fact.note = Some(note.to_owned());
    fact
}

impl AaguidList {
    /// The generic model that a row makes.
    #[must_use]
    pub fn model(&self, row: &Row) -> Model {
        let shape = row.shape();
        let sources = [(LIST, self.source.as_str()), (ASSUMED, ASSUMPTION)];
        Model {
            id: row.id(),
            name: row.name.clone(),
            vendor: Vendor { name: "not stated".to_owned(), country: "ZZ".to_owned() },
            notes: vec![NOTE.to_owned()],
            inherits: None,
            generic: true,
            sources: sources.map(|(key, text)| (key.to_owned(), text.to_owned())).into(),
            identity: row.identity(shape),
            passkeys: row.passkeys(shape),
            user_verification: row.user_verification(shape),
            fingerprints: None,
            usb: None,
            get_info: (shape != Shape::Provider).then(|| row.get_info(shape)),
            attestation: attestation(shape),
            metadata: (shape == Shape::Hardware).then(metadata),
            quirks: Vec::new(),
            own_ca: None,
            own_authority: None,
        }
    }
}

impl Row {
    fn shape(&self) -> Shape {
        match self.passkeys {
            _ if self.is_hardware() => Shape::Hardware,
            Some(_) => Shape::Provider,
            None => Shape::Bare,
        }
    }

    fn identity(&self, shape: Shape) -> Identity {
        let provider = shape == Shape::Provider;
        let attachment = if provider { Attachment::Platform } else { Attachment::CrossPlatform };
        let sure = if shape == Shape::Bare { assumed } else { |kind| said(kind, Confidence::Medium) };
        Identity {
            aaguid: said(self.aaguid, Confidence::High),
            kind: sure(if provider { Kind::Provider } else { Kind::Roaming }),
            attachment: assumed(attachment),
            transports: self.transports(shape),
            flows: assumed(vec![Flow::SameDevice]),
            platforms: assumed(if provider { PROVIDING } else { ROAMING }.to_vec()),
        }
    }

    fn transports(&self, shape: Shape) -> Sourced<Vec<Transport>> {
        let ticked = [(self.usb, Transport::Usb), (self.nfc, Transport::Nfc), (self.ble, Transport::Ble)];
        let ticked: Vec<_> = ticked.into_iter().filter(|(ticked, _)| *ticked == Some(true)).map(|(_, it)| it).collect();
        match shape {
            Shape::Provider => assumed(vec![Transport::Internal]),
            Shape::Hardware if ticked.is_empty() => noted(assumed(vec![Transport::Usb]), "the row ticks no transport"),
            Shape::Hardware => said(ticked, Confidence::High),
            Shape::Bare => assumed(vec![Transport::Usb]),
        }
    }

    fn passkeys(&self, shape: Shape) -> Passkeys {
        let synced = shape == Shape::Provider && self.passkeys != Some(ListedType::DeviceBound);
        let provider = shape == Shape::Provider;
        let counter = if provider { CounterBehaviour::ConstantZero } else { CounterBehaviour::GlobalIncrement };
        Passkeys {
            passkey_type: self.passkey_type(shape),
            backup_eligible: assumed(synced),
            backup_state: assumed(if synced { BackupState::FromRegistration } else { BackupState::Never }),
            algorithms: assumed(vec![Algorithm::ES256]),
            counter: assumed(counter),
            counter_start: assumed(u32::from(!provider)),
            discoverable_id_length: assumed(32),
            other_id_length: assumed(32),
            extensions: extensions(shape),
            other_id_length_by_algorithm: None,
            id_scheme: None,
            slots: None,
        }
    }

    fn passkey_type(&self, shape: Shape) -> Sourced<PasskeyType> {
        let only =
            "with attestation enforced only device-bound passkeys pass, and the row is in the table of what does";
        match (shape, self.passkeys) {
            (Shape::Hardware, _) => noted(said(PasskeyType::DeviceBound, Confidence::Medium), only),
            (Shape::Bare, _) => assumed(PasskeyType::DeviceBound),
            (_, Some(ListedType::DeviceBound)) => said(PasskeyType::DeviceBound, Confidence::Low),
            (_, Some(ListedType::Synced)) => said(PasskeyType::Synced, Confidence::Low),
            (_, Some(ListedType::Exportable)) => noted(
                said(PasskeyType::Synced, Confidence::Low),
                "in a file that can be copied; whether BE says so is not known",
            ),
            (_, Some(ListedType::Unknown) | None) => noted(assumed(PasskeyType::Synced), "the list does not know"),
        }
    }

    fn user_verification(&self, shape: Shape) -> UserVerification {
        let (option, methods) = match (shape, self.bio) {
            (Shape::Provider, _) => (assumed(UvOption::Uv), assumed(vec![UvMethod::Passcode])),
            (Shape::Hardware, Some(true)) => (
                said(UvOption::Uv, Confidence::Medium),
                noted(
                    said(vec![UvMethod::Fingerprint, UvMethod::Presence], Confidence::Medium),
                    "biometrics of some kind",
                ),
            ),
            _ => (assumed(UvOption::ClientPin), assumed(vec![UvMethod::ClientPin, UvMethod::Presence])),
        };
        let policy = if shape == Shape::Provider { UvPolicy::Always } else { UvPolicy::Ctap };
        UserVerification { option, methods, policy: assumed(policy), retries: assumed(8) }
    }

    fn get_info(&self, shape: Shape) -> GetInfo {
        let verification = if shape == Shape::Hardware && self.bio == Some(true) { "uv" } else { "clientPin" };
        let options = [("plat", false), ("rk", true), ("up", true), (verification, true)];
        let options = Pairs(options.map(|(name, set)| (name.to_owned(), set)).into());
        GetInfo::of(assumed(vec!["FIDO_2_0".to_owned()]), assumed(options))
    }
}

fn extensions(shape: Shape) -> Sourced<Vec<String>> {
    match shape {
        Shape::Hardware => noted(
            said(vec!["hmac-secret".to_owned()], Confidence::Medium),
            "what passes with attestation enforced has it, or PRF",
        ),
        _ => assumed(Vec::new()),
    }
}

fn attestation(shape: Shape) -> Attestation {
    if shape != Shape::Hardware {
        let when_none = if shape == Shape::Provider { WhenNone::AaguidKept } else { WhenNone::ClientDecides };
        return Attestation {
            format: assumed("none".to_owned()),
            chain: assumed(Chain::None),
            when_none: assumed(when_none),
            algorithm: None,
            aaguid_extension: None,
            intermediates: None,
            issuer: None,
            security_level: None,
            parts: None,
        };
    }
    let only = "the only format that passes with attestation enforced";
    Attestation {
        format: noted(said("packed".to_owned(), Confidence::Medium), only),
        chain: said(Chain::Batch, Confidence::Medium),
        when_none: assumed(WhenNone::ClientDecides),
        algorithm: Some(assumed(Algorithm::ES256)),
        aaguid_extension: Some(assumed(true)),
        intermediates: None,
        issuer: None,
        security_level: None,
        parts: None,
    }
}

/// What must be in metadata of everything that passes with attestation enforced.
fn metadata() -> Metadata {
    let required = |value| said(value, Confidence::Medium);
    Metadata {
        certified: noted(required(true), "what passes with attestation enforced is certified, at any level"),
        statuses: said(vec!["FIDO_CERTIFIED".to_owned()], Confidence::Medium),
        protocol_family: said("fido2".to_owned(), Confidence::Medium),
        user_verification: required(true),
        resident_keys: required(true),
        hmac_secret: required(true),
    }
}
