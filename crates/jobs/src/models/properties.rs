//! What is observed of an authenticator, as lines that two of them can be compared by.

use lab_protocol::ctap2::get_info;
use lab_protocol::webauthn::Flags;

use super::observed::{Made, Observed};

/// One thing that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub group: Group,
    pub name: String,
    pub value: String,
    pub kind: Kind,
}

/// What a property belongs to: where nothing of a group was recorded, nothing is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Info,
    Registration,
    SignIn,
}

/// How far a property is the model's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The model's.
    Model,
    /// That it is there is the model's, its value is that of one key at one time.
    State,
    /// Of one key, one request or one moment.
    Note,
}

impl Group {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "authenticatorGetInfo",
            Self::Registration => "registration",
            Self::SignIn => "sign-in",
        }
    }

    pub const fn is_in(self, observed: &Observed) -> bool {
        match self {
            Self::Info => observed.info.is_some(),
            Self::Registration => !observed.made.is_empty(),
            Self::SignIn => !observed.signed.is_empty(),
        }
    }
}

/// Options whose value its owner changes.
const STATE_OPTIONS: &[&str] =
    &["clientPin", "uv", "bioEnroll", "userVerificationMgmtPreview", "alwaysUv", "makeCredUvNotRqd", "ep"];
/// Options with a value where getInfo does not name them (`ctap-2.2 §6.4`).
const DEFAULTS: &[(&str, bool)] = &[("plat", false), ("rk", false), ("up", true)];

/// Everything that is observed, in the order in which it is shown.
pub(super) fn of(observed: &Observed) -> Vec<Property> {
    let mut list = List(Vec::new());
    if let Some(info) = &observed.info {
        list.info(info);
    }
    if let Some(made) = observed.made.first() {
        list.made(made);
    }
    list.signed(observed);
    list.0
}

struct List(Vec<Property>);

impl List {
    fn put(&mut self, group: Group, name: impl Into<String>, kind: Kind, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.push(Property { group, name: name.into(), value: value.to_string(), kind });
        }
    }

    fn info(&mut self, info: &get_info::Response) {
        use Kind::{Model, Note, State};
        let mut put = |name: &str, kind, value: Option<String>| self.put(Group::Info, name, kind, value);
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let set = |flag: Option<bool>| flag.map(|flag| flag.to_string());
        put("versions", Model, sorted(&info.versions));
        put("extensions", Model, sorted(&info.extensions));
        put("aaguid", Model, Some(info.aaguid.to_string()));
        for (name, value) in options(info) {
            let kind = if STATE_OPTIONS.contains(&name.as_str()) { State } else { Model };
            put(&format!("options.{name}"), kind, Some(value.to_string()));
        }
        put("maxMsgSize", Model, number(info.max_msg_size));
        put("pinUvAuthProtocols", Model, list(&info.pin_uv_auth_protocols));
        put("maxCredentialCountInList", Model, number(info.max_credential_count_in_list));
        put("maxCredentialIdLength", Model, number(info.max_credential_id_length));
        put("transports", Model, sorted(&info.transports));
        put("algorithms", Model, list(&info.algorithms));
        put("maxSerializedLargeBlobArray", Model, number(info.max_serialized_large_blob_array));
        put("forcePINChange", State, set(info.force_pin_change));
        put("minPINLength", Model, number(info.min_pin_length));
        put("firmwareVersion", Model, number(info.firmware_version));
        put("maxCredBlobLength", Model, number(info.max_cred_blob_length));
        put("maxRPIDsForSetMinPINLength", Model, number(info.max_rp_ids_for_set_min_pin_length));
        put("preferredPlatformUvAttempts", Model, number(info.preferred_platform_uv_attempts));
        put("uvModality", Model, number(info.uv_modality));
        let certifications = info.certifications.iter().map(|(name, level)| format!("{name} {level}"));
        put("certifications", Model, list(&certifications.collect::<Vec<_>>()));
        put("remainingDiscoverableCredentials", State, number(info.remaining_discoverable_credentials));
        let commands = info.vendor_prototype_config_commands.as_deref();
        put("vendorPrototypeConfigCommands", Model, commands.map(joined));
        put("attestationFormats", Model, list(&info.attestation_formats));
        put("uvCountSinceLastPinEntry", State, number(info.uv_count_since_last_pin_entry));
        put("longTouchForReset", State, set(info.long_touch_for_reset));
        put("encIdentifier", Note, info.enc_identifier.as_ref().map(|bytes| format!("{} bytes", bytes.len())));
        put("transportsForReset", Model, info.transports_for_reset.as_deref().map(joined));
        put("pinComplexityPolicy", Model, set(info.pin_complexity_policy));
        let url = info.pin_complexity_policy_url.as_ref();
        put("pinComplexityPolicyURL", Model, url.map(|url| String::from_utf8_lossy(url).into_owned()));
        put("maxPINLength", Model, number(info.max_pin_length));
        put(
            "encCredStoreState",
            Note,
            info.enc_cred_store_state.as_ref().map(|bytes| format!("{} bytes", bytes.len())),
        );
        put("authenticatorConfigCommands", Model, info.authenticator_config_commands.as_deref().map(joined));
        for (key, value) in &info.unknown {
            put(&format!("{key:?}"), Model, Some(format!("{value:?}")));
        }
    }

    fn made(&mut self, made: &Made) {
        use Kind::{Model, Note};
        let mut put = |name: &str, kind, value: Option<String>| self.put(Group::Registration, name, kind, value);
        put("attestation format", Model, Some(made.format.clone()));
        put("attestation type", Model, Some(attestation(made).to_owned()));
        put("certificates in x5c", Model, Some(made.chain.len().to_string()));
        put("attestation algorithm", Model, made.attestation_algorithm.map(|alg| alg.to_string()));
        let names_it = made.has_aaguid_extension().map(|has| if has { "yes" } else { "no" }.to_owned());
        put("certificate names the AAGUID", Model, names_it);
        put("AAGUID in authenticator data", Model, Some(made.aaguid.to_string()));
        put("BE", Model, Some(made.flags.has(Flags::BE).to_string()));
        put("BS", Model, Some(made.flags.has(Flags::BS).to_string()));
        let length = if made.discoverable { "credential id, discoverable" } else { "credential id" };
        put(length, Model, Some(format!("{} bytes", made.id_length)));
        put("flags", Note, Some(made.flags.to_string()));
        put("credential algorithm", Note, made.algorithm.map(|alg| alg.to_string()));
        put("extension outputs", Note, sorted(&made.extensions));
        put("time", Note, (made.took_ms > 0).then(|| format!("{} ms", made.took_ms)));
    }

    fn signed(&mut self, observed: &Observed) {
        use Kind::{Model, Note};
        let Some(signed) = observed.signed.first() else { return };
        let counters = observed.counters();
        let mut put = |name: &str, kind, value: Option<String>| self.put(Group::SignIn, name, kind, value);
        put("BE", Model, Some(signed.flags.has(Flags::BE).to_string()));
        put("BS", Model, Some(signed.flags.has(Flags::BS).to_string()));
        put("flags", Note, Some(signed.flags.to_string()));
        put("signature counter", Model, counting(&counters).map(str::to_owned));
        put("signature counters", Note, list(&counters));
    }
}

/// What the statement rests on.
pub(super) fn attestation(made: &Made) -> &'static str {
    match (made.format.as_str(), made.chain.is_empty()) {
        ("none", _) => "none",
        ("packed", true) => "self",
        _ => "certificate",
    }
}

/// What counters do, seen in at least two values.
fn counting(counters: &[u32]) -> Option<&'static str> {
    let rises = counters.windows(2).all(|pair| pair[0] < pair[1]);
    match counters {
        [] | [_] => None,
        _ if counters.iter().all(|counter| *counter == 0) => Some("stays 0"),
        _ if rises => Some("rises"),
        _ => Some("does not always rise"),
    }
}

/// The options by name, with those that go without saying.
fn options(info: &get_info::Response) -> Vec<(String, bool)> {
    let mut options = info.options.clone();
    for (name, value) in DEFAULTS {
        if info.option(name).is_none() {
            options.push(((*name).to_owned(), *value));
        }
    }
    options.sort();
    options
}

/// A list whose order says nothing.
fn sorted(items: &[String]) -> Option<String> {
    let mut items = items.to_vec();
    items.sort();
    list(&items)
}

fn list(items: &[impl ToString]) -> Option<String> {
    (!items.is_empty()).then(|| joined(items))
}

fn joined(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
