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

// size never waits for the pool: a task that no goroutine is free for, it runs itself. What it
// does wait for is running, and so comes to an end.
func size(folder Folder, tasks chan func()) int {
	sizes := make(chan int, len(folder.Folders))
	for _, inner := range folder.Folders {
		task := func() { sizes <- size(inner, tasks) }
		select {
		case tasks <- task:
		default:
			task()
		}
	}
	sum := folder.Bytes
	for range folder.Folders {
		sum += <-sizes
	}
	return sum
}
