//! TPMT_PUBLIC (TPM 2.0 Library, part 2, §12.2.4): the TPM's view of a public key.

use lab_protocol::cose::{CredentialPublicKey, Curve, KeyMaterial};

use super::sized;
use crate::layout::tpm;

/// The attributes that Windows gives RSA keys: userWithAuth, sensitiveDataOrigin, fixedParent, fixedTPM,
/// sign, decrypt, noDA.
const RSA_ATTRIBUTES: u32 = 0x0006_0472;
/// The same of an ECC key, which signs only.
const ECC_ATTRIBUTES: u32 = 0x0004_0072;
/// The policy of every key that Windows Hello makes, as 14 captured registrations have it.
const WINDOWS_POLICY: [u8; 32] = [
    0x9d, 0xff, 0xcb, 0xf3, 0x6c, 0x38, 0x3a, 0xe6, 0x99, 0xfb, 0x98, 0x68, 0xdc, 0x6d, 0xcb, 0x89, 0xd7, 0x15, 0x38,
    0x84, 0xbe, 0x28, 0x03, 0x92, 0x2c, 0x12, 0x41, 0x58, 0xbf, 0xad, 0x22, 0xae,
];
/// The exponent that a TPM writes as 0.
const DEFAULT_EXPONENT: &[u8] = &[1, 0, 1];

/// A public area whose name is a SHA-256, without symmetric algorithm, scheme and key derivation.
pub(super) struct PublicArea<'k> {
    /// objectAttributes.
    pub(super) attributes: u32,
    /// authPolicy.
    pub(super) policy: &'k [u8],
    /// The key.
    pub(super) key: Key<'k>,
}

/// The parameters and numbers that a TPM can hold.
pub(super) enum Key<'k> {
    Rsa { n: &'k [u8], exponent: u32 },
    Ecc { curve: u16, x: &'k [u8], y: &'k [u8] },
}

impl<'k> PublicArea<'k> {
    /// As Windows Hello has its TPM make them; `None` for keys that no TPM holds.
    pub(super) fn windows(public: &'k CredentialPublicKey) -> Option<Self> {
        let key = Key::of(public)?;
        let attributes = if matches!(key, Key::Rsa { .. }) { RSA_ATTRIBUTES } else { ECC_ATTRIBUTES };
        Some(Self { attributes, policy: &WINDOWS_POLICY, key })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let (kind, numbers) = match &self.key {
            Key::Rsa { n, exponent } => (tpm::alg::RSA, rsa(n, *exponent)),
            Key::Ecc { curve, x, y } => (tpm::alg::ECC, ecc(*curve, x, y)),
        };
        let mut out = kind.to_be_bytes().to_vec();
        out.extend(tpm::alg::SHA256.to_be_bytes());
        out.extend(self.attributes.to_be_bytes());
        out.extend(sized(self.policy));
        out.extend(numbers);
        out
    }
}

impl<'k> Key<'k> {
    pub(super) fn of(public: &'k CredentialPublicKey) -> Option<Self> {
        Some(match &public.material {
            KeyMaterial::Rsa { n, e } if e == DEFAULT_EXPONENT => Self::Rsa { n, exponent: 0 },
            KeyMaterial::Rsa { n, e } if e.len() <= 4 => {
                Self::Rsa { n, exponent: e.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) }
            }
            KeyMaterial::Ec2 { curve, x, y } => {
                let curve = match curve {
                    Curve::P256 => tpm::curve::NIST_P256,
                    Curve::P384 => tpm::curve::NIST_P384,
                    Curve::P521 => tpm::curve::NIST_P521,
                    #[allow(unreachable_patterns, reason = "curves that TPMs do not have may join")]
                    _ => return None,
                };
                Self::Ecc { curve, x, y }
            }
            _ => return None,
        })
    }
}

/// TPMS_RSA_PARMS and TPM2B_PUBLIC_KEY_RSA.
fn rsa(n: &[u8], exponent: u32) -> Vec<u8> {
    let bits = u16::try_from(n.len() * 8).unwrap_or(u16::MAX);
    let mut out = Vec::with_capacity(n.len() + 12);
    [tpm::alg::NULL, tpm::alg::NULL, bits].iter().for_each(|number| out.extend(number.to_be_bytes()));
    out.extend(exponent.to_be_bytes());
    out.extend(sized(n));
    out
}

/// TPMS_ECC_PARMS and TPMS_ECC_POINT.
fn ecc(curve: u16, x: &[u8], y: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(x.len() + y.len() + 12);
    [tpm::alg::NULL, tpm::alg::NULL, curve, tpm::alg::NULL].iter().for_each(|number| out.extend(number.to_be_bytes()));
    out.extend(sized(x));
    out.extend(sized(y));
    out
}
