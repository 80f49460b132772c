//! The import of many books: JSON, one a line.

use std::io::{self, BufRead, Read};

use axum::{Json, body::Body, extract::State, http::HeaderMap};
use futures_util::TryStreamExt;
use r2d2_sqlite::rusqlite::{TransactionBehavior, params};
use serde::Serialize;
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::{
    MAX_BODY,
    book::{Book, Refused},
    handlers::require_type,
    problem::Problem,
    store::{self, Store},
};

/// The most lines that go into one transaction.
const BATCH: usize = 1000;

/// The most errors that are listed; all are counted.
const MAX_ERRORS: usize = 100;

#[derive(Default, Serialize)]
pub struct Report {
    imported: u64,
    failed: u64,
    errors: Vec<BadLine>,
}

#[derive(Serialize)]
struct BadLine {
    line: u64,
    error: String,
}

/// Parsing keeps a core busy and SQLite blocks, so the whole import has a thread of its own,
/// which reads the body as it arrives.
pub async fn import(
    State(store): State<Store>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Report>, Problem> {
    require_type(&headers, "application/x-ndjson")?;
    let body = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    let body = SyncIoBridge::new(body);
    store::blocking(move || run(body, &store).map(Json)).await
}

fn run(body: impl BufRead, store: &Store) -> Result<Report, Problem> {
    let mut lines = Lines {
        body,
        number: 0,
        line: Vec::new(),
    };
    let mut report = Report::default();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let line = lines
            .next()
            .map_err(|error| Problem::bad_request(error.to_string()))?;
        let end = line.is_none();
        if let Some((number, line)) = line {
            batch.push((number, line.and_then(parse)));
        }
        if batch.len() == BATCH || end {
            insert(&mut batch, store, &mut report)?;
        }
        if end {
            return Ok(report);
        }
    }
}

/// Stores the good books of a batch, and empties it.
fn insert(
    batch: &mut Vec<(u64, Result<Book, String>)>,
    store: &Store,
    report: &mut Report,
) -> Result<(), Problem> {
    store.write_here(|db| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut statement = transaction.prepare_cached(
            "INSERT INTO books (title, author, isbn, year, pages, genre)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (isbn) DO NOTHING",
        )?;
        for (line, book) in batch.drain(..) {
            let stored = match book {
                Ok(b) => {
                    let values = params![b.title, b.author, b.isbn, b.year, b.pages, b.genre];
                    match statement.execute(values)? {
                        0 => Err("the ISBN is known already".to_string()),
                        _ => Ok(()),
                    }
                }
                Err(error) => Err(error),
            };
            match stored {
                Ok(()) => report.imported += 1,
                Err(error) => {
                    report.failed += 1;
                    if report.errors.len() < MAX_ERRORS {
                        report.errors.push(BadLine { line, error });
                    }
                }
            }
        }
        drop(statement);
        transaction.commit()?;
        Ok(())
    })
}

fn parse(line: &[u8]) -> Result<Book, String> {
    Book::parse(line).map_err(|refused| match refused {
        Refused::Syntax(why) => why,
        Refused::Values(errors) => errors
            .iter()
            .map(|invalid| format!("{} {}", invalid.field, invalid.message))
            .collect::<Vec<_>>()
            .join("; "),
    })
}

/// A line and its number, from 1; an error stands for a line that is too long.
type Line<'a> = (u64, Result<&'a [u8], String>);

/// The lines of a body that are not blank.
struct Lines<R> {
    body: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Returns None at the end.
    fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.number += 1;
            self.line.clear();
            let most = MAX_BODY as u64 + 1; // with the newline
            if self
                .body
                .by_ref()
                .take(most)
                .read_until(b'\n', &mut self.line)?
                == 0
            {
                return Ok(None);
            }
            if self.line.len() > MAX_BODY && !self.line.ends_with(b"\n") {
                self.body.skip_until(b'\n')?;
                let error = format!("longer than {MAX_BODY} bytes");
                return Ok(Some((self.number, Err(error))));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, Ok(&self.line))));
            }
        }
    }
}
