//! What must be true of every model.

use lab_attestation::emit;

use super::vocabulary::{Attachment, BackupState, Chain, CounterBehaviour, Flow, Kind, Named, UvMethod, UvOption};
use super::{Metadata, Model};

/// Facts of a model that cannot be true together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: found {found}")]
pub struct Violation {
    /// The key at which to look first.
    pub key: &'static str,
    /// What must hold.
    pub rule: &'static str,
    /// What the model says instead.
    pub found: String,
}

/// The CTAP versions that exist; `FIDO_2_2` was never defined (`ctap-2.3 §6.4`).
const VERSIONS: &[&str] = &["U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3"];

/// How the ids of generic models start.
pub(crate) const GENERIC_ID: &str = "aaguid-";

struct Violations(Vec<Violation>);

impl Violations {
    fn require(&mut self, holds: bool, key: &'static str, rule: &'static str, found: impl ToString) {
        if !holds {
            self.0.push(Violation { key, rule, found: found.to_string() });
        }
    }
}

impl Model {
    /// The invariants that this model breaks; none, if it came from [`Model::from_toml`].
    #[must_use]
    pub fn check(&self) -> Vec<Violation> {
        let mut violations = Violations(Vec::new());
        self.check_names(&mut violations);
        self.check_identity(&mut violations);
        self.check_backup(&mut violations);
        self.check_credentials(&mut violations);
        self.check_verification(&mut violations);
        self.check_get_info(&mut violations);
        self.check_attestation(&mut violations);
        self.check_metadata(&mut violations);
        violations.0
    }

    fn check_names(&self, violations: &mut Violations) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        let id = !self.id.is_empty() && self.id.chars().all(plain);
        violations.require(id, "id", "an id is lower-case letters, digits, dots and hyphens", &self.id);
        let reserved = self.generic || !self.id.starts_with(GENERIC_ID);
        violations.require(reserved, "id", "ids that start with “aaguid-” are the generic models'", &self.id);
        violations.require(!self.name.is_empty(), "name", "a model has a name", "an empty text");
        let country = &self.vendor.country;
        let two_letters = country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase());
        violations.require(two_letters, "vendor.country", "a country is two capital letters", country);
        let fields = self.fields();
        for unused in self.sources.keys().filter(|source| fields.iter().all(|field| field.source != **source)) {
            violations.require(
                false,
                "sources",
                "every source is cited by a fact",
                format!("“{unused}”, cited by none"),
            );
        }
    }

    fn check_identity(&self, violations: &mut Violations) {
        let identity = &self.identity;
        violations.require(!self.aaguid().is_zero(), "identity.aaguid", "an AAGUID names a model", "zeros");
        violations.require(!identity.flows.is_empty(), "identity.flows", "there is a way to register in it", "none");
        violations.require(!identity.platforms.is_empty(), "identity.platforms", "it lives somewhere", "nowhere");
        let attachment = identity.attachment.value;
        let attached = match identity.kind.value {
            Kind::Platform => attachment == Attachment::Platform,
            Kind::Roaming => attachment == Attachment::CrossPlatform,
            Kind::Provider => true,
        };
        violations.require(attached, "identity.attachment", "the attachment fits the kind", attachment);
        let in_app = !identity.flows.contains(&Flow::InApp) || identity.kind.value == Kind::Provider;
        violations.require(in_app, "identity.flows", "only a provider has an app to register in", identity.kind.value);
        for list in [doubled(&identity.transports), doubled(&identity.flows), doubled(&identity.platforms)] {
            violations.require(list.is_none(), "identity", "no name stands twice in a list", list.unwrap_or_default());
        }
    }

    fn check_backup(&self, violations: &mut Violations) {
        let (passkeys, eligible) = (&self.passkeys, self.passkeys.backup_eligible.value);
        let key = "passkeys.backup-eligible";
        violations.require(eligible == self.is_synced(), key, "BE is 1 exactly where passkeys are synced", eligible);
        let backed_up = passkeys.backup_state.value != BackupState::Never;
        let key = "passkeys.backup-state";
        violations.require(eligible || !backed_up, key, "BS without BE is impossible", passkeys.backup_state.value);
        violations.require(!eligible || backed_up, key, "a synced passkey is backed up one day", "never");
        let constant = passkeys.counter.value == CounterBehaviour::ConstantZero;
        let rule = "several devices cannot count one counter: synced passkeys keep it at 0";
        violations.require(!eligible || constant, "passkeys.counter", rule, passkeys.counter.value);
        let from_zero = !constant || passkeys.counter_start.value == 0;
        let rule = "a counter that stays 0 starts at 0";
        violations.require(from_zero, "passkeys.counter-start", rule, passkeys.counter_start.value);
    }

    fn check_credentials(&self, violations: &mut Violations) {
        let passkeys = &self.passkeys;
        violations.require(!passkeys.algorithms.is_empty(), "passkeys.algorithms", "it has an algorithm", "none");
        let unique =
            passkeys.algorithms.iter().all(|alg| passkeys.algorithms.iter().filter(|a| *a == alg).count() == 1);
        violations.require(unique, "passkeys.algorithms", "no algorithm stands twice", "a repetition");
        let by_algorithm = passkeys.other_id_length_by_algorithm.iter().flat_map(|pairs| &pairs.0);
        for (name, _) in by_algorithm.clone() {
            let known = passkeys.algorithms.iter().any(|alg| alg.name() == Some(name));
            violations.require(known, "passkeys.other-id-length-by-algorithm", "the algorithm is one of its own", name);
        }
        let lengths = [
            ("passkeys.discoverable-id-length", passkeys.discoverable_id_length.value),
            ("passkeys.other-id-length", passkeys.other_id_length.value),
        ];
        let by_algorithm = by_algorithm.map(|(_, length)| ("passkeys.other-id-length-by-algorithm", *length));
        let longest = self.get_info.as_ref().and_then(|info| info.max_credential_id_length.as_ref());
        for (key, length) in lengths.into_iter().chain(by_algorithm) {
            let rule = "a credential id has 16 to 1023 bytes (webauthn-3 §4)";
            violations.require((16..=1023).contains(&length), key, rule, length);
            let fits = longest.is_none_or(|longest| u32::from(length) <= longest.value);
            violations.require(fits, key, "no id is longer than max-credential-id-length", length);
        }
    }

    fn check_verification(&self, violations: &mut Violations) {
        let uv = &self.user_verification;
        let verifies = uv.methods.iter().any(|method| *method != UvMethod::Presence);
        let can = uv.option.value != UvOption::None;
        let key = "user-verification.methods";
        violations.require(verifies == can, key, "there is a method exactly where there is an option", uv.option.value);
        let options = self.get_info.iter().flat_map(|info| &info.options.0);
        let announced =
            uv.option.value == UvOption::ClientPin || options.into_iter().any(|(name, _)| name == "clientPin");
        let pin = uv.methods.contains(&UvMethod::ClientPin) == announced;
        violations.require(pin, key, "passcode_external is what the option clientPin announces", uv.option.value);
        let key = "user-verification.retries";
        violations.require(!can || uv.retries.value > 0, key, "there is at least one attempt", uv.retries.value);
    }

    fn check_get_info(&self, violations: &mut Violations) {
        let Some(info) = &self.get_info else { return };
        let key = "get-info.versions";
        violations.require(!info.versions.is_empty(), key, "getInfo names a version", "none");
        for version in info.versions.iter().filter(|version| !VERSIONS.contains(&version.as_str())) {
            violations.require(false, key, "FIDO_2_2 and other versions that do not exist are never claimed", version);
        }
        let size = info.max_msg_size.as_ref().is_none_or(|size| (1024..=7609).contains(&size.value));
        let rule = "messages have 1024 to 7609 bytes (ctap-2.2 §6.4, §11.2)";
        violations.require(size, "get-info.max-msg-size", rule, "another number");
        let formats = info.attestation_formats.iter().flat_map(|formats| formats.iter());
        let none = formats.into_iter().any(|format| format == "none");
        violations.require(!none, "get-info.attestation-formats", "“none” is no format to announce", "none");
    }

    fn check_attestation(&self, violations: &mut Violations) {
        let attestation = &self.attestation;
        let chain = attestation.chain.value;
        let format = attestation.format.as_str();
        let rule = "the format is one that can be made";
        violations.require(emit::can_emit(format), "attestation.format", rule, format);
        let parts: Vec<_> = attestation.parts.iter().flat_map(|parts| parts.iter().map(String::as_str)).collect();
        let built = parts.len() >= 2 && parts.iter().all(|part| emit::can_emit(part) && *part != "compound");
        let fits = if format == "compound" { built } else { parts.is_empty() };
        let rule = "a compound statement, and nothing else, has two parts or more, of other formats that can be made";
        violations.require(fits, "attestation.parts", rule, parts.join(", "));
        let fits = match attestation.format.as_str() {
            "none" => chain == Chain::None,
            "packed" => chain != Chain::None,
            _ => chain.is_certified(),
        };
        violations.require(fits, "attestation.chain", "the chain fits the format", chain);
        let certified = chain.is_certified();
        let key = "attestation.algorithm";
        let rule = "a certificate's key has an algorithm, and nothing else has";
        violations.require(attestation.algorithm.is_some() == certified, key, rule, chain);
        let key = "attestation.aaguid-extension";
        let rule = "a certificate names the AAGUID or does not, and nothing else does";
        violations.require(attestation.aaguid_extension.is_some() == certified, key, rule, chain);
    }

    fn check_metadata(&self, violations: &mut Violations) {
        let Some(Metadata { certified, statuses, .. }) = &self.metadata else { return };
        let reported = statuses.iter().any(|status| status.starts_with("FIDO_CERTIFIED"));
        let key = "metadata.certified";
        violations.require(
            certified.value == reported,
            key,
            "certified is what the status reports say",
            certified.value,
        );
    }
}

fn doubled<T: Named>(list: &[T]) -> Option<String> {
    list.iter().enumerate().find(|(at, name)| list[..*at].contains(name)).map(|(_, name)| name.name().to_owned())
}
