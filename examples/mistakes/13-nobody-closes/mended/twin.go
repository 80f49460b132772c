// Package twin writes a log on a goroutine of its own, so that nobody waits for the disk.
package twin

import "sync"

// A Log writes what is sent to Lines.
type Log struct {
	Lines  chan string
	writer sync.WaitGroup
}

func NewLog(write func(string)) *Log {
	l := &Log{Lines: make(chan string)}
	l.writer.Go(func() {
		for line := range l.Lines {
			write(line)
		}
	})
	return l
}

// Close ends the loop, and waits for the last line. Whoever sends to Lines calls it, afterwards.
func (l *Log) Close() {
	close(l.Lines)
	l.writer.Wait()
}
