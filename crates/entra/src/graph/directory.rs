//! Groups with their members, and users.

use serde_json::Value;

use super::fido2::objects;
use super::json::{Draft, Graph, GraphObject, Misfit, Object, Other, serde_through_graph};

/// `group`, with `members` expanded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// The object id.
    pub id: Option<String>,
    /// The name.
    pub display_name: Option<String>,
    /// Users and groups.
    pub members: Option<Vec<Member>>,
    /// Everything else.
    pub other: Other,
}

impl Graph for Group {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a group object")?;
        let group = Self {
            id: object.optional("id")?,
            display_name: object.optional("displayName")?,
            members: object.optional("members")?,
            other: object.rest(),
        };
        if group.id.is_none() && group.display_name.is_none() {
            return Err(Misfit::found("a group with an id or a displayName", "an object without either"));
        }
        Ok(group)
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("id", &self.id)
            .put("displayName", &self.display_name)
            .put("members", &self.members)
            .value()
    }
}

impl Group {
    /// The name to show: the display name, else the id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.display_name.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }

    /// Whether a user is a direct member, by object id or user principal name.
    #[must_use]
    pub fn has_member(&self, user: &User) -> bool {
        let names = [user.id.as_deref(), user.user_principal_name.as_deref()];
        let is = |member: &Member| names.iter().flatten().any(|name| name.eq_ignore_ascii_case(member.name()));
        self.members.iter().flatten().any(is)
    }
}

/// A member of a group: the id (or user principal name) alone, or the object that `$expand` gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Member {
    /// An object id or a user principal name.
    Name(String),
    /// A directory object with an `id` (or a `userPrincipalName`).
    Object {
        /// The id, else the user principal name.
        name: String,
        /// The whole object.
        object: Other,
    },
}

impl Member {
    /// What the member is called: object id or user principal name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Object { name, .. } => name,
        }
    }
}

impl Graph for Member {
    fn read(value: Value) -> Result<Self, Misfit> {
        const EXPECTED: &str = "the id of a member, or an object with an id";
        match value {
            Value::String(name) => Ok(Self::Name(name)),
            Value::Object(object) => {
                let text = |key| object.get(key).and_then(Value::as_str).map(str::to_owned);
                let name = text("id").or_else(|| text("userPrincipalName"));
                let name = name.ok_or_else(|| Misfit::found(EXPECTED, "an object without id"))?;
                Ok(Self::Object { name, object })
            }
            other => Err(Misfit::new(EXPECTED, &other)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Name(name) => Value::String(name.clone()),
            Self::Object { object, .. } => Value::Object(object.clone()),
        }
    }
}

/// `user`, as far as passkeys go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct User {
    /// The object id.
    pub id: Option<String>,
    /// The user principal name.
    pub user_principal_name: Option<String>,
    /// The name.
    pub display_name: Option<String>,
    /// `Member` or `Guest`; null for some synchronised users.
    pub user_type: Option<String>,
    /// Directory roles: template ids or names.
    pub roles: Option<Vec<String>>,
    /// Everything else.
    pub other: Other,
}

impl Graph for User {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a user object")?;
        let user = Self {
            id: object.optional("id")?,
            user_principal_name: object.optional("userPrincipalName")?,
            display_name: object.optional("displayName")?,
            user_type: object.optional("userType")?,
            roles: object.optional("roles")?,
            other: object.rest(),
        };
        if user.id.is_none() && user.user_principal_name.is_none() {
            return Err(Misfit::found("a user with an id or a userPrincipalName", "an object without either"));
        }
        Ok(user)
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("id", &self.id)
            .put("userPrincipalName", &self.user_principal_name)
            .put("displayName", &self.display_name)
            .put("userType", &self.user_type)
            .put("roles", &self.roles)
            .value()
    }
}

impl User {
    /// The name to show: the user principal name, else the id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.user_principal_name.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }
}

objects! {
    Group = "group" ["id", "displayName", "members"];
    User = "user" ["id", "userPrincipalName", "displayName", "userType", "roles"];
}
