//! What is missing from a list: AAGUIDs of products that the list has in part.
//!
//! One product has several AAGUIDs: one for each generation of its firmware, for each edition, for each
//! system that an app runs on. Whoever copies one of them out of a table shuts out the others.

use std::collections::{BTreeMap, BTreeSet};

use lab_authenticator::models::lists;
use lab_entra::graph::JsonPath;
use lab_entra::limits::{Page, Severity, TenantFinding};
use lab_entra::policy::{Profile, Restriction};
use lab_entra::tenant::{Place, Resource};
use lab_entra::{Aaguid, Evidence, Tenant, source};

use crate::models::Catalogue;

/// The page of the finding.
pub static PAGE: Page = Page {
    id: "tenant/aaguid-siblings",
    severity: Severity::Info,
    what: "A list names some AAGUIDs of a product and leaves out others of the same name.",
    why: "Each generation of firmware, each edition and each system of an app has an AAGUID of its own. An allow list \
          with one of them shuts out people who hold the same product; a block list lets them in.",
    hint: "Add the others, or leave them out on purpose.",
    evidence: Evidence::Documented,
    source: &source::VENDORS,
};

/// How many of the missing ones a sentence names.
const SHOWN: usize = 4;
/// Products whose other half is on the telephone or PC of somebody else in the same group.
const IN_EVERY_HAND: &[&str] = &["microsoft authenticator", "windows hello"];

/// The lists of a tenant that have a product in part.
#[must_use]
pub fn check(tenant: &Tenant, catalogue: &Catalogue) -> Vec<TenantFinding> {
    let products = Products::new(catalogue);
    let policy = tenant.policy();
    let each = policy.profiles.iter().enumerate();
    each.flat_map(|(index, profile)| {
        let path =
            if profile.implied { JsonPath::default() } else { JsonPath::default().then("passkeyProfiles").then(index) };
        let place = place(tenant, &path.then("keyRestrictions").then("aaGuids"));
        products.of_list(profile).into_iter().map(move |part| finding(profile, &place, &part))
    })
    .collect()
}

fn place(tenant: &Tenant, path: &JsonPath) -> Place {
    match tenant.place(Resource::Fido2) {
        Some(place) => Place { file: place.file.clone(), path: place.path.join(path) },
        None => Place { file: format!("{}.json", Resource::Fido2.key()), path: path.clone() },
    }
}

fn finding(profile: &Profile, place: &Place, part: &Part<'_>) -> TenantFinding {
    let (verb, effect) = match profile.keys.restriction {
        Restriction::Block => ("blocks", "the others get in"),
        _ => ("allows", "the others are refused"),
    };
    let shown: Vec<String> =
        part.missing.iter().take(SHOWN).map(|(aaguid, name)| format!("{aaguid} ({name})")).collect();
    let more = part.missing.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let all = part.listed + part.missing.len();
    let message = format!(
        "“{}” {verb} {} of the {all} AAGUIDs of “{}”, and {effect}: {}{more}.",
        profile.name,
        part.listed,
        part.called,
        shown.join(", ")
    );
    let severity = if part.in_every_hand { Severity::Warning } else { Severity::Info };
    let ids: Vec<String> = part.missing.iter().map(|(aaguid, _)| aaguid.to_string()).collect();
    let hint = format!("Add {} to aaGuids, or leave the list as it is on purpose.", ids.join(", "));
    TenantFinding { page: &PAGE, severity, place: place.clone(), message, hint: Some(hint) }
}

/// The part of a product that a list does not have.
struct Part<'p> {
    /// The shortest of its names.
    called: &'p str,
    in_every_hand: bool,
    listed: usize,
    missing: Vec<(Aaguid, &'p str)>,
}

/// AAGUIDs by the name of their product.
struct Products {
    names: BTreeMap<Aaguid, String>,
    of: BTreeMap<String, BTreeSet<Aaguid>>,
}

impl Products {
    /// Names come from the lists, which call all generations of a product the same; models of which no list
    /// tells are called what they are called.
    fn new(catalogue: &Catalogue) -> Self {
        let listed = lists().iter().flat_map(|list| &list.rows).map(|row| (row.aaguid, row.name.clone()));
        let models = catalogue.models().iter().map(|model| (model.aaguid(), model.name.clone()));
        let mut names = BTreeMap::new();
        for (aaguid, name) in listed.chain(models).filter(|(aaguid, _)| !aaguid.is_zero()) {
            names.entry(aaguid).or_insert(name);
        }
        let mut of: BTreeMap<String, BTreeSet<Aaguid>> = BTreeMap::new();
        for (aaguid, name) in &names {
            of.entry(product(name)).or_default().insert(*aaguid);
        }
        Self { names, of }
    }

    fn of_list(&self, profile: &Profile) -> Vec<Part<'_>> {
        if !matches!(profile.keys.restriction, Restriction::Allow | Restriction::Block) {
            return Vec::new();
        }
        let part = |(product, all): (&'_ String, &'_ BTreeSet<Aaguid>)| -> Option<Part<'_>> {
            let named = |aaguid: &Aaguid| Some((*aaguid, self.names.get(aaguid)?.as_str()));
            let missing: Vec<_> = all.iter().filter(|aaguid| !profile.keys.lists(**aaguid)).filter_map(named).collect();
            let listed = all.len() - missing.len();
            let called = all.iter().filter_map(named).map(|(_, name)| name).min_by_key(|name| name.len())?;
            let part = Part { in_every_hand: IN_EVERY_HAND.contains(&product.as_str()), called, listed, missing };
            (listed > 0 && !part.missing.is_empty()).then_some(part)
        };
        self.of.iter().filter_map(part).collect()
    }
}

/// The product that a name names: lower case, without edition, firmware, system and the vendor's codes.
fn product(name: &str) -> String {
    let end = name.find(['(', ',', '[']).unwrap_or(name.len());
    let whole = name;
    let name = name.get(..end).unwrap_or(name);
    let name = name.split(" - ").next().unwrap_or(name).split(" for ").next().unwrap_or(name);
    let code = |word: &&str| {
        word.len() > 4
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
            && word.bytes().any(|byte| byte.is_ascii_digit())
    };
    let words: Vec<String> = name.split_whitespace().filter(|word| !code(word)).map(str::to_lowercase).collect();
    let kept =
        words.iter().take_while(|word| !["ctap2.0", "ctap2.1", "hardware", "vbs", "software"].contains(&word.as_str()));
    let kept: Vec<&str> = kept.map(String::as_str).collect();
    if kept.is_empty() { whole.trim().to_lowercase() } else { kept.join(" ") }
}

#[cfg(test)]
mod tests {
    use lab_entra::TenantFile;
    use serde_json::json;

    use super::*;
    use crate::input::tenants;

    fn found(aaguids: &[&str], kind: &str) -> Vec<TenantFinding> {
        let policy = json!({"fido2": {"passkeyProfiles": [{"id": "p", "name": "P", "keyRestrictions": {
            "isEnforced": true, "enforcementType": kind, "aaGuids": aaguids}}]}});
        let text = policy.to_string();
        let tenant = Tenant::from_files(&[TenantFile { name: "-", text: &text }]).unwrap();
        check(&tenant, &Catalogue::read(None).unwrap())
    }

    #[test]
    fn one_generation_of_a_key_misses_the_others() {
        let findings = found(&["a25342c0-3cdc-4414-8e46-f4807fca511c"], "allow");
        assert_eq!(findings.len(), 1);
        let finding = &findings[0];
        assert_eq!((finding.id(), finding.severity), ("tenant/aaguid-siblings", Severity::Info));
        assert!(
            finding.message.contains("“YubiKey 5 Series with NFC”, and the others are refused"),
            "{}",
            finding.message
        );
        for sibling in ["2fc0579f-8113-47ea-b116-bb5a8db9202a", "fa2b99dc-9e39-4257-8f92-4a30d23c4118"] {
            assert!(finding.advice().contains(sibling), "{}", finding.advice());
        }
        assert_eq!(finding.place.path.to_string(), "$.fido2.passkeyProfiles[0].keyRestrictions.aaGuids");
    }

    #[test]
    fn one_authenticator_misses_the_other_and_both_miss_nothing() {
        let findings = found(&["de1e552d-db1d-4423-a619-566b625cdc84"], "allow");
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].message.contains("90a3ccdf-635c-4729-a248-9b709135078f"), "{}", findings[0].message);
        let both = ["de1e552d-db1d-4423-a619-566b625cdc84", "90A3CCDF-635C-4729-A248-9B709135078F"];
        assert!(found(&both, "allow").is_empty());
        let hello = found(&["08987058-cadc-4b81-b6e1-30de50dcbe96"], "block");
        assert!(hello[0].message.contains("blocks 1 of the 3") && hello[0].message.contains("the others get in"));
    }

    #[test]
    fn a_list_that_is_not_enforced_or_empty_has_no_siblings() {
        assert!(found(&[], "allow").is_empty());
        assert!(found(&["a25342c0-3cdc-4414-8e46-f4807fca511c"], "permit").is_empty());
    }

    #[test]
    fn a_name_without_edition_and_code_is_a_product() {
        for (name, expected) in [
            ("YubiKey 5 Series with NFC (Enterprise Profile)", "yubikey 5 series with nfc"),
            ("YubiKey 5 Series with NFC KVZR57", "yubikey 5 series with nfc"),
            ("Microsoft Authenticator for iOS", "microsoft authenticator"),
            ("Windows Hello VBS Hardware Authenticator", "windows hello"),
            ("ATKey.Pro CTAP2.1", "atkey.pro"),
            ("(no name)", "(no name)"),
        ] {
            assert_eq!(product(name), expected);
        }
    }

    #[test]
    fn the_large_tenant_lists_whole_vendors_and_misses_little() {
        let tenant = Tenant::from_files(&tenants::example_files("large").unwrap()).unwrap();
        let findings = check(&tenant, &Catalogue::read(None).unwrap());
        assert!(findings.iter().all(|finding| !finding.message.contains("“Keys by Yubico” allows")), "{findings:?}");
        assert!(findings.iter().all(|finding| !finding.message.contains("Microsoft Authenticator")), "{findings:?}");
    }
}
