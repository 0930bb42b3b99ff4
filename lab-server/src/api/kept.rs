//! The emulated authenticators that the lab keeps, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use jiff::Timestamp;
use lab_jobs::emulated::Emulated;

use super::types::NewAuthenticator;
use crate::problem::Problem;

/// Authenticators by the order in which they were made. Each has a lock of its own: what one does keeps no other
/// from anything.
#[derive(Debug)]
pub struct Kept {
    most: usize,
    authenticators: Mutex<BTreeMap<u64, Arc<Authenticator>>>,
}

/// One of them.
#[derive(Debug)]
pub struct Authenticator {
    /// Its name in paths.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// From what.
    pub made_from: NewAuthenticator,
    /// Itself; a ceremony holds it until it is over.
    pub emulated: Arc<tokio::sync::Mutex<Emulated>>,
}

impl Kept {
    /// At most so many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, authenticators: Mutex::default() }
    }

    /// Keeps one more.
    ///
    /// # Errors
    /// 409 where there are as many as the lab keeps.
    pub fn keep(&self, authenticator: Authenticator) -> Result<Arc<Authenticator>, Problem> {
        let mut all = self.lock();
        if all.len() >= self.most {
            let detail = format!("The lab keeps {} authenticators at most.", self.most);
            return Err(Problem::new(StatusCode::CONFLICT, detail).hint("Delete one that is not needed any more."));
        }
        let place = all.last_key_value().map_or(0, |(last, _)| last + 1);
        let kept = Arc::new(authenticator);
        all.insert(place, Arc::clone(&kept));
        Ok(kept)
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Authenticator>> {
        self.lock().values().map(Arc::clone).collect()
    }

    /// The one of this name.
    ///
    /// # Errors
    /// 404.
    pub fn find(&self, id: &str) -> Result<Arc<Authenticator>, Problem> {
        self.lock().values().find(|kept| kept.id == id).map(Arc::clone).ok_or_else(|| unknown(id))
    }

    /// Forgets one, with all that it holds.
    ///
    /// # Errors
    /// 404.
    pub fn forget(&self, id: &str) -> Result<(), Problem> {
        let mut all = self.lock();
        let place = all.iter().find(|(_, kept)| kept.id == id).map(|(place, _)| *place);
        place.and_then(|place| all.remove(&place)).map(drop).ok_or_else(|| unknown(id))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Authenticator>>> {
        self.authenticators.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(64).collect();
    Problem::not_found(format!("There is no authenticator “{id}”."))
        .hint("The lab keeps authenticators in its memory until it ends; GET /api/authenticators lists them.")
}
