//! The BLOB that is in use. One that is offered takes its place only where it is newer and verifies; what
//! is corrupt, older or expired leaves everything as it was, and says so.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use lab_protocol::trace::Reason;

use crate::open::{Blob, Opened};

/// The BLOB in use, if there is one. Whoever holds it keeps it while another takes its place.
#[derive(Debug, Clone, Default)]
pub struct InUse {
    blob: Option<Arc<Blob>>,
}

/// What became of a BLOB that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// It is in use now.
    Replaced {
        /// The number of the one before it.
        from: Option<u64>,
        /// Its own.
        to: u64,
    },
    /// It is not, and the one in use still is.
    Kept {
        /// Why.
        reason: Kept,
    },
}

/// Why a BLOB that was offered is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Kept {
    /// It does not verify.
    #[error("the BLOB offered does not verify ({check}): {message}")]
    NotVerified {
        /// The check that failed.
        check: &'static str,
        /// What was found.
        message: String,
    },
    /// It is older than the one in use.
    #[error("the BLOB offered is no. {found}, older than no. {in_use}, which is in use")]
    Older {
        /// Its number.
        found: u64,
        /// The number of the one in use.
        in_use: u64,
    },
    /// It is the one in use, or claims its number.
    #[error("the BLOB offered is no. {found}, as is the one in use")]
    SameNumber {
        /// Its number.
        found: u64,
    },
    /// It was due for renewal already, and the one in use is not.
    #[error("the BLOB offered, no. {found}, was due for renewal on {next_update}, and the one in use is not")]
    Expired {
        /// Its number.
        found: u64,
        /// When the next one was due.
        next_update: Date,
    },
}

impl Reason for Kept {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::NotVerified { .. } => "Fetch it again; if it stays so, somebody changed it on the way.",
            Self::Older { .. } | Self::Expired { .. } => {
                "An old BLOB brings revoked models back: ask where it comes from."
            }
            Self::SameNumber { .. } => "Nothing to do.",
        })
    }
}

impl InUse {
    /// Nothing in use yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { blob: None }
    }

    /// The BLOB in use.
    #[must_use]
    pub const fn blob(&self) -> Option<&Arc<Blob>> {
        self.blob.as_ref()
    }

    /// Offers a BLOB at `at`. One that is due for renewal replaces only nothing, or one that is due as well.
    pub fn offer(&mut self, opened: Opened, at: Timestamp) -> Offered {
        match opened.into_blob() {
            Ok(blob) => match self.objection(&blob, at) {
                Some(reason) => Offered::Kept { reason },
                None => {
                    let from = self.blob.as_ref().map(|blob| blob.payload.no);
                    let to = blob.payload.no;
                    self.blob = Some(Arc::new(blob));
                    Offered::Replaced { from, to }
                }
            },
            Err(opened) => Offered::Kept { reason: not_verified(&opened) },
        }
    }

    fn objection(&self, offered: &Blob, at: Timestamp) -> Option<Kept> {
        let current = self.blob.as_ref()?;
        let (found, in_use) = (offered.payload.no, current.payload.no);
        let next_update = offered.payload.next_update;
        match found.cmp(&in_use) {
            std::cmp::Ordering::Less => Some(Kept::Older { found, in_use }),
            std::cmp::Ordering::Equal => Some(Kept::SameNumber { found }),
            std::cmp::Ordering::Greater => {
                (offered.is_due(at) && !current.is_due(at)).then_some(Kept::Expired { found, next_update })
            }
        }
    }
}

fn not_verified(opened: &Opened) -> Kept {
    let check = opened.trace.decided_by().or_else(|| opened.trace.unsupported());
    let id = check.map_or("metadata/payload", |check| check.id);
    let message = opened.trace.entry(id).map(|entry| entry.message()).unwrap_or_default();
    Kept::NotVerified { check: id, message }
}
