//! The attestation identity key of one PC and its chain (`webauthn-3 §8.3.1`), as Microsoft's cloud
//! issues them: an empty subject, the TPM named in the alternative name, a CA for each kind of TPM.

use const_oid::ObjectIdentifier;
use lab_protocol::cose::Algorithm;

use crate::emit::{Attestor, Certified, EmitError};
use crate::keys::SigningKey;
use crate::layout::oid as id;
use crate::vendors::authority::{Authority, Draft, Subordinate, key_id, random_serial, spki};
use crate::vendors::extensions::{self, usage};
use crate::vendors::name::{laboratory, name, seeded};
use crate::vendors::writer::{SEQUENCE, UTF8_STRING, element, extension, oid};
use crate::vendors::{Maker, VendorsOptions};

/// `id:4E544300`, Nuvoton: most of the captured PCs have one of its TPMs.
const MANUFACTURER: &str = "id:4E544300";
const MODEL: &str = "NPCT75x";
const VERSION: &str = "id:00070002";
/// What Microsoft calls a CA for them.
const AUTHORITY: &str = "EUS-NTC-KEYID-";

/// The purpose of CAs that issue AIK certificates, Microsoft's own.
const AIK_CA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.21.36");
/// The policy of AIK certificates, Microsoft's own.
const AIK_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.21.31");
/// `id-qt-unotice`.
const USER_NOTICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.2");
/// The notice of Microsoft's, which the TCG prescribes.
const NOTICE: &str = "TCPA  Trusted  Platform  Identity";

/// The key of one device and its certificates.
pub(super) fn attestor(maker: &Maker<'_>) -> Result<Attestor, EmitError> {
    let authority = maker.authority("aik", |root| authority(maker, root))?;
    let device = maker.wanted.device.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let mut rng = maker.rng(&format!("aik/{}/{}/{device}", maker.model.aaguid, maker.wanted.alg.0));
    let key = SigningKey::generate(maker.wanted.alg, maker.options().backend, &mut rng)?;
    let spki = spki(key.public_key())?;
    let draft = Draft {
        subject: &element(SEQUENCE, &[]),
        spki: &spki,
        serial: &random_serial(&mut rng),
        validity: (maker.options().not_before, maker.options().not_after),
        extensions: &extensions(maker.options(), &authority, &spki),
    };
    let leaf = authority.issue(&draft, &mut rng);
    let chain = std::iter::once(leaf).chain(authority.chain().iter().cloned()).collect();
    Ok(Attestor::Certified(Certified { key, chain }))
}

fn extensions(options: VendorsOptions, authority: &Authority, spki: &[u8]) -> Vec<u8> {
    let qualifier = element(SEQUENCE, &[&oid(USER_NOTICE), &notice()]);
    let policy = element(SEQUENCE, &[&oid(AIK_POLICY), &element(SEQUENCE, &[&qualifier])]);
    let tpm = name(&[
        (id::TCG_TPM_MANUFACTURER, MANUFACTURER),
        (id::TCG_TPM_MODEL, &format!("LAB {MODEL}{}", seeded(options))),
        (id::TCG_TPM_VERSION, VERSION),
    ]);
    [
        extensions::key_usage(&[usage::DIGITAL_SIGNATURE]),
        extensions::end_entity(),
        extension(id::POLICIES, true, &element(SEQUENCE, &[&policy])),
        extensions::extended_key_usage(&[id::TCG_AIK_CERTIFICATE]),
        extensions::directory_name(&tpm),
        extensions::authority_key_id(authority.key_id()),
        extensions::subject_key_id(&key_id(spki)),
        extensions::issuer_at("https://passkey-lab.invalid/aik-authority.cer"),
    ]
    .concat()
}

/// UserNotice with nothing but an explicit text.
fn notice() -> Vec<u8> {
    element(SEQUENCE, &[&element(UTF8_STRING, &[NOTICE.as_bytes()])])
}

/// The CA of this kind of TPM, with an RSA key as Microsoft's have.
fn authority(maker: &Maker<'_>, root: &Authority) -> Result<Authority, EmitError> {
    let mut rng = maker.rng("aik authority");
    let key = SigningKey::generate(Algorithm::RS256, maker.options().backend, &mut rng)?;
    let identifier =
        key_id(&spki(key.public_key())?).iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}"));
    let subject = name(&[
        (id::ORGANIZATION, &laboratory(maker.options())),
        (id::COMMON_NAME, &format!("{AUTHORITY}{identifier}")),
    ]);
    let policy = element(SEQUENCE, &[&element(SEQUENCE, &[&oid(AIK_POLICY)])]);
    let own =
        [extensions::extended_key_usage(&[AIK_CA, id::TCG_AIK_CERTIFICATE]), extension(id::POLICIES, false, &policy)];
    let ca = Subordinate {
        subject: &subject,
        key,
        path_len: Some(0),
        usage: &[usage::DIGITAL_SIGNATURE, usage::CERT_SIGN],
        extensions: &own.concat(),
    };
    root.subordinate(ca, maker.options(), &mut rng)
}
