//! TPMS_ATTEST of TPM2_Certify (TPM 2.0 Library, part 2, §10.12): what the TPM signs.

use lab_protocol::Random;
use lab_protocol::cose::Algorithm;

use super::{object_name, sized};
use crate::keys::SigningKey;
use crate::layout::tpm;
use crate::sha256;
use crate::signature::Hash;
use crate::vendors::authority::spki;

/// certInfo, in the order of its members.
pub(super) struct Certify {
    /// The qualified name of the key that signs.
    pub(super) qualified_signer: Vec<u8>,
    /// The hash of what the relying party is told.
    pub(super) extra_data: Vec<u8>,
    /// clock, resetCount, restartCount, safe.
    pub(super) clock_info: [u8; 17],
    pub(super) firmware_version: [u8; 8],
    /// The name of the certified key.
    pub(super) name: Vec<u8>,
    /// Its qualified name.
    pub(super) qualified_name: Vec<u8>,
}

impl Certify {
    /// As a TPM that Windows uses writes it: counters and firmware version are obfuscated towards every
    /// signer outside the endorsement hierarchy, so any bits will do for them.
    pub(super) fn windows(aik: &SigningKey, public_area: &[u8], extra_data: Vec<u8>, rng: &mut dyn Random) -> Self {
        let device = spki(aik.public_key()).unwrap_or_default();
        let parent = qualified(&sha256(&device), b"storage root key");
        let name = object_name(public_area);
        let mut firmware_version = [0; 8];
        rng.fill(&mut firmware_version);
        Self {
            qualified_signer: qualified(&parent, &device),
            extra_data,
            clock_info: clock_info(rng),
            firmware_version,
            qualified_name: qualified(&parent, &name),
            name,
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = tpm::GENERATED.to_be_bytes().to_vec();
        out.extend(tpm::ST_ATTEST_CERTIFY.to_be_bytes());
        out.extend(sized(&self.qualified_signer));
        out.extend(sized(&self.extra_data));
        out.extend(self.clock_info);
        out.extend(self.firmware_version);
        out.extend(sized(&self.name));
        out.extend(sized(&self.qualified_name));
        out
    }
}

/// Milliseconds since the TPM was made (below 2^39, 17 years), two counters, and a clock that was never
/// set back.
fn clock_info(rng: &mut dyn Random) -> [u8; 17] {
    let mut info = [0; 17];
    if let Some(moving) = info.get_mut(3..16) {
        rng.fill(moving);
    }
    info[3] &= 0x7f;
    info[16] = 1;
    info
}

/// A qualified name (part 1, §16): the hash of the parent's qualified name and the object's name.
fn qualified(parent: &[u8], name: &[u8]) -> Vec<u8> {
    [&tpm::alg::SHA256.to_be_bytes()[..], &sha256(&[parent, name].concat())].concat()
}

/// The hash of a signature algorithm (`webauthn-3 §8.3`: “the hash algorithm employed in alg”).
pub(super) fn digest(alg: Algorithm, message: &[u8]) -> Vec<u8> {
    let hash = match alg.0 {
        -65535 => Hash::Sha1,
        -35 | -38 | -51 | -258 => Hash::Sha384,
        -36 | -39 | -52 | -259 => Hash::Sha512,
        _ => Hash::Sha256,
    };
    hash.digest(&[message])
}
