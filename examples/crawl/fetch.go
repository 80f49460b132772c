package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// agent is who asks, for the servers' logs and their robots.txt.
const agent = "braid-crawl"

// reply is what is needed of a response.
type reply struct {
	location string // of a redirect
	body     []byte // of HTML and of a robots.txt
	read     int64  // bytes
	cut      bool   // there was more, or were more links
}

// status is the error of a response that brings nothing.
type status int

func (s status) Error() string {
	return strings.TrimSpace(fmt.Sprint(int(s), " ", http.StatusText(int(s))))
}

// busy says that the same request may succeed another time.
func (s status) busy() bool {
	switch s {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func (s status) redirects() bool {
	switch s {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// worthAnother tells what is tried once more: what a busy server says, and everything
// that kept it from saying anything.
func worthAnother(err error) bool {
	s, said := errors.AsType[status](err)
	return !said || s.busy()
}

// getOnce asks the host of u for it.
func (c *crawl) getOnce(ctx context.Context, u *url.URL) (r reply, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return r, err
	}
	request.Header.Set("User-Agent", agent+" (+https://github.com/braidgo/braid)")
	response, err := c.hosts[u.Host].client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return r, failed.Err // without the URL, which is known
	} else if err != nil {
		return r, err
	}
	defer response.Body.Close()
	s, location := status(response.StatusCode), response.Header.Get("Location")
	limit := c.size
	switch {
	case s.redirects() && location != "":
		r.location = location
		return r, nil
	case s < 200 || s > 299:
		return r, s
	case u.Path == robotsPath:
		limit = mostRules
	case !isHTML(response):
		return r, nil // it is there, and what it holds leads nowhere
	}
	r.body, err = io.ReadAll(io.LimitReader(response.Body, limit+1))
	r.read = int64(len(r.body))
	if r.read > limit {
		r.cut, r.body = true, r.body[:limit]
	}
	return r, err
}

func isHTML(response *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return kind == "text/html" || kind == "application/xhtml+xml"
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 100 // as many as -concurrency can be
	t.MaxResponseHeaderBytes = 64 << 10
	return t
}
