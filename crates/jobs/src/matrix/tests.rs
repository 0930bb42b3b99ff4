use proptest::prelude::*;

use super::{About, Access, Expectations, Flows, Outcome, Request, Users, models, run};
use crate::ceremony::{self, Who};
use crate::input::tenants;
use crate::models::Catalogue;
use crate::report::{Envelope, Format, Style};
use crate::world::World;
use lab_entra::Tenant;

const TENANT: &str = "admins-attested";

fn tenant(name: &str) -> Tenant {
    Tenant::from_files(&tenants::example_files(name).unwrap()).unwrap()
}

fn world() -> World {
    World::seeded(7, "2026-11-20T12:00:00Z".parse().unwrap())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Three models against three users' scopes.
fn small<'t>(tenant: &'t Tenant, catalogue: &Catalogue, traces: bool) -> Outcome<'t> {
    let request = Request {
        models: models(&names(&["yubikey-5-nfc", "icloud-keychain", "authenticator-ios"]), catalogue).unwrap(),
        users: Users::Named(names(&[
            "lena.vogt@nordhafen.example",
            "pia.lund@nordhafen.example",
            "admin.berg@nordhafen.example",
        ])),
        traces,
        ..Request::new(tenant, catalogue)
    };
    run(&request, catalogue, &world(), &|_, _| ()).unwrap()
}

#[test]
fn a_small_matrix_in_every_form() {
    let (tenant, catalogue) = (tenant(TENANT), Catalogue::read(None).unwrap());
    let outcome = small(&tenant, &catalogue, false);
    let report = outcome.report(true, false);
    let form = |format| report.render(format, &Envelope { seed: Some(7), at: None }, Style::default());
    insta::assert_snapshot!("table", form(Format::Table));
    insta::assert_snapshot!("markdown", form(Format::Markdown));
    insta::assert_snapshot!("json", form(Format::Json).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    insta::assert_snapshot!("csv", outcome.csv());
    insta::assert_snapshot!("lines", outcome.lines());
    insta::assert_snapshot!("junit", outcome.junit(None));
}

#[test]
fn the_page_has_every_cell_and_its_tables_are_closed() {
    let (tenant, catalogue) = (tenant(TENANT), Catalogue::read(None).unwrap());
    let page = small(&tenant, &catalogue, true).html(About::default());
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let data: serde_json::Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    let tables = &data["tables"];
    let steps = tables["steps"].as_array().unwrap();
    let places = |name: &str| tables[name].as_array().unwrap().len() as u64;
    for row in data["rows"].as_array().unwrap() {
        assert_eq!(row["cells"].as_array().unwrap().len(), 3);
        for step in row["cells"].as_array().unwrap().iter().flat_map(|cell| cell.as_array().unwrap()) {
            let step = &steps[step.as_u64().unwrap() as usize];
            assert!(step[2].as_u64().unwrap() < places("texts"));
            let trace = &tables["traces"][step[5].as_u64().unwrap() as usize];
            assert!(trace.as_array().unwrap().iter().all(|entry| entry.as_u64().unwrap() < places("entries")));
        }
    }
    assert!(!page.contains("de1e552d-db1d-4423-a619-566b625cdc84 (Microsoft"), "sentences have places for the AAGUID");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let (tenant, catalogue) = (tenant(TENANT), Catalogue::read(None).unwrap());
    let of = |threads: usize| {
        let request = Request {
            models: catalogue.models().iter().take(12).cloned().map(crate::models::Choice::Emulated).collect(),
            threads: std::num::NonZeroUsize::new(threads),
            traces: true,
            flows: Flows::All,
            ..Request::new(&tenant, &catalogue)
        };
        let outcome = run(&request, &catalogue, &world(), &|_, _| ()).unwrap();
        (outcome.result().to_string(), outcome.html(About::default()))
    };
    let one = of(1);
    assert!(one == of(2) && one == of(7));
}

#[test]
fn an_app_is_played_in_its_app_and_every_flow_is_a_row_where_it_is_asked_for() {
    let (tenant, catalogue) = (tenant(TENANT), Catalogue::read(None).unwrap());
    let rows = |flows| {
        let models = models(&names(&["authenticator-ios", "yubikey-5-nfc"]), &catalogue).unwrap();
        let request = Request { models, flows, ..Request::new(&tenant, &catalogue) };
        let outcome = run(&request, &catalogue, &world(), &|_, _| ()).unwrap();
        let rows = outcome.rows.iter().map(|row| (row.id.clone(), row.flow.name(), Access::of(&row.cells[3])));
        rows.collect::<Vec<_>>()
    };
    // The fourth scope is the administrators': Microsoft Authenticator, attested, which only the app is.
    let app = ("authenticator-ios".to_owned(), "in-app", Access::Full);
    let key = ("yubikey-5-nfc".to_owned(), "same-device", Access::Refused);
    assert_eq!(rows(Flows::Usual), [app.clone(), key.clone()]);
    let here = ("authenticator-ios/same-device".to_owned(), "same-device", Access::EarlierOnly);
    let across = ("authenticator-ios/cross-device".to_owned(), "cross-device", Access::EarlierOnly);
    assert_eq!(rows(Flows::All), [app, here, across, key]);
}

#[test]
fn expectations_hold_fail_or_cannot_be_tried() {
    let (tenant, catalogue) = (tenant(TENANT), Catalogue::read(None).unwrap());
    let outcome = small(&tenant, &catalogue, false);
    let text = r#"[
        {"model": "yubikey-5-nfc", "user": "lena.vogt@nordhafen.example", "registration": "allowed", "sign_in": "allowed"},
        {"model": "icloud-keychain", "scope": "Pilot: hardware keys", "registration": "refused:entra/key-restrictions"},
        {"model": "icloud-keychain", "scope": "scope-1", "registration": "refused"},
        {"model": "nothing", "scope": "scope-1", "registration": "refused"}]"#;
    let expectations = Expectations::read("expected.json", text).unwrap();
    let wrong = outcome.mismatches(&expectations);
    assert_eq!(wrong.len(), 3, "{wrong:#?}");
    assert!(
        wrong[0].contains("expected refused:entra/key-restrictions, found refused:entra/passkey-type"),
        "{wrong:#?}"
    );
    assert!(
        wrong[1].contains("expected refused, found allowed") && wrong[2].contains("no model “nothing”"),
        "{wrong:#?}"
    );
    let xml = outcome.junit(Some(&expectations));
    assert!(xml.contains("tests=\"4\" failures=\"2\" errors=\"1\" skipped=\"0\""), "{xml}");
    for (text, part) in [
        ("{}", "expected.json"),
        (r#"[{"model": "m", "registration": "allowed"}]"#, "found neither"),
        (r#"[{"model": "m", "scope": "s", "registration": "maybe"}]"#, "[0].registration: expected allowed"),
    ] {
        let error = Expectations::read("expected.json", text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// A cell is what a ceremony of somebody in that scope comes to, sentence for sentence.
    #[test]
    fn a_cell_is_a_ceremony_of_a_user_of_its_scope(
        example in prop::sample::select(vec![TENANT, "fresh-default", "legacy-block-list"]),
        model in any::<prop::sample::Index>(),
        user in any::<prop::sample::Index>(),
    ) {
        let (tenant, catalogue) = (tenant(example), Catalogue::read(None).unwrap());
        let model = crate::models::Choice::Emulated(model.get(catalogue.models()).clone());
        let user = user.get(tenant.users()).label().to_owned();
        let request = Request {
            models: vec![model.clone()],
            users: Users::Named(vec![user.clone()]),
            ..Request::new(&tenant, &catalogue)
        };
        let outcome = run(&request, &catalogue, &world(), &|_, _| ()).unwrap();
        let row = &outcome.rows[0];
        let request = ceremony::Request { who: Who::User(user), flow: row.flow, ..ceremony::Request::new(&tenant, model) };
        let found = ceremony::run(&request, &catalogue, &world()).unwrap();
        prop_assert_eq!(&found.platform, &row.platform);
        let cell = &row.cells[0];
        prop_assert_eq!(cell.sign_in().is_some(), found.sign_in.is_some());
        for (step, view) in [(Some(&cell.registration), Some(&found.registration)), (cell.sign_in(), found.sign_in.as_ref())] {
            let (Some(step), Some(view)) = (step, view) else { continue };
            prop_assert_eq!(step.verdict, view.verdict);
            prop_assert_eq!(step.decided_by, view.decided_by);
            prop_assert_eq!(&step.message, &view.message);
            prop_assert_eq!(&step.hint, &view.hint);
            let profiles: Vec<_> = view.profiles.iter().map(|profile| (profile.matches, profile.failed.clone())).collect();
            let own: Vec<_> = step.profiles.iter().map(|profile| (profile.matches, profile.failed.clone())).collect();
            prop_assert_eq!(own, profiles);
        }
    }
}
