//! What stands where in a certificate (RFC 5280 §4.1) and in what some of them carry.

use lab_attestation::asn1::{self, Class, Tag};
use lab_attestation::key_description;

/// What an element holds.
pub(super) enum Shape {
    /// Whatever its tag says.
    Any,
    /// Members in their order.
    Fields(&'static [Field]),
    /// Elements that are alike.
    Each(&'static str, &'static Shape),
    /// An extension, named by its object identifier.
    Extension,
    /// Android's authorization list: members named by their tags.
    Authorizations,
    /// Bytes that are DER again.
    Wrapped(&'static str, &'static Shape),
}

/// A member.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The first byte that it has; `None`: it is always there.
    pub(super) tag: Option<u8>,
    pub(super) shape: &'static Shape,
}

const fn field(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, tag: None, shape }
}

const fn optional(name: &'static str, tag: u8, shape: &'static Shape) -> Field {
    Field { name, tag: Some(tag), shape }
}

static ANY: Shape = Shape::Any;
static NO_FIELDS: [Field; 0] = [];

/// `Certificate`.
pub(super) static CERTIFICATE: Shape = Shape::Fields(&[
    field("tbsCertificate", &TBS),
    field("signatureAlgorithm", &ALGORITHM),
    field("signatureValue", &ANY),
]);

static TBS: Shape = Shape::Fields(&[
    optional("version", 0xa0, &VERSION),
    field("serialNumber", &ANY),
    field("signature", &ALGORITHM),
    field("issuer", &NAME),
    field("validity", &VALIDITY),
    field("subject", &NAME),
    field("subjectPublicKeyInfo", &KEY_INFO),
    optional("issuerUniqueID", 0x81, &ANY),
    optional("subjectUniqueID", 0x82, &ANY),
    optional("extensions", 0xa3, &EXTENSIONS),
]);

static VERSION: Shape = Shape::Each("Version", &ANY);
static ALGORITHM: Shape = Shape::Fields(&[field("algorithm", &ANY), field("parameters", &ANY)]);
static NAME: Shape = Shape::Each("RelativeDistinguishedName", &RELATIVE);
static RELATIVE: Shape = Shape::Each("AttributeTypeAndValue", &ATTRIBUTE);
static ATTRIBUTE: Shape = Shape::Fields(&[field("type", &ANY), field("value", &ANY)]);
static VALIDITY: Shape = Shape::Fields(&[field("notBefore", &ANY), field("notAfter", &ANY)]);
static KEY_INFO: Shape = Shape::Fields(&[field("algorithm", &ALGORITHM), field("subjectPublicKey", &ANY)]);
static EXTENSIONS: Shape = Shape::Each("Extensions", &EACH_EXTENSION);
static EACH_EXTENSION: Shape = Shape::Each("Extension", &Shape::Extension);

static EXTENSION: [Field; 3] =
    [field("extnID", &ANY), optional("critical", 0x01, &ANY), field("extnValue", &EXTENSION_VALUE)];
static EXTENSION_VALUE: Shape = Shape::Wrapped("value", &ANY);
static DESCRIBED_EXTENSION: [Field; 3] =
    [field("extnID", &ANY), optional("critical", 0x01, &ANY), field("extnValue", &DESCRIPTION_VALUE)];
static DESCRIPTION_VALUE: Shape = Shape::Wrapped("KeyDescription", &KEY_DESCRIPTION);

static KEY_DESCRIPTION: Shape = Shape::Fields(&[
    field("attestationVersion", &ANY),
    field("attestationSecurityLevel", &ANY),
    field("keymasterVersion", &ANY),
    field("keymasterSecurityLevel", &ANY),
    field("attestationChallenge", &ANY),
    field("uniqueId", &ANY),
    field("softwareEnforced", &Shape::Authorizations),
    field("teeEnforced", &Shape::Authorizations),
]);

/// `Ecdsa-Sig-Value`.
pub(super) static SIGNATURE: Shape = Shape::Fields(&[field("r", &ANY), field("s", &ANY)]);

/// DER of `id-android-key-description`, as an element.
const ANDROID_KEY: [u8; 12] = [0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];

impl Shape {
    /// The members of an element with this content.
    pub(super) fn fields(&self, content: &[u8]) -> &'static [Field] {
        match self {
            Self::Fields(fields) => fields,
            Self::Extension if content.starts_with(&ANDROID_KEY) => &DESCRIBED_EXTENSION,
            Self::Extension => &EXTENSION,
            _ => &NO_FIELDS,
        }
    }

    /// The name and shape of an element that is no named member.
    pub(super) fn element(&self, bytes: &[u8], index: usize) -> (String, &'static Self) {
        let tag = asn1::header(bytes).map(|header| header.tag);
        match (self, tag) {
            (Self::Each(name, shape) | Self::Wrapped(name, shape), _) => ((*name).to_owned(), shape),
            (Self::Authorizations, Ok(Tag { class: Class::Context, number, .. })) => (
                key_description::name(number)
                    .map_or_else(|| format!("[{number}]"), |name| format!("{name} [{number}]")),
                &ANY,
            ),
            (_, Ok(tag)) => (tag.name(), &ANY),
            (_, Err(_)) => (format!("element {index}"), &ANY),
        }
    }

    /// Whether the content of a primitive element is elements again.
    pub(super) fn is_nested(&self, tag: Tag, content: &[u8]) -> bool {
        let der = || asn1::only(content).is_ok_and(|inner| inner.tag.class == Class::Universal);
        tag == Tag::OCTET_STRING
            && match self {
                Self::Wrapped(..) => der(),
                Self::Any => content.first() == Some(&0x30) && der(),
                _ => false,
            }
    }
}
