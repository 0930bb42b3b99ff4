//! A key as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), the form of `getPublicKey()` (`webauthn-3 §5.2.1.1`).

use super::{CredentialPublicKey, Curve, KeyMaterial, MlDsa};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// `id-ecPublicKey`, 1.2.840.10045.2.1, with its header.
const EC_PUBLIC_KEY: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `prime256v1`, 1.2.840.10045.3.1.7, with its header.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// `secp384r1`, 1.3.132.0.34, with its header.
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// `secp521r1`, 1.3.132.0.35, with its header.
const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];
/// `secp256k1`, 1.3.132.0.10, with its header.
const SECP256K1: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a];
/// `id-Ed25519`, 1.3.101.112, with its header.
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// `id-Ed448`, 1.3.101.113, with its header.
const ED448: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x71];
/// `id-ml-dsa-44`, 2.16.840.1.101.3.4.3.17, with its header (RFC 9881).
const ML_DSA_44: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11];
/// `id-ml-dsa-65`, 2.16.840.1.101.3.4.3.18, with its header.
const ML_DSA_65: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12];
/// `id-ml-dsa-87`, 2.16.840.1.101.3.4.3.19, with its header.
const ML_DSA_87: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13];
/// `rsaEncryption`, 1.2.840.113549.1.1.1, and its NULL parameters, with their headers.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

impl CredentialPublicKey {
    /// The DER of the key's SubjectPublicKeyInfo; `None` for key types that the lab does not know.
    #[must_use]
    pub fn to_spki(&self) -> Option<Vec<u8>> {
        Some(match &self.material {
            KeyMaterial::Ec2 { curve, x, y } => {
                let parameters = match curve {
                    Curve::P256 => P256,
                    Curve::P384 => P384,
                    Curve::P521 => P521,
                    Curve::Secp256k1 => SECP256K1,
                };
                info(&[EC_PUBLIC_KEY, parameters].concat(), &[&[0x04][..], x, y].concat())
            }
            KeyMaterial::Ed25519 { x } => info(ED25519, x),
            KeyMaterial::Ed448 { x } => info(ED448, x),
            KeyMaterial::MlDsa { set, key } => {
                let algorithm = match set {
                    MlDsa::MlDsa44 => ML_DSA_44,
                    MlDsa::MlDsa65 => ML_DSA_65,
                    MlDsa::MlDsa87 => ML_DSA_87,
                };
                info(algorithm, key)
            }
            KeyMaterial::Rsa { n, e } => {
                let numbers = [unsigned(n), unsigned(e)].concat();
                info(RSA, &element(SEQUENCE, &numbers))
            }
            KeyMaterial::Unknown { .. } => return None,
        })
    }
}

fn info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let key = element(BIT_STRING, &[&[0x00][..], key].concat());
    element(SEQUENCE, &[element(SEQUENCE, algorithm), key].concat())
}

/// A DER INTEGER of a big-endian number without leading zeros.
fn unsigned(number: &[u8]) -> Vec<u8> {
    match number.first() {
        Some(0x80..) => element(INTEGER, &[&[0x00][..], number].concat()),
        _ => element(INTEGER, number),
    }
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0).map_or(&[][..], |at| &length[at..]);
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        _ => {
            out.push(0x80 | significant.len() as u8);
            out.extend_from_slice(significant);
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::super::Algorithm;
    use super::*;

    fn spki(alg: Algorithm, material: KeyMaterial) -> Vec<u8> {
        CredentialPublicKey { alg, material, extra: vec![] }.to_spki().unwrap()
    }

    /// The first bytes are those that every X.509 library writes for these keys.
    #[test]
    fn each_key_type_has_the_header_that_libraries_write() {
        let p256 = spki(Algorithm::ES256, KeyMaterial::Ec2 { curve: Curve::P256, x: vec![1; 32], y: vec![2; 32] });
        let header = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
        assert_eq!(hex(&p256[..27]), header);
        assert_eq!(p256.len(), 91);
        let ed = spki(Algorithm::EDDSA, KeyMaterial::Ed25519 { x: [3; 32] });
        assert_eq!(hex(&ed[..12]), "302a300506032b6570032100");
        let k1 = KeyMaterial::Ec2 { curve: Curve::Secp256k1, x: vec![1; 32], y: vec![2; 32] };
        assert_eq!(hex(&spki(Algorithm::ES256K, k1)[..24]), "3056301006072a8648ce3d020106052b8104000a03420004");
        let ed = spki(Algorithm::ED448, KeyMaterial::Ed448 { x: [3; 57] });
        assert_eq!(hex(&ed[..12]), "3043300506032b6571033a00");
        let ml = spki(Algorithm::ML_DSA_44, KeyMaterial::MlDsa { set: MlDsa::MlDsa44, key: vec![4; 1312] });
        assert_eq!(hex(&ml[..22]), "30820532300b0609608648016503040311038205210".to_owned() + "0");
        let rsa = spki(Algorithm::RS256, KeyMaterial::Rsa { n: vec![0x81; 256], e: vec![1, 0, 1] });
        assert_eq!(hex(&rsa[..34]), "30820122300d06092a864886f70d01010105000382010f003082010a028201010081");
        assert!(rsa.ends_with(&[0x02, 0x03, 0x01, 0x00, 0x01]));
        assert_eq!(rsa.len(), 294);
        let unknown = KeyMaterial::Unknown { kty: 7, crv: None };
        assert_eq!(CredentialPublicKey { alg: Algorithm(-46), material: unknown, extra: vec![] }.to_spki(), None);
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
