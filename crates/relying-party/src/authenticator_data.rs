//! Authenticator data (`webauthn-3 §6.1`), read with one named check for each rule of its layout.
//!
//! §7.1 and §7.2 do not list these rules; they follow from the structure. The first 37 bytes are read on
//! their own, so that flags and RP ID hash are judged even where the rest is broken.

use lab_protocol::cbor::Deviation;
use lab_protocol::trace::{Check, Document, Finding, Known, Reason, Trace};
use lab_protocol::webauthn::authenticator_data::{AuthenticatorDataError, FIXED_LEN};
use lab_protocol::webauthn::{AttestedCredentialData, AuthenticatorData, Ceremony, Flags};

use crate::Policy;

const fn rule(id: &'static str, text: &'static str) -> Check {
    Check::new(id, Document::WebAuthn3, "6.1", text)
}

/// At least 37 bytes.
pub static LEN: Check = rule("authenticator-data/len", "The authenticator data has at least 37 bytes.");
/// A registration carries attested credential data.
pub static AT_REQUIRED: Check = rule("authenticator-data/at-required", "AT is set in a registration.");
/// An assertion carries none.
pub static AT_FORBIDDEN: Check = rule("authenticator-data/at-forbidden", "AT is clear in an assertion.").policy(
    "Authenticators must not set AT in assertions; what a relying party does about it is left open.",
    "Refused; `attestedDataInAssertion: note` lets it pass if the data is well-formed.",
);
/// The attested credential data is complete.
pub static LEN_ATT: Check =
    rule("authenticator-data/len-att", "The attested credential data is as long as it says of itself.");
/// The key is one CBOR map.
pub static COSE_ONE: Check = rule("authenticator-data/cose-one", "The credential public key is exactly one CBOR map.")
    .policy(
        "Non-canonical CBOR SHOULD be refused.",
        "Indefinite lengths, longer forms, tags and duplicate keys are refused; unsorted keys are left to \
         registration/credential-key, and `unsortedCbor: refuse` refuses them here.",
    );
/// Extensions follow exactly where they are announced.
pub static ED: Check =
    rule("authenticator-data/ed", "One CBOR map of extensions follows if ED is set, and none if it is clear.").policy(
        "Non-canonical CBOR SHOULD be refused.",
        "Indefinite lengths, longer forms, tags and duplicate keys are refused; unsorted keys are noted, and \
         `unsortedCbor: refuse` refuses them.",
    );
/// Nothing is left over.
pub static TRAILING: Check = rule("authenticator-data/trailing", "No bytes are left over.");
/// Reserved bits.
pub static RFU: Check = rule("authenticator-data/rfu", "The reserved flags are clear.").policy(
    "Authenticators send the reserved bits as zero; what a relying party does about a one is left open.",
    "Noted, since a later level may assign them; `reservedFlags: refuse` refuses them.",
);

/// The rules of a registration, in the order in which they are recorded.
pub static REGISTRATION: [&Check; 7] = [&LEN, &AT_REQUIRED, &LEN_ATT, &COSE_ONE, &ED, &TRAILING, &RFU];
/// The rules of an assertion, in the order in which they are recorded.
pub static AUTHENTICATION: [&Check; 5] = [&LEN, &AT_FORBIDDEN, &ED, &TRAILING, &RFU];

/// What every authenticator data starts with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fixed<'a> {
    pub rp_id_hash: &'a [u8; 32],
    pub flags: Flags,
    pub sign_count: u32,
}

/// Authenticator data as far as it could be read.
pub(crate) struct Read<'a> {
    pub fixed: Known<Fixed<'a>>,
    pub data: Known<AuthenticatorData<'a>>,
}

/// Something odd that decides nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Oddity {
    /// Reserved flags.
    #[error("the flags are {0}: a reserved bit is set")]
    ReservedFlags(Flags),
    /// Tolerated CBOR.
    #[error("the CBOR is not canonical {first}; {count} such places")]
    Cbor {
        /// The first place.
        first: Deviation,
        /// How many there are.
        count: usize,
    },
    /// Attested credential data in an assertion.
    #[error("the flags are {0}: AT is set in an assertion")]
    AttestedData(Flags),
}

impl Reason for Oddity {}

/// AT is clear where it has to be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the flags are {0}, so there is no credential in the response")]
pub struct NoAttestedData(pub Flags);

impl Reason for NoAttestedData {}

impl<'a> Fixed<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, AuthenticatorDataError> {
        let too_short = AuthenticatorDataError::Length { found: bytes.len() };
        let fixed = bytes.first_chunk::<FIXED_LEN>().ok_or_else(|| too_short.clone())?;
        let (rp_id_hash, rest) = fixed.split_first_chunk::<32>().ok_or_else(|| too_short.clone())?;
        let (&[flags], rest) = rest.split_first_chunk::<1>().ok_or_else(|| too_short.clone())?;
        let sign_count = u32::from_be_bytes(*rest.first_chunk::<4>().ok_or(too_short)?);
        Ok(Self { rp_id_hash, flags: Flags(flags), sign_count })
    }
}

impl<'a> Read<'a> {
    /// The attested credential data.
    pub fn attested(&self) -> Known<AttestedCredentialData<'a>> {
        match &self.data {
            Known::Value(data) => data.attested.map_or(Known::Missing(&AT_REQUIRED), Known::Value),
            Known::Missing(blocker) => Known::Missing(blocker),
        }
    }
}

/// Reads authenticator data and records the rules of `ceremony`.
pub(crate) fn read<'a>(bytes: Known<&'a [u8]>, ceremony: Ceremony, policy: &Policy, trace: &mut Trace<'a>) -> Read<'a> {
    let fixed = trace.need_known(&LEN, bytes.map(Fixed::read));
    let parsed = fixed.and(bytes).map(|(_, bytes)| AuthenticatorData::parse(bytes));
    let state = State { fixed, parsed: &parsed, policy };
    match ceremony {
        Ceremony::Registration => {
            trace.check(&AT_REQUIRED, fixed.judge(at_required));
            trace.check(&LEN_ATT, state.rule(&LEN_ATT));
            trace.check(&COSE_ONE, state.rule(&COSE_ONE));
        }
        Ceremony::Authentication => trace.check(&AT_FORBIDDEN, state.at_forbidden()),
    }
    trace.check(&ED, state.rule(&ED));
    trace.check(&TRAILING, state.rule(&TRAILING));
    trace.check(&RFU, fixed.judge(|fixed| reserved(fixed.flags, policy)));
    let data = match parsed {
        Known::Value(Ok(data)) => Known::Value(data),
        Known::Value(Err(error)) => Known::Missing(broken_rule(&error)),
        Known::Missing(blocker) => Known::Missing(blocker),
    };
    Read { fixed, data }
}

struct State<'s, 'a> {
    fixed: Known<Fixed<'a>>,
    parsed: &'s Known<Result<AuthenticatorData<'a>, AuthenticatorDataError>>,
    policy: &'s Policy,
}

/// The rule that an error breaks; the parser reports the first in their order.
fn broken_rule(error: &AuthenticatorDataError) -> &'static Check {
    match error {
        AuthenticatorDataError::Length { .. } => &LEN,
        AuthenticatorDataError::AttestedLength { .. } => &LEN_ATT,
        AuthenticatorDataError::PublicKey(_) => &COSE_ONE,
        AuthenticatorDataError::Extensions(_) | AuthenticatorDataError::UnannouncedExtensions(_) => &ED,
        AuthenticatorDataError::Trailing { .. } => &TRAILING,
    }
}

impl<'a> State<'_, 'a> {
    /// Rules before the broken one hold, those behind it were not reached.
    fn rule(&self, rule: &'static Check) -> Finding<'a> {
        let place = |check: &Check| REGISTRATION.iter().position(|rule| rule.id == check.id);
        match self.parsed {
            Known::Missing(blocker) => Finding::not_judged(blocker),
            Known::Value(Ok(data)) => self.intact(rule, data),
            Known::Value(Err(error)) => {
                let broken = broken_rule(error);
                match place(rule).cmp(&place(broken)) {
                    std::cmp::Ordering::Less => Finding::pass(),
                    std::cmp::Ordering::Equal => Finding::refuse(error.clone()),
                    std::cmp::Ordering::Greater => Finding::not_judged(broken),
                }
            }
        }
    }

    fn intact(&self, rule: &'static Check, data: &AuthenticatorData<'a>) -> Finding<'a> {
        let key_end = data.extensions.map_or(data.bytes.len(), |extensions| data.bytes.len() - extensions.len());
        let of_key = rule.id == COSE_ONE.id;
        if data.attested.is_none() && (of_key || rule.id == LEN_ATT.id) {
            return Finding::not_judged(&AT_REQUIRED);
        }
        if !of_key && rule.id != ED.id {
            return Finding::pass();
        }
        let mut deviations = data.deviations.iter().filter(|deviation| (deviation.offset < key_end) == of_key);
        deviations.next().map_or(Finding::pass(), |first| {
            let oddity = Oddity::Cbor { first: first.clone(), count: 1 + deviations.count() };
            self.policy.unsorted_cbor.finding(oddity)
        })
    }

    fn at_forbidden(&self) -> Finding<'a> {
        self.fixed.judge(|fixed| match (fixed.flags.has(Flags::AT), self.parsed) {
            (false, _) => Finding::pass(),
            (true, Known::Value(Err(error))) if broken_rule(error).id != TRAILING.id => Finding::refuse(error.clone()),
            (true, _) => self.policy.attested_data_in_assertion.finding(Oddity::AttestedData(fixed.flags)),
        })
    }
}

fn at_required<'a>(fixed: &Fixed<'_>) -> Finding<'a> {
    if fixed.flags.has(Flags::AT) { Finding::pass() } else { Finding::refuse(NoAttestedData(fixed.flags)) }
}

fn reserved<'a>(flags: Flags, policy: &Policy) -> Finding<'a> {
    match flags.0 & (Flags::RFU1.0 | Flags::RFU2.0) {
        0 => Finding::pass(),
        _ => policy.reserved_flags.finding(Oddity::ReservedFlags(flags)),
    }
}

/// UP (`webauthn-3 §7.1` step 15, `§7.2` step 16).
pub(crate) fn user_present<'a>(fixed: &Fixed<'_>, policy: &Policy) -> Finding<'a> {
    match fixed.flags.has(Flags::UP) {
        true => Finding::pass(),
        false => policy.user_presence.finding(FlagError::NotPresent(fixed.flags)).values(true, false),
    }
}

/// UV (`webauthn-3 §7.1` step 16, `§7.2` step 17).
pub(crate) fn user_verified<'a>(fixed: &Fixed<'_>, required: crate::UserVerification) -> Finding<'a> {
    match (required, fixed.flags.has(Flags::UV)) {
        (crate::UserVerification::NotRequired, _) => Finding::not_applicable(),
        (crate::UserVerification::Required, true) => Finding::pass(),
        (crate::UserVerification::Required, false) => {
            Finding::refuse(FlagError::NotVerified(fixed.flags)).values(true, false)
        }
    }
}

/// BE and BS (`webauthn-3 §7.1` step 17, `§7.2` step 18).
pub(crate) fn backed_up_only_if_eligible<'a>(fixed: &Fixed<'_>) -> Finding<'a> {
    match fixed.flags.has(Flags::BS) && !fixed.flags.has(Flags::BE) {
        false => Finding::pass(),
        true => Finding::refuse(FlagError::BackedUpButNotEligible(fixed.flags)),
    }
}

/// A demand of the policy on one flag.
pub(crate) fn demanded<'a>(flags: Flags, flag: Flags, demand: crate::Demand) -> Finding<'a> {
    let set = flags.has(flag);
    match (demand, set) {
        (crate::Demand::Any, _) => Finding::not_applicable(),
        (crate::Demand::Set, true) | (crate::Demand::Clear, false) => Finding::pass(),
        (crate::Demand::Set | crate::Demand::Clear, _) => {
            Finding::refuse(FlagError::Demand { flags, name: flag_name(flag), set: !set }).values(!set, set)
        }
    }
}

const fn flag_name(flag: Flags) -> &'static str {
    match flag {
        Flags::BE => "BE (backup eligible)",
        Flags::BS => "BS (backed up)",
        _ => "the flag",
    }
}

/// Flags that say the wrong thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// UP is clear.
    #[error("the flags are {0}: UP (user present) is clear")]
    NotPresent(Flags),
    /// UV is clear.
    #[error("the flags are {0}: UV (user verified) is clear, but the options required verification")]
    NotVerified(Flags),
    /// BS without BE.
    #[error("the flags are {0}: BS (backed up) is set, but BE (backup eligible) is clear")]
    BackedUpButNotEligible(Flags),
    /// The policy wants another value.
    #[error("the flags are {flags}, the policy demands {name} {}", if *.set { "set" } else { "clear" })]
    Demand {
        /// The flags found.
        flags: Flags,
        /// The flag.
        name: &'static str,
        /// What it has to be.
        set: bool,
    },
}

impl Reason for FlagError {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::NotPresent(_) => "The authenticator has to wait for a touch or another gesture.",
            Self::NotVerified(_) => {
                "Set a PIN or enrol a fingerprint; some password managers claim no verification when they are unlocked."
            }
            Self::BackedUpButNotEligible(_) => "No honest authenticator sends this: its firmware is wrong, or it lies.",
            Self::Demand { .. } => "Use an authenticator of the kind that the policy asks for, or change the policy.",
        })
    }
}

#[cfg(test)]
mod tests;
