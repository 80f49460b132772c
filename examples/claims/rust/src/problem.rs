//! Errors, as application/problem+json (RFC 9457).

use axum::{
    Json,
    http::{Method, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use r2d2_sqlite::rusqlite;
use serde::Serialize;

use crate::book::Invalid;

/// An error for the client to see.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<Invalid>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Problem {
            status,
            detail,
            errors: Vec::new(),
        }
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn no_book(id: impl std::fmt::Display) -> Self {
        Problem::new(StatusCode::NOT_FOUND, format!("no book {id}"))
    }

    pub fn invalid(errors: Vec<Invalid>) -> Self {
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "some values are not valid",
        );
        problem.errors = errors;
        problem
    }

    /// Hides an error of the service from the client and shows it in the log.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        eprintln!("{error}");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the service failed; its log says why",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            r#type: &'static str,
            title: &'static str,
            status: u16,
            detail: String,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            errors: Vec<Invalid>,
        }
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        (
            self.status,
            [(CONTENT_TYPE, "application/problem+json")],
            Json(body),
        )
            .into_response()
    }
}

pub async fn no_such_path(uri: Uri) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        format!("no such path: {}", uri.path()),
    )
}

/// The router itself adds the header Allow.
pub async fn no_such_method(method: Method) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("no {method} here"))
}

/// What SQLite and its pool fail with is never the client's fault.
impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Problem::internal(error)
    }
}

impl From<r2d2::Error> for Problem {
    fn from(error: r2d2::Error) -> Self {
        Problem::internal(error)
    }
}
