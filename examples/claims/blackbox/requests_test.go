package blackbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	longestBody = 64 << 10
	absent      = "/books/999999999"
)

// requests are rows with the status that each is answered with, and the fields that are wrong. In
// a path or a body, $ID and $KNOWN are the id and the ISBN of a book that is there.
func requests(c *client) {
	type row struct {
		name         string
		method, path string
		contentType  string
		body         string
		status       int
		fields       string
	}
	var rows []row
	add := func(name, method, path, contentType, body string, status int, fields ...string) {
		rows = append(rows, row{name, method, path, contentType, body, status, strings.Join(fields, " ")})
	}

	// What is written, by POST and PUT alike.
	for _, to := range []struct {
		method, path string
		status       int
	}{{http.MethodPost, "/books", http.StatusCreated}, {http.MethodPut, "/books/$ID", http.StatusOK}} {
		write := func(name, body string, status int, fields ...string) {
			add(name, to.method, to.path, asJSON, body, status, fields...)
		}
		as := func(name, contentType, body string, status int) {
			add(name, to.method, to.path, contentType, body, status)
		}

		write("a book", book(), to.status)
		as("a book in UTF-8", "application/json; charset=utf-8", book(), to.status)
		write("the longest texts",
			book("title", text("é", 200), "author", text("𝄞", 100), "genre", text("z", 40)), to.status)
		write("the shortest texts", book("title", `"t"`, "author", `"a"`, "genre", `"g"`), to.status)
		write("the least numbers", book("year", "0", "pages", "1"), to.status)
		write("the greatest numbers", book("year", "9999", "pages", "100000"), to.status)
		write("an id, which is ignored", book("id", "123456789"), to.status)
		write("white space around it", "\r\n\t "+book()+"\r\n\t ", to.status)
		write("names with escapes", strings.Replace(book(), `"title"`, `"t\u0069tle"`, 1), to.status)
		write("64 KiB exactly", padded(book(), longestBody), to.status)

		const bad = http.StatusBadRequest
		write("nothing", "", bad)
		write("white space", " \n", bad)
		write("no JSON", "title=x", bad)
		write("JSON cut off", strings.TrimSuffix(book(), "}"), bad)
		write("two books", book()+book(), bad)
		write("text behind it", book()+"x", bad)
		write("a comment", book()+"// x", bad)
		write("null", "null", bad)
		write("a string", `"x"`, bad)
		write("an array of books", "["+book()+"]", bad)
		write("an array of its values", `["T", "A", "`+isbn()+`", 1988, 272, "g"]`, bad)
		write("an array of its values with an id", `[1, "T", "A", "`+isbn()+`", 1988, 272, "g"]`, bad)
		write("nested deeply", strings.Repeat("[", 30000), bad)
		write("a title nested deeply", book("title", strings.Repeat(`{"a":`, 10000)), bad)
		write("an unknown member", book("subtitle", `"x"`), bad)
		write("a name in upper case", book("title", "", "Title", `"x"`), bad)
		write("a name without characters", book("", `"x"`), bad)
		write("a member twice", strings.Replace(book(), "{", `{"year": 1988, `, 1), bad)
		write("a member twice, once with escapes", strings.Replace(book(), "{", `{"y\u0065ar": 1988, `, 1), bad)
		write("an id that is a string", book("id", `"1"`), bad)
		write("an id that is null", book("id", `null`), bad)
		write("invalid UTF-8", book("title", "\"\xff\""), bad)
		write("UTF-16", "\xff\xfe{\x00}\x00", bad)
		write("a byte order mark", "\xef\xbb\xbf"+book(), bad)
		write("a newline in a string", book("title", "\"a\nb\""), bad)
		write("a value out of range, and text behind it", book("year", "-1")+"x", bad)
		for _, m := range members {
			name := m[0]
			wrong := []string{"null", "true", "[]", "{}", "1.5", "1988.0", "1e3", "NaN", "1e400", "-", "01"}
			if m[1][0] == '"' {
				wrong = append(wrong, "7", "'x'", `"`)
			} else {
				wrong = append(wrong, `"7"`, `""`)
			}
			for _, value := range wrong {
				write(fmt.Sprintf("%s is %s", name, value), book(name, value), bad)
			}
		}

		const invalid = http.StatusUnprocessableEntity
		write("an empty object", "{}", invalid, "title", "author", "isbn", "year", "pages", "genre")
		for _, m := range members {
			write("without "+m[0], book(m[0], ""), invalid, m[0])
		}
		for _, name := range []string{"title", "author", "genre"} {
			for _, value := range []string{``, `\u0000`, `a\nb`, `a\u007f`, `\u0085`, `\u009f`} {
				write(fmt.Sprintf("%s is %q", name, value), book(name, `"`+value+`"`), invalid, name)
			}
		}
		write("texts too long", book("title", text("é", 201), "author", text("𝄞", 101), "genre", text("z", 41)),
			invalid, "title", "author", "genre")
		write("numbers too small", book("year", "-1", "pages", "0"), invalid, "year", "pages")
		write("numbers too great", book("year", "10000", "pages", "100001"), invalid, "year", "pages")
		write("numbers of 64 bits", book("year", "9223372036854775807", "pages", "-9223372036854775808"),
			invalid, "year", "pages")
		for _, value := range []string{"", "978013110362", "97801311036270", "978-0131103627", "9780131103628",
			"978013110362X", " 9780131103627", "9780131103627\\n", "٩٧٨٠١٣١١٠٣٦٢٧", "٠٠٠٠٠٠٠٠٠٠٠٠٠"} {
			write(fmt.Sprintf("isbn is %q", value), book("isbn", `"`+value+`"`), invalid, "isbn")
		}
		write("an ISBN that is known, and a year out of range",
			book("isbn", `"$KNOWN"`, "year", "-1"), invalid, "year")

		const tooLarge = http.StatusRequestEntityTooLarge
		write("a byte more than 64 KiB", padded(book(), longestBody+1), tooLarge)
		write("a byte more than 64 KiB, not JSON", strings.Repeat("x", longestBody+1), tooLarge)

		const otherType = http.StatusUnsupportedMediaType
		for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded",
			"application/jsonp", asLines, asProblem} {
			as(fmt.Sprintf("of the type %q", contentType), contentType, book(), otherType)
		}
		as("of another type, and not JSON", "text/plain", "x", otherType)
	}

	const conflict = http.StatusConflict
	add("an ISBN that is known", http.MethodPost, "/books", asJSON, book("isbn", `"$KNOWN"`), conflict)
	add("the book's own ISBN", http.MethodPut, "/books/$ID", asJSON, book("isbn", `"$KNOWN"`), http.StatusOK)
	other := c.create()
	add("another book's ISBN", http.MethodPut, fmt.Sprint("/books/", other.ID), asJSON,
		book("isbn", `"$KNOWN"`), conflict)

	const notFound = http.StatusNotFound
	add("no book to replace", http.MethodPut, absent, asJSON, book(), notFound)
	add("no book to replace, an ISBN that is known", http.MethodPut, absent, asJSON,
		book("isbn", `"$KNOWN"`), notFound)
	add("no book to replace, and not JSON", http.MethodPut, absent, asJSON, "x", http.StatusBadRequest)
	add("no book to replace, and invalid", http.MethodPut, absent, asJSON, book("year", "-1"),
		http.StatusUnprocessableEntity, "year")
	add("no book to delete", http.MethodDelete, absent, "", "", notFound)
	for _, id := range []string{"999999999", "0", "-1", "x", "1.5", "1x", "%20", "1%2F2", "",
		"9223372036854775807", "9223372036854775808", "99999999999999999999", "1'--"} {
		path := "/books/" + id
		add(fmt.Sprintf("the book %q", id), http.MethodGet, path, "", "", notFound)
		if id == "" {
			continue
		}
		add(fmt.Sprintf("the summary of %q", id), http.MethodGet, path+"/summary", "", "", notFound)
		add(fmt.Sprintf("replaces the book %q", id), http.MethodPut, path, asJSON, book(), notFound)
		add(fmt.Sprintf("deletes the book %q", id), http.MethodDelete, path, "", "", notFound)
	}
	for _, path := range []string{"/", "/book", "/healthz/", "/books/1/", "/books/1/summary/", "/books/1/title",
		"/import/x"} {
		add("the path "+path, http.MethodGet, path, "", "", notFound)
	}

	for _, query := range []string{"limit=0", "limit=-1", "limit=101", "limit=x", "limit=1.5", "limit=1e1",
		"limit=99999999999999999999", "after=-1", "after=x", "after=9223372036854775808", "limit=1&limit=2",
		"after=1&after=2", "author=a&author=b", "genre=a&genre=b"} {
		add("the list with "+query, http.MethodGet, "/books?"+query, "", "", http.StatusBadRequest)
	}
	for _, query := range []string{"", "limit=1", "limit=100", "after=0", "after=9223372036854775807", "author=",
		"genre=", "author=%27%20OR%201=1", "colour=blue", "author=%F0%9D%84%9E"} {
		add("the list with "+query, http.MethodGet, "/books?"+query, "", "", http.StatusOK)
	}
	add("the first book", http.MethodGet, "/books/$ID", "", "", http.StatusOK)
	add("the summary", http.MethodGet, "/books/$ID/summary", "", "", http.StatusOK)
	add("the health", http.MethodGet, "/healthz", "", "", http.StatusOK)
	add("the health's head", http.MethodHead, "/healthz", "", "", http.StatusOK)
	add("a book's head", http.MethodHead, "/books/$ID", "", "", http.StatusOK)
	for _, contentType := range []string{"", asJSON, "text/plain"} {
		add(fmt.Sprintf("an import of the type %q", contentType), http.MethodPost, "/import", contentType, book(),
			http.StatusUnsupportedMediaType)
	}

	for _, r := range rows {
		c.t.Run(r.method+" "+r.name, func(t *testing.T) {
			c := c.in(t)
			there := c.create()
			fill := strings.NewReplacer("$ID", fmt.Sprint(there.ID), "$KNOWN", there.ISBN)
			var body io.Reader
			if r.method == http.MethodPost || r.method == http.MethodPut {
				body = strings.NewReader(fill.Replace(r.body))
			}
			a := c.do(r.method, fill.Replace(r.path), r.contentType, body)
			switch {
			case r.method == http.MethodHead:
				require.Equal(t, r.status, a.status)
				require.Equal(t, asJSON, a.mediaType(t))
				require.Empty(t, a.body)
			case r.status < http.StatusBadRequest:
				require.Equal(t, r.status, a.status, a.body)
				require.Equal(t, asJSON, a.mediaType(t))
				require.True(t, json.Valid([]byte(a.body)), a.body)
			default:
				var fields []string
				for _, e := range a.problem(t, r.status).Errors {
					require.NotEmpty(t, e.Message, e.Field)
					fields = append(fields, e.Field)
				}
				require.Equal(t, r.fields, strings.Join(slices.Compact(fields), " "), "one may be wrong in two ways")
				// What was refused has changed nothing.
				var now struct{ ISBN string }
				c.get(fmt.Sprint("/books/", there.ID)).decode(t, &now)
				require.Equal(t, there.ISBN, now.ISBN)
			}
		})
	}

	c.t.Run("a large body", func(t *testing.T) {
		for contentType, status := range map[string]int{
			asJSON:       http.StatusRequestEntityTooLarge,
			"text/plain": http.StatusUnsupportedMediaType,
		} {
			c := c.in(t)
			body := padded(book("genre", `"large"`), 1<<20)
			a, err := c.try(http.MethodPost, "/books", contentType, strings.NewReader(body))
			if err == nil { // else the service did not read it all, and has closed the connection
				a.problem(t, status)
			}
			require.JSONEq(t, `{"books": []}`, c.get("/books?genre=large").body)
		}
	})
	c.t.Run("half a surrogate pair", func(t *testing.T) {
		a := c.in(t).do(http.MethodPost, "/books", asJSON, strings.NewReader(book("title", `"\ud800"`)))
		switch a.status {
		case http.StatusBadRequest, http.StatusUnprocessableEntity:
			a.problem(t, a.status)
		default: // what encoding/json makes of it
			var b struct{ Title string }
			a.decode(t, &b)
			require.Equal(t, "\ufffd", b.Title)
		}
	})
	c.t.Run("an integer beyond 64 bits", func(t *testing.T) {
		for _, value := range []string{"9223372036854775808", "-9223372036854775809", strings.Repeat("9", 5000)} {
			a := c.in(t).do(http.MethodPost, "/books", asJSON, strings.NewReader(book("pages", value)))
			if a.status != http.StatusUnprocessableEntity {
				a.problem(t, http.StatusBadRequest)
			}
		}
	})
}

// text is a JSON string of n characters.
func text(character string, n int) string { return `"` + strings.Repeat(character, n) + `"` }

// padded is text with white space behind it, up to a length.
func padded(text string, length int) string { return text + strings.Repeat(" ", length-len(text)) }

// methods asks every route for what it does not have.
func methods(c *client) {
	for _, route := range []struct{ path, has string }{
		{"/healthz", "GET"},
		{"/pragmas", "GET"},
		{"/books", "GET POST"},
		{"/books/1", "GET PUT DELETE"},
		{"/books/1/summary", "GET"},
		{"/import", "POST"},
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if strings.Contains(route.has, method) {
				continue
			}
			c.t.Run(method+" "+route.path, func(t *testing.T) {
				a := c.in(t).do(method, route.path, "", nil)
				a.problem(t, http.StatusMethodNotAllowed)
				var allowed []string
				for name := range strings.SplitSeq(strings.Join(a.header.Values("Allow"), ","), ",") {
					allowed = append(allowed, strings.TrimSpace(name))
				}
				require.Subset(t, allowed, strings.Fields(route.has))
				require.Subset(t, append(strings.Fields(route.has), "HEAD", "OPTIONS"), allowed)
			})
		}
	}
}

// pragmas are the same in all three.
func pragmas(c *client) {
	a := c.get("/pragmas")
	require.Equal(c.t, http.StatusOK, a.status, a.body)
	require.JSONEq(c.t, `{"journal_mode": "wal", "synchronous": 1, "busy_timeout": 5000, "foreign_keys": 1,
		"cache_size": -8000}`, a.body)
	require.JSONEq(c.t, `{"status": "ok"}`, c.get("/healthz").body)
}
