//! A changed policy alone is enough: users, groups and passkeys it takes from the tenant it is compared with.

use lab_entra::tenant::Resource;
use lab_entra::{Tenant, TenantError, TenantFile};
use serde_json::Value;

/// Two tenants to compare.
#[derive(Debug, Clone)]
pub struct Pair {
    /// As it is.
    pub before: Tenant,
    /// As it is to be.
    pub after: Tenant,
}

impl Pair {
    /// Brings two tenants together. One that has neither users nor groups nor passkeys is a policy alone,
    /// and gets those of the other.
    ///
    /// # Errors
    /// A policy and a directory that make no tenant together.
    pub fn new(before: Tenant, after: Tenant) -> Result<Self, TenantError> {
        let (filled_before, filled_after) = (with_directory_of(&before, &after)?, with_directory_of(&after, &before)?);
        Ok(Self { before: filled_before.unwrap_or(before), after: filled_after.unwrap_or(after) })
    }
}

fn with_directory_of(tenant: &Tenant, other: &Tenant) -> Result<Option<Tenant>, TenantError> {
    const DIRECTORY: [Resource; 3] = [Resource::Users, Resource::Groups, Resource::Passkeys];
    let has = |tenant: &Tenant| DIRECTORY.into_iter().any(|resource| tenant.place(resource).is_some());
    if has(tenant) || !has(other) {
        return Ok(None);
    }
    let (Value::Object(mut whole), Value::Object(mut theirs)) = (tenant.to_json(), other.to_json()) else {
        return Ok(None);
    };
    for resource in DIRECTORY {
        whole.extend(theirs.remove(resource.key()).map(|value| (resource.key().to_owned(), value)));
    }
    let text = Value::Object(whole).to_string();
    Tenant::from_files(&[TenantFile { name: "(policy and directory together)", text: &text }]).map(Some)
}
