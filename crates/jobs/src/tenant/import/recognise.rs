//! What an answer is: by its own words first, then by its name.

use lab_entra::graph::JsonPath;
use lab_entra::tenant::Resource;
use serde_json::{Map, Value};

use super::{Found, What, place};
use crate::error::JobError;

const CONFIGURATIONS: &str = "authenticationMethodConfigurations";
/// The most answers of one batch; Graph takes twenty.
const MAX_RESPONSES: usize = 10_000;

/// Tells what an answer is, and hands it on; of a batch or a tenant in one file, each part.
pub(super) fn answer(
    name: &str,
    value: Value,
    take: &mut dyn FnMut(Found) -> Result<(), JobError>,
) -> Result<(), JobError> {
    match value {
        Value::Object(mut map) if map.get("responses").is_some_and(Value::is_array) => {
            let responses = map.remove("responses").unwrap_or_default();
            let Value::Array(responses) = responses else { return Ok(()) };
            responses.into_iter().take(MAX_RESPONSES).enumerate().try_for_each(|(index, response)| {
                let at = place(name, &JsonPath::default().then("responses").then(index));
                of_batch(&at, response, take)
            })
        }
        Value::Object(map) if is_whole(&map) => map.into_iter().try_for_each(|(key, value)| {
            let at = place(name, &JsonPath::default().then(key.as_str()));
            take(one(&at, &key, value))
        }),
        value => take(one(name, label(name), value)),
    }
}

/// One response of a batch: its id is the name of the request.
fn of_batch(at: &str, response: Value, take: &mut dyn FnMut(Found) -> Result<(), JobError>) -> Result<(), JobError> {
    let text = |key: &str| response.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").unwrap_or_default();
    let status = response.get("status").and_then(Value::as_u64).unwrap_or(0);
    if !(200..300).contains(&status) {
        let code = response.pointer("/body/error/code").and_then(Value::as_str).unwrap_or("no reason given");
        let why = format!("request “{}” was answered with {status} ({})", bounded(&id), bounded(code));
        return take(Found { from: at.to_owned(), what: What::Nothing(why), more: false });
    }
    let body = match response {
        Value::Object(mut map) => map.remove("body").unwrap_or_default(),
        _ => Value::Null,
    };
    take(one(at, label(&id), body))
}

/// Whether an object is a tenant in one file: nothing but keys of a tenant, the policy among them.
fn is_whole(map: &Map<String, Value>) -> bool {
    let policy =
        map.contains_key(Resource::Fido2.key()) || map.contains_key(Resource::AuthenticationMethodsPolicy.key());
    policy && map.keys().all(|key| Resource::ALL.iter().any(|resource| resource.key() == key))
}

fn one(from: &str, label: &str, value: Value) -> Found {
    let context = value.get("@odata.context").and_then(Value::as_str).unwrap_or_default().to_owned();
    let more = value.get("@odata.nextLink").is_some();
    let what = by_shape(&value).or_else(|| by_context(&context)).or_else(|| by_label(label));
    let what = match what {
        Some(kind) => kind.with(value),
        None => What::Nothing("neither its words nor its name say what it is".to_owned()),
    };
    Found { from: from.to_owned(), what, more }
}

/// What an answer is, before its objects are taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Resource(Resource),
    Members(String),
    Passkeys(String),
}

impl Kind {
    fn with(self, value: Value) -> What {
        match self {
            Self::Resource(resource) if !is_collection(resource) => What::One(resource, unwrapped(value)),
            Self::Resource(Resource::Passkeys) => What::One(Resource::Passkeys, value),
            Self::Resource(resource) => What::Many(resource, objects(value)),
            Self::Members(group) => What::Members(group, objects(value)),
            Self::Passkeys(user) => What::Passkeys(user, objects(value)),
        }
    }
}

fn is_collection(resource: Resource) -> bool {
    use Resource::{AuthenticationStrengths, ConditionalAccess, Groups, Passkeys, Users};
    matches!(resource, AuthenticationStrengths | ConditionalAccess | Groups | Users | Passkeys)
}

/// The objects of a page, an array, or an object alone.
fn objects(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(mut map) => match map.remove("value") {
            Some(Value::Array(items)) => items,
            Some(other) => vec![other],
            None => vec![Value::Object(map)],
        },
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// The one object of a page with one.
fn unwrapped(value: Value) -> Value {
    match value {
        Value::Object(map) if map.get("value").is_some_and(Value::is_array) && map.len() <= 3 => {
            let mut items = objects(Value::Object(map));
            if items.len() == 1 { items.remove(0) } else { Value::Array(items) }
        }
        other => other,
    }
}

fn by_shape(value: &Value) -> Option<Kind> {
    if value.get(CONFIGURATIONS).is_some_and(Value::is_array) {
        return Some(Kind::Resource(Resource::AuthenticationMethodsPolicy));
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let (kind, id) = (text("@odata.type"), text("id"));
    let is =
        |method: &str| kind == format!("#microsoft.graph.{method}authenticationmethodconfiguration") || id == method;
    if is("fido2") {
        Some(Kind::Resource(Resource::Fido2))
    } else if is("temporaryaccesspass") {
        Some(Kind::Resource(Resource::TemporaryAccessPass))
    } else {
        None
    }
}

/// What `…/$metadata#FRAGMENT` says.
fn by_context(context: &str) -> Option<Kind> {
    let (_, fragment) = context.split_once("$metadata#")?;
    let lower = fragment.to_ascii_lowercase();
    if lower.contains("fido2methods") {
        return key_of(fragment, "users").map(Kind::Passkeys);
    }
    if lower.starts_with("groups('") && lower.contains("/members") {
        return key_of(fragment, "groups").map(Kind::Members);
    }
    let named = [
        ("users", Resource::Users),
        ("groups", Resource::Groups),
        ("authenticationmethodspolicy", Resource::AuthenticationMethodsPolicy),
        ("policies/authenticationstrengthpolicies", Resource::AuthenticationStrengths),
        ("authenticationstrengthpolicies", Resource::AuthenticationStrengths),
        ("identity/conditionalaccess/policies", Resource::ConditionalAccess),
        ("conditionalaccess/policies", Resource::ConditionalAccess),
    ];
    let (_, resource) = named.into_iter().find(|(set, _)| {
        lower.strip_prefix(set).is_some_and(|rest| rest.is_empty() || rest.starts_with('(') || rest == "/$entity")
            && !lower.starts_with(&format!("{set}('"))
    })?;
    Some(Kind::Resource(resource))
}

/// The key in `SET('KEY')/…`.
fn key_of(fragment: &str, set: &str) -> Option<String> {
    let rest = fragment.strip_prefix(set)?.strip_prefix("('")?;
    let (key, _) = rest.split_once("')")?;
    Some(key.to_owned())
}

fn by_label(label: &str) -> Option<Kind> {
    let named = |prefixes: &[&str]| {
        let found = prefixes.iter().find_map(|prefix| label.strip_prefix(prefix)?.strip_prefix('-'));
        found.filter(|id| !id.is_empty()).map(str::to_owned)
    };
    if let Some(group) = named(&["members"]) {
        return Some(Kind::Members(group));
    }
    if let Some(user) = named(&["fido2Methods", "passkeys"]) {
        return Some(Kind::Passkeys(user));
    }
    if named(&["group"]).is_some() {
        return Some(Kind::Resource(Resource::Groups));
    }
    Resource::named(label).map(Kind::Resource)
}

/// The name of an answer without folders, `.json` and the number of its page.
fn label(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name = name.strip_suffix(".json").unwrap_or(name);
    match name.rsplit_once('.') {
        Some((stem, page)) if !page.is_empty() && page.bytes().all(|byte| byte.is_ascii_digit()) => stem,
        _ => name,
    }
}

fn bounded(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_by_its_context() {
        let graph = "https://graph.microsoft.com/v1.0/$metadata#";
        let resource = |resource| Some(Kind::Resource(resource));
        for (fragment, expected) in [
            ("users", resource(Resource::Users)),
            ("users(id,displayName)", resource(Resource::Users)),
            ("users/$entity", resource(Resource::Users)),
            ("users('u1')/authentication/fido2Methods", Some(Kind::Passkeys("u1".to_owned()))),
            ("groups(id,members(id))", resource(Resource::Groups)),
            ("groups('g1')/members", Some(Kind::Members("g1".to_owned()))),
            ("policies/authenticationStrengthPolicies", resource(Resource::AuthenticationStrengths)),
            ("identity/conditionalAccess/policies", resource(Resource::ConditionalAccess)),
            ("directoryObjects(id)", None),
            ("users('u1')/manager", None),
            ("usersAndMore", None),
        ] {
            assert_eq!(by_context(&format!("{graph}{fragment}")), expected, "{fragment}");
        }
    }

    #[test]
    fn a_name_has_no_folders_and_no_page() {
        assert_eq!(label("export/users.12.json"), "users");
        assert_eq!(label("members-1f.2.json"), "members-1f");
        assert_eq!(label("C:\\export\\fido2.json"), "fido2");
        assert_eq!(by_label("fido2Methods-u1"), Some(Kind::Passkeys("u1".to_owned())));
        assert_eq!(by_label("members-"), None);
    }
}
