//! The seat of the kernel's uhid: the same packets, as a device that every program finds by itself.

use crate::serve::LinksError;

/// Refuses until it is built.
pub(super) fn open() -> LinksError {
    LinksError::ComesLater("uhid")
}
