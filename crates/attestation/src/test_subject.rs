//! What the statements of the tests are about, and what came of verifying them.

use ciborium::Value;
use lab_protocol::Aaguid;
use lab_protocol::cbor;
use lab_protocol::trace::{Known, Outcome, Trace};
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorData, AuthenticatorDataDraft, Flags};

use crate::keys::SigningKey;
use crate::test_statements::{HASH, now};
use crate::verify::{Attested, Input, Policy, format};

/// What a statement is about.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) credential: SigningKey,
    pub(crate) aaguid: Aaguid,
    pub(crate) policy: Policy,
}

/// What came of a statement, and each check with its outcome and sentence.
pub(crate) struct Verified {
    pub(crate) attested: Option<Attested>,
    pub(crate) entries: Vec<(&'static str, Outcome, String)>,
}

impl Subject {
    pub(crate) fn new(credential: SigningKey) -> Self {
        Self { credential, aaguid: Aaguid([7; 16]), policy: Policy::webauthn() }
    }

    pub(crate) fn auth_data(&self) -> Vec<u8> {
        let public_key = self.credential.cose().to_vec();
        let attested = AttestedDraft { aaguid: self.aaguid, credential_id: vec![1; 16], public_key };
        let draft = AuthenticatorDataDraft {
            rp_id_hash: [2; 32],
            flags: Flags(0x45),
            sign_count: 0,
            attested: Some(attested),
            extensions: None,
            trailing: vec![],
        };
        draft.encode()
    }

    pub(crate) fn verify(&self, fmt: &str, att_stmt: &[u8]) -> Verified {
        let bytes = self.auth_data();
        let auth_data = AuthenticatorData::parse(&bytes).unwrap();
        let input = Input {
            auth_data: &auth_data,
            credential_key: Known::Value(self.credential.public_key()),
            att_stmt,
            client_data_hash: &HASH,
            policy: &self.policy,
            at: now(),
        };
        let mut trace = Trace::new();
        let attested = format(fmt).unwrap().verify(&input, &mut trace);
        let entry = |entry: &lab_protocol::trace::Entry<'_>| (entry.check.id, entry.finding.outcome, entry.message());
        Verified { attested, entries: trace.entries().iter().map(entry).collect() }
    }
}

impl Verified {
    /// The check that decides, and its sentence.
    #[track_caller]
    pub(crate) fn refused(&self) -> (&'static str, &str) {
        assert_eq!(self.attested, None, "{:?}", self.entries);
        let failed = self.entries.iter().find(|(_, outcome, _)| *outcome == Outcome::Fail);
        failed.map(|(id, _, sentence)| (*id, sentence.as_str())).unwrap_or_else(|| panic!("{:?}", self.entries))
    }

    #[track_caller]
    pub(crate) fn assert_refused(&self, check: &str, cause: &str) {
        let (id, sentence) = self.refused();
        assert_eq!(id, check, "{sentence}");
        assert!(sentence.contains(cause), "{sentence}");
    }

    /// What a statement that holds says.
    #[track_caller]
    pub(crate) fn held(self) -> Attested {
        self.attested.unwrap_or_else(|| panic!("{:?}", self.entries))
    }

    pub(crate) fn outcome(&self, check: &str) -> Option<Outcome> {
        self.entries.iter().find(|(id, ..)| *id == check).map(|(_, outcome, _)| *outcome)
    }

    pub(crate) fn ids(&self) -> Vec<&'static str> {
        self.entries.iter().map(|(id, ..)| *id).collect()
    }
}

/// The statement with one member changed by `change`, which sees the value that it has.
pub(crate) fn with_member(
    att_stmt: &[u8],
    member: &str,
    change: impl FnOnce(Option<Value>) -> Option<Value>,
) -> Vec<u8> {
    let Value::Map(mut members) = ciborium::from_reader(att_stmt).unwrap() else { panic!("a statement is a map") };
    let at = members.iter().position(|(name, _)| *name == Value::from(member));
    let old = at.map(|at| members.remove(at).1);
    members.extend(change(old).map(|value| (member.into(), value)));
    cbor::encode(&Value::Map(members))
}
