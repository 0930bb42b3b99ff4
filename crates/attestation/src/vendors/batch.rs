//! The key and certificate of a batch (`webauthn-3 §8.2.1`), which `packed` and `fido-u2f` share, and of
//! one device, where an enterprise asked for it (§8.2.2).

use lab_protocol::cose::Algorithm;

use super::authority::{Authority, Draft, Subordinate, random_serial, spki};
use super::extensions::{self, usage};
use super::name::{fit, laboratory, name, seeded};
use super::writer::{OCTET_STRING, element, extension, named_bits};
use super::{Attestor, Certified, Maker};
use crate::emit::EmitError;
use crate::keys::SigningKey;
use crate::layout::{oid as id, text};

/// The bits of the U2F transports extension (FIDO U2F authenticator transports extension §3).
const TRANSPORTS: &[(&str, u8)] = &[("ble", 1), ("usb", 2), ("nfc", 3)];

/// A key of `alg` and its certificate, under the maker's root or the CAs below it.
pub(crate) fn attestor(maker: &Maker<'_>, alg: Algorithm) -> Result<Attestor, EmitError> {
    let model = maker.model;
    let shared = format!("{}/{} intermediates", model.vendor, model.intermediates);
    let authority = maker.authority(&shared, |root| intermediates(maker, root))?;
    let mut rng = maker.rng(&label(maker, alg));
    let key = SigningKey::generate(alg, maker.options().backend, &mut rng)?;
    let spki = spki(key.public_key())?;
    let draft = Draft {
        subject: &subject(maker)?,
        spki: &spki,
        serial: &random_serial(&mut rng),
        validity: (maker.options().not_before, maker.options().not_after),
        extensions: &[extensions::end_entity(), own_extensions(maker), authority.key_ids(&spki)].concat(),
    };
    let leaf = authority.issue(&draft, &mut rng);
    let chain = std::iter::once(leaf).chain(authority.chain().iter().cloned()).collect();
    Ok(Attestor::Certified(Certified { key, chain }))
}

fn label(maker: &Maker<'_>, alg: Algorithm) -> String {
    let model = maker.model;
    let batch = format!("{}/{}/{}", model.aaguid, alg.0, model.aaguid_extension);
    match maker.wanted.serial {
        Some(serial) => serial.iter().fold(format!("{batch}/serial/"), |text, byte| format!("{text}{byte:02x}")),
        None => batch,
    }
}

/// The AAGUID, the transports of a security key, and the serial number of an enterprise attestation.
fn own_extensions(maker: &Maker<'_>) -> Vec<u8> {
    let model = maker.model;
    let octets = |oid, bytes: &[u8]| extension(oid, false, &element(OCTET_STRING, &[bytes]));
    let mut own = Vec::new();
    if model.aaguid_extension {
        own.extend(octets(id::FIDO_AAGUID, model.aaguid.as_bytes()));
    }
    let transports = TRANSPORTS.iter().filter(|(name, _)| model.transports.iter().any(|transport| transport == name));
    let transports: Vec<u8> = transports.map(|(_, bit)| *bit).collect();
    if !transports.is_empty() {
        own.extend(extension(id::FIDO_TRANSPORTS, false, &named_bits(&transports)));
    }
    own.extend(maker.wanted.serial.map(|serial| octets(id::FIDO_SERIAL, serial)).unwrap_or_default());
    own
}

/// C, O, OU and CN as §8.2.1 wants them.
fn subject(maker: &Maker<'_>) -> Result<Vec<u8>, EmitError> {
    let model = maker.model;
    if model.country.len() != 2 || !model.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(EmitError::Country { found: model.country.clone() });
    }
    let one_of = if maker.wanted.serial.is_some() { " individual" } else { " batch" };
    Ok(name(&[
        (id::COUNTRY, &model.country),
        (id::ORGANIZATION, &fit("", &model.vendor, " (stand-in of Passkey Lab)")),
        (id::ORGANIZATIONAL_UNIT, text::ATTESTATION_OU),
        (id::COMMON_NAME, &fit("LAB ", &model.name, &format!("{one_of}{}", seeded(maker.options())))),
    ]))
}

/// As many CAs as the maker has between its root and its batches.
fn intermediates(maker: &Maker<'_>, root: &Authority) -> Result<Authority, EmitError> {
    let mut authority = root.clone();
    for number in 1..=maker.model.intermediates {
        let mut rng = maker.rng(&format!("{}/intermediate/{number}", maker.model.vendor));
        let key = SigningKey::generate(Algorithm::ES256, maker.options().backend, &mut rng)?;
        let subject = name(&[
            (id::ORGANIZATION, &laboratory(maker.options())),
            (id::COMMON_NAME, &fit("", &maker.model.vendor, &format!(" attestation CA {number}"))),
        ]);
        let ca = Subordinate {
            subject: &subject,
            key,
            path_len: Some(maker.model.intermediates - number),
            usage: &[usage::CERT_SIGN, usage::CRL_SIGN],
            extensions: &[],
        };
        authority = authority.subordinate(ca, maker.options(), &mut rng)?;
    }
    Ok(authority)
}
