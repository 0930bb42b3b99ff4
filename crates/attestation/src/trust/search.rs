//! Finding the paths that fit by name (RFC 4158 in small): x5c in its order, then intermediates that
//! it leaves out, then an anchor. Everything is bounded, so that certificates which issue each other
//! in circles cost no more than others.

use std::rc::Rc;

use jiff::Timestamp;

use super::path::{Candidate, Id, MAX_PATH, Node};
use super::signatures::Signatures;
use super::{Anchors, PathReason, constraints, validity};
use crate::x509::{Certificate, Name};

/// The most paths that are judged for one statement.
pub const MAX_CANDIDATES: usize = 32;
/// The most certificates that are looked at while paths are built.
const MAX_STEPS: usize = 256;

pub(super) struct Search<'p> {
    x5c: Vec<Node<'p>>,
    anchors: &'p Anchors,
    intermediates: &'p [Vec<u8>],
    at: Timestamp,
    signatures: Signatures,
    judged: usize,
    steps: usize,
    best: Option<Candidate<'p>>,
    /// Why the longest path that was tried leads nowhere, and its length.
    dead_end: Option<(usize, PathReason)>,
}

impl<'p> Search<'p> {
    /// The path that holds, else the one that comes closest.
    ///
    /// # Errors
    /// Why no path fits even by name.
    pub(super) fn run(
        x5c: &'p [Vec<u8>],
        anchors: &'p Anchors,
        intermediates: &'p [Vec<u8>],
        at: Timestamp,
    ) -> Result<Candidate<'p>, PathReason> {
        if x5c.len() > MAX_PATH {
            return Err(PathReason::TooLong);
        }
        let mut search = Self {
            x5c: read(x5c)?,
            anchors,
            intermediates,
            at,
            signatures: Signatures::default(),
            judged: 0,
            steps: 0,
            best: None,
            dead_end: None,
        };
        search.in_order()?;
        let mut path = Vec::with_capacity(MAX_PATH);
        path.extend(search.x5c.first().cloned());
        search.extend(&mut path);
        let dead_end = search.dead_end.map_or(PathReason::TooLong, |(_, reason)| reason);
        search.best.ok_or(dead_end)
    }

    /// Each certificate of x5c has to be the issuer of the one before it.
    fn in_order(&self) -> Result<(), PathReason> {
        for (position, (child, issuer)) in (2..).zip(self.x5c.iter().zip(self.x5c.iter().skip(1))) {
            let expected = &child.certificate.issuer;
            if !expected.same(&issuer.certificate.subject) {
                return Err(PathReason::Order { position, expected: expected.to_string(), found: issuer.subject() });
            }
        }
        Ok(())
    }

    /// Tries every way to complete `path`; true once one holds.
    fn extend(&mut self, path: &mut Vec<Node<'p>>) -> bool {
        let Some(last) = path.last().cloned() else { return false };
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.note_dead_end(path.len(), PathReason::TooManyPaths);
            return false;
        }
        if let Some(anchor) = self.anchor_with(|der| der == last.certificate.der) {
            let mut complete = path.clone();
            complete.pop();
            complete.push(anchor);
            return self.judge(complete);
        }
        match self.x5c.get(path.len()).cloned() {
            Some(next) => self.extend_offered(path, next),
            None => self.extend_freely(path, &last),
        }
    }

    /// While x5c says who comes next, only that certificate, or an anchor with its name and key, may.
    fn extend_offered(&mut self, path: &mut Vec<Node<'p>>, next: Node<'p>) -> bool {
        let same_key =
            |anchor: &Certificate<'_>| anchor.spki == next.certificate.spki && anchor.der != next.certificate.der;
        for anchor in self.anchors_named(&next.certificate.subject) {
            if same_key(&anchor.certificate) && self.complete(path, anchor) {
                return true;
            }
        }
        path.push(next);
        let found = self.extend(path);
        path.pop();
        found
    }

    fn extend_freely(&mut self, path: &mut Vec<Node<'p>>, last: &Node<'p>) -> bool {
        let issuer = last.certificate.issuer;
        let anchors = self.anchors_named(&issuer);
        let intermediates = self.intermediates_named(&issuer, path);
        if anchors.is_empty() && intermediates.is_empty() {
            self.note_dead_end(path.len(), self.no_issuer(last));
        }
        if path.len() >= MAX_PATH {
            self.note_dead_end(path.len(), PathReason::TooLong);
            return false;
        }
        for anchor in anchors {
            if self.complete(path, anchor) {
                return true;
            }
        }
        for intermediate in intermediates {
            path.push(intermediate);
            let found = self.extend(path);
            path.pop();
            if found {
                return true;
            }
        }
        false
    }

    fn no_issuer(&self, last: &Node<'_>) -> PathReason {
        let (subject, anchors) = (last.subject(), self.anchors.len());
        if last.certificate.is_self_issued() {
            return PathReason::UntrustedRoot { subject, anchors };
        }
        PathReason::NoAnchor { subject, issuer: last.certificate.issuer.to_string(), anchors }
    }

    fn complete(&mut self, path: &[Node<'p>], anchor: Node<'p>) -> bool {
        let mut complete = path.to_vec();
        complete.push(anchor);
        self.judge(complete)
    }

    fn judge(&mut self, nodes: Vec<Node<'p>>) -> bool {
        self.judged += 1;
        if self.judged > MAX_CANDIDATES {
            self.note_dead_end(nodes.len(), PathReason::TooManyPaths);
            return false;
        }
        let candidate = Candidate {
            validity: validity::check(&nodes, self.at),
            constraints: constraints::check(&nodes),
            signatures: self.signatures.check(&nodes),
            offered: self.x5c.len(),
            nodes,
        };
        let holds = candidate.holds();
        if self.best.as_ref().is_none_or(|best| candidate.faults() < best.faults()) {
            self.best = Some(candidate);
        }
        holds
    }

    fn note_dead_end(&mut self, length: usize, reason: PathReason) {
        if self.dead_end.as_ref().is_none_or(|(longest, _)| *longest < length) {
            self.dead_end = Some((length, reason));
        }
    }

    fn anchor_with(&self, wanted: impl Fn(&[u8]) -> bool) -> Option<Node<'p>> {
        let (index, anchor) = self.anchors.iter().enumerate().find(|(_, anchor)| wanted(anchor.der()))?;
        node(Id::Anchor(index), anchor.der())
    }

    /// The anchors with this subject; only where none has its bytes, those that spell it differently.
    fn anchors_named(&self, name: &Name<'_>) -> Vec<Node<'p>> {
        let all = || self.anchors.iter().enumerate();
        let equal = all().filter(|(_, anchor)| anchor.subject() == name.der());
        let found: Vec<_> = equal.filter_map(|(index, anchor)| node(Id::Anchor(index), anchor.der())).collect();
        if !found.is_empty() {
            return found;
        }
        let parsed = all().filter_map(|(index, anchor)| node(Id::Anchor(index), anchor.der()));
        parsed.filter(|node| node.certificate.subject.same(name)).collect()
    }

    fn intermediates_named(&self, name: &Name<'_>, path: &[Node<'p>]) -> Vec<Node<'p>> {
        let parsed = self.intermediates.iter().enumerate();
        let parsed = parsed.filter_map(|(index, der)| node(Id::Intermediate(index), der));
        let unused = |node: &Node<'_>| path.iter().all(|used| used.certificate.der != node.certificate.der);
        parsed.filter(|node| node.certificate.subject.same(name) && unused(node)).collect()
    }
}

fn node(id: Id, der: &[u8]) -> Option<Node<'_>> {
    Certificate::parse_odd(der).ok().map(|certificate| Node { id, certificate: Rc::new(certificate) })
}

fn read(x5c: &[Vec<u8>]) -> Result<Vec<Node<'_>>, PathReason> {
    let read = x5c.iter().enumerate().map(|(index, der)| {
        let certificate = Certificate::parse_odd(der);
        let certificate = certificate.map_err(|error| PathReason::Unreadable { position: index + 1, error })?;
        Ok(Node { id: Id::X5c(index), certificate: Rc::new(certificate) })
    });
    read.collect()
}
