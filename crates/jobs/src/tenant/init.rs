//! `tenant init`: an example to start from, and the requests that export a tenant.
//!
//! The lab contacts nobody: an administrator runs the scripts, with an account and an application of
//! their own choice, and hands in what Graph returned (`tenant import`).

use lab_entra::switches::{Switch, switches};
use lab_entra::tenant::LabSettings;
use serde_json::{Map, Value, json};

use super::folder::NewFile;
use crate::report::{Document, Report};

/// The files of `tenant init`.
#[must_use]
pub fn files() -> Vec<NewFile> {
    vec![
        NewFile::new("README.md", include_str!("init/README.md")),
        NewFile::new("export.ps1", include_str!("init/export.ps1")),
        NewFile { executable: true, ..NewFile::new("export.sh", include_str!("init/export.sh")) },
        NewFile::new("fido2.json", include_str!("init/fido2.json")),
        NewFile::new("lab.json", pretty(&lab())),
    ]
}

/// What was written, and what comes next.
#[must_use]
pub fn report(folder: &std::path::Path, files: &[NewFile]) -> Report {
    const ABOUT: &[(&str, &str)] = &[
        ("README.md", "every read-only Graph request with its least permission, and what comes next"),
        ("export.ps1", "the requests for PowerShell"),
        ("export.sh", "the requests for az, or curl with a token"),
        ("fido2.json", "a passkey policy to start from"),
        ("lab.json", "what Graph does not say, every switch at its default, each explained"),
    ];
    let about = |name: &str| ABOUT.iter().find(|(known, _)| *known == name).map_or("", |(_, about)| about);
    let rows = files.iter().map(|file| vec![file.name.as_str().into(), about(&file.name).into()]);
    let mut document = Document::new();
    document.heading(format!("Written to {}", folder.display()));
    document.table(&["file", "what"], rows.collect());
    let folder = folder.display().to_string();
    document.hint(Some(format!(
        "Check the example with `passkey-lab tenant check {folder}`, or run one of the scripts and \
         `passkey-lab tenant import export --output contoso`."
    )));
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    Report { command: "tenant-init", result: json!({"folder": folder, "files": names}), notes: Vec::new(), document }
}

/// `lab.json` with every key and every switch at its default; `comment` says what each means.
fn lab() -> Value {
    let explained = switches().iter().map(|switch| (switch.name.to_owned(), Value::from(explain(switch))));
    let defaults = switches().iter().map(|switch| (switch.name.to_owned(), Value::from(switch.default)));
    let settings = LabSettings::default();
    json!({
        "comment": {
            "about": "What Graph does not say. Every key may be left out: the values here are the defaults. “comment” is never read.",
            "rpId": "The relying party id of the cloud: login.microsoft.com is the global service's.",
            "origins": "Where ceremonies take place; https:// and the rpId unless given.",
            "relatedOrigins": "Further origins of the same relying party.",
            "tenantId": "Add it to get your own user handles: the tenant's GUID, from the portal's overview page.",
            "inAppAttestation": "What Apple's and Google's services say when a passkey is made inside Microsoft Authenticator: passed, failed or unavailable.",
            "clock": "Add it to fix the time of ceremonies, such as 2026-11-20T09:00:00Z; --at wins over it.",
            "switches": explained.collect::<Map<_, _>>(),
        },
        "rpId": settings.rp_id,
        "origins": settings.origins,
        "relatedOrigins": settings.related_origins,
        "inAppAttestation": "passed",
        "switches": defaults.collect::<Map<_, _>>(),
    })
}

fn explain(switch: &Switch) -> String {
    format!(
        "{} “{}” (the lab's own reading) or “{}”. Left open by: {}, {}.",
        switch.question, switch.default, switch.other, switch.source.title, switch.section
    )
}

pub(super) fn pretty(value: &Value) -> String {
    // A value that came from JSON has only text keys, so that nothing can fail.
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use lab_entra::limits::{self, Severity};
    use lab_entra::{Tenant, TenantFile};

    use super::*;

    #[test]
    fn the_example_is_a_tenant_that_departs_from_nothing() {
        let files = files();
        let json: Vec<_> = files.iter().filter(|file| file.name.ends_with(".json")).collect();
        let json: Vec<_> = json.iter().map(|file| TenantFile { name: &file.name, text: &file.text }).collect();
        let tenant = Tenant::from_files(&json).unwrap();
        assert_eq!(tenant.switches().departures().count(), 0);
        let findings = limits::check(&tenant);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Info), "{findings:?}");
        assert_eq!(tenant.lab().rp_id, "login.microsoft.com");
    }

    #[test]
    fn every_switch_is_explained_with_both_readings() {
        let lab = lab();
        for switch in switches() {
            let text = lab["comment"]["switches"][switch.name].as_str().unwrap();
            assert!(text.contains(switch.default) && text.contains(switch.other), "{text}");
            assert_eq!(lab["switches"][switch.name], switch.default);
        }
    }

    #[test]
    fn scripts_only_read_and_name_the_same_requests_and_permissions() {
        const REQUESTS: &[&str] = &[
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2",
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass",
            "/policies/authenticationStrengthPolicies",
            "/identity/conditionalAccess/policies",
            "/users?",
            "/members?",
            "/authentication/fido2Methods",
        ];
        const SCOPES: &[&str] =
            &["Policy.Read.All", "GroupMember.Read.All", "User.Read.All", "UserAuthenticationMethod.Read.All"];
        for file in files().iter().filter(|file| !file.name.ends_with(".json")) {
            for needed in REQUESTS.iter().chain(SCOPES) {
                assert!(file.text.contains(needed), "{}: {needed}", file.name);
            }
            for forbidden in ["ReadWrite", "PATCH", "DELETE ", "-Method POST", "--method post"] {
                assert!(!file.text.contains(forbidden), "{}: {forbidden}", file.name);
            }
        }
    }
}
