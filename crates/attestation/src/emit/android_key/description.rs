//! KeyDescription, version 3 (Android Open Source Project, key and ID attestation, schema).

use jiff::Timestamp;
use lab_protocol::cose::{CredentialPublicKey, Curve, KeyMaterial};

use crate::emit::SecurityLevel;
use crate::layout::android as tag;
use crate::sha256;
use crate::vendors::writer::{BOOLEAN, ENUMERATED, OCTET_STRING, SEQUENCE, SET, element, explicit, integer};

/// attestationVersion and keymasterVersion: Keymaster 4.0, as two captures of 2025 have them.
const VERSIONS: (u64, u64) = (3, 4);
/// Keymaster's algorithms, digest and padding.
const RSA: u64 = 1;
const EC: u64 = 3;
const SHA_2_256: u64 = 4;
const RSA_PKCS1_1_5_SIGN: u64 = 5;
/// A password, or a finger; for 10 seconds.
const AUTHENTICATION: (u64, u64) = (3, 10);
/// Android 11, patched in June 2025: what a captured phone says.
const OS_VERSION: u64 = 110_000;
const OS_PATCH_LEVEL: u64 = 202_506;
const PATCH_LEVEL: u64 = 20_250_605;
/// `Verified`.
const VERIFIED: u8 = 0;
/// The packages that make credentials, with their versions.
const PACKAGES: [(&str, u64); 2] = [("com.google.android.gsf", 30), ("com.google.android.gms", 252_431_022)];

/// What the keystore says of a key.
pub(super) struct KeyDescription<'a> {
    /// Where the key lives.
    pub(super) level: SecurityLevel,
    /// What the app handed in: the hash of the client data.
    pub(super) challenge: &'a [u8; 32],
    /// When it was made.
    pub(super) created: Timestamp,
    /// The key.
    pub(super) key: &'a CredentialPublicKey,
}

impl KeyDescription<'_> {
    /// The DER; `None` for a key that no keystore makes.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let (software, key) = (self.software(), self.properties()?);
        let (software, hardware) = match self.level {
            SecurityLevel::Software => ([key, software].concat(), Vec::new()),
            _ => (software, [key, hardware()].concat()),
        };
        let level = element(ENUMERATED, &[&[number(self.level)]]);
        Some(element(
            SEQUENCE,
            &[
                &integer(VERSIONS.0),
                &level,
                &integer(VERSIONS.1),
                &level,
                &element(OCTET_STRING, &[self.challenge]),
                &element(OCTET_STRING, &[]),
                &list(software),
                &list(hardware),
            ],
        ))
    }

    /// What only the operating system vouches for.
    fn software(&self) -> Vec<Authorization> {
        let created = u64::try_from(self.created.as_millisecond()).unwrap_or_default();
        let application = element(OCTET_STRING, &[&application()]);
        vec![(tag::CREATION_DATE_TIME, integer(created)), (tag::APPLICATION_ID, application)]
    }

    /// What the key is for, and that it was made where it lives.
    fn properties(&self) -> Option<Vec<Authorization>> {
        let set = |value| element(SET, &[&integer(value)]);
        let mut all = vec![
            (tag::PURPOSE, set(tag::PURPOSE_SIGN)),
            (tag::DIGEST, set(SHA_2_256)),
            (tag::USER_AUTH_TYPE, integer(AUTHENTICATION.0)),
            (tag::AUTH_TIMEOUT, integer(AUTHENTICATION.1)),
            (tag::ORIGIN, integer(tag::ORIGIN_GENERATED)),
        ];
        match &self.key.material {
            KeyMaterial::Ec2 { curve, .. } => {
                let (size, curve) = curve_of(*curve)?;
                all.extend([(tag::ALGORITHM, integer(EC)), (tag::KEY_SIZE, integer(size))]);
                all.push((tag::EC_CURVE, integer(curve)));
            }
            KeyMaterial::Rsa { n, e } => {
                let exponent = e.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
                all.extend([(tag::ALGORITHM, integer(RSA)), (tag::KEY_SIZE, integer(n.len() as u64 * 8))]);
                all.push((tag::PADDING, set(RSA_PKCS1_1_5_SIGN)));
                all.push((tag::RSA_PUBLIC_EXPONENT, integer(exponent)));
            }
            _ => return None,
        }
        Some(all)
    }
}

/// A tag and the value under it.
type Authorization = (u32, Vec<u8>);

/// An AuthorizationList: its members stand in the order of their tags.
fn list(mut authorizations: Vec<Authorization>) -> Vec<u8> {
    authorizations.sort_by_key(|(tag, _)| *tag);
    let members: Vec<u8> = authorizations.iter().flat_map(|(tag, value)| explicit(*tag, &[value])).collect();
    element(SEQUENCE, &[&members])
}

const fn number(level: SecurityLevel) -> u8 {
    match level {
        SecurityLevel::Software => 0,
        SecurityLevel::TrustedEnvironment => 1,
        SecurityLevel::StrongBox => 2,
    }
}

/// The size in bits and the number of a curve in `EcCurve`.
const fn curve_of(curve: Curve) -> Option<(u64, u64)> {
    Some(match curve {
        Curve::P256 => (256, 1),
        Curve::P384 => (384, 2),
        Curve::P521 => (521, 3),
        #[allow(unreachable_patterns, reason = "curves that keystores do not have may join")]
        _ => return None,
    })
}

/// The device as it booted, for which the hardware vouches.
fn hardware() -> Vec<Authorization> {
    let root_of_trust = element(
        SEQUENCE,
        &[
            &element(OCTET_STRING, &[&sha256(b"passkey lab: verified boot key")]),
            &element(BOOLEAN, &[&[0xff]]),
            &element(ENUMERATED, &[&[VERIFIED]]),
            &element(OCTET_STRING, &[&sha256(b"passkey lab: verified boot hash")]),
        ],
    );
    vec![
        (tag::ROOT_OF_TRUST, root_of_trust),
        (tag::OS_VERSION, integer(OS_VERSION)),
        (tag::OS_PATCH_LEVEL, integer(OS_PATCH_LEVEL)),
        (tag::VENDOR_PATCH_LEVEL, integer(PATCH_LEVEL)),
        (tag::BOOT_PATCH_LEVEL, integer(PATCH_LEVEL)),
    ]
}

/// AttestationApplicationId: the packages of the calling user, and the digest of their signer.
fn application() -> Vec<u8> {
    let package = |(name, version): &(&str, u64)| {
        element(SEQUENCE, &[&element(OCTET_STRING, &[name.as_bytes()]), &integer(*version)])
    };
    let packages: Vec<_> = PACKAGES.iter().map(package).collect();
    let signer = element(OCTET_STRING, &[&sha256(b"passkey lab: signer of the packages")]);
    element(SEQUENCE, &[&element(SET, &[&packages.concat()]), &element(SET, &[&signer])])
}
