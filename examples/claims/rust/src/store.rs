//! SQLite, which blocks, for handlers, which must not.

use std::{error::Error, thread};

use r2d2::Pool;
use r2d2_sqlite::{SqliteConnectionManager, rusqlite::Connection};
use tokio::task;

use crate::problem::Problem;

/// Every connection runs it: most pragmas are a connection's own.
const SCHEMA: &str = include_str!("../../../restapi/schema.sql");

/// SQLite lets many read and one write. So there is one connection for writes, for which
/// writers queue here rather than poll SQLite's lock, and a pool for reads.
#[derive(Clone)]
pub struct Store {
    readers: Pool<SqliteConnectionManager>,
    writer: Pool<SqliteConnectionManager>,
}

impl Store {
    pub fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        let pool = |size| {
            let connect = SqliteConnectionManager::file(path);
            Pool::builder()
                .max_size(size)
                .build(connect.with_init(|c| c.execute_batch(SCHEMA)))
        };
        let writer = pool(1)?; // first: it creates the tables
        let readers = pool(2 * thread::available_parallelism()?.get() as u32)?;
        Ok(Store { readers, writer })
    }

    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Connection) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let pool = self.readers.clone();
        blocking(move || query(&mut *pool.get()?)).await
    }

    pub async fn write<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Connection) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.clone();
        blocking(move || store.write_here(query)).await
    }

    /// Is for callers on a thread that may block.
    pub fn write_here<T>(
        &self,
        query: impl FnOnce(&mut Connection) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        query(&mut *self.writer.get()?)
    }
}

/// Runs f on one of tokio's threads for what blocks.
pub async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    task::spawn_blocking(f)
        .await
        .unwrap_or_else(|panic| Err(Problem::internal(panic)))
}
