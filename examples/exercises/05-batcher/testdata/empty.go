package exercise

import (
	"context"
	"time"
)

func Batch(ctx context.Context, in <-chan int, size int, age time.Duration) <-chan []int {
	return nil
}
