//! Any text as a tenant: read or refused, and what was read writes itself.
#![no_main]

use lab_entra::{Tenant, TenantFile};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for name in ["tenant.json", "fido2.json", "users.json", "lab.json"] {
        if let Ok(tenant) = Tenant::from_files(&[TenantFile { name, text }]) {
            let _ = tenant.to_json();
            let _ = lab_entra::limits::check(&tenant);
        }
    }
});
