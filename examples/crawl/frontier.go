package main

import (
	"cmp"
	"math"
	"net/url"
	"strings"
	"unicode"
)

// frontier is what is known: which pages there are, how they are linked, and which of
// them are still to come. One goroutine at a time uses it.
type frontier struct {
	mostDepth, mostPages int
	ask                  func(*page) // has a page fetched, of which note is told

	known   map[string]*page // by URL
	starts  []*page
	next    []*page // near enough to be asked for, but perhaps too many
	asked   int     // pages, without those that were barred,
	pending int     // and those of them that note was not told of yet
	totals  totals
}

// page is what may be fetched from a URL.
type page struct {
	link
	depth, hops int // how far it is from a start: links, and redirects after the last of them
	asked       bool
	failed      string  // why it cannot be fetched
	barred      string  // why it was not asked for
	moved       *page   // where it redirects to
	links       []*page // each once
}

// mostHops is how many redirects are followed in a row.
const mostHops = 10

// mostKnown is for sites where each page has a thousand links to others that nobody
// has seen yet: so many pages are known at most, for each that may be fetched.
const mostKnown = 100

// page returns nil for one more than can be known.
func (f *frontier) page(l link) *page {
	p := f.known[l.url]
	if p == nil && len(f.known) >= mostKnown*f.mostPages {
		f.totals.Beyond++
	} else if p == nil {
		p = &page{link: l, depth: math.MaxInt, asked: l.wrong != "", failed: l.wrong}
		f.known[l.url] = p
	}
	return p
}

func (f *frontier) begin(start *url.URL) {
	p := f.page(link{url: start.String(), host: start.Host})
	f.starts = append(f.starts, p)
	f.reach(p, 0, 0)
	f.askNext()
}

// reach notes a way to p. As some pages take longer than others, it may be shorter than
// those that were found before; then what p leads to is nearer, too. So in the end it
// makes no difference who was fast: but for the number of pages, it is the same ones
// that were fetched.
func (f *frontier) reach(p *page, depth, hops int) {
	if cmp.Or(cmp.Compare(depth, p.depth), cmp.Compare(hops, p.hops)) >= 0 {
		return
	}
	p.depth, p.hops = depth, hops
	switch {
	case depth > f.mostDepth || hops > mostHops:
	case p.asked:
		f.follow(p)
	default:
		f.next = append(f.next, p)
	}
}

func (f *frontier) askNext() {
	for ; len(f.next) > 0 && f.asked < f.mostPages; f.next = f.next[1:] {
		if p := f.next[0]; !p.asked { // it is there twice if a shorter way was found
			p.asked = true
			f.asked++
			f.pending++
			f.ask(p)
		}
	}
}

// follow goes on where p leads to, if that is known already.
func (f *frontier) follow(p *page) {
	if p.moved != nil {
		f.reach(p.moved, p.depth, p.hops+1)
	}
	for _, to := range p.links {
		f.reach(to, p.depth+1, 0)
	}
}

// note adds what has become of a page.
func (f *frontier) note(a answer) {
	p := a.page
	f.pending--
	p.barred = a.barred
	t := &f.totals
	switch {
	case a.failed != nil:
		p.failed = printable(a.failed.Error())
	case a.barred != "":
		f.asked--
	case a.location != "":
		t.Redirects++
	default:
		t.Fetched++
	}
	t.Bytes += a.read
	t.Elsewhere += a.elsewhere
	if a.cut {
		t.Cut++
	}
	if a.moved != nil {
		p.moved = f.page(*a.moved)
	}
	for _, l := range a.links {
		if to := f.page(l); to != nil {
			p.links = append(p.links, to)
		}
	}
	f.follow(p)
	f.askNext()
}

// trouble says why a link to p is broken; it is empty for one that is not, as far as is known.
func (p *page) trouble() string {
	seen := map[*page]bool{}
	for at := p; at != nil; at = at.moved {
		switch {
		case at.failed != "" && at == p:
			return p.failed
		case at.failed != "":
			return "redirects to " + at.url + ": " + at.failed
		case seen[at]:
			return "redirects in a circle"
		case len(seen) > mostHops:
			return "redirects too often"
		}
		seen[at] = true
	}
	return ""
}

// printable keeps what others have sent from doing something to the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
