package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

// asProgram in the environment makes this binary the program itself.
const asProgram = "RESTAPI_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		batchWait = 0 // all batches are full: half a batch is seen
		main()
	}
	testkit.Main(m)
}

// newServer is a service without a listener, on an empty catalogue.
func newServer(t testing.TB) *server {
	store, err := openStore(context.Background(), filepath.Join(t.TempDir(), "books.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.close()) })
	return &server{store: store, log: slog.New(slog.DiscardHandler), ending: context.Background()}
}

// api is a service without limits, as a function from a request to its answer.
type api struct {
	*server
	http.Handler
	t testing.TB
}

func newAPI(t testing.TB) api {
	s := newServer(t)
	return api{s, s.handler(0), t}
}

// do sends a request with a body of JSON.
func (a api) do(method, target, body string) *httptest.ResponseRecorder {
	return a.send(method, target, "application/json", strings.NewReader(body))
}

func (a api) send(method, target, contentType string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(a.t.Context(), method, target, body)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// imported sends lines, and returns the totals and what was told before them.
func (a api) imported(body io.Reader) (totals, []report) {
	w := a.send("POST", "/import", "application/x-ndjson", body)
	require.Equal(a.t, http.StatusOK, w.Code, w.Body)
	return parseAnswer(a.t, w.Body.String())
}

func parseAnswer(t testing.TB, text string) (sum totals, reports []report) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, l := range lines[:len(lines)-1] {
		reports = append(reports, decoded[report](t, l))
	}
	return decoded[totals](t, lines[len(lines)-1]), reports
}

func decoded[T any](t testing.TB, text string) (value T) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&value), text)
	return value
}

// numbered is the book of that number, by one of 1000 authors and of one of 20 genres.
func numbered(n int) book {
	return book{
		Title: fmt.Sprintf("The Book with the Number %d", n), Author: fmt.Sprintf("Author %d", n*7919%1000), ISBN: isbn(n),
		Year: int64(1900 + n%120), Pages: int64(100 + n%900), Genre: fmt.Sprintf("genre %d", n*31%20),
	}
}

// isbn is 978, n in nine digits, and the check digit.
func isbn(n int) string {
	digits, sum := fmt.Sprintf("978%09d", n), 0
	for i, c := range digits {
		sum += int(c-'0') * (1 + i%2*2)
	}
	return fmt.Sprint(digits, (10-sum%10)%10)
}

// written is a book as a client writes it, a line.
func written(b book) string {
	return fmt.Sprintf(`{"title": %q, "author": %q, "isbn": %q, "year": %d, "pages": %d, "genre": %q}`,
		b.Title, b.Author, b.ISBN, b.Year, b.Pages, b.Genre) + "\n"
}

// lines is a body of that many books, made while it is read.
type lines struct {
	next, end int
	rest      string
	called    func() // before a line is made, unless nil
}

func (l *lines) Read(p []byte) (int, error) {
	if l.rest == "" {
		if l.next == l.end {
			return 0, io.EOF
		}
		if l.called != nil {
			l.called()
		}
		l.rest = written(numbered(l.next))
		l.next++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// pipes is a listener whose connections are pipes, so that a server can be in a bubble.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newPipes() *pipes { return &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.dialled <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// inBubble runs the service and a client of it in a bubble, where time passes when all wait.
func inBubble(t *testing.T, test func(t *testing.T, s *server, client *http.Client)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := openStore(t.Context(), filepath.Join(dir, "books.db"))
		require.NoError(t, err)
		s := &server{store: store, log: slog.New(slog.DiscardHandler), ending: context.Background()}
		listener := newPipes()
		service := s.listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler(0).ServeHTTP(w, r) }))
		ended := make(chan error)
		go func() { ended <- service.Serve(listener) }() // until it is shut down below
		transport := &http.Transport{DialContext: listener.dial}
		test(t, s, &http.Client{Transport: transport})
		transport.CloseIdleConnections()
		require.NoError(t, service.Shutdown(context.Background()))
		require.Equal(t, http.ErrServerClosed, <-ended)
		require.NoError(t, store.close())
	})
}
