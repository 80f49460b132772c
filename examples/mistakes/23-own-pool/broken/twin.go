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

// count gives each directory below to a worker, and waits. It is itself run by a worker, which
// does not take tasks while it waits: two directories deep, both of them do.
func count(tasks chan func(), dir Dir) int {
	files := dir.Files
	for _, below := range dir.Dirs {
		counted := make(chan int)
		tasks <- func() { counted <- count(tasks, below) }
		files += <-counted
	}
	return files
}
