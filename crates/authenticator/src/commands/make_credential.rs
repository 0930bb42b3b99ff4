//! authenticatorMakeCredential (`ctap-2.2 §6.1.2`); numbers are the steps of the specification.

use jiff::Timestamp;
use lab_attestation::keys::SigningKey;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::make_credential::{Request, Response};
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorDataDraft};
use lab_protocol::webauthn::{Ceremony as Which, Flags};

use super::get_info::check_list;
use super::{Next, Outcome, Pending};
use crate::attest::{Attested, Subject};
use crate::engine::Authenticator;
use crate::extensions::RegistrationExtensions;
use crate::interaction::{Answer, Gestures, Need, Verification, refuse_pin_uv_auth, touched};
use crate::model::UvPolicy;
use crate::store::{CredRandom, Credential, Full};

/// The longest user handle, in bytes (`webauthn-3 §5.4.3`).
const MAX_USER_ID: usize = 64;

/// A registration under way.
#[derive(Debug)]
pub(crate) struct Ceremony {
    request: Request,
    algorithm: Algorithm,
    extensions: RegistrationExtensions,
    discoverable: bool,
    gestures: Gestures,
    stage: Stage,
}

/// What the person was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Verification,
    /// Presence, before it is told that the credential is excluded.
    Excluded,
    Presence,
}

pub(super) fn start(authenticator: &mut Authenticator, parameters: &[u8], now: Timestamp) -> Outcome {
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    refuse_pin_uv_auth(request.pin_uv_auth_param.as_deref(), request.pin_uv_auth_protocol)?; // 1, 2
    if request.user.id.is_empty() || request.user.id.len() > MAX_USER_ID {
        return Err(StatusCode::INVALID_LENGTH);
    }
    check_list(authenticator, request.exclude_list.len())?;
    let algorithm = algorithm(authenticator, &request)?;
    let discoverable = discoverable(authenticator, &request)?;
    let verify = verify(authenticator, &request, discoverable)?;
    if request.enterprise_attestation.is_some() {
        return Err(StatusCode::INVALID_PARAMETER); // 9: no model is capable of it
    }
    let extensions = RegistrationExtensions::read(&request.extensions, &authenticator.built)?;
    let gestures = Gestures::default();
    let stage = Stage::Verification;
    let ceremony = Box::new(Ceremony { request, algorithm, extensions, discoverable, gestures, stage });
    if verify { ceremony.verify(authenticator, now) } else { ceremony.exclude(authenticator, now) }
}

/// 3: the first of the platform's algorithms that the model has.
fn algorithm(authenticator: &Authenticator, request: &Request) -> Result<Algorithm, StatusCode> {
    let built = &authenticator.built.algorithms;
    let supported = |(ty, alg): &&(String, Algorithm)| ty == "public-key" && built.contains(alg);
    let chosen = request.pub_key_cred_params.iter().find(supported);
    chosen.map(|(_, alg)| *alg).ok_or(StatusCode::UNSUPPORTED_ALGORITHM)
}

/// 5: the options `rk` and `up`.
fn discoverable(authenticator: &Authenticator, request: &Request) -> Result<bool, StatusCode> {
    let capable = authenticator.built.options.iter().any(|(name, set)| name == "rk" && *set);
    match request.option("rk") {
        Some(_) if !capable => Err(StatusCode::UNSUPPORTED_OPTION),
        _ if request.option("up") == Some(false) => Err(StatusCode::INVALID_OPTION),
        rk => Ok(rk.unwrap_or_default()),
    }
}

/// 5 to 8, 10: whether the user is to be verified; a protected authenticator makes nothing without,
/// unless the credential is not discoverable and `makeCredUvNotRqd` lets it through.
fn verify(authenticator: &Authenticator, request: &Request, discoverable: bool) -> Result<bool, StatusCode> {
    let verify = authenticator.wants_verification(request.option("uv"))?;
    let protected = authenticator.can_verify() && authenticator.model.user_verification.policy.value == UvPolicy::Ctap;
    let not_required = authenticator.built.options.iter().any(|(name, set)| name == "makeCredUvNotRqd" && *set);
    if protected && !verify && (discoverable || !not_required) {
        return Err(StatusCode::OPERATION_DENIED);
    }
    Ok(verify)
}

impl Ceremony {
    pub(super) fn resume(
        mut self: Box<Self>,
        authenticator: &mut Authenticator,
        answer: Answer,
        now: Timestamp,
    ) -> Outcome {
        match self.stage {
            Stage::Verification => {
                self.gestures = authenticator.user_verified(answer)?;
                self.exclude(authenticator, now)
            }
            // 12: whatever the person does.
            Stage::Excluded => Err(StatusCode::CREDENTIAL_EXCLUDED),
            Stage::Presence => {
                touched(answer)?;
                self.gestures.present = true;
                self.create(authenticator, now)
            }
        }
    }

    fn ask(mut self: Box<Self>, need: Need, stage: Stage) -> Outcome {
        self.stage = stage;
        Ok(Next::Ask(need, Pending::MakeCredential(self)))
    }

    /// 11.2
    fn verify(mut self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        match authenticator.verify_user()? {
            Verification::Ask => self.ask(Need::Verification, Stage::Verification),
            Verification::Done(gestures) => {
                self.gestures = gestures;
                self.exclude(authenticator, now)
            }
        }
    }

    /// 12 to 14
    fn exclude(self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        let (rp_id, verified) = (&self.request.rp.id, self.gestures.verified);
        let listed = self.request.exclude_list.iter().filter(|descriptor| descriptor.ty == "public-key");
        let excluded = authenticator.home.read(|store| {
            let mut found = listed.filter_map(|descriptor| store.find(rp_id, &descriptor.id));
            found.any(|credential| credential.cred_protect.shows(verified, true))
        });
        match (excluded, self.gestures.present) {
            (true, true) => Err(StatusCode::CREDENTIAL_EXCLUDED),
            (true, false) => self.ask(Need::Presence, Stage::Excluded),
            (false, true) => self.create(authenticator, now),
            (false, false) => self.ask(Need::Presence, Stage::Presence),
        }
    }

    /// 15 to 19
    fn create(self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        self.room(authenticator)?;
        let key = SigningKey::generate(self.algorithm, authenticator.backend, &mut *authenticator.env.rng);
        let key = key.map_err(|_| StatusCode::OTHER)?;
        let id = authenticator.credential_id(self.algorithm, self.discoverable);
        let sign_count = authenticator.counter.register(now);
        let credential = self.credential(authenticator, key, id, sign_count);
        let auth_data = self.authenticator_data(authenticator, &credential);
        let subject =
            Subject { auth_data: &auth_data, client_data_hash: &self.request.client_data_hash, key: &credential.key };
        let Attested { fmt, att_stmt } =
            authenticator.attest(&subject, &self.request.attestation_formats_preference)?;
        authenticator.home.with(|store| store.insert(credential));
        let response = Response { fmt, auth_data, att_stmt, ..Default::default() };
        Ok(Next::Reply(response.encode()))
    }

    fn room(&self, authenticator: &Authenticator) -> Result<(), StatusCode> {
        let slots = authenticator.model.passkeys.slots.as_ref();
        let slots = slots.and_then(|slots| usize::try_from(slots.value).ok());
        let Request { rp, user, .. } = &self.request;
        let room = authenticator.home.read(|store| store.has_room(&rp.id, &user.id, self.discoverable, slots));
        room.map_err(|Full| StatusCode::KEY_STORE_FULL)
    }

    fn credential(
        &self,
        authenticator: &mut Authenticator,
        key: SigningKey,
        id: Vec<u8>,
        sign_count: u32,
    ) -> Credential {
        let env = &mut authenticator.env;
        let mut random = || CredRandom { with_uv: env.random(), without_uv: env.random() };
        let cred_random = self.extensions.hmac_secret.then(&mut random);
        Credential {
            id,
            rp_id: Some(self.request.rp.id.clone()),
            rp_id_hash: lab_attestation::sha256(self.request.rp.id.as_bytes()),
            user: self.request.user.clone(),
            key,
            sign_count,
            discoverable: self.discoverable,
            created: 0,
            backup_eligible: authenticator.model.passkeys.backup_eligible.value,
            cred_protect: self.extensions.cred_protect.unwrap_or_default(),
            cred_random,
            large_blob_key: None,
            cred_blob: None,
            third_party_payment: false,
        }
    }

    fn authenticator_data(&self, authenticator: &mut Authenticator, credential: &Credential) -> Vec<u8> {
        let extensions = self.extensions.outputs();
        let flags = authenticator.flags(self.gestures, credential.backup_eligible);
        let mut draft = AuthenticatorDataDraft {
            rp_id_hash: credential.rp_id_hash,
            flags: flags.with(Flags::AT, true).with(Flags::ED, extensions.is_some()),
            sign_count: credential.sign_count,
            attested: Some(AttestedDraft {
                aaguid: authenticator.model.aaguid(),
                credential_id: credential.id.clone(),
                public_key: credential.key.cose().to_vec(),
            }),
            extensions,
            trailing: Vec::new(),
        };
        authenticator.env.tamper.authenticator_data(Which::Registration, &mut draft);
        draft.encode()
    }
}

impl Authenticator {
    /// A credential id that is not in use, as long as the model makes them.
    fn credential_id(&mut self, algorithm: Algorithm, discoverable: bool) -> Vec<u8> {
        let passkeys = &self.model.passkeys;
        let exceptions = passkeys.other_id_length_by_algorithm.iter().flat_map(|pairs| &pairs.0);
        let mut exceptions = exceptions.filter(|(name, _)| !discoverable && algorithm.name() == Some(name));
        let usual = if discoverable { passkeys.discoverable_id_length.value } else { passkeys.other_id_length.value };
        let length = exceptions.next().map_or(usual, |(_, length)| *length);
        let mut id = vec![0; usize::from(length)];
        self.env.rng.fill(&mut id);
        // Randomness that repeats itself must not overwrite a credential: count on from it.
        while self.home.read(|store| store.has(&id)) {
            increment(&mut id);
        }
        id
    }

    /// The flags that both ceremonies share.
    pub(crate) fn flags(&self, gestures: Gestures, backup_eligible: bool) -> Flags {
        let backed_up = match self.model.passkeys.backup_state.value {
            crate::model::BackupState::Never => false,
            crate::model::BackupState::FromRegistration => true,
            crate::model::BackupState::OnceSynced => self.home.devices() > 1,
        };
        let flags = Flags::default().with(Flags::UP, gestures.present).with(Flags::UV, gestures.verified);
        flags.with(Flags::BE, backup_eligible).with(Flags::BS, backup_eligible && backed_up)
    }
}

fn increment(id: &mut [u8]) {
    for byte in id.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}
