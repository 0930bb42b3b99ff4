//! `certInfo`: what a TPM says of a key, as TPMS_ATTEST (TPM 2.0 Part 2 §10.12.12).

use super::structure::{Fields, Structure, StructureError};
use crate::layout::tpm;

/// A TPMS_ATTEST, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attest<'a> {
    pub(crate) magic: u32,
    /// `type`, a TPM_ST.
    pub(crate) structure_tag: u16,
    /// The name of the key that signed. WebAuthn ignores it, as it does the clock and the firmware.
    pub(crate) qualified_signer: &'a [u8],
    pub(crate) extra_data: &'a [u8],
    pub(crate) clock_info: ClockInfo,
    pub(crate) firmware_version: u64,
    pub(crate) attested: AttestedInfo<'a>,
    /// Bytes behind the structure.
    pub(crate) trailing: usize,
}

/// TPMS_CLOCK_INFO (§10.11.1). `safe` is a byte here: TPMs write 0 or 1, the specification's own vector
/// another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockInfo {
    pub(crate) clock: u64,
    pub(crate) reset_count: u32,
    pub(crate) restart_count: u32,
    pub(crate) safe: u8,
}

/// TPMU_ATTEST (§10.12.11), as far as WebAuthn has a use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttestedInfo<'a> {
    /// TPMS_CERTIFY_INFO.
    Certify { name: &'a [u8], qualified_name: &'a [u8] },
    /// Of another type, whole.
    Other(&'a [u8]),
}

impl<'a> Attest<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, StructureError> {
        let mut fields = Fields::new(Structure::CertInfo, bytes);
        let (magic, structure_tag) = (fields.u32("magic")?, fields.u16("type")?);
        let qualified_signer = fields.sized("qualifiedSigner")?;
        let extra_data = fields.sized("extraData")?;
        let clock_info = ClockInfo::read(&mut fields)?;
        let firmware_version = fields.u64("firmwareVersion")?;
        let attested = match structure_tag {
            tpm::ST_ATTEST_CERTIFY => AttestedInfo::Certify {
                name: fields.sized("attested.name")?,
                qualified_name: fields.sized("attested.qualifiedName")?,
            },
            _ => AttestedInfo::Other(fields.rest()),
        };
        let trailing = fields.rest().len();
        Ok(Self {
            magic,
            structure_tag,
            qualified_signer,
            extra_data,
            clock_info,
            firmware_version,
            attested,
            trailing,
        })
    }
}

impl ClockInfo {
    fn read(fields: &mut Fields<'_>) -> Result<Self, StructureError> {
        Ok(Self {
            clock: fields.u64("clockInfo.clock")?,
            reset_count: fields.u32("clockInfo.resetCount")?,
            restart_count: fields.u32("clockInfo.restartCount")?,
            safe: fields.byte("clockInfo.safe")?,
        })
    }
}
