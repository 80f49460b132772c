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

const (
	mostLinks  = 5000 // of a page
	longestURL = 2000 // bytes
)

// link is a URL as canonical spells it, or what a page has in place of one.
type link struct {
	url   string
	host  string
	wrong string // why it is no URL
}

// parse finds the links of a page, and drops the rest of it.
func (c *crawl) parse(_ context.Context, a answer) (answer, error) {
	a.cut = len(a.body) > mostRead
	a.body = a.body[:min(len(a.body), mostRead)]
	a.read = len(a.body)
	references, base := referencesIn(a.body, a.at)
	a.body = nil
	if a.location != "" {
		references = []string{a.location}
	}
	once := map[string]bool{}
	for _, reference := range references {
		l := link{}
		switch u, err := canonical(base, reference); {
		case err == errNotHTTP || err == nil && c.hosts[u.Host] == nil:
			a.elsewhere++
			continue
		case err != nil:
			l = link{url: fmt.Sprintf("%.100q", reference), wrong: err.Error()}
		default:
			l = link{url: u.String(), host: u.Host}
		}
		switch {
		case a.location != "":
			a.moved = &l
		case once[l.url]:
		case len(a.links) == mostLinks:
			a.cut = true
		default:
			once[l.url] = true
			a.links = append(a.links, l)
		}
	}
	return a, nil
}

// referring are the elements that refer to something, and where they say to what.
var referring = map[string]string{
	"a": "href", "area": "href", "base": "href", "link": "href",
	"frame": "src", "iframe": "src", "img": "src", "script": "src",
}

// referencesIn returns what a page at some URL refers to, and what that is relative to.
// There is no wrong HTML: what makes no sense is text.
func referencesIn(body []byte, at *url.URL) (found []string, base *url.URL) {
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

var (
	errNotHTTP = errors.New("it does not begin with http:// or https://")
	errTooLong = fmt.Errorf("it is longer than %d bytes", longestURL)
	ports      = map[string]string{"http": ":80", "https": ":443"}
	invisible  = strings.NewReplacer("\t", "", "\n", "", "\r", "") // browsers leave these out, too
	spelled    = regexp.MustCompile(`%[0-9A-Fa-f]{2}|[^!-~]`)
	unreserved = regexp.MustCompile(`^[A-Za-z0-9_~-]$`) // and the dot, but some dots mean something
)

// canonical resolves a reference, and leaves one of the spellings that mean the same: the
// host in small letters, percent signs only where they have to be, no fragment, no default
// port, and no password that a page might want to have sent.
func canonical(base *url.URL, reference string) (*url.URL, error) {
	if len(reference) > longestURL {
		return nil, errTooLong
	}
	u, err := base.Parse(invisible.Replace(strings.TrimSpace(reference)))
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return nil, failed.Err
	} else if err != nil {
		return nil, err
	}
	port, ok := ports[u.Scheme]
	switch {
	case !ok:
		return nil, errNotHTTP
	case u.Hostname() == "" || strings.Contains(u.Hostname(), ":") != strings.HasPrefix(u.Host, "["):
		return nil, errors.New("it has no host")
	}
	c := &url.URL{Scheme: u.Scheme, RawPath: respell(u.EscapedPath()), RawQuery: respell(u.RawQuery)}
	c.Host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":"), port)
	if c.RawPath == "" {
		c.RawPath = "/"
	}
	if c.Path, err = url.PathUnescape(c.RawPath); err == nil && len(c.String()) > longestURL {
		err = errTooLong
	}
	return c, err
}

// respell writes with a percent sign what has to be, and plainly what means the same
// without it.
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
