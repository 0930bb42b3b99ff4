//! Authenticator data (`webauthn-3 §6.1`).

use lab_protocol::Aaguid;
use lab_protocol::webauthn::Flags;

use super::cbor::{self, Meaning};
use super::cutter::{Cutter, hex};

pub(super) fn fields(cutter: &mut Cutter<'_, '_>) {
    let flags = cutter.left().get(32).copied().map(Flags);
    let fixed = cutter.field("rpIdHash", 32, hex)
        && cutter.leaf("flags", 1, flags.map(|flags| flags.to_string()))
        && cutter.field("signCount", 4, |bytes| number(bytes).to_string());
    let Some(flags) = flags.filter(|_| fixed) else { return };
    if flags.has(Flags::AT) {
        attested(cutter);
    }
    if flags.has(Flags::ED) && !cutter.left().is_empty() {
        cbor::item(cutter, "extensions", Meaning::Extensions);
    }
}

fn attested(cutter: &mut Cutter<'_, '_>) {
    let id_length = cutter.left().get(16..18).map(number);
    let there = cutter
        .field("aaguid", 16, |bytes| Aaguid::from_slice(bytes).map_or_else(String::new, |id| id.to_string()))
        && cutter.leaf("credentialIdLength", 2, id_length.map(|length| length.to_string()))
        && cutter.field("credentialId", usize::try_from(id_length.unwrap_or_default()).unwrap_or(usize::MAX), hex);
    if there {
        cbor::item(cutter, "credentialPublicKey", Meaning::CoseKey);
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
