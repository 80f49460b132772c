package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRobots(t *testing.T) {
	all := []string{"/", "/a", "/a/b", "/b", "/b?q=1"}
	for name, c := range map[string]struct {
		rules string
		want  []string // what is fetched
	}{
		"nothing":               {"", all},
		"nothing disallowed":    {"User-agent: *\nDisallow:", all},
		"everything":            {"User-agent: *\nDisallow: /", nil},
		"a folder":              {"User-agent: *\nDisallow: /a/", []string{"/", "/a", "/b", "/b?q=1"}},
		"but not all of it":     {"User-agent: *\nDisallow: /a\nAllow: /a/b", []string{"/", "/a/b", "/b", "/b?q=1"}},
		"others":                {"User-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /b", []string{"/", "/a", "/a/b"}},
		"by name":               {"User-agent: *\nDisallow: /\nUser-agent: Braid-Crawl\nDisallow: /b\n", []string{"/", "/a", "/a/b"}},
		"a query":               {"User-agent: *\nDisallow: /*?", []string{"/", "/a", "/a/b", "/b"}},
		"an end":                {"User-agent: *\r\nDisallow: /a$ # comment\r\n", []string{"/", "/a/b", "/b", "/b?q=1"}},
		"not what it seems":     {"<!DOCTYPE html><title>Not found</title>", all},
		"more than is sensible": {"User-agent: *\nDisallow: /a\n" + strings.Repeat("# \n", robotsRead/3) + "Disallow: /b\n", []string{"/", "/b", "/b?q=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			links := anchors(all...)
			at, s := onLoopback(t, pages{"/": links, "/a": links, "/a/b": links, "/b": links, "/robots.txt": c.rules})
			_, o := crawlFast(t, at)
			want := map[string]int{"/robots.txt": 1}
			for _, uri := range c.want {
				want[uri] = 1
			}
			require.Equal(t, want, s.counts())
			if c.want == nil {
				require.Len(t, o.Barred, 1, "the only one that is known")
			} else {
				require.Len(t, o.Barred, len(all)-len(c.want))
			}
		})
	}
}

// Whoever cannot say what is forbidden is not asked for anything.
func TestRobotsThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		robots http.HandlerFunc
		says   string // empty: nothing is forbidden
		asked  int
	}{
		"none":           {http.NotFound, "", 1},
		"secret":         {answer403, "", 1},
		"broken":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500 Internal Server Error", 1},
		"busy":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, "429 Too Many Requests", 2},
		"broken off":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF", 2},
		"not understood": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "Disallow: /") }, "Disallow before User-agent", 1},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		}, "it is at elsewhere.example, where the crawl does not go without -hosts", 1},
		"nowhere":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "ftp://host/", http.StatusFound) }, "it does not begin with http:// or https://", 1},
		"in a circle": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/robots.txt", http.StatusFound) }, "more than 5 redirects", 6},
	} {
		t.Run(name, func(t *testing.T) {
			at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					c.robots(w, r)
				}
			}))
			status, o := crawlFast(t, at, at+"/2")
			require.Equal(t, c.asked, s.counts()["/robots.txt"])
			if c.says == "" {
				require.Zero(t, status)
				require.Len(t, s.counts(), 3)
				return
			}
			require.Equal(t, 1, status)
			require.Len(t, s.counts(), 1)
			require.Len(t, o.Barred, 2)
			require.Contains(t, o.Barred[0].Reason, "robots.txt cannot be read: ")
			require.Contains(t, o.Barred[0].Reason, c.says)
		})
	}
}

func answer403(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }

func TestRobotsThatHasMoved(t *testing.T) {
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			http.Redirect(w, r, "/rules/1", http.StatusMovedPermanently)
		case "/rules/1", "/rules/2", "/rules/3", "/rules/4":
			http.Redirect(w, r, fmt.Sprint("/rules/", int(r.URL.Path[7]-'0')+1), http.StatusTemporaryRedirect)
		case "/rules/5":
			fmt.Fprint(w, "User-agent: *\nDisallow: /")
		}
	}))
	status, o := crawlFast(t, at)
	require.Equal(t, 1, status)
	require.Len(t, s.counts(), 6)
	require.Equal(t, "robots.txt forbids it", o.Barred[0].Reason)
}
