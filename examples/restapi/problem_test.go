package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// What fails in the service is in its log, and not in the answer.
func TestFailureOfTheService(t *testing.T) {
	api := newAPI(t)
	var log bytes.Buffer
	api.log = slog.New(slog.NewTextHandler(&log, nil))
	_, err := api.store.writer.Exec("DROP TABLE books")
	require.NoError(t, err)
	for _, path := range []string{"/books", "/books/1", "/books/1/summary"} {
		log.Reset()
		w := api.do("GET", path, "")
		requireProblem(t, http.StatusInternalServerError, "in its log", w)
		require.NotContains(t, w.Body.String(), "table")
		require.Contains(t, log.String(), "no such table: books")
		require.Contains(t, log.String(), "path="+path)
	}
}

// A client that leaves is no failure, and gets no answer.
func TestClientThatLeaves(t *testing.T) {
	api := newAPI(t)
	var log bytes.Buffer
	api.log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/books/1", nil))
	require.Empty(t, w.Body.String())
	require.Empty(t, log.String())
}
