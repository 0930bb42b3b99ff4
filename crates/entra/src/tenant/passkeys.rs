//! `passkeys.json`: what is registered today, by user.

use serde_json::{Map, Value};

use crate::graph::{Collection, Fido2AuthenticationMethod, Graph, Misfit};

/// The registered passkeys of a tenant, by user principal name or object id, in the order of the names.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredPasskeys {
    /// Each user's, with the name that the file gives the user.
    pub by_user: Vec<(String, Collection<Fido2AuthenticationMethod>)>,
    annotations: Map<String, Value>,
}

impl RegisteredPasskeys {
    /// The methods of the user with this name, whatever its case.
    #[must_use]
    pub fn of(&self, user: &str) -> &[Fido2AuthenticationMethod] {
        let same = |name: &str| name.to_lowercase() == user.to_lowercase();
        self.by_user.iter().find(|(name, _)| same(name)).map_or(&[], |(_, methods)| &methods.value)
    }

    pub(super) fn read(value: Value) -> Result<Self, Misfit> {
        let Value::Object(map) = value else {
            return Err(Misfit::new("an object with the passkeys of each user", &value));
        };
        let (annotations, users): (Map<_, _>, Map<_, _>) = map.into_iter().partition(|(key, _)| key.starts_with('@'));
        let read = |(user, methods): (String, Value)| match Collection::read(methods) {
            Ok(methods) => Ok((user, methods)),
            Err(misfit) => Err(misfit.within(user)),
        };
        Ok(Self { by_user: users.into_iter().map(read).collect::<Result<_, _>>()?, annotations })
    }

    pub(super) fn write(&self) -> Value {
        let mut map = self.annotations.clone();
        map.extend(self.by_user.iter().map(|(user, methods)| (user.clone(), methods.write())));
        Value::Object(map)
    }
}
