//! Who may issue certificates (RFC 5280 §6.1.4 (k) to (o)).

use const_oid::ObjectIdentifier;

use super::PathReason;
use super::path::Node;
use crate::layout::oid;

/// Extensions that are judged here or by the format, or that limit nothing which is asked of an
/// attestation certificate.
const UNDERSTOOD: [ObjectIdentifier; 8] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::POLICIES,
    oid::FIDO_AAGUID,
    oid::FIDO_SERIAL,
    oid::FIDO_FIRMWARE,
];

pub(super) fn check(path: &[Node<'_>]) -> Result<(), PathReason> {
    path.iter().filter(|node| !node.is_anchor()).try_for_each(critical)?;
    let mut below = 0;
    for issuer in path.iter().skip(1) {
        may_issue(issuer, below)?;
        // Self-issued certificates do not count (RFC 5280 §4.2.1.9).
        below += u32::from(!issuer.certificate.is_self_issued());
    }
    Ok(())
}

fn critical(node: &Node<'_>) -> Result<(), PathReason> {
    let unknown = node.certificate.extensions.iter().find(|e| e.critical && !UNDERSTOOD.contains(&e.oid));
    unknown.map_or(Ok(()), |extension| {
        Err(PathReason::UnknownCriticalExtension { subject: node.subject(), extension: extension.oid })
    })
}

/// Whether a certificate may issue one that has `below` intermediates under it.
fn may_issue(issuer: &Node<'_>, below: u32) -> Result<(), PathReason> {
    let subject = || issuer.subject();
    let unreadable = |extension| move |error| PathReason::Extension { subject: issuer.subject(), extension, error };
    match issuer.certificate.basic_constraints().map_err(unreadable("basic constraints"))? {
        Some(constraints) if !constraints.ca => return Err(PathReason::NotACa { subject: subject() }),
        Some(constraints) => {
            if let Some(allowed) = constraints.path_len.filter(|allowed| below > *allowed) {
                return Err(PathReason::PathLength { subject: subject(), allowed, found: below });
            }
        }
        // An anchor is believed as it is; old roots are of version 1 and have no extensions.
        None if issuer.is_anchor() => {}
        None => return Err(PathReason::NotACa { subject: subject() }),
    }
    match issuer.certificate.may_sign_certificates().map_err(unreadable("key usage"))? {
        Some(false) => Err(PathReason::KeyUsage { subject: subject() }),
        Some(true) | None => Ok(()),
    }
}
