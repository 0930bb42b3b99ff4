//! Browsers that presented the token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::settings::{Limits, Token};

/// Sessions by the hash of their random names.
#[derive(Debug)]
pub struct Sessions {
    limits: Limits,
    open: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl Sessions {
    /// None yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    /// Lets a browser in, under a random name. Where there are too many, the one that ends first gives way.
    pub fn open(&self, name: &str, now: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, end| *end > now);
        if open.len() >= self.limits.sessions
            && let Some(first) = open.iter().min_by_key(|(_, end)| **end).map(|(key, _)| *key)
        {
            open.remove(&first);
        }
        let end = now.saturating_add(self.limits.session).unwrap_or(Timestamp::MAX);
        open.insert(Token::new(name).hash(), end);
    }

    /// Whether a browser is let in.
    pub fn is_open(&self, name: &str, now: Timestamp) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&Token::new(name).hash()).is_some_and(|end| *end > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way_and_time_ends_them() {
        let limits = Limits { sessions: 2, ..Limits::default() };
        let (sessions, start) = (Sessions::new(limits), Timestamp::UNIX_EPOCH);
        for (second, name) in (0..).zip(["a", "b", "c"]) {
            sessions.open(name, start + jiff::SignedDuration::from_secs(second));
        }
        let open = |name, now| sessions.is_open(name, now);
        assert_eq!((open("a", start), open("b", start), open("c", start)), (false, true, true));
        assert!(!open("c", start + jiff::SignedDuration::from_hours(13)));
    }
}
