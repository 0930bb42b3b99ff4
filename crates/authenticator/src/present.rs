//! What is true of the model in its present state: the one source of getInfo and of the commands.

use crate::engine::Authenticator;
use crate::model::{Kind, Sourced, UvOption};
use crate::pin::seal;

impl Authenticator {
    /// The present state of an option of getInfo; `None` where the model does not have it.
    pub(crate) fn option(&self, name: &str) -> Option<bool> {
        let delivered = self.built.option(name)?;
        Some(match name {
            "clientPin" => self.state.pin.is_some(),
            "uv" => self.uv_configured(),
            "bioEnroll" | "userVerificationMgmtPreview" => !self.state.templates.is_empty(),
            "alwaysUv" => self.state.always_uv,
            "makeCredUvNotRqd" => delivered && !self.state.always_uv,
            "ep" => self.state.enterprise_attestation,
            _ => delivered,
        })
    }

    /// Whether an option is there and true.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.option(name) == Some(true)
    }

    /// Whether it is protected by some form of user verification.
    pub(crate) fn is_protected(&self) -> bool {
        self.state.pin.is_some() || self.has("uv")
    }

    /// Whether a token made by PIN can create and use credentials.
    pub(crate) fn pin_serves_ceremonies(&self) -> bool {
        !self.has("noMcGaPermissionsWithClientPin")
    }

    /// A fingerprint sensor needs a finger; a screen lock is there.
    fn uv_configured(&self) -> bool {
        let enrols = ["bioEnroll", "userVerificationMgmtPreview"].iter().any(|name| self.built.option(name).is_some());
        !enrols || !self.state.templates.is_empty()
    }

    /// Whether it has a clientPIN or tokens at all.
    pub(crate) fn knows_pin_or_tokens(&self) -> bool {
        self.built.option("clientPin").is_some() || self.built.option("pinUvAuthToken").is_some()
    }

    /// Whether getKeyAgreement is there: for PIN and tokens, or for hmac-secret.
    pub(crate) fn agrees_keys(&self) -> bool {
        self.knows_pin_or_tokens() || self.has_extension("hmac-secret")
    }

    pub(crate) fn has_extension(&self, name: &str) -> bool {
        self.built.extensions.iter().any(|extension| extension == name)
    }

    /// PIN/UV auth protocols in order of preference: one, where the model says nothing (`ctap-2.2 §6.4`).
    pub(crate) fn pin_uv_auth_protocols(&self) -> impl Iterator<Item = u8> {
        let said = self.model.get_info.as_ref().and_then(|info| info.pin_uv_auth_protocols.as_ref());
        let protocols = said.map_or(&[1][..], |protocols| &protocols.value);
        protocols.iter().copied().filter(|_| self.agrees_keys())
    }

    /// Whether the sensor shows the user's presence too.
    pub(crate) fn uv_shows_presence(&self) -> bool {
        self.model.user_verification.option.value == UvOption::Uv
    }

    /// Whether losing power gives the sensor its attempts back: phones and PCs ask for their passcode after
    /// a restart, which a key without a PIN cannot.
    pub(crate) fn restart_unblocks(&self) -> bool {
        self.model.identity.kind.value != Kind::Roaming || self.built.option("clientPin").is_none()
    }
}

/// The length of a credBlob, in bytes, of a model that names no limit (`ctap-2.2 §12.2`).
const CRED_BLOB: usize = 32;

impl Authenticator {
    /// The versions that getInfo claims: with alwaysUv and without a sensor U2F is off (`ctap-2.2 §6.4`).
    pub(crate) fn versions(&self) -> Vec<String> {
        let u2f_off = self.is_u2f_off();
        self.built.versions.iter().filter(|version| !(u2f_off && *version == "U2F_V2")).cloned().collect()
    }

    /// Whether alwaysUv keeps CTAP1 from doing anything.
    pub(crate) fn is_u2f_off(&self) -> bool {
        self.has("alwaysUv") && !self.has("uv")
    }

    /// The options of getInfo, as they are now.
    pub(crate) fn options(&self) -> Vec<(String, bool)> {
        let names = self.built.options.iter().map(|(name, _)| name);
        names.filter_map(|name| Some((name.clone(), self.option(name)?))).collect()
    }

    /// Whether getInfo has the members of CTAP 2.1.
    pub(crate) fn is_ctap_2_1(&self) -> bool {
        let versions = self.model.get_info.iter().flat_map(|info| info.versions.iter());
        versions.into_iter().any(|version| version.starts_with("FIDO_2_1") || version == "FIDO_2_3")
    }

    pub(crate) fn cred_blob_length(&self) -> usize {
        self.model.limit(|info| info.max_cred_blob_length.as_ref().map(|limit| limit.value)).unwrap_or(CRED_BLOB)
    }

    /// pinComplexityPolicy: whether PINs must not be trivial.
    pub(crate) fn demands_complex_pins(&self) -> bool {
        let info = self.model.get_info.as_ref();
        info.and_then(|info| info.pin_complexity_policy.as_ref()).is_some_and(|policy| policy.value)
    }

    /// encIdentifier and encCredStoreState, where the model has them and a platform holds the persistent token.
    pub(crate) fn sealed(&mut self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        let info = self.model.get_info.as_ref();
        let has = |fact: Option<&Sourced<bool>>| fact.is_some_and(|fact| fact.value);
        let identifier = has(info.and_then(|info| info.enc_identifier.as_ref()));
        let store_state = has(info.and_then(|info| info.enc_cred_store_state.as_ref()));
        let Authenticator { state, env, .. } = self;
        let mut sealed = |wanted: bool, name: &str, plaintext: Option<[u8; 16]>| {
            let (token, plaintext) = state.persistent_token.zip(plaintext).filter(|_| wanted)?;
            seal(&token, name, &plaintext, &mut *env.rng)
        };
        let identifier = sealed(identifier, "encIdentifier", state.device_identifier);
        (identifier, sealed(store_state, "encCredStoreState", state.cred_store_state))
    }

    /// Discoverable credentials were made, changed or deleted: what encCredStoreState hides is renewed.
    pub(crate) fn renew_cred_store_state(&mut self) {
        if self.state.cred_store_state.is_some() {
            let fresh = self.env.random();
            self.state.change(|state| state.cred_store_state = Some(fresh));
        }
    }

    /// Whether the vendor burned in this RP ID for enterprise attestation: those that FIDO published for tests.
    pub(crate) fn is_enterprise_rp(&self, rp_id: &str) -> bool {
        ["enterprisetest.certinfra.fidoalliance.org", "ep.fidoalliance.co.nz"].contains(&rp_id)
    }
}
