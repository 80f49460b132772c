package workerpool

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
)

func drive(b *testing.B, subs int, submit func(func(context.Context))) {
	b.ReportAllocs()
	var done atomic.Int64
	n := b.N
	fin := make(chan struct{})
	tt := func(context.Context) {
		if done.Add(1) == int64(n) {
			close(fin)
		}
	}
	b.ResetTimer()
	if subs == 1 {
		for i := 0; i < n; i++ {
			submit(tt)
		}
	} else {
		for s := 0; s < subs; s++ {
			cnt := n / subs
			if s < n%subs {
				cnt++
			}
			go func() {
				for i := 0; i < cnt; i++ {
					submit(tt)
				}
			}()
		}
	}
	<-fin
}
func BenchmarkQuick(b *testing.B) {
	for _, subs := range []int{1, 128} {
		name := map[int]string{1: "1", 128: "128"}[subs]
		b.Run("plain/"+name, func(b *testing.B) {
			ch := make(chan func(context.Context), 1024)
			var wg sync.WaitGroup
			ctx := context.Background()
			for i := 0; i < 8; i++ {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for t := range ch {
						t(ctx)
					}
				}()
			}
			drive(b, subs, func(f func(context.Context)) { ch <- f })
			b.StopTimer()
			close(ch)
			wg.Wait()
		})
		b.Run("braid/"+name, func(b *testing.B) {
			p := New(8, Queue(1024))
			ctx := context.Background()
			drive(b, subs, func(f func(context.Context)) { p.Submit(ctx, f) })
			b.StopTimer()
			p.Close()
		})
		b.Run("braidctx/"+name, func(b *testing.B) {
			p := New(8, Queue(1024))
			ctx, c := context.WithCancel(context.Background())
			defer c()
			drive(b, subs, func(f func(context.Context)) { p.Submit(ctx, f) })
			b.StopTimer()
			p.Close()
		})
	}
	b.Run("gowait", func(b *testing.B) {
		b.ReportAllocs()
		p := New(8, Queue(1024))
		ctx := context.Background()
		f := func(context.Context) (int, error) { return 1, nil }
		for b.Loop() {
			if v, err := Go(ctx, p, f).Wait(ctx); v != 1 || err != nil {
				b.Fatal()
			}
		}
		p.Close()
	})
}
