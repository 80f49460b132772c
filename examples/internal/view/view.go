// Package view shows on a terminal what a program is doing.
package view

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const (
	// Width is how wide a text for Live may be.
	Width = 79

	redrawn    = 200 * time.Millisecond
	clearBelow = "\r\x1b[J" // from the cursor's line on, whatever has been typed into it
)

// Live shows text until stop is called: on a terminal that is wide enough it is drawn again
// and again, and cleared in the end; elsewhere it is printed once, by stop. text is a
// function that must be safe to call while the program works; it ends its lines.
func Live(w io.Writer, text func() string) (stop func()) {
	if terminal, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(terminal.Fd())); err == nil && width >= Width {
			return redraw(w, text)
		}
	}
	return func() { io.WriteString(w, text()) }
}

func redraw(w io.Writer, text func() string) (stop func()) {
	ending, ended := make(chan struct{}), make(chan struct{})
	go func() { // until stop, which waits for it
		defer close(ended)
		tick := time.NewTicker(redrawn)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				now := text()
				fmt.Fprintf(w, "%s%s\x1b[%dA", clearBelow, now, strings.Count(now, "\n")) // and up again
			case <-ending:
				io.WriteString(w, clearBelow)
				return
			}
		}
	}()
	return func() {
		close(ending)
		<-ended
	}
}
