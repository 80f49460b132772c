//! The handlers, with the SQL that each needs.

use axum::{
    Json,
    body::Bytes,
    extract::rejection::QueryRejection,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use r2d2_sqlite::rusqlite::{self, Connection, ErrorCode, OptionalExtension, Row, ToSql, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    book::{Book, Refused},
    problem::Problem,
    store::Store,
};

#[derive(Serialize)]
pub struct Health {
    status: &'static str,
}

pub async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

pub async fn pragmas(State(store): State<Store>) -> Result<Json<Value>, Problem> {
    store
        .read(|db| {
            let number = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            Ok(Json(json!({
                "journal_mode": mode,
                "synchronous": number("synchronous")?,
                "busy_timeout": number("busy_timeout")?,
                "foreign_keys": number("foreign_keys")?,
                "cache_size": number("cache_size")?,
            })))
        })
        .await
}

pub async fn create(
    State(store): State<Store>,
    Written(mut book): Written,
) -> Result<impl IntoResponse, Problem> {
    let book = store
        .write(move |db| {
            db.prepare_cached(
                "INSERT INTO books (title, author, isbn, year, pages, genre)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                book.title,
                book.author,
                book.isbn,
                book.year,
                book.pages,
                book.genre
            ])
            .map_err(|error| isbn_known(error, &book))?;
            book.id = db.last_insert_rowid();
            Ok(book)
        })
        .await?;
    let location = [(header::LOCATION, format!("/books/{}", book.id))];
    Ok((StatusCode::CREATED, location, Json(book)))
}

pub async fn read(State(store): State<Store>, Id(id): Id) -> Result<Json<Book>, Problem> {
    store.read(move |db| find(db, id).map(Json)).await
}

pub async fn replace(
    State(store): State<Store>,
    Id(id): Id,
    Written(mut book): Written,
) -> Result<Json<Book>, Problem> {
    book.id = id;
    store
        .write(move |db| {
            let changed = db
                .prepare_cached(
                    "UPDATE books SET title = ?1, author = ?2, isbn = ?3, year = ?4, pages = ?5,
                     genre = ?6 WHERE id = ?7",
                )?
                .execute(params![
                    book.title,
                    book.author,
                    book.isbn,
                    book.year,
                    book.pages,
                    book.genre,
                    id
                ])
                .map_err(|error| isbn_known(error, &book))?;
            if changed == 0 {
                Err(Problem::no_book(id))
            } else {
                Ok(Json(book))
            }
        })
        .await
}

pub async fn delete(State(store): State<Store>, Id(id): Id) -> Result<StatusCode, Problem> {
    store
        .write(move |db| {
            let deleted = db
                .prepare_cached("DELETE FROM books WHERE id = ?1")?
                .execute([id])?;
            if deleted == 0 {
                Err(Problem::no_book(id))
            } else {
                Ok(StatusCode::NO_CONTENT)
            }
        })
        .await
}

#[derive(Deserialize)]
pub struct Page {
    #[serde(default = "default_limit")]
    limit: u32,
    #[serde(default)]
    after: i64,
    #[serde(default)]
    author: String,
    #[serde(default)]
    genre: String,
}

fn default_limit() -> u32 {
    20
}

#[derive(Serialize)]
pub struct Books {
    books: Vec<Book>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

pub async fn list(
    State(store): State<Store>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Books>, Problem> {
    let Query(page) = page.map_err(|error| Problem::bad_request(error.body_text()))?;
    if !(1..=100).contains(&page.limit) {
        return Err(Problem::bad_request("limit must be 1 to 100"));
    }
    if page.after < 0 {
        return Err(Problem::bad_request("after must not be negative"));
    }
    store.read(move |db| books(db, &page).map(Json)).await
}

fn books(db: &Connection, page: &Page) -> Result<Books, Problem> {
    let limit = page.limit as usize;
    let more = page.limit + 1; // one more than asked for: is there a next page?
    let mut sql = "SELECT id, title, author, isbn, year, pages, genre FROM books
                   WHERE id > :after"
        .to_string();
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":after", &page.after), (":more", &more)];
    if !page.author.is_empty() {
        sql += " AND author = :author";
        values.push((":author", &page.author));
    }
    if !page.genre.is_empty() {
        sql += " AND genre = :genre";
        values.push((":genre", &page.genre));
    }
    sql += " ORDER BY id LIMIT :more";
    let mut books: Vec<Book> = db
        .prepare_cached(&sql)?
        .query_map(&values[..], book)?
        .collect::<Result<_, _>>()?;
    let mut next = None;
    if books.len() > limit {
        books.truncate(limit);
        next = books.last().map(|book| book.id);
    }
    Ok(Books { books, next })
}

#[derive(Serialize)]
pub struct Summary {
    book: Book,
    by_author: i64,
    in_genre: i64,
    average_pages_in_genre: Option<f64>,
    same_year: i64,
}

pub async fn summary(State(store): State<Store>, Id(id): Id) -> Result<Json<Summary>, Problem> {
    store
        .read(move |db| {
            let book = find(db, id)?;
            let by_author = db
                .prepare_cached("SELECT count(*) FROM books WHERE author = ?1")?
                .query_one([&book.author], |row| row.get(0))?;
            let (in_genre, average_pages_in_genre) = db
                .prepare_cached("SELECT count(*), avg(pages) FROM books WHERE genre = ?1")?
                .query_one([&book.genre], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let same_year = db
                .prepare_cached("SELECT count(*) FROM books WHERE year = ?1")?
                .query_one([book.year], |row| row.get(0))?;
            Ok(Json(Summary {
                book,
                by_author,
                in_genre,
                average_pages_in_genre,
                same_year,
            }))
        })
        .await
}

fn find(db: &Connection, id: i64) -> Result<Book, Problem> {
    db.prepare_cached(
        "SELECT id, title, author, isbn, year, pages, genre FROM books WHERE id = ?1",
    )?
    .query_one([id], book)
    .optional()?
    .ok_or_else(|| Problem::no_book(id))
}

fn book(row: &Row) -> rusqlite::Result<Book> {
    Ok(Book {
        id: row.get(0)?,
        title: row.get(1)?,
        author: row.get(2)?,
        isbn: row.get(3)?,
        year: row.get(4)?,
        pages: row.get(5)?,
        genre: row.get(6)?,
    })
}

/// The only constraint that a valid book can violate is the ISBN's.
fn isbn_known(error: rusqlite::Error, book: &Book) -> Problem {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        let detail = format!("a book with the ISBN {} is there already", book.isbn);
        return Problem::new(StatusCode::CONFLICT, detail);
    }
    error.into()
}

/// The id in the path.
pub struct Id(i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::new(StatusCode::NOT_FOUND, error.body_text()))?;
        match text.parse() {
            Ok(id) if id > 0 => Ok(Id(id)),
            _ => Err(Problem::no_book(text)),
        }
    }
}

/// The book in the request's body.
pub struct Written(Book);

impl<S: Send + Sync> FromRequest<S> for Written {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        require_type(request.headers(), "application/json")?;
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| Problem::new(error.status(), error.body_text()))?;
        match Book::parse(&body) {
            Ok(book) => Ok(Written(book)),
            Err(Refused::Syntax(why)) => Err(Problem::bad_request(format!(
                "the body is not a book: {why}"
            ))),
            Err(Refused::Values(errors)) => Err(Problem::invalid(errors)),
        }
    }
}

pub fn require_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    // What follows a semicolon is a parameter, such as charset.
    let essence = given
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let detail = format!("Content-Type must be {wanted}");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}
