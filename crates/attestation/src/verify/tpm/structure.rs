//! Reading the structures of a TPM: big-endian numbers, and byte strings behind a length of two bytes
//! (TPM 2.0 Part 2 §10.3).

use std::fmt;

use lab_protocol::trace::Reason;

/// Which structure of the statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Structure {
    /// `certInfo`, a TPMS_ATTEST.
    CertInfo,
    /// `pubArea`, a TPMT_PUBLIC.
    PubArea,
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CertInfo => "certInfo (TPMS_ATTEST)",
            Self::PubArea => "pubArea (TPMT_PUBLIC)",
        })
    }
}

/// Why bytes are no structure of a TPM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StructureError {
    /// It ends too early.
    #[error("{structure} ends within {field}: {needed} bytes are needed at offset {offset}, {left} are left")]
    End {
        /// The structure.
        structure: Structure,
        /// The field, as Part 2 calls it.
        field: &'static str,
        /// Where the field starts.
        offset: usize,
        /// How many bytes it has.
        needed: usize,
        /// How many bytes there are.
        left: usize,
    },
    /// An algorithm whose parameters nobody here knows, so that what follows cannot be found.
    #[error("{field} of {structure} is {found:#06x}, an algorithm whose parameters are not known")]
    Algorithm {
        /// The structure.
        structure: Structure,
        /// The field, as Part 2 calls it.
        field: &'static str,
        /// The TPM_ALG_ID found.
        found: u16,
    },
    /// Bytes behind the structure.
    #[error("{found} bytes follow {structure}")]
    Trailing {
        /// The structure.
        structure: Structure,
        /// How many there are.
        found: usize,
    },
}

impl Reason for StructureError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Trailing { .. } => Some("Whoever made the statement copied a buffer instead of the structure in it."),
            _ => None,
        }
    }
}

/// Reads one field after the other.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    structure: Structure,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(structure: Structure, bytes: &'a [u8]) -> Self {
        Self { structure, bytes, at: 0 }
    }

    fn take(&mut self, field: &'static str, needed: usize) -> Result<&'a [u8], StructureError> {
        let (structure, offset, left) = (self.structure, self.at, self.bytes.len() - self.at);
        let end = StructureError::End { structure, field, offset, needed, left };
        let taken = self.bytes.get(offset..).and_then(|rest| rest.get(..needed)).ok_or(end)?;
        self.at += needed;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], StructureError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(field, N)?);
        Ok(array)
    }

    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, StructureError> {
        self.array(field).map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, StructureError> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, StructureError> {
        self.array(field).map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self, field: &'static str) -> Result<u64, StructureError> {
        self.array(field).map(u64::from_be_bytes)
    }

    /// A TPM2B: its content.
    pub(super) fn sized(&mut self, field: &'static str) -> Result<&'a [u8], StructureError> {
        let length = self.u16(field)?;
        self.take(field, usize::from(length))
    }

    /// An algorithm whose parameters are not known.
    pub(super) fn unknown(&self, field: &'static str, found: u16) -> StructureError {
        StructureError::Algorithm { structure: self.structure, field, found }
    }

    /// Whatever is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }
}
