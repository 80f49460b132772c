package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireProblem checks an error's form.
func requireProblem(t testing.TB, status int, detail string, w *httptest.ResponseRecorder) problem {
	require.Equal(t, status, w.Code, w.Body)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	p := decoded[problem](t, w.Body.String())
	require.Equal(t, status, p.Status)
	require.Equal(t, http.StatusText(status), p.Title)
	require.Equal(t, "about:blank", p.Type)
	require.Contains(t, p.Detail, detail)
	return p
}

func requireBook(t testing.TB, status int, want book, w *httptest.ResponseRecorder) {
	require.Equal(t, status, w.Code, w.Body)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, want, decoded[book](t, w.Body.String()))
}

func TestBookFromBeginningToEnd(t *testing.T) {
	api, b := newAPI(t), numbered(7)
	w := api.do("POST", "/books", written(b))
	b.ID = 1
	requireBook(t, http.StatusCreated, b, w)
	require.Equal(t, "/books/1", w.Header().Get("Location"))
	requireBook(t, http.StatusOK, b, api.do("GET", "/books/1", ""))

	b.Title, b.Author, b.ISBN, b.Year, b.Pages, b.Genre = "Another <&>  ☺", "Someone", isbn(8), 0, 100000, "none"
	requireBook(t, http.StatusOK, b, api.do("PUT", "/books/1", written(b)))
	requireBook(t, http.StatusOK, b, api.do("GET", "/books/1", ""))
	require.Contains(t, api.do("GET", "/books/1", "").Body.String(), "<&>", "as it was written")

	w = api.do("DELETE", "/books/1", "")
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Empty(t, w.Body.String())
	requireProblem(t, http.StatusNotFound, "no book 1", api.do("DELETE", "/books/1", ""))
	requireProblem(t, http.StatusNotFound, "no book 1", api.do("GET", "/books/1", ""))
	requireProblem(t, http.StatusNotFound, "no book 1", api.do("PUT", "/books/1", written(b)))

	b.ID = 2
	requireBook(t, http.StatusCreated, b, api.do("POST", "/books", written(b))) // an id is not used again
}

func TestWhatGetAnswersCanBePut(t *testing.T) {
	api, b := newAPI(t), numbered(0)
	api.do("POST", "/books", written(b))
	got := api.do("GET", "/books/1", "").Body.String()
	b.ID = 1
	requireBook(t, http.StatusOK, b, api.do("PUT", "/books/1", got))
	got = strings.Replace(got, `"id":1`, `"id":77`, 1)
	requireBook(t, http.StatusOK, b, api.do("PUT", "/books/1", got)) // the path counts
}

func TestRefusals(t *testing.T) {
	api := newAPI(t)
	for n := range 2 {
		require.Equal(t, http.StatusCreated, api.do("POST", "/books", written(numbered(n))).Code)
	}
	good, huge := written(numbered(9)), strings.Repeat(" ", longestBody)
	for name, c := range map[string]struct {
		method, target, body string
		status               int
		detail               string
	}{
		"no route":                {"GET", "/", "", 404, `no route "/"`},
		"a slash too many":        {"GET", "/books/", "", 404, `no route "/books/"`},
		"below a book":            {"GET", "/books/1/pages", "", 404, "no route"},
		"no such book":            {"GET", "/books/3", "", 404, "no book 3"},
		"largest id":              {"GET", "/books/9223372036854775807", "", 404, "no book 9223372036854775807"},
		"id beyond 63 bits":       {"GET", "/books/9223372036854775808", "", 404, `no book "9223372036854775808"`},
		"id 0":                    {"DELETE", "/books/0", "", 404, `no book "0"`},
		"negative id":             {"GET", "/books/-1", "", 404, `no book "-1"`},
		"id with a sign":          {"GET", "/books/+1", "", 404, `no book "+1"`},
		"id that is SQL":          {"GET", "/books/1%20OR%201=1", "", 404, `no book "1 OR 1=1"`},
		"id and a good book":      {"PUT", "/books/x", good, 404, `no book "x"`},
		"id and a bad book":       {"PUT", "/books/x", "{}", 422, "not valid"},
		"summary of no book":      {"GET", "/books/3/summary", "", 404, "no book 3"},
		"summary of no id":        {"GET", "/books/x/summary", "", 404, `no book "x"`},
		"known isbn":              {"POST", "/books", written(numbered(1)), 409, "isbn"},
		"another's isbn":          {"PUT", "/books/1", written(numbered(1)), 409, "isbn"},
		"no body":                 {"POST", "/books", "", 400, "not JSON: unexpected EOF"},
		"not JSON":                {"PUT", "/books/1", "title", 400, "not JSON: invalid character"},
		"one byte too long":       {"POST", "/books", good + huge[:longestBody+1-len(good)], 413, "than 65536 bytes"},
		"much too long":           {"PUT", "/books/1", huge + good, 413, "longer than 65536 bytes"},
		"limit 0":                 {"GET", "/books?limit=0", "", 400, "limit must be an integer, 1 to 100"},
		"limit 101":               {"GET", "/books?limit=101", "", 400, "limit must be an integer, 1 to 100"},
		"negative limit":          {"GET", "/books?limit=-1", "", 400, "limit must be"},
		"no limit":                {"GET", "/books?limit=", "", 400, "limit must be"},
		"two limits":              {"GET", "/books?limit=1&limit=2", "", 400, "limit is there twice"},
		"negative after":          {"GET", "/books?after=-1", "", 400, "an integer, 0 to 9223372036854775807"},
		"after beyond 63 bits":    {"GET", "/books?after=9223372036854775808", "", 400, "after must be"},
		"after a fraction":        {"GET", "/books?after=1.5", "", 400, "after must be"},
		"malformed query":         {"GET", "/books?author=%zz", "", 400, "the query is malformed"},
		"author that is no UTF-8": {"GET", "/books?author=%ff", "", 400, "author is not valid UTF-8"},
		"genre that is no UTF-8":  {"GET", "/books?genre=%ff", "", 400, "genre is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			requireProblem(t, c.status, c.detail, api.do(c.method, c.target, c.body))
		})
	}
	w := api.do("POST", "/books", good+huge[:longestBody-len(good)])
	require.Equal(t, http.StatusCreated, w.Code, "just not too long")
}

func TestContentType(t *testing.T) {
	api := newAPI(t)
	for _, contentType := range []string{
		"", "text/json", "application/x-ndjson", "application/json,", "application/json; charset",
	} {
		requireProblem(t, http.StatusUnsupportedMediaType, "has to be application/json",
			api.send("POST", "/books", contentType, strings.NewReader(written(numbered(0)))))
	}
	for _, contentType := range []string{"", "application/json"} {
		requireProblem(t, http.StatusUnsupportedMediaType, "has to be application/x-ndjson",
			api.send("POST", "/import", contentType, strings.NewReader(written(numbered(0)))))
	}
	for n, contentType := range []string{"application/json", "Application/JSON; charset=utf-8"} {
		w := api.send("POST", "/books", contentType, strings.NewReader(written(numbered(n))))
		require.Equal(t, http.StatusCreated, w.Code)
	}
}

func TestEveryFaultOfABookIsListed(t *testing.T) {
	api := newAPI(t)
	p := requireProblem(t, http.StatusUnprocessableEntity, "not valid", api.do("POST", "/books",
		`{"title": "", "isbn": "9780131103628", "year": 10000, "pages": 99999999999999999999999, "genre": "a\u0000"}`))
	require.Equal(t, []fieldError{
		{"title", "must have 1 to 200 characters"},
		{"author", "is required"},
		{"isbn", "has a wrong check digit"},
		{"year", "must be 0 to 9999"},
		{"pages", "must be 1 to 100000"},
		{"genre", "must not have control characters"},
	}, p.Errors)
}

func TestMethods(t *testing.T) {
	api := newAPI(t)
	for path, allow := range map[string]string{
		"/healthz": "GET, HEAD", "/books": "GET, HEAD, POST", "/books/1": "DELETE, GET, HEAD, PUT",
		"/books/1/summary": "GET, HEAD", "/import": "POST", "/pragmas": "GET, HEAD",
	} {
		w := api.do("PATCH", path, "")
		requireProblem(t, http.StatusMethodNotAllowed, "PATCH", w)
		require.Equal(t, allow, w.Header().Get("Allow"), path)
	}
	require.Equal(t, http.StatusOK, api.do("HEAD", "/healthz", "").Code)
}

func TestHealthz(t *testing.T) {
	api := newAPI(t)
	require.NoError(t, api.store.close())
	w := api.do("GET", "/healthz", "") // has nothing to do with SQL
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"status": "ok"}`, w.Body.String())
}

func TestPragmas(t *testing.T) {
	w := newAPI(t).do("GET", "/pragmas", "")
	require.Equal(t, http.StatusOK, w.Code)
	const want = `{"journal_mode": "wal", "synchronous": 1, "busy_timeout": 5000,
		"foreign_keys": 1, "cache_size": -8000}`
	require.JSONEq(t, want, w.Body.String())
}

type page struct {
	Books []book `json:"books"`
	Next  *int64 `json:"next"`
}

// Pages are read one after the other, for every filter and page size, and compared with a loop over all books.
func TestPages(t *testing.T) {
	api := newAPI(t)
	var all []book
	for n := range 60 {
		b := numbered(n)
		b.Author, b.Genre = fmt.Sprint("author ", n%3), fmt.Sprint("'genre' & ", n%2)
		require.Equal(t, http.StatusCreated, api.do("POST", "/books", written(b)).Code)
		b.ID = int64(n + 1)
		all = append(all, b)
	}
	for _, deleted := range []int{0, 20, 59} { // gaps in the ids
		require.Equal(t, http.StatusNoContent, api.do("DELETE", fmt.Sprint("/books/", deleted+1), "").Code)
		all[deleted].ID = 0
	}
	for _, author := range []string{"", "author 1", "nobody"} {
		for _, genre := range []string{"", "'genre' & 0", "none"} {
			var want []book
			for _, b := range all {
				if b.ID != 0 && (author == "" || b.Author == author) && (genre == "" || b.Genre == genre) {
					want = append(want, b)
				}
			}
			for _, limit := range []int{1, 3, 10, 19, 57, 100} {
				requirePages(t, api, want, limit, url.Values{"author": {author}, "genre": {genre}}.Encode())
			}
		}
	}
	w := api.do("GET", "/books", "")
	require.Len(t, decoded[page](t, w.Body.String()).Books, usualPage)
	require.JSONEq(t, `{"books": []}`, api.do("GET", "/books?after=9223372036854775807", "").Body.String())
}

func requirePages(t *testing.T, api api, want []book, limit int, query string) {
	var got []book
	after := int64(0)
	for pages := 1; ; pages++ {
		w := api.do("GET", fmt.Sprintf("/books?limit=%d&after=%d&%s", limit, after, query), "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		p := decoded[page](t, w.Body.String())
		got = append(got, p.Books...)
		if p.Next == nil {
			require.Equal(t, max(1, (len(want)+limit-1)/limit), pages)
			break
		}
		require.Len(t, p.Books, limit)
		require.Equal(t, p.Books[limit-1].ID, *p.Next)
		after = *p.Next
	}
	require.Equal(t, want, got, "%s by %d", query, limit)
}

func TestSummary(t *testing.T) {
	api := newAPI(t)
	var all []book
	for n := range 50 {
		b := numbered(n)
		b.Author, b.Genre, b.Year = fmt.Sprint("author ", n%3), fmt.Sprint("genre ", n%4), int64(n%5)
		require.Equal(t, http.StatusCreated, api.do("POST", "/books", written(b)).Code)
		b.ID = int64(n + 1)
		all = append(all, b)
	}
	for _, b := range all[:10] {
		want := summary{Book: b}
		pages := 0
		for _, other := range all {
			if other.Author == b.Author {
				want.ByAuthor++
			}
			if other.Genre == b.Genre {
				want.InGenre++
				pages += int(other.Pages)
			}
			if other.Year == b.Year {
				want.SameYear++
			}
		}
		want.AveragePages = float64(pages) / float64(want.InGenre)
		w := api.do("GET", fmt.Sprintf("/books/%d/summary", b.ID), "")
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, want, decoded[summary](t, w.Body.String()))
	}
}

var hostileTexts = []string{
	`'; DROP TABLE books; --`, `" OR ""="`, `%`, `\`, `?1`, `:id`, `NULL`, `<script>`,
	"\u2028", "\u00a0", "☺️", "\ufffd", "ﷺ",
}

// SQL is a text like any other, wherever a text can be.
func TestHostileTexts(t *testing.T) {
	api := newAPI(t)
	for n, text := range hostileTexts {
		b := numbered(n)
		b.Title, b.Author, b.Genre = text, text, text
		b.ID = int64(n + 1)
		requireBook(t, http.StatusCreated, b, api.do("POST", "/books", written(b)))
		requireBook(t, http.StatusOK, b, api.do("GET", fmt.Sprint("/books/", b.ID), ""))
		requirePages(t, api, []book{b}, 10, url.Values{"author": {text}, "genre": {text}}.Encode())
	}
}

func TestManyWritersAtOnce(t *testing.T) {
	api := newAPI(t)
	const writers, each = 8, 25
	ids := make(chan int64, writers*each)
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for n := range each {
				w := api.do("POST", "/books", written(numbered(writer*each+n)))
				if w.Code != http.StatusCreated {
					t.Errorf("%d: %s", w.Code, w.Body)
					return
				}
				ids <- decoded[book](t, w.Body.String()).ID
			}
		})
	}
	group.Wait()
	close(ids)
	known := map[int64]bool{}
	for id := range ids {
		known[id] = true
	}
	require.Len(t, known, writers*each)
}
