//! A run whose key is a transcript.

use std::sync::Arc;

use lab_jobs::transcript::{Played, Run};
use lab_jobs::world::World;

use crate::world;

/// What plays the key, and what the recorded run was told.
#[derive(Debug, Clone)]
pub struct Playing {
    /// The exchanges.
    pub played: Arc<Played>,
    /// The run.
    pub run: Arc<Run>,
}

impl Playing {
    /// The world of the recorded run, as far as its questions need it.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn world(&self, seed: Option<u64>) -> Result<World, String> {
        Ok(self.run.world(seed, world::entropy()?))
    }
}
