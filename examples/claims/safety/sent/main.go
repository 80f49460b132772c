// Command sent changes a message after it has sent it: the buffer is used again for the next one,
// while the receiver may still read it.
package main

import "fmt"

func main() {
	messages := make(chan []byte, 8)
	done := make(chan int)
	go func() {
		intact := 0
		for i := range 8 {
			if message := <-messages; message[0] == byte(i) {
				intact++
			}
		}
		done <- intact
	}()
	buffer := make([]byte, 1)
	for i := range 8 {
		buffer[0] = byte(i)
		messages <- buffer
	}
	fmt.Println(<-done, "of", 8)
}
