PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000;
CREATE TABLE IF NOT EXISTS books (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, author TEXT NOT NULL, isbn TEXT NOT NULL UNIQUE,
  year INTEGER NOT NULL, pages INTEGER NOT NULL, genre TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS books_author ON books (author);
CREATE INDEX IF NOT EXISTS books_genre ON books (genre);
