//! Several accounts on one authenticator: who signs in.

use std::fmt;
use std::sync::Arc;

/// The most accounts of one site that are read from an authenticator.
pub const MAX_ACCOUNTS: usize = 256;

/// An account that could sign in, as the authenticator names it. The newest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    /// The user handle.
    pub user_handle: &'a [u8],
    /// Such as a user principal name; authenticators tell it only after user verification.
    pub name: Option<&'a str>,
    /// The name for people.
    pub display_name: Option<&'a str>,
    /// The credential id.
    pub credential_id: &'a [u8],
}

/// A chooser of one's own: the index of the account, or `None` where the person cancels.
type Chooser = dyn Fn(&[Account<'_>]) -> Option<usize> + Send + Sync;

/// How one of several accounts is chosen.
#[derive(Clone, Default)]
pub enum Choice {
    /// The newest.
    #[default]
    Newest,
    /// The one with this user handle.
    User(Vec<u8>),
    /// Whoever this function says.
    By(Arc<Chooser>),
}

impl Choice {
    /// The index of the chosen account.
    #[must_use]
    pub fn choose(&self, accounts: &[Account<'_>]) -> Option<usize> {
        match self {
            Self::Newest => (!accounts.is_empty()).then_some(0),
            Self::User(handle) => accounts.iter().position(|account| account.user_handle == handle),
            Self::By(chooser) => chooser(accounts).filter(|index| *index < accounts.len()),
        }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => f.write_str("Newest"),
            Self::User(handle) => f.debug_tuple("User").field(handle).finish(),
            Self::By(_) => f.write_str("By(..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_chosen_as_told() {
        let account = |handle| Account { user_handle: handle, name: None, display_name: None, credential_id: &[] };
        let accounts = [account(b"new"), account(b"old")];
        assert_eq!(Choice::Newest.choose(&accounts), Some(0));
        assert_eq!(Choice::Newest.choose(&[]), None);
        assert_eq!(Choice::User(b"old".to_vec()).choose(&accounts), Some(1));
        assert_eq!(Choice::User(b"other".to_vec()).choose(&accounts), None);
        assert_eq!(Choice::By(Arc::new(|accounts| Some(accounts.len()))).choose(&accounts), None);
    }
}
