//! Several origins at one socket.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use tower::{ServiceExt as _, service_fn};

use crate::lab::Shared;
use crate::security::admit;

/// The lab at the origin that a request names by its `Host`; where it names none of them, the first one refuses it.
pub fn by_host(sites: &[Shared]) -> Router {
    let apps: Vec<(Vec<String>, Router)> =
        sites.iter().map(|site| (site.settings.hosts.clone(), crate::app(site))).collect();
    if let [(_, only)] = &apps[..] {
        return only.clone();
    }
    Router::new().fallback_service(service_fn(move |request: Request| {
        let host = admit::named(&request);
        let meant = apps.iter().find(|(hosts, _)| host.is_some_and(|host| admit::is_one_of(host, hosts)));
        let app = meant.or(apps.first()).map(|(_, app)| app.clone()).unwrap_or_default();
        async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    }))
}
