//! The CAs above a key of Android's keystore, root included as the keystore sends it.

use lab_protocol::Random as _;
use lab_protocol::cose::Algorithm;

use crate::emit::{Attestor, Certifying, EmitError, SecurityLevel};
use crate::keys::SigningKey;
use crate::layout::oid as id;
use crate::vendors::Maker;
use crate::vendors::authority::{Authority, Subordinate};
use crate::vendors::extensions::usage;
use crate::vendors::name::{laboratory, name};

/// The CA in the phone, those above it, and the root.
pub(super) fn attestor(maker: &Maker<'_>) -> Result<Attestor, EmitError> {
    let level = maker.model.security_level;
    let authority = maker.authority(&format!("keystore/{level:?}"), |root| match level {
        SecurityLevel::Software => {
            below(maker, root, "software", &["Android Keystore Software Attestation Intermediate"])
        }
        SecurityLevel::TrustedEnvironment => below(maker, root, "TEE", &["", ""]),
        SecurityLevel::StrongBox => below(maker, root, "StrongBox", &["", ""]),
    })?;
    let mut chain = authority.chain().to_vec();
    chain.push(maker.root().certificate().to_vec());
    let certifying = Certifying { authority, chain, model: maker.model.clone(), options: maker.options() };
    Ok(Attestor::Certifying(Box::new(certifying)))
}

/// A CA for each of `names`, the first under the root. Hardware's have no name but a serial number.
fn below(maker: &Maker<'_>, root: &Authority, title: &str, names: &[&str]) -> Result<Authority, EmitError> {
    let mut authority = root.clone();
    for (place, common_name) in names.iter().enumerate() {
        let mut rng = maker.rng(&format!("keystore/{title}/{place}"));
        let key = SigningKey::generate(Algorithm::ES256, maker.options().backend, &mut rng)?;
        let mut serial = [0; 8];
        rng.fill(&mut serial);
        let serial = serial.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let laboratory = laboratory(maker.options());
        let subject = if common_name.is_empty() {
            name(&[(id::ORGANIZATION, &laboratory), (id::SERIAL_NUMBER, &serial), (id::TITLE, title)])
        } else {
            name(&[(id::ORGANIZATION, &laboratory), (id::COMMON_NAME, common_name)])
        };
        let ca = Subordinate { subject: &subject, key, path_len: None, usage: &[usage::CERT_SIGN], extensions: &[] };
        authority = authority.subordinate(ca, maker.options(), &mut rng)?;
    }
    Ok(authority)
}
