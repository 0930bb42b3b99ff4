//! What every handler shares.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lab_directory::{Ceremonies, Store};
use lab_jobs::live::Grounds;
use lab_jobs::world::{Part, World};
use lab_relying_party::Challenges;
use tokio::sync::watch;

use crate::ceremonies::Context;
use crate::edge::{Clock, Dice};
use crate::security::{Rate, Sessions};
use crate::settings::Settings;

/// A running lab.
pub struct Lab {
    /// Where it is found, who may use it, how much of it.
    pub settings: Settings,
    /// What it knows, and the log of what happened.
    pub store: Arc<dyn Store>,
    /// Whom it trusts, and which models it knows.
    pub grounds: Grounds,
    /// The stand-in vendors and the seed, if there is one.
    pub world: World,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Randomness.
    pub dice: Dice,
    /// Challenges of Entra's shape.
    pub challenges: Challenges,
    /// Browsers that presented the token.
    pub sessions: Sessions,
    /// How often each address asks.
    pub rate: Rate,
    /// The number of the newest event, for whoever watches.
    pub newest: watch::Sender<u64>,
    /// Whether the server is stopping: streams end then.
    pub closing: watch::Sender<bool>,
    waiting: Mutex<Ceremonies<Context>>,
}

/// A lab as handlers hold it.
pub type Shared = Arc<Lab>;

impl Lab {
    /// A lab.
    #[must_use]
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        grounds: Grounds,
        world: World,
        clock: Box<dyn Clock>,
    ) -> Self {
        let mut stream = world.stream(Part::RelyingParty);
        let seq = store.read(lab_directory::Directory::seq);
        Self {
            challenges: Challenges::from_random(&mut stream),
            sessions: Sessions::new(settings.limits),
            rate: Rate::default(),
            newest: watch::Sender::new(seq),
            closing: watch::Sender::new(false),
            waiting: Mutex::new(Ceremonies::default()),
            dice: Dice::new(stream),
            settings,
            store,
            grounds,
            world,
            clock,
        }
    }

    /// The ceremonies that wait for their answer.
    pub fn waiting(&self) -> MutexGuard<'_, Ceremonies<Context>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the streams of whoever watches.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Tells whoever watches that something happened.
    pub fn announce(&self) {
        let seq = self.store.read(lab_directory::Directory::seq);
        self.newest.send_if_modified(|newest| std::mem::replace(newest, seq.max(*newest)) < seq);
    }
}
