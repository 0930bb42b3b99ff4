//! Transcripts: every exchange with an authenticator, to be read by people and played back without it.
//!
//! ```text
//! client ──> Recorder ──> authenticator        Recorder: a Device around any Device, writing on a Tape
//!               └──> Tape ──> Transcript ──> JSON lines ──> Transcript ──> Replay: a Device, and an Engine for doors
//! ```
//!
//! A transcript is JSON lines: what was recorded and when, then one line for each exchange, then what was left out.
//! Requests and replies are there as bytes, and decoded beside them for the reader; only the bytes are read back.
//!
//! # What is left out
//!
//! Whatever could lead to a PIN, and whatever belongs to others. Both are replaced *in place, by as many bytes*, so
//! that the rest of the message stays as it was sent. What is kept is listed ([`parts`](self)), not what is left out:
//! members that nobody knows, commands that nobody knows and messages that cannot be read become zeros.
//!
//! **Secrets become zeros.** A PIN has a few thousand likely values, so anything that *decides whether a guess is
//! right* gives it away. What travels is `pinHashEnc`, the first 16 bytes of the PIN's SHA-256 under the shared secret;
//! `newPinEnc`, the PIN itself under it; `pinUvAuthParam` of setPIN and changePIN, a MAC over both; and the token,
//! encrypted. The shared secret follows from one private key and the other side's public key. A transcript holds no
//! private key, but one can come to light later: an emulated key's from its seed, a client's from a crash dump. So
//! neither the ciphertexts nor the public keys nor the MACs are in it: whoever learns a private key finds nothing that
//! it opens, and whoever guesses a PIN finds nothing to hold the guess against. The lengths tell nothing: a new PIN is
//! padded to 64 bytes. The token is random, but it would be good for the rest of its life, so it and every MAC made
//! with it are zeros too; so are the salts of hmac-secret, and the keys and the contents of large blobs.
//!
//! One ciphertext stays: the *output* of hmac-secret stands in authenticator data, which the signature covers, and
//! without it no replayed signature would verify. It is AES-256 under a shared secret of which the transcript has
//! neither public key, and no function of a PIN.
//!
//! **Others' names become stand-ins.** The ids, user handles, names, public keys and relying parties of credentials
//! that the laboratory did not make, and the names of fingers, become texts such as `00003-stand-in-`: the same thing
//! has the same stand-in throughout, and the last line counts them. The laboratory's own are those that a recorded
//! makeCredential made, and those that the caller names ([`Own`]); their responses are whole, signatures and
//! attestation included, so that a replay comes to the same verdict.
//!
//! # How it is played back
//!
//! A replay blanks each request as the recorder did and looks for an equal one, from where it is onwards first. What
//! was encrypted for the client that was recorded is made anew for the one that asks: a [`Replay`] has a key agreement
//! key and a token of its own, which open nothing anywhere else. It takes any PIN where the recorded one was right.

mod decoded;
mod engine;
mod line;
mod message;
mod names;
mod parts;
mod read;
mod recorder;
mod replay;
mod session;
mod stand_ins;

use jiff::Timestamp;
use lab_protocol::{HidFacts, Status};
use serde_json::Value;

pub use message::Recorded;
pub use read::{ReadError, ReadErrorKind};
pub use recorder::{Clock, Recorder, Tape};
pub use replay::{Misses, Replay};
pub use stand_ins::{Own, StandIns};

/// The schema of this version.
pub const SCHEMA: &str = "passkey-lab/transcript/1";

/// The longest transcript that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The most exchanges of one transcript.
pub const MAX_EXCHANGES: usize = 20_000;

/// Everything that was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// What was recorded, and when.
    pub header: Header,
    /// The exchanges in their order.
    pub exchanges: Vec<Exchange>,
    /// What was left out; `None` where the recording was cut off.
    pub end: Option<StandIns>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The program that recorded, and its version.
    pub tool: (String, String),
    /// When.
    pub recorded_at: Timestamp,
    /// The authenticators, one or more; exchanges name them by place.
    pub devices: Vec<DeviceFacts>,
    /// What the program was doing, in its own words: enough to do it again.
    pub run: Value,
}

/// What is known of an authenticator beside its replies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceFacts {
    /// Such as `YubiKey 5 NFC at /dev/hidraw3`.
    pub name: String,
    /// What it said in CTAPHID_INIT, where it was reached that way.
    pub hid: Option<HidFacts>,
}

/// A request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The authenticator, by its place in the header.
    pub device: usize,
    /// Milliseconds since the recording began.
    pub at_ms: u64,
    /// Milliseconds until the reply.
    pub took_ms: u64,
    /// The request.
    pub request: Recorded,
    /// What the authenticator waited for on the way, in this order.
    pub waits: Vec<Wait>,
    /// Whether the client cancelled it.
    pub cancelled: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// Keepalives of one status, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// The status.
    pub status: Status,
    /// Milliseconds from the request to the first of them.
    pub after_ms: u64,
    /// How many there were.
    pub times: u64,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The reply, status included.
    Reply(Vec<u8>),
    /// The authenticator was gone.
    Gone(String),
    /// It answered another client first.
    Busy,
    /// What came was no reply.
    Garbled(String),
}

impl Transcript {
    /// The transcript as JSON lines.
    #[must_use]
    pub fn to_lines(&self) -> String {
        line::write(self)
    }

    /// Reads JSON lines.
    ///
    /// # Errors
    /// The first line that is wrong, and what is wrong with it.
    pub fn from_lines(text: &str) -> Result<Self, ReadError> {
        read::read(text)
    }
}

#[cfg(test)]
mod tests;
