//! The user's own CA that a model file names.

use std::path::Path;
use std::sync::Arc;

use lab_attestation::emit::OwnAuthority;
use lab_authenticator::Model;

use crate::error::JobError;
use crate::input::read_text;

/// The model with the CA that its file names, if it names one: `file` is the model file, at whose folder
/// relative names start.
pub(super) fn with_authority(mut model: Model, file: &str) -> Result<Model, JobError> {
    let Some(own_ca) = &model.own_ca else { return Ok(model) };
    let folder = Path::new(file).parent().unwrap_or_else(|| Path::new(""));
    let read = |name: &str| read_text(&folder.join(name), &mut std::io::empty());
    let (certificates, key) = (read(&own_ca.certificate)?, read(&own_ca.key)?);
    let authority = OwnAuthority::from_pem(&certificates, &key).map_err(|error| JobError::OwnCa {
        file: file.to_owned(),
        certificate: own_ca.certificate.clone(),
        error,
    })?;
    model.own_authority = Some(Arc::new(authority));
    Ok(model)
}
