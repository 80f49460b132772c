package ratelimit_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

func BenchmarkKeyed(b *testing.B) {
	const many = 1 << 20
	b.Run("int64", func(b *testing.B) { benchmarkKnown(b, many, func(i int) int64 { return int64(i) }) })
	b.Run("string", func(b *testing.B) { benchmarkKnown(b, many, func(i int) string { return fmt.Sprintf("client-%09d", i) }) })
	b.Run("few", func(b *testing.B) { benchmarkKnown(b, 100, func(i int) int64 { return int64(i) }) })
}

func benchmarkKnown[K comparable](b *testing.B, many int, key func(int) K) {
	k := ratelimit.NewKeyed[K](ratelimit.PerSecond(100), 10, many)
	keys := make([]K, many)
	for i := range keys {
		keys[i] = key(i)
		k.Allow(keys[i])
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		i := rand.IntN(many)
		for pb.Next() {
			k.Allow(keys[i])
			if i++; i == many {
				i = 0
			}
		}
	})
}

func BenchmarkKeyedFlood(b *testing.B) {
	for _, every := range []time.Duration{1, time.Millisecond, time.Second, 10*time.Second, time.Hour} {
		b.Run(every.String(), func(b *testing.B) {
			k := ratelimit.NewKeyed[int64](ratelimit.Every(every), 10, 1<<20)
			var n atomic.Int64
			for range 1 << 20 {
				k.Allow(n.Add(1))
			}
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				i := n.Add(1) << 32
				for pb.Next() {
					k.Allow(i)
					i++
				}
			})
		})
	}
}
