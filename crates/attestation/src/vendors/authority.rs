//! Certificate authorities: the two roots of the lab, those under them, and what they issue.

use jiff::Timestamp;
use lab_protocol::Random;
use lab_protocol::cose::{Algorithm, CredentialPublicKey};

use super::VendorsOptions;
use super::extensions::{self, usage};
use super::name::seeded;
use super::writer::{INTEGER, NULL, SEQUENCE, UTF8_STRING, attribute, bits, element, explicit, oid, time};
use crate::emit::EmitError;
use crate::keys::SigningKey;
use crate::layout::{oid as id, text};
use crate::sha256;

/// `[0] EXPLICIT INTEGER 2`.
const VERSION_3: &[u8] = &[0xa0, 0x03, 0x02, 0x01, 0x02];
/// `[3] EXPLICIT`, around the extensions.
const EXTENSIONS: u32 = 3;

/// A key that certifies, and its certificate.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    name: String,
    key: SigningKey,
    signature_algorithm: Vec<u8>,
    subject: Vec<u8>,
    key_id: [u8; 20],
    certificate: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

/// A certificate before it is signed.
pub(crate) struct Draft<'a> {
    /// The name, as DER.
    pub(crate) subject: &'a [u8],
    /// The key.
    pub(crate) spki: &'a [u8],
    /// The content of the serial number.
    pub(crate) serial: &'a [u8],
    /// First and last moment of its validity.
    pub(crate) validity: (Timestamp, Timestamp),
    /// The extensions, one after the other.
    pub(crate) extensions: &'a [u8],
}

/// A CA under another, before it is signed.
pub(crate) struct Subordinate<'a> {
    /// The name, as DER.
    pub(crate) subject: &'a [u8],
    /// Its key.
    pub(crate) key: SigningKey,
    /// How many CAs may follow it.
    pub(crate) path_len: Option<u8>,
    /// Bits of its key usage.
    pub(crate) usage: &'a [u8],
    /// Further extensions, in front of the key identifiers.
    pub(crate) extensions: &'a [u8],
}

impl Authority {
    /// A root that issues itself. Its key is one of ES256: the backends make those from any seed.
    pub(super) fn root(name: &'static str, options: VendorsOptions, rng: &mut dyn Random) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, options.backend, rng);
        let key = key.expect("a hash in counter mode hits the range of P-256, and aws-lc has randomness");
        let common_name = format!("{}: {name}{}", text::LABORATORY, seeded(options));
        let organization = attribute(id::ORGANIZATION, UTF8_STRING, "Passkey Lab");
        let subject = element(SEQUENCE, &[&organization, &attribute(id::COMMON_NAME, UTF8_STRING, &common_name)]);
        let mut root = Self::of_key(name.to_owned(), key, subject.clone());
        let usage = extensions::key_usage(&[usage::CERT_SIGN, usage::CRL_SIGN]);
        let extensions = [extensions::authority(None), usage, extensions::subject_key_id(&root.key_id)].concat();
        let draft = Draft {
            subject: &subject,
            spki: &spki(root.key.public_key()).unwrap_or_default(),
            serial: &random_serial(rng),
            validity: (options.not_before, options.not_after),
            extensions: &extensions,
        };
        root.certificate = root.issue(&draft, rng);
        root
    }

    /// An authority with this key and name, and no certificate yet.
    pub(super) fn of_key(name: String, key: SigningKey, subject: Vec<u8>) -> Self {
        let key_id = key_id(&spki(key.public_key()).unwrap_or_default());
        let signature_algorithm = signature_algorithm(key.algorithm()).unwrap_or_default();
        Self { name, key, signature_algorithm, subject, key_id, certificate: Vec::new(), chain: Vec::new() }
    }

    /// Somebody else's authority: key, subject and key identifier as its certificate has them, and the
    /// certificates that are sent along.
    pub(crate) fn own(key: SigningKey, certificate: &crate::x509::Certificate<'_>, chain: Vec<Vec<u8>>) -> Self {
        Self::again("own authority".to_owned(), key, certificate, chain)
    }

    /// An authority that was made before, as its certificate has it.
    pub(super) fn again(
        name: String,
        key: SigningKey,
        certificate: &crate::x509::Certificate<'_>,
        chain: Vec<Vec<u8>>,
    ) -> Self {
        let mut again = Self::of_key(name, key, certificate.subject.der().to_vec());
        let found = certificate.extension(id::SUBJECT_KEY_ID).and_then(|found| found.value.strip_prefix(&[4, 20]));
        again.key_id = found.and_then(|found| found.try_into().ok()).unwrap_or(again.key_id);
        again.certificate = certificate.der.to_vec();
        again.chain = chain;
        again
    }

    /// The secret of its key.
    pub(super) fn secret(&self) -> Vec<u8> {
        self.key.to_secret()
    }

    /// Certifies a CA, whose certificate and those above it are then sent along.
    ///
    /// # Errors
    /// A key that no certificate can hold or sign with.
    pub(crate) fn subordinate(
        &self,
        ca: Subordinate<'_>,
        options: VendorsOptions,
        rng: &mut dyn Random,
    ) -> Result<Self, EmitError> {
        let alg = ca.key.algorithm();
        signature_algorithm(alg).ok_or(EmitError::NoCertificate { alg })?;
        let mut below = Self::of_key(self.name.clone(), ca.key, ca.subject.to_vec());
        let extensions = [
            extensions::key_usage(ca.usage),
            extensions::authority(ca.path_len),
            ca.extensions.to_vec(),
            extensions::subject_key_id(&below.key_id),
            extensions::authority_key_id(&self.key_id),
        ];
        let draft = Draft {
            subject: ca.subject,
            spki: &spki(below.key.public_key())?,
            serial: &random_serial(rng),
            validity: (options.not_before, options.not_after),
            extensions: &extensions.concat(),
        };
        below.certificate = self.issue(&draft, rng);
        below.chain = std::iter::once(below.certificate.clone()).chain(self.chain.iter().cloned()).collect();
        Ok(below)
    }

    /// Which root it stands under.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The algorithm that it signs with.
    pub(super) fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// Its certificate, as DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Its certificate and those above it, without the root.
    pub(crate) fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The identifier of its key.
    pub(crate) const fn key_id(&self) -> &[u8; 20] {
        &self.key_id
    }

    /// The extensions that bind a certificate to its key and to this issuer.
    pub(crate) fn key_ids(&self, spki: &[u8]) -> Vec<u8> {
        [extensions::subject_key_id(&key_id(spki)), extensions::authority_key_id(&self.key_id)].concat()
    }

    /// Signs a certificate.
    pub(crate) fn issue(&self, draft: &Draft<'_>, rng: &mut dyn Random) -> Vec<u8> {
        let validity = element(SEQUENCE, &[&time(draft.validity.0), &time(draft.validity.1)]);
        let tbs = element(
            SEQUENCE,
            &[
                VERSION_3,
                &element(INTEGER, &[draft.serial]),
                &self.signature_algorithm,
                &self.subject,
                &validity,
                draft.subject,
                draft.spki,
                &explicit(EXTENSIONS, &[&element(SEQUENCE, &[draft.extensions])]),
            ],
        );
        let signature = bits(&self.key.sign(&tbs, rng));
        element(SEQUENCE, &[&tbs, &self.signature_algorithm, &signature])
    }
}

/// The key as a certificate holds it.
///
/// # Errors
/// [`EmitError::NoCertificate`].
pub(crate) fn spki(key: &CredentialPublicKey) -> Result<Vec<u8>, EmitError> {
    key.to_spki().ok_or(EmitError::NoCertificate { alg: key.alg })
}

/// The AlgorithmIdentifier of certificates that a key of `alg` signs (RFC 5758, RFC 4055, RFC 8410).
fn signature_algorithm(alg: Algorithm) -> Option<Vec<u8>> {
    let (identifier, parameters) = match alg.0 {
        -7 | -9 => (id::ECDSA_SHA256, &[][..]),
        -35 | -51 => (id::ECDSA_SHA384, &[][..]),
        -36 | -52 => (id::ECDSA_SHA512, &[][..]),
        -8 | -19 => (id::ED25519, &[][..]),
        -257 => (id::RSA_SHA256, NULL),
        -258 => (id::RSA_SHA384, NULL),
        -259 => (id::RSA_SHA512, NULL),
        _ => return None,
    };
    Some(element(SEQUENCE, &[&oid(identifier), parameters]))
}

/// The content of a positive serial number of 16 bytes (RFC 5280 §4.1.2.2).
pub(crate) fn random_serial(rng: &mut dyn Random) -> [u8; 16] {
    let mut serial = [0; 16];
    rng.fill(&mut serial);
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

/// 160 bits of a hash of the key (RFC 7093 §2).
pub(crate) fn key_id(spki: &[u8]) -> [u8; 20] {
    let mut id = [0; 20];
    id.iter_mut().zip(sha256(spki)).for_each(|(to, from)| *to = from);
    id
}
