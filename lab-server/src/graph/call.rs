//! A request, as handlers get it.

use axum::http::Method;
use jiff::Timestamp;
use lab_directory::{Actor, Batch, Directory, Door, Event, Facet, StoreError};
use serde_json::{Map, Value};

use super::fault::Fault;
use super::odata::Query;
use crate::lab::Shared;

/// Which of Graph's two interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `v1.0`.
    V1,
    /// `beta`.
    Beta,
}

impl Version {
    /// As it stands in paths.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// By what a request is found again in logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Made by the lab.
    pub request: String,
    /// Made by the client, else the same.
    pub client: String,
    /// When it came.
    pub at: Timestamp,
}

impl Ids {
    /// The time, as Graph's errors have it: without fraction and zone.
    #[must_use]
    pub fn date(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

/// A request.
pub struct Call {
    /// The lab.
    pub lab: Shared,
    /// By which interface.
    pub version: Version,
    /// The method.
    pub method: Method,
    /// The segments of the path, decoded.
    pub path: Vec<String>,
    /// What stands for `{...}` in the route.
    pub parameters: Vec<String>,
    /// The query options.
    pub query: Query,
    /// The body, where there is one.
    pub body: Option<Value>,
    /// Its ids, and when it came.
    pub ids: Ids,
}

impl Call {
    /// What stands for the first `{...}` of the route.
    #[must_use]
    pub fn id(&self) -> &str {
        self.parameters.first().map_or("", String::as_str)
    }

    /// The body, which has to be an object.
    ///
    /// # Errors
    /// 400.
    pub fn object(&self) -> Result<&Map<String, Value>, Fault> {
        let found = match &self.body {
            Some(Value::Object(object)) => return Ok(object),
            Some(_) => "another JSON value",
            None => "none",
        };
        Err(Fault::bad_request(format!("Expected a JSON object as the body, found {found}.")))
    }

    /// What `look` finds in the state.
    pub fn read<T>(&self, look: impl FnOnce(&Directory) -> T) -> T {
        self.lab.store.read(look)
    }

    /// The context of an answer: what it is in Graph's own terms.
    #[must_use]
    pub fn context(&self, what: &str) -> String {
        format!("{}/$metadata#{what}", self.root())
    }

    /// Where this interface begins.
    #[must_use]
    pub fn root(&self) -> String {
        format!("{}/{}", self.lab.settings.origin, self.version.name())
    }

    /// An event by this caller.
    #[must_use]
    pub fn batch(&self, event: Event) -> Batch {
        let actor = Actor { door: Door::Graph, name: None, request_id: Some(self.ids.request.clone()) };
        Batch::of(self.ids.at, actor, event)
    }

    /// Records what `change` makes of the state, if that is still what it looked at; else asks again.
    ///
    /// # Errors
    /// What `change` says, 409 where the lab kept changing, and what the store says.
    pub async fn change(
        &self,
        facets: impl Fn() -> Vec<Facet>,
        change: impl Fn(&Directory) -> Result<Event, Fault>,
    ) -> Result<Event, Fault> {
        for _ in 0..TRIES {
            let looked = self.read(|directory| {
                let given: Vec<_> = facets().into_iter().map(|facet| directory.given(facet)).collect();
                change(directory).map(|event| (event, given))
            });
            let (event, given) = looked?;
            match self.lab.store.append(self.batch(event.clone()).given(given)).await {
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(crate::problem::Problem::from(error).into()),
                Ok(_) => {
                    self.lab.announce();
                    return Ok(event);
                }
            }
        }
        Err(Fault::conflict("The lab kept changing meanwhile. Try again."))
    }
}

/// How often a change is tried.
const TRIES: usize = 5;
