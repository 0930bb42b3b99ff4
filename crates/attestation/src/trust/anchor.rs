//! Trust anchors: certificates that the caller believes without being given a reason.

use lab_protocol::trace::Reason;

use crate::layout::text;
use crate::x509::{Certificate, CertificateError};

/// Where an anchor comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The lab made it, for emulated authenticators.
    StandIn,
    /// The user or a list of the user's named it.
    Given,
}

/// A trusted certificate: a root, an intermediate, or the attestation certificate itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    der: Vec<u8>,
    subject: Vec<u8>,
    label: String,
    stand_in: bool,
}

/// Why there is no anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The text has no certificate.
    #[error("no “-----BEGIN CERTIFICATE-----” was found")]
    NoCertificate,
    /// A text with several certificates where one is asked for.
    #[error("{found} certificates were found, expected one")]
    Several {
        /// How many there are.
        found: usize,
    },
    /// A block that is no PEM.
    #[error("line {line}: the certificate that starts here is not PEM: {detail}")]
    Pem {
        /// The line of its BEGIN, counted from 1.
        line: usize,
        /// What is wrong.
        detail: String,
    },
    /// A block that holds no certificate.
    #[error("line {line}: {error}")]
    Certificate {
        /// The line of its BEGIN, counted from 1; 0 for bytes.
        line: usize,
        /// What is wrong.
        error: CertificateError,
    },
}

impl Reason for AnchorError {}

impl Anchor {
    /// Reads the one certificate of a PEM text.
    ///
    /// # Errors
    /// No certificate, several, or one that is malformed; with its line.
    pub fn from_pem(text: &str) -> Result<Self, AnchorError> {
        let mut anchors = read_pem(text)?;
        match (anchors.pop(), anchors.len()) {
            (Some(anchor), 0) => Ok(anchor),
            (_, others) => Err(AnchorError::Several { found: others + 1 }),
        }
    }

    /// Reads a DER certificate. One whose subject says that it is a laboratory's is a stand-in,
    /// wherever it comes from.
    ///
    /// # Errors
    /// A malformed certificate.
    pub fn from_der(bytes: &[u8], origin: Origin) -> Result<Self, AnchorError> {
        let error = |error| AnchorError::Certificate { line: 0, error };
        let certificate = Certificate::parse(bytes).map_err(error)?;
        let label = certificate.subject.to_string();
        let stand_in = origin == Origin::StandIn || label.contains(text::LABORATORY);
        Ok(Self { der: bytes.to_vec(), subject: certificate.subject.der().to_vec(), label, stand_in })
    }

    /// The certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The DER of the subject.
    pub(super) fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The subject, for people.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether it is a laboratory's.
    #[must_use]
    pub const fn is_stand_in(&self) -> bool {
        self.stand_in
    }
}

/// A set of anchors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors {
    anchors: Vec<Anchor>,
}

impl Anchors {
    /// No anchors.
    #[must_use]
    pub const fn new() -> Self {
        Self { anchors: Vec::new() }
    }

    /// Reads every certificate of every text.
    ///
    /// # Errors
    /// The number of the text, counted from 0, and what is wrong with it. A text without a
    /// certificate is an error.
    pub fn from_pem_texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, (usize, AnchorError)> {
        let mut anchors = Self::new();
        for (index, text) in texts.into_iter().enumerate() {
            anchors.extend(read_pem(text).map_err(|error| (index, error))?);
        }
        Ok(anchors)
    }

    /// Adds an anchor, unless it is there already.
    pub fn push(&mut self, anchor: Anchor) {
        if !self.anchors.iter().any(|known| known.der == anchor.der) {
            self.anchors.push(anchor);
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// The anchors.
    pub fn iter(&self) -> impl Iterator<Item = &Anchor> {
        self.anchors.iter()
    }
}

impl Extend<Anchor> for Anchors {
    fn extend<I: IntoIterator<Item = Anchor>>(&mut self, anchors: I) {
        anchors.into_iter().for_each(|anchor| self.push(anchor));
    }
}

impl FromIterator<Anchor> for Anchors {
    fn from_iter<I: IntoIterator<Item = Anchor>>(anchors: I) -> Self {
        let mut set = Self::new();
        set.extend(anchors);
        set
    }
}

fn read_pem(text: &str) -> Result<Vec<Anchor>, AnchorError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut anchors = Vec::new();
    for (start, _) in text.match_indices(BEGIN) {
        let rest = text.get(start..).unwrap_or_default();
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        let block = rest.find(END).and_then(|end| rest.get(..end + END.len())).unwrap_or(rest);
        let pem = |error: der::pem::Error| AnchorError::Pem { line, detail: error.to_string() };
        let (_, der) = der::pem::decode_vec(block.as_bytes()).map_err(pem)?;
        anchors.push(Anchor::from_der(&der, Origin::Given).map_err(|error| match error {
            AnchorError::Certificate { error, .. } => AnchorError::Certificate { line, error },
            other => other,
        })?);
    }
    if anchors.is_empty() { Err(AnchorError::NoCertificate) } else { Ok(anchors) }
}
