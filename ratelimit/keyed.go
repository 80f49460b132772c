package ratelimit

import (
	"context"
	"sync"
	"time"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/keys"
)

// Keyed is a limiter for each key: each client, each user, each host has a rate and a burst of its
// own, and nobody is slowed down by another.
//
// There are places for so many keys as [NewKeyed] was told, and never more. A key takes one when it
// is first seen. It gives it up to a newcomer only when it owes nothing and nobody
// waits for it: then a fresh limiter would decide the same. So a flood of new keys costs no
// memory, and nobody is forgiven by it: while all places are held by keys that owe, the newcomers
// share one more limiter of the same rate and burst. Choose so many places as there are keys within
// the time in which a burst is refilled.
//
// A key that no map finds again, such as NaN or an interface that holds a slice, is refused.
//
//	Goroutines: none, ever.
//	Blocks:     only Wait does, first come, first served for each key.
//	Ends:       nothing has to be ended; a Keyed that nobody holds is garbage.
//	Panics:     if a number is negative or a context is nil.
//	Memory:     for int64 keys at most 48 bytes for each key that has a place; none for keys never seen.
type Keyed[K comparable] struct {
	start time.Time
	rate  Rate
	burst int64
	most  int

	mu       sync.Mutex
	limiters map[K]*Limiter
	others   *Limiter // for those who find no place
}

// NewKeyed makes a limiter for each of up to maxKeys keys. It panics if burst is negative, maxKeys is
// less than one, or ...
func NewKeyed[K comparable](rate Rate, burst int64, maxKeys int) *Keyed[K] {
	argument.AtLeast("ratelimit.NewKeyed", "burst", burst, 0)
	argument.AtLeast("ratelimit.NewKeyed", "maxKeys", maxKeys, 1)
	return &Keyed[K]{rate: rate, burst: burst, most: maxKeys, limiters: make(map[K]*Limiter), others: New(rate, burst)}
}

func (k *Keyed[K]) limiter(key K) *Limiter {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.limiters[key]
	if l != nil {
		return l
	}
	if len(k.limiters) == k.most {
		for key, l := range k.limiters {
			if l.Take(0).ResetAfter == 0 {
				delete(k.limiters, key)
				break
			}
		}
		if len(k.limiters) == k.most {
			return k.others
		}
	}
	l = New(k.rate, k.burst)
	k.limiters[key] = l
	return l
}

// Allow reports whether an event of key may happen now. A key that cannot be found again is
// never allowed anything.
func (k *Keyed[K]) Allow(key K) bool { return keys.Usable(key) && k.limiter(key).Allow() }

// Take asks for n events of key, all or none, and says how things stand for key after it. Take(key, 0) takes
// nothing: it looks. The answer to a key that cannot be found again is that of a limit of 0.
func (k *Keyed[K]) Take(key K, n int64) Decision {
	argument.AtLeast("ratelimit.Keyed.Take", "n", n, 0)
	if !keys.Usable(key) {
		return Decision{RetryAfter: forever}
	}
	return k.limiter(key).Take(n)
}

// Wait blocks until an event of key may happen, as [Limiter.Wait] does, and fails as that does. It fails
// at once with [braid.ErrKey] if key cannot be found again.
//
// Contract: that of Keyed.
func (k *Keyed[K]) Wait(ctx context.Context, key K) error {
	argument.Context("ratelimit.Keyed.Wait", ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !keys.Usable(key) {
		return braid.ErrKey
	}
	return k.limiter(key).Wait(ctx)
}

// Len is how many keys have a place.
func (k *Keyed[K]) Len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.limiters)
}

// Rate is the rate of each key.
func (k *Keyed[K]) Rate() Rate { return k.rate }

// Burst is the most that may happen at once for each key.
func (k *Keyed[K]) Burst() int64 { return k.burst }
