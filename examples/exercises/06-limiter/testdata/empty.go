package exercise

import (
	"context"
	"time"
)

type Limiter struct{}

func New(every time.Duration, burst int) *Limiter { return &Limiter{} }

func (l *Limiter) Allow() bool { return true }

func (l *Limiter) Wait(ctx context.Context) error { return nil }
