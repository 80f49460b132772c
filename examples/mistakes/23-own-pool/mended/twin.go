// Package twin counts the files of a directory and of those below it, with two goroutines.
package twin

// A Dir is a directory.
type Dir struct {
	Files int
	Dirs  []Dir
}

// Files counts on two workers.
func Files(root Dir) int {
	tasks := make(chan func())
	defer close(tasks)
	for range 2 {
		go func() {
			for task := range tasks {
				task()
			}
		}()
	}
	return count(tasks, root)
}

// count gives each directory below to a worker that waits for one. If there is none, it does the
// work itself. So whoever waits, waits for somebody who is at work.
func count(tasks chan func(), dir Dir) int {
	files := dir.Files
	for _, below := range dir.Dirs {
		counted := make(chan int, 1)
		task := func() { counted <- count(tasks, below) }
		select {
		case tasks <- task:
		default:
			task()
		}
		files += <-counted
	}
	return files
}
