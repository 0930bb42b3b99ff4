//! The facts of a draft, section by section.

use lab_authenticator::{Model, Named, Transport};
use lab_client::transcript::Transcript;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::get_info;
use lab_protocol::webauthn::Flags;

use super::section::{Fact, Sections, Source, numbers, pairs, text, texts};
use crate::models::observed::{Made, Observed};
use crate::models::properties;

/// The source of what the transcript shows.
pub(super) const SEEN: &str = Source::Seen.source();

/// Algorithms that models can have, by their names.
const MAX_ALGORITHMS: usize = 32;
/// The lengths of credential ids that are assumed, in bytes.
const ID_LENGTHS: (u16, u16) = (48, 64);
/// Wrong attempts that are assumed until a PIN or a sensor blocks.
const RETRIES: (i64, i64) = (8, 5);

/// Everything that a draft is made of.
pub(super) struct Facts<'f> {
    pub transcript: &'f Transcript,
    pub observed: &'f Observed,
    pub info: &'f get_info::Response,
    pub known: Option<&'f Model>,
}

impl Facts<'_> {
    /// That of the built-in model, which the draft then stands for; else one of its own.
    pub fn id(&self) -> String {
        let known = self.known.filter(|known| !known.generic).map(|known| known.id.clone());
        known.unwrap_or_else(|| format!("draft-{}", self.info.aaguid))
    }

    pub fn write(&self) -> String {
        let mut sections = Sections::default();
        self.identity(&mut sections);
        self.passkeys(&mut sections);
        self.user_verification(&mut sections);
        self.fingerprints(&mut sections);
        self.get_info(&mut sections);
        self.attestation(&mut sections);
        let name = self.known.map(|known| known.name.clone()).or_else(|| {
            self.transcript.header.devices.first().map(|device| device.name.clone()).filter(|name| !name.is_empty())
        });
        let (vendor, country) =
            self.known.map_or(("unknown", "ZZ"), |known| (&known.vendor.name, &known.vendor.country));
        let country = if country.len() == 2 { country } else { "ZZ" };
        let (id, name) = (text(&self.id()), text(&name.unwrap_or_else(|| self.id())));
        let head =
            format!("id = {id}\nname = {name}\nvendor = {{ name = {}, country = {} }}\n", text(vendor), text(country));
        let sources: String = sections.cited.iter().map(|from| self.source(*from)).collect();
        format!("{head}\n[sources]\n{sources}{}", sections.text)
    }

    fn source(&self, from: Source) -> String {
        let header = &self.transcript.header;
        let says = match from {
            Source::Seen => {
                format!("A transcript of {}, recorded with {} {}", header.recorded_at, header.tool.0, header.tool.1)
            }
            Source::Known => format!(
                "The built-in model {}: the transcript does not show it",
                self.known.map_or("", |known| &known.id)
            ),
            Source::Assumed => "Assumed: the transcript does not show it".to_owned(),
        };
        format!("{} = {}\n", from.source(), text(&says))
    }

    /// What the known model says, else an assumption.
    fn unseen(&self, known: impl FnOnce(&Model) -> String, assumed: impl ToString) -> Fact {
        match self.known {
            Some(model) => (known(model), Source::Known),
            None => (assumed.to_string(), Source::Assumed),
        }
    }

    fn identity(&self, sections: &mut Sections) {
        let platform = self.info.option("plat") == Some(true);
        let (kind, attachment) = if platform { ("platform", "platform") } else { ("roaming", "cross-platform") };
        sections.section("identity");
        sections.fact("aaguid", seen(text(&self.info.aaguid.to_string())));
        sections.fact("kind", self.unseen(|known| text(known.identity.kind.name()), text(kind)));
        let seen_attachment = self.known.is_none_or(|known| known.identity.attachment.name() == attachment);
        let attachment = if seen_attachment {
            seen(text(attachment))
        } else {
            self.unseen(|known| text(known.identity.attachment.name()), "")
        };
        sections.fact("attachment", attachment);
        let mut transports: Vec<&str> = Vec::new();
        for transport in self.info.transports.iter().filter_map(|name| Transport::of(name)) {
            if !transports.contains(&transport.name()) {
                transports.push(transport.name());
            }
        }
        let told = !self.info.transports.is_empty();
        let silent = || self.unseen(|known| texts(known.transports()), texts(["usb"]));
        sections.fact("transports", if told { seen(texts(transports)) } else { silent() });
        sections.fact("flows", self.unseen(|known| names(&known.identity.flows), texts(["same-device"])));
        let everywhere = texts(["windows", "macos", "linux", "chromeos", "ios", "android"]);
        sections.fact("platforms", self.unseen(|known| names(&known.identity.platforms), everywhere));
    }

    fn passkeys(&self, sections: &mut Sections) {
        let made = self.observed.made.first();
        let flag = |flag| made.map(|made| made.flags.has(flag));
        let eligible = flag(Flags::BE);
        sections.section("passkeys");
        let synced = |synced: bool| text(if synced { "synced" } else { "device-bound" });
        let kind = |known: &Model| text(known.passkeys.passkey_type.name());
        sections.fact("type", eligible.map_or_else(|| self.unseen(kind, synced(false)), |be| seen(synced(be))));
        let known_be = |known: &Model| known.passkeys.backup_eligible.value.to_string();
        sections
            .fact("backup-eligible", eligible.map_or_else(|| self.unseen(known_be, false), |be| seen(be.to_string())));
        sections.fact("backup-state", self.backup_state(eligible, flag(Flags::BS)));
        sections.fact("algorithms", self.algorithms());
        self.counter(sections);
        self.id_lengths(sections);
        sections.fact("extensions", seen(texts(&self.info.extensions)));
        let free = self.info.remaining_discoverable_credentials;
        let slots = free.map(|free| seen((free + self.observed.existing.unwrap_or(0)).to_string()));
        sections.some("slots", slots);
    }

    fn backup_state(&self, eligible: Option<bool>, backed_up: Option<bool>) -> Fact {
        let life = match (eligible, backed_up) {
            (Some(true), Some(true)) => "from-registration",
            (Some(true), _) => "once-synced",
            (Some(false), _) => "never",
            (None, _) => return self.unseen(|known| text(known.passkeys.backup_state.name()), text("never")),
        };
        seen(text(life))
    }

    fn algorithms(&self) -> Fact {
        let named = self.info.algorithms.iter().filter_map(|alg| alg.name()).filter(|name| is_model_algorithm(name));
        let mut told: Vec<&str> = Vec::new();
        named.take(MAX_ALGORITHMS).for_each(|name| {
            if !told.contains(&name) {
                told.push(name)
            }
        });
        if !told.is_empty() {
            return seen(texts(told));
        }
        let used = self.observed.made.iter().find_map(|made| made.algorithm?.name());
        let known = |known: &Model| texts(known.passkeys.algorithms.iter().filter_map(|alg| alg.name()));
        used.map_or_else(|| self.unseen(known, texts(["ES256"])), |used| seen(texts([used])))
    }

    fn counter(&self, sections: &mut Sections) {
        let counters = self.observed.counters();
        let known = |known: &Model| text(known.passkeys.counter.name());
        let zero = !counters.is_empty() && counters.iter().all(|counter| *counter == 0);
        let synced = self.observed.made.first().is_some_and(|made| made.flags.has(Flags::BE));
        if zero || synced {
            sections.fact("counter", seen(text("constant-zero")));
            return sections.fact("counter-start", seen("0".to_owned()));
        }
        // Whether it is one counter for all credentials takes two credentials to see.
        let counts = self.known.is_none_or(|known| known.passkeys.counter.name() != "constant-zero");
        let behaviour =
            if counts { self.unseen(known, text("global-increment")) } else { seen(text("global-increment")) };
        let first = counters.first().map(|first| seen(first.to_string()));
        let start = first.unwrap_or_else(|| self.unseen(|known| known.passkeys.counter_start.value.to_string(), 1));
        sections.fact("counter", behaviour);
        sections.fact("counter-start", start);
    }

    fn id_lengths(&self, sections: &mut Sections) {
        let longest = self.info.max_credential_id_length.and_then(|longest| u16::try_from(longest).ok());
        let of = |discoverable| {
            let made = self.observed.made.iter().find(|made| made.discoverable == discoverable);
            made.map(|made| seen(made.id_length.to_string()))
        };
        let assumed = |length: u16| length.min(longest.unwrap_or(length));
        let known = |known: &Model| known.passkeys.discoverable_id_length.value.to_string();
        let other = |known: &Model| known.passkeys.other_id_length.value.to_string();
        let discoverable = of(true).unwrap_or_else(|| self.unseen(known, assumed(ID_LENGTHS.0)));
        sections.fact("discoverable-id-length", discoverable);
        sections.fact("other-id-length", of(false).unwrap_or_else(|| self.unseen(other, assumed(ID_LENGTHS.1))));
        let scheme = self.known.and_then(|known| known.passkeys.id_scheme.as_ref());
        sections.some("id-scheme", scheme.map(|scheme| (text(scheme.name()), Source::Known)));
    }

    fn user_verification(&self, sections: &mut Sections) {
        let (sensor, pin) = (self.info.option("uv").is_some(), self.info.option("clientPin").is_some());
        let quirk = self.known.is_some_and(|known| known.user_verification.option.name() == "clientPin");
        let option = match (sensor, pin) {
            (true, true) if quirk => "clientPin",
            (true, _) => "uv",
            (false, true) => "clientPin",
            (false, false) => "none",
        };
        sections.section("user-verification");
        sections.fact("option", seen(text(option)));
        let mut methods = vec!["presence_internal"];
        methods.extend(sensor.then_some("fingerprint_internal"));
        methods.extend(pin.then_some("passcode_external"));
        let same = self.known.filter(|known| known.user_verification.option.name() == option);
        let known = same.map(|known| (names(&known.user_verification.methods), Source::Known));
        sections.fact("methods", known.unwrap_or((texts(methods), Source::Assumed)));
        let always = self.info.option("alwaysUv") == Some(true);
        let policy = same.filter(|known| (known.user_verification.policy.name() == "always") == always);
        let policy = policy.map(|known| (text(known.user_verification.policy.name()), Source::Known));
        sections.fact("policy", policy.unwrap_or((text(if always { "always" } else { "ctap" }), Source::Assumed)));
        let assumed = if option == "uv" { RETRIES.1 } else { RETRIES.0 };
        let retries = self.observed.pin_retries.filter(|left| *left > 0 && option == "clientPin");
        let unseen = || self.unseen(|known| known.user_verification.retries.value.max(1).to_string(), assumed);
        sections.fact("retries", retries.map_or_else(unseen, |left| seen(left.to_string())));
    }

    fn fingerprints(&self, sections: &mut Sections) {
        let enrols = ["bioEnroll", "userVerificationMgmtPreview"].iter().any(|name| self.info.option(name).is_some());
        if !enrols {
            return;
        }
        let known = self.known.and_then(|known| known.fingerprints.as_ref());
        let fact = |known: Option<u8>, assumed: u8| match known {
            Some(known) => (known.to_string(), Source::Known),
            None => (assumed.to_string(), Source::Assumed),
        };
        sections.section("fingerprints");
        sections.fact("templates", fact(known.map(|known| known.templates.value), 5));
        sections.fact("samples", fact(known.map(|known| known.samples.value), 5));
        sections.fact("name-length", fact(known.map(|known| known.name_length.value), 15));
    }

    fn get_info(&self, sections: &mut Sections) {
        let info = self.info;
        let number = |number: Option<i64>| number.map(|number| seen(number.to_string()));
        let flag = |flag: Option<bool>| flag.map(|flag| seen(flag.to_string()));
        // As delivered: a PIN or a finger is its owner's.
        let delivered = |(name, value): &(String, bool)| {
            let owners = ["clientPin", "bioEnroll", "userVerificationMgmtPreview"].contains(&name.as_str());
            (name.clone(), *value && !owners)
        };
        sections.section("get-info");
        sections.fact("versions", seen(texts(&info.versions)));
        sections.fact("options", seen(pairs(info.options.iter().map(delivered))));
        sections.some("max-msg-size", number(info.max_msg_size));
        let protocols = &info.pin_uv_auth_protocols;
        sections.some("pin-uv-auth-protocols", (!protocols.is_empty()).then(|| seen(numbers(protocols))));
        sections.some("max-credential-count-in-list", number(info.max_credential_count_in_list));
        sections.some("max-credential-id-length", number(info.max_credential_id_length));
        sections.some("max-serialized-large-blob-array", number(info.max_serialized_large_blob_array));
        sections.some("min-pin-length", number(info.min_pin_length));
        sections.some("firmware-version", number(info.firmware_version));
        sections.some("max-cred-blob-length", number(info.max_cred_blob_length));
        sections.some("max-rpids-for-set-min-pin-length", number(info.max_rp_ids_for_set_min_pin_length));
        sections.some("preferred-platform-uv-attempts", number(info.preferred_platform_uv_attempts));
        sections.some("uv-modality", number(info.uv_modality));
        let certifications = info.certifications.clone();
        sections.some("certifications", (!certifications.is_empty()).then(|| seen(pairs(certifications))));
        let commands = info.vendor_prototype_config_commands.as_ref();
        sections.some("vendor-prototype-config-commands", commands.map(|commands| seen(numbers(commands))));
        let formats = &info.attestation_formats;
        sections.some("attestation-formats", (!formats.is_empty()).then(|| seen(texts(formats))));
        sections.some("long-touch-for-reset", flag(info.long_touch_for_reset));
        sections.some("enc-identifier", info.enc_identifier.as_ref().map(|_| seen("true".to_owned())));
        sections.some("transports-for-reset", info.transports_for_reset.as_ref().map(|names| seen(texts(names))));
        sections.some("pin-complexity-policy", flag(info.pin_complexity_policy));
        sections.some("max-pin-length", number(info.max_pin_length));
        sections.some("enc-cred-store-state", info.enc_cred_store_state.as_ref().map(|_| seen("true".to_owned())));
        let config = info.authenticator_config_commands.as_ref();
        sections.some("authenticator-config-commands", config.map(|commands| seen(numbers(commands))));
    }

    fn attestation(&self, sections: &mut Sections) {
        sections.section("attestation");
        match self.observed.made.first() {
            Some(made) => seen_attestation(sections, made),
            None => {
                sections.fact("format", (text("none"), Source::Assumed));
                sections.fact("chain", (text("none"), Source::Assumed));
            }
        }
        sections
            .fact("when-none", self.unseen(|known| text(known.attestation.when_none.name()), text("client-decides")));
    }
}

fn seen_attestation(sections: &mut Sections, made: &Made) {
    let shape = match (properties::attestation(made), made.format.as_str()) {
        ("certificate", "tpm" | "apple") => "attestation-ca",
        ("certificate", _) => "batch",
        (other, _) => other,
    };
    sections.fact("format", seen(text(&made.format)));
    sections.fact("chain", seen(text(shape)));
    if properties::attestation(made) == "certificate" {
        let algorithm = made.attestation_algorithm.unwrap_or(Algorithm::ES256);
        sections.some("algorithm", algorithm.name().map(|name| seen(text(name))));
        sections.fact("aaguid-extension", seen((made.has_aaguid_extension() == Some(true)).to_string()));
        let above = made.chain.len().saturating_sub(1);
        sections.some("intermediates", (above > 0 && shape == "batch").then(|| seen(above.to_string())));
    }
}

/// Whether model files have this name.
fn is_model_algorithm(name: &str) -> bool {
    !matches!(name, "ESP256" | "ESP384" | "ESP512" | "Ed25519" | "Ed448")
}

fn seen(value: String) -> Fact {
    (value, Source::Seen)
}

fn names<T: Named>(names: &[T]) -> String {
    texts(names.iter().map(|name| name.name()))
}
