//! The log in memory: for tests, and for a lab that forgets everything when it ends.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use lab_entra::Tenant;

use super::{Batch, Query, Store, StoreError, Taken, Written};
use crate::{Actor, Directory, Event, Recorded, Retention};

/// A log in memory.
#[derive(Debug)]
pub struct MemoryStore {
    inner: RwLock<Inner>,
    retention: Retention,
}

#[derive(Debug)]
struct Inner {
    directory: Directory,
    log: VecDeque<Taken>,
    passing: u64,
    inputs: u64,
}

impl MemoryStore {
    /// A lab that begins with a tenant.
    ///
    /// # Errors
    /// [`StoreError::Unfit`]: the tenant cannot be read again.
    pub fn new(tenant: &Tenant, now: Timestamp, retention: Retention) -> Result<Self, StoreError> {
        let event = Event::TenantImported { tenant: tenant.to_json() };
        let (directory, first) = Directory::first(now, Actor::default(), event)?;
        let log = VecDeque::from([first]);
        Ok(Self { inner: RwLock::new(Inner { directory, log, passing: 0, inputs: 0 }), retention })
    }

    fn take(&self, batch: Batch) -> Result<u64, StoreError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        for taken in inner.directory.take(batch)? {
            inner.passing += u64::from(Retention::passes(taken.recorded.event.kind()));
            inner.inputs += u64::from(taken.input.is_some());
            inner.log.push_back(taken);
        }
        inner.forget(self.retention.newest);
        Ok(inner.directory.seq())
    }
}

impl Inner {
    fn forget(&mut self, newest: u64) {
        while self.inputs > newest {
            let Some(oldest) = self.log.iter_mut().find(|entry| entry.input.is_some()) else { break };
            oldest.input = None;
            self.inputs -= 1;
        }
        while self.passing > newest {
            let passes = |entry: &Taken| Retention::passes(entry.recorded.event.kind());
            let Some(oldest) = self.log.iter().position(passes) else { break };
            self.log.remove(oldest);
            self.passing -= 1;
        }
    }
}

impl Store for MemoryStore {
    fn look(&self, look: &mut dyn FnMut(&Directory)) {
        look(&self.inner.read().unwrap_or_else(PoisonError::into_inner).directory);
    }

    fn append(&self, batch: Batch) -> Written {
        Box::pin(ready(self.take(batch)))
    }

    fn log(&self, query: &Query) -> Result<Vec<Recorded>, StoreError> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let matching = inner.log.iter().map(|entry| &entry.recorded).filter(|recorded| query.matches(recorded));
        let limit = query.limit.unwrap_or(usize::MAX);
        Ok(if query.newest_first {
            matching.rev().take(limit).cloned().collect()
        } else {
            matching.take(limit).cloned().collect()
        })
    }

    fn input(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        Ok(inner.log.iter().find(|entry| entry.recorded.seq == seq).and_then(|entry| entry.input.clone()))
    }
}
