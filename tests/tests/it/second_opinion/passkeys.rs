//! Passkeys of real models, honest and not, and the circumstances in which they are registered.

use jiff::SignedDuration;
use lab_entra::{
    AdverseStatus, AttestationFacts, AttestationKind, Caller, Candidate, Circumstances, InAppAttestation,
    MetadataEntry, MetadataFacts, Mfa, Passkey, RegistrationPath, Trust, WindowsHelloContainer,
};

use super::draw::Draw;
use super::passkey::{AUTHENTICATOR, SAMSUNG_PASS, WINDOWS_HELLO};

/// Security keys of the vendors' page (MDS version 285).
const KEYS: [&str; 6] = [
    "ee882879-721c-4913-9775-3dfcce97072a",
    "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b",
    "2fc0579f-8113-47ea-b116-bb5a8db9202a",
    "a25342c0-3cdc-4414-8e46-f4807fca511c",
    "77010bd7-212a-4fc9-b236-d2ca5e9d4084",
    "12ded745-4bed-47d4-abaa-e713f51d6393",
];
/// iCloud Keychain, its managed twin, Google, 1Password, Bitwarden, Proton Pass.
const SYNCED: [&str; 6] = [
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
    "bada5566-a7aa-401f-bd96-45619a55120d",
    "d548826e-79b4-db40-a3d8-11116f7e8349",
    "50726f74-6f6e-5061-7373-50726f746f6e",
];
/// KeePassXC, which says that its passkeys stay, and nobody in particular.
const UNATTESTED: [&str; 2] = ["fdb141b2-5d84-443e-8a35-4698c205a502", "00000000-0000-0000-0000-000000000000"];

/// Everything that lists are made of.
pub const AAGUIDS: [&str; 20] = [
    AUTHENTICATOR[0],
    AUTHENTICATOR[1],
    WINDOWS_HELLO[0],
    WINDOWS_HELLO[1],
    WINDOWS_HELLO[2],
    KEYS[0],
    KEYS[1],
    KEYS[2],
    KEYS[3],
    KEYS[4],
    KEYS[5],
    SYNCED[0],
    SYNCED[1],
    SYNCED[2],
    SYNCED[3],
    SYNCED[4],
    SYNCED[5],
    SAMSUNG_PASS,
    UNATTESTED[0],
    UNATTESTED[1],
];

const CERTIFIED: MetadataFacts = MetadataFacts::CERTIFIED;

/// A registration, and what surrounds it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub candidate: Candidate<'static>,
    pub circumstances: Circumstances,
}

pub fn case(draw: &mut Draw) -> Case {
    let path = path(draw);
    let (aaguid, eligible, attestation) = model(draw, path);
    // A passkey that may be copied need not have been; one that lies about it may come from any model.
    let backup_eligible = if draw.percent(4) { !eligible } else { eligible };
    let backup_state = backup_eligible && draw.percent(80);
    let passkey = Passkey { aaguid: aaguid.parse().unwrap(), backup_eligible, backup_state };
    let algorithm = draw.mostly(-7, 12, &[-257, -257, -8, -35]);
    let windows_hello =
        WindowsHelloContainer { for_business: draw.percent(20), platform_credentials: draw.one(&[0, 1, 50, 51]) };
    let circumstances = Circumstances { path, mfa: mfa(draw), windows_hello };
    Case { candidate: Candidate { passkey, attestation, algorithm }, circumstances }
}

fn path(draw: &mut Draw) -> RegistrationPath {
    let others = [
        RegistrationPath::InApp,
        RegistrationPath::InApp,
        RegistrationPath::Graph(Caller::Administrator),
        RegistrationPath::Graph(Caller::Administrator),
        RegistrationPath::Graph(Caller::Themself),
        RegistrationPath::Graph(Caller::Other),
    ];
    draw.mostly(RegistrationPath::SecurityInfo, 40, &others)
}

fn mfa(draw: &mut Draw) -> Mfa {
    let age = SignedDuration::from_secs(draw.one(&[0, 60, 299, 300, 301, 599, 600, 601, 3600]));
    match draw.below(20) {
        0 => Mfa::Missing,
        1..4 => Mfa::Age(age),
        4..7 => Mfa::OneTimePass(age),
        7..14 => Mfa::Age(SignedDuration::from_secs(30)),
        _ => Mfa::NotStated,
    }
}

/// A model's AAGUID, whether its passkeys may be copied, and a statement that it makes, or a forger.
fn model(draw: &mut Draw, path: RegistrationPath) -> (&'static str, bool, AttestationFacts<'static>) {
    let (aaguid, eligible, honest) = match draw.below(10) {
        _ if path == RegistrationPath::InApp => (draw.one(&AUTHENTICATOR), false, in_app(draw)),
        0..4 => (draw.one(&KEYS), false, key(draw)),
        4 => (draw.one(&AUTHENTICATOR), false, AttestationFacts::NONE),
        5 => (draw.one(&WINDOWS_HELLO), false, hello(draw)),
        6 | 7 => (draw.one(&SYNCED), true, AttestationFacts::NONE),
        8 => (SAMSUNG_PASS, false, key(draw)),
        _ => (draw.one(&UNATTESTED), false, AttestationFacts::NONE),
    };
    let forged = path != RegistrationPath::InApp && draw.percent(12);
    (aaguid, eligible, if forged { forgery(draw) } else { honest })
}

fn in_app(draw: &mut Draw) -> AttestationFacts<'static> {
    let others = [Some(InAppAttestation::Failed), Some(InAppAttestation::Unavailable), None];
    AttestationFacts { in_app: draw.mostly(Some(InAppAttestation::Passed), 30, &others), ..AttestationFacts::NONE }
}

/// A vendor's batch certificate, under a root that is trusted or not, for a model that is certified or not.
fn key(draw: &mut Draw) -> AttestationFacts<'static> {
    let kinds = [AttestationKind::AttCa, AttestationKind::AttCa, AttestationKind::AnonCa];
    let trusts = [Trust::TrustedStandIn, Trust::Untrusted, Trust::NoPath, Trust::NotChecked];
    AttestationFacts {
        format: "packed",
        kind: draw.mostly(AttestationKind::Basic, 15, &kinds),
        trust: draw.mostly(Trust::Trusted, 40, &trusts),
        metadata: metadata(draw),
        in_app: None,
    }
}

fn metadata(draw: &mut Draw) -> Option<MetadataFacts> {
    let lacking = [
        MetadataFacts { certified: false, ..CERTIFIED },
        MetadataFacts { fido2: false, ..CERTIFIED },
        MetadataFacts { has_uv: false, ..CERTIFIED },
        MetadataFacts { has_rk: false, ..CERTIFIED },
        MetadataFacts { has_hmac_secret: false, ..CERTIFIED },
        MetadataFacts { entry: MetadataEntry::New, ..CERTIFIED },
        MetadataFacts { adverse: Some(AdverseStatus::Revoked), ..CERTIFIED },
        MetadataFacts { adverse: Some(AdverseStatus::AttestationKeyCompromise), certified: false, ..CERTIFIED },
        MetadataFacts::NO_ENTRY,
    ];
    let lacking = draw.one(&lacking);
    draw.mostly(Some(CERTIFIED), 40, &[None, Some(lacking)])
}

fn hello(draw: &mut Draw) -> AttestationFacts<'static> {
    let trust = draw.one(&[Trust::Trusted, Trust::Untrusted, Trust::NotChecked]);
    let tpm = AttestationFacts { format: "tpm", kind: AttestationKind::AttCa, trust, ..AttestationFacts::NONE };
    draw.one(&[tpm, tpm, AttestationFacts::NONE])
}

/// Statements that need no vendor: with the passkey's own key, with somebody's certificate, or of a
/// format that has a name and nothing else.
fn forgery(draw: &mut Draw) -> AttestationFacts<'static> {
    let by_itself =
        AttestationFacts { format: "packed", kind: AttestationKind::SelfAttested, ..AttestationFacts::NONE };
    let own_root = AttestationFacts { format: "packed", ..key(draw) };
    let names = [
        "tpm",
        "apple",
        "fido-u2f",
        "android-key",
        "com.example.passkeys",
        "a-format-name-of-32-characters--",
        "a-format-name-of-33-characters---",
    ];
    let kind = draw.one(&[AttestationKind::Unknown, AttestationKind::Basic, AttestationKind::SelfAttested]);
    let named = AttestationFacts { format: draw.one(&names), kind, ..key(draw) };
    draw.one(&[by_itself, own_root, named])
}
