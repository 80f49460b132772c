package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// simulation is a site for a frontier: what each page links to, or where it redirects.
type simulation struct {
	links  map[int][]int
	moved  map[int]int
	barred map[int]bool
}

// randomSimulation has some redirects, never many in a row, and some links back.
func randomSimulation(random *rand.Rand) simulation {
	s := simulation{map[int][]int{}, map[int]int{}, map[int]bool{}}
	pages := 2 + random.IntN(40)
	for p := range pages {
		switch random.IntN(5) {
		case 0:
			s.moved[p] = random.IntN(pages)
			continue
		case 1:
			s.barred[p] = true
			continue
		}
		for range random.IntN(4) {
			s.links[p] = append(s.links[p], random.IntN(pages))
		}
	}
	return s
}

func linkTo(p int) link { return link{url: fmt.Sprint("http://site/", p), host: "site"} }

// crawl has the frontier crawl s, and is told what has become of the pages in any order.
func (s simulation) crawl(f *frontier, random *rand.Rand) (asked map[string]int) {
	asked = map[string]int{}
	var open []*page
	f.known, f.give = map[string]*page{}, func(p *page) {
		asked[p.url]++
		open = append(open, p)
	}
	start, _ := url.Parse("http://site/0")
	for f.begin(start); len(open) > 0; {
		i := random.IntN(len(open))
		a := answer{page: open[i]}
		open = append(open[:i], open[i+1:]...)
		var p int
		fmt.Sscanf(a.page.url, "http://site/%d", &p)
		if s.barred[p] {
			a.failed = barred("by chance")
		}
		if to, ok := s.moved[p]; ok {
			l := linkTo(to)
			a.location, a.moved = "there", &l
		}
		for _, to := range s.links[p] {
			a.links = append(a.links, linkTo(to))
		}
		f.note(a)
	}
	return asked
}

// near are the pages that are not too far away, found one depth after the other. Redirects are
// followed however many there are.
func (s simulation) near(depth int) map[string]int {
	found := map[string]int{}
	level := []int{0}
	for range depth + 1 {
		var next []int
		for len(level) > 0 {
			p := level[0]
			level = level[1:]
			if found[linkTo(p).url] == 1 {
				continue
			}
			found[linkTo(p).url] = 1
			if to, ok := s.moved[p]; ok {
				level = append(level, to)
			}
			next = append(next, s.links[p]...)
		}
		level = next
	}
	return found
}

// Whatever the order of the answers, it is the same pages that are fetched, and each once.
func TestFrontierAgainstAPlainSearch(t *testing.T) {
	for seed := range uint64(5000) {
		random := rand.New(rand.NewPCG(1, seed))
		s := randomSimulation(random)
		if !s.followable() {
			continue
		}
		depth := random.IntN(6)
		f := &frontier{mostDepth: depth, mostPages: 1000}
		require.Equal(t, s.near(depth), s.crawl(f, random), "seed %d", seed)
		require.Zero(t, f.pending)
		require.Empty(t, f.next)
	}
}

// followable says that no page is behind more redirects in a row than are followed.
func (s simulation) followable() bool {
	for p := range s.moved {
		hops := 0
		for to, ok := s.moved[p]; ok && hops <= mostHops; to, ok = s.moved[to] {
			hops++
		}
		seen := map[int]bool{}
		for at, ok := p, true; ok && !seen[at]; at, ok = s.moved[at] {
			seen[at] = true
		}
		if len(seen) > mostHops {
			return false
		}
	}
	return true
}

func TestFrontierNeverAsksForTooMany(t *testing.T) {
	for seed := range uint64(5000) {
		random := rand.New(rand.NewPCG(2, seed))
		s := randomSimulation(random)
		near := s.near(5)
		f := &frontier{mostDepth: 5, mostPages: 2 + random.IntN(8)}
		asked := s.crawl(f, random)
		fetched, fetchable := 0, 0
		for url, n := range asked {
			require.Equal(t, 1, n)
			require.Contains(t, near, url)
			if f.known[url].barred == "" {
				fetched++
			}
		}
		for url := range near {
			var p int
			fmt.Sscanf(url, "http://site/%d", &p)
			if !s.barred[p] {
				fetchable++
			}
		}
		require.Equal(t, min(f.mostPages, fetchable), fetched, "seed %d", seed)
	}
}

// Ten redirects are followed from each link, whatever has led to the page that has it.
func TestFrontierCountsRedirectsFromTheLastLink(t *testing.T) {
	s := simulation{links: map[int][]int{0: {1, 30}, 20: {21}}, moved: map[int]int{}}
	for _, p := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 22, 23, 24, 25, 26, 27, 28} {
		s.moved[p] = p + 1
	}
	s.moved[12], s.moved[30] = 20, 8 // that is shorter
	for seed := range uint64(100) {
		asked := s.crawl(&frontier{mostDepth: 2, mostPages: 100}, rand.New(rand.NewPCG(3, seed)))
		require.Len(t, asked, 1+12+1+1+9, "seed %d", seed)
	}
}
