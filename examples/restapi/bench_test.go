package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// One operation is one line. A million, as one import, and ten thousand as one transaction each:
//
//	go test -run '^$' -bench Import/batches -benchtime 1000000x ./examples/restapi
//	go test -run '^$' -bench Import/lines -benchtime 10000x ./examples/restapi
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
			bk, err := parseBook([]byte(written(numbered(n))))
			require.NoError(b, err)
			_, err = api.store.addAll(b.Context(), []book{bk})
			require.NoError(b, err)
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

func BenchmarkGet(b *testing.B) {
	api := newAPI(b)
	sum, _ := api.imported(&lines{end: 1000})
	require.Equal(b, 1000, sum.Imported)
	for name, handler := range map[string]http.Handler{"handler": api.Handler} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), "GET", "/books/500", nil)
			w := &nowhere{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				w.body.Reset()
				handler.ServeHTTP(w, r)
				require.Equal(b, http.StatusOK, w.status)
			}
		})
	}
}
