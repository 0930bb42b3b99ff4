//! A path from the attestation certificate to an anchor, and what was found about it.

use std::rc::Rc;

use super::{Anchors, PathNote, PathNotes, PathReason};
use crate::x509::Certificate;

/// The most certificates of a path, anchor included.
pub const MAX_PATH: usize = 8;

/// Where a certificate comes from; equal ids are equal certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    /// In x5c, counted from 0.
    X5c(usize),
    /// Among the intermediates.
    Intermediate(usize),
    /// Among the anchors.
    Anchor(usize),
}

/// A certificate of a path.
#[derive(Debug, Clone)]
pub(super) struct Node<'p> {
    pub(super) id: Id,
    pub(super) certificate: Rc<Certificate<'p>>,
}

impl Node<'_> {
    pub(super) const fn is_anchor(&self) -> bool {
        matches!(self.id, Id::Anchor(_))
    }

    pub(super) fn subject(&self) -> String {
        self.certificate.subject.to_string()
    }
}

/// A path that fits by name, leaf first, anchor last, and how its parts came out.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'p> {
    pub(super) nodes: Vec<Node<'p>>,
    /// How many certificates x5c has.
    pub(super) offered: usize,
    pub(super) validity: Result<(), PathReason>,
    pub(super) constraints: Result<(), PathReason>,
    pub(super) signatures: Result<(), PathReason>,
}

impl Candidate<'_> {
    /// How far it is from holding: a path whose signatures hold says more than one of equal names.
    pub(super) const fn faults(&self) -> (bool, bool, bool) {
        (self.signatures.is_err(), self.constraints.is_err(), self.validity.is_err())
    }

    pub(super) fn holds(&self) -> bool {
        self.faults() == (false, false, false)
    }

    /// The subject of the anchor, and whether it is a laboratory's.
    pub(super) fn anchor(&self, anchors: &Anchors) -> (String, bool) {
        let index = self.nodes.last().map(|node| node.id);
        let anchor = anchors.iter().enumerate().find(|(at, _)| index == Some(Id::Anchor(*at)));
        anchor.map_or_else(Default::default, |(_, anchor)| (anchor.label().to_owned(), anchor.is_stand_in()))
    }

    pub(super) fn notes(&self) -> PathNotes {
        let mut notes = Vec::new();
        if self.nodes.len() == 1 {
            notes.push(PathNote::LeafIsAnchor);
        } else if self.nodes.len() <= self.offered {
            notes.push(PathNote::AnchorIncluded);
        }
        for (child, issuer) in self.nodes.iter().zip(self.nodes.iter().skip(1)) {
            if child.certificate.issuer.der() != issuer.certificate.subject.der() {
                notes.push(PathNote::NameEncoding(child.subject()));
            }
        }
        PathNotes(notes)
    }
}
