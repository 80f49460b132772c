// Package twin writes a log on a goroutine of its own, so that nobody waits for the disk.
package twin

// A Log writes what is sent to Lines.
type Log struct{ Lines chan string }

func NewLog(write func(string)) *Log {
	l := &Log{Lines: make(chan string)}
	go func() {
		for line := range l.Lines { // ends when Lines is closed, and nobody closes it
			write(line)
		}
	}()
	return l
}

// Close has nothing to do, it seems.
func (l *Log) Close() {}
