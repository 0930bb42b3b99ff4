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
        let software = self.software();
        let key = self.properties()?;
        let (software, hardware) = match self.level {
            SecurityLevel::Software => ([key, software].concat(), Vec::new()),
            _ => (software, [key, hardware()].concat()),
        };
        let level = element(
            ENUMERATED,
            &[&[match self.level {
                SecurityLevel::Software => 0,
                SecurityLevel::TrustedEnvironment => 1,
                SecurityLevel::StrongBox => 2,
            }]],
        );
        Some(element(
            SEQUENCE,
            &[
                &integer(VERSIONS.0),
                &level,
                &integer(VERSIONS.1),
                &level,
                &element(OCTET_STRING, &[self.challenge]),
                &element(OCTET_STRING, &[]),
                &element(SEQUENCE, &[&software]),
                &element(SEQUENCE, &[&hardware]),
            ],
        ))
    }

    /// What only the operating system vouches for.
    fn software(&self) -> Vec<u8> {
        let created = u64::try_from(self.created.as_millisecond()).unwrap_or_default();
        let application = element(OCTET_STRING, &[&application()]);
        [explicit(tag::CREATION_DATE_TIME, &[&integer(created)]), explicit(tag::APPLICATION_ID, &[&application])]
            .concat()
    }

    /// What the key is for, and that it was made where it lives.
    fn properties(&self) -> Option<Vec<u8>> {
        let one = |tag, value| explicit(tag, &[&integer(value)]);
        let set = |tag, value| explicit(tag, &[&element(SET, &[&integer(value)])]);
        let mut out = set(tag::PURPOSE, tag::PURPOSE_SIGN);
        match &self.key.material {
            KeyMaterial::Ec2 { curve, .. } => {
                let (size, number) = curve_of(*curve)?;
                out.extend([one(tag::ALGORITHM, EC), one(tag::KEY_SIZE, size)].concat());
                out.extend([set(tag::DIGEST, SHA_2_256), one(tag::EC_CURVE, number)].concat());
            }
            KeyMaterial::Rsa { n, e } => {
                let exponent = e.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
                out.extend([one(tag::ALGORITHM, RSA), one(tag::KEY_SIZE, n.len() as u64 * 8)].concat());
                out.extend([set(tag::DIGEST, SHA_2_256), set(tag::PADDING, RSA_PKCS1_1_5_SIGN)].concat());
                out.extend(one(tag::RSA_PUBLIC_EXPONENT, exponent));
            }
            _ => return None,
        }
        out.extend([one(tag::USER_AUTH_TYPE, AUTHENTICATION.0), one(tag::AUTH_TIMEOUT, AUTHENTICATION.1)].concat());
        out.extend(one(tag::ORIGIN, tag::ORIGIN_GENERATED));
        Some(out)
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
fn hardware() -> Vec<u8> {
    let one = |tag, value| explicit(tag, &[&integer(value)]);
    let root_of_trust = element(
        SEQUENCE,
        &[
            &element(OCTET_STRING, &[&sha256(b"passkey lab: verified boot key")]),
            &element(BOOLEAN, &[&[0xff]]),
            &element(ENUMERATED, &[&[VERIFIED]]),
            &element(OCTET_STRING, &[&sha256(b"passkey lab: verified boot hash")]),
        ],
    );
    [
        explicit(tag::ROOT_OF_TRUST, &[&root_of_trust]),
        one(tag::OS_VERSION, OS_VERSION),
        one(tag::OS_PATCH_LEVEL, OS_PATCH_LEVEL),
        one(tag::VENDOR_PATCH_LEVEL, PATCH_LEVEL),
        one(tag::BOOT_PATCH_LEVEL, PATCH_LEVEL),
    ]
    .concat()
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
