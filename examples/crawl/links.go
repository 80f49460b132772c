package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// link is a URL in the form that canonical gives it, or what stands for one.
type link struct {
	url   string
	host  string
	wrong string // why it is no URL
}

var (
	errNotHTTP = errors.New("it does not begin with http:// or https://")
	errTooLong = fmt.Errorf("it is longer than %d bytes", longestURL)
)

const longestURL = 2000

// canonical resolves a reference, and leaves one of the spellings that mean the same: the host in
// small letters, percent signs only where they have to be, no fragment, no default port,
// and no password that a page might want to have sent.
func canonical(base *url.URL, reference string) (*url.URL, error) {
	u, err := base.Parse(invisible.Replace(strings.TrimSpace(reference)))
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return nil, failed.Err
	} else if err != nil {
		return nil, err
	}
	ports := map[string]string{"http": ":80", "https": ":443"}
	port, ok := ports[u.Scheme]
	if !ok {
		return nil, errNotHTTP
	}
	if u.Hostname() == "" {
		return nil, errors.New("it has no host")
	}
	path := respell(u.EscapedPath())
	c := &url.URL{Scheme: u.Scheme, RawPath: path, RawQuery: respell(u.RawQuery)}
	c.Host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":"), port)
	if c.Path, err = url.PathUnescape(path); err != nil {
		return nil, err
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if len(c.String()) > longestURL {
		return nil, errTooLong
	}
	return c, nil
}

var (
	invisible  = strings.NewReplacer("\t", "", "\n", "", "\r", "") // browsers leave these out, too
	spelled    = regexp.MustCompile(`%[0-9A-Fa-f]{2}|[^!-~]`)
	unreserved = regexp.MustCompile(`^[A-Za-z0-9_~-]$`) // and the dot, which decoded might be one of /../
)

// respell writes with a percent sign what has to be, and what means the same without it
// plainly.
func respell(s string) string {
	return spelled.ReplaceAllStringFunc(s, func(part string) string {
		if part[0] != '%' {
			return url.PathEscape(part)
		}
		if plain, _ := url.PathUnescape(part); unreserved.MatchString(plain) {
			return plain
		}
		return strings.ToUpper(part)
	})
}

// resolve makes a link of a reference; inside says whether it may be visited.
func (c *crawl) resolve(base *url.URL, reference string) (l link, inside bool) {
	switch u, err := canonical(base, reference); {
	case err == errNotHTTP:
		return link{}, false
	case err != nil:
		return link{url: fmt.Sprintf("%.100q", reference), wrong: err.Error()}, true
	default:
		return link{url: u.String(), host: u.Host}, c.hosts[u.Host] != nil
	}
}

// mostLinks is how many links of a page are looked at.
const mostLinks = 5000

// parse finds the links of a page, and drops the rest of it.
func (c *crawl) parse(_ context.Context, a answer) (answer, error) {
	if a.location != "" {
		if l, inside := c.resolve(a.at, a.location); inside {
			a.moved = &l
		} else {
			a.elsewhere++
		}
	}
	references, base := references(a.body, a.at)
	once := map[string]bool{}
	for _, reference := range references {
		l, inside := c.resolve(base, reference)
		switch {
		case !inside:
			a.elsewhere++
		case once[l.url]:
		case len(a.links) == mostLinks:
			a.cut = true
		default:
			once[l.url] = true
			a.links = append(a.links, l)
		}
	}
	a.body = nil
	return a, nil
}

// referring are the elements that refer to something else, and the attribute that says to what.
var referring = map[string]string{
	"a": "href", "area": "href", "base": "href", "link": "href",
	"frame": "src", "iframe": "src", "img": "src", "script": "src",
}

// references returns what a page that was found at some URL refers to, and the URL to
// which that is relative. HTML is never wrong: what cannot be understood is text.
func references(body []byte, at *url.URL) (found []string, base *url.URL) {
	tokens := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end
			if base == nil {
				base = at
			}
			return found, base
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := tokens.TagName()
			element := string(name)
			for more {
				var key, value []byte
				key, value, more = tokens.TagAttr()
				switch {
				case string(key) != referring[element]:
				case element != "base":
					found = append(found, string(value))
				case base == nil:
					base, _ = at.Parse(string(value)) // nil again if that is no URL
				}
			}
		}
	}
}
