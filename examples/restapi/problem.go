package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// problem is an error as a client is told it: application/problem+json, RFC 9457.
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"`
}

// fieldError is what is wrong with one member of a book.
type fieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (p *problem) Error() string {
	if len(p.Errors) == 0 {
		return p.Detail
	}
	var wrong []string
	for _, e := range p.Errors {
		wrong = append(wrong, e.Field+" "+e.Message)
	}
	return strings.Join(wrong, "; ")
}

func problemf(status int, format string, args ...any) *problem {
	return &problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...),
	}
}

// retryAfter is when a client that was refused because of too much load is asked to come again.
const retryAfter = time.Second

func overloaded(why string) *problem {
	return problemf(http.StatusServiceUnavailable, "%s; try again later", why)
}

// problemOf finds the client's words for err; nil if there are none, because the fault is the service's.
func problemOf(err error) *problem {
	var known *problem
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLong):
		return problemf(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", tooLong.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded): // of the connection
		return problemf(http.StatusRequestTimeout, "the body took too long to arrive")
	case errors.Is(err, context.DeadlineExceeded), isBusy(err):
		return overloaded("the catalogue is busy")
	}
	return nil
}

// handler is a http.HandlerFunc that leaves its errors to answer.
type handler func(w http.ResponseWriter, r *http.Request) error

func (s *server) answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		p := problemOf(err)
		if p == nil {
			if r.Context().Err() != nil {
				return // the client has left: nobody reads an answer, and nothing is wrong
			}
			s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
			p = problemf(http.StatusInternalServerError, "the fault is the service's, and is in its log")
		}
		if p.Status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		}
		reply(w, p.Status, "application/problem+json", p)
	}
}

func replyJSON(w http.ResponseWriter, status int, value any) error {
	return reply(w, status, "application/json", value)
}

// reply encodes all of value before it sends anything, so that what cannot be encoded is still answered with an
// error.
func reply(w http.ResponseWriter, status int, contentType string, value any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body.Bytes()) // an error means that the client is gone
	return nil
}
