//! How each kind of thing becomes a page.

use lab_authenticator::Model;
use lab_client::platform::Version;
use lab_client::{DeviceFlow, Flow, Platform};
use lab_entra::limits::{self, Page as FindingPage};
use lab_entra::rules::{RULES, Rule};
use lab_entra::switches::{Switch, switches};
use lab_protocol::trace::Check;

use super::Page;
use crate::metadata::Scenario;
use crate::models::Catalogue;

/// Every page, by kind and in the order of its list.
pub(super) fn all(catalogue: &Catalogue) -> Vec<Page> {
    let mut pages = fixed();
    pages.extend(catalogue.named().iter().map(|model| of_model(model)));
    pages
}

/// The pages of everything but models, for which no file is read.
pub(super) fn fixed() -> Vec<Page> {
    let mut pages = deciding();
    pages.extend(lab_metadata::open::CHECKS.iter().chain(lab_metadata::judge::CHECKS).map(|check| of_check(check)));
    pages.extend(Scenario::ALL.into_iter().map(of_scenario));
    pages.extend(limits::pages().chain([&crate::tenant::siblings::PAGE]).map(of_finding));
    pages.extend(switches().iter().map(|switch| of_switch(switch)));
    pages.extend(lab_lies::all().iter().map(|page| of_lie(page)));
    pages.extend(lab_conformance::GROUPS.iter().flat_map(|group| group.cases().map(move |case| of_case(group, case))));
    pages.extend(Platform::built_in().iter().map(|platform| of_platform(platform)));
    pages.extend(DeviceFlow::built_in().iter().map(|device| of_device(device)));
    pages
}

/// The pages of what can decide a verdict: checks and rules.
pub(super) fn deciding() -> Vec<Page> {
    let checks = lab_relying_party::checks().into_iter().chain(crate::ceremony::emulation::CHECKS.iter().copied());
    let mut pages: Vec<Page> = checks.map(of_check).collect();
    pages.extend(RULES.iter().map(|rule| of_rule(rule)));
    pages
}

fn of_check(check: &Check) -> Page {
    let step = check.step.map(|step| format!(", step {step}")).unwrap_or_default();
    let mut fields = vec![("source", format!("{} §{}{step}", check.document, check.section))];
    fields.extend(check.cannot_fail.map(|reason| ("cannot fail", reason.to_owned())));
    if let Some(policy) = &check.policy {
        fields.push(("left open", policy.question.to_owned()));
        fields.push(("answer", policy.answer.to_owned()));
    }
    page(check.id, "check", check.text, fields, check.hint)
}

fn of_rule(rule: &Rule) -> Page {
    let mut fields = vec![
        ("what", rule.what.to_owned()),
        ("why", rule.why.to_owned()),
        ("example", rule.example.to_owned()),
        ("in Graph", rule.graph_property.to_owned()),
        ("evidence", rule.evidence.to_string()),
    ];
    fields.extend(source(rule.source));
    fields.extend(rule.switches.iter().map(|switch| ("switch", format!("switch/{}", switch.name))));
    page(rule.check.id, "rule", rule.check.text, fields, rule.check.hint)
}

fn of_finding(finding: &FindingPage) -> Page {
    let mut fields = vec![
        ("severity", finding.severity.to_string()),
        ("why", finding.why.to_owned()),
        ("evidence", finding.evidence.to_string()),
    ];
    fields.extend(source(finding.source));
    page(finding.id, "finding", finding.what, fields, Some(finding.hint))
}

fn of_switch(switch: &Switch) -> Page {
    let mut fields = vec![
        ("default", switch.default.to_owned()),
        ("other reading", switch.other.to_owned()),
        ("left open by", switch.section.to_owned()),
    ];
    fields.extend(source(switch.source));
    let hint = format!("In lab.json: {{\"switches\": {{\"{}\": \"{}\"}}}}", switch.name, switch.other);
    page(&format!("switch/{}", switch.name), "switch", switch.question, fields, Some(&hint))
}

fn source(source: &lab_entra::Source) -> [(&'static str, String); 2] {
    let dated = source.document_date.map(|date| format!(", of {date}")).unwrap_or_default();
    [("source", format!("{}{dated}, read {}", source.title, source.date_read)), ("url", source.url.to_owned())]
}

fn of_lie(lie: &lab_lies::Page) -> Page {
    let seams: Vec<&str> = lie.seams.iter().map(|seam| seam.name()).collect();
    let mut fields =
        vec![("usage", format!("--lie {}", lie.usage())), ("who", lie.who.to_owned()), ("seam", seams.join(", "))];
    fields.extend(lie.caught_by.iter().map(|caught| ("caught by", format!("{} where {}", caught.check, caught.when))));
    fields.push(("otherwise", lie.otherwise.to_owned()));
    fields.push(("source", lie.source.to_owned()));
    page(lie.name, "lie", lie.does, fields, None)
}

fn of_scenario(scenario: Scenario) -> Page {
    let name = scenario.name();
    let usage = format!("--metadata lab:{name}, or lab:{name}=MODEL,MODEL; several with +");
    let hint = format!("`passkey-lab metadata lab --scenario {name} --output FILE` writes the BLOB.");
    page(&format!("scenario/{name}"), "scenario", scenario.text(), vec![("usage", usage)], Some(&hint))
}

fn of_case(group: &lab_conformance::Group, case: &lab_conformance::Case) -> Page {
    let needs: Vec<_> = case.needs.iter().map(|need| format!("{need:?}")).collect();
    let needs = if needs.is_empty() { "nothing but the authenticator".to_owned() } else { needs.join(", ") };
    let fields = vec![
        ("sends", case.sends.to_owned()),
        ("must", case.must.to_owned()),
        ("needs", needs),
        ("why", group.why.to_owned()),
    ];
    page(case.id, "case", &format!("{}: {}", group.name, case.sends), fields, None)
}

fn of_platform(platform: &Platform) -> Page {
    let mut fields = vec![("name", platform.name.clone())];
    let version = |known: &Version| ("from", format!("{} {} ({})", known.of, known.minimum, known.source));
    fields.extend(platform.versions.iter().map(version));
    fields.extend(
        platform
            .conveyance
            .iter()
            .map(|rule| ("attestation", format!("{} ({}, {})", rule.text, rule.source, rule.confidence.name()))),
    );
    fields.extend(platform.cannot.iter().map(|limit| ("cannot", format!("{} ({})", limit.text, limit.source))));
    page(&format!("platform/{}", platform.id), "platform", &platform.describes, fields, None)
}

fn of_device(device: &DeviceFlow) -> Page {
    let flows: Vec<_> = device.flows.iter().map(|flow| Flow::from(*flow).name()).collect();
    let mut fields =
        vec![("flows", flows.join(", ")), ("with", device.models.join(", ")), ("platform", device.platform.clone())];
    fields.extend(device.requires.iter().map(|rule| ("requires", format!("{} ({})", rule.text, rule.source))));
    fields.extend(device.goes_wrong.iter().map(|trouble| ("goes_wrong", format!("{} {}", trouble.text, trouble.hint))));
    let example = device.models.first().map_or("", String::as_str);
    let hint = format!(
        "Rehearse it: `passkey-lab ceremony --tenant T --model {example} --flow {}`.",
        flows.first().unwrap_or(&"")
    );
    page(&format!("flow/{}", device.id), "flow", &device.name, fields, Some(&hint))
}

pub(super) fn of_model(model: &Model) -> Page {
    let mut fields = vec![
        ("AAGUID", model.aaguid().to_string()),
        ("passkeys", model.passkeys.passkey_type.value.to_string()),
        ("attestation", model.attestation.format.value.clone()),
    ];
    fields.extend(model.quirks.iter().map(|quirk| ("quirk", quirk.value.to_string())));
    let hint = format!("`passkey-lab models show {}` has every fact with its source.", model.id);
    page(&model.id, "model", &model.name, fields, Some(&hint))
}

fn page(id: &str, kind: &'static str, summary: &str, fields: Vec<(&'static str, String)>, hint: Option<&str>) -> Page {
    Page { id: id.to_owned(), kind, summary: summary.to_owned(), fields, hint: hint.map(str::to_owned) }
}
