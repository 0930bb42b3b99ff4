//! Validity (RFC 5280 §6.1.3 (a)(2)), at the time that was handed in. Anchors count as well.

use jiff::Timestamp;

use super::PathReason;
use super::path::Node;

pub(super) fn check(path: &[Node<'_>], now: Timestamp) -> Result<(), PathReason> {
    path.iter().try_for_each(|node| {
        let (not_before, not_after) = (node.certificate.not_before, node.certificate.not_after);
        if now < not_before {
            return Err(PathReason::NotYetValid { subject: node.subject(), not_before, now });
        }
        // The validity includes its last second.
        if now.as_second() > not_after.as_second() {
            return Err(PathReason::Expired { subject: node.subject(), not_after, now });
        }
        Ok(())
    })
}
