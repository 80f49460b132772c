package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var seconds = regexp.MustCompile(`("seconds": )[0-9.]+`)

// oddSite has what links can look like.
var oddSite = pages{
	"/": `<title><a href="/in-a-title"></title><a href=one>one</a> <A HREF='/two/'>two</A><!-- <a href="/in-a-comment"> -->
		<script>"<a href='/in-a-script'>"</script><a name=x>no link</a><a href>itself</a><a href="#here">itself</a>`,
	"/one": `<a href="two/../two/#part">again</a><img src="%70icture.png"><img alt=none src=" missing
		.png "><a href="mailto:a@b">write</a><a href="javascript:x()">do</a><a href="//elsewhere.example/">away</a>`,
	"/two/":       `<base href="/base/"><base href="/ignored/"><a href="three?q=%e4 ä&amp;r">three</a><link rel=stylesheet href=missing.css>`,
	"/base/three": `<iframe src="../missing.png"></iframe><area href="http://[::1"><a href="http://%zz/">?</a><a href="/fo%72bidden/x">no</a>`,
	"/robots.txt": "User-agent: *\nDisallow: /forbidden",
	"/in-a-title": "", "/in-a-comment": "", "/in-a-script": "", "/ignored/three": "", "/forbidden/x": "",
}

func TestOddSiteInJSON(t *testing.T) {
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/picture.png" {
			w.Header().Set("Content-Type", "image/png")
			fmt.Fprint(w, anchors("/in-a-picture"))
			return
		}
		oddSite.ServeHTTP(w, r)
	}))
	for _, n := range []string{"1", "2", "8"} {
		clear(s.by)
		status, stdout, stderr := runCrawl(t.Context(), newTransport(), "-json", "-concurrency", n, "-rate", "1e6", "-burst", "1000",
			at, strings.ToUpper(at)+"/%6fne")
		require.Equal(t, 1, status)
		require.Empty(t, stderr)
		require.Equal(t, strings.ReplaceAll(golden, "SITE", at), seconds.ReplaceAllString(stdout, "${1}0"))
		require.Equal(t, map[string]int{
			"/robots.txt": 1, "/": 1, "/one": 1, "/two/": 1, "/picture.png": 1, "/missing.png": 1, "/base/missing.css": 1, "/base/three?q=%E4%20%C3%A4&r": 1,
		}, s.by)
	}
}

const golden = `{
  "broken": [
    {
      "url": "\"http://%zz/\"",
      "reason": "invalid URL escape \"%zz\"",
      "from": [
        "SITE/base/three?q=%E4%20%C3%A4&r"
      ]
    },
    {
      "url": "\"http://[::1\"",
      "reason": "missing ']' in host",
      "from": [
        "SITE/base/three?q=%E4%20%C3%A4&r"
      ]
    },
    {
      "url": "SITE/base/missing.css",
      "reason": "404 Not Found",
      "from": [
        "SITE/two/"
      ]
    },
    {
      "url": "SITE/missing.png",
      "reason": "404 Not Found",
      "from": [
        "SITE/base/three?q=%E4%20%C3%A4&r",
        "SITE/one"
      ]
    }
  ],
  "barred": [
    {
      "url": "SITE/forbidden/x",
      "reason": "robots.txt forbids it"
    }
  ],
  "totals": {
    "fetched": 5,
    "bytes": 663,
    "redirects": 0,
    "cut": 0,
    "elsewhere": 3,
    "deeper": 0,
    "beyond": 0,
    "seconds": 0,
    "interrupted": false
  }
}
`

func TestOddSiteInText(t *testing.T) {
	at, _ := onLoopback(t, oddSite)
	status, stdout, stderr := runCrawl(t.Context(), newTransport(), append(fast, at)...)
	require.Equal(t, 1, status)
	require.Empty(t, stderr)
	require.Regexp(t, `^"http://%zz/"
  invalid URL escape "%zz"
  from SITE/base/three\?q=%E4%20%C3%A4&r

"http://\[::1"
  missing '\]' in host
  from SITE/base/three\?q=%E4%20%C3%A4&r

SITE/base/missing.css
  404 Not Found
  from SITE/two/

SITE/missing.png
  404 Not Found
  from SITE/base/three\?q=%E4%20%C3%A4&r
  from SITE/one

SITE/picture.png
  404 Not Found
  from SITE/one

barred: 1 pages, robots.txt forbids it
not fetched: 0 pages beyond -depth, 0 beyond -pages, 3 links that lead elsewhere
4 fetched, 0 redirects, 663 B of HTML, 0 cut; 5 broken; \d\.\d{3} s
$`, strings.ReplaceAll(stdout, at, "SITE"))
}

func TestItsOwnSite(t *testing.T) {
	status, o := inJSON(t, newTransport(), "-rate", "1e6", "-burst", "1000")
	require.Equal(t, 1, status)
	own, _, _ := strings.Cut(o.Barred[0].URL, "/src/")
	from := map[string][]string{}
	for _, b := range o.Broken {
		from[strings.TrimPrefix(b.URL, own)] = b.From
		require.Equal(t, "404 Not Found", b.Reason, b.URL)
	}
	require.Equal(t, []string{own + "/doc/go_mem.html"}, from["/ref/spec"], "it is at go.dev")
	for _, b := range o.Barred {
		require.True(t, strings.HasPrefix(b.URL, own+"/src/"), b.URL)
		require.Equal(t, "robots.txt forbids it", b.Reason)
	}
	require.Greater(t, o.Totals.Fetched, 150, "packages")
	require.Less(t, len(o.Broken), 20)
	require.Greater(t, o.Totals.Redirects, 1)
	require.Zero(t, o.Totals.Beyond)
}

func TestManyPagesWithOneBrokenLink(t *testing.T) {
	site := pages{"/": anchors("missing", "1", "2", "3", "4", "5")}
	for i := range 5 {
		site[fmt.Sprint("/", i+1)] = anchors("/missing", "/", "/1", "/2", "/3", "/4", "/5")
	}
	at, s := onLoopback(t, site)
	status, stdout, _ := runCrawl(t.Context(), newTransport(), append(fast, at)...)
	require.Equal(t, 1, status)
	require.Contains(t, stdout, at+"/missing\n  404 Not Found\n  from "+at+"/\n  from "+at+"/1\n  from "+at+"/2\n  and 3 more; -json lists them all\n")
	require.Len(t, s.counts(), 8)
	for uri, n := range s.counts() {
		require.Equal(t, 1, n, uri)
	}
}

func TestHosts(t *testing.T) {
	third, unasked := onLoopback(t, pages{"/": ""})
	second, _ := onLoopback(t, pages{"/": anchors("/missing")})
	first, _ := onLoopback(t, pages{"/": anchors(second, third, "https://"+strings.TrimPrefix(third, "http://"))})
	status, o := crawlFast(t, "-hosts", "none.invalid,"+strings.TrimPrefix(second, "http://"), first)
	require.Equal(t, 1, status)
	require.Equal(t, map[string]string{second + "/missing": "404 Not Found"}, o.broken())
	require.Equal(t, []string{second + "/"}, o.Broken[0].From)
	require.Equal(t, 2, o.Totals.Elsewhere)
	require.Empty(t, unasked.counts())
}

func TestStartThatHasMovedElsewhere(t *testing.T) {
	at, _ := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Location", "https://www.example.com/\u009b31m") // which is red, on some terminals
			w.WriteHeader(http.StatusMovedPermanently)
		}
	}))
	for _, args := range [][]string{{at}, {"-hosts", "www.example.org", at}} {
		status, o := crawlFast(t, args...)
		require.Equal(t, 1, status)
		require.Equal(t, map[string]string{at + "/": "redirects to https://www.example.com/\ufffd31m, where the crawl does not go without -hosts"}, o.broken())
	}
}

func TestNothingBroken(t *testing.T) {
	at, _ := onLoopback(t, pages{"/": anchors("/"), "/robots.txt": ""})
	status, stdout, stderr := runCrawl(t.Context(), newTransport(), append(fast, "-json", at)...)
	require.Zero(t, status)
	require.Empty(t, stderr)
	require.Contains(t, stdout, `"broken": [],`)
	require.Contains(t, stdout, `"barred": [],`)
}

func TestStartThatCannotBeFetched(t *testing.T) {
	at, _ := onLoopback(t, pages{"/robots.txt": "User-agent: *\nDisallow: /no"})
	for path, says := range map[string]string{
		"/missing": "404 Not Found", "/no": "barred: 1 pages, robots.txt forbids it", "/?from=nobody": "/?from=nobody\n  404",
	} {
		status, stdout, _ := runCrawl(t.Context(), newTransport(), append(fast, at+path)...)
		require.Equal(t, 1, status, path)
		require.Contains(t, stdout, says)
		require.Contains(t, stdout, "0 fetched")
	}
}

func TestPasswordsAreNotSent(t *testing.T) {
	at, _ := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a password was sent to ", r.URL)
		}
		pages{"/": anchors("http://user:secret@" + r.Host + "/page"), "/page": ""}.ServeHTTP(w, r)
	}))
	status, o := crawlFast(t, at)
	require.Zero(t, status)
	require.Equal(t, 2, o.Totals.Fetched)
}

func TestCommandLine(t *testing.T) {
	at, _ := onLoopback(t, pages{"/": ""})
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"crawls":         {[]string{at}, 0, ""},
		"help":           {[]string{"-h"}, 0, "Exit status"},
		"unknown flag":   {[]string{"-fast"}, 2, "not defined: -fast"},
		"no depth":       {[]string{"-depth", "-1"}, 2, "-depth must be 0 to 1000, not -1"},
		"too fast":       {[]string{"-rate", "1e7"}, 2, "-rate must be 0.001 to 1e+06, not 1e+07"},
		"no number":      {[]string{"-rate", "NaN"}, 2, "-rate must be 0.001 to 1e+06, not NaN"},
		"no burst":       {[]string{"-burst", "0"}, 2, "-burst must be 1 to 1000, not 0"},
		"no concurrency": {[]string{"-concurrency", "0"}, 2, "-concurrency must be 1 to 100, not 0"},
		"no pages":       {[]string{"-pages", "0"}, 2, "-pages must be 1 to 100000, not 0"},
		"no time":        {[]string{"-timeout", "0s"}, 2, "-timeout in seconds must be 0.001 to 3600, not 0"},
		"no host":        {[]string{"-hosts", "a,"}, 2, `-hosts: "" is no name of a host`},
		"a URL":          {[]string{"-hosts", "https://a"}, 2, `-hosts: "https://a" is no name of a host`},
		"a path":         {[]string{"-hosts", "a/"}, 2, `-hosts: "a/" is no name of a host`},
		"usual port":     {[]string{"-hosts", "a:80"}, 2, `-hosts: "a:80" is no name of a host`},
		"no URL":         {[]string{"http://[::1"}, 2, `"http://[::1" is no URL: missing ']' in host`},
		"a file":         {[]string{"file:///etc/passwd"}, 2, "it does not begin with http:// or https://"},
		"a name alone":   {[]string{"localhost:80"}, 2, "it does not begin with http:// or https://"},
		"no host in URL": {[]string{"http:///x"}, 2, "it has no host"},
		"as a table":     {[]string{"-watch", at}, 0, "at work"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := runCrawl(t.Context(), newTransport(), c.args...)
			require.Equal(t, c.status, status, stderr)
			require.Contains(t, stderr, c.says)
		})
	}
}

// full is an output on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputThatFails(t *testing.T) {
	at, _ := onLoopback(t, pages{"/": ""})
	for _, format := range []string{"-json=true", "-json=false"} {
		var stderr bytes.Buffer
		require.Equal(t, 1, run(t.Context(), []string{format, at}, newTransport(), full{}, &stderr))
		require.Equal(t, "crawl: no space left on device\n", stderr.String())
	}
}
