//! Tenants that no folder keeps, and what a check finds in those that are kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab_entra::limits::{self, Severity};
use lab_entra::scope::scopes;
use lab_entra::{Tenant, TenantFile};
use lab_jobs::input::tenants::{self, exports};
use lab_jobs::tenant::{folder, import, init};
use lab_tests::crowd;

fn read(files: &[(String, String)]) -> Tenant {
    let files: Vec<_> = files.iter().map(|(name, text)| TenantFile { name, text }).collect();
    Tenant::from_files(&files).unwrap()
}

fn example(name: &str) -> Tenant {
    Tenant::from_files(&tenants::example_files(name).unwrap()).unwrap()
}

#[test]
fn five_thousand_users_are_in_twelve_scopes() {
    let files = crowd::files(5_000, 7);
    assert_eq!(files, crowd::files(5_000, 7), "the same seed, the same tenant");
    assert_ne!(files, crowd::files(5_000, 8));
    let tenant = read(&files);
    let scopes = scopes(&tenant);
    assert_eq!((tenant.users().len(), scopes.len()), (5_000, 12));
    assert_eq!(scopes.iter().map(|scope| scope.members.len()).sum::<usize>(), 5_000);
    assert!(tenant.passkeys().unwrap().by_user.len() > 3_000);
    let errors: Vec<_> = limits::check(&tenant).into_iter().filter(|it| it.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// Findings that are no contradiction: a setting that is off, or something that the export has not got.
const NO_CONTRADICTION: &[&str] = &[
    "tenant/method-off",
    "tenant/self-service-off",
    "tenant/missing-property",
    "tenant/assumption-changed",
    "tenant/policy-size",
    "tenant/no-include-target",
    "tenant/attestation-authenticator-only",
    "tenant/not-evaluated",
    "tenant/not-read",
    // These need a policy without a default profile, or with one that is not there: then nothing can
    // contradict the default profile, which this tenant has instead.
    "tenant/default-profile-missing",
    "tenant/default-profile-unknown",
    // Asked with the lists of AAGUIDs at hand.
    "tenant/aaguid-unlisted",
];

#[test]
fn the_contradictory_tenant_has_every_contradiction_that_the_check_knows() {
    let found: BTreeSet<_> = limits::check(&example("contradictory")).iter().map(|it| it.id()).collect();
    let missing: Vec<_> = limits::pages()
        .map(|page| page.id)
        .filter(|id| !found.contains(id) && !NO_CONTRADICTION.contains(id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let there: Vec<_> = NO_CONTRADICTION.iter().filter(|id| found.contains(*id)).collect();
    assert!(there.is_empty(), "{there:?} is in the tenant and need not be left out");
}

#[test]
fn the_large_tenant_is_under_both_limits_and_its_twin_over_both() {
    let grave = |name: &str, id: &str| {
        limits::check(&example(name)).into_iter().find(|it| it.id() == id).map(|it| (it.severity, it.message))
    };
    let (severity, message) = grave("large", "tenant/policy-size").unwrap();
    assert_eq!((severity, message.contains("19.97 KB")), (Severity::Warning, true), "{message}");
    assert_eq!(grave("large", "tenant/too-many-profiles").unwrap().0, Severity::Warning);
    assert_eq!(grave("large-over-limit", "tenant/policy-size").unwrap().0, Severity::Error);
    assert_eq!(grave("large-over-limit", "tenant/too-many-profiles").unwrap().0, Severity::Error);
    let fido2 = example("large").fido2().clone();
    let lists = fido2.profiles().iter().filter_map(|profile| profile.key_restrictions.as_ref());
    let aaguids: BTreeSet<_> = lists.flat_map(|list| list.aaguids()).collect();
    assert_eq!((fido2.profiles().len(), example("large").groups().len(), aaguids.len()), (10, 20, 280));
}

/// A folder of this test's own, gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("passkey-lab-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What stands in for curl: it answers from a folder, a file for each URL, and refuses all but GET.
const CURL: &str = r#"#!/usr/bin/env bash
set -euo pipefail
for argument; do case $argument in -X|--request|--data*|-d) exit 64 ;; esac; done
grep -q 'Authorization: Bearer secret' "${@:$#-1:1}" || { echo "no token" >&2; exit 22; }
url=${!#}
path=${url#https://graph.microsoft.com/v1.0/}
file=$ANSWERS/$(tr '/?&=$,' '_______' <<< "${path%%\?*}").json
case $url in *skiptoken*) file=${file%.json}.next.json ;; esac
cat "$file"
"#;

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// The answers that Graph would give about a tenant, each under its path, users on two pages.
fn answers(tenant: &Tenant, folder: &Path) {
    let whole = tenant.to_json();
    let put = |path: &str, value: &serde_json::Value| {
        fs::write(folder.join(format!("{}.json", path.replace('/', "_"))), value.to_string()).unwrap();
    };
    let configurations = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
    put(&format!("{configurations}/fido2"), &whole["fido2"]);
    put(&format!("{configurations}/temporaryAccessPass"), &serde_json::json!({"id": "TemporaryAccessPass"}));
    for empty in ["policies/authenticationStrengthPolicies", "identity/conditionalAccess/policies"] {
        put(empty, &serde_json::json!({"value": []}));
    }
    let mut users = whole["users"]["value"].as_array().unwrap().clone();
    // The script does not ask for it.
    users.iter_mut().for_each(|user| _ = user.as_object_mut().unwrap().remove("memberOf"));
    let (first, second) = users.split_at(users.len() / 2);
    let next = "https://graph.microsoft.com/v1.0/users?$skiptoken=2";
    put("users", &serde_json::json!({"@odata.nextLink": next, "value": first}));
    put("users.next", &serde_json::json!({"value": second}));
    for user in &users {
        let id = user["id"].as_str().unwrap();
        let none = serde_json::json!({"value": []});
        let methods = whole["passkeys"].get(id).unwrap_or(&none);
        put(&format!("users/{id}/authentication/fido2Methods"), methods);
    }
    for group in whole["groups"]["value"].as_array().unwrap() {
        let id = group["id"].as_str().unwrap();
        put(&format!("groups/{id}"), &serde_json::json!({"id": id, "displayName": group["displayName"]}));
        put(&format!("groups/{id}/members"), &serde_json::json!({"value": group["members"]}));
    }
}

#[test]
fn what_the_script_exports_is_imported_as_the_same_tenant() {
    if !has("bash") || !has("jq") {
        eprintln!("SKIPPED: export.sh needs bash and jq");
        return;
    }
    let scratch = Scratch::new("export");
    let before = example("admins-attested");
    let (bin, graph) = (scratch.0.join("bin"), scratch.0.join("answers"));
    fs::create_dir(&graph).unwrap();
    answers(&before, &graph);
    let curl = folder::NewFile { executable: true, ..folder::NewFile::new("curl", CURL) };
    folder::create(&bin, &[curl]).unwrap();
    folder::add(&scratch.0, &init::files()).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["export.sh", "export"])
        .current_dir(&scratch.0)
        .envs([("PATH", path.as_str()), ("GRAPH_TOKEN", "secret"), ("ANSWERS", graph.to_str().unwrap())])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pieces = exports::read(&[scratch.0.join("export")], &mut std::io::empty()).unwrap();
    let imported = import::import(&pieces).unwrap();
    assert_eq!(imported.report.result["ignored"], serde_json::json!([]));
    assert_eq!(imported.report.result["missing"], serde_json::json!([]));
    let files: Vec<_> = imported.files.into_iter().map(|file| (file.name, file.text)).collect();
    let after = read(&files);
    let facts = |tenant: &Tenant| scopes(tenant).into_iter().map(|it| (it.members, it.facts)).collect::<Vec<_>>();
    assert_eq!(facts(&after), facts(&before));
    assert_eq!(after.fido2(), before.fido2());
}
