//! `/api/tenant` and `/api/users`: whom and what the lab rehearses with.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::extract::Asked;
use super::records::limit;
use super::types::{User, UserList, UserQuery};
use crate::lab::Shared;
use crate::pages::view;
use crate::problem::Problem;

/// How many users a page has, unless somebody says; and at most.
const USUAL: usize = 100;
const MOST: usize = 500;

/// The tenant as one object, with the members of a tenant's folder.
pub async fn tenant(State(lab): State<Shared>) -> Json<Value> {
    Json(lab.store.tenant().to_json())
}

pub async fn users(State(lab): State<Shared>, Asked(query): Asked<UserQuery>) -> Result<Json<UserList>, Problem> {
    let limit = limit(query.limit, USUAL, MOST)?;
    let (users, all) = lab.store.read(|directory| {
        let users = view::users_from(directory, query.skip, limit);
        (users, directory.tenant().users().len())
    });
    let users = users.into_iter().map(|user| User {
        id: user.id,
        user_principal_name: user.name,
        display_name: user.display,
        guest: user.guest,
        passkeys: user.passkeys,
    });
    let reached = query.skip.saturating_add(limit);
    Ok(Json(UserList { users: users.collect(), next: (reached < all).then_some(reached) }))
}
