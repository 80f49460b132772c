package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Whatever is asked, the answer is of the form that is promised, and never that something failed here.
func FuzzAPI(f *testing.F) {
	const anyJSON, lines = "application/json", "application/x-ndjson"
	good := written(numbered(1))
	for _, seed := range []struct{ method, target, contentType, body string }{
		{"POST", "/books", anyJSON, good},
		{"POST", "/books", anyJSON, strings.Replace(good, "1900", "1e99", 1)},
		{"PUT", "/books/1", anyJSON, good},
		{"DELETE", "/books/2", "", ""},
		{"GET", "/books/9223372036854775808/summary", "", ""},
		{"GET", "/books/1/summary", "", ""},
		{"GET", "/books?limit=5&after=1&author='%20OR%201=1%20--&genre=%00", "", ""},
		{"GET", "/pragmas", "", ""},
		{"POST", "/import", lines, good + "\n{\n" + good},
		{"OPTIONS", "/healthz", "", ""},
		{"GET", "//books/../x", "", ""},
	} {
		f.Add(seed.method, seed.target, seed.contentType, []byte(seed.body))
	}
	for _, text := range hostileTexts {
		b := numbered(1)
		b.Title, b.Author, b.Genre = text, text, text
		f.Add("POST", "/books", anyJSON, []byte(written(b)))
	}
	api := newAPI(f)
	api.do("POST", "/books", written(numbered(0)))
	f.Fuzz(func(t *testing.T, method, target, contentType string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), method, target, bytes.NewReader(body))
		if err != nil || !strings.HasPrefix(target, "/") {
			return // net/http would not have read such a request
		}
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		requirePromised(t, w)
	})
}

func requirePromised(t *testing.T, w *httptest.ResponseRecorder) {
	text := w.Body.String()
	require.True(t, utf8.ValidString(text))
	switch {
	case w.Code >= 500:
		t.Fatalf("%d: %s", w.Code, text)
	case w.Code >= 400:
		require.NotEmpty(t, requireProblem(t, w.Code, "", w).Detail)
	case w.Code >= 300: // to the same path without dots and double slashes
		require.NotEmpty(t, w.Header().Get("Location"))
	case w.Header().Get("Content-Type") == "application/x-ndjson":
		parseAnswer(t, text)
	case w.Code != http.StatusNoContent:
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		require.True(t, json.Valid([]byte(text)))
	}
}
