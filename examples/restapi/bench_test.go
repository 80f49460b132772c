package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// One operation is one line: of an import, in a transaction of its own, or POSTed by a client that knows no better.
// A million of the first, as one import, and ten thousand of the others:
//
//	go test -run '^$' -bench Import/batches -benchtime 1000000x ./examples/restapi
//	go test -run '^$' -bench 'Import/(lines|posts)' -benchtime 10000x ./examples/restapi
func BenchmarkImport(b *testing.B) {
	b.Run("batches", func(b *testing.B) {
		api := newAPI(b)
		b.ReportAllocs()
		b.ResetTimer()
		sum, _ := api.imported(&lines{end: b.N})
		b.StopTimer()
		require.Equal(b, totals{Imported: b.N, Errors: []lineError{}}, sum)
	})
	b.Run("lines", func(b *testing.B) {
		api := newAPI(b)
		b.ReportAllocs()
		b.ResetTimer()
		for n := range b.N {
			one, err := parseBook([]byte(written(numbered(n))))
			require.NoError(b, err)
			_, err = api.store.addAll(b.Context(), []book{one})
			require.NoError(b, err)
		}
	})
	b.Run("posts", func(b *testing.B) {
		service := httptest.NewServer(newAPI(b))
		defer service.Close()
		b.ResetTimer()
		for n := range b.N {
			body := strings.NewReader(written(numbered(n)))
			response, err := service.Client().Post(service.URL+"/books", "application/json", body)
			require.NoError(b, err)
			io.Copy(io.Discard, response.Body) // so that the connection is used again
			response.Body.Close()
			require.Equal(b, http.StatusCreated, response.StatusCode)
		}
	})
}

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return n.body.Write(p) }
func (n *nowhere) WriteHeader(status int)      { n.status = status }

// GET /books/{id}, from the handler's beginning to its end:
//
//	go test -run '^$' -bench Get -cpuprofile cpu.out ./examples/restapi
func BenchmarkGet(b *testing.B) {
	api := newAPI(b)
	sum, _ := api.imported(&lines{end: 1000})
	require.Equal(b, 1000, sum.Imported)
	r := httptest.NewRequestWithContext(b.Context(), "GET", "/books/500", nil)
	w := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		w.body.Reset()
		api.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatal(w.status)
		}
	}
}
