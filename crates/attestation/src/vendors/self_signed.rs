//! The certificate of a TLS server that exists for one run: its own key signed it, and it signs nothing else.

use std::fmt;

use jiff::Timestamp;
use lab_protocol::Random;
use lab_protocol::cose::{Algorithm, KeyMaterial};

use super::authority::{Authority, Draft, random_serial, spki};
use super::extensions::{self, usage};
use super::name::name;
use super::writer::{INTEGER, OCTET_STRING, SEQUENCE, bits, element, explicit, oid};
use crate::emit::EmitError;
use crate::keys::{Backend, SigningKey};
use crate::layout::oid as id;

/// Who it says that it is, whatever host it is shown for.
const ORGANIZATION: &str = "LABORATORY, NOT THE REAL SERVER";
const COMMON_NAME: &str = "Passkey Lab, made for one run";

/// A certificate and its key.
#[derive(Clone)]
pub struct SelfSigned {
    /// The certificate, as DER.
    pub certificate: Vec<u8>,
    /// Its SubjectPublicKeyInfo, by whose hash a client pins it.
    pub spki: Vec<u8>,
    /// The private key, as `ECPrivateKey` (RFC 5915).
    pub key: Vec<u8>,
}

impl SelfSigned {
    /// For a server of these names, host names or IP addresses, between two moments. The key is one of P-256 and
    /// comes from aws-lc's own randomness, whatever the seed of a run.
    ///
    /// # Errors
    /// The library gives no key.
    pub fn new(names: &[&str], validity: (Timestamp, Timestamp), serial: &mut dyn Random) -> Result<Self, EmitError> {
        let key = SigningKey::generate(Algorithm::ES256, Backend::Fast, serial)?;
        let subject = name(&[(id::ORGANIZATION, ORGANIZATION), (id::COMMON_NAME, COMMON_NAME)]);
        let spki = spki(key.public_key())?;
        let extensions = [
            extensions::end_entity(),
            extensions::key_usage(&[usage::DIGITAL_SIGNATURE]),
            extensions::extended_key_usage(&[id::SERVER_AUTH]),
            extensions::host_names(names),
        ];
        let draft = Draft {
            subject: &subject,
            spki: &spki,
            serial: &random_serial(serial),
            validity,
            extensions: &extensions.concat(),
        };
        let certificate = Authority::of_key("server".to_owned(), key.clone(), subject.clone()).issue(&draft, serial);
        Ok(Self { certificate, spki, key: ec_private_key(&key) })
    }
}

/// `ECPrivateKey` with curve and public point, as other libraries want it.
fn ec_private_key(key: &SigningKey) -> Vec<u8> {
    let point = match &key.public_key().material {
        KeyMaterial::Ec2 { x, y, .. } => [&[4], x.as_slice(), y].concat(),
        _ => Vec::new(),
    };
    let secret = element(OCTET_STRING, &[&key.to_secret()]);
    let (curve, point) = (explicit(0, &[&oid(id::P256)]), explicit(1, &[&bits(&point)]));
    element(SEQUENCE, &[&element(INTEGER, &[&[1]]), &secret, &curve, &point])
}

impl fmt::Debug for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfSigned").field("certificate", &self.certificate.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::PublicKey;
    use crate::test_rng::Counter;
    use crate::x509::{Certificate, GeneralName};

    #[test]
    fn it_says_what_it_is_and_is_no_ca() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let end = start + jiff::SignedDuration::from_hours(48);
        let made = SelfSigned::new(&["lab.example", "127.0.0.1"], (start, end), &mut Counter::new(1)).unwrap();
        let certificate = Certificate::parse(&made.certificate).unwrap();
        assert!(certificate.subject.to_string().contains("LABORATORY"), "{}", certificate.subject);
        assert!(certificate.is_self_issued());
        assert_eq!((certificate.not_before, certificate.not_after), (start, end));
        assert_eq!(certificate.spki, made.spki);
        assert!(!certificate.basic_constraints().unwrap().unwrap().ca);
        assert_eq!(certificate.extended_key_usages().unwrap(), Some(vec![id::SERVER_AUTH]));
        let (names, _) = certificate.alternative_names().unwrap().unwrap();
        assert_eq!(names, [GeneralName::Dns("lab.example".to_owned()), GeneralName::Unread(0x87)]);
        assert!(matches!(certificate.public_key(), PublicKey::Ec2 { .. }));
        let again = SelfSigned::new(&["lab.example"], (start, end), &mut Counter::new(1)).unwrap();
        assert_ne!(made.spki, again.spki, "no seed makes the key again");
        assert!(!format!("{made:?}").contains("key"));
    }
}
