package main

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"
)

const (
	longestBody = 64 << 10 // bytes, of a book
	usualPage   = 20       // books
	longestPage = 100
)

func (s *server) createBook(w http.ResponseWriter, r *http.Request) error {
	b, err := readBook(w, r)
	if err != nil {
		return err
	}
	if b.ID, err = s.store.create(r.Context(), b); err != nil {
		return inWords(err, b.ID)
	}
	w.Header().Set("Location", fmt.Sprintf("/books/%d", b.ID))
	return replyJSON(w, http.StatusCreated, b)
}

func (s *server) getBook(w http.ResponseWriter, r *http.Request) error {
	id, err := bookID(r)
	if err != nil {
		return err
	}
	b, err := s.store.get(r.Context(), id)
	if err != nil {
		return inWords(err, id)
	}
	return replyJSON(w, http.StatusOK, b)
}

func (s *server) replaceBook(w http.ResponseWriter, r *http.Request) error {
	b, err := readBook(w, r)
	if err != nil {
		return err
	}
	if b.ID, err = bookID(r); err != nil {
		return err
	}
	if err := s.store.replace(r.Context(), b); err != nil {
		return inWords(err, b.ID)
	}
	return replyJSON(w, http.StatusOK, b)
}

func (s *server) deleteBook(w http.ResponseWriter, r *http.Request) error {
	id, err := bookID(r)
	if err != nil {
		return err
	}
	if err := s.store.delete(r.Context(), id); err != nil {
		return inWords(err, id)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) listBooks(w http.ResponseWriter, r *http.Request) error {
	f, err := parseFilter(r.URL.RawQuery)
	if err != nil {
		return err
	}
	wanted := int(f.limit)
	f.limit++ // one more, to see whether there is a next page
	var page struct {
		Books []book `json:"books"`
		Next  int64  `json:"next,omitempty"`
	}
	if page.Books, err = s.store.page(r.Context(), f); err != nil {
		return err
	}
	if len(page.Books) > wanted {
		page.Books = page.Books[:wanted]
		page.Next = page.Books[wanted-1].ID
	}
	return replyJSON(w, http.StatusOK, page)
}

func (s *server) readPragmas(w http.ResponseWriter, r *http.Request) error {
	pragmas, err := s.store.pragmas(r.Context())
	if err != nil {
		return err
	}
	return replyJSON(w, http.StatusOK, pragmas)
}

// bookID is the id in the path. What cannot be an id is that of no book.
func bookID(r *http.Request) (int64, error) {
	text := r.PathValue("id")
	id, err := strconv.ParseUint(text, 10, 63)
	if err != nil || id == 0 {
		return 0, problemf(http.StatusNotFound, "no book %q", text)
	}
	return int64(id), nil
}

// inWords says what an error of the store means to a client.
func inWords(err error, id int64) error {
	switch {
	case errors.Is(err, errNoBook):
		return problemf(http.StatusNotFound, "no book %d", id)
	case errors.Is(err, errISBNKnown):
		return problemf(http.StatusConflict, "%v", err)
	}
	return err
}

func readBook(w http.ResponseWriter, r *http.Request) (book, error) {
	if err := wantType(r, "application/json"); err != nil {
		return book{}, err
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	if err != nil {
		return book{}, unread(err)
	}
	return parseBook(text)
}

// unread says why a body could not be read: if it is not for one of the reasons of problemOf, the client has sent
// less than it had announced, or chunks that are none.
func unread(err error) error {
	if p := problemOf(err); p != nil {
		return p
	}
	return problemf(http.StatusBadRequest, "the body cannot be read: %v", err)
}

func wantType(r *http.Request, want string) error {
	header := r.Header.Get("Content-Type")
	if got, _, err := mime.ParseMediaType(header); err != nil || got != want {
		return problemf(http.StatusUnsupportedMediaType, "Content-Type is %q, and has to be %s", header, want)
	}
	return nil
}

func parseFilter(query string) (f filter, err error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return f, problemf(http.StatusBadRequest, "the query is malformed: %v", err)
	}
	f.limit, f.after = usualPage, 0
	for _, p := range []struct {
		name        string
		number      *int64
		text        *string
		least, most uint64
	}{
		{name: "limit", number: &f.limit, least: 1, most: longestPage},
		{name: "after", number: &f.after, least: 0, most: 1<<63 - 1},
		{name: "author", text: &f.author},
		{name: "genre", text: &f.genre},
	} {
		given := values[p.name]
		switch {
		case len(given) == 0:
			continue
		case len(given) > 1:
			return f, problemf(http.StatusBadRequest, "%s is there twice", p.name)
		case p.text != nil:
			if *p.text = given[0]; !utf8.ValidString(given[0]) {
				return f, problemf(http.StatusBadRequest, "%s is not valid UTF-8", p.name)
			}
			continue
		}
		n, err := strconv.ParseUint(given[0], 10, 64)
		if err != nil || n < p.least || n > p.most {
			return f, problemf(http.StatusBadRequest, "%s must be an integer, %d to %d", p.name, p.least, p.most)
		}
		*p.number = int64(n)
	}
	return f, nil
}
