//! CTAP1 (`fido-u2f-raw-message-formats 1.2`, `ctap-2.2 §7`): register, authenticate, version.
//!
//! A message never waits: without a touch the answer is `0x6985` at once, and the client asks again. A touch
//! outside of any command is therefore remembered for a while, and one message uses it up.
//!
//! A credential is the same as over CTAP2: its key handle is its credential id, its application parameter
//! the hash of its RP ID.

mod apdu;

use jiff::{SignedDuration, Timestamp};
use lab_attestation::keys::SigningKey;
use lab_protocol::cose::{Algorithm, KeyMaterial};
use lab_protocol::ctap2::{StatusCode, UserEntity};

use crate::engine::Authenticator;
use crate::store::{CredProtect, Credential, MAX_CREDENTIALS};
use apdu::{Apdu, StatusWord};

/// How long a touch is remembered.
const TOUCH: SignedDuration = SignedDuration::from_secs(10);
/// The longest key handle: its length is one byte.
const MAX_KEY_HANDLE: usize = 255;

const REGISTER: u8 = 0x01;
const AUTHENTICATE: u8 = 0x02;
const VERSION: u8 = 0x03;

/// P1 of authenticate: is the key handle known?
const CHECK_ONLY: u8 = 0x07;
/// P1 of authenticate: sign, once touched.
const ENFORCE_PRESENCE: u8 = 0x03;
/// P1 of authenticate: sign, touched or not.
const NO_PRESENCE: u8 = 0x08;

type Answer = Result<Vec<u8>, StatusWord>;

/// The answer to an APDU, its status word at the end.
pub(crate) fn answer(authenticator: &mut Authenticator, bytes: &[u8], now: Timestamp) -> Vec<u8> {
    let (mut reply, status) = match run(authenticator, bytes, now) {
        Ok(data) => (data, StatusWord::NO_ERROR),
        Err(status) => (Vec::new(), status),
    };
    reply.extend(status.0.to_be_bytes());
    reply
}

fn run(authenticator: &mut Authenticator, bytes: &[u8], now: Timestamp) -> Answer {
    let apdu = Apdu::parse(bytes)?;
    if !authenticator.speaks_u2f() {
        return Err(StatusWord::INS_NOT_SUPPORTED);
    }
    if authenticator.is_u2f_off() {
        return Err(StatusWord::COMMAND_NOT_ALLOWED);
    }
    match apdu.ins {
        REGISTER => register(authenticator, apdu.data, now),
        AUTHENTICATE => authenticate(authenticator, apdu.p1, apdu.data, now),
        VERSION if apdu.data.is_empty() => Ok(b"U2F_V2".to_vec()),
        VERSION => Err(StatusWord::WRONG_LENGTH),
        _ => Err(StatusWord::INS_NOT_SUPPORTED),
    }
}

/// Challenge, application parameter, and what follows them.
type Parameters<'a> = (&'a [u8; 32], &'a [u8; 32], &'a [u8]);

fn parameters(data: &[u8]) -> Result<Parameters<'_>, StatusWord> {
    let (challenge, rest) = data.split_first_chunk().ok_or(StatusWord::WRONG_LENGTH)?;
    let (application, rest) = rest.split_first_chunk().ok_or(StatusWord::WRONG_LENGTH)?;
    Ok((challenge, application, rest))
}

fn register(authenticator: &mut Authenticator, data: &[u8], now: Timestamp) -> Answer {
    let (challenge, application, rest) = parameters(data)?;
    if !rest.is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    authenticator.take_touch(now)?;
    let credential = authenticator.u2f_credential(*application, now).map_err(|_| StatusWord::UNKNOWN)?;
    let public = point(&credential.key).ok_or(StatusWord::UNKNOWN)?;
    let signed = [&[0], &application[..], challenge, &credential.id, &public].concat();
    let (certificate, signature) = authenticator.attest_u2f(&signed).map_err(|_| StatusWord::UNKNOWN)?;
    let length = u8::try_from(credential.id.len()).map_err(|_| StatusWord::UNKNOWN)?;
    let reply = [&[0x05], &public[..], &[length], &credential.id, &certificate, &signature].concat();
    authenticator.home.with(|store| store.insert(credential));
    Ok(reply)
}

fn authenticate(authenticator: &mut Authenticator, control: u8, data: &[u8], now: Timestamp) -> Answer {
    let (challenge, application, rest) = parameters(data)?;
    let (length, key_handle) = rest.split_first().ok_or(StatusWord::WRONG_LENGTH)?;
    if usize::from(*length) != key_handle.len() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let found = authenticator.home.read(|store| store.find_bound(application, key_handle).cloned());
    let credential = found.filter(is_usable).ok_or(StatusWord::WRONG_DATA)?;
    let present = match control {
        CHECK_ONLY => return Err(StatusWord::CONDITIONS_NOT_SATISFIED),
        ENFORCE_PRESENCE => authenticator.take_touch(now).map(|()| true)?,
        NO_PRESENCE => false,
        _ => return Err(StatusWord::WRONG_DATA),
    };
    let sign_count = authenticator.counter.assert(credential.sign_count, now);
    authenticator.home.with(|store| store.set_sign_count(&credential.id, sign_count));
    let (flags, sign_count) = ([u8::from(present)], sign_count.to_be_bytes());
    let signed = [&application[..], &flags, &sign_count, challenge].concat();
    let signature = credential.key.sign(&signed, &mut *authenticator.env.rng);
    Ok([&flags[..], &sign_count, &signature].concat())
}

/// U2F knows one algorithm, and no user verification that could show a protected credential.
fn is_usable(credential: &Credential) -> bool {
    credential.key.algorithm() == Algorithm::ES256 && credential.cred_protect == CredProtect::Optional
}

/// The public key as an uncompressed point.
fn point(key: &SigningKey) -> Option<Vec<u8>> {
    match &key.public_key().material {
        KeyMaterial::Ec2 { x, y, .. } => Some([&[0x04], &x[..], y].concat()),
        _ => None,
    }
}

impl Authenticator {
    /// Whether it is of a model that has CTAP1 at all; alwaysUv can turn it off.
    pub(crate) fn speaks_u2f(&self) -> bool {
        self.built.versions.iter().any(|version| version == "U2F_V2")
    }

    /// Uses up the touch that is remembered.
    fn take_touch(&mut self, now: Timestamp) -> Result<(), StatusWord> {
        let touched = self.volatile.touched.take();
        let fresh = touched.is_some_and(|touched| now.duration_since(touched).abs() <= TOUCH);
        if fresh { Ok(()) } else { Err(StatusWord::CONDITIONS_NOT_SATISFIED) }
    }

    fn u2f_credential(&mut self, application: [u8; 32], now: Timestamp) -> Result<Credential, StatusCode> {
        if self.home.read(|store| store.iter().count()) >= MAX_CREDENTIALS {
            return Err(StatusCode::KEY_STORE_FULL);
        }
        let key = SigningKey::generate(Algorithm::ES256, self.backend, &mut *self.env.rng);
        let key = key.map_err(|_| StatusCode::OTHER)?;
        let mut id = self.credential_id(Algorithm::ES256, false);
        id.truncate(MAX_KEY_HANDLE);
        Ok(Credential {
            id,
            rp_id: None,
            rp_id_hash: application,
            user: UserEntity::default(),
            key,
            sign_count: self.counter.register(now),
            discoverable: false,
            created: 0,
            backup_eligible: self.model.passkeys.backup_eligible.value,
            cred_protect: CredProtect::Optional,
            cred_random: None,
            large_blob_key: None,
            cred_blob: None,
            third_party_payment: false,
        })
    }
}
