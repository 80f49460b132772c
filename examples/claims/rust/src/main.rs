//! The book catalogue as Rust people write it, with axum, tokio and rusqlite: the twin of
//! examples/restapi, which see for what the routes do.
//!
//!     cargo build --release --locked
//!     BOOKS_ADDR=127.0.0.1:8080 BOOKS_DB=books.db target/release/books
//!
//! Read in this order: this file (the routes), handlers.rs, book.rs (what is valid), store.rs
//! (SQLite on threads of its own), import.rs, problem.rs (errors).

mod book;
mod handlers;
mod import;
mod problem;
mod store;

use std::{env, error::Error};

use axum::{Router, extract::DefaultBodyLimit, routing::get, routing::post};
use tokio::{net::TcpListener, signal};

use store::Store;

/// The longest body of a request that is read as a whole, and the longest line of an import.
const MAX_BODY: usize = 64 << 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let addr = env::var("BOOKS_ADDR").unwrap_or_else(|_| "127.0.0.1:8080".into());
    let db = env::var("BOOKS_DB").unwrap_or_else(|_| "books.db".into());
    let app = routes(Store::open(&db)?);
    let listener = TcpListener::bind(addr).await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(terminated())
        .await?;
    Ok(())
}

fn routes(store: Store) -> Router {
    Router::new()
        .route("/healthz", get(handlers::health))
        .route("/pragmas", get(handlers::pragmas))
        .route("/import", post(import::import))
        .route("/books", get(handlers::list).post(handlers::create))
        .route(
            "/books/{id}",
            get(handlers::read)
                .put(handlers::replace)
                .delete(handlers::delete),
        )
        .route("/books/{id}/summary", get(handlers::summary))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(store)
}

/// Returns when the process is told to end.
async fn terminated() {
    let mut sigterm = signal::unix::signal(signal::unix::SignalKind::terminate())
        .expect("SIGTERM can be handled");
    tokio::select! {
        _ = sigterm.recv() => {}
        _ = signal::ctrl_c() => {}
    }
}
