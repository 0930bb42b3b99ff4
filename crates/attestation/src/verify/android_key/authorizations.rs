//! What the two lists allow (`webauthn-3 §8.4`): by presence, never by a default.

use lab_protocol::trace::{Finding, Reason};

use crate::key_description::{AuthorizationList, KeyDescription, KeyDescriptionError};
use crate::layout::android::{ORIGIN_GENERATED, PURPOSE_SIGN};
use crate::policy::{Authorizations, Policy};

/// Why the lists do not let the key be a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// Anybody may use it.
    #[error("{list} has allApplications: every application on the device may use the key")]
    AllApplications {
        /// The list.
        list: &'static str,
    },
    /// Nothing says it.
    #[error("{lists} has a member {member}: an absent one proves nothing")]
    Absent {
        /// The member.
        member: &'static str,
        /// The lists that were asked.
        lists: &'static str,
    },
    /// Made elsewhere.
    #[error("{list} says that the origin of the key is {found} ({})", origin_name(*.found))]
    Origin {
        /// The list.
        list: &'static str,
        /// The origin.
        found: i64,
    },
    /// It may not sign.
    #[error("the key may be used for {}, and not for signing", purposes(.found))]
    Purpose {
        /// The purposes.
        found: Vec<i64>,
    },
    /// A member that cannot be read.
    #[error(transparent)]
    Malformed(#[from] KeyDescriptionError),
}

impl Reason for AuthorizationError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Absent { lists: "teeEnforced", .. } => {
                Some("Policy `androidKeyAuthorizations` is `teeEnforced`; `union` also takes Android's own word.")
            }
            Self::Malformed(error) => error.hint(),
            _ => None,
        }
    }
}

/// What is accepted, and worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationNote {
    /// Android says it, and no trusted environment.
    #[error("softwareEnforced alone has the {member}: Android says so, no trusted environment enforces it")]
    SoftwareOnly {
        /// The member.
        member: &'static str,
    },
    /// The lists are empty.
    #[error("both authorization lists are empty: nothing is said about the {member} of the key")]
    NothingSaid {
        /// The member.
        member: &'static str,
    },
    /// It may do more.
    #[error("the key may be used for {}", purposes(.found))]
    OtherPurposes {
        /// The purposes.
        found: Vec<i64>,
    },
}

impl Reason for AuthorizationNote {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::SoftwareOnly { .. } => {
                Some("Policy `androidKeyAuthorizations: teeEnforced` takes keys of a TEE or StrongBox only.")
            }
            Self::NothingSaid { .. } => Some("Policy `androidKeyEmptyAuthorizations: refuse` refuses such keys."),
            Self::OtherPurposes { .. } => Some("Policy `androidKeyOtherPurposes: refuse` refuses such keys."),
        }
    }
}

pub(super) fn all_applications<'a>(description: &KeyDescription<'_>) -> Finding<'a> {
    match description.lists().iter().find(|list| list.all_applications()) {
        Some(list) => AuthorizationError::AllApplications { list: list.name }.into(),
        None => Finding::pass(),
    }
}

pub(super) fn origin<'a>(description: &KeyDescription<'_>, policy: &Policy) -> Finding<'a> {
    let found = match said(description, policy, "origin", AuthorizationList::origin) {
        Ok(found) => found,
        Err(finding) => return finding,
    };
    let other = found.iter().find(|(_, origin)| u64::try_from(*origin) != Ok(ORIGIN_GENERATED));
    match (other, found.as_slice()) {
        (Some((list, origin)), _) => {
            let error = AuthorizationError::Origin { list, found: *origin };
            Finding::refuse(error).values(0_i64, *origin)
        }
        (None, [("softwareEnforced", _)]) => Finding::note(AuthorizationNote::SoftwareOnly { member: "origin" }),
        (None, _) => Finding::pass_with(0_i64),
    }
}

pub(super) fn purpose<'a>(description: &KeyDescription<'_>, policy: &Policy) -> Finding<'a> {
    let found = match said(description, policy, "purpose", AuthorizationList::purposes) {
        Ok(found) => found,
        Err(finding) => return finding,
    };
    let signing = |purposes: &[i64]| purposes.iter().any(|purpose| u64::try_from(*purpose) == Ok(PURPOSE_SIGN));
    let by = found.iter().filter(|(_, purposes)| signing(purposes)).map(|(list, _)| *list).collect::<Vec<_>>();
    let mut all: Vec<i64> = found.iter().flat_map(|(_, purposes)| purposes).copied().collect();
    all.sort_unstable();
    all.dedup();
    match by.as_slice() {
        [] => AuthorizationError::Purpose { found: all }.into(),
        _ if all.len() > 1 => {
            policy.android_key_other_purposes.finding(AuthorizationNote::OtherPurposes { found: all })
        }
        ["softwareEnforced"] => Finding::note(AuthorizationNote::SoftwareOnly { member: "purpose" }),
        _ => Finding::pass_with(2_i64),
    }
}

/// What the lists that count say about a member, each with its name; there is at least one.
fn said<'l, T>(
    description: &KeyDescription<'l>,
    policy: &Policy,
    member: &'static str,
    ask: impl Fn(&AuthorizationList<'l>) -> Result<Option<T>, KeyDescriptionError>,
) -> Result<Vec<(&'static str, T)>, Finding<'static>> {
    let union = policy.android_key_authorizations == Authorizations::Union;
    if union && description.says_nothing() {
        return Err(policy.android_key_empty_authorizations.finding(AuthorizationNote::NothingSaid { member }));
    }
    let [tee, software] = description.lists();
    let lists = [Some(tee), union.then_some(software)];
    let mut found = Vec::with_capacity(2);
    for list in lists.into_iter().flatten() {
        let said = ask(list).map_err(|error| Finding::refuse(AuthorizationError::Malformed(error)))?;
        found.extend(said.map(|said| (list.name, said)));
    }
    if found.is_empty() {
        let lists = if union { "neither authorization list" } else { "teeEnforced" };
        return Err(Finding::refuse(AuthorizationError::Absent { member, lists }));
    }
    Ok(found)
}

const fn origin_name(origin: i64) -> &'static str {
    match origin {
        0 => "generated",
        1 => "derived",
        2 => "imported",
        3 => "unknown to Keystore",
        4 => "imported securely",
        _ => "of a kind that Android has not defined",
    }
}

fn purposes(purposes: &[i64]) -> String {
    let name = |purpose: &i64| match purpose {
        0 => "encrypting".to_owned(),
        1 => "decrypting".to_owned(),
        2 => "signing".to_owned(),
        3 => "verifying".to_owned(),
        4 => "deriving keys".to_owned(),
        5 => "wrapping keys".to_owned(),
        6 => "agreeing on keys".to_owned(),
        7 => "attesting keys".to_owned(),
        other => format!("purpose {other}"),
    };
    match purposes {
        [] => "nothing".to_owned(),
        purposes => purposes.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}
