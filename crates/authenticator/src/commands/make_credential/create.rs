//! Making the credential: steps 15 to 19 of authenticatorMakeCredential.

use jiff::Timestamp;
use lab_attestation::keys::SigningKey;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::make_credential::{Request, Response};
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorDataDraft};
use lab_protocol::webauthn::{Ceremony as Which, Flags};

use super::super::{Next, Outcome};
use super::Ceremony;
use crate::attest::{Attested, Subject};
use crate::engine::Authenticator;
use crate::id_scheme;
use crate::interaction::Gestures;
use crate::store::{CredRandom, Credential, Full};

impl Ceremony {
    /// 15 to 19
    pub(super) fn create(self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        self.room(authenticator)?;
        let key = SigningKey::generate(self.algorithm, authenticator.backend, &mut *authenticator.env.rng);
        let key = key.map_err(|_| StatusCode::OTHER)?;
        let scheme = authenticator.model.passkeys.id_scheme.as_ref();
        let id = scheme.and_then(|scheme| id_scheme::of_key(scheme.value, &key));
        let id = id.unwrap_or_else(|| authenticator.credential_id(self.algorithm, self.discoverable));
        let sign_count = authenticator.counter.register(now);
        let credential = self.credential(authenticator, key, id, sign_count);
        let auth_data = self.authenticator_data(authenticator, &credential)?;
        let subject = Subject {
            auth_data: &auth_data,
            client_data_hash: &self.request.client_data_hash,
            key: &credential.key,
            enterprise: self.enterprise,
            now,
        };
        let Attested { fmt, att_stmt } =
            authenticator.attest(&subject, &self.request.attestation_formats_preference)?;
        let response = Response {
            ep_att: (self.enterprise && fmt != "none").then_some(true),
            fmt,
            auth_data,
            att_stmt,
            large_blob_key: credential.large_blob_key.map(Vec::from),
            ..Response::default()
        };
        authenticator.home.with(|store| store.insert(credential));
        if self.discoverable {
            authenticator.renew_cred_store_state();
        }
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
        let (env, extensions) = (&mut authenticator.env, &self.extensions);
        let cred_random =
            extensions.hmac_secret.then(|| CredRandom { with_uv: env.random(), without_uv: env.random() });
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
            cred_protect: extensions.cred_protect.unwrap_or_default(),
            cred_random,
            large_blob_key: extensions.large_blob_key.then(|| env.random()),
            cred_blob: extensions.cred_blob().map(<[u8]>::to_vec),
            third_party_payment: extensions.third_party_payment,
        }
    }

    fn authenticator_data(
        &self,
        authenticator: &mut Authenticator,
        credential: &Credential,
    ) -> Result<Vec<u8>, StatusCode> {
        let extensions = self.extensions.outputs(authenticator, credential, self.gestures.verified)?;
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
        Ok(draft.encode())
    }
}

impl Authenticator {
    /// A credential id that is not in use, as long as the model makes them.
    pub(crate) fn credential_id(&mut self, algorithm: Algorithm, discoverable: bool) -> Vec<u8> {
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
