//! Somebody to rehearse with, where a tenant names nobody.

use lab_entra::{Persona, Tenant, TenantError, TenantFile, scope};
use serde_json::{Map, Value, json};

/// The tenant with one pilot user for each persona, unless it has users of its own.
///
/// # Errors
/// The tenant's groups cannot be read again.
pub fn with_pilots(tenant: Tenant) -> Result<Tenant, TenantError> {
    if !tenant.users().is_empty() {
        return Ok(tenant);
    }
    let personas = scope::personas(&tenant);
    let Value::Object(mut all) = tenant.to_json() else { return Ok(tenant) };
    let mut groups = groups(&all);
    let users: Vec<_> = personas.iter().enumerate().map(|(index, persona)| {
        let id = format!("1ab00000-0000-4000-8000-{:012x}", index + 0x100);
        if let Persona::Groups(ids) = persona {
            ids.iter().for_each(|group| join(&mut groups, group, &id));
        }
        let name = if index == 0 { "pilot@lab.example".to_owned() } else { format!("pilot{index}@lab.example") };
        json!({"id": id, "userPrincipalName": name, "displayName": format!("Pilot: {}", persona.label(&tenant)), "userType": "Member"})
    }).collect();
    all.insert("users".to_owned(), users.into());
    all.insert("groups".to_owned(), groups.into());
    Tenant::from_files(&[TenantFile { name: "the tenant with pilot users", text: &Value::Object(all).to_string() }])
}

fn groups(all: &Map<String, Value>) -> Vec<Value> {
    match all.get("groups") {
        Some(Value::Array(groups)) => groups.clone(),
        Some(Value::Object(one)) => match one.get("value") {
            Some(Value::Array(groups)) => groups.clone(),
            _ => vec![Value::Object(one.clone())],
        },
        _ => Vec::new(),
    }
}

fn join(groups: &mut Vec<Value>, id: &str, user: &str) {
    let own = |group: &Value| group.get("id").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(id));
    let place = groups.iter().position(own).unwrap_or_else(|| {
        groups.push(json!({ "id": id }));
        groups.len() - 1
    });
    let members = groups[place].as_object_mut().map(|group| group.entry("members").or_insert_with(|| json!([])));
    if let Some(Value::Array(members)) = members {
        members.push(json!({ "id": user }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_without_users_gets_one_for_each_persona() {
        let text = json!({"fido2": {"state": "enabled", "includeTargets": [
            {"targetType": "group", "id": "66666666-7777-8888-9999-aaaaaaaaaaaa"}]}});
        let tenant = Tenant::from_files(&[TenantFile { name: "t.json", text: &text.to_string() }]).unwrap();
        let scopes = scope::personas(&tenant).len();
        let tenant = with_pilots(tenant).unwrap();
        assert_eq!((tenant.users().len(), scopes), (2, 2));
        let facts = |name| scope::scope_of(&tenant, &Persona::user(&tenant, name).unwrap());
        assert!(!facts("pilot@lab.example").targeted && facts("pilot1@lab.example").targeted);
    }
}
