package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// standIn is a replica in this process. All of them give an item the same value,
// and each is slow or fails in its own way, by chance.
type standIn struct {
	name                 string
	usual, slow          span
	slowOf100, failOf100 int

	mu     sync.Mutex
	random *rand.Rand // guarded by mu
}

// span is milliseconds, from and to.
type span struct{ from, to int }

// examples are there to be looked at: one is as it should be, two are not.
func examples() []*standIn {
	return seeded(
		&standIn{name: "quick", usual: span{2, 6}},
		&standIn{name: "slow", usual: span{300, 500}},
		&standIn{name: "failing", usual: span{2, 6}, failOf100: 50},
	)
}

// alike are there to be measured: none is worse than another.
func alike() []*standIn {
	mostlyQuick := func(name string) *standIn {
		return &standIn{name: name, usual: span{1, 3}, slow: span{20, 40}, slowOf100: 2}
	}
	return seeded(mostlyQuick("a"), mostlyQuick("b"), mostlyQuick("c"))
}

// seeded gives each its own source of chance, the same in every run.
func seeded(all ...*standIn) []*standIn {
	for i, s := range all {
		s.random = rand.New(rand.NewPCG(1, uint64(i)))
	}
	return all
}

// String says how it answers.
func (s *standIn) String() string {
	text := fmt.Sprintf("answers after %d to %d ms", s.usual.from, s.usual.to)
	if s.slowOf100 > 0 {
		text += fmt.Sprintf(", %d of 100 after %d to %d ms", s.slowOf100, s.slow.from, s.slow.to)
	}
	if s.failOf100 > 0 {
		text += fmt.Sprintf(", %d of 100 fail", s.failOf100)
	}
	return text
}

// next says what becomes of the next request.
func (s *standIn) next() (wait time.Duration, fails bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	takes := s.usual
	if s.random.IntN(100) < s.slowOf100 {
		takes = s.slow
	}
	least, most := time.Duration(takes.from)*time.Millisecond, time.Duration(takes.to)*time.Millisecond
	return least + time.Duration(s.random.Int64N(int64(most-least))), s.random.IntN(100) < s.failOf100
}

func (s *standIn) item(w http.ResponseWriter, r *http.Request) {
	wait, fails := s.next()
	select {
	case <-time.After(wait):
	case <-r.Context().Done(): // the gateway has another's answer, or nobody to answer
		return
	}
	if fails {
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	}
	name := r.PathValue("name")
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"item": name, "value": valueOf(name), "replica": s.name})
}

func valueOf(item string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(item))
	return h.Sum32() % 1000
}

func (s *standIn) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /item/{name}", s.item)
	return mux
}

// startAll has each listen on a port of its own, until stop.
func startAll(standIns []*standIn, log *slog.Logger) (replicas []replica, stop func(), err error) {
	var services []*service
	stop = func() {
		for _, s := range services {
			s.stop() // nobody is asking any more
		}
	}
	for _, s := range standIns {
		service, err := start("127.0.0.1:0", s.handler(), log)
		if err != nil {
			stop()
			return nil, nil, err
		}
		services = append(services, service)
		replicas = append(replicas, replica{s.name, &url.URL{Scheme: "http", Host: service.host}, s.String()})
	}
	return replicas, stop, nil
}
