//! The table of paths.

use std::future::Future;
use std::pin::Pin;

use axum::http::Method;

use super::answer::Answered;
use super::call::Call;
use super::fault::Fault;
use super::{
    batch, conditional_access, configurations, creation_options, directory_audits, fido2_methods, groups,
    methods_policy, path, strengths, users,
};

/// What a handler is: what it gives back comes later.
type Later<'c> = Pin<Box<dyn Future<Output = Answered> + Send + 'c>>;

struct Route {
    method: Method,
    path: &'static str,
    handle: for<'c> fn(&'c Call) -> Later<'c>,
}

macro_rules! routes {
    ($($method:ident $path:literal => $module:ident::$handler:ident;)+) => {
        &[$(Route { method: Method::$method, path: $path, handle: |call| Box::pin($module::$handler(call)) }),+]
    };
}

static ROUTES: &[Route] = routes! {
    GET    "policies/authenticationMethodsPolicy" => methods_policy::get;
    PATCH  "policies/authenticationMethodsPolicy" => methods_policy::patch;
    GET    "policies/authenticationMethodsPolicy/authenticationMethodConfigurations" => configurations::list;
    GET    "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}" => configurations::get;
    PATCH  "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}" => configurations::patch;
    DELETE "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}" => configurations::reset;

    GET    "policies/authenticationStrengthPolicies" => strengths::list;
    POST   "policies/authenticationStrengthPolicies" => strengths::create;
    GET    "policies/authenticationStrengthPolicies/{id}" => strengths::get;
    PATCH  "policies/authenticationStrengthPolicies/{id}" => strengths::patch;
    DELETE "policies/authenticationStrengthPolicies/{id}" => strengths::delete;
    POST   "policies/authenticationStrengthPolicies/{id}/updateAllowedCombinations" => strengths::update_allowed_combinations;

    GET    "identity/conditionalAccess/policies" => conditional_access::list;
    POST   "identity/conditionalAccess/policies" => conditional_access::create;
    GET    "identity/conditionalAccess/policies/{id}" => conditional_access::get;
    PATCH  "identity/conditionalAccess/policies/{id}" => conditional_access::patch;
    DELETE "identity/conditionalAccess/policies/{id}" => conditional_access::delete;

    GET    "users" => users::list;
    POST   "users" => users::create;
    GET    "users/{id}" => users::get;
    PATCH  "users/{id}" => users::patch;
    DELETE "users/{id}" => users::delete;

    GET    "users/{id}/authentication/fido2Methods" => fido2_methods::list;
    POST   "users/{id}/authentication/fido2Methods" => fido2_methods::create;
    GET    "users/{id}/authentication/fido2Methods/{function}" => creation_options::get;
    GET    "users/{id}/authentication/fido2Methods/{method}" => fido2_methods::get;
    DELETE "users/{id}/authentication/fido2Methods/{method}" => fido2_methods::delete;
    GET    "me/authentication/fido2Methods/{function}" => creation_options::of_oneself;
    POST   "me/authentication/fido2Methods" => creation_options::of_oneself;

    GET    "groups" => groups::list;
    POST   "groups" => groups::create;
    GET    "groups/{id}" => groups::get;
    PATCH  "groups/{id}" => groups::patch;
    DELETE "groups/{id}" => groups::delete;
    GET    "groups/{id}/members" => groups::members;
    POST   "groups/{id}/members/$ref" => groups::add_member;
    DELETE "groups/{id}/members/{member}/$ref" => groups::remove_member;

    GET    "auditLogs/directoryAudits" => directory_audits::list;
    GET    "auditLogs/directoryAudits/{id}" => directory_audits::get;

    POST   "$batch" => batch::send;
};

/// Answers a call by the route of its path.
pub(super) async fn answer(mut call: Call) -> Answered {
    let mut methods = Vec::new();
    for route in ROUTES {
        let Some(parameters) = path::matches(route.path, &call.path) else { continue };
        if route.method == call.method {
            call.parameters = parameters;
            return (route.handle)(&call).await;
        }
        methods.push(route.method.as_str());
    }
    if methods.is_empty() {
        return Err(Fault::no_path(&call.path.join("/")));
    }
    methods.dedup();
    let message = format!("The method is not supported for this URL, which takes {}.", methods.join(", "));
    Err(Fault::method_not_allowed(message))
}
