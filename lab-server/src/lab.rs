//! What every handler shares.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lab_directory::{Ceremonies, Store};
use lab_jobs::live::Grounds;
use lab_jobs::world::{Part, World};
use lab_relying_party::Challenges;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::api::Kept;
use crate::ceremonies::Context;
use crate::ceremonies::kept::kept;
use crate::edge::{Clock, Dice};
use crate::places::Places;
use crate::problem::Problem;
use crate::security::{Rate, Sessions};
use crate::settings::Settings;

/// When to try again where too many watch, in seconds.
const WATCH_LATER: u32 = 10;

/// A running lab, as it is seen at one origin: [`Lab::at`] is the same lab at another.
pub struct Lab {
    /// Where it is found, who may use it, how much of it.
    pub settings: Settings,
    /// What it knows, and the log of what happened.
    pub store: Arc<dyn Store>,
    /// Whom it trusts, and which models it knows.
    pub grounds: Arc<Grounds>,
    /// The stand-in vendors and the seed, if there is one.
    pub world: World,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub dice: Arc<Dice>,
    /// Challenges of Entra's shape.
    pub challenges: Arc<Challenges>,
    /// Browsers that presented the token.
    pub sessions: Arc<Sessions>,
    /// How often each address asks.
    pub rate: Arc<Rate>,
    /// What no other lab and no other run can know: `/.well-known/passkey-lab` answers with it.
    pub nonce: Arc<str>,
    /// The number of the newest event, for whoever watches.
    pub newest: watch::Sender<u64>,
    /// Whether the server is stopping: streams end then.
    pub closing: watch::Sender<bool>,
    /// Emulated authenticators of the API.
    pub authenticators: Arc<Kept>,
    /// Places for what takes long.
    pub places: Places,
    /// Places for whoever watches, on a page or by the API.
    pub streams: Arc<Semaphore>,
    waiting: Arc<Mutex<Ceremonies<Context>>>,
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
        let challenges = Challenges::from_random(&mut stream);
        let dice = Dice::new(stream);
        let waiting = kept(&*store, clock.now());
        Self {
            challenges: Arc::new(challenges),
            sessions: Arc::new(Sessions::new(settings.limits)),
            rate: Arc::default(),
            nonce: dice.secret().into(),
            newest: watch::Sender::new(seq),
            closing: watch::Sender::new(false),
            authenticators: Arc::new(Kept::new(settings.limits.authenticators)),
            places: Places::new(settings.limits.jobs),
            streams: Arc::new(Semaphore::new(settings.limits.streams)),
            waiting: Arc::new(Mutex::new(waiting)),
            dice: Arc::new(dice),
            settings,
            store,
            grounds: Arc::new(grounds),
            world,
            clock: clock.into(),
        }
    }

    /// The same lab at another origin: one state, one log, one token, one set of limits.
    #[must_use]
    pub fn at(&self, settings: Settings) -> Self {
        Self {
            settings: Settings { token: self.settings.token, limits: self.settings.limits, ..settings },
            store: Arc::clone(&self.store),
            grounds: Arc::clone(&self.grounds),
            world: self.world.clone(),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
            challenges: Arc::clone(&self.challenges),
            sessions: Arc::clone(&self.sessions),
            rate: Arc::clone(&self.rate),
            nonce: Arc::clone(&self.nonce),
            newest: self.newest.clone(),
            closing: self.closing.clone(),
            authenticators: Arc::clone(&self.authenticators),
            places: self.places.clone(),
            streams: Arc::clone(&self.streams),
            waiting: Arc::clone(&self.waiting),
        }
    }

    /// The ceremonies that wait for their answer.
    pub fn waiting(&self) -> MutexGuard<'_, Ceremonies<Context>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place among those who watch.
    ///
    /// # Errors
    /// 503 where there are as many as the lab lets.
    pub fn place_to_watch(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.streams).try_acquire_owned();
        place.map_err(|_| Problem::busy("As many watch the lab's events as it lets.", WATCH_LATER))
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
