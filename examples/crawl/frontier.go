package main

import (
	"cmp"
	"math"
	"net/url"
	"slices"
)

const (
	mostHops  = 10  // redirects in a row
	mostKnown = 100 // pages that are known, for each that may be fetched: some sites are endless
)

// frontier is what is known: which pages there are, how they are linked, and which
// are still to come. It is for one goroutine at a time.
type frontier struct {
	mostDepth, mostPages int
	give                 func(*page) // to a worker; note is told what has become of it

	known   map[string]*page // by URL
	starts  []*page
	next    []*page // near enough to be fetched, but perhaps too many
	asked   int     // pages that were given, without those that were barred
	pending int     // and those of them that note was not told of yet
	totals  totals
}

// page is what has a URL that may be visited.
type page struct {
	link
	depth, hops int  // how far it is from a start: links, and redirects after the last of them
	asked       bool // it was given to a worker
	failed      string
	barred      string
	moved       *page
	links       []*page
}

// page returns nil for one too many.
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

func (f *frontier) begin(u *url.URL) {
	p := f.page(link{url: u.String(), host: u.Host})
	f.starts = append(f.starts, p)
	f.reach(p, 0, 0)
	f.giveNext()
}

// reach is told of a way to p. It may be shorter than those that were found before, as
// some hosts take longer than others; then what p leads to is nearer, too. So, unless
// there are too many, the same pages are fetched whoever was fast.
func (f *frontier) reach(p *page, depth, hops int) {
	if p == nil || cmp.Or(cmp.Compare(depth, p.depth), cmp.Compare(hops, p.hops)) >= 0 {
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

// follow goes where p leads to, as far as that is known.
func (f *frontier) follow(p *page) {
	f.reach(p.moved, p.depth, p.hops+1)
	for _, to := range p.links {
		f.reach(to, p.depth+1, 0)
	}
}

func (f *frontier) giveNext() {
	for ; len(f.next) > 0 && f.asked < f.mostPages; f.next = f.next[1:] {
		if p := f.next[0]; !p.asked { // it is there twice when a shorter way was found
			p.asked = true
			f.asked++
			f.pending++
			f.give(p)
		}
	}
}

// note is told what has become of a page.
func (f *frontier) note(a answer) {
	p, t := a.page, &f.totals
	f.pending--
	reason, isBarred := a.failed.(barred)
	switch {
	case isBarred:
		p.barred = string(reason)
		f.asked--
	case a.failed != nil:
		p.failed = a.failed.Error()
	case a.location != "":
		t.Redirects++
	default:
		t.Fetched++
	}
	t.Bytes += int64(a.read)
	t.Elsewhere += a.elsewhere
	if a.cut {
		t.Cut++
	}
	if a.moved != nil {
		p.moved = f.page(*a.moved)
	} else if a.location != "" && slices.Contains(f.starts, p) {
		p.failed = "redirects to " + a.location + ", where the crawl does not go without -hosts"
	}
	for _, l := range a.links {
		if to := f.page(l); to != nil {
			p.links = append(p.links, to)
		}
	}
	f.follow(p)
	f.giveNext()
}

// trouble says why a link to p is broken. It is empty if, for all that is known, it is not.
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
