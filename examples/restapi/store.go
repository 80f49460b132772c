package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"net/url"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// schema is run on every new connection: most of its pragmas are a connection's, and what is there already is left
// as it is.
//
//go:embed schema.sql
var schema string

var (
	errNoBook    = errors.New("no such book")
	errISBNKnown = errors.New("another book has this isbn")
)

// store is the catalogue in a SQLite file. SQLite has one writer at a time; if there were two connections to write
// on, one would wait inside SQLite, by sleeping, and fail at last. So there is one. Readers have others: in WAL mode
// they see the state before the transaction that is being written, and wait for nobody.
type store struct {
	writer, reader                        pool
	insert, add, update, remove           *sql.Stmt
	byID, byAuthor, byGenre, byYear       *sql.Stmt
	list, listAuthor, listGenre, listBoth *sql.Stmt
}

func openStore(ctx context.Context, file string) (_ *store, err error) {
	writer, err := openDB(file, "mode=rwc")
	if err != nil {
		return nil, err
	}
	reader, err := openDB(file, "mode=ro")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	s := &store{writer: newPool(writer, 1), reader: newPool(reader, 2*runtime.GOMAXPROCS(0))}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *store) prepare(ctx context.Context) (err error) {
	const (
		columns = `SELECT id, title, author, isbn, year, pages, genre FROM books WHERE `
		page    = ` ORDER BY id LIMIT ?2`
		insert  = `INSERT INTO books (title, author, isbn, year, pages, genre) VALUES (?, ?, ?, ?, ?, ?)`
		update  = `UPDATE books SET title = ?, author = ?, isbn = ?, year = ?, pages = ?, genre = ? WHERE id = ?`
	)
	for _, p := range []struct {
		statement **sql.Stmt
		db        pool
		query     string
	}{
		{&s.insert, s.writer, insert}, // first, as it makes the file
		{&s.add, s.writer, insert + ` ON CONFLICT (isbn) DO NOTHING`},
		{&s.update, s.writer, update},
		{&s.remove, s.writer, `DELETE FROM books WHERE id = ?`},
		{&s.byID, s.reader, columns + `id = ?`},
		{&s.byAuthor, s.reader, `SELECT count(*) FROM books WHERE author = ?`},
		{&s.byGenre, s.reader, `SELECT count(*), coalesce(avg(pages), 0) FROM books WHERE genre = ?`},
		{&s.byYear, s.reader, `SELECT count(*) FROM books WHERE year = ?`},
		{&s.list, s.reader, columns + `id > ?1` + page},
		{&s.listAuthor, s.reader, columns + `id > ?1 AND author = ?3` + page},
		{&s.listGenre, s.reader, columns + `id > ?1 AND genre = ?3` + page},
		{&s.listBoth, s.reader, columns + `id > ?1 AND author = ?3 AND genre = ?4` + page},
	} {
		if *p.statement, err = p.db.PrepareContext(ctx, p.query); err != nil {
			return err
		}
	}
	return nil
}

// openDB opens connections to file, as the options of the driver say, on each of which the schema is run.
func openDB(file, options string) (*sql.DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	at := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options}
	connector, err := sqlite.NewConnector(at.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(withSchema{connector}), nil
}

type withSchema struct{ driver.Connector }

func (c withSchema) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, schema, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// close waits for the statements that run. The last connection to be closed brings what the WAL holds into the file.
func (s *store) close() error { return errors.Join(s.reader.Close(), s.writer.Close()) }

func (b *book) values() []any { return []any{b.Title, b.Author, b.ISBN, b.Year, b.Pages, b.Genre} }

func (b *book) fields() []any {
	return []any{&b.ID, &b.Title, &b.Author, &b.ISBN, &b.Year, &b.Pages, &b.Genre}
}

func (s *store) create(ctx context.Context, b book) (id int64, err error) {
	err = s.writer.do(ctx, func(ctx, _ context.Context) error {
		result, err := s.insert.ExecContext(ctx, b.values()...)
		if err != nil {
			return known(err)
		}
		id, err = result.LastInsertId()
		return err
	})
	return id, err
}

// addAll adds books in one transaction, all or none of those whose isbn is new, and says which these are.
func (s *store) addAll(ctx context.Context, books []book) (added []bool, err error) {
	added = make([]bool, len(books))
	return added, s.writer.do(ctx, func(ctx, _ context.Context) error {
		tx, err := s.writer.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // does nothing after Commit
		add := tx.StmtContext(ctx, s.add)
		for i, b := range books {
			n, err := changed(add.ExecContext(ctx, b.values()...))
			if err != nil {
				return err
			}
			added[i] = n == 1
		}
		return tx.Commit()
	})
}

func (s *store) replace(ctx context.Context, b book) error {
	return s.change(ctx, s.update, append(b.values(), b.ID)...)
}

func (s *store) delete(ctx context.Context, id int64) error { return s.change(ctx, s.remove, id) }

// change runs a statement that is to change one book.
func (s *store) change(ctx context.Context, statement *sql.Stmt, args ...any) error {
	return s.writer.do(ctx, func(ctx, _ context.Context) error {
		n, err := changed(statement.ExecContext(ctx, args...))
		if err == nil && n == 0 {
			err = errNoBook
		}
		return known(err)
	})
}

func changed(result sql.Result, err error) (rows int64, _ error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *store) get(ctx context.Context, id int64) (b book, err error) {
	err = s.reader.do(ctx, func(ctx, _ context.Context) error {
		return s.byID.QueryRowContext(ctx, id).Scan(b.fields()...)
	})
	if err == sql.ErrNoRows {
		err = errNoBook
	}
	return b, err
}

// filter says which books are listed; an empty author or genre is any.
type filter struct {
	after, limit  int64
	author, genre string
}

// page is the first books behind after, in the order of their ids. Nothing before them is read and thrown away, as
// with OFFSET: the index on what is asked for ends with the id.
func (s *store) page(ctx context.Context, f filter) (books []book, err error) {
	list, args := s.list, []any{f.after, f.limit}
	switch {
	case f.author != "" && f.genre != "":
		list, args = s.listBoth, append(args, f.author, f.genre)
	case f.author != "":
		list, args = s.listAuthor, append(args, f.author)
	case f.genre != "":
		list, args = s.listGenre, append(args, f.genre)
	}
	books = []book{} // never null in JSON
	err = s.reader.do(ctx, func(_, ctx context.Context) error {
		rows, err := list.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b book
			if err := rows.Scan(b.fields()...); err != nil {
				return err
			}
			books = append(books, b)
		}
		return rows.Err()
	})
	return books, err
}

// ask runs a query whose answer is one row, and which may take long.
func (s *store) ask(ctx context.Context, query *sql.Stmt, about any, into ...any) error {
	return s.reader.do(ctx, func(_, ctx context.Context) error {
		return query.QueryRowContext(ctx, about).Scan(into...)
	})
}

// pragmas asks a connection that readers use.
func (s *store) pragmas(ctx context.Context) (values map[string]any, err error) {
	values = map[string]any{}
	return values, s.reader.do(ctx, func(ctx, _ context.Context) error {
		for _, name := range []string{"journal_mode", "synchronous", "busy_timeout", "foreign_keys", "cache_size"} {
			var value any
			if err := s.reader.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value); err != nil {
				return err
			}
			values[name] = value
		}
		return nil
	})
}

// known is err, or errISBNKnown if that is what it means.
func known(err error) error {
	var failure *sqlite.Error
	if errors.As(err, &failure) && failure.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return errISBNKnown
	}
	return err
}

// isBusy says whether another program has held the file for longer than busy_timeout.
func isBusy(err error) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_BUSY
}
