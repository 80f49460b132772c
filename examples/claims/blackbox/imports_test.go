package blackbox

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type imported struct {
	Imported, Failed int
	Errors           []struct {
		Line  int
		Error string
	}
	Stopped string
}

// load imports a body and returns the last line of the answer, which has the totals.
func (c *client) load(body io.Reader) (sum imported) {
	c.t.Helper()
	a := c.do(http.MethodPost, "/import", asLines, body)
	require.Equal(c.t, http.StatusOK, a.status, a.body)
	lines := strings.Split(strings.TrimSpace(a.body), "\n")
	answer{body: lines[len(lines)-1]}.decode(c.t, &sum)
	require.Empty(c.t, sum.Stopped)
	return sum
}

func (s imported) lines() (lines []int) {
	for _, e := range s.Errors {
		lines = append(lines, e.Line)
	}
	return lines
}

// imports sends lines that are good and lines that are bad.
func imports(c *client) {
	c.t.Run("nothing", func(t *testing.T) {
		for _, body := range []string{"", "\n\n \r\n"} {
			sum := c.in(t).load(strings.NewReader(body))
			require.Equal(t, imported{Errors: sum.Errors}, sum)
			require.Empty(t, sum.Errors)
		}
	})

	for name, reader := range map[string]func(string) io.Reader{
		"of a known length": func(s string) io.Reader { return strings.NewReader(s) },
		"in chunks":         func(s string) io.Reader { return io.MultiReader(strings.NewReader(s)) },
	} {
		c.t.Run("good and bad lines, "+name, func(t *testing.T) { goodAndBad(c.in(t), "import "+name, reader) })
	}

	c.t.Run("several batches, every tenth line bad", func(t *testing.T) {
		c := c.in(t)
		const n, every, listed = 3500, 10, 100
		var body strings.Builder
		for i := range n {
			line := book("genre", `"batches"`)
			if i%every == every-1 {
				line = "bad"
			}
			fmt.Fprintln(&body, line)
		}
		// The length is unknown, and the body comes in chunks.
		sum := c.load(io.MultiReader(strings.NewReader(body.String())))
		require.Equal(t, n/every, sum.Failed)
		require.Equal(t, n-n/every, sum.Imported)
		require.Len(t, sum.Errors, listed)
		for i, e := range sum.Errors {
			require.Equal(t, (i+1)*every, e.Line)
		}
		require.Len(t, c.all(url.Values{"genre": {"batches"}, "limit": {"100"}}, 100), sum.Imported)

		again := c.load(strings.NewReader(body.String()))
		require.Zero(t, again.Imported)
		require.Equal(t, n, again.Failed)
	})
}

func goodAndBad(c *client, genre string, reader func(string) io.Reader) {
	one := func(more ...string) string { return book(append(more, "genre", `"`+genre+`"`)...) }
	there, twice := c.create(), isbn()
	lines := []struct {
		text string
		good bool
	}{
		{one(), true},
		{"", true},
		{"not JSON", false},
		{one() + "\r", true},
		{one("year", "-1"), false},
		{"  \t", true},
		{one("year", "null"), false},
		{one("year", ""), false},
		{one("subtitle", `"x"`), false},
		{one() + one(), false},
		{"[" + one() + "]", false},
		{one("title", "\"\xff\""), false},
		{one("isbn", `"`+there.ISBN+`"`), false},
		{one("isbn", `"`+twice+`"`), true},
		{one("isbn", `"`+twice+`"`), false},
		{padded(one(), longestBody), true},
		{padded(one(), longestBody+1), false},
		{padded(one(), 3*longestBody), false},
		{"{", false},
		{one("id", "1"), true},
		{"  " + one(), true}, // without a newline
	}
	var texts []string
	var bad []int
	good := 0
	for i, l := range lines {
		texts = append(texts, l.text)
		switch {
		case !l.good:
			bad = append(bad, i+1)
		case strings.TrimSpace(l.text) != "":
			good++
		}
	}
	sum := c.load(reader(strings.Join(texts, "\n")))
	require.Equal(c.t, bad, sum.lines(), "%v", sum.Errors)
	require.Equal(c.t, []int{good, len(bad)}, []int{sum.Imported, sum.Failed})
	for _, e := range sum.Errors {
		require.NotEmpty(c.t, e.Error)
	}
	require.Len(c.t, c.all(url.Values{"genre": {genre}}, 20), good)
}
