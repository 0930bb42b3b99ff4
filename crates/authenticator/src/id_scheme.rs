//! Credential ids that say which key they are of.

use lab_attestation::keys::SigningKey;
use lab_attestation::signature::Hash;
use lab_protocol::cose::KeyMaterial;

use crate::model::IdScheme;

/// The id of a key; `None` where ids are random, and for keys that are no points.
pub(crate) fn of_key(scheme: IdScheme, key: &SigningKey) -> Option<Vec<u8>> {
    let hash = match scheme {
        IdScheme::Random => return None,
        IdScheme::KeySha1 => Hash::Sha1,
        IdScheme::KeySha256 => Hash::Sha256,
    };
    match &key.public_key().material {
        KeyMaterial::Ec2 { x, y, .. } => Some(hash.digest(&[&[4], x, y])),
        _ => None,
    }
}
