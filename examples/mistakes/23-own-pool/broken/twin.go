// Package twin adds up the sizes of all files in a tree, two folders at once.
package twin

type Folder struct {
	Bytes   int
	Folders []Folder
}

// Size has a pool of two goroutines, which take tasks from a channel.
func Size(root Folder) int {
	tasks := make(chan func())
	defer close(tasks)
	for range 2 {
		go func() {
			for task := range tasks {
				task()
			}
		}()
	}
	return size(root, tasks)
}

// size waits for tasks, and is one itself: it keeps a goroutine of the pool while it waits. When
// all of them wait, none is left to do what they wait for.
func size(folder Folder, tasks chan func()) int {
	sizes := make(chan int, len(folder.Folders))
	for _, inner := range folder.Folders {
		tasks <- func() { sizes <- size(inner, tasks) }
	}
	sum := folder.Bytes
	for range folder.Folders {
		sum += <-sizes
	}
	return sum
}
