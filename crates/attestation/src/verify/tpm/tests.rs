use ciborium::Value;
use lab_protocol::cose::{Algorithm, CredentialPublicKey, KeyMaterial};
use lab_protocol::trace::{Choice, Outcome};
use proptest::prelude::*;

use super::attest::{Attest, AttestedInfo};
use super::public::{Object, Public, Scheme, Symmetric};
use super::*;
use crate::keys::{Backend, SigningKey};
use crate::layout::oid as id;
use crate::policy::Policy;
use crate::signature::Hash;
use crate::test_certificates::{Issued, Template, basic_constraints, key, name};
use crate::test_rng::Counter;
use crate::test_statements::{HASH, statement, x5c};
use crate::test_subject::{Subject, Verified, with_member};
use crate::vendors::writer::{OCTET_STRING, SEQUENCE, SET, UTF8_STRING, element, extension, oid};

mod certificate;
mod properties;
mod structures;

/// A statement in the making; everything that is signed is signed after the changes.
#[derive(Clone)]
struct Draft {
    subject: Subject,
    aik: Issued,
    alg: i64,
    pub_area: Vec<u8>,
    name: Option<Vec<u8>>,
    extra_data: Option<Vec<u8>>,
    magic: u32,
    tag: u16,
    trailing: Vec<u8>,
}

impl Draft {
    fn of(credential: SigningKey) -> Self {
        let pub_area = pub_area(credential.public_key());
        Self {
            subject: Subject::new(credential),
            aik: aik().issued_by(&root()),
            alg: -7,
            pub_area,
            name: None,
            extra_data: None,
            magic: tpm::GENERATED,
            tag: tpm::ST_ATTEST_CERTIFY,
            trailing: vec![],
        }
    }

    fn new() -> Self {
        Self::of(key(1))
    }

    fn cert_info(&self) -> Vec<u8> {
        let name =
            self.name.clone().unwrap_or_else(|| [&[0, 0x0b][..], &Hash::Sha256.digest(&[&self.pub_area])].concat());
        let scheme = signature::Scheme::of(Algorithm(self.alg)).map(|(scheme, _)| scheme);
        let hash = scheme.and_then(signature::Scheme::hash).unwrap_or(Hash::Sha256);
        let extra = self.extra_data.clone().unwrap_or_else(|| hash.digest(&[&self.subject.auth_data(), &HASH]));
        let clock = [0x33; 25];
        [
            &self.magic.to_be_bytes()[..],
            &self.tag.to_be_bytes(),
            &sized(&[1, 2]),
            &sized(&extra),
            &clock,
            &sized(&name),
            &sized(&[3, 4, 5]),
            &self.trailing,
        ]
        .concat()
    }

    fn statement(&self) -> Vec<u8> {
        self.signed_by(&self.aik.key)
    }

    fn signed_by(&self, signer: &SigningKey) -> Vec<u8> {
        let cert_info = self.cert_info();
        let sig = signer.sign(&cert_info, &mut Counter::new(0));
        statement(&[
            ("ver", "2.0".into()),
            ("alg", self.alg.into()),
            ("x5c", x5c(&[&self.aik.der])),
            ("sig", Value::Bytes(sig)),
            ("certInfo", Value::Bytes(cert_info)),
            ("pubArea", Value::Bytes(self.pub_area.clone())),
        ])
    }

    fn verify(&self) -> Verified {
        self.subject.verify("tpm", &self.statement())
    }

    fn with_aik(template: &Template) -> Self {
        Self { aik: template.issued_by(&root()), ..Self::new() }
    }
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

fn u16s(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The head of a pubArea: nameAlg SHA-256, a policy of 32 bytes.
fn head(kind: u16) -> Vec<u8> {
    [u16s(&[kind, 0x000b, 0x0006, 0x0472]), sized(&[8; 32])].concat()
}

fn pub_area(key: &CredentialPublicKey) -> Vec<u8> {
    match &key.material {
        KeyMaterial::Ec2 { curve, x, y } => {
            let id = match curve.field_len() {
                32 => 3,
                48 => 4,
                _ => 5,
            };
            [head(0x0023), u16s(&[0x10, 0x10, id, 0x10]), sized(x), sized(y)].concat()
        }
        KeyMaterial::Rsa { n, .. } => [head(0x0001), u16s(&[0x10, 0x10, 2048, 0, 0]), sized(n)].concat(),
        _ => panic!("no TPM has such a key"),
    }
}

fn root() -> Issued {
    Template::root("Root", 50).self_signed()
}

const TPM: [(const_oid::ObjectIdentifier, &str); 3] =
    [(id::TCG_TPM_MANUFACTURER, "id:494E5443"), (id::TCG_TPM_MODEL, "Model"), (id::TCG_TPM_VERSION, "id:00020000")];

/// An alternative name with one directoryName.
fn alternative_name(attributes: &[(const_oid::ObjectIdentifier, &str)], critical: bool) -> Vec<u8> {
    directory(&name(attributes), critical)
}

fn directory(name: &[u8], critical: bool) -> Vec<u8> {
    extension(id::SUBJECT_ALT_NAME, critical, &element(SEQUENCE, &[&element(0xa4, &[name])]))
}

fn key_usage(usages: &[const_oid::ObjectIdentifier]) -> Vec<u8> {
    let usages: Vec<_> = usages.iter().map(|usage| oid(*usage)).collect();
    extension(id::EXTENDED_KEY_USAGE, false, &element(SEQUENCE, &[&usages.concat()]))
}

/// An AIK certificate as `webauthn-3 §8.3.1` wants it, with these extensions.
fn with_extensions(extensions: Vec<Vec<u8>>) -> Template {
    Template { subject: name(&[]), extensions, ..Template::leaf() }
}

fn aik() -> Template {
    let usage = key_usage(&[id::TCG_AIK_CERTIFICATE]);
    with_extensions(vec![alternative_name(&TPM, true), usage, basic_constraints(false, None)])
}

fn generate(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, Backend::Deterministic, &mut Counter::new(9)).unwrap()
}

#[test]
fn a_statement_that_holds_visits_every_check() {
    for alg in [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::RS256] {
        let draft = Draft::of(generate(alg));
        let verified = draft.verify();
        assert_eq!(verified.ids(), CHECKS.iter().map(|check| check.id).collect::<Vec<_>>());
        assert_eq!(verified.outcome("attestation/tpm-aaguid"), Some(Outcome::NotApplicable));
        let attested = verified.held();
        assert_eq!((attested.kind, attested.trust_path), (Kind::AttCa, vec![draft.aik.der]), "{alg}");
        assert_eq!(attested.notes, []);
    }
}

#[test]
fn what_the_tpm_says_of_the_key_is_shown() {
    let bytes = Draft::of(generate(Algorithm::RS256)).pub_area;
    let public = Public::parse(&bytes).unwrap();
    assert_eq!(
        public.attributes.to_string(),
        "fixedTPM fixedParent sensitiveDataOrigin userWithAuth noDA decrypt sign"
    );
    let finding = key::judge(&public, generate(Algorithm::RS256).public_key());
    let shown = finding.actual.unwrap().to_string();
    assert!(shown.contains("an RSA key of 2048 bits; fixedTPM fixedParent"), "{shown}");
    let mut draft = Draft::new();
    draft.pub_area[7] ^= 0x02;
    assert_eq!(draft.verify().held().notes, []);
    assert!(draft.verify().entries[1].2.contains("may leave the TPM"));
}

#[test]
fn sha_1_is_accepted_and_said() {
    let mut draft = Draft::new();
    draft.alg = -65535;
    draft.aik = aik().issued_by_for(&root(), &generate(Algorithm::RS1));
    let verified = draft.verify();
    let sentence = &verified.entries.iter().find(|(id, ..)| *id == SIG.id).unwrap().2;
    assert!(sentence.contains("signed with SHA-1 (RS1)"), "{sentence}");
    assert_eq!(verified.held().notes, [Note::Sha1Statement]);
    // The hash of extraData follows alg: SHA-256 beside RS1 is another ceremony's.
    draft.extra_data = Some(Hash::Sha256.digest(&[&draft.subject.auth_data(), &HASH]));
    draft.verify().assert_refused(EXTRA_DATA.id, "expected");
}

#[test]
fn each_defect_of_the_syntax_is_named() {
    let good = Draft::new().statement();
    let refused = |member: &str, value: Option<Value>, cause: &str| {
        let changed = with_member(&good, member, |_| value);
        let verified = Draft::new().subject.verify("tpm", &changed);
        verified.assert_refused(SYNTAX.id, cause);
        assert!(verified.entries[1..].iter().all(|(_, outcome, _)| *outcome == Outcome::NotJudged));
    };
    refused("ver", None, "the member ver is missing");
    refused("ver", Some("1.2".into()), "ver is “1.2”, expected “2.0”");
    refused("ver", Some("2".into()), "ver is “2”");
    refused("ver", Some(2.into()), "ver is an integer, expected a text string");
    refused("alg", Some("RS256".into()), "alg is a text string");
    refused("sig", None, "sig is missing");
    refused("certInfo", None, "certInfo is missing");
    refused("pubArea", Some("x".into()), "pubArea is a text string");
    refused("x5c", Some(x5c(&[])), "x5c has no elements");
    refused("certInfo", Some(Value::Bytes(vec![])), "ends within magic");
    refused(
        "pubArea",
        Some(Value::Bytes(vec![0, 1, 0])),
        "ends within nameAlg: 2 bytes are needed at offset 2, 1 are left",
    );
    refused("ecdaaKeyId", Some(Value::Bytes(vec![1])), "ECDAA");
}

#[test]
fn a_statement_without_version_is_refused_unless_the_policy_notes_it() {
    let mut subject = Draft::new().subject;
    let without = with_member(&Draft::new().statement(), "ver", |_| None);
    subject.verify("tpm", &without).assert_refused(SYNTAX.id, "ver is missing");
    subject.policy.tpm_missing_version = Choice::Note;
    assert_eq!(subject.verify("tpm", &without).held().notes, [Note::NoTpmVersion]);
    let other = with_member(&without, "ver", |_| Some("1.2".into()));
    subject.verify("tpm", &other).assert_refused(SYNTAX.id, "ver is “1.2”");
}

#[test]
fn bytes_behind_the_structures_are_refused_unless_the_policy_notes_them() {
    let mut draft = Draft { trailing: vec![0, 0], ..Draft::new() };
    draft.verify().assert_refused(SYNTAX.id, "2 bytes follow certInfo (TPMS_ATTEST)");
    draft.subject.policy.tpm_trailing_bytes = Choice::Note;
    assert_eq!(draft.verify().held().notes, [Note::Trailing { structure: Structure::CertInfo, found: 2 }]);
    let mut draft = Draft::new();
    draft.pub_area.push(0);
    draft.verify().assert_refused(SYNTAX.id, "1 bytes follow pubArea (TPMT_PUBLIC)");
    draft.subject.policy.tpm_trailing_bytes = Choice::Note;
    assert_eq!(draft.verify().held().notes, [Note::Trailing { structure: Structure::PubArea, found: 1 }]);
}

#[test]
fn pub_area_has_to_be_of_the_credential() {
    let refused = |credential: SigningKey, pub_area: Vec<u8>, cause: &str| {
        let mut draft = Draft { pub_area, ..Draft::new() };
        draft.subject.credential = credential;
        draft.verify().assert_refused(PUB_AREA_KEY.id, cause);
    };
    let rsa = generate(Algorithm::RS256);
    refused(key(1), pub_area(key(2).public_key()), "another x coordinate");
    refused(
        key(1),
        pub_area(generate(Algorithm::ES384).public_key()),
        "names curve 0x0004, the credential is on P-256",
    );
    refused(
        key(1),
        pub_area(rsa.public_key()),
        "describes an RSA key of 2048 bits, the credential is a key on an elliptic",
    );
    refused(rsa.clone(), pub_area(key(1).public_key()), "describes a key on P-256, the credential is an RSA key");
    refused(generate(Algorithm::EDDSA), pub_area(key(1).public_key()), "an EdDSA key, which no TPM has");
    let good = pub_area(rsa.public_key());
    let with = |at: usize, bytes: &[u8]| [&good[..at], bytes, &good[at + bytes.len()..]].concat();
    let parameters = head(0x0001).len();
    refused(rsa.clone(), with(parameters + 4, &[4, 0]), "says that its modulus has 1024 bits; it has 2048");
    refused(rsa.clone(), with(parameters + 6, &[0, 0, 0, 3]), "has the exponent 3, the credential 65537");
    refused(rsa.clone(), with(parameters + 40, &[0; 8]), "another modulus");
    assert!(Draft { pub_area: with(parameters + 6, &[0, 1, 0, 1]), ..Draft::of(rsa) }.verify().attested.is_some());
    let sized_public = sized(&pub_area(key(1).public_key()));
    refused(key(1), sized_public, "an object of type 0x0076");
    let other_y = {
        let mut area = pub_area(key(1).public_key());
        *area.last_mut().unwrap() ^= 1;
        area
    };
    refused(key(1), other_y, "another y coordinate");
}

#[test]
fn the_certificates_key_has_to_have_signed_cert_info() {
    let draft = Draft::new();
    draft.subject.verify("tpm", &draft.signed_by(&key(3))).assert_refused(SIG.id, "not one by this key");
    let message = [draft.subject.auth_data(), HASH.to_vec()].concat();
    let over_data = draft.aik.key.sign(&message, &mut Counter::new(0));
    let changed = with_member(&draft.statement(), "sig", |_| Some(Value::Bytes(over_data)));
    draft.subject.verify("tpm", &changed).assert_refused(SIG.id, "not one by this key");
    let without = with_member(&draft.statement(), "x5c", |_| None);
    let verified = draft.subject.verify("tpm", &without);
    verified.assert_refused(X5C.id, "has no x5c");
    for check in [&AIK, &AAGUID, &SIG] {
        assert_eq!(verified.outcome(check.id), Some(Outcome::NotJudged));
    }
    assert_eq!(verified.outcome(NAME.id), Some(Outcome::Pass));
}

#[test]
fn cert_info_has_to_certify_this_key_for_this_ceremony() {
    let draft = Draft::new();
    let refused = |draft: Draft, check: &Check, cause: &str| draft.verify().assert_refused(check.id, cause);
    refused(Draft { magic: 0xff54_4346, ..draft.clone() }, &MAGIC, "0xff544346, expected 0xff544347");
    let quote = Draft { tag: 0x8018, ..draft.clone() };
    assert_eq!(quote.verify().outcome(NAME.id), Some(Outcome::NotJudged));
    refused(quote, &TYPE, "0x8018, expected 0x8017");
    refused(Draft { extra_data: Some(vec![1; 32]), ..draft.clone() }, &EXTRA_DATA, "found 0101");
    refused(Draft { extra_data: Some(vec![]), ..draft.clone() }, &EXTRA_DATA, "(no bytes)");
    let digest = Hash::Sha256.digest(&[&draft.pub_area]);
    let named = |name: Vec<u8>| Draft { name: Some(name), ..draft.clone() };
    refused(named([&[0, 0x0b][..], &[1; 32]].concat()), &NAME, "the attested name is 0101");
    refused(named([&[0, 0x0c][..], &digest].concat()), &NAME, "one of 0x000c, pubArea says 0x000b");
    refused(named(vec![]), &NAME, "one of no algorithm");
    refused(named([&[0, 0x0b][..], &digest, &[0]].concat()), &NAME, "the attested name is");
    let unknown = |alg: u8| {
        let mut area = draft.pub_area.clone();
        area[3] = alg;
        area
    };
    refused(Draft { pub_area: unknown(0x99), ..draft.clone() }, &NAME, "nameAlg of pubArea is 0x0099");
    for (alg, hash) in [(4, Hash::Sha1), (0x0c, Hash::Sha384), (0x0d, Hash::Sha512)] {
        let pub_area = unknown(alg);
        let name = Some([&[0, alg][..], &hash.digest(&[&pub_area])].concat());
        assert!(Draft { pub_area, name, ..draft.clone() }.verify().attested.is_some(), "{alg}");
    }
}

#[test]
fn an_algorithm_without_hash_makes_no_extra_data() {
    let draft = Draft { alg: -8, ..Draft::new() };
    let verified = draft.verify();
    assert_eq!(verified.outcome(EXTRA_DATA.id), Some(Outcome::Fail));
    verified.assert_refused(SIG.id, "EdDSA (-8) does not belong to a P-256 key");
}
