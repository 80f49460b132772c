// Package twin saves files, each on a goroutine of its own.
package twin

import "context"

// SaveAll starts a goroutine for each file and returns: at that moment nothing is saved,
// and no error can be known.
func SaveAll(ctx context.Context, files []string, save func(context.Context, string) error) error {
	for _, file := range files {
		go save(ctx, file)
	}
	return nil
}
