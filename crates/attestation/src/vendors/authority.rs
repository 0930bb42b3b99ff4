//! A root of the lab, and the certificates that it issues (`webauthn-3 §8.2.1`).

use lab_protocol::Random;
use lab_protocol::cose::{Algorithm, CredentialPublicKey};

use super::writer::{
    INTEGER, OCTET_STRING, PRINTABLE_STRING, SEQUENCE, UTF8_STRING, attribute, bits, element, extension, oid, time,
};
use super::{VendorModel, VendorsOptions};
use crate::emit::EmitError;
use crate::keys::SigningKey;
use crate::layout::{oid as id, text};
use crate::sha256;

/// The longest organization and common name (RFC 5280 §A.1, `ub-common-name`).
const MAX_NAME: usize = 64;

pub(super) struct Authority {
    name: &'static str,
    key: SigningKey,
    subject: Vec<u8>,
    key_id: [u8; 20],
    certificate: Vec<u8>,
}

/// What a batch certificate is made of.
pub(super) struct Profile<'a> {
    pub(super) model: &'a VendorModel,
    pub(super) key: &'a CredentialPublicKey,
    pub(super) options: VendorsOptions,
}

impl Authority {
    /// A root that issues itself. Its key is one of ES256: the backends make those from any seed.
    pub(super) fn root(name: &'static str, options: VendorsOptions, rng: &mut dyn Random) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, options.backend, rng);
        let key = key.expect("a hash in counter mode hits the range of P-256, and aws-lc has randomness");
        let spki = key.public_key().to_spki().unwrap_or_default();
        let common_name = format!("{}: {name}{}", text::LABORATORY, seeded(options));
        let organization = attribute(id::ORGANIZATION, UTF8_STRING, "Passkey Lab");
        let subject = element(SEQUENCE, &[&organization, &attribute(id::COMMON_NAME, UTF8_STRING, &common_name)]);
        let mut root = Self { name, key, key_id: key_id(&spki), subject: subject.clone(), certificate: Vec::new() };
        let extensions = [authority_constraints(), root.subject_key_id(&spki)].concat();
        let parts = Parts { subject: &subject, spki: &spki, extensions: &extensions, options };
        root.certificate = root.sign(&parts, rng);
        root
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Issues a batch certificate.
    pub(super) fn issue(&self, profile: &Profile<'_>, rng: &mut dyn Random) -> Result<Vec<u8>, EmitError> {
        let spki = profile.key.to_spki().ok_or(EmitError::NoCertificate { alg: profile.key.alg })?;
        let subject = subject(profile)?;
        let mut extensions = extension(id::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[]));
        if profile.model.aaguid_extension {
            let aaguid = element(OCTET_STRING, &[profile.model.aaguid.as_bytes()]);
            extensions.extend(extension(id::FIDO_AAGUID, false, &aaguid));
        }
        extensions.extend(self.subject_key_id(&spki));
        let key_id = element(SEQUENCE, &[&element(AUTHORITY_KEY_ID_TAG, &[&self.key_id])]);
        extensions.extend(extension(id::AUTHORITY_KEY_ID, false, &key_id));
        let parts = Parts { subject: &subject, spki: &spki, extensions: &extensions, options: profile.options };
        Ok(self.sign(&parts, rng))
    }

    fn subject_key_id(&self, spki: &[u8]) -> Vec<u8> {
        extension(id::SUBJECT_KEY_ID, false, &element(OCTET_STRING, &[&key_id(spki)]))
    }

    fn sign(&self, parts: &Parts<'_>, rng: &mut dyn Random) -> Vec<u8> {
        let algorithm = element(SEQUENCE, &[&oid(id::ECDSA_SHA256)]);
        let validity = element(SEQUENCE, &[&time(parts.options.not_before), &time(parts.options.not_after)]);
        let tbs = element(
            SEQUENCE,
            &[
                VERSION_3,
                &serial(rng),
                &algorithm,
                &self.subject,
                &validity,
                parts.subject,
                parts.spki,
                &element(EXTENSIONS_TAG, &[&element(SEQUENCE, &[parts.extensions])]),
            ],
        );
        let signature = bits(&self.key.sign(&tbs, rng));
        element(SEQUENCE, &[&tbs, &algorithm, &signature])
    }
}

/// The variable parts of a certificate, as DER.
struct Parts<'a> {
    subject: &'a [u8],
    spki: &'a [u8],
    extensions: &'a [u8],
    options: VendorsOptions,
}

/// `[0] EXPLICIT INTEGER 2`.
const VERSION_3: &[u8] = &[0xa0, 0x03, 0x02, 0x01, 0x02];
/// `[3] EXPLICIT`, around the extensions.
const EXTENSIONS_TAG: u8 = 0xa3;
/// `[0] IMPLICIT`, the key identifier of an issuer.
const AUTHORITY_KEY_ID_TAG: u8 = 0x80;

/// C, O, OU and CN as `webauthn-3 §8.2.1` wants them, in the maker's words and not to be mistaken.
fn subject(profile: &Profile<'_>) -> Result<Vec<u8>, EmitError> {
    let VendorModel { name, vendor, country, .. } = profile.model;
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(EmitError::Country { found: country.clone() });
    }
    let organization = fit("", vendor, " (stand-in of Passkey Lab)");
    let common_name = fit("LAB ", name, &format!(" batch{}", seeded(profile.options)));
    Ok(element(
        SEQUENCE,
        &[
            &attribute(id::COUNTRY, PRINTABLE_STRING, country),
            &attribute(id::ORGANIZATION, UTF8_STRING, &organization),
            &attribute(id::ORGANIZATIONAL_UNIT, UTF8_STRING, text::ATTESTATION_OU),
            &attribute(id::COMMON_NAME, UTF8_STRING, &common_name),
        ],
    ))
}

fn seeded(options: VendorsOptions) -> String {
    if options.seeded { format!(" {}", text::SEEDED) } else { String::new() }
}

/// The three parts, the middle one shortened so that all of it has at most [`MAX_NAME`] characters.
fn fit(before: &str, middle: &str, after: &str) -> String {
    let room = MAX_NAME.saturating_sub(before.chars().count() + after.chars().count());
    let shortened: String = middle.chars().take(room).collect();
    format!("{before}{shortened}{after}")
}

/// Basic constraints with CA true, and a key usage of keyCertSign and cRLSign; both critical.
fn authority_constraints() -> Vec<u8> {
    let constraints = element(SEQUENCE, &[&[0x01, 0x01, 0xff]]);
    let usage = [0x03, 0x02, 0x01, 0x06];
    [extension(id::BASIC_CONSTRAINTS, true, &constraints), extension(id::KEY_USAGE, true, &usage)].concat()
}

/// A positive serial number of 16 bytes (RFC 5280 §4.1.2.2).
fn serial(rng: &mut dyn Random) -> Vec<u8> {
    let mut serial = [0; 16];
    rng.fill(&mut serial);
    serial[0] = serial[0] & 0x7f | 0x40;
    element(INTEGER, &[&serial])
}

/// 160 bits of a hash of the key (RFC 7093 §2).
fn key_id(spki: &[u8]) -> [u8; 20] {
    let mut id = [0; 20];
    id.iter_mut().zip(sha256(spki)).for_each(|(to, from)| *to = from);
    id
}
