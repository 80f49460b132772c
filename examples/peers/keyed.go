package main

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/braidgo/braid/ratelimit"
	"github.com/sethvargo/go-limiter/memorystore"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"golang.org/x/time/rate"
)

const (
	keyedKeys  = 1_000_000
	keyedBurst = 1_000
	shardedMap = "sharded map of arrival times"
)

// keyedWork is about a million clients, who ask in random order and from all cores.
func keyedWork() work {
	w := work{
		name: "keyed", title: "`Keyed.Allow`, 1,000,000 string keys, all cores",
		task: "A task asks whether an event of its key may happen now, and is admitted. The keys are known; they come in random order, and as strings of their own, as those of requests do.",
		unit: "ns a task", n: keyedKeys, quick: 2_000, rounds: 7, want: func(n int) int { return n },
		bounds: []bound{
			fasterThan("the fastest library", 2, func(c contender) bool { return c.peer }),
			allocsAtMost(0),
		},
	}
	ctx := context.Background()
	add := func(name, setup string, peer bool, open func() (allow func(key string) bool)) {
		var allow func(string) bool
		var asked []string
		w.contenders = append(w.contenders, contender{name: name, setup: setup, peer: peer,
			prepare: func(n int) {
				if allow == nil || len(asked) != n {
					allow, asked = open(), nil
					for _, i := range rand.Perm(n) {
						asked = append(asked, "client-"+strconv.Itoa(i))
					}
					for _, key := range asked {
						allow(key)
					}
					for i, key := range asked {
						asked[i] = strings.Clone(key)
					}
					rand.Shuffle(n, func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
				}
			},
			run: func(n int) (admitted int) {
				cores := runtime.GOMAXPROCS(0)
				counts := make(chan int, cores)
				for c := range cores {
					go func() {
						admitted := 0
						for _, key := range asked[n*c/cores : n*(c+1)/cores] {
							if allow(key) {
								admitted++
							}
						}
						counts <- admitted
					}()
				}
				for range cores {
					admitted += <-counts
				}
				return admitted
			}})
	}
	add(braid, "NewKeyed[string](PerSecond(1_000_000), 1_000, 1_000_000), Allow", false, func() func(string) bool {
		return ratelimit.NewKeyed[string](ratelimit.PerSecond(1_000_000), keyedBurst, keyedKeys).Allow
	})
	add(shardedMap, "64 maps of whole nanoseconds, each with a sync.Mutex", false, func() func(string) bool { return newShardedLimiter().allow })
	add("go-limiter", "memorystore.New, Take", true, func() func(string) bool {
		store := mustGet(memorystore.New(&memorystore.Config{Tokens: keyedBurst, Interval: time.Millisecond, InitialAlloc: keyedKeys}))
		return func(key string) bool {
			_, _, _, ok, err := store.Take(ctx, key)
			must(err)
			return ok
		}
	})
	add("throttled", "NewGCRARateLimiterCtx(memstore.NewCtx(1_000_000), ...), RateLimitCtx", true, func() func(string) bool {
		quota := throttled.RateQuota{MaxRate: throttled.PerSec(1_000_000), MaxBurst: keyedBurst}
		limiter := mustGet(throttled.NewGCRARateLimiterCtx(mustGet(memstore.NewCtx(keyedKeys)), quota))
		return func(key string) bool {
			limited, _, err := limiter.RateLimitCtx(ctx, key, 1)
			must(err)
			return !limited
		}
	})
	add(xTimeRate, "sync.Map of rate.NewLimiter(1_000_000, 1_000), Allow", true, func() func(string) bool {
		var limiters sync.Map
		return func(key string) bool {
			l, ok := limiters.Load(key)
			if !ok {
				l, _ = limiters.LoadOrStore(key, rate.NewLimiter(1_000_000, keyedBurst))
			}
			return l.(*rate.Limiter).Allow()
		}
	})
	return w
}

// shardedLimiter is what one writes by hand for many keys: it never forgets one.
type shardedLimiter struct {
	start  time.Time
	seed   maphash.Seed
	shards [64]struct {
		mu   sync.Mutex
		full map[string]time.Duration
		_    [48]byte // the locks of two shards are not on one cache line
	}
}

func newShardedLimiter() *shardedLimiter {
	l := &shardedLimiter{start: time.Now(), seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].full = make(map[string]time.Duration, keyedKeys/len(l.shards))
	}
	return l
}

func (l *shardedLimiter) allow(key string) bool {
	now := time.Since(l.start)
	shard := &l.shards[maphash.String(l.seed, key)%uint64(len(l.shards))]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	full := max(shard.full[key], now) + time.Microsecond
	if full-now > keyedBurst*time.Microsecond {
		return false
	}
	shard.full[key] = full
	return true
}

// keyedMemoryWork counts what a key costs that is the number it is.
func keyedMemoryWork() work {
	const steps = 40 // from one in which a table has just grown to the next there are more
	w := work{
		name: "keyed/memory", title: "memory of `Keyed` for 1,000,000 int64 keys", unit: "bytes a key, at most",
		task: fmt.Sprintf("A task is a key that comes for the first time. The heap is measured %d times between half of them and all.", steps),
		n:    keyedKeys, quick: 40_000, rounds: 1, want: func(n int) int { return n },
		bounds: []bound{atMost(48, "bytes a key", func(r result) float64 { return r.series[braid].values[0] })},
	}
	var most float64 // of the latest run
	w.measure = func(w work, c contender, n int) (sample, error) {
		err := w.check(c, n)
		return sample{value: most}, err
	}
	add := func(name, setup string, peer bool, open func(n int) (allow func(key int64) bool)) {
		w.contenders = append(w.contenders, contender{name: name, setup: setup, peer: peer, run: func(n int) (admitted int) {
			most = 0
			before := heapBytes()
			allow := open(n)
			for key := range n {
				if allow(int64(key)) {
					admitted++
				}
				if key+1 > n/2 && (n-key-1)%(n/2/steps) == 0 {
					most = max(most, float64(heapBytes()-before)/float64(key+1))
				}
			}
			runtime.KeepAlive(allow)
			return admitted
		}})
	}
	add(braid, "NewKeyed[int64](PerSecond(1), 10, 1_000_000)", false, func(n int) func(int64) bool {
		return ratelimit.NewKeyed[int64](ratelimit.PerSecond(1), 10, n).Allow
	})
	add("map[int64]int64", "a map of arrival times, and no lock", false, func(int) func(int64) bool {
		full := make(map[int64]int64)
		return func(key int64) bool { full[key]++; return true }
	})
	add(xTimeRate, "sync.Map of rate.NewLimiter(1, 10)", true, func(int) func(int64) bool {
		var limiters sync.Map
		return func(key int64) bool {
			l, _ := limiters.LoadOrStore(key, rate.NewLimiter(1, 10))
			return l.(*rate.Limiter).Allow()
		}
	})
	return w
}

func heapBytes() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
