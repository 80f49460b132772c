// Package twin sends mails, one a second.
package twin

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Mailer has one limiter, as what it protects is one.
type Mailer struct {
	deliver func(mail string)
	limiter *rate.Limiter
}

func NewMailer(deliver func(mail string)) *Mailer {
	return &Mailer{deliver, rate.NewLimiter(rate.Every(time.Second), 1)}
}

func (m *Mailer) Send(ctx context.Context, mail string) error {
	if err := m.limiter.Wait(ctx); err != nil {
		return err
	}
	m.deliver(mail)
	return nil
}
