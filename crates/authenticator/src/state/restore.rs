//! Reading a state: strictly, and all of it before anything is changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use lab_attestation::emit::{KeptRoot, Vendors};
use lab_attestation::keys::{Backend, SigningKey};
use lab_protocol::cbor::{self, ErrorKind, Reader};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::UserEntity;

use super::export::{FORMAT, VERSION};
use super::members::{MAX_MEMBER, Members, RULES, Value, limit, list, text};
use super::{Durable, Pin, State, StateError, StateErrorKind as Kind, Template};
use crate::engine::Authenticator;
use crate::store::{CredProtect, CredRandom, Credential, MAX_CREDENTIALS, Store};

/// The largest state that is read, in bytes.
const MAX_STATE: usize = 128 * 1024 * 1024;
/// The longest credential id (`webauthn-3 §4`).
const MAX_ID: usize = 1023;
/// The largest large-blob array.
const MAX_LARGE_BLOBS: usize = 64 * 1024;

pub(super) fn read(authenticator: &mut Authenticator, bytes: &[u8]) -> Result<(), StateError> {
    limit(0, "the state's size in bytes", bytes.len(), MAX_STATE)?;
    let mut reader = Reader::new(bytes, RULES);
    let head = Head::read(&mut reader, authenticator)?;
    let store = credentials(&mut reader, &head, authenticator)?;
    authenticator.counter.resume(head.counter);
    authenticator.state = State::new(head.durable);
    authenticator.home.replace(store);
    authenticator.vendors = head.vendors;
    authenticator.volatile = super::Volatile::default();
    Ok(())
}

struct Head {
    counter: u32,
    credentials: u64,
    durable: Durable,
    vendors: Arc<Vendors>,
}

impl Head {
    fn read(reader: &mut Reader<'_>, authenticator: &Authenticator) -> Result<Self, StateError> {
        let members = Members::read(reader)?;
        identify(&members, authenticator)?;
        let credentials = members.number("credentials", MAX_CREDENTIALS as u64)?;
        let counter = members.small("counter")?;
        let durable = durable(&members)?;
        let vendors = match members.some("root") {
            Some(root) => under(&authenticator.vendors, root)?,
            None => Arc::clone(&authenticator.vendors),
        };
        members.finish()?;
        Ok(Self { counter, credentials, durable, vendors })
    }
}

/// Whether this is a state, of a version that is known, and of this authenticator's model.
fn identify(members: &Members<'_>, authenticator: &Authenticator) -> Result<(), StateError> {
    let format = members.some("format").and_then(|value| text(value).ok());
    if format.as_deref() != Some(FORMAT) {
        return Err(StateError::at(members.offset, Kind::Format));
    }
    let version = members.need("version")?;
    let found = version.reader().integer().map_err(|error| version.error(error))?;
    if found != VERSION {
        return Err(StateError::at(version.0, Kind::Version { found, known: VERSION }));
    }
    let (model, aaguid) = (text(members.need("model")?)?, members.array("aaguid")?);
    let expected = &authenticator.model;
    if model != expected.id || aaguid != expected.aaguid().0 {
        let kind = Kind::Model { found: model, expected: expected.id.clone() };
        return Err(StateError::at(members.need("model")?.0, kind));
    }
    Ok(())
}

/// The vendors under the root that the authenticator attested with before.
fn under(vendors: &Vendors, root: Value<'_>) -> Result<Arc<Vendors>, StateError> {
    let members = Members::of(root)?;
    let root = KeptRoot {
        certificate: members.bytes("certificate", MAX_MEMBER)?,
        secret: members.bytes("secret", MAX_MEMBER)?,
    };
    members.finish()?;
    vendors.under(&root).map(Arc::new).map_err(|error| StateError::at(members.offset, Kind::Root(error)))
}

fn durable(members: &Members<'_>) -> Result<Durable, StateError> {
    let durable = Durable {
        pin: members.some("pin").map(pin).transpose()?,
        pin_retries: members.small("pinRetries")?,
        uv_retries: members.small("uvRetries")?,
        min_pin_length: members.small("minPINLength")?,
        force_pin_change: members.flag("forcePINChange")?,
        min_pin_length_rp_ids: list(members.need("minPinLengthRPIDs")?, text)?,
        always_uv: members.flag("alwaysUv")?,
        enterprise_attestation: members.flag("enterpriseAttestation")?,
        long_touch_for_reset: members.flag("longTouchForReset")?,
        templates: list(members.need("templates")?, template)?,
        large_blob_array: members.bytes("largeBlobArray", MAX_LARGE_BLOBS)?,
        persistent_token: members.secret("persistentToken")?,
        unit: members.secret("unit")?,
        device_identifier: members.secret("deviceIdentifier")?,
        cred_store_state: members.secret("credStoreState")?,
    };
    let ids: BTreeSet<_> = durable.templates.iter().map(|template| &template.id).collect();
    if ids.len() < durable.templates.len() {
        return Err(StateError::at(members.need("templates")?.0, Kind::Twice("template ids")));
    }
    Ok(durable)
}

fn pin(value: Value<'_>) -> Result<Pin, StateError> {
    let members = Members::of(value)?;
    let pin = Pin { hash: members.array("hash")?, code_points: members.small("codePoints")? };
    members.finish()?;
    Ok(pin)
}

fn template(value: Value<'_>) -> Result<Template, StateError> {
    let members = Members::of(value)?;
    let template = Template { id: members.bytes("id", MAX_ID)?, name: members.some("name").map(text).transpose()? };
    members.finish()?;
    Ok(template)
}

/// The credentials behind the head, in the order in which they were made.
fn credentials(reader: &mut Reader<'_>, head: &Head, authenticator: &Authenticator) -> Result<Store, StateError> {
    let (mut store, mut found) = (Store::default(), 0);
    while found < head.credentials && reader.peek().is_ok() {
        let at = reader.offset();
        let credential = credential(&Members::read(reader)?, authenticator.backend)?;
        store.restore(credential).map_err(|what| StateError::at(at, Kind::Twice(what)))?;
        found += 1;
    }
    if found < head.credentials {
        return Err(StateError::at(reader.offset(), Kind::Credentials { announced: head.credentials, found }));
    }
    reader.end()?;
    let slots = authenticator.model.passkeys.slots.as_ref().map_or(MAX_CREDENTIALS, |slots| slots.value as usize);
    limit(reader.offset(), "the number of discoverable credentials", store.slots_used(), slots)?;
    Ok(store)
}

fn credential(members: &Members<'_>, backend: Backend) -> Result<Credential, StateError> {
    let (rp_id, rp_id_hash) = rp(members.need("rp")?)?;
    let credential = Credential {
        id: members.bytes("id", MAX_ID)?,
        rp_id,
        rp_id_hash,
        user: UserEntity {
            id: members.bytes("user", MAX_MEMBER)?,
            name: members.some("name").map(text).transpose()?,
            display_name: members.some("displayName").map(text).transpose()?,
        },
        key: key(members, backend)?,
        sign_count: members.small("signCount")?,
        discoverable: members.flag("discoverable")?,
        created: 0,
        backup_eligible: members.flag("backupEligible")?,
        cred_protect: cred_protect(members)?,
        cred_random: cred_random(members)?,
        large_blob_key: members.secret("largeBlobKey")?,
        cred_blob: members.some("credBlob").map(|_| members.bytes("credBlob", MAX_MEMBER)).transpose()?,
        third_party_payment: members.flag("thirdPartyPayment")?,
    };
    members.finish()?;
    Ok(credential)
}

/// The RP ID, or only its hash of a credential that was made over CTAP1.
fn rp(value: Value<'_>) -> Result<(Option<String>, [u8; 32]), StateError> {
    let mut reader = value.reader();
    if reader.peek()? == cbor::Type::Bytes {
        let hash = reader.array_of("rp").map_err(|error| value.error(error))?;
        return Ok((None, *hash));
    }
    let rp_id = text(value)?;
    let hash = lab_attestation::sha256(rp_id.as_bytes());
    Ok((Some(rp_id), hash))
}

fn key(members: &Members<'_>, backend: Backend) -> Result<SigningKey, StateError> {
    let alg = members.need("algorithm")?;
    let alg = Algorithm(alg.reader().integer().map_err(|error| alg.error(error))?);
    let secret = members.bytes("secret", MAX_MEMBER)?;
    let at = members.need("secret")?.0;
    SigningKey::from_secret(alg, backend, &secret).map_err(|error| StateError::at(at, Kind::Key(error)))
}

fn cred_protect(members: &Members<'_>) -> Result<CredProtect, StateError> {
    let level = members.number("credProtect", 3)?;
    let of = i64::try_from(level).ok().and_then(CredProtect::of);
    of.ok_or(StateError::at(members.need("credProtect")?.0, Kind::Cbor(ErrorKind::Range)))
}

fn cred_random(members: &Members<'_>) -> Result<Option<CredRandom>, StateError> {
    let Some(with_uv) = members.secret("credRandomWithUV")? else { return Ok(None) };
    Ok(Some(CredRandom { with_uv, without_uv: members.array("credRandomWithoutUV")? }))
}
