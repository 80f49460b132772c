package blackbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/internal/testkit"

	// What the service in Go is made of, too; see readSources.
	_ "github.com/braidgo/braid/pipeline"
	_ "github.com/braidgo/braid/ratelimit/httplimit"
)

// scratch holds the Go service that the tests build.
var scratch string

func TestMain(m *testing.M) {
	if os.Getenv(asService) != "" {
		pretend(os.Getenv(asService))
	}
	var err error
	if scratch, err = os.MkdirTemp("", "blackbox-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(scratch)
		os.Exit(code)
	}))
}

// buildGo builds the Go service once, with the race detector if the test has it.
var buildGo = sync.OnceValue(func() error {
	s := Go
	if testkit.Race {
		s.build = func(p place) []command {
			commands := Go.build(p)
			c := &commands[0]
			c.args = append([]string{c.args[0], c.args[1], "-race"}, c.args[2:]...)
			return commands
		}
	}
	return Build(context.Background(), s, scratch, io.Discard)
})

// readSources reads what the services are made of, so that go test runs the test again when that has changed.
func readSources(t *testing.T) {
	t.Helper()
	p, err := locate(t.Context(), scratch)
	require.NoError(t, err)
	for _, pattern := range []string{"../restapi", "python", "python/*", "rust", "rust/*"} {
		names, err := filepath.Glob(filepath.Join(p.claims, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, names, pattern)
		for _, name := range names {
			_, err := os.Stat(name)
			require.NoError(t, err)
			if entries, err := os.ReadDir(name); err == nil {
				require.NotEmpty(t, entries, name)
			}
		}
	}
}

// launch starts a service on a new catalogue. The twins are skipped unless they were prepared:
// that takes minutes, and the network.
func launch(t *testing.T, s Service) *client {
	t.Helper()
	o := Options{Database: filepath.Join(t.TempDir(), "books.db")}
	if s.Name == Go.Name {
		require.NoError(t, buildGo())
		o.Dir = scratch
	} else {
		why, err := Unprepared(t.Context(), s)
		require.NoError(t, err)
		if why != "" {
			t.Skipf("%s; see examples/claims", why)
		}
	}
	return start(t, s, o)
}

func start(t *testing.T, s Service, o Options) *client {
	t.Helper()
	// t's own context ends before the functions of Cleanup run, and would kill it.
	p, err := Start(context.WithoutCancel(t.Context()), s, o)
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	c := &client{t: t, service: s, options: o, process: p, http: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// client talks to a service.
type client struct {
	t       *testing.T
	service Service
	options Options
	process *Process
	http    *http.Client
}

// in is the client of a subtest.
func (c *client) in(t *testing.T) *client {
	other := *c
	other.t = t
	return &other
}

type answer struct {
	status int
	header http.Header
	body   string
}

const (
	asJSON    = "application/json"
	asLines   = "application/x-ndjson"
	asProblem = "application/problem+json"
)

// do sends a request; without a content type, it has none.
func (c *client) do(method, path, contentType string, body io.Reader) answer {
	c.t.Helper()
	a, err := c.try(method, path, contentType, body)
	require.NoError(c.t, err, "%s %s", method, path)
	return a
}

// try is do for goroutines, which must not end the test.
func (c *client) try(method, path, contentType string, body io.Reader) (a answer, err error) {
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.process.URL+path, body)
	if err != nil {
		return a, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

func (c *client) get(path string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, "", nil)
}

// create adds a book and returns it as the service answers.
func (c *client) create(changes ...string) (b struct {
	ID   int64
	ISBN string
}) {
	c.t.Helper()
	a := c.do(http.MethodPost, "/books", asJSON, strings.NewReader(book(changes...)))
	require.Equal(c.t, http.StatusCreated, a.status, a.body)
	a.decode(c.t, &b)
	return b
}

func (a answer) decode(t *testing.T, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), v), "%q", a.body)
}

// mediaType is that of the answer.
func (a answer) mediaType(t *testing.T) string {
	t.Helper()
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	require.NoError(t, err, "%q", a.header)
	return mediaType
}

// problem requires the answer to be an error of this shape.
func (a answer) problem(t *testing.T, status int) (p problem) {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	require.Equal(t, asProblem, a.mediaType(t))
	a.decode(t, &p)
	require.Equal(t, "about:blank", p.Type)
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Detail)
	if !renamed[status] {
		require.Equal(t, http.StatusText(status), p.Title)
	}
	require.NotEmpty(t, p.Title)
	return p
}

type problem struct {
	Type, Title, Detail string
	Status              int
	Errors              []struct{ Field, Message string }
}

// renamed are those whose names RFC 9110 has changed. Some libraries have the new ones.
var renamed = map[int]bool{http.StatusRequestEntityTooLarge: true, http.StatusUnprocessableEntity: true}

// members are a valid book, in the order of the errors that the services report.
var members = [][2]string{
	{"title", `"The C Programming Language"`},
	{"author", `"Brian Kernighan"`},
	{"isbn", `"$ISBN"`},
	{"year", `1988`},
	{"pages", `272`},
	{"genre", `"computing"`},
}

// book is a valid book in JSON, with another ISBN each time, except for the changes: the name of
// a member, then its value in JSON or nothing to leave it out.
func book(changes ...string) string {
	changed := make(map[string]string)
	for i := 0; i < len(changes); i += 2 {
		changed[changes[i]] = changes[i+1]
	}
	var text []string
	add := func(name, value string) {
		if value != "" {
			text = append(text, fmt.Sprintf("%q: %s", name, value))
		}
	}
	for _, m := range members {
		name, value := m[0], m[1]
		if other, ok := changed[name]; ok {
			value = other
			delete(changed, name)
		}
		add(name, value)
	}
	for name, value := range changed {
		add(name, value)
	}
	return strings.ReplaceAll("{"+strings.Join(text, ", ")+"}", "$ISBN", isbn())
}

var isbns atomic.Int64

// isbn returns one that was not there before.
func isbn() string {
	digits := fmt.Sprintf("978%09d", isbns.Add(1))
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2)) // they weigh 1 and 3 in turn
	}
	return fmt.Sprint(digits, (10-sum%10)%10)
}
