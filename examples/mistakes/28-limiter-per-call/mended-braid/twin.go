// Package twin sends mails, one a second.
package twin

import (
	"context"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// Mailer has one limiter, as what it protects is one.
type Mailer struct {
	deliver func(mail string)
	limiter *ratelimit.Limiter
}

func NewMailer(deliver func(mail string)) *Mailer {
	return &Mailer{deliver, ratelimit.New(ratelimit.Every(time.Second), 1)}
}

func (m *Mailer) Send(ctx context.Context, mail string) error {
	if err := m.limiter.Wait(ctx); err != nil {
		return err
	}
	m.deliver(mail)
	return nil
}
