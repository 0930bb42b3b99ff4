//! An authenticator as its getInfo describes it.

use lab_protocol::ctap2::{Command, Descriptor, Permissions, StatusCode, get_info};

use crate::error::{Cause, ReplyError};
use crate::pin_uv::Protocol;

/// The length of a message where getInfo names none (`ctap-2.2 §6.4`, maxMsgSize).
const DEFAULT_MAX_MSG_SIZE: usize = 1024;

/// Bytes of a message that are kept free for everything but its list of credentials.
const OUTSIDE_THE_LIST: usize = 512;

/// Bytes of a descriptor beside its id: map, member names, type, string header.
const AROUND_AN_ID: usize = 24;

/// An authenticator that was asked what it is.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    info: get_info::Response,
}

/// How the user is verified in a ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verification {
    /// Not at all.
    None,
    /// By the authenticator itself, at the option `uv`: authenticators of CTAP 2.0.
    Option,
    /// By a pinUvAuthToken.
    Token,
}

/// How a pinUvAuthToken is obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the authenticator's own verification.
    BuiltIn,
    /// By its PIN.
    Pin,
}

impl Key {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Cause> {
        let info = get_info::Response::parse(body).map_err(|error| unreadable(Command::GET_INFO, error))?;
        Ok(Self { info })
    }

    /// What it says of itself.
    pub(crate) const fn info(&self) -> &get_info::Response {
        &self.info
    }

    /// Whether an option is there and true.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.info.option(option) == Some(true)
    }

    /// Whether a discoverable credential can be kept: `rk` true.
    pub(crate) fn keeps_credentials(&self) -> bool {
        self.has("rk")
    }

    /// What getInfo says of `rk` where it is not true.
    pub(crate) fn rk_text(&self) -> &'static str {
        if self.info.option("rk").is_some() { "false" } else { "absent" }
    }

    /// How a registration verifies the user: an authenticator with a PIN or its own verification may insist on it
    /// whatever the page wishes (`ctap-2.2 §6.1.2` steps 6 to 10).
    ///
    /// # Errors
    /// Verification is required, and the authenticator has none or it is not set up.
    pub(crate) fn verification_at_creation(&self, wish: &str, resident_key: bool) -> Result<Verification, Cause> {
        let insists = if self.has("uv") { self.gives_permissions() } else { self.has("clientPin") };
        let excepted = self.has("makeCredUvNotRqd") && !resident_key;
        self.verification(wish, self.has("alwaysUv") || (insists && !excepted))
    }

    /// How a sign-in verifies the user.
    ///
    /// # Errors
    /// As [`Self::verification_at_creation`].
    pub(crate) fn verification_at_sign_in(&self, wish: &str) -> Result<Verification, Cause> {
        self.verification(wish, self.has("alwaysUv"))
    }

    fn verification(&self, wish: &str, insists: bool) -> Result<Verification, Cause> {
        let permissions = Permissions::MAKE_CREDENTIAL | Permissions::GET_ASSERTION;
        match (wish, self.has("uv"), self.has("clientPin")) {
            ("discouraged", ..) if !insists => Ok(Verification::None),
            (_, true, _) if self.gives_permissions() => Ok(Verification::Token),
            (_, true, _) => Ok(Verification::Option),
            (_, _, true) if self.takes_pin(permissions) => Ok(Verification::Token),
            ("required", ..) => Err(self.why_unverified()),
            _ if self.has("alwaysUv") => Err(self.why_unverified()),
            _ => Ok(Verification::None),
        }
    }

    fn why_unverified(&self) -> Cause {
        match (self.info.option("uv"), self.info.option("clientPin")) {
            (_, Some(false)) => Cause::PinNotSet { status: None },
            (Some(_), _) => Cause::VerificationNotSetUp,
            (None, _) => Cause::NoUserVerification,
        }
    }

    /// How a token with these permissions is obtained: without asking for the PIN where that can be
    /// (`ctap-2.2 §6.5.5.7.2, §6.5.5.7.3`).
    ///
    /// # Errors
    /// It cannot be.
    pub(crate) fn way(&self, permissions: Permissions) -> Result<Way, Cause> {
        let guarded = [(Permissions::BIO_ENROLLMENT, "uvBioEnroll"), (Permissions::AUTHENTICATOR_CONFIG, "uvAcfg")];
        let mut guarded = guarded.iter().filter(|(permission, _)| permissions.intersects(*permission));
        if self.has("uv") && self.gives_permissions() && guarded.all(|(_, option)| self.has(option)) {
            return Ok(Way::BuiltIn);
        }
        match self.info.option("clientPin") {
            Some(true) if self.takes_pin(permissions) => Ok(Way::Pin),
            Some(true) | None => Err(Cause::NoToken { permissions }),
            Some(false) => Err(Cause::PinNotSet { status: None }),
        }
    }

    /// Whether its PIN gives a token with these permissions.
    pub(crate) fn takes_pin(&self, permissions: Permissions) -> bool {
        let ceremony = Permissions::MAKE_CREDENTIAL | Permissions::GET_ASSERTION;
        self.has("clientPin") && !(self.has("noMcGaPermissionsWithClientPin") && permissions.intersects(ceremony))
    }

    /// Whether its tokens have permissions; those of CTAP 2.0 do not.
    pub(crate) fn gives_permissions(&self) -> bool {
        self.has("pinUvAuthToken")
    }

    /// Whether it has authenticatorSelection, which came with CTAP 2.1.
    pub(crate) fn selects(&self) -> bool {
        self.info
            .versions
            .iter()
            .any(|version| version.starts_with("FIDO_2_") && !matches!(&version[..], "FIDO_2_0" | "FIDO_2_1_PRE"))
    }

    /// Whether a PIN is set or its own verification is.
    pub(crate) fn is_protected(&self) -> bool {
        self.has("clientPin") || self.has("uv")
    }

    /// The first of its PIN/UV auth protocols that is spoken here; CTAP 2.0 named none and meant 1.
    ///
    /// # Errors
    /// None of them is.
    pub(crate) fn protocol(&self) -> Result<Protocol, Cause> {
        let found = &self.info.pin_uv_auth_protocols;
        if found.is_empty() {
            return Ok(Protocol::One);
        }
        found.iter().find_map(|number| Protocol::of(*number)).ok_or_else(|| Cause::NoProtocol { found: found.clone() })
    }

    pub(crate) fn has_extension(&self, name: &str) -> bool {
        self.info.extensions.iter().any(|found| found == name)
    }

    /// Whether the authenticator knows attestationFormatsPreference: those that do, list formats.
    pub(crate) fn takes_format_preference(&self) -> bool {
        !self.info.attestation_formats.is_empty()
    }

    /// Whether an enterprise attestation can be asked for: `ep` true.
    pub(crate) fn attests_to_enterprises(&self) -> bool {
        self.info.option("ep") == Some(true)
    }

    /// The authenticator's transports and the one in use, sorted, each once.
    pub(crate) fn transports(&self, in_use: &'static str) -> Vec<String> {
        let mut transports = self.info.transports.clone();
        transports.push(in_use.to_owned());
        transports.sort_unstable();
        transports.dedup();
        transports
    }

    /// The list in parts that the authenticator takes, without ids longer than any of its own.
    pub(crate) fn batches(&self, list: Vec<Descriptor>) -> Vec<Vec<Descriptor>> {
        let number =
            |value: Option<i64>| value.and_then(|value| usize::try_from(value).ok()).filter(|value| *value > 0);
        let longest = number(self.info.max_credential_id_length).unwrap_or(usize::MAX);
        let count = number(self.info.max_credential_count_in_list).unwrap_or(usize::MAX);
        let room = self.max_msg_size().saturating_sub(OUTSIDE_THE_LIST);
        let mut batches: Vec<Vec<Descriptor>> = Vec::new();
        let mut used = 0;
        for descriptor in list.into_iter().filter(|descriptor| descriptor.id.len() <= longest) {
            let size = descriptor.id.len() + AROUND_AN_ID;
            match batches.last_mut().filter(|batch| batch.len() < count && used + size <= room) {
                Some(batch) => {
                    used += size;
                    batch.push(descriptor);
                }
                None => {
                    used = size;
                    batches.push(vec![descriptor]);
                }
            }
        }
        batches
    }

    /// Parameters, where the authenticator takes a message of their length.
    ///
    /// # Errors
    /// [`Cause::TooLong`].
    pub(crate) fn parameters(&self, parameters: Vec<u8>) -> Result<Vec<u8>, Cause> {
        let (found, allowed) = (parameters.len() + 1, self.max_msg_size());
        if found > allowed { Err(Cause::TooLong { found, allowed }) } else { Ok(parameters) }
    }

    /// The longest message that it takes.
    pub(crate) fn max_msg_size(&self) -> usize {
        let found = self.info.max_msg_size.and_then(|size| usize::try_from(size).ok());
        found.unwrap_or(DEFAULT_MAX_MSG_SIZE).max(DEFAULT_MAX_MSG_SIZE)
    }
}

/// A CTAP2 message.
pub(crate) fn message(command: Command, parameters: &[u8]) -> Vec<u8> {
    [&[command.0], parameters].concat()
}

/// A status that refuses.
pub(crate) const fn refused(command: Command, status: StatusCode) -> Cause {
    match status {
        StatusCode::PUAT_REQUIRED => Cause::PinRequired { status: Some(status) },
        StatusCode::PIN_NOT_SET => Cause::PinNotSet { status: Some(status) },
        status => Cause::Refused { command, status, resident_key_required: false },
    }
}

/// A reply whose CBOR cannot be read.
pub(crate) fn unreadable(command: Command, error: lab_protocol::ctap2::MessageError) -> Cause {
    Cause::Reply { command, error: ReplyError::Message(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(change: impl FnOnce(&mut get_info::Response)) -> Key {
        let mut info = get_info::Response { versions: vec!["FIDO_2_1".into()], ..Default::default() };
        change(&mut info);
        Key { info }
    }

    fn list(lengths: &[usize]) -> Vec<Descriptor> {
        lengths.iter().map(|length| Descriptor::new(vec![7; *length])).collect()
    }

    #[test]
    fn lists_are_cut_by_count_by_length_and_by_message_size() {
        let sizes =
            |key: &Key, lengths: &[usize]| -> Vec<usize> { key.batches(list(lengths)).iter().map(Vec::len).collect() };
        assert_eq!(sizes(&key(|_| ()), &[16; 10]), [10]);
        assert_eq!(sizes(&key(|info| info.max_credential_count_in_list = Some(4)), &[16; 10]), [4, 4, 2]);
        assert_eq!(sizes(&key(|info| info.max_credential_id_length = Some(64)), &[64, 65, 16]), [2]);
        assert_eq!(sizes(&key(|_| ()), &[200; 5]), [2, 2, 1]);
        assert_eq!(sizes(&key(|info| info.max_credential_count_in_list = Some(-1)), &[2000, 16]), [1, 1]);
    }

    #[test]
    fn transports_are_sorted_and_unique() {
        let key = key(|info| info.transports = ["usb", "nfc", "usb", "x-new"].map(str::to_owned).to_vec());
        assert_eq!(key.transports("usb"), ["nfc", "usb", "x-new"]);
    }

    fn with(options: &[(&str, bool)]) -> Key {
        key(|info| info.options = options.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect())
    }

    #[test]
    fn verification_is_by_token_by_option_or_missing_for_a_reason() {
        let at = |options: &[(&str, bool)], wish| with(options).verification_at_sign_in(wish);
        let pin = ("clientPin", true);
        assert_eq!(at(&[("uv", true), pin], "required"), Ok(Verification::Option));
        assert_eq!(at(&[("uv", true), ("pinUvAuthToken", true)], "preferred"), Ok(Verification::Token));
        assert_eq!(at(&[("uv", true)], "discouraged"), Ok(Verification::None));
        assert_eq!(at(&[pin], "preferred"), Ok(Verification::Token));
        assert_eq!(at(&[pin], "discouraged"), Ok(Verification::None));
        assert_eq!(at(&[pin, ("alwaysUv", true)], "discouraged"), Ok(Verification::Token));
        assert_eq!(at(&[("uv", false), pin], "required"), Ok(Verification::Token));
        assert_eq!(at(&[("clientPin", false)], "preferred"), Ok(Verification::None));
        assert_eq!(at(&[("clientPin", false)], "required"), Err(Cause::PinNotSet { status: None }));
        assert_eq!(at(&[("uv", false)], "required"), Err(Cause::VerificationNotSetUp));
        assert_eq!(at(&[], "required"), Err(Cause::NoUserVerification));
    }

    #[test]
    fn a_key_with_a_pin_insists_on_it_at_creation() {
        let at = |options: &[(&str, bool)], resident_key| {
            with(options).verification_at_creation("discouraged", resident_key)
        };
        let (pin, excepted) = (("clientPin", true), ("makeCredUvNotRqd", true));
        assert_eq!(at(&[pin], false), Ok(Verification::Token));
        assert_eq!(at(&[pin, excepted], false), Ok(Verification::None));
        assert_eq!(at(&[pin, excepted], true), Ok(Verification::Token));
        assert_eq!(at(&[("clientPin", false)], true), Ok(Verification::None));
        assert_eq!(at(&[("uv", true)], true), Ok(Verification::None));
    }

    #[test]
    fn the_pin_is_asked_for_only_where_nothing_else_gives_the_permission() {
        let both = [("uv", true), ("clientPin", true), ("pinUvAuthToken", true)];
        let way = |options: &[(&str, bool)], permissions| with(options).way(permissions);
        assert_eq!(way(&both, Permissions::MAKE_CREDENTIAL), Ok(Way::BuiltIn));
        assert_eq!(way(&both, Permissions::BIO_ENROLLMENT), Ok(Way::Pin));
        assert_eq!(way(&[&both[..], &[("uvBioEnroll", true)]].concat(), Permissions::BIO_ENROLLMENT), Ok(Way::BuiltIn));
        let only = [("clientPin", true), ("pinUvAuthToken", true), ("noMcGaPermissionsWithClientPin", true)];
        let permissions = Permissions::GET_ASSERTION;
        assert_eq!(way(&only, permissions), Err(Cause::NoToken { permissions }));
        assert_eq!(way(&only, Permissions::CREDENTIAL_MANAGEMENT), Ok(Way::Pin));
        assert_eq!(way(&[("clientPin", false)], permissions), Err(Cause::PinNotSet { status: None }));
    }

    #[test]
    fn the_first_known_protocol_is_spoken() {
        let protocol = |numbers: &[i64]| key(|info| info.pin_uv_auth_protocols = numbers.to_vec()).protocol();
        assert_eq!(protocol(&[]), Ok(Protocol::One));
        assert_eq!(protocol(&[3, 2, 1]), Ok(Protocol::Two));
        assert_eq!(protocol(&[9]), Err(Cause::NoProtocol { found: vec![9] }));
    }
}
