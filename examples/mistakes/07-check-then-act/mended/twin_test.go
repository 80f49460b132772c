//go:build mistakes

package twin

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestBuy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &Shop{tickets: 1}
		pay := func() { time.Sleep(time.Second) } // fake time: the bank takes that long
		var sold atomic.Int64
		var customers sync.WaitGroup
		for range 2 {
			customers.Go(func() {
				if shop.Buy(pay) {
					sold.Add(1)
				}
			})
		}
		customers.Wait()
		if n := sold.Load(); n != 1 || shop.Left() != 0 {
			t.Errorf("%d customers have bought the last ticket, and %d are left", n, shop.Left())
		}
	})
}
