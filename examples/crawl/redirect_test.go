package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedirects(t *testing.T) {
	for name, c := range map[string]struct {
		to     map[string]string // by path
		reason string            // why a link to /0 is broken; empty if it is not
		asked  int               // for what, in all
	}{
		"one":                {map[string]string{"/0": "/page"}, "", 4},
		"relative":           {map[string]string{"/0": "page#part"}, "", 4},
		"to a start":         {map[string]string{"/0": "/"}, "", 3},
		"elsewhere":          {map[string]string{"/0": "https://elsewhere.example/"}, "", 3},
		"to a telephone":     {map[string]string{"/0": "tel:123"}, "", 3},
		"to itself":          {map[string]string{"/0": "/0"}, "redirects in a circle", 3},
		"two in a circle":    {map[string]string{"/0": "/1", "/1": "/0"}, "redirects in a circle", 4},
		"into a circle":      {map[string]string{"/0": "/1", "/1": "/2", "/2": "/1"}, "redirects in a circle", 5},
		"to nowhere":         {map[string]string{"/0": "/1", "/1": "/missing"}, "redirects to SITE/missing: 404 Not Found", 5},
		"to no URL":          {map[string]string{"/0": "http://[::1"}, `redirects to "http://[::1": missing ']' in host`, 3},
		"without a Location": {map[string]string{"/0": ""}, "302 Found", 3},
		"ten":                {chain(10), "", 13},
		"eleven":             {chain(11), "redirects too often", 13},
		"endless":            {chain(100), "redirects too often", 13},
	} {
		t.Run(name, func(t *testing.T) {
			at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if to, ok := c.to[r.URL.Path]; ok {
					w.Header()["Location"] = []string{to}
					w.WriteHeader(http.StatusFound)
					return
				}
				pages{"/": anchors("/0", "/0#again"), "/page": anchors("/")}.ServeHTTP(w, r)
			}))
			_, o := crawlFast(t, "-depth", "1", at)
			broken := map[string]string{}
			if c.reason != "" {
				broken[at+"/0"] = strings.ReplaceAll(c.reason, "SITE", at)
				require.Equal(t, []string{at + "/"}, o.Broken[0].From)
			}
			require.Equal(t, broken, o.broken())
			require.Len(t, s.counts(), c.asked)
			for uri, n := range s.counts() {
				require.Equal(t, 1, n, uri)
			}
		})
	}
}

// chain is n redirects, and then a page.
func chain(n int) map[string]string {
	to := map[string]string{}
	for i := range n {
		to["/"+strconv.Itoa(i)] = fmt.Sprint("/", i+1)
	}
	to["/"+strconv.Itoa(n-1)] = "/page"
	return to
}

func TestLocationOfWhatIsNoRedirect(t *testing.T) {
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/unasked")
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, anchors("/created", "/missing"))
		case "/created":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, anchors("/"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	_, o := crawlFast(t, at)
	require.Equal(t, map[string]string{at + "/missing": "404 Not Found"}, o.broken())
	require.Zero(t, o.Totals.Redirects)
	require.Equal(t, map[string]int{"/robots.txt": 1, "/": 1, "/created": 1, "/missing": 1}, s.counts())
}

// A redirect is no step further away, and where many lead is fetched once.
func TestRedirectsToOnePage(t *testing.T) {
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/to/") {
			http.Redirect(w, r, "/page", http.StatusMovedPermanently)
			return
		}
		var many []string
		for i := range 50 {
			many = append(many, fmt.Sprint("/to/", i))
		}
		pages{"/": anchors(many...), "/page": anchors("/last"), "/last": anchors("/too far")}.ServeHTTP(w, r)
	}))
	status, o := crawlFast(t, "-depth", "2", at)
	require.Zero(t, status)
	require.Equal(t, 1, s.counts()["/page"])
	require.Equal(t, 1, s.counts()["/last"])
	require.Equal(t, 50, o.Totals.Redirects)
	require.Equal(t, 3, o.Totals.Fetched)
	require.Equal(t, 1, o.Totals.Deeper)
}
