package main

import (
	"encoding/json"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// standIn is a replica in this process. All of them give an item the same value.
type standIn struct {
	name, says string
	// next is how it treats the next request.
	next func(*rand.Rand) (wait time.Duration, fails bool)

	mu     sync.Mutex
	random *rand.Rand // guarded by mu
}

// examples are there to be looked at: one is as it should be, two are not.
func examples() []*standIn {
	quick := func(random *rand.Rand) time.Duration { return between(random, 2*time.Millisecond, 6*time.Millisecond) }
	return withSeeds(
		&standIn{name: "quick", says: "answers after 2 to 6 ms", next: func(random *rand.Rand) (time.Duration, bool) {
			return quick(random), false
		}},
		&standIn{name: "slow", says: "answers after 300 to 500 ms", next: func(random *rand.Rand) (time.Duration, bool) {
			return between(random, 300*time.Millisecond, 500*time.Millisecond), false
		}},
		&standIn{name: "failing", says: "answers after 2 to 6 ms, half of the time with an error", next: func(random *rand.Rand) (time.Duration, bool) {
			return quick(random), random.IntN(2) == 0
		}},
	)
}

// alike are there to be measured: none is worse than another, and each is slow at
// times, for reasons of its own.
func alike() []*standIn {
	next := func(random *rand.Rand) (time.Duration, bool) {
		if random.IntN(100) < 2 {
			return between(random, 20*time.Millisecond, 40*time.Millisecond), false
		}
		return between(random, time.Millisecond, 3*time.Millisecond), false
	}
	return withSeeds(&standIn{name: "a", next: next}, &standIn{name: "b", next: next}, &standIn{name: "c", next: next})
}

// withSeeds gives each its own source, the same in every run.
func withSeeds(all ...*standIn) []*standIn {
	for i, s := range all {
		s.random = rand.New(rand.NewPCG(1, uint64(i)))
	}
	return all
}

func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}

func (s *standIn) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /item/{name}", s.item)
	return mux
}

func (s *standIn) item(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	wait, fails := s.next(s.random)
	s.mu.Unlock()
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
		return // the gateway has another's answer, or no client any more
	}
	if fails {
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{
		"item": r.PathValue("name"), "value": valueOf(r.PathValue("name")), "replica": s.name,
	})
}

func valueOf(item string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(item))
	return h.Sum32() % 1000
}

// startStandIns has each listen on a port of its own, until stop.
func startStandIns(all []*standIn, log *slog.Logger) (replicas []replica, stop func(), err error) {
	var services []*service
	stop = func() {
		for _, s := range services {
			s.stop() // nobody is asking any more
		}
	}
	for _, s := range all {
		service, err := start("127.0.0.1:0", s.handler(), log)
		if err != nil {
			stop()
			return nil, nil, err
		}
		services = append(services, service)
		replicas = append(replicas, replica{name: s.name, url: &url.URL{Scheme: "http", Host: service.host}})
	}
	return replicas, stop, nil
}
