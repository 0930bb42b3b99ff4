//! What keeps the log, and answers from it.

mod memory;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use lab_entra::Tenant;

use crate::{Actor, Directory, Event, Kind, Recorded, Unfit};

pub use memory::MemoryStore;

/// Keeps the log of one lab.
///
/// The state is changed when [`Store::append`] is called, in the order of the calls; the answer comes when
/// the events are safe. So a state that somebody has looked at can still be lost together with all that
/// was built on it, but nothing that was answered.
pub trait Store: Send + Sync {
    /// Lets the caller look at the state. It stays as it is meanwhile: be quick.
    fn look(&self, look: &mut dyn FnMut(&Directory));

    /// Appends events, all or none, if every condition holds. Resolves to the number of the last one.
    fn append(&self, batch: Batch) -> Written;

    /// Events that were appended and not forgotten.
    ///
    /// # Errors
    /// [`StoreError::Io`] and [`StoreError::Corrupt`].
    fn log(&self, query: &Query) -> Result<Vec<Recorded>, StoreError>;

    /// What came with an event, if it has not been forgotten.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn input(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// What was given with [`Batch::waits`] and not answered since, the oldest first, without what is too late at
    /// `now`. A store that ends with its process has none.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn waiting(&self, now: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
        let _ = now;
        Ok(Vec::new())
    }
}

/// The answer to an append: the number of the last event, once it is safe.
pub type Written = Pin<Box<dyn Future<Output = Result<u64, StoreError>> + Send>>;

impl dyn Store + '_ {
    /// What `look` finds in the state.
    pub fn read<T>(&self, look: impl FnOnce(&Directory) -> T) -> T {
        let (mut look, mut found) = (Some(look), None);
        self.look(&mut |directory| found = look.take().map(|look| look(directory)));
        found.unwrap_or_else(|| unreachable!("a store lets its caller look exactly once"))
    }

    /// The tenant as it is.
    pub fn tenant(&self) -> Arc<Tenant> {
        self.read(|directory| Arc::clone(directory.tenant()))
    }

    /// The tenant as it was when the event with this number was judged, to judge it again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tenant_before(&self, seq: u64) -> Result<Arc<Tenant>, StoreError> {
        let now = self.read(|directory| (directory.tenant_changed() < seq).then(|| Arc::clone(directory.tenant())));
        if let Some(tenant) = now {
            return Ok(tenant);
        }
        let query = Query { kinds: Kind::TENANT.to_vec(), before: Some(seq), ..Query::default() };
        let mut events = self.log(&query)?.into_iter();
        let first = events.next().ok_or(StoreError::Unfit(Unfit::NoTenant { found: "nothing" }))?;
        let mut directory = Directory::begin(&first)?;
        events.try_for_each(|event| directory.apply(&event))?;
        Ok(Arc::clone(directory.tenant()))
    }
}

/// Events to append together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// What has to be as it was when the caller looked.
    pub given: Vec<Given>,
    /// The events.
    pub events: Vec<Draft>,
    /// A ceremony that waits from now on, also across a restart.
    pub waits: Option<Waits>,
    /// The fingerprint of the challenge of such a ceremony, which waits no longer.
    pub answers: Option<[u8; 32]>,
}

/// A ceremony that waits for its answer across a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The fingerprint of its challenge.
    pub challenge: [u8; 32],
    /// The last moment at which it may be answered.
    pub expires: Timestamp,
    /// The ceremony, in whatever form its door keeps it.
    pub body: Vec<u8>,
}

/// How many ceremonies wait across a restart: the newest ones.
pub const MAX_KEPT_WAITING: u64 = 1024;

/// An event to append.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What happened.
    pub event: Event,
    /// What it was concluded from: the ceremony's bytes, in whatever form their door keeps them.
    pub input: Option<Vec<u8>>,
}

impl Batch {
    /// One event without conditions.
    #[must_use]
    pub fn of(at: Timestamp, actor: Actor, event: Event) -> Self {
        Self { at, actor, events: vec![Draft { event, input: None }], ..Self::default() }
    }

    /// The same, with what the last event was concluded from.
    #[must_use]
    pub fn with_input(mut self, input: Vec<u8>) -> Self {
        if let Some(last) = self.events.last_mut() {
            last.input = Some(input);
        }
        self
    }

    /// The same, if these things are still as they were.
    #[must_use]
    pub fn given(mut self, given: impl IntoIterator<Item = Given>) -> Self {
        self.given.extend(given);
        self
    }

    /// The same, with a ceremony that waits from now on.
    #[must_use]
    pub fn waits(mut self, waits: Waits) -> Self {
        self.waits = Some(waits);
        self
    }

    /// The same, with the challenge that is answered thereby.
    #[must_use]
    pub fn answers(mut self, challenge: Option<[u8; 32]>) -> Self {
        self.answers = challenge;
        self
    }
}

/// Something that a decision may have rested on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Facet {
    /// Policies and settings, together.
    Policies,
    /// A user, by object id or user principal name.
    User(String),
    /// A group, by id.
    Group(String),
    /// A passkey, by id.
    Passkey(String),
}

/// The condition that something has not changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Given {
    /// What.
    pub facet: Facet,
    /// The event that changed it last when the caller looked; 0: it did not exist.
    pub version: u64,
}

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Of these kinds; of all where there is none.
    pub kinds: Vec<Kind>,
    /// About this user, by object id.
    pub user: Option<String>,
    /// With a higher number.
    pub after: Option<u64>,
    /// With a lower number.
    pub before: Option<u64>,
    /// The newest first.
    pub newest_first: bool,
    /// At most so many.
    pub limit: Option<usize>,
}

impl Query {
    /// Whether an event is asked for.
    #[must_use]
    pub fn matches(&self, recorded: &Recorded) -> bool {
        let user = self.user.as_deref();
        (self.kinds.is_empty() || self.kinds.contains(&recorded.event.kind()))
            && user.is_none_or(|user| recorded.event.user().is_some_and(|other| other.eq_ignore_ascii_case(user)))
            && self.after.is_none_or(|after| recorded.seq > after)
            && self.before.is_none_or(|before| recorded.seq < before)
    }
}

/// Why something was not appended or not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Something changed after the caller looked: look again, and judge again.
    #[error("{facet:?} was as of event {expected} when this was judged and is as of event {found} now")]
    Conflict {
        /// What changed.
        facet: Facet,
        /// As the caller saw it.
        expected: u64,
        /// As it is.
        found: u64,
    },
    /// The events do not fit the state.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The log cannot be written now; nothing of the batch is kept, and the store goes on when it can.
    #[error("the lab's log cannot be written: {0}")]
    Unavailable(String),
    /// The log cannot be written or read.
    #[error("the lab's log: {0}")]
    Io(String),
    /// What was read is not what is written there.
    #[error("the lab's log: event {seq}: {problem}")]
    Corrupt {
        /// Which event.
        seq: u64,
        /// What is wrong with it.
        problem: String,
    },
}

/// An event that the state has taken over, for the store to write.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The event with its number.
    pub recorded: Recorded,
    /// What it was concluded from.
    pub input: Option<Vec<u8>>,
}

impl Directory {
    /// The state of a log that begins with this event. For stores.
    ///
    /// # Errors
    /// [`Unfit`]: the event is no tenant, or one that cannot be read.
    pub fn first(at: Timestamp, actor: Actor, event: Event) -> Result<(Self, Taken), StoreError> {
        let recorded = Recorded { seq: 1, at, actor, event };
        Ok((Self::begin(&recorded)?, Taken { recorded, input: None }))
    }

    /// Appends a batch to the state: all of it or nothing. For stores.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] and [`StoreError::Unfit`].
    pub fn take(&mut self, batch: Batch) -> Result<Vec<Taken>, StoreError> {
        for Given { facet, version } in &batch.given {
            let found = self.version(facet);
            if found != *version {
                return Err(StoreError::Conflict { facet: facet.clone(), expected: *version, found });
            }
        }
        let before = (batch.events.len() > 1).then(|| self.clone());
        let mut taken = Vec::with_capacity(batch.events.len());
        for Draft { event, input } in batch.events {
            let recorded = Recorded { seq: self.seq() + 1, at: batch.at, actor: batch.actor.clone(), event };
            if let Err(unfit) = self.apply(&recorded) {
                before.into_iter().for_each(|before| *self = before);
                return Err(unfit.into());
            }
            taken.push(Taken { recorded, input });
        }
        Ok(taken)
    }
}
