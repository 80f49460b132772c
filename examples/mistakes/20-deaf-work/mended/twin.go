// Package twin makes an index of pages.
package twin

import "context"

// Index hands its context to whatever may take long. It looks itself before each page, as
// read may be quick, and then it need not look.
func Index(ctx context.Context, pages []string, read func(context.Context, string) error) error {
	for _, page := range pages {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := read(ctx, page); err != nil {
			return err
		}
	}
	return nil
}
