//! Who signs the lab's own metadata BLOBs.

use lab_protocol::Aaguid;
use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::Root;

use super::{Attestor, Certified, VendorModel, Vendors, Wanted};
use crate::emit::EmitError;

impl Vendors {
    /// The key that signs metadata BLOBs of the lab, one of ES256, and its certificate under `root`.
    ///
    /// # Errors
    /// As for any certificate.
    pub fn metadata_signer(&self, root: Root) -> Result<Certified, EmitError> {
        let service = VendorModel::new(Aaguid::ZERO, "metadata service", "Passkey Lab", "SE");
        let service = VendorModel { aaguid_extension: false, ..service };
        let alg = Algorithm::ES256;
        match &*self.attestor(&service, &Wanted::new("packed", alg, root))? {
            Attestor::Certified(certified) => Ok(certified.clone()),
            Attestor::Certifying(_) | Attestor::Parts(_) => Err(EmitError::NoCertificate { alg }),
        }
    }
}
