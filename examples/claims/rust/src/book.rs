//! A book: what a client may send, and what it gets.

use serde::{Deserialize, Deserializer, Serialize};

#[derive(Debug, Serialize)]
pub struct Book {
    pub id: i64,
    pub title: String,
    pub author: String,
    pub isbn: String,
    pub year: i64,
    pub pages: i64,
    pub genre: String,
}

/// A value that is out of its range.
#[derive(Debug, Serialize)]
pub struct Invalid {
    pub field: &'static str,
    pub message: String,
}

/// Why some JSON is no book.
pub enum Refused {
    Syntax(String),
    Values(Vec<Invalid>),
}

/// What a client sends: of the right types, but perhaps incomplete or out of range.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// Allowed, so that what GET gave can be PUT, and ignored.
    #[serde(default, rename = "id", deserialize_with = "not_null")]
    _id: Option<i64>,
    #[serde(default, deserialize_with = "not_null")]
    title: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    author: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    isbn: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    year: Option<i64>,
    #[serde(default, deserialize_with = "not_null")]
    pages: Option<i64>,
    #[serde(default, deserialize_with = "not_null")]
    genre: Option<String>,
}

/// An Option that a missing member makes None, and null does not.
fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl Book {
    /// Reads a book without an id from JSON.
    pub fn parse(json: &[u8]) -> Result<Book, Refused> {
        if !json.trim_ascii_start().starts_with(b"{") {
            // serde would take an array of the values, too.
            return Err(Refused::Syntax("not a JSON object".into()));
        }
        let draft: Draft =
            serde_json::from_slice(json).map_err(|error| Refused::Syntax(error.to_string()))?;
        draft.check().map_err(Refused::Values)
    }
}

impl Draft {
    fn check(self) -> Result<Book, Vec<Invalid>> {
        let mut errors = Errors(Vec::new());
        let book = Book {
            id: 0,
            title: errors.text("title", self.title, 200),
            author: errors.text("author", self.author, 100),
            isbn: errors.isbn("isbn", self.isbn),
            year: errors.number("year", self.year, 0, 9999),
            pages: errors.number("pages", self.pages, 1, 100_000),
            genre: errors.text("genre", self.genre, 40),
        };
        if errors.0.is_empty() {
            Ok(book)
        } else {
            Err(errors.0)
        }
    }
}

/// Collects what is wrong; a field with an error gets some value that is not used.
struct Errors(Vec<Invalid>);

impl Errors {
    fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(Invalid {
            field,
            message: message.into(),
        });
    }

    fn missing<T: Default>(&mut self, field: &'static str) -> T {
        self.add(field, "is required");
        T::default()
    }

    fn text(&mut self, field: &'static str, value: Option<String>, longest: usize) -> String {
        let Some(value) = value else {
            return self.missing(field);
        };
        let length = value.chars().count();
        if !(1..=longest).contains(&length) {
            self.add(field, format!("must have 1 to {longest} characters"));
        } else if value.contains(char::is_control) {
            self.add(field, "must have no control characters");
        }
        value
    }

    fn number(&mut self, field: &'static str, value: Option<i64>, least: i64, most: i64) -> i64 {
        let Some(value) = value else {
            return self.missing(field);
        };
        if !(least..=most).contains(&value) {
            self.add(field, format!("must be {least} to {most}"));
        }
        value
    }

    fn isbn(&mut self, field: &'static str, value: Option<String>) -> String {
        let Some(value) = value else {
            return self.missing(field);
        };
        if value.len() != 13 || !value.bytes().all(|b| b.is_ascii_digit()) {
            self.add(field, "must have exactly 13 digits");
        } else if !weighed(&value).is_multiple_of(10) {
            self.add(field, "has a wrong check digit");
        }
        value
    }
}

/// The sum of an ISBN's digits, which weigh 1 and 3 in turn.
fn weighed(isbn: &str) -> u32 {
    isbn.bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(b, weight)| u32::from(b - b'0') * weight)
        .sum()
}
