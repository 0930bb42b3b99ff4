use lab_entra::scope;
use proptest::prelude::*;

use super::*;
use crate::input::tenants;

fn piece(name: &str, value: &Value) -> Piece {
    Piece { name: name.to_owned(), text: value.to_string() }
}

fn policy() -> Value {
    serde_json::from_str(include_str!("../init/fido2.json")).unwrap()
}

fn tenant(imported: &Imported) -> Tenant {
    let files: Vec<_> = imported.files.iter().map(|file| TenantFile { name: &file.name, text: &file.text }).collect();
    Tenant::from_files(&files).unwrap()
}

fn refusal(pieces: &[Piece]) -> String {
    let error = import(pieces).unwrap_err();
    assert_eq!(error.exit_status(), 2);
    error.to_string()
}

const GRAPH: &str = "https://graph.microsoft.com/v1.0/$metadata#";

#[test]
fn pages_members_and_passkeys_become_one_folder() {
    let page = |context: &str, ids: &[&str], next: bool| {
        let items: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        let mut page = json!({"@odata.context": format!("{GRAPH}{context}"), "value": items});
        if next {
            page["@odata.nextLink"] = "https://graph.microsoft.com/v1.0/next".into();
        }
        page
    };
    let imported = import(&[
        piece("export/fido2.json", &policy()),
        piece("export/users.1.json", &page("users(id)", &["u1", "u2"], true)),
        piece("export/users.2.json", &page("users(id)", &["u3"], false)),
        piece(
            "export/group-g1.json",
            &json!({"@odata.context": format!("{GRAPH}groups/$entity"), "id": "g1", "displayName": "Pilot"}),
        ),
        piece("export/members-g1.1.json", &page("directoryObjects", &["u1"], true)),
        piece("export/members-g1.2.json", &page("directoryObjects", &["u3"], false)),
        piece("export/fido2Methods-u1.1.json", &page("users('u1')/authentication/fido2Methods", &["m1"], false)),
    ])
    .unwrap();
    let names: Vec<_> = imported.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["fido2.json", "groups.json", "users.json", "passkeys.json"]);
    let tenant = tenant(&imported);
    assert_eq!(tenant.users().len(), 3);
    assert_eq!(tenant.groups()[0].display_name.as_deref(), Some("Pilot"));
    assert_eq!(tenant.groups()[0].members.as_ref().unwrap().len(), 2);
    assert_eq!(tenant.passkeys().unwrap().of("u1").len(), 1);
    assert_eq!(imported.report.result["missing"], json!([]));
}

#[test]
fn a_batch_is_taken_apart_and_its_refusals_are_named() {
    let responses = json!({"responses": [
        {"id": "fido2", "status": 200, "body": policy()},
        {"id": "members-g1", "status": 200, "body": {"value": [{"id": "u1"}]}},
        {"id": "fido2Methods-u1", "status": 200, "body": {"value": [{"id": "m1", "aaGuid": "a25342c0-3cdc-4414-8e46-f4807fca511c"}]}},
        {"id": "fido2Methods-u2", "status": 403, "body": {"error": {"code": "accessDenied"}}},
    ]});
    let imported = import(&[piece("batch.json", &responses)]).unwrap();
    assert_eq!(
        imported.report.result["ignored"],
        json!([{
            "answer": "batch.json $.responses[3]",
            "why": "request “fido2Methods-u2” was answered with 403 (accessDenied)",
        }])
    );
    assert_eq!(tenant(&imported).groups()[0].id.as_deref(), Some("g1"));
    assert_eq!(tenant(&imported).passkeys().unwrap().of("u1").len(), 1);
}

#[test]
fn a_page_that_is_missing_and_a_file_that_is_nothing_are_said() {
    let users =
        json!({"value": [{"id": "u1"}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x"});
    let imported = import(&[
        piece("fido2.json", &policy()),
        piece("users.json", &users),
        piece("devices.json", &json!({"@odata.context": format!("{GRAPH}devices"), "value": []})),
    ])
    .unwrap();
    assert_eq!(
        imported.report.result["missing"][0],
        "The last page of users is missing: 1 answers, and each names a next one."
    );
    assert_eq!(imported.report.result["ignored"][0]["answer"], "devices.json");
}

#[test]
fn contradictions_name_both_files_and_what_says_the_same_is_taken_once() {
    let user = |name: &str| json!({"value": [{"id": "u1", "displayName": name}]});
    let same =
        [piece("fido2.json", &policy()), piece("a/users.json", &user("Ann")), piece("b/users.json", &user("Ann"))];
    assert_eq!(tenant(&import(&same).unwrap()).users().len(), 1);
    let other =
        [piece("fido2.json", &policy()), piece("a/users.json", &user("Ann")), piece("b/users.json", &user("Bob"))];
    assert_eq!(
        refusal(&other),
        "expected one answer about the object “u1”, found two that differ, in a/users.json and in b/users.json"
    );
    let mut changed = policy();
    changed["state"] = "disabled".into();
    let two = [piece("monday/fido2.json", &policy()), piece("friday/fido2.json", &changed)];
    assert!(
        refusal(&two)
            .contains("one answer about fido2, found two that differ, in monday/fido2.json and in friday/fido2.json")
    );
}

#[test]
fn an_answer_that_is_cut_off_names_line_and_column() {
    let cut = Piece { name: "export/users.1.json".to_owned(), text: "{\"value\": [\n  {\"id\": \"u1\"},".to_owned() };
    assert!(refusal(&[piece("fido2.json", &policy()), cut]).starts_with("export/users.1.json:2:"));
    assert!(refusal(&[piece("users.json", &json!([]))]).contains("expected fido2.json"));
    assert!(refusal(&[]).contains("found no file"));
}

#[test]
fn members_of_groups_that_nobody_listed_come_from_the_users() {
    let users = json!({"value": [{"id": "u1", "memberOf": [
        {"@odata.type": "#microsoft.graph.group", "id": "G1"},
        {"@odata.type": "#microsoft.graph.directoryRole", "id": "r1"},
    ]}]});
    let imported = import(&[piece("fido2.json", &policy()), piece("users.json", &users)]).unwrap();
    let tenant = tenant(&imported);
    assert_eq!(tenant.groups().len(), 1, "a role is no group");
    assert_eq!(tenant.groups()[0].members.as_ref().unwrap()[0].name(), "u1");
    assert!(imported.report.result["missing"][0].as_str().unwrap().contains("memberOf"));
}

#[test]
fn the_folder_of_every_example_is_imported_as_the_same_tenant() {
    for (name, _) in tenants::examples() {
        let files = tenants::example_files(name).unwrap();
        let pieces: Vec<_> =
            files.iter().map(|file| Piece { name: file.name.to_owned(), text: file.text.to_owned() }).collect();
        let after = tenant(&import(&pieces).unwrap());
        let before = Tenant::from_files(&files).unwrap();
        assert_eq!(scope::scopes(&after), scope::scopes(&before), "{name}");
        assert_eq!(after.fido2(), before.fido2(), "{name}");
        assert_eq!(after.passkeys().unwrap().by_user.len(), before.passkeys().unwrap().by_user.len(), "{name}");
    }
}

proptest! {
    #[test]
    fn any_cut_of_users_into_pages_is_the_same_tenant(count in 0_usize..40, size in 1_usize..10) {
        let users: Vec<_> = (0..count).map(|n| json!({"id": format!("u{n}")})).collect();
        let chunks: Vec<_> = users.chunks(size).collect();
        let mut pieces = vec![piece("fido2.json", &policy())];
        for (index, chunk) in chunks.iter().enumerate() {
            let mut page = json!({"value": chunk});
            if index + 1 < chunks.len() {
                page["@odata.nextLink"] = "next".into();
            }
            pieces.push(piece(&format!("users.{}.json", index + 1), &page));
        }
        let imported = import(&pieces).unwrap();
        prop_assert_eq!(tenant(&imported).users().len(), count);
        prop_assert_eq!(&imported.report.result["missing"], &json!([]));
    }

    #[test]
    fn any_text_is_read_without_a_panic(name in "[a-zA-Z0-9./$-]{0,20}", text in ".{0,200}") {
        let _ = import(&[Piece { name, text }]);
    }

    #[test]
    fn any_json_is_read_without_a_panic(kind in "(users|groups|members-g|passkeys|fido2Methods-u|lab|fido2|batch)", json in any_json()) {
        let _ = import(&[piece("fido2.json", &policy()), piece(&format!("{kind}.1.json"), &json)]);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = "(value|id|responses|body|status|@odata.context|@odata.nextLink|members|memberOf|x)";
    let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "[a-z]{0,6}".prop_map(Value::from)];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}
