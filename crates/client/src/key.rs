//! An authenticator as its getInfo describes it.

use lab_protocol::ctap2::{Command, Descriptor, StatusCode, get_info, split_reply};

use crate::error::{Cause, ReplyError};

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

impl Key {
    pub(crate) fn read(reply: &[u8]) -> Result<Self, Cause> {
        let body = body(Command::GET_INFO, reply, false)?;
        let info = get_info::Response::parse(body).map_err(|error| unreadable(Command::GET_INFO, error))?;
        Ok(Self { info })
    }

    /// Whether a discoverable credential can be kept: `rk` true.
    pub(crate) fn keeps_credentials(&self) -> bool {
        self.info.option("rk") == Some(true)
    }

    /// What getInfo says of `rk` where it is not true.
    pub(crate) fn rk_text(&self) -> &'static str {
        if self.info.option("rk").is_some() { "false" } else { "absent" }
    }

    /// Whether the option `uv` is to be sent for a wish of `userVerification`.
    ///
    /// # Errors
    /// It is required, and the authenticator has none without a PIN.
    pub(crate) fn verifies(&self, wish: &str) -> Result<bool, Cause> {
        let built_in = self.info.option("uv");
        match (wish, built_in, self.info.option("clientPin")) {
            ("discouraged", ..) => Ok(false),
            (_, Some(true), _) => Ok(true),
            ("required", _, Some(true)) => Err(Cause::PinRequired { status: None }),
            ("required", _, Some(false)) => Err(Cause::PinNotSet { status: None }),
            ("required", Some(false), None) => Err(Cause::VerificationNotSetUp),
            ("required", None, None) => Err(Cause::NoUserVerification),
            _ => Ok(false),
        }
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

    /// A message, where the authenticator takes one of its length.
    ///
    /// # Errors
    /// [`Cause::TooLong`].
    pub(crate) fn message(&self, command: Command, parameters: &[u8]) -> Result<Vec<u8>, Cause> {
        let (found, allowed) = (parameters.len() + 1, self.max_msg_size());
        if found > allowed {
            return Err(Cause::TooLong { found, allowed });
        }
        Ok(message(command, parameters))
    }

    fn max_msg_size(&self) -> usize {
        let found = self.info.max_msg_size.and_then(|size| usize::try_from(size).ok());
        found.unwrap_or(DEFAULT_MAX_MSG_SIZE).max(DEFAULT_MAX_MSG_SIZE)
    }
}

/// A CTAP2 message.
pub(crate) fn message(command: Command, parameters: &[u8]) -> Vec<u8> {
    [&[command.0], parameters].concat()
}

/// The body of a reply that says OK.
pub(crate) fn body(command: Command, reply: &[u8], resident_key_required: bool) -> Result<&[u8], Cause> {
    let (status, body) = split_reply(reply).ok_or(Cause::Reply { command, error: ReplyError::Empty })?;
    match status {
        StatusCode::OK => Ok(body),
        StatusCode::PUAT_REQUIRED => Err(Cause::PinRequired { status: Some(status) }),
        StatusCode::PIN_NOT_SET => Err(Cause::PinNotSet { status: Some(status) }),
        status => Err(Cause::Refused { command, status, resident_key_required }),
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

    #[test]
    fn verification_is_built_in_or_missing_for_a_reason() {
        let verifies = |options: &[(&str, bool)], wish| {
            key(|info| info.options = options.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect())
                .verifies(wish)
        };
        assert_eq!(verifies(&[("uv", true), ("clientPin", true)], "required"), Ok(true));
        assert_eq!(verifies(&[("uv", true)], "preferred"), Ok(true));
        assert_eq!(verifies(&[("uv", true)], "discouraged"), Ok(false));
        assert_eq!(verifies(&[("clientPin", true)], "preferred"), Ok(false));
        assert_eq!(verifies(&[("clientPin", true)], "required"), Err(Cause::PinRequired { status: None }));
        assert_eq!(
            verifies(&[("uv", false), ("clientPin", true)], "required"),
            Err(Cause::PinRequired { status: None })
        );
        assert_eq!(verifies(&[("clientPin", false)], "required"), Err(Cause::PinNotSet { status: None }));
        assert_eq!(verifies(&[("uv", false)], "required"), Err(Cause::VerificationNotSetUp));
        assert_eq!(verifies(&[], "required"), Err(Cause::NoUserVerification));
    }
}
