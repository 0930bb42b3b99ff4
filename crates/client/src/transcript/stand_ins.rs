//! What others own is replaced by stand-ins, secrets by zeros.

use std::collections::{BTreeSet, HashMap};

use lab_protocol::ctap2::{Command, StatusCode, get_assertion, make_credential};
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;
use sha2::{Digest, Sha256};

use super::message::Recorded;
use super::parts::{self, Part, What};

/// What belongs to the laboratory: it stays in a transcript as it is. What a recorded makeCredential makes is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    credentials: BTreeSet<Vec<u8>>,
    users: BTreeSet<Vec<u8>>,
    rp_ids: BTreeSet<Vec<u8>>,
}

/// How much was left out of a transcript.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StandIns {
    /// Exchanges that were recorded.
    pub exchanges: usize,
    /// Places at which a secret stood.
    pub secrets: usize,
    /// Different credentials of others.
    pub credentials: usize,
    /// Different user handles of others.
    pub users: usize,
    /// Different relying parties of others.
    pub relying_parties: usize,
    /// Different names.
    pub names: usize,
}

/// The stand-ins of one recording: the same thing has the same one throughout.
#[derive(Debug, Default)]
pub(super) struct Replacing {
    pub own: Own,
    numbers: HashMap<(What, Vec<u8>), usize>,
    secrets: usize,
}

impl Own {
    /// A credential that the laboratory made earlier.
    pub fn credential(&mut self, id: impl Into<Vec<u8>>) {
        self.credentials.insert(id.into());
    }

    /// A relying party that the laboratory plays.
    pub fn rp_id(&mut self, id: &str) {
        self.rp_ids.insert(id.as_bytes().to_vec());
        self.rp_ids.insert(Sha256::digest(id).to_vec());
    }

    /// A user handle that the laboratory made up.
    pub fn user(&mut self, handle: impl Into<Vec<u8>>) {
        self.users.insert(handle.into());
    }

    fn has(&self, what: What, bytes: &[u8]) -> bool {
        match what {
            What::Credential => self.credentials.contains(bytes),
            What::RpId | What::RpIdHash => self.rp_ids.contains(bytes),
            What::User => self.users.contains(bytes),
            What::Secret | What::Name | What::PublicKey | What::Template => false,
        }
    }

    /// Learns from a request for whom it is, before it is kept.
    fn learn_request(&mut self, request: &Recorded) {
        let Recorded::Ctap2(bytes) = request else { return };
        match (request.command(), bytes.get(1..)) {
            (Some(Command::MAKE_CREDENTIAL), Some(body)) => {
                if let Ok(request) = make_credential::Request::parse(body) {
                    self.rp_id(&request.rp.id);
                    self.user(request.user.id);
                }
            }
            (Some(Command::GET_ASSERTION), Some(body)) => {
                if let Ok(request) = get_assertion::Request::parse(body) {
                    self.rp_id(&request.rp_id);
                }
            }
            _ => {}
        }
    }

    /// Learns which credential was made.
    fn learn_reply(&mut self, request: &Recorded, reply: &[u8]) {
        match (request, request.command(), reply) {
            (_, Some(Command::MAKE_CREDENTIAL), [0, body @ ..]) => {
                let Ok(response) = make_credential::Response::parse(body) else { return };
                if let Ok(data) = AuthenticatorData::parse(&response.auth_data) {
                    self.credentials.extend(data.attested.map(|attested| attested.credential_id.to_vec()));
                }
            }
            // U2F_REGISTER: 05, the key's point, the length of the handle, the handle.
            (Recorded::Ctap1(apdu), _, [5, rest @ ..]) if apdu.get(1) == Some(&1) => {
                let handle = rest.get(65).and_then(|length| rest.get(66..66 + usize::from(*length)));
                self.credentials.extend(handle.map(<[u8]>::to_vec));
            }
            _ => {}
        }
    }
}

impl Replacing {
    pub fn new(own: Own) -> Self {
        Self { own, ..Self::default() }
    }

    /// A request and its reply as they are kept.
    pub fn exchange(&mut self, request: &mut Recorded, reply: Option<&mut Vec<u8>>) {
        self.own.learn_request(request);
        let parts = parts::of_request(request);
        let Some(reply) = reply else {
            return self.replace(&parts, request.bytes_mut());
        };
        self.own.learn_reply(request, reply);
        let in_reply = parts::of_reply(request, reply);
        self.replace(&parts, request.bytes_mut());
        self.replace(&in_reply, reply);
    }

    /// What stands in a message with a credential or a relying party of the laboratory's is the laboratory's. Of a
    /// list of credentials each is looked at by itself.
    fn replace(&mut self, parts: &[Part], message: &mut [u8]) {
        let identifies = |part: &&Part| matches!(part.what, What::Credential | What::RpId | What::RpIdHash);
        let is_own = |part: &Part, message: &[u8]| self.own.has(part.what, &message[part.range.clone()]);
        let by_user = parts.iter().find(identifies).is_none();
        let own: Vec<bool> = parts.iter().map(|part| is_own(part, message)).collect();
        let whole = parts.iter().zip(&own).any(|(part, own)| *own && (by_user || identifies(&part)));
        for (part, own) in parts.iter().zip(own) {
            let at = &mut message[part.range.clone()];
            match part.what {
                What::Secret => {
                    self.secrets += 1;
                    at.fill(0);
                }
                What::Credential | What::RpId | What::RpIdHash if own => {}
                What::User | What::Name | What::PublicKey if whole => {}
                what => self.stand_in(what, at),
            }
        }
    }

    fn stand_in(&mut self, what: What, at: &mut [u8]) {
        let next = self.numbers.keys().filter(|(known, _)| *known == what).count() + 1;
        let number = *self.numbers.entry((what, at.to_vec())).or_insert(next);
        let text = format!("{number:05}-stand-in-");
        at.iter_mut().zip(text.bytes().cycle()).for_each(|(byte, of)| *byte = of);
    }

    /// What was left out so far.
    pub fn counts(&self, exchanges: usize) -> StandIns {
        let of = |what: What| self.numbers.keys().filter(|(known, _)| *known == what).count();
        StandIns {
            exchanges,
            secrets: self.secrets,
            credentials: of(What::Credential),
            users: of(What::User),
            relying_parties: of(What::RpId).max(of(What::RpIdHash)),
            names: of(What::Name),
        }
    }
}

/// A request as a recording of it is compared: without secrets.
pub(super) fn blanked(mut request: Recorded) -> Recorded {
    blank(&parts::of_request(&request), request.bytes_mut());
    request
}

/// Whether secrets are zeros, as a recording leaves them.
pub(super) fn is_blank(request: &Recorded, reply: Option<&[u8]>) -> bool {
    let zeros = |parts: Vec<Part>, message: &[u8]| {
        let mut secrets = parts.into_iter().filter(|part| part.what == What::Secret);
        secrets.all(|part| message[part.range].iter().all(|byte| *byte == 0))
    };
    zeros(parts::of_request(request), request.bytes())
        && reply.is_none_or(|reply| zeros(parts::of_reply(request, reply), reply))
}

fn blank(parts: &[Part], message: &mut [u8]) {
    parts.iter().filter(|part| part.what == What::Secret).for_each(|part| message[part.range.clone()].fill(0));
}

/// Whether the status says that the authenticator did it.
pub(super) fn succeeded(reply: &[u8]) -> bool {
    reply.first() == Some(&StatusCode::OK.0)
}
