//! Related origins (`webauthn-3 §5.11`): `https://<rpId>/.well-known/webauthn` as data. Whoever has
//! a network fetches it; the rules of the fetch and of the list are here.

use url::Url;

use super::{RpIdError, registrable_label};
use crate::origin::Origin;

/// Distinct registrable origin labels that are read; the specification asks for at least five.
pub const MAX_LABELS: usize = 5;

/// The most bytes of the list that are read.
const MAX_LEN: usize = 256 * 1024;

/// What was fetched, as far as the rules look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WellKnown {
    /// Every URL on the way: the first, and one for each redirect.
    pub urls: Vec<String>,
    /// The HTTP status.
    pub status: u16,
    /// The content type, as received.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The origins that may use an RP ID besides its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelatedOrigins {
    origins: Vec<String>,
}

/// Why a list of related origins cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelatedError {
    /// It was not fetched over https all the way.
    #[error("it was fetched from {url}, which is not https")]
    NotHttps {
        /// The offending URL.
        url: String,
    },
    /// The server did not have it.
    #[error("the server answered with status {found}, expected 200")]
    Status {
        /// The HTTP status.
        found: u16,
    },
    /// The server called it something else.
    #[error("its content type is {found}, expected application/json")]
    ContentType {
        /// The content type, or `absent`.
        found: String,
    },
    /// More bytes than are read.
    #[error("it has {found} bytes, at most {MAX_LEN} are read")]
    Length {
        /// The length found.
        found: usize,
    },
    /// Not the JSON that is expected.
    #[error("it is not {{\"origins\": [text, …]}}: {0}")]
    Json(String),
    /// It could not be fetched.
    #[error("it could not be fetched: {0}")]
    Unreachable(String),
}

#[derive(serde::Deserialize)]
struct Document {
    origins: Vec<String>,
}

impl RelatedOrigins {
    /// A list of origins.
    #[must_use]
    pub fn new(origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { origins: origins.into_iter().map(Into::into).collect() }
    }

    /// Reads what was fetched.
    ///
    /// # Errors
    /// A redirect away from https, another status or content type, or other JSON.
    pub fn from_response(response: &WellKnown) -> Result<Self, RelatedError> {
        let insecure = |url: &&String| !Url::parse(url).is_ok_and(|url| url.scheme() == "https");
        if let Some(url) = response.urls.iter().find(insecure) {
            return Err(RelatedError::NotHttps { url: url.clone() });
        }
        if response.status != 200 {
            return Err(RelatedError::Status { found: response.status });
        }
        let essence = response.content_type.as_deref().unwrap_or("absent").split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(RelatedError::ContentType { found: essence.to_owned() });
        }
        Self::from_json(&response.body)
    }

    /// Reads the document alone.
    ///
    /// # Errors
    /// Other JSON, with line and column.
    pub fn from_json(body: &[u8]) -> Result<Self, RelatedError> {
        if body.len() > MAX_LEN {
            return Err(RelatedError::Length { found: body.len() });
        }
        let document: Document = serde_json::from_slice(body).map_err(|error| RelatedError::Json(error.to_string()))?;
        Ok(Self::new(document.origins))
    }

    /// The origins, as listed.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Whether `origin` may use `rp_id`: entries count by label, those beyond [`MAX_LABELS`] distinct
    /// labels are skipped, the first exact match wins (`webauthn-3 §5.11.1`).
    ///
    /// # Errors
    /// [`RpIdError::NotListed`], or [`RpIdError::TooManyLabels`] where the match was skipped.
    pub fn check(&self, rp_id: &str, origin: &Origin) -> Result<(), RpIdError> {
        let (mut labels, mut skipped) = (Vec::new(), false);
        for listed in self.origins.iter().filter_map(|text| text.parse::<Origin>().ok()) {
            let Ok(Some(domain)) = listed.effective_domain() else { continue };
            let Some(label) = registrable_label(domain) else { continue };
            let known = labels.iter().any(|seen| seen == label);
            if !known && labels.len() >= MAX_LABELS {
                skipped |= listed == *origin;
                continue;
            }
            if listed == *origin {
                return Ok(());
            }
            if !known {
                labels.push(label.to_owned());
            }
        }
        let (rp_id, origin) = (rp_id.to_owned(), origin.to_string());
        Err(if skipped { RpIdError::TooManyLabels { rp_id, origin } } else { RpIdError::NotListed { rp_id, origin } })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENTRA: [&str; 2] = ["https://login.live.com", "https://login.microsoftonline.com"];

    fn response() -> WellKnown {
        WellKnown {
            urls: vec!["https://login.microsoft.com/.well-known/webauthn".to_owned()],
            status: 200,
            content_type: Some("application/json; charset=utf-8".to_owned()),
            body: br#"{"origins": ["https://login.live.com", "https://login.microsoftonline.com"], "more": 1}"#
                .to_vec(),
        }
    }

    #[test]
    fn the_document_is_read() {
        assert_eq!(RelatedOrigins::from_response(&response()).unwrap().origins(), ENTRA);
    }

    #[test]
    fn each_broken_fetch_has_its_variant() {
        let with = |change: fn(&mut WellKnown)| {
            let mut response = response();
            change(&mut response);
            RelatedOrigins::from_response(&response).unwrap_err()
        };
        use RelatedError as E;
        assert!(
            matches!(with(|r| r.urls.push("http://a.test/".into())), E::NotHttps { url } if url == "http://a.test/")
        );
        assert_eq!(with(|r| r.status = 404), E::Status { found: 404 });
        assert_eq!(with(|r| r.content_type = Some("text/html".into())), E::ContentType { found: "text/html".into() });
        assert_eq!(with(|r| r.content_type = None), E::ContentType { found: "absent".into() });
        assert!(matches!(with(|r| r.body = b"[]".to_vec()), E::Json(_)));
        assert!(matches!(with(|r| r.body = br#"{"origins": [1]}"#.to_vec()), E::Json(_)));
        assert_eq!(with(|r| r.body = vec![b' '; MAX_LEN + 1]), E::Length { found: MAX_LEN + 1 });
    }

    #[test]
    fn labels_are_counted_and_a_sixth_is_not_read() {
        let list = RelatedOrigins::new([
            "https://a.test",
            "https://b.test",
            "not a url",
            "https://www.a.example",
            "https://c.test",
            "https://d.test",
            "https://e.test",
            "https://f.test",
            "https://late.e.test",
        ]);
        let check = |origin: &str| list.check("rp.test", &origin.parse().unwrap());
        assert_eq!(check("https://e.test"), Ok(()));
        assert_eq!(check("https://late.e.test"), Ok(()), "its label was seen before the limit");
        assert!(matches!(check("https://f.test"), Err(RpIdError::TooManyLabels { .. })));
        assert!(matches!(check("https://e.test:8443"), Err(RpIdError::NotListed { .. })));
        assert!(matches!(check("https://x.test"), Err(RpIdError::NotListed { .. })));
    }

    proptest! {
        #[test]
        fn any_list_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200), origins: Vec<String>) {
            let _ = RelatedOrigins::from_json(&body);
            let _ = RelatedOrigins::new(origins).check("rp.test", &"https://a.test".parse().unwrap());
        }
    }
}
