package blackbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile are texts that must come back as they were sent.
var hostile = []string{
	`'; DROP TABLE books; --`,
	`" OR ""="`,
	`%_\`,
	"<script>&amp;</script>",
	"éàü 日本語 𝄞 \u2028\u2029\ufeff",
	"  spaces around  ",
	"e\u0301 is not \u00e9", // no normalization
}

// stored checks that a book comes back as it was written, and goes.
func stored(c *client) {
	for _, value := range hostile {
		c.t.Run(value, func(t *testing.T) {
			c := c.in(t)
			quoted, err := json.Marshal(value)
			require.NoError(t, err)
			changes := []string{"title", string(quoted), "author", string(quoted), "genre", string(quoted)}
			created := c.do(http.MethodPost, "/books", asJSON, strings.NewReader(book(changes...)))
			require.Equal(t, http.StatusCreated, created.status, created.body)
			var b struct {
				ID                   int64
				Title, Author, Genre string
			}
			created.decode(t, &b)
			require.Equal(t, []string{value, value, value}, []string{b.Title, b.Author, b.Genre})

			path := fmt.Sprint("/books/", b.ID)
			require.Equal(t, path, created.header.Get("Location"))
			require.JSONEq(t, created.body, c.get(path).body)
		})
	}

	c.t.Run("replaced", func(t *testing.T) {
		c := c.in(t)
		b := c.create()
		path := fmt.Sprint("/books/", b.ID)
		sent := book("title", `"T"`, "author", `"A"`, "year", "0", "pages", "100000", "genre", `"G"`)
		a := c.do(http.MethodPut, path, asJSON, strings.NewReader(sent))
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.JSONEq(t, fmt.Sprintf(`{"id": %d, `, b.ID)+sent[1:], a.body)
		require.JSONEq(t, a.body, c.get(path).body)

		again := c.do(http.MethodPut, path, asJSON, strings.NewReader(a.body))
		require.Equal(t, http.StatusOK, again.status, "what GET gives can be PUT: %s", again.body)
		require.JSONEq(t, a.body, again.body)

		a = c.do(http.MethodPost, "/books", asJSON, strings.NewReader(book("isbn", `"`+b.ISBN+`"`)))
		require.Equal(t, http.StatusCreated, a.status, "the ISBN it had is free: %s", a.body)
	})

	c.t.Run("deleted", func(t *testing.T) {
		c := c.in(t)
		b := c.create()
		path := fmt.Sprint("/books/", b.ID)
		a := c.do(http.MethodDelete, path, "", nil)
		require.Equal(t, http.StatusNoContent, a.status)
		require.Empty(t, a.body)
		c.get(path).problem(t, http.StatusNotFound)
		c.get(path+"/summary").problem(t, http.StatusNotFound)
		c.do(http.MethodDelete, path, "", nil).problem(t, http.StatusNotFound)
		next := c.create("isbn", `"`+b.ISBN+`"`)
		require.Greater(t, next.ID, b.ID, "no id is given twice")
	})

	c.t.Run("sent in chunks", func(t *testing.T) {
		c := c.in(t)
		body := io.MultiReader(strings.NewReader(book())) // of a length that the client does not know
		a := c.do(http.MethodPost, "/books", asJSON, body)
		require.Equal(t, http.StatusCreated, a.status, a.body)
		body = io.MultiReader(strings.NewReader(padded(book(), longestBody+1)))
		a, err := c.try(http.MethodPost, "/books", asJSON, body)
		if err == nil { // else the service did not wait for the last chunk, and has closed the connection
			a.problem(t, http.StatusRequestEntityTooLarge)
		}
	})
}
