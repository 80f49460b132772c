//go:build mistakes

package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// Whatever a test leaves behind, synctest finds.
func TestSendAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		SendAll([]string{"a", "b"}, time.Second, func(string) {})
	})
}

func TestBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := Beat(time.Second, func() {})
		time.Sleep(time.Minute) // fake time
		stop()
	})
}
